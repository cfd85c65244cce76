//! Results of checks: written while the checks run, read back for the report.

use super::{OpenRun, Store, StoreError};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;

/// One stored result, or a blanket entry that stands for many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRow {
    pub check_id: String,
    /// None for a blanket entry and where the subject is a source.
    pub token_key: Option<i64>,
    pub source_key: Option<i64>,
    /// Words of the catalogue, section 1.
    pub result: &'static str,
    pub plain_result: &'static str,
    pub reason: String,
    pub basis: String,
    /// JSON object.
    pub evidence: String,
    pub waiver: Option<String>,
    pub blanket: bool,
    pub count: u64,
}

/// Numbers of results of one check for one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultCount {
    pub check_id: String,
    pub source_key: i64,
    pub result: &'static str,
    pub plain_result: &'static str,
    pub count: u64,
}

/// A check as it was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRecord {
    pub position: usize,
    pub check_id: String,
    pub severity: String,
    pub selected: bool,
    /// JSON object of what was bound.
    pub parameters: String,
    pub sql: String,
}

/// Writes the results of one run, in one transaction.
#[derive(Debug)]
pub struct ResultWriter<'s> {
    store: &'s Store,
    run_key: i64,
}

/// A result with what identifies its subject, for the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    pub row: StoredResult,
    /// For [`Store::value_sources`]; none for a blanket entry.
    pub token_key: Option<i64>,
    /// Names of the sources that list the subject, the strongest word first.
    pub sources: Vec<String>,
    pub token: Option<TokenAttributes>,
    /// Where the fact comes from that the evidence names as `fact`.
    pub fact_source: Option<String>,
}

/// A stored result as text, as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResult {
    pub check_id: String,
    pub result: String,
    pub plain_result: String,
    pub reason: String,
    pub basis: String,
    pub evidence: String,
    pub waiver: Option<String>,
    pub blanket: bool,
    pub count: u64,
}

/// What names a token to people, and what waivers select by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenAttributes {
    pub provider: Option<String>,
    pub account: Option<String>,
    pub token_id: Option<String>,
    pub name: Option<String>,
    pub owner: Option<String>,
    pub environment: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// Names of the files that list it.
    pub sources: Vec<String>,
}

impl Store {
    /// The source of each token of a run: one entry for each key from the first on, 0 where there is no token that is judged.
    pub fn token_sources(&self, run: &OpenRun) -> Result<Vec<i64>, StoreError> {
        let read = || -> rusqlite::Result<Vec<i64>> {
            let mut sources = Vec::new();
            let mut statement = self.connection.prepare(
                "SELECT token_key - ?1, CASE WHEN not_yet_existing THEN -source_key ELSE source_key END
                 FROM token_record WHERE token_key >= ?1 ORDER BY token_key",
            )?;
            let mut rows = statement.query([run.first_token_key])?;
            while let Some(row) = rows.next()? {
                let place: usize = row.get(0)?;
                sources.resize(place, 0);
                sources.push(row.get(1)?);
            }
            Ok(sources)
        };
        read().map_err(|source| self.error(source))
    }

    /// The places of the tokens of each provider among those that are judged, counted from the first key of the run.
    pub fn tokens_of_providers(&self, run: &OpenRun, providers: &[String]) -> Result<Vec<Vec<usize>>, StoreError> {
        let read = |provider: &String| -> rusqlite::Result<Vec<usize>> {
            let mut statement = self.connection.prepare_cached(
                "SELECT token_key - ?1 FROM token_record
                 WHERE token_key >= ?1 AND provider = ?2 AND not_yet_existing = 0 ORDER BY token_key",
            )?;
            statement.query_map(params![run.first_token_key, provider], |row| row.get(0))?.collect()
        };
        providers.iter().map(|provider| read(provider).map_err(|source| self.error(source))).collect()
    }

    /// Records the checks of a run: what was bound and the text that decides, for whoever re-runs it.
    pub fn add_checks(&self, run: &OpenRun, checks: &[CheckRecord]) -> Result<(), StoreError> {
        let write = || -> rusqlite::Result<()> {
            let transaction = self.connection.unchecked_transaction()?;
            let mut insert = transaction.prepare(
                "INSERT INTO run_check (run_key, position, check_id, severity, selected, parameters, sql)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for check in checks {
                insert.execute(params![
                    run.run_key,
                    check.position,
                    check.check_id,
                    check.severity,
                    check.selected,
                    check.parameters,
                    check.sql
                ])?;
            }
            drop(insert);
            transaction.commit()
        };
        write().map_err(|source| self.error(source))
    }

