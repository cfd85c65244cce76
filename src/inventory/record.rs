//! The canonical record: what one source says about one token.
//!
//! A [`Record`] holds a [`Cell`] for each [`Field`]. A cell is a value together with a [`State`] that tells how much the source
//! said; the state is what keeps "the source does not say" apart from "there is none" (catalogue 2.1).

use super::field::{FIELD_COUNT, Field};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How much a source says about a field, weakest first (decisions, 11: the strongest wins when sources are joined).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[repr(u8)]
pub enum State {
    /// The source has no such column or key.
    #[default]
    NotCollected,
    /// It has one, and it is empty here.
    Empty,
    /// It says `unknown`.
    UnknownWord,
    /// A date that cannot be: too far ahead, or a sentinel.
    Implausible,
    /// Text that is no value of the field's kind.
    Unreadable,
    /// It says that there is none: `none`, `never`, an empty list.
    None,
    /// A usable value.
    Value,
}

impl State {
    /// Every state, weakest first.
    pub const ALL: [State; 7] =
        [State::NotCollected, State::Empty, State::UnknownWord, State::Implausible, State::Unreadable, State::None, State::Value];

    /// The word that checks compare with.
    pub fn word(self) -> &'static str {
        match self {
            State::NotCollected => "not-collected",
            State::Empty => "empty",
            State::UnknownWord => "unknown-word",
            State::Implausible => "implausible",
            State::Unreadable => "unreadable",
            State::None => "none",
            State::Value => "value",
        }
    }
}

/// How exactly a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Precision {
    Second,
    /// A date without a time of day, read as 00:00:00 UTC.
    Date,
}

/// A date on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    /// UTC seconds since 1970.
    pub seconds: i64,
    pub precision: Precision,
    /// Written without an offset and read as UTC.
    pub assumed_utc: bool,
}

/// Privilege of a scope, from the registry (inventory formats, section 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ScopeClass {
    Read,
    Write,
    /// Below admin, and deserving the same attention.
    High,
    Admin,
}

impl ScopeClass {
    pub fn word(self) -> &'static str {
        match self {
            ScopeClass::Read => "read",
            ScopeClass::Write => "write",
            ScopeClass::High => "high",
            ScopeClass::Admin => "admin",
        }
    }

    pub fn parse(word: &str) -> Option<ScopeClass> {
        [ScopeClass::Read, ScopeClass::Write, ScopeClass::High, ScopeClass::Admin].into_iter().find(|class| class.word() == word)
    }
}

/// A granted scope. An adapter sets `class` where the export decides it (an access level); else the registry does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    pub name: String,
    /// None: no registry entry, which is unknown and never "read".
    pub class: Option<ScopeClass>,
}

/// What a cell holds; `Nothing` whenever the state is not [`State::Value`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Value {
    #[default]
    Nothing,
    Text(String),
    Date(Date),
    Count(i64),
    Words(Vec<String>),
    Scopes(Vec<Scope>),
    Dates(BTreeMap<String, Date>),
    Items(Vec<Item>),
}

/// An entry of a nested list: a cell for each part, in the order of the field's parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Item {
    pub parts: Vec<Cell>,
}

/// A value and how much the source said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Cell {
    pub state: State,
    pub value: Value,
}

impl Cell {
    /// A cell with a usable value.
    pub fn value(value: Value) -> Cell {
        Cell { state: State::Value, value }
    }

    /// A usable text; empty text is [`State::Empty`].
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() { Cell::of(State::Empty) } else { Cell::value(Value::Text(text)) }
    }

    /// A cell without a value.
    pub fn of(state: State) -> Cell {
        Cell { state, value: Value::Nothing }
    }

    /// The text of a text cell.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The date of a date cell.
    pub fn as_date(&self) -> Option<Date> {
        if let Value::Date(date) = self.value { Some(date) } else { None }
    }
}

