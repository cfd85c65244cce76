//! What is known of a field only when every source is read: whether anything collects it, and whether silence was declared to
//! mean "none" (decisions, 11). Tokens that agree in their sources and states are settled together.

use super::run::OpenRun;
use crate::inventory::field::{FIELDS, Field};
use crate::inventory::record::State;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// Rules that reach beyond one record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// By source: fields that some record of its format states, so that a record without the key is empty there.
    pub collected: BTreeMap<i64, BTreeSet<Field>>,
    /// Lists of all affected tokens of an account: provider, account, and the fields for which every other token has none.
    pub complete: Vec<(String, String, Vec<Field>)>,
}

impl Settlement {
    fn is_empty(&self) -> bool {
        self.collected.is_empty() && self.complete.is_empty()
    }
}

/// Applies the rules to the tokens of a run that is being loaded.
pub fn settle(connection: &Connection, run: &OpenRun, rules: &Settlement) -> rusqlite::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    if !rules.collected.is_empty() {
        collected(connection, run, rules)?;
    }
    for (provider, account, fields) in &rules.complete {
        complete(connection, run, provider, account, fields)?;
    }
    Ok(())
}

/// A field that a source of the token collects is empty where the record says nothing.
fn collected(connection: &Connection, run: &OpenRun, rules: &Settlement) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT DISTINCT t.states_key, COALESCE(
             (SELECT group_concat(DISTINCT s.source_key) FROM token_source AS s WHERE s.token_key = t.token_key),
             CAST(t.source_key AS TEXT)) AS sources
         FROM token_record AS t WHERE t.token_key >= ?1 ORDER BY 1, 2",
    )?;
    let groups: Vec<(i64, String)> =
        statement.query_map([run.first_token_key], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (states_key, sources) in groups {
        let keys = sources.split(',').filter_map(|key| key.parse::<i64>().ok());
        let fields: BTreeSet<Field> = keys.filter_map(|key| rules.collected.get(&key)).flatten().copied().collect();
        let settled = replaced(connection, states_key, &fields, State::Empty, |state| state == State::NotCollected)?;
        if let Some(settled) = settled {
            connection.execute(
                "UPDATE token_record SET states_key = ?1 WHERE token_key >= ?2 AND states_key = ?3 AND COALESCE(
                     (SELECT group_concat(DISTINCT s.source_key) FROM token_source AS s WHERE s.token_key = token_record.token_key),
                     CAST(source_key AS TEXT)) = ?4",
                params![settled, run.first_token_key, states_key, sources],
            )?;
        }
    }
    Ok(())
}

/// Tokens of the account that the list does not name have none.
fn complete(connection: &Connection, run: &OpenRun, provider: &str, account: &str, fields: &[Field]) -> rusqlite::Result<()> {
    let of_account = "token_key >= ?1 AND provider = ?2 AND account = ?3";
    let mut statement =
        connection.prepare(&format!("SELECT DISTINCT states_key FROM token_record WHERE {of_account} ORDER BY 1"))?;
    let keys: Vec<i64> = statement
        .query_map(params![run.first_token_key, provider, account], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let fields: BTreeSet<Field> = fields.iter().copied().collect();
    for states_key in keys {
        let silent = |state| matches!(state, State::NotCollected | State::Empty);
        if let Some(settled) = replaced(connection, states_key, &fields, State::None, silent)? {
            connection.execute(
                &format!("UPDATE token_record SET states_key = ?4 WHERE {of_account} AND states_key = ?5"),
                params![run.first_token_key, provider, account, settled, states_key],
            )?;
        }
    }
    Ok(())
}

/// A copy of a combination of states in which the given fields have another state wherever `from` holds; none if nothing changes.
fn replaced(
    connection: &Connection,
    states_key: i64,
    fields: &BTreeSet<Field>,
    to: State,
    from: impl Fn(State) -> bool,
) -> rusqlite::Result<Option<i64>> {
    let states: Vec<String> = FIELDS.iter().map(|spec| format!("{}_state", spec.field.column())).collect();
    let mut statement =
        connection.prepare_cached(&format!("SELECT {} FROM field_states WHERE states_key = ?1", states.join(", ")))?;
    let changes: Vec<&String> = statement.query_row([states_key], |row| {
        let mut changes = Vec::new();
        for (index, (spec, column)) in FIELDS.iter().zip(&states).enumerate() {
            let word: String = row.get(index)?;
            let state = State::ALL.into_iter().find(|state| state.word() == word).unwrap_or_default();
            if fields.contains(&spec.field) && from(state) {
                changes.push(column);
            }
        }
        Ok(changes)
    })?;
    if changes.is_empty() {
        return Ok(None);
    }
    let mut columns = connection.prepare_cached("SELECT name FROM pragma_table_info('field_states')")?;
    let names: Vec<String> = columns.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let copied: Vec<String> = names
        .iter()
        .map(|name| match name.as_str() {
            "states_key" => "(SELECT MAX(states_key) + 1 FROM field_states)".to_owned(),
            name if changes.iter().any(|change| *change == name) => format!("'{}'", to.word()),
            name => name.to_owned(),
        })
        .collect();
    let insert = format!(
        "INSERT INTO field_states ({}) SELECT {} FROM field_states WHERE states_key = ?1 RETURNING states_key",
        names.join(", "),
        copied.join(", ")
    );
    connection.query_row(&insert, [states_key], |row| row.get(0)).map(Some)
}
