//! A column mapping to start from, guessed from the columns and values of a file that no format recognises.
//!
//! Guessing is for people who read the result: nothing here decides how a file is read.

mod columns;
mod notation;
mod seen;
mod synonyms;
#[cfg(test)]
mod tests;

pub use seen::{Column, Seen};

use crate::inventory::field::{Field, Kind, Vocabulary};
use crate::inventory::target::Target;
use columns::{guess, holds_values};
use notation::Dates;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Constants that a guessed column needs.
const COMPANIONS: &[(&str, &str, &str)] = &[("contacts.0.address", "contacts.0.role", "technical")];

/// A `[[source]]` table for a file, to paste into `countersign.toml`, with the columns that can be guessed; the others are
/// comments.
pub fn suggest(file: &str, seen: &Seen) -> String {
    let header: Vec<String> = seen.columns.iter().map(|column| column.name.clone()).collect();
    let guessed = guess(&header);
    let has = |target: &str| guessed.iter().any(|(known, _)| known == target);
    let mut text = format!("[[source]]\npath = {}\nformat = \"{}\"\n", quoted(file), seen.layout);
    if let Some(records) = &seen.records {
        let _ = writeln!(text, "records = {}", quoted(records));
    }
    for (target, hint) in [("provider", "who issued the tokens"), ("account", "the account at the provider")] {
        if !has(target) {
            let _ = writeln!(text, "# {target} = \"{hint}\"");
        }
    }
    text.push_str("# exported_at = 2026-01-31T12:00:00Z\n");
    let mapped: Vec<(Target, &str, &Column)> = guessed
        .iter()
        .filter_map(|(target, column)| Some((Target::parse(target)?, target.as_str(), seen.columns.get(*column)?)))
        .collect();
    date_format(&mut text, &mapped);
    text.push_str("[source.columns]\n");
    for (_, target, column) in &mapped {
        let _ = writeln!(text, "{} = {}", key(target), quoted(&column.name));
    }
    if !has("token_id") {
        let place = if seen.layout == "csv" { "column" } else { "key" };
        let _ = writeln!(text, "# token_id = \"the {place} with the provider's own id of the token, never its value\"");
    }
    left_over(&mut text, &header, &guessed);
    for (target, name, column) in &mapped {
        if let Some(field) = target.field().filter(|_| matches!(target, Target::Field(_))) {
            words(&mut text, field, name, column);
        }
    }
    lists(&mut text, &mapped);
    let constants: Vec<_> = COMPANIONS.iter().filter(|(with, companion, _)| has(with) && !has(companion)).collect();
    if !constants.is_empty() {
        text.push_str("[source.const]\n");
        for (_, target, word) in constants {
            let _ = writeln!(text, "{} = {}", key(target), quoted(word));
        }
    }
    text
}

/// The notation of dates, told from the values of all columns that hold some.
fn date_format(text: &mut String, mapped: &[(Target, &str, &Column)]) {
    let is_date =
        |target: &Target| target.field().is_some_and(|field| matches!(field.spec().kind, Kind::PastDate | Kind::AnyDate));
    let values = mapped.iter().filter(|(target, ..)| is_date(target)).flat_map(|(.., column)| &column.values);
    let _ = match notation::dates(values.map(String::as_str)) {
        Dates::Canonical => Ok(()),
        Dates::As(notations) => writeln!(text, "date_format = {}", one_or_several(&notations)),
        Dates::Either(choices) => {
            text.push_str("# the dates fit each of these; keep the right one:\n");
            choices.iter().try_for_each(|notations| writeln!(text, "# date_format = {}", one_or_several(notations)))
        }
    };
}

fn one_or_several(notations: &[String]) -> String {
    match notations {
        [one] => quoted(one),
        several => format!("[{}]", several.iter().map(|notation| quoted(notation)).collect::<Vec<_>>().join(", ")),
    }
}

/// Columns that were not guessed.
fn left_over(text: &mut String, header: &[String], guessed: &[(String, usize)]) {
    let used: BTreeSet<usize> = guessed.iter().map(|(_, column)| *column).collect();
    let rest: Vec<&String> = header.iter().enumerate().filter(|(index, _)| !used.contains(index)).map(|(_, name)| name).collect();
    let (values, others): (Vec<&String>, Vec<&String>) = rest.into_iter().partition(|name| holds_values(name));
    comment(
        text,
        "not guessed; without a field in front, a column is kept as a tag (`countersign formats` lists the fields):",
        &others,
    );
    comment(text, "may hold token values; take them out of the file:", &values);
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

/// Words that the field does not know; those that are not guessed are comments.
fn words(text: &mut String, field: Field, target: &str, column: &Column) {
    let words = notation::words(field, column.values.iter().map(String::as_str));
    if words.is_empty() {
        return;
    }
    let wanted = match field.spec().kind {
        Kind::Word(Vocabulary::TokenState) => "enabled, disabled, revoked, deleted or expired",
        Kind::Word(Vocabulary::Environment) => "production, staging, test, development or sandbox; else the word stays",
        Kind::Word(Vocabulary::Sensitivity) => "high, medium or low",
        Kind::Word(Vocabulary::PurposeStatus) => "active or ended",
        Kind::Word(Vocabulary::ScopeModel) => "scoped or unscoped",
        Kind::Word(Vocabulary::Compromise) => "suspected or none",
        _ => "a date, never or unknown",
    };
    let _ = writeln!(text, "[source.values.{}]", key(target));
    for (word, meant) in words {
        let _ = match meant {
            Some(meant) => writeln!(text, "{} = {}", quoted(word), quoted(meant)),
            None => writeln!(text, "# {} = \"…\"  # {wanted}", quoted(word)),
        };
    }
}

/// What stands between the values of lists.
fn lists(text: &mut String, mapped: &[(Target, &str, &Column)]) {
    let is_list =
        |target: &Target| matches!(target, Target::Field(field) if matches!(field.spec().kind, Kind::Words | Kind::Scopes));
    let separators: Vec<(&str, &str)> = mapped
        .iter()
        .filter(|(target, ..)| is_list(target))
        .filter_map(|(_, name, column)| Some((*name, notation::separator(column.values.iter().map(String::as_str))?)))
        .collect();
    if !separators.is_empty() {
        text.push_str("[source.split]\n");
    }
    for (name, separator) in separators {
        let _ = writeln!(text, "{} = {}", key(name), quoted(separator));
    }
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
