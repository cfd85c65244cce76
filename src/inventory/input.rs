//! Which files are read, and how their bytes come out as text.
//!
//! An input is opened several times (to recognise it, to digest it, to read it), each time as a stream, so memory does not
//! grow with the file. What can be read only once (standard input, a pipe) is copied to a private temporary file first.
//!
//! ```text
//! stored bytes ──▶ gzip / zstd ──▶ UTF-16, byte order mark ──▶ text
//!      │
//!      └─ the digest is taken of these: of a file what `sha256sum` sees, of a member of a ZIP archive its content
//! ```
//!
//! A ZIP archive is a folder: each of its members is an input of its own, called `archive.zip/path/in/it`.

mod archive;
mod find;
mod spool;
mod unpack;
mod utf16;

pub use find::{Found, PassedOver, find};
pub use unpack::{Block, Damage, read_block};

use archive::{ArchiveError, Member};
use sha2::{Digest, Sha256};
use spool::Spool;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use unpack::{Limits, Packing};

/// Bytes taken from a file at a time.
const BLOCK: usize = 1 << 18;
/// Bytes at the start of a stream that tell its packing or encoding.
const START: u64 = 64;

/// What stands in the way of reading an input. Every variant has an [`InputError::hint`] where something can be done.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("cannot find inventory `{}`", .0.display())]
    Missing(PathBuf),
    #[error("cannot read inventory `{path}`")]
    Unreadable { path: String, source: io::Error },
    #[error("cannot read inventory from standard input")]
    StandardInput(#[source] io::Error),
    #[error("inventory `{}` is neither a file nor a folder", .0.display())]
    NoFile(PathBuf),
    /// Opening it would wait for its writer, perhaps for ever.
    #[error("inventory `{}` is a named pipe", .0.display())]
    Pipe(PathBuf),
}

impl InputError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            InputError::Missing(_) => Some("check the path; it counts from the folder that the command runs in"),
            InputError::NoFile(_) => Some("name a file, a folder, a ZIP archive, or - for standard input"),
            InputError::Pipe(_) => Some("write to a file, or hand the pipe over as standard input: countersign audit - < PIPE"),
            InputError::Unreadable { .. } | InputError::StandardInput(_) => None,
        }
    }
}

/// One file to read.
#[derive(Debug, Clone)]
pub struct Input {
    /// How the file is called everywhere: its path below the folder or archive that was named, with `/`; `-` for standard
    /// input.
    pub name: String,
    /// True if the user named the file itself; a file found in a folder or archive may be passed over (decisions, 7).
    pub named: bool,
    place: Place,
    /// Why it is not read, as far as its surroundings tell.
    refusal: Option<Arc<str>>,
    known: Arc<Known>,
}

/// What was found out about an input once.
#[derive(Debug, Default)]
struct Known {
    digest: OnceLock<String>,
    content_digest: OnceLock<String>,
    unpacked: OnceLock<Spool>,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Spooled(Arc<Spool>),
    Memory(Arc<[u8]>),
    Member { archive: Arc<Place>, member: Arc<Member> },
}

impl Place {
    fn open(&self) -> io::Result<SeekableInput> {
        match self {
            Place::File(path) => Ok(SeekableInput::File(File::open(path)?)),
            Place::Spooled(spool) => Ok(SeekableInput::File(spool.open()?)),
            Place::Memory(bytes) => Ok(SeekableInput::Memory(io::Cursor::new(Arc::clone(bytes)))),
            Place::Member { .. } => Err(io::Error::from(io::ErrorKind::NotSeekable)),
        }
    }
}

