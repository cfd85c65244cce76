//! The checks of this program, in the order in which reports show them.

use super::header::Check;
use std::sync::LazyLock;

/// A check file: path below `queries/checks/` and content.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    pub path: &'static str,
    pub text: &'static str,
}

macro_rules! embed {
    ($($path:literal,)*) => {
        &[$(Source { path: $path, text: include_str!(concat!("../../queries/checks/", $path)) }),*]
    };
}

/// One line for each check. The compiler proves that a listed file exists, a test that an existing one is listed.
pub const SOURCES: &[Source] = embed![
    "storage/approved-secret-store.sql",
    "storage/no-exposed-copy.sql",
    "storage/readers-authorized.sql",
    "sharing/shared-securely.sql",
    "sharing/one-token-per-application.sql",
    "encryption/encrypted-at-rest.sql",
    "encryption/encrypted-in-transit.sql",
    "rotation/rotation-age.sql",
    "rotation/reset-after-enable.sql",
    "rotation/integrations-updated-after-reset.sql",
    "rotation/old-secret-retired.sql",
    "expiry/expiry-set.sql",
    "expiry/expired-token-removed.sql",
    "scope/no-admin-or-wildcard.sql",
    "scope/scopes-within-purpose.sql",
    "scope/no-unused-scopes.sql",
    "scope/purpose-declared.sql",
    "scope/scope-count.sql",
    "scope/no-dangerous-combination.sql",
    "scope/environment-isolated.sql",
    "scope/access-review-current.sql",
    "revocation/compromised-token-reset.sql",
    "revocation/no-dormant-token.sql",
    "revocation/leaver-access-removed.sql",
    "revocation/ended-purpose-removed.sql",
    "revocation/has-owner.sql",
    "contacts/token-contact-present.sql",
    "contacts/technical-contact-present.sql",
    "contacts/contact-verified-recently.sql",
    "contacts/contact-reachable.sql",
    "contacts/contact-not-single-person.sql",
    "inventory/core-facts-present.sql",
    "inventory/dates-plausible.sql",
    "inventory/token-id-unique.sql",
    "inventory/provider-known.sql",
    "inventory/no-secret-in-inventory.sql",
    "inventory/source-fresh.sql",
];

/// What the ids of the checks of this program begin with; the user's own begin with something else.
pub const PREFIXES: [&str; 9] = ["STO", "SHR", "ENC", "ROT", "EXP", "SCP", "REV", "CON", "INV"];

/// Whether an id is one that only a check of this program may have.
pub fn is_ours(check_id: &str) -> bool {
    check_id.split_once('-').is_some_and(|(prefix, _)| PREFIXES.contains(&prefix))
}

/// Checks that can be selected by a policy: those of the program and the user's own.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    checks: Vec<Check>,
}

static BUILT_IN: LazyLock<Catalog> = LazyLock::new(|| {
    // A header that does not parse cannot reach a release: a test parses every one.
    Catalog { checks: SOURCES.iter().filter_map(|source| Check::parse(source.path, source.path, source.text).ok()).collect() }
});

/// The checks of this program.
pub fn built_in() -> &'static Catalog {
    &BUILT_IN
}

/// Every check of this program, in catalogue order.
pub fn all() -> &'static [Check] {
    &BUILT_IN.checks
}

/// A check of this program by its id.
pub fn by_id(id: &str) -> Option<&'static Check> {
    BUILT_IN.by_id(id)
}

/// A check of this program by its name or a former name.
pub fn by_name(name: &str) -> Option<&'static Check> {
    BUILT_IN.by_name(name)
}

impl Catalog {
    /// Adds a check of the user's own after all others. [`super::own`] made sure that it is called like no other.
    pub fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// Every check, in catalogue order.
    pub fn all(&self) -> &[Check] {
        &self.checks
    }

    /// A check by its id; letter case does not matter.
    pub fn by_id(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id.eq_ignore_ascii_case(id))
    }

    /// A check by its name or a former name.
    pub fn by_name(&self, name: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name || check.aliases.iter().any(|alias| alias == name))
    }

    /// A check by id, name or former name.
    pub fn find(&self, text: &str) -> Option<&Check> {
        self.by_id(text).or_else(|| self.by_name(text))
    }

    /// Every id and name, for "did you mean".
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().flat_map(|check| [check.id.as_str(), check.name.as_str()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_header_is_sound() {
        for source in SOURCES {
            if let Err(error) = Check::parse(source.path, source.path, source.text) {
                panic!("{error}");
            }
        }
        assert_eq!(all().len(), SOURCES.len());
    }

    #[test]
    fn every_check_file_is_listed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/checks");
        let listed: BTreeSet<&str> = SOURCES.iter().map(|source| source.path).collect();
        for area in fs::read_dir(&folder).unwrap() {
            let area = area.unwrap();
            for file in fs::read_dir(area.path()).unwrap() {
                let path = format!("{}/{}", area.file_name().to_string_lossy(), file.unwrap().file_name().to_string_lossy());
                assert!(listed.contains(path.as_str()), "add `{path}` to SOURCES in src/checks/catalog.rs");
            }
        }
    }

    #[test]
    fn nothing_is_called_the_same() {
        let mut names = BTreeSet::new();
        for check in all() {
            for name in [&check.id, &check.name].into_iter().chain(&check.aliases) {
                assert!(names.insert(name.clone()), "`{name}` names two checks");
            }
        }
    }

    #[test]
    fn prefixes_are_those_of_the_checks() {
        let used: BTreeSet<&str> = all().iter().filter_map(|check| check.id.get(..3)).collect();
        assert_eq!(used, PREFIXES.into_iter().collect());
        assert!(all().iter().all(|check| is_ours(&check.id)) && !is_ours("ACME-001"));
    }

    #[test]
    fn sentences_use_only_what_the_check_returns() {
        for check in all() {
            let select = check.sql.rsplit_once("---*/").map_or("", |(_, select)| select);
            let returns = |name: &str| {
                name == "as_of"
                    || select.match_indices(name).any(|(at, _)| {
                        let around = [select[..at].chars().next_back(), select[at + name.len()..].chars().next()];
                        around.into_iter().flatten().all(|letter| !letter.is_alphanumeric() && letter != '_')
                    })
            };
            for reason in &check.reasons {
                for name in reason.sentence.names() {
                    // for whom an override set the limit is read from where the limit comes from
                    let column = if name == "limit_for" { "limit_origin" } else { name };
                    assert!(returns(column), "{}: `{}` uses {{{name}}}, which no column is called", check.id, reason.code);
                }
            }
            for name in check.required.names() {
                assert!(check.parameter(name).is_some(), "{}: `required` uses {{{name}}}, which is no parameter", check.id);
            }
        }
    }

    #[test]
    fn every_check_serves_a_control_and_says_what_it_reads() {
        for check in all() {
            assert!(!check.controls.is_empty(), "{}", check.id);
            assert!(!check.evidence.is_empty(), "{}", check.id);
            for field in check.evidence.iter().filter(|field| !field.contains(':')) {
                let plain = field.replace("[]", "");
                let field = crate::inventory::field::Field::from_name(&plain)
                    .or_else(|| crate::inventory::field::Field::from_name(plain.rsplit_once('.')?.0));
                assert!(field.is_some(), "{}: `{plain}` is no field of a record", check.id);
            }
            for result in ["pass", "fail"] {
                assert!(check.reasons.iter().any(|reason| reason.result.word() == result), "{} never says {result}", check.id);
            }
        }
    }
}
