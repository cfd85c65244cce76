//! What a format is, and what it hands over.
//!
//! A [`Format`] recognises a file by what can be seen at its start ([`Sight`]) and opens an [`Adapter`], which turns each row
//! or JSON element into [`Record`]s (or people, purposes, account contacts). Everything that is the same for all formats happens
//! after the adapter, once: plausibility of dates, the secret guard, provider aliases, scope classes, provider facts.
//! An adapter therefore only says what the export says.

use super::field::Field;
use super::record::{Date, Item, Record};
use serde_json::{Map, Value as Json};

/// What a source is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Inventory,
    People,
    Purposes,
    Accounts,
}

impl Role {
    /// The word in the store and in reports.
    pub fn word(self) -> &'static str {
        match self {
            Role::Inventory => "inventory",
            Role::People => "people",
            Role::Purposes => "purposes",
            Role::Accounts => "accounts",
        }
    }
}

/// How much a source's word counts against another's when both state a value, strongest first (decisions, 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The provider's own export.
    Provider,
    /// A secret store that holds the provider's token.
    SecretStore,
    /// The canonical sheet, JSON or Parquet.
    Canonical,
    /// Any other sheet, through a column mapping.
    Mapped,
}

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// CSV or TSV with a header row.
    Table,
    /// JSON; the records are where it says.
    Json(Records),
    Parquet,
}

/// Where the records of a JSON file are. Several documents in a row, and an array of whole documents (joined pages), are
/// always accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// A bare array of records.
    Array,
    /// An object with the array under this key; the other keys are the envelope.
    Under(&'static str),
    /// Each document is one record (NDJSON, single objects).
    Documents,
}

/// What can be seen at the start of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Sight {
    Table {
        header: Vec<String>,
    },
    Json {
        /// True if the file is one array at the top, or records that somebody took out of the answer that they came in
        /// ([`Sight::standing_alone`]).
        array: bool,
        /// The top-level object without the elements of its arrays; empty for a bare array. Of joined pages, the first.
        envelope: Map<String, Json>,
        /// The first elements: of the bare array, or of each top-level array of objects by key.
        elements: Vec<(String, Json)>,
    },
    Parquet {
        columns: Vec<String>,
    },
}

impl Sight {
    /// The elements seen under a key; the key of a bare array is empty.
    pub fn elements_under<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Json> {
        let elements: &[(String, Json)] = if let Sight::Json { elements, .. } = self { elements } else { &[] };
        elements.iter().filter(move |(name, _)| name == key).map(|(_, element)| element)
    }

    /// True if some element under `key` (empty for a bare array) has each of `names`, in any of them: optional keys move.
    pub fn has_keys(&self, key: &str, names: &[&str]) -> bool {
        let mut any = false;
        let found = names.iter().all(|name| {
            self.elements_under(key).any(|element| {
                any = true;
                element.get(name).is_some()
            })
        });
        any && found
    }

    /// True if the top-level object has a list under this key, which may be empty.
    pub fn has_list(&self, key: &str) -> bool {
        matches!(self, Sight::Json { envelope, .. } if envelope.get(key).is_some_and(Json::is_array))
    }

    /// The records at the top as they would be seen under a key: somebody may have taken them out of the answer that they
    /// came in (`jq .result`). None if there are none, or if they are whole answers.
    pub fn standing_alone(&self, key: &str) -> Option<Sight> {
        let first = key.split('.').next().unwrap_or_default();
        let records: Vec<(String, Json)> = self
            .elements_under("")
            .filter(|element| element.is_object())
            .map(|element| (key.to_owned(), element.clone()))
            .collect();
        let answers =
            records.iter().any(|(_, record)| record.get(first).is_some_and(|value| value.is_array() || value.is_object()));
        if records.is_empty() || answers {
            return None;
        }
        let envelope = std::iter::once((key.to_owned(), Json::Array(Vec::new()))).collect();
        Some(Sight::Json { array: true, envelope, elements: records })
    }