impl Input {
    /// A file that is named by itself.
    pub fn file(path: &Path) -> Input {
        let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy()).into_owned();
        Input::at(name, true, Place::File(path.to_owned()))
    }

    /// An input that is already in memory, for tests and benchmarks.
    pub fn memory(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Input {
        Input::at(name.into(), true, Place::Memory(bytes.into().into()))
    }

    fn at(name: String, named: bool, place: Place) -> Input {
        Input { name, named, place, refusal: None, known: Arc::default() }
    }

    /// Where the file is, if it is one by itself.
    pub fn path(&self) -> Option<&Path> {
        if let Place::File(path) = &self.place { Some(path) } else { None }
    }

    /// The file that holds it: itself, or the archive that it is a member of.
    pub fn container(&self) -> Option<&Path> {
        match &self.place {
            Place::Member { archive, .. } => match archive.as_ref() {
                Place::File(path) => Some(path),
                _ => None,
            },
            _ => self.path(),
        }
    }

    /// Why the input is not to be read, in words that follow "it is": a damaged archive, a spreadsheet.
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// The bytes as they are stored; of a member of an archive, its content.
    fn stored(&self) -> Result<Box<dyn Read + Send>, InputError> {
        let opened: io::Result<Box<dyn Read + Send>> = match &self.place {
            Place::Member { archive, member } => archive.open().and_then(|file| member.open(file)),
            place => place.open().map(|file| Box::new(file) as Box<dyn Read + Send>),
        };
        opened.map_err(|error| self.unreadable(error))
    }

    /// The bytes without compression.
    pub fn unpacked(&self) -> Result<Box<dyn Read + Send>, InputError> {
        let (start, rest) = self.start(self.stored()?)?;
        let packing = Packing::of(&start);
        let whole = io::Cursor::new(start).chain(rest);
        match packing {
            None => Ok(Box::new(whole)),
            Some(packing) => unpack::unpack(whole, packing, Limits::DEFAULT).map_err(|error| self.unreadable(error)),
        }
    }

    /// The first bytes of a stream, and the rest of it.
    fn start(&self, mut stream: Box<dyn Read + Send>) -> Result<(Vec<u8>, Box<dyn Read + Send>), InputError> {
        let mut start = Vec::new();
        let block = read_block(&mut stream, &mut start, START as usize).map_err(|error| self.unreadable(error))?;
        // The rest of a damaged stream is its damage.
        Ok(if block == Block::Damaged { (start, Box::new(Lost)) } else { (start, stream) })
    }

    /// The bytes as UTF-8: without compression and byte order mark, and UTF-16 transcoded. Whether they are sound UTF-8 is
    /// judged record by record. A packed file that is cut gives what came before, then an error that [`Damage::is`] knows.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, InputError> {
        let (mut start, rest) = self.start(self.unpacked()?)?;
        let order = utf16::order(&start);
        let mark = if start.starts_with(b"\xEF\xBB\xBF") { 3 } else { order.map_or(0, |(_, mark)| mark) };
        start.drain(..mark);
        let whole = io::Cursor::new(start).chain(rest);
        Ok(match order {
            Some((order, _)) => Box::new(utf16::Utf16::new(whole, order)),
            None => Box::new(whole),
        })
    }

    /// The unpacked bytes for a reader that wants to seek in them.
    pub fn seekable(&self) -> Result<SeekableInput, InputError> {
        let in_place = !matches!(self.place, Place::Member { .. }) && !self.is_packed()?;
        if in_place {
            return self.place.open().map_err(|error| self.unreadable(error));
        }
        if self.known.unpacked.get().is_none() {
            let spool = Spool::of(self.unpacked()?).map_err(|error| self.unreadable(error))?;
            let _another_thread_was_first = self.known.unpacked.set(spool);
        }
        match self.known.unpacked.get() {
            Some(spool) => spool.open().map(SeekableInput::File).map_err(|error| self.unreadable(error)),
            None => Err(self.unreadable(io::Error::from(io::ErrorKind::NotFound))),
        }
    }

    fn is_packed(&self) -> Result<bool, InputError> {
        Ok(Packing::of(&self.start(self.stored()?)?.0).is_some())
    }

    /// SHA-256 of the stored bytes in hex, which `sha256sum` of the file gives too; of a member of an archive, that of its
    /// content. Computed once.
    pub fn digest(&self) -> Result<String, InputError> {
        if let Some(known) = self.known.digest.get() {
            return Ok(known.clone());
        }
        let digest = sha256(self.stored()?).map_err(|error| self.unreadable(error))?;
        Ok(self.known.digest.get_or_init(|| digest).clone())
    }

    /// SHA-256 of the unpacked bytes: the same for a file and a packed copy of it. Computed once.
    pub fn content_digest(&self) -> Result<String, InputError> {
        if let Some(known) = self.known.content_digest.get() {
            return Ok(known.clone());
        }
        let digest =
            if self.is_packed()? { sha256(self.unpacked()?).map_err(|error| self.unreadable(error))? } else { self.digest()? };
        Ok(self.known.content_digest.get_or_init(|| digest).clone())
    }

    pub(super) fn unreadable(&self, source: io::Error) -> InputError {
        let path = match (&self.place, self.path()) {
            (_, Some(path)) => path.display().to_string(),
            _ => self.name.clone(),
        };
        InputError::Unreadable { path, source }
    }
}

/// The digest of a stream; of a damaged one, of what came before.
fn sha256(mut stream: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        match stream.read(&mut block) {
            Ok(0) => break,
            Ok(count) => hasher.update(block.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if Damage::is(&error) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    }))
}

/// The rest of a damaged stream.
struct Lost;

impl Read for Lost {
    fn read(&mut self, _out: &mut [u8]) -> io::Result<usize> {
        Err(Damage::error())
    }
}

/// A file or memory that can be sought in.
#[derive(Debug)]
pub enum SeekableInput {
    File(File),
    Memory(io::Cursor<Arc<[u8]>>),
}

impl Read for SeekableInput {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            SeekableInput::File(file) => file.read(out),
            SeekableInput::Memory(bytes) => bytes.read(out),
        }
    }
}

impl Seek for SeekableInput {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        match self {
            SeekableInput::File(file) => file.seek(to),
            SeekableInput::Memory(bytes) => bytes.seek(to),
        }
    }
}

#[cfg(test)]
#[path = "input/tests.rs"]
mod tests;
