//! Where a column goes: the dotted names of the canonical sheet.
//!
//! `owner`, `compromise.state` and `contacts` name whole fields; `storage.kind` names a part of the only entry of a list,
//! `contacts.1.role` a part of one of several (counted from 0); `scope_last_used.repo` a date of a map; `tags.team` a tag.

use super::field::{FIELDS, Field, Kind};

/// Entries of one list that columns may name. A sheet with more of them needs a JSON array in one cell.
const MOST_ENTRIES: usize = 1000;

/// What a column or a mapping writes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Field(Field),
    /// A part of an entry of a nested list; `part` is the index into the field's parts.
    Part {
        field: Field,
        entry: usize,
        part: usize,
    },
    /// A date under a name.
    Named {
        field: Field,
        name: String,
    },
    /// A column that is no field, kept beside the record.
    Tag(String),
}

impl Target {
    /// The target of a canonical dotted name; none if it names nothing.
    pub fn parse(name: &str) -> Option<Target> {
        if let Some(field) = Field::from_name(name) {
            return Some(Target::Field(field));
        }
        if let Some(tag) = name.strip_prefix("tags.") {
            return (!tag.is_empty()).then(|| Target::Tag(tag.to_owned()));
        }
        FIELDS.iter().find_map(|spec| {
            let rest = name.strip_prefix(spec.name)?.strip_prefix('.')?;
            match spec.kind {
                Kind::Dates if !rest.is_empty() => Some(Target::Named { field: spec.field, name: rest.to_owned() }),
                Kind::Items(parts) => {
                    let (entry, part) = match rest.split_once('.') {
                        Some((entry, part)) => (entry.parse().ok().filter(|entry| *entry < MOST_ENTRIES)?, part),
                        None => (0, rest),
                    };
                    let part = parts.iter().position(|known| known.name == part)?;
                    Some(Target::Part { field: spec.field, entry, part })
                }
                _ => None,
            }
        })
    }

    /// The field that a source with this column collects.
    pub fn field(&self) -> Option<Field> {
        match self {
            Target::Field(field) | Target::Part { field, .. } | Target::Named { field, .. } => Some(*field),
            Target::Tag(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_names_find_their_place() {
        assert_eq!(Target::parse("owner"), Some(Target::Field(Field::Owner)));
        assert_eq!(Target::parse("compromise"), Some(Target::Field(Field::Compromise)));
        assert_eq!(Target::parse("storage.kind"), Some(Target::Part { field: Field::Storage, entry: 0, part: 0 }));
        assert_eq!(Target::parse("contacts.1.address"), Some(Target::Part { field: Field::Contacts, entry: 1, part: 1 }));
        assert_eq!(
            Target::parse("secret_scan.open_findings.found_at"),
            Some(Target::Part { field: Field::SecretScanOpenFindings, entry: 0, part: 0 })
        );
        assert_eq!(
            Target::parse("scope_last_used.admin.users:read"),
            Some(Target::Named { field: Field::ScopeLastUsed, name: "admin.users:read".to_owned() })
        );
        assert_eq!(Target::parse("tags.team"), Some(Target::Tag("team".to_owned())));
    }

    #[test]
    fn names_of_nothing_are_refused() {
        for name in
            ["", "owners", "storage.colour", "contacts.x.role", "contacts.99999999999.role", "tags.", "owner.name", "secrets."]
        {
            assert_eq!(Target::parse(name), None, "{name}");
        }
    }
}