    /// True for what [`Sight::standing_alone`] gives.
    pub fn stands_alone(&self, key: &str) -> bool {
        matches!(self, Sight::Json { array: true, envelope, .. } if envelope.contains_key(key))
    }

    /// The key of the only list of the top-level object, if it is empty: then it is the list of records.
    pub fn only_empty_list(&self) -> Option<&str> {
        let Sight::Json { array: false, envelope, elements } = self else { return None };
        let mut lists = envelope.iter().filter(|(_, value)| value.is_array());
        let (key, list) = lists.find(|(key, _)| !matches!(key.as_str(), "errors" | "messages" | "schemas"))?;
        let others = lists.any(|(key, _)| !matches!(key.as_str(), "errors" | "messages" | "schemas"));
        let empty = !others && list.as_array().is_some_and(Vec::is_empty);
        (empty && elements.iter().all(|(list, _)| list.is_empty())).then_some(key.as_str())
    }

    /// The same sight without any element.
    pub fn without_elements(&self) -> Sight {
        match self {
            Sight::Json { array, envelope, .. } => {
                Sight::Json { array: *array, envelope: envelope.clone(), elements: Vec::new() }
            }
            other => other.clone(),
        }
    }

    /// True if the top-level object has this key.
    pub fn envelope_has(&self, key: &str) -> bool {
        matches!(self, Sight::Json { envelope, .. } if envelope.contains_key(key))
    }
}

/// What the user said of a source, and what is known of it before its rows are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceContext {
    /// File name, for identifiers that it carries and for messages.
    pub name: String,
    /// `[[source]] provider` and `account`, for rows that state none.
    pub provider: Option<String>,
    pub account: Option<String>,
    /// Tag or metadata keys that name the owner, in order of preference.
    pub owner_keys: Vec<String>,
    /// Tag or metadata keys that name the environment, in order of preference.
    pub environment_keys: Vec<String>,
    /// UTC seconds: the run's instant, for "is it expired" only; no age is measured here.
    pub as_of: i64,
    /// UTC seconds: when the export was made, if anything says so. The reader fills it in.
    pub exported_at: Option<i64>,
}

/// A row of a table: sound, decoded, with as many cells as the header.
#[derive(Debug, Clone, Copy)]
pub struct TableRow<'a> {
    /// Line of the file on which the row starts, from 1.
    pub line: u64,
    pub header: &'a [String],
    pub cells: &'a [&'a str],
}

impl<'a> TableRow<'a> {
    /// The cell under a column name, compared exactly; none if there is no such column.
    pub fn get(&self, column: &str) -> Option<&'a str> {
        let index = self.header.iter().position(|name| name == column)?;
        self.cells.get(index).copied()
    }
}

/// One piece of input.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    Table(TableRow<'a>),
    /// A JSON record; `number` counts the elements of the file from 1, `line` is where it starts.
    Json {
        line: u64,
        number: u64,
        element: &'a Json,
    },
}

/// Someone on a people register.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub id: Option<String>,
    pub name: Option<String>,
    /// Every address and login the register states, as written; the first is the main one.
    pub addresses: Vec<String>,
    pub kind: PersonKind,
    /// None: the register does not say.
    pub status: Option<PersonStatus>,
    /// A future date is a planned leave: the person is still here.
    pub left_at: Option<Date>,
    pub line: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PersonKind {
    #[default]
    Person,
    Team,
    Service,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonStatus {
    Active,
    Leave,
    Suspended,
    Left,
}

/// A purpose of the purpose register.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purpose {
    pub purpose_id: String,
    pub text: Option<String>,
    pub scopes_required: Option<Vec<String>>,
    pub status: Option<String>,
    pub ends_at: Option<Date>,
    pub authorized_readers: Option<Vec<String>>,
    pub line: u64,
}

