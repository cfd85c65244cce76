//! A column mapping to start from, guessed from the header of a table that no format recognises.
//!
//! Guessing is for people who read the result: nothing here decides how a file is read.

use crate::inventory::field::Kind;
use crate::inventory::guard::Guard;
use crate::inventory::target::Target;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What columns are called in inventories that people keep. Words that say nothing about the column are left out on both
/// sides, see [`FILLERS`]. Of two headers for one field, the one whose phrase comes first is taken.
const SYNONYMS: &[(&str, &[&str])] = &[
    (
        "token_id",
        &[
            "token id",
            "key id",
            "access key id",
            "credential id",
            "api id",
            "identifier",
            "uid",
            "uuid",
            "id",
            "ref",
            "reference",
        ],
    ),
    ("provider", &["provider", "vendor", "service", "platform", "issuer", "system", "supplier"]),
    (
        "account",
        &["account", "account id", "account sid", "organisation", "organization", "org", "tenant", "workspace", "project"],
    ),
    ("name", &["name", "label", "title", "display name", "alias"]),
    ("kind", &["kind", "type", "category"]),
    ("environment", &["environment", "env", "stage"]),
    ("sensitivity", &["sensitivity", "criticality", "classification", "data classification", "risk"]),
    ("state", &["state", "status", "active", "enabled"]),
    ("purpose", &["purpose", "description", "usage", "used for", "use case", "reason", "notes"]),
    (
        "owner",
        &[
            "owner",
            "owner email",
            "owned by",
            "responsible",
            "responsible person",
            "accountable",
            "contact",
            "primary contact",
            "assigned to",
            "assignee",
            "maintainer",
            "created by",
            "user",
            "email",
        ],
    ),
    ("created_at", &["created", "creation", "issued", "issue", "generated", "opened", "made", "start", "valid from"]),
    ("enabled_at", &["activated", "activation"]),
    (
        "last_rotated_at",
        &[
            "last rotated",
            "rotated",
            "rotation",
            "last rotation",
            "last reset",
            "reset",
            "last changed",
            "last renewed",
            "renewed",
            "regenerated",
            "last regenerated",
        ],
    ),
    ("expires_at", &["expires", "expiry", "expiration", "expire", "valid until", "valid to", "not after", "end", "ends"]),
    (
        "last_used_at",
        &[
            "last used",
            "last use",
            "last activity",
            "last seen",
            "last active",
            "last access",
            "last accessed",
            "last call",
            "used",
        ],
    ),
    ("reviewed_at", &["reviewed", "last reviewed", "last review", "review", "recertified", "last recertification", "attested"]),
    (
        "scopes_granted",
        &[
            "scopes",
            "scope",
            "access scopes",
            "scopes granted",
            "granted scopes",
            "permissions",
            "permission",
            "privileges",
            "rights",
            "roles",
            "role",
            "grants",
        ],
    ),
    ("scopes_required", &["scopes required", "required scopes", "needed scopes"]),
    ("authorized_readers", &["authorized readers", "authorised readers", "readers", "who can read"]),
    ("storage.kind", &["storage", "stored in", "storage kind", "secret store", "vault", "kept in"]),
    ("storage.location", &["storage location", "storage path", "location", "path"]),
    (
        "contacts.0.address",
        &["technical contact", "tech contact", "developer contact", "developer", "developers", "developer emails"],
    ),
    ("integrations.0.name", &["integration", "integrations", "application", "app", "used by", "consumer", "consumers"]),
    ("compromise", &["compromise", "compromised", "leaked", "exposed"]),
    ("compromise.suspected_at", &["compromised since", "leak", "compromise suspected"]),
];

/// Constants that a guessed column needs.
const COMPANIONS: &[(&str, &str, &str)] = &[("contacts.0.address", "contacts.0.role", "technical")];

/// Words that make no difference: `Created`, `Created at`, `Creation date (UTC)`.
const FILLERS: &[&str] = &["at", "on", "date", "time", "timestamp", "datetime", "day", "utc", "gmt", "the", "of"];
/// What all columns of a token inventory are about.
const SUBJECTS: &[&str] = &["token", "tokens", "key", "keys", "api", "access", "credential", "credentials", "secret", "secrets"];
/// Columns that may hold token values themselves, whatever they are called besides.
const VALUES: &[&str] = &[
    "token",
    "key",
    "api key",
    "access key",
    "access token",
    "api token",
    "secret",
    "client secret",
    "secret key",
    "password",
    "value",
    "token value",
    "key value",
];

