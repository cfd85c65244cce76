//! Tokens that an older export lists and the newer one of the same kind does not.
//!
//! They stay in the inventory: nothing says that they were revoked, and dropping them would hide a token that somebody took off a list.
//! Each is noted, so that an auditor can ask what became of it. A newer file speaks only for the accounts that it lists, and one whose
//! pages are not all there speaks for none: a token that is missing from it may be on the next page.

use super::StoredSource;
use super::run::OpenRun;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// Files of one export with different dates.
struct Series<'s> {
    newest: Vec<&'s StoredSource>,
    older: Vec<&'s StoredSource>,
}

/// Writes a row `not-in-newer` for each such token.
pub fn note(connection: &Connection, run: &OpenRun, sources: &[StoredSource]) -> rusqlite::Result<()> {
    for series in all_series(sources) {
        let (spoken_for, empty) = spoken_for(connection, run, &series)?;
        let Some(newer) = series.newest.first() else { continue };
        let name: String =
            connection.query_row("SELECT name FROM run_source WHERE source_key = ?1", [newer.source_key], |row| row.get(0))?;
        let reason = format!("the newer export `{name}` does not list the token");
        let mut insert = connection.prepare_cached(
            "INSERT INTO run_row (run_key, source_key, line, outcome, reason, token_key) VALUES (?1, ?2, ?3, 'not-in-newer', ?4, ?5)",
        )?;
        let mut missing: BTreeMap<i64, u64> = BTreeMap::new();
        for listed in listed_by(connection, run, &series.older)? {
            if empty || spoken_for.contains(&listed.account) {
                insert.execute(params![run.run_key, listed.source_key, listed.line, reason, listed.token_key])?;
                *missing.entry(listed.source_key).or_default() += 1;
            }
        }
        for source in &series.older {
            tell(connection, source.source_key, missing.get(&source.source_key).copied(), &name)?;
        }
    }
    Ok(())
}

/// Says of an older file what became of its tokens.
fn tell(connection: &Connection, source_key: i64, missing: Option<u64>, newer: &str) -> rusqlite::Result<()> {
    let sentence = match missing {
        Some(1) => format!("1 token of it is missing from the newer export `{newer}`; it still counts"),
        Some(count) => format!("{count} tokens of it are missing from the newer export `{newer}`; they still count"),
        None => {
            let superseded: bool = connection.query_row(
                "SELECT s.records > 0 AND s.records =
                     (SELECT count(*) FROM run_row AS r WHERE r.source_key = s.source_key AND r.outcome = 'superseded'
                      AND r.run_key = s.run_key)
                 FROM run_source AS s WHERE s.source_key = ?1",
                [source_key],
                |row| row.get(0),
            )?;
            if !superseded {
                return Ok(());
            }
            "newer exports state every token of it".to_owned()
        }
    };
    let update = "UPDATE run_source SET problems = json_insert(problems, '$[#]', ?2) WHERE source_key = ?1";
    connection.execute(update, params![source_key, sentence]).map(drop)
}

fn all_series(sources: &[StoredSource]) -> Vec<Series<'_>> {
    let mut exports: BTreeMap<&str, Vec<&StoredSource>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.word.exported_at.is_some()) {
        exports.entry(&source.word.export).or_default().push(source);
    }
    let series = exports.into_values().filter_map(|files| {
        let newest = files.iter().map(|file| file.word.exported_at).max()?;
        let (newest, older): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.word.exported_at == newest);
        (!older.is_empty()).then_some(Series { newest, older })
    });
    series.collect()
}

/// Provider and account.
type Account = (Option<String>, Option<String>);

/// The accounts that the newest files list; true if one of them is whole and lists nothing, which speaks for every account.
fn spoken_for(connection: &Connection, run: &OpenRun, series: &Series<'_>) -> rusqlite::Result<(BTreeSet<Account>, bool)> {
    let mut whole = Vec::new();
    let mut empty = false;
    for source in &series.newest {
        let (paging, rows): (String, u64) = connection.query_row(
            "SELECT paging, rows_read FROM run_source WHERE source_key = ?1",
            [source.source_key],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if paging != "incomplete" {
            whole.push(*source);
            empty |= rows == 0;
        }
    }
    Ok((listed_by(connection, run, &whole)?.into_iter().map(|listed| listed.account).collect(), empty))
}

struct Listed {
    token_key: i64,
    source_key: i64,
    line: u64,
    account: Account,
}

/// The tokens that these sources state, whose word was not superseded.
fn listed_by(connection: &Connection, run: &OpenRun, sources: &[&StoredSource]) -> rusqlite::Result<Vec<Listed>> {
    let keys: Vec<i64> = sources.iter().map(|source| source.source_key).collect();
    let keys = serde_json::to_string(&keys).unwrap_or_default();
    let mut statement = connection.prepare_cached(
        "SELECT t.token_key, s.source_key, s.line, t.provider, t.account
         FROM (SELECT token_key, source_key, line FROM token_source WHERE token_key >= ?1
               UNION SELECT token_key, source_key, line FROM token_record WHERE token_key >= ?1) AS s
         JOIN token_record AS t ON t.token_key = s.token_key
         WHERE s.source_key IN (SELECT value FROM json_each(?2))
         ORDER BY 1, 2, 3",
    )?;
    let rows = statement.query_map(params![run.first_token_key, keys], |row| {
        let account = (row.get(3)?, row.get(4)?);
        Ok(Listed { token_key: row.get(0)?, source_key: row.get(1)?, line: row.get(2)?, account })
    })?;
    rows.collect()
}
