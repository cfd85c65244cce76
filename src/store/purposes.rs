//! The purpose register merged into the tokens that name one of its purposes.
//!
//! The token's own value goes before that of the register, and a difference is listed as a contradiction (decisions, 10). It happens
//! after joining, because any source of a token may state the value that the register would fill in.

use super::Settlement;
use super::load::Loader;
use super::recall::Recall;
use super::registers::PurposeWord;
use crate::inventory::field::Field;
use crate::inventory::join::{contradict, spell};
use crate::inventory::record::{Cell, Record, State, Value};
use rusqlite::params;
use std::collections::HashMap;

/// Fields that a purpose can fill.
const FIELDS: [Field; 5] =
    [Field::Purpose, Field::PurposeStatus, Field::PurposeEndsAt, Field::ScopesRequired, Field::AuthorizedReaders];

impl Loader<'_> {
    pub(super) fn complete_purposes(&mut self, settlement: &Settlement) -> rusqlite::Result<()> {
        if settlement.purposes.is_empty() {
            return Ok(());
        }
        let connection = self.connection;
        let by_id: HashMap<&str, (&PurposeWord, [Cell; 5])> =
            settlement.purposes.iter().map(|word| (word.purpose.purpose_id.as_str(), (word, cells(word)))).collect();
        let mut recall = Recall::new(connection)?;
        let named: Vec<(i64, String, i64)> = {
            let mut statement = connection.prepare(
                "SELECT token_key, purpose_id, source_count FROM token_record
                 WHERE token_key >= ?1 AND purpose_id IS NOT NULL ORDER BY token_key",
            )?;
            let rows = statement.query_map([self.run.first_token_key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        for (token_key, purpose_id, source_count) in named {
            let Some((word, cells)) = by_id.get(purpose_id.as_str()) else { continue };
            let (mut record, _) = recall.record(token_key)?;
            let mut filled = Vec::new();
            for (field, cell) in FIELDS.into_iter().zip(cells).filter(|(_, cell)| cell.state >= State::None) {
                let own = record.get(field);
                let replaces = cell.state > own.state;
                if contradict(field, own, cell) {
                    let (used, other) = if replaces { (cell, own) } else { (own, cell) };
                    self.note_difference(token_key, field, (used, other), word.source_key, replaces)?;
                }
                if replaces {
                    record.set(field, cell.clone());
                    filled.push(field);
                }
            }
            if !filled.is_empty() {
                self.rewrite(token_key, &record)?;
                self.note_source(token_key, &filled, word.source_key.filter(|_| source_count > 1))?;
            }
            self.commit_now_and_then()?;
        }
        Ok(())
    }

    /// Lists that token and register differ; whoever is not a file of the run is named by what it is.
    fn note_difference(
        &self,
        token_key: i64,
        field: Field,
        (used, other): (&Cell, &Cell),
        register: Option<i64>,
        register_is_used: bool,
    ) -> rusqlite::Result<()> {
        let mut own = self.connection.prepare_cached(
            "SELECT COALESCE((SELECT source_key FROM field_source WHERE token_key = ?1 AND field = ?2), source_key)
             FROM token_record WHERE token_key = ?1",
        )?;
        let own: i64 = own.query_row(params![token_key, field.name()], |row| row.get(0))?;
        let sources = if register_is_used { (register.unwrap_or(own), Some(own)) } else { (own, register) };
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO field_contradiction (token_key, field, used, used_source_key, other, other_source_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        insert.execute(params![token_key, field.name(), spell(used), sources.0, spell(other), sources.1]).map(drop)
    }

    fn note_source(&self, token_key: i64, fields: &[Field], register: Option<i64>) -> rusqlite::Result<()> {
        let Some(register) = register else { return Ok(()) };
        let mut statement = self
            .connection
            .prepare_cached("INSERT OR REPLACE INTO field_source (token_key, field, source_key) VALUES (?1, ?2, ?3)")?;
        for field in fields {
            statement.execute(params![token_key, field.name(), register])?;
        }
        Ok(())
    }

    /// Stores what a purpose can change of a token, and the class that it then has.
    fn rewrite(&mut self, token_key: i64, record: &Record) -> rusqlite::Result<()> {
        let (states_key, class_key) = (self.states.key(record)?, self.classes.key(self.extras.class(record))?);
        let list = |lists: &mut super::lists::Lists<'_>, field| lists.store(field, record.get(field));
        let scopes = list(&mut self.lists, Field::ScopesRequired)?;
        let readers = list(&mut self.lists, Field::AuthorizedReaders)?;
        let mut update = self.connection.prepare_cached(
            "UPDATE token_record SET states_key = ?2, class_key = ?3, purpose = ?4, purpose_status = ?5, purpose_ends_at = ?6,
                 scopes_required_list = ?7, authorized_readers_list = ?8
             WHERE token_key = ?1",
        )?;
        let ends_at = record.get(Field::PurposeEndsAt).as_date().map(|date| date.seconds);
        update
            .execute(params![
                token_key,
                states_key,
                class_key,
                record.text(Field::Purpose),
                record.text(Field::PurposeStatus),
                ends_at,
                scopes,
                readers
            ])
            .map(drop)
    }
}

/// What a purpose says of each of [`FIELDS`]; a list without entries says that there is none.
fn cells(word: &PurposeWord) -> [Cell; 5] {
    let purpose = &word.purpose;
    let text = |text: &Option<String>| text.as_deref().map_or_else(Cell::default, Cell::text);
    let words = |words: &Option<Vec<String>>| match words {
        None => Cell::default(),
        Some(words) if words.is_empty() => Cell::of(State::None),
        Some(words) => Cell::value(Value::Words(words.clone())),
    };
    [
        text(&purpose.text),
        text(&purpose.status),
        purpose.ends_at.map_or_else(Cell::default, |date| Cell::value(Value::Date(date))),
        words(&purpose.scopes_required),
        words(&purpose.authorized_readers),
    ]
}
