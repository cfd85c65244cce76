//! Temporary copies of streams that cannot be sought in or read twice, readable by their owner only.

use super::unpack::Damage;
use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use tempfile::NamedTempFile;

/// A copy of a stream, which goes when the last reader is gone.
#[derive(Debug)]
pub struct Spool(NamedTempFile);

impl Spool {
    /// Copies the stream; of a packed one that is damaged, what came before.
    pub fn of(mut stream: impl Read) -> io::Result<Spool> {
        let mut file = NamedTempFile::new()?;
        match io::copy(&mut stream, &mut file) {
            Err(error) if !Damage::is(&error) => return Err(error),
            _ => {}
        }
        file.flush()?;
        file.rewind()?;
        Ok(Spool(file))
    }

    /// Opens the copy at its start.
    pub fn open(&self) -> io::Result<File> {
        self.0.reopen()
    }
}
