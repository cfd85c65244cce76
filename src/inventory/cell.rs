//! Canonical text and JSON values → cells (design, section 4; catalogue 2.1).
//!
//! Empty is empty; the words `none`, `never` and `unknown` mean what the catalogue says; `null` is empty and `[]` is none.
//! What is no value of its field stays on the record as a [`Problem`], never as a guess.

use super::field::{Field, Kind, Part, PartKind, Vocabulary};
use super::record::{Cell, Date, Item, Problem, ProblemKind, Scope, State, Value};
use super::time::{self, Reading};
use super::word::{self, Meaning};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// How a source writes its values, where it differs from the canonical rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notation<'a> {
    /// Dates in notations of strftime; what fits none of them is still read in the canonical forms.
    pub date_formats: &'a [String],
    /// What stands between the values of a list.
    pub separator: Option<&'a str>,
}

/// Reads the text of a field.
pub fn from_text(field: Field, text: &str, notation: Notation<'_>, problems: &mut Vec<Problem>) -> Cell {
    let spec = field.spec();
    let text = text.trim();
    if let Some(said) = said_without_value(text) {
        return Cell::of(said);
    }
    match spec.kind {
        Kind::Text => Cell::value(Value::Text(text.to_owned())),
        Kind::Word(vocabulary) => from_word(vocabulary, spec.name, text, problems),
        Kind::PastDate | Kind::AnyDate => from_reading(read_date(text, notation), || spec.name.to_owned(), text, problems),
        Kind::Count => match text.parse::<u32>() {
            Ok(count) => Cell::value(Value::Count(i64::from(count))),
            Err(_) => unreadable(spec.name.to_owned(), text, problems),
        },
        Kind::Words | Kind::Scopes => match list(text, notation) {
            Some(names) => from_names(spec.kind, names),
            None => unreadable(spec.name.to_owned(), text, problems),
        },
        Kind::Dates | Kind::Items(_) => match serde_json::from_str::<Json>(text) {
            Ok(value @ (Json::Array(_) | Json::Object(_))) => from_json(field, &value, notation, problems),
            _ => unreadable(spec.name.to_owned(), text, problems),
        },
    }
}

/// Reads the JSON value of a field.
pub fn from_json(field: Field, value: &Json, notation: Notation<'_>, problems: &mut Vec<Problem>) -> Cell {
    let spec = field.spec();
    match (value, spec.kind) {
        (Json::Null, _) => Cell::of(State::Empty),
        (Json::String(text), _) => from_text(field, text, notation, problems),
        (Json::Number(_), Kind::PastDate | Kind::AnyDate) => {
            from_reading(time::from_json(value), || spec.name.to_owned(), &value.to_string(), problems)
        }
        (Json::Number(_) | Json::Bool(_), Kind::Text | Kind::Word(_) | Kind::Count) => {
            from_text(field, &value.to_string(), notation, problems)
        }
        (Json::Array(entries), Kind::Words | Kind::Scopes) => match names(entries) {
            Some(names) => from_names(spec.kind, names),
            None => unreadable(spec.name.to_owned(), &value.to_string(), problems),
        },
        (Json::Object(dates), Kind::Dates) => from_dates(spec.name, dates, notation, problems),
        (Json::Array(entries), Kind::Items(parts)) => from_entries(spec.name, parts, entries, notation, problems),
        (Json::Object(_), Kind::Items(parts)) => from_entries(spec.name, parts, std::slice::from_ref(value), notation, problems),
        _ => unreadable(spec.name.to_owned(), &value.to_string(), problems),
    }
}

/// Reads the text of a part of a nested entry; `path` names it in problems.
pub fn part_from_text(
    part: &Part,
    path: impl FnOnce() -> String,
    text: &str,
    notation: Notation<'_>,
    problems: &mut Vec<Problem>,
) -> Cell {
    let text = text.trim();
    if let Some(said) = said_without_value(text) {
        // A place or a flag of which nothing is known is an entry all the same; only a missing one is no entry.
        if said == State::UnknownWord && matches!(part.kind, PartKind::Word | PartKind::Environment | PartKind::Flag) {
            return Cell::text("unknown");
        }
        return Cell::of(said);
    }
    match part.kind {
        PartKind::Text => Cell::value(Value::Text(text.to_owned())),
        PartKind::Word => Cell::text(word::fold(text)),
        PartKind::Environment => match word::read(Vocabulary::Environment, text) {
            Meaning::Known(word) => Cell::text(word),
            _ => Cell::text(word::fold(text)),
        },
        PartKind::Flag => match word::fold(text).as_ref() {
            "yes" | "true" => Cell::text("yes"),
            "no" | "false" => Cell::text("no"),
            _ => unreadable(path(), text, problems),
        },
        PartKind::PastDate => from_reading(read_date(text, notation), path, text, problems),
        PartKind::Words => match list(text, notation) {
            Some(names) => from_names(Kind::Words, names),
            None => unreadable(path(), text, problems),
        },
    }
}

