//! Which files are read, and how their bytes come out as text.
//!
//! An input is opened several times (to recognise it, to digest it, to read it), each time as a stream, so memory does not
//! grow with the file. Standard input is spooled to a private temporary file first.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tempfile::NamedTempFile;

/// Bytes taken from a file at a time.
const BLOCK: usize = 1 << 18;

/// What stands in the way of reading an input.
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
}

/// One file to read.
#[derive(Debug, Clone)]
pub struct Input {
    /// How the file is called everywhere: its path below the folder that was named, with `/`; `-` for standard input.
    pub name: String,
    /// True if the user named the file itself; a file found in a folder may be passed over (decisions, 7).
    pub named: bool,
    place: Place,
    digest: Arc<OnceLock<String>>,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Spooled(Arc<NamedTempFile>),
    Memory(Arc<[u8]>),
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
        Input { name, named, place, digest: Arc::default() }
    }

    /// Where the file is, if it is one.
    pub fn path(&self) -> Option<&Path> {
        if let Place::File(path) = &self.place { Some(path) } else { None }
    }

    /// Size in bytes; two inputs of different size need no digest to be told apart.
    pub fn size(&self) -> Result<u64, InputError> {
        match &self.place {
            Place::Memory(bytes) => Ok(bytes.len() as u64),
            Place::File(path) => fs::metadata(path).map(|metadata| metadata.len()).map_err(|error| self.unreadable(error)),
            Place::Spooled(file) => {
                file.as_file().metadata().map(|metadata| metadata.len()).map_err(|error| self.unreadable(error))
            }
        }
    }

    /// The bytes as they are on the disk.
    pub fn raw(&self) -> Result<Box<dyn Read + Send>, InputError> {
        match &self.place {
            Place::Memory(bytes) => Ok(Box::new(io::Cursor::new(Arc::clone(bytes)))),
            Place::File(path) => Ok(Box::new(File::open(path).map_err(|error| self.unreadable(error))?)),
            Place::Spooled(file) => Ok(Box::new(file.reopen().map_err(|error| self.unreadable(error))?)),
        }
    }

    /// The bytes as UTF-8: without a byte order mark, and UTF-16 (with its mark) transcoded. Whether they are sound UTF-8 is
    /// judged record by record.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, InputError> {
        let mut raw = self.raw()?;
        let mut start = Vec::new();
        raw.by_ref().take(3).read_to_end(&mut start).map_err(|error| self.unreadable(error))?;
        Ok(match start.as_slice() {
            [0xEF, 0xBB, 0xBF] => raw,
            [0xFF, 0xFE, rest @ ..] => Box::new(Utf16::new(io::Cursor::new(rest.to_vec()).chain(raw), u16::from_le_bytes)),
            [0xFE, 0xFF, rest @ ..] => Box::new(Utf16::new(io::Cursor::new(rest.to_vec()).chain(raw), u16::from_be_bytes)),
            _ => Box::new(io::Cursor::new(start).chain(raw)),
        })
    }

    /// The raw bytes of a file that a reader wants to seek in.
    pub fn seekable(&self) -> Result<SeekableInput, InputError> {
        Ok(match &self.place {
            Place::Memory(bytes) => SeekableInput::Memory(io::Cursor::new(Arc::clone(bytes))),
            Place::File(path) => SeekableInput::File(File::open(path).map_err(|error| self.unreadable(error))?),
            Place::Spooled(file) => SeekableInput::File(file.reopen().map_err(|error| self.unreadable(error))?),
        })
    }

    /// SHA-256 of the raw bytes in hex; computed once.
    pub fn digest(&self) -> Result<String, InputError> {
        if let Some(known) = self.digest.get() {
            return Ok(known.clone());
        }
        let mut raw = self.raw()?;
        let mut hasher = Sha256::new();
        let mut block = vec![0; BLOCK];
        loop {
            match raw.read(&mut block) {
                Ok(0) => break,
                Ok(count) => hasher.update(block.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(error)),
            }
        }
        let digest = hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(self.digest.get_or_init(|| digest).clone())
    }

    pub(super) fn unreadable(&self, source: io::Error) -> InputError {
        InputError::Unreadable { path: self.path().map_or_else(|| self.name.clone(), |path| path.display().to_string()), source }
    }
}

/// A file or memory that can be sought in.
#[derive(Debug)]
pub enum SeekableInput {
    File(File),
    Memory(io::Cursor<Arc<[u8]>>),
}

/// The inputs that the arguments stand for, in the order of the arguments; the files of a folder are sorted by name. Hidden
/// files and folders are passed over, and folders behind symbolic links are not entered. A file named twice comes once.
pub fn find(arguments: &[PathBuf]) -> Result<Vec<Input>, InputError> {
    let mut inputs: Vec<Input> = Vec::new();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            if !inputs.iter().any(|known| known.name == "-") {
                inputs.push(spool(io::stdin().lock())?);
            }
            continue;
        }
        let found = match fs::metadata(argument) {
            Ok(metadata) if metadata.is_dir() => {
                let mut found = Vec::new();
                walk(argument, "", &mut found)?;
                found
            }
            Ok(metadata) if metadata.is_file() => vec![Input::file(argument)],
            // A named pipe (`<(…)` of a shell) can be read once only.
            Ok(_) => {
                let pipe = File::open(argument)
                    .map_err(|source| InputError::Unreadable { path: argument.display().to_string(), source })?;
                if pipe.metadata().map(|metadata| metadata.is_dir()).unwrap_or(true) {
                    return Err(InputError::NoFile(argument.clone()));
                }
                let spooled = spool(pipe)?;
                vec![Input { name: Input::file(argument).name, ..spooled }]
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(InputError::Missing(argument.clone())),
            Err(source) => return Err(InputError::Unreadable { path: argument.display().to_string(), source }),
        };
        for input in found {
            match inputs.iter_mut().find(|known| input.path().is_some() && known.path() == input.path()) {
                Some(known) => known.named |= input.named,
                None => inputs.push(input),
            }
        }
    }
    Ok(inputs)
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<Input>) -> Result<(), InputError> {
    let unreadable = |source| InputError::Unreadable { path: folder.display().to_string(), source };
    let mut entries = fs::read_dir(folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let shown = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            walk(&path, &shown, found)?;
        } else if fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            found.push(Input::at(shown, false, Place::File(path)));
        }
    }
    Ok(())
}

