//! What the name of a scope suggests where no registry entry knows it (inventory formats, 12.6, last row).
//!
//! It is a fallback: it never becomes the class of a scope, and a result that rests on it is name-based.

use crate::inventory::record::ScopeClass;

const ADMIN_NAMES: [&str; 7] = ["*", "all", "full", "full_access", "owner", "root", "superuser"];
/// The first word of a name; an administrative calendar is no administrator.
const ADMIN_WORDS: [&str; 3] = ["admin", "administrator", "administrators"];
const ADMIN_BEGINNING: &str = "manage:";
const WRITE_WORDS: [&str; 6] = ["write", "edit", "delete", "create", "publish", "deploy"];
const WRITE_ENDING: &str = ":rw";
const READ_WORDS: [&str; 4] = ["read", "view", "list", "get"];
const READ_ENDING: &str = ":ro";

/// The class that a name suggests, in any letter case; the more powerful one where it suggests two. Words are told apart by
/// whatever is neither letter nor digit.
pub(super) fn class(name: &str) -> Option<ScopeClass> {
    let name = name.trim().to_lowercase();
    let words = || name.split(|letter: char| !letter.is_alphanumeric());
    let has_word = |known: &[&str]| words().any(|word| known.contains(&word));
    let is_admin = words().next().is_some_and(|word| ADMIN_WORDS.contains(&word)) || name.starts_with(ADMIN_BEGINNING);
    if is_admin || ADMIN_NAMES.contains(&name.as_str()) {
        Some(ScopeClass::Admin)
    } else if has_word(&WRITE_WORDS) || name.ends_with(WRITE_ENDING) {
        Some(ScopeClass::Write)
    } else if has_word(&READ_WORDS) || name.ends_with(READ_ENDING) {
        Some(ScopeClass::Read)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suggest_a_class_by_their_words() {
        for (name, expected) in [
            ("*", Some("admin")),
            ("Full_Access", Some("admin")),
            ("administrator", Some("admin")),
            ("admin_orders", Some("admin")),
            ("administrative-calendar:read", Some("read")),
            ("manage:users", Some("admin")),
            ("all", Some("admin")),
            ("read:all", Some("read")),
            ("orders.write", Some("write")),
            ("read_write", Some("write")),
            ("queue:rw", Some("write")),
            ("orders:READ", Some("read")),
            ("queue:ro", Some("read")),
            ("list-orders", Some("read")),
            ("spreadsheets", None),
            ("orders", None),
            ("", None),
        ] {
            assert_eq!(class(name).map(ScopeClass::word), expected, "{name}");
        }
    }
}
