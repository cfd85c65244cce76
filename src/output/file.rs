//! Single files outside a report: what `init` and `demo` write.

use super::{OutputError, folder};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes a file beside its place and moves it there when it is whole, for its owner only.
///
/// # Errors
/// If it cannot be written, or is there already and may not be replaced.
pub fn write_file(
    path: &Path,
    may_replace: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), OutputError> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |source| OutputError::io("cannot write", path)(source);
    let staged = NamedTempFile::new_in(folder).map_err(failed)?;
    let mut out = BufWriter::with_capacity(1 << 18, staged);
    write(&mut out).map_err(failed)?;
    let staged = out.into_inner().map_err(io::IntoInnerError::into_error).map_err(failed)?;
    staged.as_file().sync_all().map_err(failed)?;
    let moved = if may_replace { staged.persist(path) } else { staged.persist_noclobber(path) };
    moved.map_err(|error| failed(error.error))?;
    folder::sync(folder)
}

/// Makes sure that a folder is there to write to; what is missing is created for its owner only.
///
/// # Errors
/// If it is no folder or cannot be created.
pub fn create_folder(path: &Path) -> Result<(), OutputError> {
    // `.` and `..` name folders that are there
    if path.is_dir() { Ok(()) } else { folder::create(path) }
}
