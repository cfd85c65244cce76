//! sops files: the block that says how a file is encrypted, collected by whoever keeps the files.
//!
//! The file is the stored secret, and its path the id. Its recipients are who can decrypt it. Neither the date at which a
//! recipient was added nor the last save is a rotation; the secret cannot be newer than the save.
//!
//! A rule such as `encrypted_regex` leaves the keys that it does not choose in clear text, and the block does not say whether
//! a secret is among them. Then whether it is encrypted is unknown, except under two rules that are known to cover the secrets:
//! the suffix that sops sets by itself, which authors put on what is no secret, and the two keys of a Kubernetes secret.

use super::element::{SILENT, Token, object, scalar};
use super::export::{Export, Reading, no_pages};
use super::storage::{self, Place};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::record::Cell;
use serde_json::{Map, Value as Json};

/// Metadata of encrypted files.
pub const FILES: Export = Export {
    id: "sops-metadata",
    title: "sops encrypted files (metadata)",
    how_to_export: "for F in FILES; do sops filestatus $F && yq -o json -I 0 '{\"path\": filename, \"sops\": .sops}' $F; done > sops.ndjson",
    layout: Layout::Json(Records::Documents),
    signature: "JSON documents with sops, which holds mac and version",
    recognises,
    collects: Some(&[Field::TokenId, Field::Provider, Field::Name, Field::TokenKind, Field::Storage, Field::ChangedAt]),
    secret_fields: &["~sops.mac", "~sops.*[].enc", "~sops.key_groups[].*[].enc"],
    reading: Reading::Each { record: file, page: no_pages },
    ..Export::OF_SECRET_STORE
};

/// Rules that leave a part of the file in clear text.
const RULES: &[&str] = &[
    "unencrypted_suffix",
    "encrypted_suffix",
    "unencrypted_regex",
    "encrypted_regex",
    "unencrypted_comment_regex",
    "encrypted_comment_regex",
];
/// What sops writes where no rule was given.
const DEFAULT_SUFFIX: &str = "_unencrypted";
/// The rules for Kubernetes secrets: all values of one are under these keys.
const KUBERNETES_KEYS: &[&str] = &["^(data|stringData)$", "^(stringData|data)$"];

fn recognises(sight: &Sight) -> bool {
    sight.elements_under("").filter_map(|document| document.get("sops")).any(|sops| {
        // A file that is all there has a code of authentication; a version alone would be anything.
        sops.get("mac").is_some() && sops.get("version").is_some()
    })
}

fn file(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some((line, document)) = object(row, sink) else { return };
    let Some(sops) = document.get("sops").and_then(Json::as_object) else {
        return sink.reject(line, "the document has no sops block".to_owned());
    };
    let path = document.get("path").and_then(scalar).unwrap_or_default();
    let path = path.trim();
    if path.is_empty() {
        sink.problem("some documents do not name the path of their file: wrap each as {\"path\": …, \"sops\": …}".to_owned());
    }
    if document.keys().any(|key| key != "path" && key != "sops") {
        sink.problem("some documents hold whole encrypted files; what is beside path and sops was not read".to_owned());
    }
    let mut token = Token::of(line, sops, "sops", "encrypted-file");
    token.record.set_text(Field::TokenId, path);
    token.record.set_text(Field::Name, path);
    token.date(Field::ChangedAt, "lastmodified", SILENT);
    let readers = recipients(sops);
    if readers.is_empty() {
        token.record.tags.insert("recipients".to_owned(), "none".to_owned());
    }
    let encrypted_at_rest = if covers_the_secrets(sops) { "yes" } else { "unknown" };
    let place =
        Place { kind: "encrypted-vault-file", location: path.to_owned(), since: Cell::default(), encrypted_at_rest, readers };
    storage::set(&mut token.record, place);
    for rule in RULES {
        token.tag(rule, rule);
    }
    token.tag("sops_version", "version");
    sink.token(token.record);
}

fn covers_the_secrets(sops: &Map<String, Json>) -> bool {
    let rule = |name: &str| sops.get(name).and_then(Json::as_str).unwrap_or_default();
    RULES.iter().all(|name| match (*name, rule(name)) {
        (_, "") | ("unencrypted_suffix", DEFAULT_SUFFIX) => true,
        ("encrypted_regex", regex) => KUBERNETES_KEYS.contains(&regex),
        _ => false,
    })
}

