//! Lists that repeat over many tokens (scopes, contacts, readers) and are stored once under a key.
//!
//! Equality is judged by a keyed 128-bit hash, so that an inventory cannot be written to make two lists collide, and memory
//! stays at a few bytes a list. Beyond [`REMEMBERED`] lists the memory is emptied: later equal lists are then stored again,
//! which costs space and changes nothing else.

use super::states::precision_word;
use crate::inventory::facts::ScopeFacts;
use crate::inventory::field::{Field, Kind, PartKind};
use crate::inventory::record::{Cell, Item, Scope, ScopeClass, Value};
use foldhash::quality::RandomState;
use rusqlite::{Connection, Statement, ToSql};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

/// How many lists are remembered at once; about 32 bytes each.
const REMEMBERED: usize = 2_000_000;

/// Keys given out to values in the order in which they first occur.
pub struct Keyed<T> {
    known: HashMap<T, i64>,
    next: i64,
}

impl<T: Eq + Hash> Keyed<T> {
    pub fn starting_at(next: i64) -> Keyed<T> {
        Keyed { known: HashMap::new(), next }
    }

    pub fn get(&self, value: &T) -> Option<i64> {
        self.known.get(value).copied()
    }

    /// Gives the next key to a value that has none yet.
    pub fn add(&mut self, value: T) -> i64 {
        let key = self.next;
        self.next += 1;
        self.known.insert(value, key);
        key
    }

    pub fn next(&self) -> i64 {
        self.next
    }
}

/// Stores lists of every kind.
pub struct Lists<'t> {
    known: Keyed<u128>,
    hashers: (RandomState, RandomState),
    texts: Statement<'t>,
    scopes: Statement<'t>,
    dates: Statement<'t>,
    tags: Statement<'t>,
    items: BTreeMap<Field, Statement<'t>>,
}

/// The table of a nested list's entries.
pub fn item_table(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::Secrets => "secret_entry",
        Field::Storage => "storage_entry",
        Field::Shares => "share_entry",
        Field::Integrations => "integration_entry",
        Field::Contacts => "contact_entry",
        Field::SecretScanOpenFindings => "scan_finding_entry",
        _ => return None,
    })
}

