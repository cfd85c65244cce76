//! One run at a time.

use super::{OutputError, folder};
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;

/// Held while a run uses a folder or a database; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock at `path`, without waiting. `guarded` is what it protects, for the message.
    ///
    /// # Errors
    /// [`OutputError::Busy`] if another process holds it.
    pub fn take(path: &Path, guarded: &Path) -> Result<RunLock, OutputError> {
        let mut file = folder::open_or_create(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let process = fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
                let process = process.filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
                return Err(OutputError::Busy { path: guarded.to_owned(), process });
            }
            Err(TryLockError::Error(source)) => return Err(OutputError::io("cannot lock", path)(source)),
        }
        // The number only makes the message of a second run clearer.
        let _told = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        Ok(RunLock { _file: file })
    }
}
