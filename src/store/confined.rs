//! Read-only, confined connections: the only ones on which checks run, because users bring their own.
//!
//! A confined connection sees one run through TEMP views. It cannot write, attach, load an extension or read a mistyped column in
//! double quotes as a text; and a parameter that the caller does not bind is an error, where SQLite would read NULL.

use super::schema::{make_run_views, migrate};
use super::strict::{STEPS_OF_A_TRIAL, Strictness};
use super::{OpenRun, Store, StoreError, TokenAttributes, absolute};
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, Statement};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

/// A value bound to a check; lists are JSON arrays.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    Integer(i64),
    Real(f64),
    Text(String),
    Null,
}

/// A read-only connection to one run.
#[derive(Debug)]
pub struct Confined {
    pub(super) connection: Connection,
    /// For checks that users bring.
    pub(super) strictness: Option<Strictness>,
}

/// What is wrong with the text of a check.
#[derive(Debug, thiserror::Error)]
pub enum CheckSqlError {
    #[error("{message}")]
    Sql { message: String, offset: Option<usize> },
    #[error("the parameter `{0}` is not declared in the header")]
    Undeclared(String),
    #[error("it was stopped after {0} steps: it looks at too much, or does not end")]
    TooLong(u64),
    /// The caller wants no more rows.
    #[error("stopped by the caller")]
    Stopped,
}

impl Store {
    /// Opens a confined connection to a run that has been loaded.
    pub fn confined(&self, run: &OpenRun) -> Result<Confined, StoreError> {
        let open = || -> rusqlite::Result<Confined> {
            let mut connection = self.read_only()?;
            make_run_views(&connection, run.run_key)?;
            confine(&mut connection)?;
            connection.authorizer(Some(may_only_read))?;
            Ok(Confined { connection, strictness: None })
        };
        open().map_err(|source| self.error(source))
    }

    /// The same for checks that users bring: they see nothing but the run, call only functions that give the same on every machine
    /// and day, and are stopped after so many steps of SQLite.
    pub fn confined_strictly(&self, run: &OpenRun, steps: u64) -> Result<Confined, StoreError> {
        let open = || -> rusqlite::Result<Confined> {
            let connection = self.read_only()?;
            make_run_views(&connection, run.run_key)?;
            Confined::strictly(connection, steps)
        };
        open().map_err(|source| self.error(source))
    }

    fn read_only(&self) -> rusqlite::Result<Connection> {
        let path = absolute(&self.path).map_err(|_| rusqlite::Error::InvalidPath(self.path.clone()))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        connection.pragma_update(None, "mmap_size", 1_i64 << 31)?;
        Ok(connection)
    }
}

pub(super) fn confine(connection: &mut Connection) -> rusqlite::Result<()> {
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    ] {
        connection.set_db_config(setting, on)?;
    }
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.pragma_update(None, "query_only", true)
}

pub(super) fn may_only_read(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Function { function_name } if !function_name.eq_ignore_ascii_case("load_extension") => Authorization::Allow,
        _ => Authorization::Deny,
    }
}

impl Confined {
    /// A strictly confined connection to a store without any run, for trying the text of a check.
    pub fn on_nothing() -> Result<Confined, StoreError> {
        let path = Path::new("a store in memory");
        let at = |source| StoreError::Database { path: path.to_owned(), source };
        let mut connection = Connection::open_in_memory().map_err(at)?;
        migrate(&mut connection, path)?;
        make_run_views(&connection, 0).map_err(at)?;
        Confined::strictly(connection, STEPS_OF_A_TRIAL).map_err(at)
    }

    /// Prepares the text alone and says which columns it returns and which parameters it reads, without their colon.
    pub fn describe(&self, sql: &str) -> Result<(Vec<String>, Vec<String>), CheckSqlError> {
        let statement = self.prepare(sql)?;
        let columns = statement.column_names().map(str::to_owned).collect();
        Ok((columns, parameter_names(&statement)))
    }

    /// Runs a check and hands over every row. Stops at the first error of either side.
    pub fn run(
        &self,
        sql: &str,
        parameters: &BTreeMap<String, Parameter>,
        each: &mut dyn FnMut(&CheckRow<'_>) -> Result<(), CheckSqlError>,
    ) -> Result<(), CheckSqlError> {
        let mut statement = self.prepare(sql)?;
        for (index, name) in parameter_names(&statement).iter().enumerate() {
            let value = parameters.get(name).ok_or_else(|| CheckSqlError::Undeclared(name.clone()))?;
            let bound = match value {
                Parameter::Integer(number) => statement.raw_bind_parameter(index + 1, number),
                Parameter::Real(number) => statement.raw_bind_parameter(index + 1, number),
                Parameter::Null => statement.raw_bind_parameter(index + 1, rusqlite::types::Null),
                Parameter::Text(text) => statement.raw_bind_parameter(index + 1, text),
            };
            bound.map_err(sql_error)?;
        }
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|error| self.stopped(error))? {
            each(&CheckRow { row, columns: &columns })?;
        }
        Ok(())
    }