/// Who can decrypt the file: keys of key services, age and PGP, in groups or not.
fn recipients(sops: &Map<String, Json>) -> Vec<String> {
    let groups = sops.get("key_groups").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object);
    let mut found: Vec<String> = std::iter::once(sops).chain(groups).flat_map(of_group).collect();
    found.sort();
    found.dedup();
    found
}

fn of_group(group: &Map<String, Json>) -> Vec<String> {
    const KINDS: &[(&str, &[&str])] = &[
        ("kms", &["arn"]),
        ("gcp_kms", &["resource_id"]),
        ("azure_kv", &["vault_url", "name", "version"]),
        ("hc_vault", &["vault_address", "engine_path", "key_name"]),
        ("age", &["recipient"]),
        ("pgp", &["fp"]),
    ];
    let mut found = Vec::new();
    for (kind, parts) in KINDS {
        for key in group.get(*kind).and_then(Json::as_array).into_iter().flatten() {
            let parts: Vec<String> = parts.iter().filter_map(|part| key.get(part).and_then(scalar)).collect();
            let recipient = parts.iter().map(|part| part.trim_end_matches('/')).collect::<Vec<_>>().join("/");
            if !recipient.is_empty() {
                found.push(recipient);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read};
    use crate::inventory::record::{State, Value};

    const FILES_SEEN: &str = include_str!("../../../tests/fixtures/formats/sops-metadata.ndjson");

    /// Kind, location, encryption and readers of each file.
    fn places_of_storage(read: &Read) -> Vec<[String; 4]> {
        let place = |cell: &Cell| {
            let Value::Items(entries) = &cell.value else { panic!("no storage") };
            let part = |index: usize| entries[0].parts[index].as_text().unwrap_or("-").to_owned();
            let readers = match &entries[0].parts[4].value {
                Value::Words(readers) => readers.join(" "),
                _ => "-".to_owned(),
            };
            [part(0), part(1), part(3), readers]
        };
        read.tokens.iter().map(|token| place(token.get(Field::Storage))).collect()
    }

    #[test]
    fn a_file_is_encrypted_for_its_recipients() {
        let places = places_of_storage(&read(&FILES, FILES_SEEN));
        assert!(places.iter().all(|place| place[0] == "encrypted-vault-file"));
        assert_eq!(places[0][1], "deploy/prod/secrets.yaml");
        let readers: Vec<_> = places.iter().map(|place| place[3].as_str()).collect();
        assert_eq!(
            readers,
            [
                "arn:aws:kms:eu-west-1:123456789012:key/0b7f0000-1111-4222-8333-444455556666",
                "age1-acme-0001 age1-acme-0002",
                "0000000000000000000000000000000000000001",
                "https://acme.vault.azure.example/sops/1",
                "https://vault.acme.example:8200/transit/sops projects/acme/locations/global/keyRings/sops/cryptoKeys/one",
                "-"
            ]
        );
    }

    #[test]
    fn a_rule_that_leaves_keys_in_clear_text_proves_nothing() {
        let places = places_of_storage(&read(&FILES, FILES_SEEN));
        let encrypted: Vec<_> = places.iter().map(|place| place[2].as_str()).collect();
        assert_eq!(encrypted, ["yes", "yes", "yes", "unknown", "unknown", "yes"]);
        let other = FILES_SEEN.replace("^(data|stringData)$", "^data$");
        assert_eq!(places_of_storage(&read(&FILES, &other))[0][2], "unknown");
    }

    #[test]
    fn the_last_save_is_no_rotation() {
        let read = read(&FILES, FILES_SEEN);
        let file = &read.tokens[0];
        assert_eq!(file.get(Field::ChangedAt), &at("2026-08-01T10:00:00Z"));
        assert_eq!(file.get(Field::LastRotatedAt).state, State::NotCollected);
        assert_eq!(file.get(Field::CreatedAt).state, State::NotCollected);
        assert_eq!(file.tags.get("encrypted_regex").map(String::as_str), Some("^(data|stringData)$"));
    }

    #[test]
    fn a_whole_file_has_no_path_and_is_not_read_beyond_its_block() {
        let read = read(&FILES, FILES_SEEN);
        assert_eq!(read.tokens[5].get(Field::TokenId).state, State::Empty);
        assert_eq!(read.problems.len(), 2);
        assert!(!format!("{read:?}").contains("orders_key") && !format!("{read:?}").contains("ENC["));
    }
}
