//! Combinations that repeat over many tokens and are stored once: field states, provider facts, override classes.

use super::lists::Keyed;
use crate::inventory::facts::{FACTS, FactValue, SourcedFacts};
use crate::inventory::field::{FIELDS, Kind};
use crate::inventory::record::{Precision, Record, State, Value};
use rusqlite::types::Null;
use rusqlite::{Connection, Statement, params};
use std::collections::HashMap;
use std::sync::Arc;

/// True if a field's cell holds one date.
pub fn is_date(kind: Kind) -> bool {
    matches!(kind, Kind::PastDate | Kind::AnyDate)
}

/// True if a field's cell holds the key of a list.
pub fn is_list(kind: Kind) -> bool {
    matches!(kind, Kind::Words | Kind::Scopes | Kind::Dates | Kind::Items(_))
}

/// Stores the state of every field of a record.
pub struct StatesTable<'t> {
    known: Keyed<Vec<u8>>,
    insert: Statement<'t>,
}

impl<'t> StatesTable<'t> {
    pub fn new(connection: &'t Connection) -> rusqlite::Result<StatesTable<'t>> {
        let mut columns = vec!["states_key".to_owned()];
        columns.extend(FIELDS.iter().map(|spec| format!("{}_state", spec.field.column())));
        for spec in FIELDS.iter().filter(|spec| is_date(spec.kind)) {
            let column = spec.field.column();
            columns.extend([format!("{column}_precision"), format!("{column}_assumed_utc")]);
        }
        let marks = vec!["?"; columns.len()].join(", ");
        let insert = connection.prepare(&format!("INSERT INTO field_states ({}) VALUES ({marks})", columns.join(", ")))?;
        let next = next_key(connection, "field_states", "states_key")?;
        Ok(StatesTable { known: Keyed::starting_at(next), insert })
    }

    /// The key of the record's combination of states.
    pub fn key(&mut self, record: &Record) -> rusqlite::Result<i64> {
        let code: Vec<u8> = record.cells().iter().map(|cell| cell_code(cell.state, &cell.value)).collect();
        if let Some(key) = self.known.get(&code) {
            return Ok(key);
        }
        let key = self.known.add(code);
        self.insert.raw_bind_parameter(1, key)?;
        let mut column = 2;
        for cell in record.cells() {
            self.insert.raw_bind_parameter(column, cell.state.word())?;
            column += 1;
        }
        for (cell, spec) in record.cells().iter().zip(FIELDS) {
            if !is_date(spec.kind) {
                continue;
            }
            let date = cell.as_date();
            self.insert.raw_bind_parameter(column, date.map(|date| precision_word(date.precision)))?;
            self.insert.raw_bind_parameter(column + 1, date.is_some_and(|date| date.assumed_utc))?;
            column += 2;
        }
        self.insert.raw_execute()?;
        Ok(key)
    }
}

/// One byte that tells states, precisions and assumed zones apart.
fn cell_code(state: State, value: &Value) -> u8 {
    let date = if let Value::Date(date) = value {
        8 | u8::from(date.precision == Precision::Date) << 4 | u8::from(date.assumed_utc) << 5
    } else {
        0
    };
    state as u8 | date
}

/// `second` or `date`.
pub fn precision_word(precision: Precision) -> &'static str {
    match precision {
        Precision::Second => "second",
        Precision::Date => "date",
    }
}

/// Stores what the registry knows of a provider's kind of token.
pub struct FactsTable<'t> {
    /// Facts that are shared are known by their place in memory, which stays theirs while they are held here.
    known: HashMap<*const SourcedFacts, (i64, Arc<SourcedFacts>)>,
    next: i64,
    insert: Statement<'t>,
    source: Statement<'t>,
}

impl<'t> FactsTable<'t> {
    pub fn new(connection: &'t Connection) -> rusqlite::Result<FactsTable<'t>> {
        let names = FACTS.map(|fact| fact.name).join(", ");
        let marks = vec!["?"; FACTS.len() + 2].join(", ");
        let insert = format!("INSERT INTO provider_facts (facts_key, provider_known, {names}) VALUES ({marks})");
        Ok(FactsTable {
            known: HashMap::new(),
            next: next_key(connection, "provider_facts", "facts_key")?,
            insert: connection.prepare(&insert)?,
            source: connection.prepare("INSERT INTO provider_fact_source (facts_key, fact, source) VALUES (?1, ?2, ?3)")?,
        })
    }

    pub fn key(&mut self, facts: Arc<SourcedFacts>) -> rusqlite::Result<i64> {
        let place = Arc::as_ptr(&facts);
        if let Some((key, _)) = self.known.get(&place) {
            return Ok(*key);
        }
        let key = self.next;
        self.next += 1;
        self.insert.raw_bind_parameter(1, key)?;
        self.insert.raw_bind_parameter(2, facts.facts.provider_known)?;
        for (index, fact) in FACTS.iter().enumerate() {
            match (fact.of)(&facts.facts) {
                Some(FactValue::Flag(flag)) => self.insert.raw_bind_parameter(index + 3, flag)?,
                Some(FactValue::Number(number)) => self.insert.raw_bind_parameter(index + 3, number)?,
                Some(FactValue::Word(word)) => self.insert.raw_bind_parameter(index + 3, word)?,
                None => self.insert.raw_bind_parameter(index + 3, Null)?,
            }
        }
        self.insert.raw_execute()?;
        for (fact, source) in &facts.sources {
            self.source.execute(params![key, fact, source])?;
        }
        self.known.insert(place, (key, facts));
        Ok(key)
    }
}

/// Stores the classes of tokens that overrides tell apart.
pub struct ClassTable<'t> {
    known: Keyed<String>,
    insert: Statement<'t>,
    run_key: i64,
}

impl<'t> ClassTable<'t> {
    pub fn new(connection: &'t Connection, run_key: i64) -> rusqlite::Result<ClassTable<'t>> {
        let insert = connection.prepare("INSERT INTO token_class (class_key, run_key, attributes) VALUES (?1, ?2, ?3)")?;
        let next = next_key(connection, "token_class", "class_key")?;
        Ok(ClassTable { known: Keyed::starting_at(next), insert, run_key })
    }

    pub fn key(&mut self, attributes: String) -> rusqlite::Result<i64> {
        if let Some(key) = self.known.get(&attributes) {
            return Ok(key);
        }
        let key = self.known.add(attributes.clone());
        self.insert.execute(params![key, self.run_key, attributes])?;
        Ok(key)
    }
}

/// The first free key of a table.
pub fn next_key(connection: &Connection, table: &str, column: &str) -> rusqlite::Result<i64> {
    connection.query_row(&format!("SELECT COALESCE(MAX({column}), 0) + 1 FROM {table}"), [], |row| row.get(0))
}