/// Reads the JSON value of a part of a nested entry.
pub fn part_from_json(
    part: &Part,
    path: impl FnOnce() -> String,
    value: &Json,
    notation: Notation<'_>,
    problems: &mut Vec<Problem>,
) -> Cell {
    match (value, part.kind) {
        (Json::Null, _) => Cell::of(State::Empty),
        (Json::String(text), _) => part_from_text(part, path, text, notation, problems),
        (Json::Number(_), PartKind::PastDate) => from_reading(time::from_json(value), path, &value.to_string(), problems),
        (Json::Bool(_), PartKind::Flag)
        | (Json::Number(_) | Json::Bool(_), PartKind::Text | PartKind::Word | PartKind::Environment) => {
            part_from_text(part, path, &value.to_string(), notation, problems)
        }
        (Json::Array(entries), PartKind::Words) => match names(entries) {
            Some(names) => from_names(Kind::Words, names),
            None => unreadable(path(), &value.to_string(), problems),
        },
        _ => unreadable(path(), &value.to_string(), problems),
    }
}

/// The cell of an explicit date, whatever its form was; for adapters with forms of their own.
pub fn from_reading(reading: Reading, path: impl FnOnce() -> String, text: &str, problems: &mut Vec<Problem>) -> Cell {
    match reading {
        Reading::Date(date) => Cell::value(Value::Date(date)),
        Reading::Sentinel => {
            problems.push(problem(path(), ProblemKind::Sentinel, text));
            Cell::of(State::Implausible)
        }
        Reading::Unreadable => unreadable(path(), text, problems),
    }
}

/// A problem that quotes a text, without control and direction characters. The quotation is cut to a readable length only
/// after the secret guard has seen all of it.
pub fn problem(field: String, kind: ProblemKind, text: &str) -> Problem {
    let clean = |letter: char| {
        !letter.is_control() && !matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let text = text.chars().filter(|letter| clean(*letter)).collect();
    Problem { field, kind, text }
}

/// What an empty text and the words of the catalogue, 2.1, say.
fn said_without_value(text: &str) -> Option<State> {
    // The words have 0, 4, 5 or 7 letters, so most texts are decided by their length.
    match text.len() {
        0 => Some(State::Empty),
        4 if text.eq_ignore_ascii_case("none") => Some(State::None),
        5 if text.eq_ignore_ascii_case("never") => Some(State::None),
        7 if text.eq_ignore_ascii_case("unknown") => Some(State::UnknownWord),
        _ => None,
    }
}

fn read_date(text: &str, notation: Notation<'_>) -> Reading {
    let told = notation.date_formats.iter().map(|format| time::parse_as(text, format));
    told.into_iter().find(|reading| *reading != Reading::Unreadable).unwrap_or_else(|| time::parse(text))
}

fn from_word(vocabulary: Vocabulary, name: &str, text: &str, problems: &mut Vec<Problem>) -> Cell {
    let (cell, kind) = match word::read(vocabulary, text) {
        Meaning::Known(word) => return Cell::text(word),
        Meaning::Denied => return Cell::of(State::None),
        Meaning::Kept(word) => (Cell::text(word), ProblemKind::UnknownWord),
        Meaning::ReadAs(word) => (Cell::text(word), ProblemKind::UnknownWord),
        Meaning::Missing => (Cell::of(State::UnknownWord), ProblemKind::UnknownWord),
        Meaning::Unreadable => (Cell::of(State::Unreadable), ProblemKind::Unreadable),
    };
    problems.push(problem(name.to_owned(), kind, text));
    cell
}

fn unreadable(path: String, text: &str, problems: &mut Vec<Problem>) -> Cell {
    problems.push(problem(path, ProblemKind::Unreadable, text));
    Cell::of(State::Unreadable)
}

/// Values of a plain list: a JSON array, else separated as the source says, else by `;` if there is one, else by blanks.
fn list(text: &str, notation: Notation<'_>) -> Option<Vec<String>> {
    if text.starts_with('[')
        && let Ok(Json::Array(entries)) = serde_json::from_str(text)
    {
        return names(&entries);
    }
    let trimmed = |pieces: &mut dyn Iterator<Item = &str>| {
        pieces.map(str::trim).filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
    };
    Some(match notation.separator {
        Some(separator) if !separator.is_empty() => trimmed(&mut text.split(separator)),
        _ if text.contains(';') => trimmed(&mut text.split(';')),
        _ => trimmed(&mut text.split_whitespace()),
    })
}

fn names(entries: &[Json]) -> Option<Vec<String>> {
    entries
        .iter()
        .map(|entry| match entry {
            Json::String(text) => Some(text.trim().to_owned()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        })
        .filter(|name| name.as_deref() != Some(""))
        .collect()
}

fn from_names(kind: Kind, names: Vec<String>) -> Cell {
    if names.is_empty() {
        return Cell::of(State::None);
    }
    Cell::value(match kind {
        Kind::Scopes => Value::Scopes(names.into_iter().map(|name| Scope { name, class: None }).collect()),
        _ => Value::Words(names),
    })
}

fn from_dates(name: &str, dates: &Map<String, Json>, notation: Notation<'_>, problems: &mut Vec<Problem>) -> Cell {
    if dates.is_empty() {
        return Cell::of(State::None);
    }
    let known: BTreeMap<String, Date> = dates
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), named_date(|| format!("{name}.{key}"), value, notation, problems)?)))
        .collect();
    if known.is_empty() { Cell::of(State::Empty) } else { Cell::value(Value::Dates(known)) }
}

