//! The store: one SQLite file with every run, its tokens, its results and the evidence behind them.
//!
//! A run is loaded as `open`, checked through read-only confined connections ([`Confined`]) and becomes visible when its last
//! statement sets it `finished`. Opening the store removes what an interrupted run left behind, so earlier runs are always whole.
//! This is the only folder with rusqlite; other stages see plain structs and the narrow interface of [`Confined`].

mod archive;
mod cluster;
mod confined;
mod identities;
mod lists;
mod load;
mod overview;
mod purposes;
mod recall;
mod registers;
mod results;
mod run;
#[cfg(test)]
pub mod sample;
mod schema;
mod settle;
mod states;
mod strict;
#[cfg(test)]
mod tests;
mod vanished;
mod waivers;

pub use archive::{Archive, StoredCheck, StoredRun};
pub use confined::{CheckRow, CheckSqlError, Confined, Parameter};
pub use load::{LoadError, Loader, StoredSource, TokenExtras};
pub use overview::{ContradictionRow, SourceOverview};
pub use registers::{LimitRow, PurposeWord, RegisterFacts, SourceRow};
pub use results::{CheckRecord, GroupKey, ResultCount, ResultRow, ResultWriter, StoredFinding, StoredResult, TokenAttributes};
pub use run::{NewRun, OpenRun};
pub use schema::{list_views, run_views, without_views};
pub use settle::Settlement;
pub use strict::Relations;
pub use waivers::WaiverRecord;

use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// What can go wrong with the store. Every message names the file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot use the database `{}`", path.display())]
    Database { path: PathBuf, source: rusqlite::Error },
    #[error("cannot open the database `{}`: {problem}", path.display())]
    Refused { path: PathBuf, problem: String },
    #[error("cannot read the folder or file of the database `{}`", path.display())]
    File { path: PathBuf, source: std::io::Error },
}

impl StoreError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            StoreError::Database { .. } => {
                "check that the disk is not full and that no other program holds the file, or name another one with --db"
            }
            StoreError::Refused { .. } => "name another file with --db",
            StoreError::File { .. } => "check that the folder exists and can be written to, or name another file with --db",
        }
    }
}

/// The open database file.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Connection,
}

impl Store {
    /// Opens the file, creating it readable by its owner only, brings its schema up to date and removes runs that were never
    /// finished. A symbolic link and a file of a newer version are refused.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        create_private(path)?;
        let at = |source| StoreError::Database { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let absolute = absolute(path)?;
        let connection = Connection::open_with_flags(&absolute, flags).map_err(at)?;
        let mut store = Store { path: path.to_owned(), connection };
        store.configure().map_err(at)?;
        schema::migrate(&mut store.connection, path)?;
        run::discard_open(&store.connection).map_err(at)?;
        Ok(store)
    }

    /// The file, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn configure(&self) -> rusqlite::Result<()> {
        // More statements than the default of 16 take turns while records are joined.
        self.connection.set_prepared_statement_cache_capacity(128);
        self.connection.busy_timeout(std::time::Duration::from_secs(5))?;
        // Larger pages than the default: tokens are wide and are read from end to end. Has an effect on a new file only.
        self.connection.pragma_update(None, "page_size", 16_384)?;
        self.connection.pragma_update(None, "journal_mode", "WAL")?;
        self.connection.pragma_update(None, "wal_autocheckpoint", 8_000)?;
        // A commit survives a crash of the program; the last statement of a run is made to survive that of the machine.
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        self.connection.pragma_update(None, "cache_size", -65_536)?;
        self.connection.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(())
    }

    fn error(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Database { path: self.path.clone(), source }
    }
}

/// The path with its folder resolved, so that NOFOLLOW judges the file itself and not a link among its folders.
fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    let at = |source| StoreError::File { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Some(name) = path.file_name() else {
        return Err(StoreError::Refused { path: path.to_owned(), problem: "it names no file".to_owned() });
    };
    Ok(folder.canonicalize().map_err(at)?.join(name))
}

/// Makes the file with mode 0600 before SQLite opens it; WAL and SHM inherit the mode.
#[expect(clippy::disallowed_methods, reason = "SQLite writes the file; this only creates it empty and private")]
fn create_private(path: &Path) -> Result<(), StoreError> {
    let at = |source| StoreError::File { path: path.to_owned(), source };
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => {
            return Err(StoreError::Refused { path: path.to_owned(), problem: "it is a symbolic link".to_owned() });
        }
        Ok(found) if !found.is_file() => {
            return Err(StoreError::Refused { path: path.to_owned(), problem: "it is not a file".to_owned() });
        }
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(at(error)),
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop).map_err(at)
}
