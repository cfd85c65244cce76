//! Reading a stored token back as a canonical record, for joining it with what another source says.

use super::lists::item_table;
use super::states::{is_date, is_list};
use crate::inventory::field::{FIELDS, Field, Kind, Part, PartKind};
use crate::inventory::record::{Cell, Date, Item, Precision, Problem, ProblemKind, Record, Scope, ScopeClass, State, Value};
use rusqlite::{Connection, Row, Statement};
use std::collections::BTreeMap;

/// Reads stored tokens back; its columns are looked up once.
#[derive(Debug)]
pub struct Recall<'t> {
    connection: &'t Connection,
    token: Statement<'t>,
}

impl<'t> Recall<'t> {
    pub fn new(connection: &'t Connection) -> rusqlite::Result<Recall<'t>> {
        let mut columns = ["t.line", "t.source_key", "t.tags_list", "t.identity"].map(str::to_owned).to_vec();
        for spec in FIELDS {
            let column = spec.field.column();
            let list = if is_list(spec.kind) { "_list" } else { "" };
            columns.extend([format!("s.{column}_state"), format!("t.{column}{list}")]);
            if is_date(spec.kind) {
                columns.extend([format!("s.{column}_precision"), format!("s.{column}_assumed_utc")]);
            }
        }
        let text = format!(
            "SELECT {} FROM token_record AS t JOIN field_states AS s USING (states_key) WHERE t.token_key = ?1",
            columns.join(", ")
        );
        Ok(Recall { connection, token: connection.prepare(&text)? })
    }

    /// The record of a token as it was loaded, and the key of its source.
    pub fn record(&mut self, token_key: i64) -> rusqlite::Result<(Record, i64)> {
        let connection = self.connection;
        self.token.query_row([token_key], |row| {
            let mut record = Record::new(row.get(0)?);
            if let Some(list_key) = row.get::<_, Option<i64>>(2)? {
                record.tags = pairs(connection, "SELECT name, value FROM tag_entry WHERE list_key = ?1", list_key)?;
            }
            record.identity = row.get(3)?;
            let mut column = 4;
            for spec in FIELDS {
                record.set(spec.field, cell(connection, row, column, spec.field, spec.kind)?);
                column += if is_date(spec.kind) { 4 } else { 2 };
            }
            record.problems = problems(connection, token_key)?;
            Ok((record, row.get(1)?))
        })
    }
}

/// Reads a field whose state stands in `column`, with the value behind it.
fn cell(connection: &Connection, row: &Row<'_>, column: usize, field: Field, kind: Kind) -> rusqlite::Result<Cell> {
    let state = state(row.get_ref(column)?.as_str()?);
    if state != State::Value {
        return Ok(Cell::of(state));
    }
    let list = || row.get::<_, i64>(column + 1);
    let value = match kind {
        Kind::Text | Kind::Word(_) => Value::Text(row.get(column + 1)?),
        Kind::Count => Value::Count(row.get(column + 1)?),
        Kind::PastDate | Kind::AnyDate => Value::Date(Date {
            seconds: row.get(column + 1)?,
            precision: precision(row.get_ref(column + 2)?.as_str_or_null()?),
            assumed_utc: row.get(column + 3)?,
        }),
        Kind::Words => Value::Words(words(connection, list()?)?),
        Kind::Scopes => Value::Scopes(scopes(connection, list()?)?),
        Kind::Dates => Value::Dates(dates(connection, list()?)?),
        Kind::Items(parts) => Value::Items(items(connection, field, parts, list()?)?),
    };
    Ok(Cell::value(value))
}

fn state(word: &str) -> State {
    State::ALL.into_iter().find(|state| state.word() == word).unwrap_or_default()
}

fn precision(word: Option<&str>) -> Precision {
    if word == Some("date") { Precision::Date } else { Precision::Second }
}

fn words(connection: &Connection, list_key: i64) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached("SELECT text FROM text_entry WHERE list_key = ?1 ORDER BY position")?;
    statement.query_map([list_key], |row| row.get(0))?.collect()
}

fn scopes(connection: &Connection, list_key: i64) -> rusqlite::Result<Vec<Scope>> {
    let text = "SELECT scope, class FROM scope_entry WHERE list_key = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(text)?;
    let scope = |row: &Row<'_>| {
        let class: Option<String> = row.get(1)?;
        Ok(Scope { name: row.get(0)?, class: class.as_deref().and_then(ScopeClass::parse) })
    };
    statement.query_map([list_key], scope)?.collect()
}

fn dates(connection: &Connection, list_key: i64) -> rusqlite::Result<BTreeMap<String, Date>> {
    let mut statement = connection.prepare_cached("SELECT name, at, precision FROM date_entry WHERE list_key = ?1")?;
    let entry = |row: &Row<'_>| {
        let word: String = row.get(2)?;
        Ok((row.get(0)?, Date { seconds: row.get(1)?, precision: precision(Some(&word)), assumed_utc: false }))
    };
    statement.query_map([list_key], entry)?.collect()
}

fn pairs(connection: &Connection, text: &str, list_key: i64) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare_cached(text)?;
    statement.query_map([list_key], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn items(connection: &Connection, field: Field, parts: &[Part], list_key: i64) -> rusqlite::Result<Vec<Item>> {
    let Some(table) = item_table(field) else { return Ok(Vec::new()) };
    let text = format!("SELECT * FROM {table} WHERE list_key = ?1 ORDER BY position");
    let mut statement = connection.prepare_cached(&text)?;
    statement.query_map([list_key], |row| item(connection, row, parts))?.collect()
}

fn item(connection: &Connection, row: &Row<'_>, parts: &[Part]) -> rusqlite::Result<Item> {
    let mut cells = Vec::with_capacity(parts.len());
    for part in parts {
        let stated = || row.get::<_, String>(format!("{}_state", part.name).as_str()).map(|word| state(&word));
        cells.push(match part.kind {
            PartKind::Text | PartKind::Word | PartKind::Environment | PartKind::Flag => {
                match row.get::<_, Option<String>>(part.name)? {
                    Some(text) => Cell::value(Value::Text(text)),
                    None => Cell::of(State::Empty),
                }
            }
            PartKind::PastDate => match row.get::<_, Option<i64>>(part.name)? {
                Some(seconds) => {
                    let word: Option<String> = row.get(format!("{}_precision", part.name).as_str())?;
                    Cell::value(Value::Date(Date { seconds, precision: precision(word.as_deref()), assumed_utc: false }))
                }
                None => Cell::of(stated()?),
            },
            PartKind::Words => match row.get::<_, Option<i64>>(format!("{}_list", part.name).as_str())? {
                Some(list_key) => Cell::value(Value::Words(words(connection, list_key)?)),
                None => Cell::of(stated()?),
            },
        });
    }
    Ok(Item { parts: cells })
}

fn problems(connection: &Connection, token_key: i64) -> rusqlite::Result<Vec<Problem>> {
    let text = "SELECT field, kind, text FROM field_problem WHERE token_key = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(text)?;
    let problem = |row: &Row<'_>| {
        let word: String = row.get(1)?;
        let kind = ProblemKind::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(ProblemKind::Unreadable);
        Ok(Problem { field: row.get(0)?, kind, text: row.get(2)? })
    };
    statement.query_map([token_key], problem)?.collect()
}
