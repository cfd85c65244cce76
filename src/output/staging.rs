//! A replacement in the making.

use super::{Interruption, OutputError, OutputFolder, folder, journal, no_interruption};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Files that are being written, out of sight. Dropping it discards them.
#[derive(Debug)]
pub struct Staging<'a> {
    folder: &'a OutputFolder,
    names: BTreeSet<String>,
    /// Set once the journal may exist: from then on the next start decides about the staged files.
    decided: bool,
}

impl<'a> Staging<'a> {
    pub(super) fn begin(folder: &'a OutputFolder, names: &[&str]) -> Result<Staging<'a>, OutputError> {
        let ours = journal::manifest(&folder.own)?;
        for name in names {
            let path = folder.path.join(name);
            if !journal::is_name(name) {
                return Err(OutputError::Foreign { path });
            }
            if let Ok(found) = fs::symlink_metadata(&path)
                && (!ours.contains(*name) || found.is_dir())
            {
                return Err(OutputError::Foreign { path });
            }
        }
        let staged = journal::staged(&folder.own);
        folder::create(&staged)?;
        folder::empty(&staged)?;
        Ok(Staging { folder, names: names.iter().map(|name| (*name).to_owned()).collect(), decided: false })
    }

    /// Creates one of the files. Call [`StagedFile::finish`] when it is written.
    ///
    /// # Errors
    /// If the name was not announced, or the file cannot be created.
    pub fn file(&self, name: &str) -> Result<StagedFile, OutputError> {
        let path = journal::staged(&self.folder.own).join(name);
        if !self.names.contains(name) {
            return Err(OutputError::Foreign { path });
        }
        Ok(StagedFile { out: BufWriter::with_capacity(1 << 18, folder::create_file(&path)?), path })
    }

    /// Puts the files in place of the earlier ones. Files of the earlier run that have no successor go away.
    ///
    /// # Errors
    /// If an announced file was not staged or something cannot be written. The earlier report then stays, unless the renames had
    /// begun: then the next start completes them.
    pub fn commit(self) -> Result<Vec<PathBuf>, OutputError> {
        self.commit_with(&mut no_interruption)
    }

    pub(super) fn commit_with(mut self, at: Interruption<'_>) -> Result<Vec<PathBuf>, OutputError> {
        for name in &self.names {
            let path = journal::staged(&self.folder.own).join(name);
            fs::symlink_metadata(&path).map_err(OutputError::io("cannot find", &path))?;
        }
        self.decided = true;
        journal::replace(&self.folder.path, &self.folder.own, &self.names, at)?;
        Ok(self.names.iter().map(|name| self.folder.path.join(name)).collect())
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        if !self.decided {
            // Frees the disk now; if that fails, the next start does it.
            let _next_start = folder::empty(&journal::staged(&self.folder.own));
        }
    }
}

/// A file that is being written.
#[derive(Debug)]
pub struct StagedFile {
    out: BufWriter<File>,
    path: PathBuf,
}

impl StagedFile {
    /// Flushes and syncs.
    ///
    /// # Errors
    /// If that fails, for instance on a full disk.
    pub fn finish(self) -> Result<(), OutputError> {
        let StagedFile { out, path } = self;
        let synced = out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all());
        synced.map_err(OutputError::io("cannot write", &path))
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
