//! The output folder: a run's files appear together or not at all (decisions, 6).
//!
//! Everything that is not a finished report lives in a hidden folder inside the output folder, [`OWN_FOLDER`]:
//!
//! ```text
//! report/.countersign/lock        held by the run that uses the folder
//! report/.countersign/staged/     files being written
//! report/.countersign/journal     the replacement that was decided and may be half done
//! report/.countersign/manifest    names of the files in report/ that are ours
//! ```
//!
//! A run stages its files, syncs them, writes the journal, and only then renames, `report.json` last. The journal is the
//! decision: without it the next start discards what is staged, with it the next start finishes the renames. A reader that
//! waits for a new `report.json` therefore never sees a mix. Files in the folder that the manifest does not name are not ours:
//! they are neither replaced nor removed.

mod file;
mod folder;
mod journal;
mod lock;
mod staging;

pub use file::{create_folder, write_file};
pub use lock::RunLock;
pub use staging::{StagedFile, Staging};

use std::io;
use std::path::{Path, PathBuf};

/// Name of the hidden folder.
pub const OWN_FOLDER: &str = ".countersign";

/// The file that is renamed last.
pub const LAST: &str = "report.json";

/// Why the output folder cannot be used. Every variant leaves the earlier report as it was, or as the journal will make it.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("{what} `{}`", path.display())]
    Io {
        /// What was tried: "cannot create".
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`{}` is a symbolic link", path.display())]
    SymbolicLink { path: PathBuf },
    #[error("`{}` is no folder", path.display())]
    NoFolder { path: PathBuf },
    #[error("another run{} is using `{}`", process.as_ref().map(|id| format!(" (process {id})")).unwrap_or_default(), path.display())]
    Busy { path: PathBuf, process: Option<String> },
    #[error("`{}` was not written by countersign", path.display())]
    Foreign { path: PathBuf },
    #[error("`{}` is damaged", path.display())]
    Journal { path: PathBuf },
}

impl OutputError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            OutputError::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "make room on the disk; the earlier report is untouched"
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "choose a folder you may write to; the earlier report is untouched"
                }
                _ => return None,
            },
            OutputError::SymbolicLink { .. } => "name the folder itself, so that nobody can redirect the report",
            OutputError::NoFolder { .. } => "choose another folder",
            OutputError::Busy { .. } => "wait for it to end, or choose another folder",
            OutputError::Foreign { .. } => "move it away, or choose another folder",
            OutputError::Journal { .. } => "remove the folder it lies in, and run again",
        };
        Some(hint.to_owned())
    }

    fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
        let path = path.to_owned();
        move |source| OutputError::Io { what, path, source }
    }
}

/// An output folder that this run holds.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    own: PathBuf,
    _lock: RunLock,
}

impl OutputFolder {
    /// Takes the folder, creating it if needed, and completes or discards what an interrupted run left there.
    ///
    /// # Errors
    /// If it is a symbolic link or no folder, cannot be written to, or another run holds it.
    pub fn open(path: &Path) -> Result<OutputFolder, OutputError> {
        // `report/` would be looked up behind a link of that name, `report` is not
        let path: PathBuf = path.components().collect();
        folder::create(&path)?;
        let own = path.join(OWN_FOLDER);
        folder::create(&own)?;
        let lock = RunLock::take(&own.join("lock"), &path)?;
        let folder = OutputFolder { path, own, _lock: lock };
        journal::recover(&folder.path, &folder.own, &mut no_interruption)?;
        Ok(folder)
    }

    /// Where the finished files appear.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a replacement by files of these names.
    ///
    /// # Errors
    /// If the folder holds something of one of these names that an earlier run did not write.
    pub fn stage(&self, names: &[&str]) -> Result<Staging<'_>, OutputError> {
        Staging::begin(self, names)
    }
}

/// A point at which a run can be interrupted; tests stop there.
type Interruption<'a> = &'a mut dyn FnMut(&'static str) -> Result<(), OutputError>;

fn no_interruption(_step: &'static str) -> Result<(), OutputError> {
    Ok(())
}

#[cfg(test)]
mod tests;
