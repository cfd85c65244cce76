//! Finished runs of a database, read without changing anything in it.

use super::confined::{CheckSqlError, Confined, Parameter, confine, may_only_read};
use super::schema::{self, make_run_views};
use super::strict::STEPS_OF_A_TRIAL;
use super::{StoreError, absolute};
use rusqlite::{Connection, OpenFlags, Params, Row};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An open database.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    connection: Connection,
}

/// A finished run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    /// Its number in this database.
    pub run_key: i64,
    pub run_id: String,
    /// UTC seconds.
    pub as_of: i64,
    pub period: Option<String>,
    pub policy: String,
    pub tool_version: String,
}

/// A check as a run decided by it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCheck {
    pub check_id: String,
    /// False if the policy left it off; nothing was bound then.
    pub selected: bool,
    /// What was bound, by name without a colon.
    pub parameters: BTreeMap<String, Parameter>,
    pub sql: String,
}

impl Archive {
    /// Opens a database that this version wrote or brought up to date.
    pub fn open(path: &Path) -> Result<Archive, StoreError> {
        let refused = |problem: String| StoreError::Refused { path: path.to_owned(), problem };
        if !path.is_file() {
            return Err(refused("there is no such file".to_owned()));
        }
        let connection = read_only(&absolute(path)?).map_err(|source| StoreError::Database { path: path.to_owned(), source })?;
        let archive = Archive { path: path.to_owned(), connection };
        match archive.rows("PRAGMA user_version", [], |row| row.get::<_, usize>(0))?.as_slice() {
            [version] if *version == schema::version() => Ok(archive),
            [0] => Err(refused("it is a database of another program".to_owned())),
            [version] if *version < schema::version() => {
                Err(refused("it was written by an older version; the next audit into it brings it up to date".to_owned()))
            }
            _ => Err(refused("it was written by a newer version".to_owned())),
        }
    }

    /// Every finished run, the latest first: by as-of instant, then by number.
    pub fn runs(&self) -> Result<Vec<StoredRun>, StoreError> {
        let text = "SELECT run_key, run_id, as_of, period, policy, tool_version FROM run WHERE state = 'finished'
                    ORDER BY as_of DESC, run_key DESC";
        self.rows(text, [], |row| {
            Ok(StoredRun {
                run_key: row.get(0)?,
                run_id: row.get(1)?,
                as_of: row.get(2)?,
                period: row.get(3)?,
                policy: row.get(4)?,
                tool_version: row.get(5)?,
            })
        })
    }

    /// Ids of the checks that a run knew, in its order.
    pub fn check_ids(&self, run: &StoredRun) -> Result<Vec<String>, StoreError> {
        self.rows("SELECT check_id FROM run_check WHERE run_key = ?1 ORDER BY position", [run.run_key], |row| row.get(0))
    }

    /// A check of a run by its id.
    pub fn check(&self, run: &StoredRun, check_id: &str) -> Result<Option<StoredCheck>, StoreError> {
        let text = "SELECT check_id, selected, parameters, sql FROM run_check WHERE run_key = ?1 AND check_id = ?2";
        let mut found = self.rows(text, rusqlite::params![run.run_key, check_id], |row| {
            let parameters: Map<String, Json> = serde_json::from_str(&row.get::<_, String>(2)?).unwrap_or_default();
            Ok(StoredCheck {
                check_id: row.get(0)?,
                selected: row.get(1)?,
                parameters: parameters.into_iter().map(|(name, value)| (name, parameter(value))).collect(),
                sql: row.get(3)?,
            })
        })?;
        Ok(found.pop())
    }

    /// Whether a text can be run on a run, and does no more than a check may. `strictly` is for checks that users bring.
    pub fn try_out(&self, run: &StoredRun, sql: &str, strictly: bool) -> Result<Result<(), CheckSqlError>, StoreError> {
        let open = || -> rusqlite::Result<Confined> {
            let mut connection = read_only(&self.path)?;
            make_run_views(&connection, run.run_key)?;
            if strictly {
                return Confined::strictly(connection, STEPS_OF_A_TRIAL);
            }
            confine(&mut connection)?;
            connection.authorizer(Some(may_only_read))?;
            Ok(Confined { connection, strictness: None })
        };
        let confined = open().map_err(|source| self.error(source))?;
        Ok(confined.describe(sql).map(drop))
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

    fn error(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Database { path: self.path.clone(), source }
    }
}

fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

fn parameter(value: Json) -> Parameter {
    match value {
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Parameter::Integer(whole),
            None => Parameter::Real(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Parameter::Text(text),
        Json::Bool(flag) => Parameter::Integer(i64::from(flag)),
        _ => Parameter::Null,
    }
}
