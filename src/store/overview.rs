//! What a report says beside its findings: sources, rows that were not used, contradictions, unknowns.

use super::{OpenRun, RegisterFacts, Store, StoreError};
use rusqlite::{Params, Row, params};
use std::collections::BTreeMap;

/// A source of a run, as it was described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOverview {
    pub name: String,
    pub format: String,
    pub role: String,
    pub sha256: String,
    pub exported_at: Option<i64>,
    pub exported_at_basis: Option<String>,
    pub rows_declared: Option<u64>,
    pub rows_read: u64,
    pub rows_rejected: u64,
    pub rows_skipped: u64,
    pub rows_duplicate: u64,
    pub rows_superseded: u64,
    /// Rows that state a token which a newer file of the same export does not list.
    pub rows_not_in_newer: u64,
    pub records: u64,
    pub further_pages: bool,
    pub dropped_fields: Vec<String>,
    /// What is declared of a register; none for an inventory.
    pub register: Option<RegisterFacts>,
    pub contradictions: u64,
    pub paging: String,
    pub declared_complete: Vec<String>,
    pub collected: Vec<String>,
    pub problems: Vec<String>,
}

/// A row that could not be used: source, line, reason.
pub type RejectedRow = (String, u64, String);

/// Two values of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContradictionRow {
    pub provider: String,
    pub account: String,
    pub token_id: String,
    pub field: String,
    pub used: String,
    pub used_source: String,
    pub other: String,
    pub other_source: String,
}

impl Store {
    /// The sources of a run, inventories first, then by name.
    pub fn sources(&self, run: &OpenRun) -> Result<Vec<SourceOverview>, StoreError> {
        self.rows(include_str!("../../queries/report/sources.sql"), [run.run_key], |row| {
            let list = |column: &str| -> rusqlite::Result<Vec<String>> {
                let text: String = row.get(column)?;
                Ok(serde_json::from_str(&text).unwrap_or_default())
            };
            Ok(SourceOverview {
                name: row.get("name")?,
                format: row.get("format")?,
                role: row.get("role")?,
                sha256: row.get("sha256")?,
                exported_at: row.get("exported_at")?,
                exported_at_basis: row.get("exported_at_basis")?,
                rows_declared: row.get("rows_declared")?,
                rows_read: row.get("rows_read")?,
                rows_rejected: row.get("rows_rejected")?,
                rows_skipped: row.get("rows_skipped")?,
                rows_duplicate: row.get("rows_duplicate")?,
                rows_superseded: row.get("rows_superseded")?,
                rows_not_in_newer: row.get("rows_not_in_newer")?,
                records: row.get("records")?,
                further_pages: row.get("further_pages")?,
                dropped_fields: list("dropped_fields")?,
                register: match (row.get("register_complete")?, row.get("includes_leavers")?) {
                    (Some(complete), Some(includes_leavers)) => Some(RegisterFacts { complete, includes_leavers }),
                    _ => None,
                },
                contradictions: row.get("contradictions")?,
                paging: row.get("paging")?,
                declared_complete: list("declared_complete")?,
                collected: list("collected")?,
                problems: list("problems")?,
            })
        })
    }

    /// The first rejected rows by source and line, and how many there are in all.
    pub fn rejected_rows(&self, run: &OpenRun, limit: usize) -> Result<(Vec<RejectedRow>, u64), StoreError> {
        let rows = self.rows(include_str!("../../queries/report/rejected_rows.sql"), params![run.run_key, limit], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        let total = self.number("SELECT count(*) FROM run_row WHERE run_key = ?1 AND outcome = 'rejected'", run)?;
        Ok((rows, total))
    }

    /// The first contradictions by token and field, and how many there are in all.
    pub fn contradictions(&self, run: &OpenRun, limit: usize) -> Result<(Vec<ContradictionRow>, u64), StoreError> {
        let rows = self.rows(include_str!("../../queries/report/contradictions.sql"), params![run.run_key, limit], |row| {
            Ok(ContradictionRow {
                provider: row.get(0)?,
                account: row.get(1)?,
                token_id: row.get(2)?,
                field: row.get(3)?,
                used: row.get(4)?,
                used_source: row.get(5)?,
                other: row.get(6)?,
                other_source: row.get(7)?,
            })
        })?;
        let total = self.number(
            "SELECT count(*) FROM field_contradiction
             WHERE token_key >= (SELECT first_token_key FROM run WHERE run_key = ?1)",
            run,
        )?;
        Ok((rows, total))
    }

    /// How many result rows a run has; a blanket entry counts once.
    pub fn findings_total(&self, run: &OpenRun) -> Result<u64, StoreError> {
        self.number("SELECT count(*) FROM run_result WHERE run_key = ?1", run)
    }

    /// Which source stated each field of a token that several sources state, by field; empty for a token of one source.
    pub fn value_sources(&self, token_key: i64) -> Result<BTreeMap<String, String>, StoreError> {
        let text = "SELECT f.field, s.name FROM field_source AS f JOIN run_source AS s USING (source_key) WHERE f.token_key = ?1";
        let all = || -> rusqlite::Result<BTreeMap<String, String>> {
            let mut statement = self.connection.prepare_cached(text)?;
            statement.query_map([token_key], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        all().map_err(|source| self.error(source))
    }

    /// Files that nothing recognised: name and reason.
    pub fn skipped_files(&self, run: &OpenRun) -> Result<Vec<(String, String)>, StoreError> {
        let text = "SELECT name, reason FROM run_skipped_file WHERE run_key = ?1 ORDER BY name, reason";
        self.rows(text, [run.run_key], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Source names by key.
    pub fn source_names(&self, run: &OpenRun) -> Result<Vec<(i64, String)>, StoreError> {
        let text = "SELECT source_key, name FROM run_source WHERE run_key = ?1 ORDER BY source_key";
        self.rows(text, [run.run_key], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// True if nothing at all was in the sources of a loaded run: no token, and no row that could not be used.
    pub fn is_empty(&self, run: &OpenRun) -> Result<bool, StoreError> {
        let tokens = "SELECT EXISTS (SELECT 1 FROM token_record WHERE token_key >=
                                     (SELECT first_token_key FROM run WHERE run_key = ?1))";
        let rejected = "SELECT EXISTS (SELECT 1 FROM run_row WHERE run_key = ?1 AND outcome = 'rejected')";
        Ok(self.number(tokens, run)? == 0 && self.number(rejected, run)? == 0)
    }

    /// The id of a run.
    pub fn run_id(&self, run: &OpenRun) -> Result<String, StoreError> {
        let rows = self.rows("SELECT run_id FROM run WHERE run_key = ?1", [run.run_key], |row| row.get(0))?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// How many results each waiver relabelled, by its id.
    pub fn waived_counts(&self, run: &OpenRun) -> Result<BTreeMap<String, u64>, StoreError> {
        let text = "SELECT waiver, sum(count) FROM run_result WHERE run_key = ?1 AND waiver IS NOT NULL GROUP BY waiver";
        Ok(self.rows(text, [run.run_key], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
    }

    fn rows<T>(
        &self,
        text: &str,
        values: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let all = || self.connection.prepare(text)?.query_map(values, read)?.collect::<rusqlite::Result<Vec<T>>>();
        all().map_err(|source| self.error(source))
    }

    fn number(&self, text: &str, run: &OpenRun) -> Result<u64, StoreError> {
        self.connection.query_row(text, [run.run_key], |row| row.get(0)).map_err(|source| self.error(source))
    }
}
