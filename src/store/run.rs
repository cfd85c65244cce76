//! The life of a run: opened, loaded, checked, finished; or removed without a trace.

use super::{Store, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

/// What is fixed about a run before anything is loaded.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub run_id: String,
    /// UTC seconds.
    pub as_of: i64,
    pub as_of_origin: String,
    pub period: Option<String>,
    pub tool_version: String,
    pub policy: String,
    pub policy_digest: String,
}

/// A run that is being made; invisible until [`Store::finish`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRun {
    pub run_key: i64,
    pub as_of: i64,
    pub first_token_key: i64,
    pub first_list_key: i64,
}

impl Store {
    /// Starts a run after the keys of all others.
    pub fn begin(&mut self, run: &NewRun) -> Result<OpenRun, StoreError> {
        self.try_begin(run).map_err(|source| self.error(source))
    }

    fn try_begin(&self, run: &NewRun) -> rusqlite::Result<OpenRun> {
        let next = |column: &str| format!("SELECT COALESCE(MAX({column}), 0) + 1 FROM run");
        let number = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let (run_key, first_token_key, first_list_key) =
            (number(&next("run_key"))?, number(&next("last_token_key"))?, number(&next("last_list_key"))?);
        self.connection.execute(
            "INSERT INTO run (run_key, run_id, as_of, as_of_origin, period, tool_version, policy, policy_digest,
                              first_token_key, first_list_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                run_key,
                run.run_id,
                run.as_of,
                run.as_of_origin,
                run.period,
                run.tool_version,
                run.policy,
                run.policy_digest,
                first_token_key,
                first_list_key
            ],
        )?;
        Ok(OpenRun { run_key, as_of: run.as_of, first_token_key, first_list_key })
    }

    /// Makes the run visible in one step that survives a crash, and removes an earlier run with the same id, which it repeats.
    pub fn finish(&mut self, run: &OpenRun) -> Result<(), StoreError> {
        self.try_finish(run).map_err(|source| self.error(source))
    }

    fn try_finish(&mut self, run: &OpenRun) -> rusqlite::Result<()> {
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        let transaction = self.connection.transaction()?;
        transaction.execute("UPDATE run SET state = 'finished' WHERE run_key = ?1", [run.run_key])?;
        let repeated: Option<i64> = transaction
            .query_row(
                "SELECT old.run_key FROM run AS old JOIN run AS new ON new.run_id = old.run_id
                 WHERE new.run_key = ?1 AND old.run_key <> ?1",
                [run.run_key],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(old) = repeated {
            remove(&transaction, old)?;
        }
        transaction.commit()?;
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        // Readers of the file alone (a copy, a backup) find everything in it.
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }
}

/// Removes runs that were never finished.
pub fn discard_open(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT run_key FROM run WHERE state = 'open'")?;
    let open: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for run_key in open {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        match remove(connection, run_key) {
            Ok(()) => connection.execute_batch("COMMIT")?,
            Err(error) => {
                connection.execute_batch("ROLLBACK")?;
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Tables whose rows name their run.
const BY_RUN: &[&str] = &[
    "run_source",
    "run_row",
    "run_skipped_file",
    "token_class",
    "run_parameter_value",
    "run_register",
    "run_person",
    "run_person_address",
    "run_purpose",
    "run_account",
    "run_implied_scope",
    "run_check",
    "run_result",
    "run_result_count",
    "run_waiver",
];
/// Tables whose rows belong to a token, and so to a run by the range of its keys.
pub const BY_TOKEN: &[&str] = &["token_record", "field_problem", "field_source", "token_source", "field_contradiction"];
/// Tables whose rows belong to a list, and so to a run by the range of its keys.
pub const BY_LIST: &[&str] = &[
    "text_entry",
    "scope_entry",
    "date_entry",
    "tag_entry",
    "secret_entry",
    "storage_entry",
    "share_entry",
    "integration_entry",
    "contact_entry",
    "scan_finding_entry",
];

/// Removes a run with everything that belongs to it. An interrupted load never stored its last keys: what lies beyond the first
/// key of the newest run is its own.
fn remove(connection: &Connection, run_key: i64) -> rusqlite::Result<()> {
    let end = |first: &str, last: &str| {
        connection.query_row(
            &format!(
                "SELECT {first}, CASE WHEN state = 'finished' THEN {last} ELSE
                    COALESCE((SELECT MIN(later.{first}) - 1 FROM run AS later WHERE later.{first} > run.{first}), 9223372036854775807)
                 END FROM run WHERE run_key = ?1"
            ),
            [run_key],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
        )
    };
    let tokens = end("first_token_key", "last_token_key")?;
    let lists = end("first_list_key", "last_list_key")?;
    for table in BY_RUN {
        connection.execute(&format!("DELETE FROM {table} WHERE run_key = ?1"), [run_key])?;
    }
    for table in BY_TOKEN {
        connection.execute(&format!("DELETE FROM {table} WHERE token_key BETWEEN ?1 AND ?2"), params![tokens.0, tokens.1])?;
    }
    for table in BY_LIST {
        connection.execute(&format!("DELETE FROM {table} WHERE list_key BETWEEN ?1 AND ?2"), params![lists.0, lists.1])?;
    }
    connection.execute("DELETE FROM run WHERE run_key = ?1", [run_key]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_emptied_with_its_run() {
        let mut connection = Connection::open_in_memory().expect("opens");
        super::super::schema::migrate(&mut connection, std::path::Path::new("memory")).expect("migrates");
        for (column, listed) in [("run_key", BY_RUN), ("token_key", BY_TOKEN), ("list_key", BY_LIST)] {
            let sql = "SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
                       WHERE m.type = 'table' AND c.name = ?1 AND m.name <> 'run' ORDER BY 1";
            let mut statement = connection.prepare(sql).expect("prepares");
            let tables: Vec<String> =
                statement.query_map([column], |row| row.get(0)).expect("runs").map(|name| name.expect("text")).collect();
            for table in tables {
                let elsewhere = BY_RUN.contains(&table.as_str());
                assert!(listed.contains(&table.as_str()) || elsewhere, "list {table} in src/store/run.rs");
            }
        }
    }
}
