//! Registers in TOML: `[[purpose]]` and `[[account]]` tables, in a file of their own or in the settings.
//!
//! They are written for this program, so an unknown key or a wrong type is an error with its place, not something to work around. What
//! is sound is handed on as JSON of the same shape, in which each table begins on the line on which it stands in the TOML file.

use crate::inventory::format::{Account, Purpose};
use crate::inventory::record::{Item, State};
use crate::inventory::{cell, field};
use crate::toml_reader::{TomlError, TomlFile};
use field::{CONTACT, Field};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use toml::Spanned;

/// `[[purpose]]`: what tokens with this `purpose_id` are for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeEntry {
    pub purpose_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes_required: Option<Vec<String>>,
    /// `active`, `ended` or `planned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Instant or date, as written.
    #[serde(default, deserialize_with = "date_text", skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_readers: Option<Vec<String>>,
}

/// `[[account]]`: an account at a provider and whom to reach about it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountEntry {
    pub provider: String,
    pub account: String,
    #[serde(default)]
    pub contacts: Vec<ContactEntry>,
    /// The contacts listed are all there are.
    #[serde(default, skip_serializing)]
    pub complete: bool,
}

/// A contact of an account, with the parts of the canonical `contacts[]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContactEntry {
    pub role: String,
    pub address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Instant or date, as written.
    #[serde(default, deserialize_with = "date_text", skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    #[serde(default)]
    purpose: Vec<Spanned<PurposeEntry>>,
    #[serde(default)]
    account: Vec<Spanned<AccountEntry>>,
}

/// The register as JSON, for the formats that read it.
///
/// # Errors
/// If the file is no TOML, or holds anything but sound `[[purpose]]` and `[[account]]` tables.
pub fn as_json(file: &TomlFile) -> Result<Vec<u8>, TomlError> {
    let tables: Tables = toml::from_str(file.text()).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        file.error_at(offset, error.message().trim().replace('\n', ", "))
    })?;
    let line = |offset: usize| file.text().get(..offset).unwrap_or_default().matches('\n').count();
    let entry = |offset: usize, text: Result<String, serde_json::Error>| (line(offset), text.unwrap_or_default());
    let purposes = tables.purpose.iter().map(|table| entry(table.span().start, serde_json::to_string(table.get_ref())));
    let accounts = tables.account.iter().map(|table| entry(table.span().start, serde_json::to_string(table.get_ref())));
    let lists = [("purpose", purposes.collect::<Vec<_>>()), ("account", accounts.collect())];
    let mut text = String::from("{");
    for (key, entries) in lists.iter().filter(|(_, entries)| !entries.is_empty()) {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&format!("\"{key}\":["));
        for (number, (line, entry)) in entries.iter().enumerate() {
            if number > 0 {
                text.push(',');
            }
            let behind = line.saturating_sub(text.matches('\n').count());
            text.push_str(&"\n".repeat(behind));
            text.push_str(entry);
        }
        text.push(']');
    }
    text.push('}');
    Ok(text.into_bytes())
}

impl AccountEntry {
    /// The account with its contacts, read by the rules of the canonical sheet.
    pub fn account(&self) -> Account {
        let contacts = self.contacts.iter().map(|contact| {
            let texts = [
                Some(contact.role.as_str()),
                Some(contact.address.as_str()),
                contact.kind.as_deref(),
                contact.verified_at.as_deref(),
                contact.status.as_deref(),
            ];
            let read = |(part, text): (&_, Option<&str>)| {
                cell::part_from_text(part, String::new, text.unwrap_or_default(), cell::Notation::default(), &mut Vec::new())
            };
            Item { parts: CONTACT.iter().zip(texts).map(read).collect() }
        });
        Account { provider: self.provider.clone(), account: self.account.clone(), contacts: contacts.collect(), line: 0 }
    }
}

impl PurposeEntry {
    /// The purpose, read by the rules of the canonical sheet.
    pub fn purpose(&self) -> Purpose {
        let read = |field: Field, text: Option<&str>| {
            cell::from_text(field, text.unwrap_or_default(), cell::Notation::default(), &mut Vec::new())
        };
        let text = |cell: crate::inventory::record::Cell| (cell.state == State::Value).then(|| cell.as_text().map(str::to_owned));
        Purpose {
            purpose_id: self.purpose_id.trim().to_owned(),
            text: text(read(Field::Purpose, self.text.as_deref())).flatten(),
            scopes_required: self.scopes_required.clone(),
            status: text(read(Field::PurposeStatus, self.status.as_deref())).flatten(),
            ends_at: read(Field::PurposeEndsAt, self.ends_at.as_deref()).as_date(),
            authorized_readers: self.authorized_readers.clone(),
            line: 0,
        }
    }
}

/// A TOML date or a text, as text.
fn date_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct DateText;
    impl<'de> Visitor<'de> for DateText {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a date, for example 2026-09-30")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<String, A::Error> {
            toml::value::Datetime::deserialize(MapAccessDeserializer::new(entries)).map(|date| date.to_string())
        }
    }
    deserializer.deserialize_any(DateText).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    #[test]
    fn tables_keep_their_lines_and_dates() {
        let toml = "# register\n\n[[purpose]]\npurpose_id = \"P-1\"\nends_at = 2026-06-30\n\n[[purpose]]\npurpose_id = \"P-2\"\nscopes_required = []\n";
        let text = String::from_utf8(as_json(&TomlFile::new("p.toml", toml)).unwrap()).unwrap();
        assert_eq!(text.lines().nth(2), Some(r#"{"purpose_id":"P-1","ends_at":"2026-06-30"},"#));
        assert!(text.lines().nth(6).is_some_and(|line| line.contains("P-2")), "{text}");
        let whole: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(whole["purpose"][1], json!({"purpose_id": "P-2", "scopes_required": []}));
    }

    #[test]
    fn mistakes_have_a_place() {
        let error = as_json(&TomlFile::new("p.toml", "[[purpose]]\npurpose_id = \"P-1\"\nscope = []\n")).unwrap_err().to_string();
        assert!(error.starts_with("p.toml:3:") && error.contains("scope"), "{error}");
    }
}