impl<'t> Lists<'t> {
    pub fn new(connection: &'t Connection, first_key: i64) -> rusqlite::Result<Lists<'t>> {
        let mut items = BTreeMap::new();
        for spec in crate::inventory::field::FIELDS {
            let (Kind::Items(parts), Some(table)) = (spec.kind, item_table(spec.field)) else { continue };
            let mut columns = vec!["list_key".to_owned(), "position".to_owned()];
            for part in parts {
                match part.kind {
                    PartKind::PastDate => columns.extend(["", "_state", "_precision"].map(|end| format!("{}{end}", part.name))),
                    PartKind::Words => columns.extend(["_list", "_state"].map(|end| format!("{}{end}", part.name))),
                    PartKind::Text | PartKind::Word | PartKind::Environment | PartKind::Flag => {
                        columns.push(part.name.to_owned())
                    }
                }
            }
            let marks = vec!["?"; columns.len()].join(", ");
            let text = format!("INSERT INTO {table} ({}) VALUES ({marks})", columns.join(", "));
            items.insert(spec.field, connection.prepare(&text)?);
        }
        Ok(Lists {
            known: Keyed::starting_at(first_key),
            hashers: (RandomState::default(), RandomState::default()),
            texts: connection.prepare("INSERT INTO text_entry (list_key, position, text) VALUES (?1, ?2, ?3)")?,
            scopes: connection.prepare(
                "INSERT INTO scope_entry (list_key, position, scope, class, class_source, class_by_name, capabilities)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            dates: connection.prepare("INSERT INTO date_entry (list_key, name, at, precision) VALUES (?1, ?2, ?3, ?4)")?,
            tags: connection.prepare("INSERT INTO tag_entry (list_key, name, value) VALUES (?1, ?2, ?3)")?,
            items,
        })
    }

    /// The first key that no list has yet.
    pub fn next(&self) -> i64 {
        self.known.next()
    }

    /// Stores the list of a field; none for a cell without one. Scopes have a method of their own.
    pub fn store(&mut self, field: Field, cell: &Cell) -> rusqlite::Result<Option<i64>> {
        match &cell.value {
            Value::Words(words) => self.words(words).map(Some),
            Value::Dates(dates) => {
                let (key, new) = self.key(&("dates", dates));
                for (name, date) in dates.iter().filter(|_| new) {
                    self.dates.execute((key, name, date.seconds, precision_word(date.precision)))?;
                }
                Ok(Some(key))
            }
            Value::Items(items) => self.items(field, items).map(Some),
            Value::Nothing | Value::Text(_) | Value::Date(_) | Value::Count(_) | Value::Scopes(_) => Ok(None),
        }
    }

    /// Stores a list of names.
    pub fn words(&mut self, words: &[String]) -> rusqlite::Result<i64> {
        let (key, new) = self.key(&("words", words));
        for (position, text) in words.iter().enumerate().filter(|_| new) {
            self.texts.execute((key, position, text))?;
        }
        Ok(key)
    }

    /// Stores the scopes that a record of a provider grants, with what the registry says of each.
    pub fn scopes(
        &mut self,
        provider: Option<&str>,
        scopes: &[Scope],
        facts: &dyn Fn(&Scope) -> ScopeFacts,
    ) -> rusqlite::Result<i64> {
        let (key, new) = self.key(&("scopes", provider, scopes));
        for (position, scope) in scopes.iter().enumerate().filter(|_| new) {
            let ScopeFacts { class_source, class_by_name, capabilities } = facts(scope);
            let capabilities = capabilities.map(|tags| serde_json::Value::from(tags).to_string());
            let (class, by_name) = (scope.class.map(ScopeClass::word), class_by_name.map(ScopeClass::word));
            self.scopes.execute((key, position, &scope.name, class, class_source, by_name, capabilities))?;
        }
        Ok(key)
    }

    /// Stores what is in no field; none if there is nothing.
    pub fn tags(&mut self, tags: &BTreeMap<String, String>) -> rusqlite::Result<Option<i64>> {
        if tags.is_empty() {
            return Ok(None);
        }
        let (key, new) = self.key(&("tags", tags));
        for (name, value) in tags.iter().filter(|_| new) {
            self.tags.execute((key, name, value))?;
        }
        Ok(Some(key))
    }

    /// Stores the entries of a nested list.
    pub fn items(&mut self, field: Field, items: &[Item]) -> rusqlite::Result<i64> {
        let (key, new) = self.key(&(field, items));
        if !new {
            return Ok(key);
        }
        for (position, item) in items.iter().enumerate() {
            self.item(field, key, position, item)?;
        }
        Ok(key)
    }

    fn item(&mut self, field: Field, key: i64, position: usize, item: &Item) -> rusqlite::Result<()> {
        let Kind::Items(parts) = field.spec().kind else { return Ok(()) };
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(key), Box::new(position)];
        for (part, cell) in parts.iter().zip(&item.parts) {
            match part.kind {
                PartKind::PastDate => {
                    let date = cell.as_date();
                    values.push(Box::new(date.map(|date| date.seconds)));
                    values.push(Box::new(cell.state.word()));
                    values.push(Box::new(date.map(|date| precision_word(date.precision))));
                }
                PartKind::Words => {
                    let list = if let Value::Words(words) = &cell.value { Some(self.words(words)?) } else { None };
                    values.push(Box::new(list));
                    values.push(Box::new(cell.state.word()));
                }
                PartKind::Text | PartKind::Word | PartKind::Environment | PartKind::Flag => {
                    values.push(Box::new(cell.as_text().map(str::to_owned)))
                }
            }
        }
        match self.items.get_mut(&field) {
            Some(statement) => statement.execute(rusqlite::params_from_iter(values)).map(drop),
            None => Ok(()),
        }
    }

    /// The key of a list, and whether it is new and has to be written.
    fn key(&mut self, list: &impl Hash) -> (i64, bool) {
        let hash = u128::from(self.hashers.0.hash_one(list)) << 64 | u128::from(self.hashers.1.hash_one(list));
        if let Some(key) = self.known.get(&hash) {
            return (key, false);
        }
        if self.known.known.len() >= REMEMBERED {
            self.known.known.clear();
        }
        (self.known.add(hash), true)
    }
}
