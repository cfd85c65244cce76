//! Reading JSON records of exports field by field.
//!
//! A key may be missing, `null` or empty; what that means differs by provider and field, so the caller says it.

use crate::inventory::cell;
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sink};
use crate::inventory::record::{Cell, Date, ProblemKind, Record, Scope, State, Value};
use crate::inventory::time;
use serde_json::{Map, Value as Json};

/// What a missing key and what `null` mean for a date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absence {
    pub(super) missing: State,
    pub(super) null: State,
}

/// Neither says anything: a source that forgets.
pub(super) const SILENT: Absence = Absence { missing: State::Empty, null: State::Empty };
/// `null` is "none" or "never"; a missing key is an older server, which says nothing.
pub(super) const NULL_IS_NONE: Absence = Absence { missing: State::Empty, null: State::None };
/// Both mean that there is none.
pub(super) const ABSENT_IS_NONE: Absence = Absence { missing: State::None, null: State::None };

/// A record of an export that is becoming a token.
pub(super) struct Token<'a> {
    element: &'a Map<String, Json>,
    pub(super) record: Record,
}

impl<'a> Token<'a> {
    /// Starts a token; what is no JSON object is rejected.
    pub(super) fn start(row: Row<'a>, provider: &str, kind: &str, sink: &mut dyn Sink) -> Option<Token<'a>> {
        let (line, element) = object(row, sink)?;
        Some(Token::of(line, element, provider, kind))
    }

    /// Starts a token from an object that stands inside the record.
    pub(super) fn of(line: u64, element: &'a Map<String, Json>, provider: &str, kind: &str) -> Token<'a> {
        let mut record = Record::new(line);
        record.set_text(Field::Provider, provider);
        record.set_text(Field::TokenKind, kind);
        Token { element, record }
    }

    /// True if the expiry that was set has come; for providers that then refuse the token by themselves.
    pub(super) fn has_ended(&self, as_of: i64) -> bool {
        self.record.get(Field::ExpiresAt).as_date().is_some_and(|end| end.seconds <= as_of)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Json> {
        self.element.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.element.contains_key(key)
    }

    /// The string, number or truth value under a key.
    pub(super) fn scalar(&self, key: &str) -> Option<String> {
        self.get(key).and_then(scalar)
    }

    /// Sets a text field; missing, `null`, `""` and nested values are empty.
    pub(super) fn text(&mut self, field: Field, key: &str) {
        let text = self.scalar(key).unwrap_or_default();
        self.record.set_text(field, text.trim());
    }

    /// Sets a date field.
    pub(super) fn date(&mut self, field: Field, key: &str, absence: Absence) {
        let cell = match self.get(key) {
            None => Cell::of(absence.missing),
            Some(Json::Null) => Cell::of(absence.null),
            Some(Json::String(text)) if text.trim().is_empty() => Cell::of(State::Empty),
            Some(value) => {
                let written = scalar(value).unwrap_or_else(|| value.to_string());
                let path = || field.name().to_owned();
                cell::from_reading(time::from_json(value), path, &written, &mut self.record.problems)
            }
        };
        self.record.set(field, cell);
    }

    /// Sets a date field only if the record has the key: newer versions of the service state it, and each record tells.
    pub(super) fn newer_date(&mut self, field: Field, key: &str, null: State) {
        if self.has(key) {
            self.date(field, key, Absence { missing: State::Empty, null });
        }
    }

    /// Sets the name; `(unnamed)` is how some services show that there is none.
    pub(super) fn name(&mut self, key: &str) {
        let name = self.scalar(key).unwrap_or_default();
        let name = name.trim();
        self.record.set_text(Field::Name, if name.eq_ignore_ascii_case("(unnamed)") { "" } else { name });
    }

    /// The truth value under a key.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(truth)
    }

    /// Goes on reading in the object under a key, where records wrap their fields; without one nothing changes.
    pub(super) fn enter(&mut self, key: &str) {
        if let Some(Json::Object(inner)) = self.get(key) {
            self.element = inner;
        }
    }

    /// The date under a key, if it is one.
    pub(super) fn date_of(&self, key: &str) -> Option<Date> {
        self.get(key).and_then(|value| time::from_json(value).date())
    }

    /// Sets the granted scopes from a list of strings.
    pub(super) fn scopes(&mut self, key: &str) {
        let cell = match self.get(key) {
            Some(Json::Array(entries)) => {
                let scopes = entries.iter().filter_map(scalar).map(|name| Scope { name, class: None });
                granted(scopes.collect())
            }
            _ => Cell::of(State::Empty),
        };
        self.record.set(Field::ScopesGranted, cell);
    }

    /// Keeps a value beside the fields; missing, `null` and empty ones are left out.
    pub(super) fn tag(&mut self, name: &str, key: &str) {
        if let Some(value) = self.get(key).map(|value| scalar(value).unwrap_or_else(|| value.to_string()))
            && !value.is_empty()
            && value != "null"
        {
            self.record.tags.insert(name.to_owned(), value);
        }
    }

    /// Keeps a date beside the fields, in one spelling whatever the export's; an unreadable one stays as written.
    pub(super) fn date_tag(&mut self, name: &str, key: &str) {
        match self.date_of(key) {
            Some(date) => drop(self.record.tags.insert(name.to_owned(), time::written(date))),
            None => self.tag(name, key),
        }
    }

    /// Sets the state, or notes a word that is none.
    pub(super) fn state(&mut self, state: Option<&str>, written: &str) {
        let cell = match state {
            Some(word) => Cell::text(word),
            None if written.is_empty() => Cell::of(State::Empty),
            None => {
                let problem = cell::problem(Field::State.name().to_owned(), ProblemKind::Unreadable, written);
                self.record.problems.push(problem);
                Cell::of(State::Unreadable)
            }
        };
        self.record.set(Field::State, cell);
    }
}

/// The cell of a list of scopes; an empty list is "none".
pub(super) fn granted(scopes: Vec<Scope>) -> Cell {
    if scopes.is_empty() { Cell::of(State::None) } else { Cell::value(Value::Scopes(scopes)) }
}

/// The text of a string, number or truth value.
pub(super) fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// A truth value; some exports and tools write it as text.
pub(super) fn truth(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(truth) => Some(*truth),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The object of a JSON row and its line; anything else is rejected.
pub(super) fn object<'a>(row: Row<'a>, sink: &mut dyn Sink) -> Option<(u64, &'a Map<String, Json>)> {
    match row {
        Row::Json { line, element: Json::Object(element), .. } => Some((line, element)),
        Row::Json { line, .. } => {
            sink.reject(line, "the record is no JSON object".to_owned());
            None
        }
        Row::Table(row) => {
            sink.reject(row.line, "a row of a table where a JSON record was expected".to_owned());
            None
        }
    }
}
