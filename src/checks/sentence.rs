//! Sentences with places for values, filled from the evidence of a result.
//!
//! `{name}` is replaced by a value, `{name:day}` by a number and its noun ("1 day", "91 days"), and `{name:field}` by names of fields
//! in words. A part in square brackets is left out when a value in it is missing, so that a sentence never shows an empty place.

use super::field_words;
use crate::report::words;
use chrono::DateTime;
use serde_json::Value as Json;
use std::fmt;

/// The noun that stands for names of fields.
const FIELD: &str = "field";

/// Longest value that is put into a sentence, in characters; the evidence keeps the whole.
const LONGEST: usize = 240;

/// A parsed sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place {
        name: String,
        noun: Option<String>,
    },
    /// Left out as a whole when a value is missing.
    Optional(Vec<Part>),
}

impl Sentence {
    /// Reads a sentence.
    ///
    /// # Errors
    /// What is wrong with its brackets, in words.
    pub fn parse(text: &str) -> Result<Sentence, String> {
        let mut rest = text.chars();
        let parts = parts(&mut rest, false)?;
        Ok(Sentence { parts })
    }

    /// Names of the values that it uses.
    pub fn names(&self) -> Vec<&str> {
        fn collect<'p>(parts: &'p [Part], names: &mut Vec<&'p str>) {
            for part in parts {
                match part {
                    Part::Text(_) => {}
                    Part::Place { name, .. } => names.push(name),
                    Part::Optional(inner) => collect(inner, names),
                }
            }
        }
        let mut names = Vec::new();
        collect(&self.parts, &mut names);
        names
    }

    /// The sentence with its values. A value that is missing outside of brackets is spelled "not given".
    pub fn fill(&self, value: &dyn Fn(&str) -> Option<Json>) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Optional(inner) => text.push_str(&filled(inner, value).unwrap_or_default()),
                part => text.push_str(&filled(std::slice::from_ref(part), value).unwrap_or_else(|| "not given".to_owned())),
            }
        }
        text
    }
}

/// The sentence as it is written in a header.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| write!(f, "{part}"))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Text(words) => f.write_str(words),
            Part::Place { name, noun: None } => write!(f, "{{{name}}}"),
            Part::Place { name, noun: Some(noun) } => write!(f, "{{{name}:{noun}}}"),
            Part::Optional(inner) => {
                f.write_str("[")?;
                inner.iter().try_for_each(|part| write!(f, "{part}"))?;
                f.write_str("]")
            }
        }
    }
}

fn parts(rest: &mut std::str::Chars<'_>, optional: bool) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut text = String::new();
    loop {
        let letter = rest.next();
        if matches!(letter, None | Some('{' | '[' | ']')) && !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        match letter {
            None if optional => return Err("`[` without `]`".to_owned()),
            None => return Ok(parts),
            Some(']') if optional => return Ok(parts),
            Some(']') => return Err("`]` without `[`".to_owned()),
            Some('[') if optional => return Err("`[` inside of `[`".to_owned()),
            Some('[') => parts.push(Part::Optional(self::parts(rest, true)?)),
            Some('{') => {
                let inner: String = rest.by_ref().take_while(|letter| *letter != '}').collect();
                let (name, noun) = match inner.split_once(':') {
                    Some((name, noun)) => (name.to_owned(), Some(noun.to_owned())),
                    None => (inner, None),
                };
                if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_') {
                    return Err(format!("`{{{name}}}` is no name of a value"));
                }
                parts.push(Part::Place { name, noun });
            }
            Some(other) => text.push(other),
        }
    }
}

/// None if a value is missing.
fn filled(parts: &[Part], value: &dyn Fn(&str) -> Option<Json>) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(words) => text.push_str(words),
            Part::Optional(inner) => text.push_str(&filled(inner, value).unwrap_or_default()),
            Part::Place { name, noun } => {
                let spelled = spell(name, &value(name).filter(|value| !value.is_null())?);
                if noun.as_deref() == Some(FIELD) {
                    text.push_str(&field_words::spelled(&spelled));
                    continue;
                }
                text.push_str(&spelled);
                if let Some(noun) = noun {
                    text.push(' ');
                    text.push_str(noun);
                    if spelled != "1" {
                        text.push('s');
                    }
                }
            }
        }
    }
    Some(text)
}

/// A value in words: instants as dates, lists with commas, long text cut.
fn spell(name: &str, value: &Json) -> String {
    let instant = name == "as_of" || name.ends_with("_at") || name.ends_with("since");
    let text = match value {
        Json::Number(number) if instant => number.as_i64().map_or_else(|| number.to_string(), date),
        Json::String(text) if instant => {
            DateTime::parse_from_rfc3339(text).map_or_else(|_| text.clone(), |instant| date(instant.timestamp()))
        }
        Json::String(text) => text.clone(),
        Json::Array(items) if items.is_empty() => "none".to_owned(),
        Json::Array(items) => items.iter().map(|item| spell("", item)).collect::<Vec<_>>().join(", "),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Midnight is spelled as a date alone: most of these values have no time of day.
fn date(seconds: i64) -> String {
    if seconds.rem_euclid(86_400) == 0 { words::date(seconds) } else { words::instant_for_people(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fill(text: &str, values: Json) -> String {
        Sentence::parse(text).unwrap().fill(&|name| values.get(name).cloned())
    }

    #[test]
    fn dates_are_spelled_as_dates_and_numbers_with_their_noun() {
        assert_eq!(
            fill("last reset {last_rotated_at}, {days:day} before", json!({ "last_rotated_at": 1_773_619_200, "days": 91 })),
            "last reset 2026-03-16, 91 days before"
        );
        assert_eq!(fill("{days:day}", json!({ "days": 1 })), "1 day");
        assert_eq!(fill("at {found_at}", json!({ "found_at": "2026-03-16T13:30:00Z" })), "at 2026-03-16 13:30 UTC");
    }

    #[test]
    fn fields_are_spelled_in_words() {
        assert_eq!(
            fill("not on record: {missing:field}", json!({ "missing": "last_used_at, storage.readers" })),
            "not on record: when the token was last used (last_used_at), who can read the stored secret (storage.readers)"
        );
        assert_eq!(fill("{missing:field}", json!({ "missing": ["cost_centre"] })), "cost_centre");
    }

    #[test]
    fn a_part_in_brackets_goes_with_its_value() {
        assert_eq!(fill("kept in chat[ at {location}].", json!({})), "kept in chat.");
        assert_eq!(fill("kept in chat[ at {location}].", json!({ "location": "#ops" })), "kept in chat at #ops.");
        assert_eq!(fill("owner {owner}", json!({ "owner": null })), "owner not given");
    }

    #[test]
    fn a_long_value_is_cut() {
        let filled = fill("{name}", json!({ "name": "é".repeat(10_000) }));
        assert_eq!(filled.chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_sentence_is_shown_as_it_was_written() {
        for text in ["last reset {last_rotated_at}, {days:day} before", "kept in chat[ at {location}]", ""] {
            assert_eq!(Sentence::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn broken_brackets_are_refused() {
        for text in ["[a", "a]", "[a [b]]", "{Name}", "{}"] {
            assert!(Sentence::parse(text).is_err(), "{text}");
        }
    }
}
