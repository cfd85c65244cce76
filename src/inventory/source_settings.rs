//! `[[source]]` of `countersign.toml`: what the user says of a file (design, section 4; decisions, 8 to 15).
//!
//! The command line parses its settings file with these types. Unknown keys, unknown field names and unreadable dates are
//! errors of the TOML reader, so they carry a line.

use super::field::{FIELDS, Field};
use super::target::Target;
use super::time::{self, Reading};
use crate::nearest::nearest;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// One `[[source]]` table.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSettings {
    /// Which files: `*` and `?` within a folder, `**` over folders. Without `/` it is compared with the file name alone.
    pub path: String,
    /// Id of a format, or `csv`, `json` or `ndjson` together with `columns`.
    #[serde(default)]
    pub format: Option<String>,
    /// For rows that state none.
    #[serde(default)]
    pub provider: Option<String>,
    /// For rows that state none.
    #[serde(default)]
    pub account: Option<String>,
    /// 1 counts most; a source without a rank comes after all that have one.
    #[serde(default)]
    pub rank: Option<i64>,
    /// When the export was made.
    #[serde(default)]
    pub exported_at: Option<Instant>,
    /// Fields whose empty value means that there is none.
    #[serde(default)]
    pub complete: Vec<FieldName>,
    /// What a register of people, purposes or accounts holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<RegisterDeclaration>,
    /// The file names only the tokens that `complete` is about.
    #[serde(default)]
    pub lists_only: bool,
    /// Canonical dotted name → column, or dotted path into the JSON record.
    #[serde(default)]
    pub columns: BTreeMap<TargetName, String>,
    /// Dotted path to the array of records in a JSON file.
    #[serde(default)]
    pub records: Option<String>,
    /// Canonical name → (word in the file → canonical word).
    #[serde(default)]
    pub values: BTreeMap<TargetName, BTreeMap<String, String>>,
    /// Canonical name of a list → the text between its values.
    #[serde(default)]
    pub split: BTreeMap<TargetName, String>,
    /// How dates are written in the file, in the notation of strftime, for example `%d/%m/%Y`; several are tried in turn.
    #[serde(default, deserialize_with = "one_or_several")]
    pub date_format: Vec<String>,
    /// Canonical name → the value that every record of the file has.
    #[serde(default, rename = "const")]
    pub constants: BTreeMap<TargetName, String>,
    /// Tag or metadata keys that name the owner, in order of preference.
    #[serde(default)]
    pub owner_keys: Vec<String>,
    /// Tag or metadata keys that name the environment, in order of preference.
    #[serde(default)]
    pub environment_keys: Vec<String>,
}

/// `register = { complete = true, includes_leavers = true }` of a `[[source]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RegisterDeclaration {
    /// Whoever is not on it does not exist.
    pub complete: Option<bool>,
    /// Those who left are on it.
    pub includes_leavers: Option<bool>,
}

impl SourceSettings {
    /// True if the table is about this file. `path` is relative, with `/` between folders.
    pub fn matches(&self, path: &str) -> bool {
        let pattern = self.path.strip_prefix("./").unwrap_or(&self.path);
        let path = path.strip_prefix("./").unwrap_or(path);
        let path = if pattern.contains('/') { path } else { path.rsplit('/').next().unwrap_or(path) };
        glob(pattern.as_bytes(), path.as_bytes())
    }

    /// True if the file is read through a column mapping.
    pub fn is_mapping(&self) -> bool {
        !self.columns.is_empty()
    }
}

/// `*` any run without `/`, `**` any run, `**/` also nothing, `?` one byte other than `/`.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    // Where the pattern can stand after the text so far; each byte of text moves all places on, so time is linear in both.
    let mut places = vec![false; pattern.len() + 1];
    let spread = |places: &mut Vec<bool>| {
        for index in 0..pattern.len() {
            if places.get(index) != Some(&true) {
                continue;
            }
            let rest = pattern.get(index..).unwrap_or_default();
            let skips: &[usize] = match rest {
                [b'*', b'*', b'/', ..] => &[1, 2, 3],
                [b'*', ..] => &[1],
                _ => &[],
            };
            for skip in skips {
                if let Some(place) = places.get_mut(index + skip) {
                    *place = true;
                }
            }
        }
    };
    if let Some(first) = places.first_mut() {
        *first = true;
    }
    spread(&mut places);
    for &byte in text {
        let mut next = vec![false; pattern.len() + 1];
        for (index, _) in places.iter().enumerate().filter(|(_, stands)| **stands) {
            let rest = pattern.get(index..).unwrap_or_default();
            let (stay, advance) = match rest {
                [b'*', b'*', ..] => (true, false),
                [b'*', ..] => (byte != b'/', false),
                [b'?', ..] => (false, byte != b'/'),
                [wanted, ..] => (false, *wanted == byte),
                [] => (false, false),
            };
            if stay && let Some(place) = next.get_mut(index) {
                *place = true;
            }
            if advance && let Some(place) = next.get_mut(index + 1) {
                *place = true;
            }
        }
        places = next;
        spread(&mut places);
    }
    places.last() == Some(&true)
}

fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a notation such as \"%d/%m/%Y\", or a list of them")]
    enum Written {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::One(one) => vec![one],
        Written::Several(several) => several,
    })
}

/// An instant written as a TOML date or as text, in UTC seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub i64);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Date(toml::value::Datetime),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Date(date) => date.to_string(),
            Written::Text(text) => text,
        };
        match time::parse(&text) {
            Reading::Date(date) => Ok(Instant(date.seconds)),
            _ => Err(de::Error::custom(format!("`{text}` is not a date; write for example 2026-09-30T22:00:00Z"))),
        }
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time::rfc3339(self.0))
    }
}

/// The name of a field of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldName(pub Field);

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FieldName, D::Error> {
        let name = String::deserialize(deserializer)?;
        Field::from_name(&name).map(FieldName).ok_or_else(|| de::Error::custom(no_such_field(&name)))
    }
}

impl Serialize for FieldName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

/// A canonical dotted name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetName {
    pub name: String,
    pub target: Target,
}

impl<'de> Deserialize<'de> for TargetName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TargetName, D::Error> {
        let name = String::deserialize(deserializer)?;
        match Target::parse(&name) {
            Some(target) => Ok(TargetName { name, target }),
            None => Err(de::Error::custom(no_such_field(&name))),
        }
    }
}

impl Serialize for TargetName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

fn no_such_field(name: &str) -> String {
    // `compromise` alone is a name too.
    let names = FIELDS.iter().map(|spec| spec.name).chain(std::iter::once("compromise"));
    match nearest(name, names) {
        Some(near) => format!("there is no field `{name}`; did you mean `{near}`?"),
        None => format!("there is no field `{name}`; `countersign formats` lists the fields"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SourceSettings, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn the_example_of_the_design_is_read() {
        let settings = read(
            r#"
            path = "exports/legacy-*.csv"
            format = "csv"
            provider = "internal-gateway"
            exported_at = 2026-09-30T22:00:00Z
            complete = ["compromise"]
            columns = { token_id = "Key ID", created_at = "Issued", owner = "Responsible" }
            const = { "contacts.0.role" = "token" }
            "#,
        )
        .unwrap();
        assert_eq!(settings.exported_at, Some(Instant(1_790_805_600)));
        assert_eq!(settings.complete, [FieldName(Field::Compromise)]);
        assert_eq!(settings.columns.len(), 3);
        assert!(settings.is_mapping());
        assert!(settings.matches("exports/legacy-2.csv") && !settings.matches("exports/old/legacy-2.csv"));
    }

    #[test]
    fn mistakes_are_errors_with_a_hint() {
        let unknown_key = read("path = \"a\"\ncolunms = {}").unwrap_err().to_string();
        assert!(unknown_key.contains("colunms") && unknown_key.contains("line 2"), "{unknown_key}");
        let unknown_field = read("path = \"a\"\ncomplete = [\"comprimise\"]").unwrap_err().to_string();
        assert!(unknown_field.contains("did you mean"), "{unknown_field}");
        let unknown_target = read("path = \"a\"\ncolumns = { ownr = \"x\" }").unwrap_err().to_string();
        assert!(unknown_target.contains("`owner`"), "{unknown_target}");
        assert!(read("path = \"a\"\nexported_at = \"soon\"").is_err());
    }

    #[test]
    fn patterns_stay_in_their_folder_unless_told_otherwise() {
        let matches = |pattern: &str, path: &str| SourceSettings { path: pattern.into(), ..Default::default() }.matches(path);
        assert!(matches("*.csv", "deep/below/a.csv"));
        assert!(matches("a/?.csv", "a/1.csv") && !matches("a/?.csv", "a/12.csv"));
        assert!(!matches("a/*.csv", "a/b/c.csv"));
        assert!(matches("a/**/c.csv", "a/b/b/c.csv") && matches("a/**/c.csv", "a/c.csv"));
        assert!(matches("./a/b.csv", "a/b.csv"));
        assert!(!matches(&"*a".repeat(40), &"a".repeat(39)));
    }
}
