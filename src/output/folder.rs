//! Folders and files for their owner only, and syncing.

use super::OutputError;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes sure that `path` is a folder of ours to write in; what is missing is created with mode 0700.
pub fn create(path: &Path) -> Result<(), OutputError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(OutputError::SymbolicLink { path: path.to_owned() }),
        Ok(found) if !found.is_dir() => Err(OutputError::NoFolder { path: path.to_owned() }),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(path).map_err(OutputError::io("cannot create the folder", path))
        }
        Err(error) => Err(OutputError::io("cannot look at", path)(error)),
    }
}

/// Options that create a file with mode 0600.
#[expect(clippy::disallowed_methods, reason = "every file of a run is opened here, for its owner only")]
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a file that must not be there yet.
pub fn create_file(path: &Path) -> Result<File, OutputError> {
    private().create_new(true).open(path).map_err(OutputError::io("cannot create", path))
}

/// Opens a file without changing what it holds, creating it if needed.
pub fn open_or_create(path: &Path) -> Result<File, OutputError> {
    private().create(true).truncate(false).open(path).map_err(OutputError::io("cannot open", path))
}

/// Makes renames and removals in a folder durable.
pub fn sync(path: &Path) -> Result<(), OutputError> {
    // Only Unix can open a folder; elsewhere the file system orders its own metadata.
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(OutputError::io("cannot sync", path))?;
    }
    Ok(())
}

/// Renames within the output folder.
#[expect(clippy::disallowed_methods, reason = "the one place that renames")]
pub fn rename(from: &Path, to: &Path) -> Result<(), OutputError> {
    fs::rename(from, to).map_err(OutputError::io("cannot replace", to))
}

/// Removes a file of ours; one that is gone already is fine.
#[expect(clippy::disallowed_methods, reason = "the one place that removes, given names of our own only")]
pub fn remove(path: &Path) -> Result<(), OutputError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OutputError::io("cannot remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes the files of a folder of ours, if it is there.
pub fn empty(path: &Path) -> Result<(), OutputError> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(OutputError::io("cannot list", path))?,
    };
    for entry in entries {
        remove(&entry.map_err(OutputError::io("cannot list", path))?.path())?;
    }
    Ok(())
}