/// Something on a record that a check or a reader must hear of; the text never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Problem {
    /// Dotted field name, or `tags.NAME`.
    pub field: String,
    pub kind: ProblemKind,
    /// The text as written, cut and cleaned; for a secret its kind and length only.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ProblemKind {
    /// Not a date, or not a value of the field's kind.
    Unreadable,
    /// A past-type date beyond the tolerance.
    Future,
    /// A placeholder such as 0001-01-01 or 1970-01-01T00:00:00Z.
    Sentinel,
    /// A word on no list, kept or read as missing.
    UnknownWord,
    /// What looked like a token value, and was cut (INV-005).
    Secret,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [ProblemKind; 5] =
        [ProblemKind::Unreadable, ProblemKind::Future, ProblemKind::Sentinel, ProblemKind::UnknownWord, ProblemKind::Secret];

    /// The word that checks compare with.
    pub fn word(self) -> &'static str {
        match self {
            ProblemKind::Unreadable => "unreadable",
            ProblemKind::Future => "future",
            ProblemKind::Sentinel => "sentinel",
            ProblemKind::UnknownWord => "unknown-word",
            ProblemKind::Secret => "secret",
        }
    }
}

/// One token as one source states it. Its serialised form (fields that the source does not collect left out, everything in the
/// order of the table) is the canonical one: equal records have equal text, and of duplicates the lowest text counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredRecord", into = "StoredRecord")]
pub struct Record {
    cells: [Cell; FIELD_COUNT],
    /// Columns of the source that are no fields.
    pub tags: BTreeMap<String, String>,
    /// The user, application or service account whose secrets replace each other (decisions, 25); see [`super::identity`].
    pub identity: Option<String>,
    /// Line of the file, or number of the element; from 1. For a record out of several rows, the first.
    pub line: u64,
    pub problems: Vec<Problem>,
}

impl Record {
    /// A record of which nothing is known yet.
    pub fn new(line: u64) -> Record {
        Record {
            cells: std::array::from_fn(|_| Cell::default()),
            tags: BTreeMap::new(),
            identity: None,
            line,
            problems: Vec::new(),
        }
    }

    pub fn get(&self, field: Field) -> &Cell {
        &self.cells[field as usize]
    }

    pub fn set(&mut self, field: Field, cell: Cell) {
        self.cells[field as usize] = cell;
    }

    /// Changes a cell in place.
    pub fn cell_mut(&mut self, field: Field) -> &mut Cell {
        &mut self.cells[field as usize]
    }

    /// Sets a text field; see [`Cell::text`].
    pub fn set_text(&mut self, field: Field, text: impl Into<String>) {
        self.set(field, Cell::text(text));
    }

    /// The text of a field that holds one.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.get(field).as_text()
    }

    /// All cells in the order of [`super::field::FIELDS`].
    pub fn cells(&self) -> &[Cell; FIELD_COUNT] {
        &self.cells
    }
}

/// The serialised form of a record.
#[derive(Serialize, Deserialize)]
struct StoredRecord {
    cells: BTreeMap<u8, Cell>,
    tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    problems: Vec<Problem>,
}

impl From<Record> for StoredRecord {
    fn from(record: Record) -> StoredRecord {
        let collected = record.cells.into_iter().enumerate().filter(|(_, cell)| cell.state != State::NotCollected);
        let cells = collected.filter_map(|(index, cell)| Some((u8::try_from(index).ok()?, cell))).collect();
        StoredRecord { cells, tags: record.tags, identity: record.identity, problems: record.problems }
    }
}

impl From<StoredRecord> for Record {
    /// The line is not part of what a record says; whoever reads it back sets it.
    fn from(stored: StoredRecord) -> Record {
        let mut record = Record { tags: stored.tags, identity: stored.identity, problems: stored.problems, ..Record::new(0) };
        for (index, cell) in stored.cells {
            if let Some(place) = record.cells.get_mut(usize::from(index)) {
                *place = cell;
            }
        }
        record
    }
}