/// Contacts of an account at a provider (decisions, 13); the items have the parts of [`super::field::CONTACT`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    pub provider: String,
    pub account: String,
    pub contacts: Vec<Item>,
    pub line: u64,
}

/// Receives what an adapter reads.
pub trait Sink {
    fn token(&mut self, record: Record);
    fn person(&mut self, person: Person);
    fn purpose(&mut self, purpose: Purpose);
    fn account(&mut self, account: Account);
    /// A row that cannot be used; it is kept with its line and reason.
    fn reject(&mut self, line: u64, reason: String);
    /// A row, or a part of one, that is sound and no token: a password, an empty key slot.
    fn skip(&mut self, line: u64, reason: &'static str);
    /// Something wrong with the source as a whole, in a sentence.
    fn problem(&mut self, sentence: String);
}

/// What an envelope says about the completeness of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paging {
    /// How many records the export says there are in all.
    pub declared: Option<u64>,
    /// Some(true): a further page exists that the file does not hold. Some(false): the envelope says that it is the last.
    pub more: Option<bool>,
}

/// Reads the rows of one file.
pub trait Adapter: Send {
    /// The header of a table, before its rows; also if there are none.
    fn header(&mut self, _header: &[String], _sink: &mut dyn Sink) {}

    /// One row or element. An adapter that must see several rows first keeps them and hands them over in `finish`.
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink);

    /// The object around the records, without them, after they were read; once for each page in the file.
    fn envelope(&mut self, _envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
        Paging::default()
    }

    /// The end of the file.
    fn finish(&mut self, _sink: &mut dyn Sink) {}

    /// The fields that this file collects, asked at its end; for formats whose [`Format::collects`] leaves it to the file.
    fn collected(&self) -> Vec<Field> {
        Vec::new()
    }
}

/// One format of export.
pub trait Format: Sync {
    /// Stable id, for `--format`, settings and reports.
    fn id(&self) -> &'static str;
    /// What people call it, with the service's name.
    fn title(&self) -> &'static str;
    /// How to get such a file: a command or a click path, one line.
    fn how_to_export(&self) -> &'static str;
    fn role(&self) -> Role;
    fn standing(&self) -> Standing;
    fn layout(&self) -> Layout;
    /// Dotted path to the records of a JSON file where [`Layout`] cannot say it: a mapping takes it from the settings.
    fn records_path(&self) -> Option<&str> {
        None
    }
    /// Says whether a file is of this format; never complains about it.
    fn recognises(&self, sight: &Sight) -> bool;
    /// How the file is recognised, one line, for `formats` and `inspect`.
    fn signature(&self) -> &'static str;
    /// Fields that exports of this format state; none if the file itself tells (canonical and mapped files).
    fn collects(&self) -> Option<&'static [Field]>;
    /// Where records of this format can carry secrets (inventory formats, section 6), relative to one record: dotted names,
    /// `[]` after a list, `*` for any key, `"..."` around a key with dots (`data.*`, `fields[].value`); of tables the names of
    /// columns. What is there is `null`, or an empty cell, before the adapter sees the record, and its presence is told; the
    /// record then fails INV-005. A leading `~` marks a part of a value or an encrypted one (`~last4`), which is told only.
    fn secret_fields(&self) -> &'static [&'static str] {
        &[]
    }
    /// What the file is an export of: files of one export supersede each other by age, others are joined (decisions, 9).
    fn export(&self) -> &str {
        self.id()
    }
    /// For people: whether those who left stay on such a list, so that a file which holds one of them holds them all. False where
    /// accounts of leavers are deleted after a while and then missing.
    fn lists_leavers(&self) -> bool {
        true
    }
    /// When the export was made, if its own content says so; UTC seconds.
    fn exported_at(&self, _sight: &Sight) -> Option<i64> {
        None
    }
    fn open<'a>(&'a self, context: &'a SourceContext) -> Box<dyn Adapter + 'a>;
}