/// A date under a name of a map; one that is missing, unreadable or `never` is left out.
pub fn named_date(
    path: impl FnOnce() -> String,
    value: &Json,
    notation: Notation<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Date> {
    const DATE: Part = Part { name: "", kind: PartKind::PastDate };
    part_from_json(&DATE, path, value, notation, problems).as_date()
}

fn from_entries(
    name: &str,
    parts: &'static [Part],
    entries: &[Json],
    notation: Notation<'_>,
    problems: &mut Vec<Problem>,
) -> Cell {
    if entries.is_empty() {
        return Cell::of(State::None);
    }
    let mut items = Vec::with_capacity(entries.len());
    for (number, entry) in entries.iter().enumerate() {
        // One entry that cannot be read makes the list unreadable: what it would have said could be the violation.
        let Json::Object(entry) = entry else {
            return unreadable(format!("{name}.{number}"), &entry.to_string(), problems);
        };
        let cell = |part: &Part| match entry.get(part.name) {
            Some(value) => part_from_json(part, || format!("{name}.{number}.{}", part.name), value, notation, problems),
            None => Cell::default(),
        };
        items.push(Item { parts: parts.iter().map(cell).collect() });
    }
    Cell::value(Value::Items(items))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::record::Precision;
    use serde_json::json;

    fn text(field: Field, text: &str) -> (Cell, Vec<Problem>) {
        let mut problems = Vec::new();
        (from_text(field, text, Notation::default(), &mut problems), problems)
    }

    fn json(field: Field, value: Json) -> (Cell, Vec<Problem>) {
        let mut problems = Vec::new();
        (from_json(field, &value, Notation::default(), &mut problems), problems)
    }

    fn kinds(problems: &[Problem]) -> Vec<(&str, ProblemKind)> {
        problems.iter().map(|problem| (problem.field.as_str(), problem.kind)).collect()
    }

    #[test]
    fn the_words_of_the_catalogue_hold_for_every_field() {
        for spec in super::super::field::FIELDS {
            for (word, state) in [
                ("", State::Empty),
                ("  ", State::Empty),
                ("None", State::None),
                ("NEVER", State::None),
                ("unknown", State::UnknownWord),
            ] {
                assert_eq!(text(spec.field, word), (Cell::of(state), vec![]), "{} {word:?}", spec.name);
                assert_eq!(json(spec.field, json!(word)), (Cell::of(state), vec![]), "{} {word:?}", spec.name);
            }
            assert_eq!(json(spec.field, Json::Null), (Cell::of(State::Empty), vec![]), "{}", spec.name);
        }
    }

    #[test]
    fn values_that_do_not_fit_are_unreadable_and_quoted() {
        let (cell, problems) = text(Field::CreatedAt, "so\u{202e}on\u{7}");
        assert_eq!(cell, Cell::of(State::Unreadable));
        assert_eq!(problems, [Problem { field: "created_at".into(), kind: ProblemKind::Unreadable, text: "soon".into() }]);
        assert_eq!(kinds(&text(Field::ActiveSecretCount, "-1").1), [("active_secret_count", ProblemKind::Unreadable)]);
        assert_eq!(kinds(&text(Field::Storage, "vault").1), [("storage", ProblemKind::Unreadable)]);
        assert_eq!(kinds(&json(Field::Owner, json!({"name": "x"})).1), [("owner", ProblemKind::Unreadable)]);
        assert_eq!(kinds(&json(Field::Storage, json!([{"kind": "hsm"}, "x"])).1), [("storage.1", ProblemKind::Unreadable)]);
        assert_eq!(text(Field::LastUsedAt, "0001-01-01").0, Cell::of(State::Implausible));
    }

    #[test]
    fn lists_split_at_semicolons_else_at_blanks_and_take_arrays() {
        let words = |text_: &str| match text(Field::AuthorizedReaders, text_).0.value {
            Value::Words(words) => words.join("|"),
            other => format!("{other:?}"),
        };
        assert_eq!(words("a b  c"), "a|b|c");
        assert_eq!(words("Alice Smith; bob;;"), "Alice Smith|bob");
        assert_eq!(words(r#"["a b", "c;d", 7]"#), "a b|c;d|7");
        assert_eq!(text(Field::ScopesGranted, "[]").0, Cell::of(State::None));
        assert_eq!(json(Field::ScopesGranted, json!([])).0, Cell::of(State::None));
        let scopes = json(Field::ScopesGranted, json!(["repo"])).0;
        assert_eq!(scopes, Cell::value(Value::Scopes(vec![Scope { name: "repo".into(), class: None }])));
    }

    #[test]
    fn numbers_keep_their_digits_as_ids_and_are_dates_as_dates() {
        assert_eq!(json(Field::TokenId, json!(9_007_199_254_740_993_u64)).0, Cell::text("9007199254740993"));
        assert_eq!(text(Field::TokenId, "00123").0, Cell::text("00123"));
        assert_eq!(json(Field::CreatedAt, json!(1_781_524_800)).0.as_date().map(|date| date.seconds), Some(1_781_524_800));
    }

    #[test]
    fn entries_have_a_cell_for_each_part() {
        let (cell, problems) = json(
            Field::Storage,
            json!([{"kind": "Secret Manager", "encrypted_at_rest": true, "since": "2026-01-02", "readers": ["app"]},
                   {"kind": "unknown", "encrypted_at_rest": "maybe", "since": null}]),
        );
        let Value::Items(items) = &cell.value else { panic!("{cell:?}") };
        assert_eq!(items[0].parts[0], Cell::text("secret-manager"));
        assert_eq!(items[0].parts[2].as_date().map(|date| date.precision), Some(Precision::Date));
        assert_eq!(items[0].parts[3], Cell::text("yes"));
        assert_eq!(items[0].parts[1].state, State::NotCollected);
        assert_eq!(items[1].parts[0], Cell::text("unknown"));
        assert_eq!(items[1].parts[2].state, State::Empty);
        assert_eq!(kinds(&problems), [("storage.1.encrypted_at_rest", ProblemKind::Unreadable)]);
    }

    #[test]
    fn dates_by_name_leave_out_what_is_no_date() {
        let (cell, problems) = json(Field::ScopeLastUsed, json!({"a": "2026-01-02", "b": "never", "c": "soon"}));
        let Value::Dates(dates) = &cell.value else { panic!("{cell:?}") };
        assert_eq!(dates.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(kinds(&problems), [("scope_last_used.c", ProblemKind::Unreadable)]);
    }

    #[test]
    fn words_off_the_list_are_noted() {
        assert_eq!(kinds(&text(Field::Environment, "blue").1), [("environment", ProblemKind::UnknownWord)]);
        assert_eq!(text(Field::Sensitivity, "top").0, Cell::of(State::UnknownWord));
        assert_eq!(text(Field::State, "zombie").0, Cell::of(State::Unreadable));
        assert_eq!(text(Field::Compromise, "maybe").0, Cell::text("suspected"));
    }

    #[test]
    fn a_notation_goes_before_the_canonical_forms() {
        let formats = ["%d %b %Y".to_owned(), "%d/%m/%Y".to_owned()];
        let notation = Notation { date_formats: &formats, separator: Some("|") };
        let mut problems = Vec::new();
        let date = from_text(Field::CreatedAt, "31/03/2026", notation, &mut problems);
        assert_eq!(date, text(Field::CreatedAt, "2026-03-31").0);
        assert_eq!(from_text(Field::CreatedAt, "2026-03-31", notation, &mut problems), date);
        assert_eq!(
            from_text(Field::AuthorizedReaders, "a b|c", notation, &mut problems),
            Cell::value(Value::Words(vec!["a b".into(), "c".into()]))
        );
        assert!(problems.is_empty());
    }
}