/// A `[[source]]` table for a file, to paste into `countersign.toml`, with the columns that can be guessed; the others are
/// comments.
pub fn suggest(file: &str, header: &[String]) -> String {
    // A file without a header starts with a row, and that may hold a token value.
    let header: Vec<String> = header.iter().map(|name| Guard::built_in().clean_text(name).into_owned()).collect();
    let guessed = guess(&header);
    let mut text = format!("[[source]]\npath = {}\nformat = \"csv\"\n", quoted(file));
    for (target, hint) in [("provider", "who issued the tokens"), ("account", "the account at the provider")] {
        if !guessed.iter().any(|(known, _)| known == target) {
            let _ = writeln!(text, "# {target} = \"{hint}\"");
        }
    }
    text.push_str(
        "# exported_at = 2026-01-31T12:00:00Z\n\
         # date_format = \"%d/%m/%Y\"  # if dates are not written like 2026-01-31\n\
         [source.columns]\n",
    );
    for (target, column) in &guessed {
        let name = header.get(*column).map_or("", String::as_str);
        let _ = writeln!(text, "{} = {}", key(target), quoted(name));
    }
    if !guessed.iter().any(|(target, _)| target == "token_id") {
        text.push_str("# token_id = \"the column with the provider's own id of the token, never its value\"\n");
    }
    let used: BTreeSet<usize> = guessed.iter().map(|(_, column)| *column).collect();
    let rest: Vec<&String> = header.iter().enumerate().filter(|(index, _)| !used.contains(index)).map(|(_, name)| name).collect();
    let (values, others): (Vec<&String>, Vec<&String>) = rest.into_iter().partition(|name| holds_values(name));
    comment(
        &mut text,
        "not guessed; without a field in front, a column is kept as a tag (`countersign formats` lists the fields):",
        &others,
    );
    comment(&mut text, "may hold token values; take them out of the file:", &values);
    let constants: Vec<_> = COMPANIONS
        .iter()
        .filter(|(with, companion, _)| {
            let has = |name: &str| guessed.iter().any(|(target, _)| target == name);
            has(with) && !has(companion)
        })
        .collect();
    if !constants.is_empty() {
        text.push_str("[source.const]\n");
        for (_, target, word) in constants {
            let _ = writeln!(text, "{} = {}", key(target), quoted(word));
        }
    }
    text
}

fn comment(text: &mut String, title: &str, columns: &[&String]) {
    if columns.is_empty() {
        return;
    }
    let _ = writeln!(text, "# {title}");
    for column in columns {
        let _ = writeln!(text, "# … = {}", quoted(column));
    }
}

/// Canonical name and index of its column: exact names, then the guesses in the order of [`SYNONYMS`].
fn guess(header: &[String]) -> Vec<(String, usize)> {
    let phrases: Vec<Vec<String>> = header.iter().map(|name| phrases_of(name)).collect();
    let mut taken = BTreeSet::new();
    let mut exact: Vec<(String, usize)> = Vec::new();
    let mut targets = BTreeSet::new();
    for (index, name) in header.iter().enumerate() {
        // A column with the name of a whole list holds single values more often than JSON.
        let target = Target::parse(name).filter(
            |target| !matches!(target, Target::Field(field) if matches!(field.spec().kind, Kind::Items(_) | Kind::Dates)),
        );
        if let Some(target) = target
            && targets.insert(target)
        {
            taken.insert(index);
            exact.push((name.clone(), index));
        }
    }
    let mut guessed = BTreeMap::new();
    // An exact name of any field goes before a loose one, so `Owner` is not lost to `Contact`.
    for form in 0..2 {
        for (order, (target, synonyms)) in SYNONYMS.iter().enumerate() {
            if guessed.contains_key(&order) || Target::parse(target).is_some_and(|target| targets.contains(&target)) {
                continue;
            }
            let found = synonyms.iter().map(|synonym| without(&words(synonym), FILLERS)).find_map(|synonym| {
                (0..header.len()).find(|index| {
                    !taken.contains(index) && phrases.get(*index).and_then(|forms| forms.get(form)) == Some(&synonym)
                })
            });
            if let Some(index) = found {
                taken.insert(index);
                guessed.insert(order, ((*target).to_owned(), index));
            }
        }
    }
    exact.into_iter().chain(guessed.into_values()).collect()
}

/// What a header may mean: without fillers, and without the words for tokens as well.
fn phrases_of(name: &str) -> Vec<String> {
    if holds_values(name) {
        return Vec::new();
    }
    let plain = without(&words(name), FILLERS);
    let subjectless = without(&words(&plain), SUBJECTS);
    vec![plain, subjectless]
}

fn holds_values(name: &str) -> bool {
    VALUES.contains(&words(name).join(" ").as_str())
}

/// The words of a name in lower case: `Last used (UTC)`, `last_used` and `lastUsed` alike.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        let is_word = letter.is_alphanumeric();
        if (!is_word || (letter.is_uppercase() && after_small)) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if is_word && let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
        after_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn without(words: &[String], left_out: &[&str]) -> String {
    let kept: Vec<&str> = words.iter().map(String::as_str).filter(|word| !left_out.contains(word)).collect();
    // A column called `Date` means something too.
    if kept.is_empty() { words.join(" ") } else { kept.join(" ") }
}

fn key(target: &str) -> String {
    let is_bare = target.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_bare { target.to_owned() } else { quoted(target) }
}

