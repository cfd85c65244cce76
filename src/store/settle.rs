//! What is known of a field only when every source is read: whether anything collects it, and whether silence was declared to
//! mean "none" (decisions, 11). Tokens that agree in their sources and states are settled together.

use super::registers::PurposeWord;
use super::run::OpenRun;
use super::states::ClassTable;
use crate::inventory::field::{FIELDS, Field};
use crate::inventory::record::State;
use rusqlite::{Connection, ToSql, params};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// Rules that reach beyond one record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// By source: fields that some record of its format states, so that a record without the key is empty there.
    pub collected: BTreeMap<i64, BTreeSet<Field>>,
    /// Lists of all affected tokens of an account: provider, account, and the fields for which every other token has none.
    pub complete: Vec<(String, String, Vec<Field>)>,
    /// Fields that the policy's overrides look at: a token whose field turns out to be collected is of another class.
    pub attributes: BTreeSet<Field>,
    /// One entry for each id of the purpose register.
    pub purposes: Vec<PurposeWord>,
}

impl Settlement {
    fn is_empty(&self) -> bool {
        self.collected.is_empty() && self.complete.is_empty()
    }
}

/// Applies the rules to the tokens of a run that is being loaded.
pub fn settle(connection: &Connection, run: &OpenRun, rules: &Settlement, classes: &mut ClassTable<'_>) -> rusqlite::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    if !rules.collected.is_empty() {
        collected(connection, run, rules, classes)?;
    }
    for (provider, account, fields) in &rules.complete {
        complete(connection, run, (provider, account, fields), rules, classes)?;
    }
    Ok(())
}

/// A field that a source of the token collects is empty where the record says nothing.
fn collected(connection: &Connection, run: &OpenRun, rules: &Settlement, classes: &mut ClassTable<'_>) -> rusqlite::Result<()> {
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
        if let Some((settled, changed)) = settled {
            let of_group = "token_key >= ?1 AND states_key = ?2 AND COALESCE(
                (SELECT group_concat(DISTINCT s.source_key) FROM token_source AS s WHERE s.token_key = token_record.token_key),
                CAST(source_key AS TEXT)) = ?3";
            let values: [&dyn ToSql; 3] = [&run.first_token_key, &states_key, &sources];
            reclass(connection, of_group, &values, &changed & &rules.attributes, classes)?;
            connection.execute(
                &format!("UPDATE token_record SET states_key = ?4 WHERE {of_group}"),
                params![run.first_token_key, states_key, sources, settled],
            )?;
        }
    }
    Ok(())
}

/// Gives tokens the class of those whose attributes are collected and empty.
fn reclass(
    connection: &Connection,
    which: &str,
    values: &[&dyn ToSql],
    attributes: BTreeSet<Field>,
    classes: &mut ClassTable<'_>,
) -> rusqlite::Result<()> {
    if attributes.is_empty() {
        return Ok(());
    }
    let text = format!(
        "SELECT class_key, attributes FROM token_class
         WHERE class_key IN (SELECT class_key FROM token_record WHERE {which}) ORDER BY class_key"
    );
    let mut statement = connection.prepare(&text)?;
    let found: Vec<(i64, String)> =
        statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (class_key, text) in found {
        let mut class: Map<String, Json> = serde_json::from_str(&text).unwrap_or_default();
        for field in &attributes {
            class.entry(field.name()).or_insert(Json::Null);
        }
        let new_key = classes.key(Json::Object(class).to_string())?;
        let mut all = values.to_vec();
        all.extend([&class_key as &dyn ToSql, &new_key]);
        let (old, new) = (all.len() - 1, all.len());
        let update = format!("UPDATE token_record SET class_key = ?{new} WHERE {which} AND class_key = ?{old}");
        connection.execute(&update, all.as_slice())?;
    }
    Ok(())
}

/// Tokens of the account that the list does not name have none.
fn complete(
    connection: &Connection,
    run: &OpenRun,
    (provider, account, fields): (&str, &str, &[Field]),
    rules: &Settlement,
    classes: &mut ClassTable<'_>,
) -> rusqlite::Result<()> {
    let of_account = "token_key >= ?1 AND provider = ?2 AND account = ?3";
    let mut statement =
        connection.prepare(&format!("SELECT DISTINCT states_key FROM token_record WHERE {of_account} ORDER BY 1"))?;
    let keys: Vec<i64> = statement
        .query_map(params![run.first_token_key, provider, account], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let fields: BTreeSet<Field> = fields.iter().copied().collect();
    for states_key in keys {
        let silent = |state| matches!(state, State::NotCollected | State::Empty);
        if let Some((settled, changed)) = replaced(connection, states_key, &fields, State::None, silent)? {
            let of_states = format!("{of_account} AND states_key = ?4");
            let values: [&dyn ToSql; 4] = [&run.first_token_key, &provider, &account, &states_key];
            reclass(connection, &of_states, &values, &changed & &rules.attributes, classes)?;
            connection.execute(
                &format!("UPDATE token_record SET states_key = ?4 WHERE {of_account} AND states_key = ?5"),
                params![run.first_token_key, provider, account, settled, states_key],
            )?;
        }
    }
    Ok(())
}

/// A copy of a combination of states in which the given fields have another state wherever `from` holds, and the fields that changed;
/// none if nothing changes.
fn replaced(
    connection: &Connection,
    states_key: i64,
    fields: &BTreeSet<Field>,
    to: State,
    from: impl Fn(State) -> bool,
) -> rusqlite::Result<Option<(i64, BTreeSet<Field>)>> {
    let states: Vec<String> = FIELDS.iter().map(|spec| format!("{}_state", spec.field.column())).collect();
    let mut statement =
        connection.prepare_cached(&format!("SELECT {} FROM field_states WHERE states_key = ?1", states.join(", ")))?;
    let changes: Vec<(Field, &String)> = statement.query_row([states_key], |row| {
        let mut changes = Vec::new();
        for (index, (spec, column)) in FIELDS.iter().zip(&states).enumerate() {
            let word: String = row.get(index)?;
            let state = State::ALL.into_iter().find(|state| state.word() == word).unwrap_or_default();
            if fields.contains(&spec.field) && from(state) {
                changes.push((spec.field, column));
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
            name if changes.iter().any(|(_, change)| *change == name) => format!("'{}'", to.word()),
            name => name.to_owned(),
        })
        .collect();
    let insert = format!(
        "INSERT INTO field_states ({}) SELECT {} FROM field_states WHERE states_key = ?1 RETURNING states_key",
        names.join(", "),
        copied.join(", ")
    );
    let settled = connection.query_row(&insert, [states_key], |row| row.get(0))?;
    Ok(Some((settled, changes.into_iter().map(|(field, _)| field).collect())))
}