    /// What names a token, with its tags and sources; for waivers.
    pub fn token_attributes(&self, token_key: i64) -> Result<TokenAttributes, CheckSqlError> {
        let read = || -> rusqlite::Result<TokenAttributes> {
            let mut statement = self.connection.prepare_cached(
                "SELECT provider, account, token_id, name, owner, environment, tags_list FROM token_record WHERE token_key = ?1",
            )?;
            let (mut attributes, tags_list) =
                statement.query_row([token_key], |row| Ok((TokenAttributes::read(row, 0)?, row.get::<_, Option<i64>>(6)?)))?;
            if let Some(list_key) = tags_list {
                let mut tags = self.connection.prepare_cached("SELECT name, value FROM tag_entry WHERE list_key = ?1")?;
                let pairs = tags.query_map([list_key], |tag| Ok((tag.get(0)?, tag.get(1)?)))?;
                attributes.tags = pairs.collect::<rusqlite::Result<_>>()?;
            }
            let mut sources = self.connection.prepare_cached(
                "SELECT name FROM run_source WHERE source_key IN (SELECT source_key FROM token_record WHERE token_key = ?1
                                                                  UNION SELECT source_key FROM token_source WHERE token_key = ?1)",
            )?;
            attributes.sources = sources.query_map([token_key], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            Ok(attributes)
        };
        read().map_err(sql_error)
    }

    /// What names a source, for waivers.
    pub fn source_attributes(&self, source_key: i64) -> Result<TokenAttributes, CheckSqlError> {
        let name = self.connection.query_row("SELECT name FROM run_source WHERE source_key = ?1", [source_key], |row| row.get(0));
        Ok(TokenAttributes { sources: vec![name.map_err(sql_error)?], ..TokenAttributes::default() })
    }

    fn stopped(&self, error: rusqlite::Error) -> CheckSqlError {
        match &self.strictness {
            Some(strictness) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                CheckSqlError::TooLong(strictness.steps)
            }
            _ => sql_error(error),
        }
    }

    fn prepare(&self, sql: &str) -> Result<Statement<'_>, CheckSqlError> {
        if let Some(strictness) = &self.strictness {
            strictness.renew();
        }
        self.connection.prepare(sql).map_err(sql_error)
    }
}

fn parameter_names(statement: &Statement<'_>) -> Vec<String> {
    (1..=statement.parameter_count())
        .map(|index| statement.parameter_name(index).unwrap_or("?").trim_start_matches(':').to_owned())
        .collect()
}

fn sql_error(error: rusqlite::Error) -> CheckSqlError {
    match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => {
            CheckSqlError::Sql { message: msg, offset: usize::try_from(offset).ok() }
        }
        other => CheckSqlError::Sql { message: other.to_string(), offset: None },
    }
}

/// One row of a check.
#[derive(Debug)]
pub struct CheckRow<'r> {
    row: &'r Row<'r>,
    columns: &'r [String],
}

impl CheckRow<'_> {
    /// The whole number in a column; none if it holds none.
    pub fn integer(&self, column: usize) -> Option<i64> {
        self.row.get_ref(column).ok().and_then(|value| value.as_i64().ok())
    }

    /// The text in a column; none if it is NULL or no text.
    pub fn text(&self, column: usize) -> Option<&str> {
        self.row.get_ref(column).ok().and_then(|value| value.as_str().ok())
    }

    /// The text in a column of this name.
    pub fn named_text(&self, name: &str) -> Option<&str> {
        self.text(self.columns.iter().position(|column| column == name)?)
    }

    /// The values from a column on, by name, NULLs left out.
    pub fn evidence(&self, from: usize) -> BTreeMap<&str, Json> {
        let named = self.columns.iter().enumerate().skip(from);
        named.filter_map(|(index, name)| Some((name.as_str(), json(self.row.get_ref(index).ok()?)?))).collect()
    }
}

fn json(value: ValueRef<'_>) -> Option<Json> {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => None,
        ValueRef::Integer(number) => Some(Json::from(number)),
        ValueRef::Real(number) => Some(Json::from(number)),
        ValueRef::Text(text) => Some(Json::from(String::from_utf8_lossy(text).into_owned())),
    }
}
