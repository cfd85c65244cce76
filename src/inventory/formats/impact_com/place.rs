//! Where a secret is kept, described in words.

use super::item;
use crate::inventory::cell;
use crate::inventory::field::{Field, STORAGE};
use crate::inventory::record::{Cell, Problem, ProblemKind, State, Value};

/// Words in a description of a place, without hyphens, and the kind of storage they tell; the first of the list that occurs
/// decides. What is special stands before what is general: a vault of 1Password is no secret manager.
const PLACES: &[(&str, &str)] = &[
    ("1password", "password-manager"),
    ("lastpass", "password-manager"),
    ("keepass", "password-manager"),
    ("bitwarden", "password-manager"),
    ("dashlane", "password-manager"),
    ("password manager", "password-manager"),
    ("ansible vault", "encrypted-vault-file"),
    ("encrypted vault file", "encrypted-vault-file"),
    ("sops", "encrypted-vault-file"),
    ("secrets manager", "secret-manager"),
    ("secretsmanager", "secret-manager"),
    ("secret manager", "secret-manager"),
    ("parameter store", "secret-manager"),
    ("vault", "secret-manager"),
    ("doppler", "secret-manager"),
    ("infisical", "secret-manager"),
    ("hsm", "hsm"),
    ("ci secret", "ci-secret-store"),
    ("actions secret", "ci-secret-store"),
    ("ci variable", "ci-secret-store"),
    ("ci/cd variable", "ci-secret-store"),
    ("jenkins credential", "ci-secret-store"),
    ("keychain", "os-keychain"),
    ("wiki", "wiki"),
    ("confluence", "wiki"),
    ("notion", "wiki"),
    ("spreadsheet", "spreadsheet"),
    ("excel", "spreadsheet"),
    ("google sheet", "spreadsheet"),
    ("slack", "chat"),
    ("teams", "chat"),
    ("chat", "chat"),
    ("e mail", "email"),
    ("email", "email"),
    ("jira", "ticket"),
    ("ticket", "ticket"),
    ("repository", "source-code"),
    ("source code", "source-code"),
    ("github", "source-code"),
    ("gitlab", "source-code"),
    ("log file", "log"),
    ("env file", "config-file"),
    (".env", "config-file"),
    ("config", "config-file"),
    ("environment variable", "environment-variable"),
    ("database", "database"),
    ("shared drive", "shared-drive"),
    ("desktop", "desktop"),
    ("document", "document"),
    ("paper", "paper"),
];

/// A place described in words; `secret-manager: prod/impact` names its kind itself. What tells no kind is `unknown`.
pub(super) fn storage(text: &str, problems: &mut Vec<Problem>) -> Cell {
    match text.to_lowercase().as_str() {
        "" => return Cell::of(State::Empty),
        "none" => return Cell::of(State::None),
        _ => {}
    }
    let mut items = Vec::new();
    for place in text.split([';', '\n']).map(str::trim).filter(|place| !place.is_empty()) {
        let kind = kind(place);
        if kind.is_none() {
            let field = format!("{}.kind", Field::Storage.name());
            problems.push(cell::problem(field, ProblemKind::UnknownWord, place));
        }
        items.push(item(STORAGE, &[("kind", Cell::text(kind.unwrap_or("unknown"))), ("location", Cell::text(place))]));
    }
    if items.is_empty() { Cell::of(State::Empty) } else { Cell::value(Value::Items(items)) }
}

fn kind(place: &str) -> Option<&'static str> {
    let plain = |text: &str| text.trim().to_lowercase().replace(['-', '_'], " ");
    let named = plain(place.split_once(':').map_or(place, |(first, _)| first));
    let by_name = PLACES.iter().find(|(_, kind)| plain(kind) == named);
    let told = plain(place);
    by_name.or_else(|| PLACES.iter().find(|(word, _)| told.contains(word))).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_decides() {
        for (place, expected) in [
            ("Vault secret/impact/catalog", Some("secret-manager")),
            ("1Password vault \"Marketing\"", Some("password-manager")),
            ("secret-manager: prod/impact", Some("secret-manager")),
            ("Secret Manager", Some("secret-manager")),
            ("GitHub Actions secret IMPACT", Some("ci-secret-store")),
            ("GitLab CI variable", Some("ci-secret-store")),
            ("GitHub repository acme/shop", Some("source-code")),
            ("password-manager: shared", Some("password-manager")),
            ("by E-mail", Some("email")),
            ("the usual place", None),
        ] {
            assert_eq!(kind(place), expected, "{place}");
        }
    }
}