/// A basic string of TOML on one line; everything that a terminal or an editor could act upon is escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        let hidden = letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            _ if hidden => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::mapping::Mapping;
    use crate::inventory::guard::test_values::mixed;
    use crate::inventory::source_settings::SourceSettings;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct File {
        source: Vec<SourceSettings>,
    }

    fn settings(header: &[&str]) -> SourceSettings {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        let text = suggest("exports/it's \"odd\".csv", &header);
        let mut file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let settings = file.source.remove(0);
        if !settings.columns.is_empty() {
            assert_eq!(Mapping::check(&settings), Ok(()), "{text}");
        }
        assert!(settings.matches("exports/it's \"odd\".csv"), "{text}");
        settings
    }

    fn guessed(header: &[&str]) -> Vec<(String, String)> {
        settings(header).columns.into_iter().map(|(target, column)| (target.name, column)).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut pairs: Vec<_> = pairs.iter().map(|(target, column)| ((*target).to_owned(), (*column).to_owned())).collect();
        pairs.sort();
        pairs
    }

    #[test]
    fn what_people_call_columns_is_understood() {
        assert_eq!(
            guessed(&[
                "Key ID",
                "Issued",
                "Responsible",
                "Status",
                "Permissions",
                "Valid until",
                "Last used (UTC)",
                "Last Reset"
            ]),
            pairs(&[
                ("token_id", "Key ID"),
                ("created_at", "Issued"),
                ("owner", "Responsible"),
                ("state", "Status"),
                ("scopes_granted", "Permissions"),
                ("expires_at", "Valid until"),
                ("last_used_at", "Last used (UTC)"),
                ("last_rotated_at", "Last Reset")
            ])
        );
        assert_eq!(
            guessed(&["tokenId", "createdAt", "expiry_date", "ownerEmail", "lastUsedAt", "Token Name", "Token Type", "ENV"]),
            pairs(&[
                ("token_id", "tokenId"),
                ("created_at", "createdAt"),
                ("expires_at", "expiry_date"),
                ("owner", "ownerEmail"),
                ("last_used_at", "lastUsedAt"),
                ("name", "Token Name"),
                ("kind", "Token Type"),
                ("environment", "ENV")
            ])
        );
    }

    #[test]
    fn the_plainer_name_is_taken() {
        assert_eq!(guessed(&["Contact", "Owner"]), pairs(&[("owner", "Owner")]));
        assert_eq!(guessed(&["ID", "Token ID"]), pairs(&[("token_id", "Token ID")]));
        assert_eq!(guessed(&["Owner", "Owner"]), pairs(&[("owner", "Owner")]));
        assert_eq!(
            guessed(&["Stored in", "storage.kind", "scope_last_used.a b", "compromise", "Leaked"]),
            pairs(&[
                ("storage.kind", "storage.kind"),
                ("scope_last_used.a b", "scope_last_used.a b"),
                ("compromise", "compromise")
            ])
        );
    }

    #[test]
    fn columns_of_token_values_are_not_mapped() {
        let text = suggest("x.csv", &["Token".into(), "API_KEY".into(), "secret".into(), "Name".into()]);
        assert!(text.contains("# … = \"Token\"\n# … = \"API_KEY\"\n# … = \"secret\"\n"), "{text}");
        assert!(text.contains("# token_id = "), "{text}");
        assert_eq!(guessed(&["Token", "API_KEY", "Name"]), pairs(&[("name", "Name")]));
    }

    #[test]
    fn what_looks_like_a_token_value_is_not_shown() {
        let value = format!("gl{}{}", "pat-", mixed(20));
        let text = suggest("x.csv", &["Owner".into(), value.clone()]);
        assert!(!text.contains(&value) && text.contains("owner = \"Owner\""), "{text}");
    }

    #[test]
    fn a_technical_contact_gets_its_role() {
        let settings = settings(&["Technical contact", "Owner"]);
        assert_eq!(settings.constants.values().collect::<Vec<_>>(), ["technical"]);
        assert_eq!(settings.columns.len(), 2);
    }

    #[test]
    fn synonyms_lead_to_fields_and_to_one_only() {
        let mut seen = BTreeSet::new();
        for (target, synonyms) in SYNONYMS {
            assert!(Target::parse(target).is_some(), "{target}");
            for synonym in *synonyms {
                assert!(seen.insert(*synonym), "{synonym} is used twice");
                assert!(!holds_values(synonym), "{synonym}");
                assert_eq!(guessed(&[synonym])[0].0, *target, "{synonym}");
            }
        }
    }

    proptest! {
        #[test]
        fn hostile_headers_stay_in_their_quotes(header in proptest::collection::vec("(Key ID|Owner|Secret)?[\\PC\\n\\r\"'#\\\\=\\[\\]\u{202e}\u{0}\u{7f}]{0,6}", 0..6)) {
            let header: Vec<&str> = header.iter().map(String::as_str).collect();
            for (_, column) in guessed(&header) {
                prop_assert!(header.contains(&column.as_str()));
            }
        }
    }
}
