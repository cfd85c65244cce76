//! Facts of an identity whose secrets come from several files, counted again over all of them (decisions, 25).
//!
//! An adapter counts the secrets of a user or application within its file. A page, a second format or an older export of the same kind
//! may hold more of them, or other values; only the joined tokens tell. Decision 9 holds for identities as for tokens: where a newer
//! file of an export lists an identity, secrets that only an older one lists do not count.

use super::StoredSource;
use super::lists::Lists;
use super::recall::Recall;
use super::run::OpenRun;
use super::states::StatesTable;
use crate::inventory::field::Field;
use crate::inventory::identity::active_and_all;
use crate::inventory::join::UNSTATED;
use crate::inventory::record::{Cell, Record, State, Value};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// A token of an identity.
struct Member {
    token_key: i64,
    record: Record,
    /// Keys of the sources that were heard.
    sources: Vec<i64>,
}

/// Counts the secrets of every identity that more than one file states.
pub fn count_again(
    connection: &Connection,
    run: &OpenRun,
    sources: &[StoredSource],
    states: &mut StatesTable<'_>,
    lists: &mut Lists<'_>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "WITH several AS (
             SELECT provider, kind, identity FROM token_record
             WHERE token_key >= ?1 AND identity IS NOT NULL
             GROUP BY provider, kind, identity
             HAVING count(DISTINCT source_key) > 1 OR max(source_count) > 1
         )
         SELECT t.token_key, t.provider, t.kind, t.identity
         FROM several AS s
         JOIN token_record AS t ON t.provider IS s.provider AND t.kind IS s.kind AND t.identity = s.identity
         WHERE t.token_key >= ?1
         ORDER BY t.provider, t.kind, t.identity, t.token_key",
    )?;
    let mut recall = Recall::new(connection)?;
    let mut rows = statement.query([run.first_token_key])?;
    let mut current: Option<[Option<String>; 3]> = None;
    let mut members: Vec<Member> = Vec::new();
    while let Some(row) = rows.next()? {
        let identity = Some([row.get(1)?, row.get(2)?, row.get(3)?]);
        if identity != current {
            count(connection, std::mem::take(&mut members), sources, states, lists)?;
            current = identity;
        }
        members.push(member(connection, &mut recall, row.get(0)?)?);
    }
    count(connection, members, sources, states, lists)
}

fn member(connection: &Connection, recall: &mut Recall<'_>, token_key: i64) -> rusqlite::Result<Member> {
    let (record, source_key) = recall.record(token_key)?;
    let mut statement = connection.prepare_cached("SELECT DISTINCT source_key FROM token_source WHERE token_key = ?1")?;
    let mut sources: Vec<i64> = statement.query_map([token_key], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if sources.is_empty() {
        sources.push(source_key);
    }
    Ok(Member { token_key, record, sources })
}

fn count(
    connection: &Connection,
    members: Vec<Member>,
    sources: &[StoredSource],
    states: &mut StatesTable<'_>,
    lists: &mut Lists<'_>,
) -> rusqlite::Result<()> {
    let mut update = connection.prepare_cached(
        "UPDATE token_record SET states_key = ?2, active_secret_count = ?3, secrets_list = ?4 WHERE token_key = ?1",
    )?;
    for group in by_account(members) {
        let (active, secrets) = {
            let current = current(&group, sources);
            active_and_all(current.map(|member| (member.record.get(Field::CreatedAt), member.record.get(Field::State))))
        };
        for mut member in group {
            // A source that knows of more secrets than it lists leaves the number open, unless several are active anyhow.
            let is_open = member.record.get(Field::ActiveSecretCount).state == State::Empty
                && member.record.get(Field::State).state == State::Value;
            let count = active.filter(|active| !is_open || *active > 1);
            let cell = count.map_or_else(|| Cell::of(State::Empty), |count| Cell::value(Value::Count(count)));
            member.record.set(Field::ActiveSecretCount, cell);
            member.record.set(Field::Secrets, Cell::value(Value::Items(secrets.clone())));
            let list = lists.store(Field::Secrets, member.record.get(Field::Secrets))?;
            update.execute(params![member.token_key, states.key(&member.record)?, count, list])?;
        }
    }
    Ok(())
}

/// One group for each account; secrets whose source states no account belong to the only one there is (decisions, 8).
fn by_account(members: Vec<Member>) -> Vec<Vec<Member>> {
    let mut accounts: BTreeMap<Option<String>, Vec<Member>> = BTreeMap::new();
    for member in members {
        let account = member.record.text(Field::Account).filter(|account| *account != UNSTATED).map(str::to_owned);
        accounts.entry(account).or_default().push(member);
    }
    if accounts.len() == 2
        && let Some(unstated) = accounts.remove(&None)
        && let Some(only) = accounts.values_mut().next()
    {
        only.extend(unstated);
    }
    accounts.into_values().collect()
}

/// The members that are not only in an older file of an export whose newer file lists the identity too.
fn current<'m>(members: &'m [Member], sources: &'m [StoredSource]) -> impl Iterator<Item = &'m Member> {
    let word = |key: i64| sources.iter().find(|source| source.source_key == key).map(|source| &source.word);
    let mut newest: BTreeMap<&str, i64> = BTreeMap::new();
    for word in members.iter().flat_map(|member| &member.sources).filter_map(|key| word(*key)) {
        if let Some(at) = word.exported_at {
            let newest = newest.entry(&word.export).or_insert(at);
            *newest = at.max(*newest);
        }
    }
    members.iter().filter(move |member| {
        member.sources.iter().any(|key| {
            let Some(word) = word(*key) else { return true };
            word.exported_at.is_none_or(|at| newest.get(word.export.as_str()).is_none_or(|newest| at >= *newest))
        })
    })
}