/// Copies a stream that can be read only once into a temporary file that its owner alone can read.
fn spool(mut stream: impl Read) -> Result<Input, InputError> {
    let mut file = NamedTempFile::new().map_err(InputError::StandardInput)?;
    io::copy(&mut stream, &mut file).map_err(InputError::StandardInput)?;
    file.flush().and_then(|()| file.rewind()).map_err(InputError::StandardInput)?;
    Ok(Input::at("-".to_owned(), true, Place::Spooled(Arc::new(file))))
}

/// UTF-16 → UTF-8 while reading; what is no text becomes U+FFFD, as a replacement that can be seen.
struct Utf16<R> {
    inner: R,
    order: fn([u8; 2]) -> u16,
    /// Bytes read and not decoded yet, at most one unit and a half.
    pending: Vec<u8>,
    decoded: io::Cursor<Vec<u8>>,
}

impl<R: Read> Utf16<R> {
    fn new(inner: R, order: fn([u8; 2]) -> u16) -> Utf16<R> {
        Utf16 { inner, order, pending: Vec::new(), decoded: io::Cursor::default() }
    }

    /// Decodes a further block; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        let mut bytes = std::mem::take(&mut self.pending);
        let before = bytes.len();
        self.inner.by_ref().take(BLOCK as u64).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let ended = bytes.len() == before;
        let (pairs, half) = bytes.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| (self.order)(*pair)).collect();
        let mut pending = half.to_vec();
        // A surrogate pair may be cut by the end of the block.
        if !ended
            && units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit))
            && let (Some(_), Some(pair)) = (units.pop(), pairs.last())
        {
            pending = [pair.as_slice(), half].concat();
        }
        let mut text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        if ended && !pending.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            pending.clear();
        }
        self.pending = pending;
        self.decoded = io::Cursor::new(text.into_bytes());
        Ok(true)
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.decoded.read(out)?;
            if count > 0 || out.is_empty() || !self.fill()? {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &[u8]) -> String {
        let mut text = String::new();
        Input::memory("x", bytes).open().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2], mark: [u8; 2]) -> Vec<u8> {
        mark.into_iter().chain(text.encode_utf16().flat_map(order)).collect()
    }

    #[test]
    fn marks_are_dropped_and_utf16_is_transcoded() {
        assert_eq!(text(b"\xEF\xBB\xBFid,name"), "id,name");
        assert_eq!(text(b"id"), "id");
        assert_eq!(text(b""), "");
        assert_eq!(text(b"\xFF\xFE"), "");
        assert_eq!(text(b"\xFF\xFEi\0d"), "i\u{FFFD}");
        assert_eq!(text(b"\xFF\xFE\x00\xD8"), "\u{FFFD}");
    }

    proptest! {
        #[test]
        fn utf16_says_what_it_said(text_ in ".{0,60}") {
            let long = text_.repeat(3000);
            prop_assert_eq!(&text(&utf16(&long, u16::to_le_bytes, [0xFF, 0xFE])), &long);
            prop_assert_eq!(&text(&utf16(&text_, u16::to_be_bytes, [0xFE, 0xFF])), &text_);
        }
    }

    #[test]
    fn digests_are_those_of_the_raw_bytes() {
        let input = Input::memory("x", *b"\xEF\xBB\xBFabc");
        assert_eq!(input.digest().unwrap(), "1c28dc3f1f804a1ad9c9b4b4cf5e2658d16ad4ed08e3020d04a8d2865018947c");
        assert_eq!(input.size().unwrap(), 6);
    }

    #[test]
    fn folders_are_walked_in_order_and_without_hidden_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a/z.json", "a/.hidden", ".git/x.csv", "c"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut file = File::create(path).unwrap();
            file.write_all(name.as_bytes()).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        let arguments = [folder.path().to_owned(), folder.path().join("b.csv"), folder.path().join("b.csv")];
        let names: Vec<_> = find(&arguments).unwrap().into_iter().map(|input| input.name).collect();
        assert_eq!(names, ["a/z.json", "b.csv", "c"]);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = find(&[PathBuf::from("no/such/file.csv")]).unwrap_err();
        assert_eq!(error.to_string(), "cannot find inventory `no/such/file.csv`");
    }

    #[test]
    fn a_stream_can_be_opened_again_once_it_is_spooled() {
        let input = spool(io::Cursor::new(b"abc".to_vec())).unwrap();
        for _ in 0..2 {
            let mut text = String::new();
            input.open().unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "abc");
        }
    }
}