    /// Starts writing results.
    pub fn result_writer(&self, run: &OpenRun) -> Result<ResultWriter<'_>, StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|source| self.error(source))?;
        Ok(ResultWriter { store: self, run_key: run.run_key })
    }

    /// Hands over the results of one check with one result word, sorted by provider, account, token id and name.
    pub fn findings(
        &self,
        run: &OpenRun,
        check_id: &str,
        result: &str,
        limit: u64,
        each: &mut dyn FnMut(StoredFinding),
    ) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(FINDINGS)?;
            let mut rows = statement.query(params![run.run_key, check_id, result, limit])?;
            while let Some(row) = rows.next()? {
                each(finding(&self.connection, row)?);
            }
            Ok(())
        };
        read().map_err(|source| self.error(source))
    }

    /// Hands over each token's key and what groups are made of: provider, account, owner, environment.
    pub fn token_groups(&self, run: &OpenRun, each: &mut dyn FnMut(i64, GroupKey<'_>)) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(
                "SELECT token_key, provider, account, owner, environment, not_yet_existing
                 FROM token_record WHERE token_key >= ?1 ORDER BY token_key",
            )?;
            let mut rows = statement.query([run.first_token_key])?;
            while let Some(row) = rows.next()? {
                let text = |column: usize| row.get_ref(column).ok().and_then(|value| value.as_str().ok());
                let group = GroupKey {
                    provider: text(1),
                    account: text(2),
                    owner: text(3),
                    environment: text(4),
                    not_yet_existing: row.get(5)?,
                };
                each(row.get(0)?, group);
            }
            Ok(())
        };
        read().map_err(|source| self.error(source))
    }
}

/// What tokens are grouped by in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey<'a> {
    pub provider: Option<&'a str>,
    pub account: Option<&'a str>,
    pub owner: Option<&'a str>,
    pub environment: Option<&'a str>,
    pub not_yet_existing: bool,
}

const FINDINGS: &str = include_str!("../../queries/report/findings.sql");

fn finding(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<StoredFinding> {
    let token_key: Option<i64> = row.get("token_key")?;
    let token = if token_key.is_some() { Some(TokenAttributes::read(row, 0)?) } else { None };
    let mut sources = vec![row.get::<_, Option<String>>("source")?.unwrap_or_default()];
    if let Some(token_key) = token_key.filter(|_| row.get::<_, i64>("source_count").is_ok_and(|count| count > 1)) {
        let mut others = connection.prepare_cached(
            "SELECT DISTINCT s.name FROM token_source AS t JOIN run_source AS s USING (source_key)
             WHERE t.token_key = ?1 AND s.name <> ?2 ORDER BY s.name",
        )?;
        let names = others.query_map(params![token_key, sources[0]], |row| row.get(0))?;
        sources.extend(names.collect::<rusqlite::Result<Vec<String>>>()?);
    }
    let fact_source = row.get("fact_source")?;
    let row = StoredResult {
        check_id: row.get("check_id")?,
        result: row.get("result")?,
        plain_result: row.get("plain_result")?,
        reason: row.get("reason")?,
        basis: row.get("basis")?,
        evidence: row.get("evidence")?,
        waiver: row.get("waiver")?,
        blanket: row.get("blanket")?,
        count: row.get("count")?,
    };
    Ok(StoredFinding { row, token_key, sources, token, fact_source })
}

impl TokenAttributes {
    /// Reads them from consecutive columns, in the order of the fields; without tags and sources.
    pub(super) fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<TokenAttributes> {
        Ok(TokenAttributes {
            provider: row.get(from)?,
            account: row.get(from + 1)?,
            token_id: row.get(from + 2)?,
            name: row.get(from + 3)?,
            owner: row.get(from + 4)?,
            environment: row.get(from + 5)?,
            ..TokenAttributes::default()
        })
    }
}

impl ResultWriter<'_> {
    /// Writes one result.
    pub fn result(&self, row: &ResultRow) -> Result<(), StoreError> {
        let insert = "INSERT INTO run_result (run_key, check_id, token_key, source_key, result, plain_result, reason, basis,
                                              evidence, waiver, blanket, count)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
        let values = params![
            self.run_key,
            row.check_id,
            row.token_key,
            row.source_key,
            row.result,
            row.plain_result,
            row.reason,
            row.basis,
            row.evidence,
            row.waiver,
            row.blanket,
            row.count
        ];
        self.execute(insert, values)
    }

    /// Removes what was written of a check that turned out to be an error.
    pub fn forget(&self, check_id: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM run_result WHERE run_key = ?1 AND check_id = ?2", params![self.run_key, check_id])
    }

    /// Writes a number of results.
    pub fn count(&self, count: &ResultCount) -> Result<(), StoreError> {
        let insert = "INSERT INTO run_result_count (run_key, check_id, source_key, result, plain_result, count)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![self.run_key, count.check_id, count.source_key, count.result, count.plain_result, count.count];
        self.execute(insert, values)
    }

    /// Commits what was written.
    pub fn finish(self) -> Result<(), StoreError> {
        self.store.connection.execute_batch("COMMIT").map_err(|source| self.store.error(source))
    }

    fn execute(&self, text: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        let run = || self.store.connection.prepare_cached(text)?.execute(values).map(drop);
        run().map_err(|source| self.store.error(source))
    }
}
