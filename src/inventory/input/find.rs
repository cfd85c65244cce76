//! The inputs that arguments stand for: files, folders, ZIP archives, standard input.
//!
//! In a folder: hidden files and folders (their names begin with a dot) are none of the user's exports and are only mentioned.
//! A symbolic link to a file is that file; one to a folder is not entered, because it may lead in a circle or out of what was
//! named. Pipes, sockets and devices are not opened. All of this is told, and what may hold tokens makes the run incomplete.

use super::archive::{self, Directory};
use super::{ArchiveError, Input, InputError, Limits, Place, START, Spool};
use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something in a folder or archive that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// As an input would be called.
    pub name: String,
    /// Why, in words that follow the name.
    pub reason: String,
    /// False for what nobody takes for an export: hidden files, and those that an operating system adds to archives.
    pub may_hold_tokens: bool,
}

/// What the arguments stand for.
#[derive(Debug, Default)]
pub struct Found {
    /// In the order of the arguments; those of one folder or archive are sorted by name. A file named twice comes once.
    pub inputs: Vec<Input>,
    pub passed_over: Vec<PassedOver>,
}

/// Finds the inputs that the arguments stand for.
///
/// # Errors
/// If something that was named cannot be read. What is found in a folder and cannot be read is passed over.
pub fn find(arguments: &[PathBuf]) -> Result<Found, InputError> {
    let mut found = Found::default();
    for argument in arguments {
        if argument.as_os_str() == "-" {
            if !found.inputs.iter().any(|known| known.name == "-" || known.name.starts_with("-/")) {
                let spool = Spool::of(io::stdin().lock()).map_err(InputError::StandardInput)?;
                found.add(Input::at("-".to_owned(), true, Place::Spooled(Arc::new(spool))))?;
            }
            continue;
        }
        let unreadable = |source| InputError::Unreadable { path: argument.display().to_string(), source };
        match fs::metadata(argument) {
            Ok(metadata) if metadata.is_dir() => found.walk(argument, "")?,
            Ok(metadata) if metadata.is_file() => found.add(Input::file(argument))?,
            Ok(metadata) if is_descriptor(argument) && !is_device(metadata.file_type()) => {
                // `<(…)` of a shell is open already and can be read once only.
                let spool = File::open(argument).and_then(Spool::of).map_err(unreadable)?;
                let place = Place::Spooled(Arc::new(spool));
                found.add(Input { place, ..Input::file(argument) })?;
            }
            Ok(metadata) if is_pipe(metadata.file_type()) => return Err(InputError::Pipe(argument.clone())),
            Ok(_) => return Err(InputError::NoFile(argument.clone())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(InputError::Missing(argument.clone())),
            Err(source) => return Err(unreadable(source)),
        }
    }
    Ok(found)
}

/// True for a file that the shell opened before the program began.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/fd", "/dev/stdin", "/proc"].iter().any(|open| path.starts_with(open))
}

#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(unix)]
fn is_device(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_block_device() || kind.is_char_device()
}

#[cfg(not(unix))]
fn is_pipe(_kind: FileType) -> bool {
    false
}

#[cfg(not(unix))]
fn is_device(_kind: FileType) -> bool {
    false
}

impl Found {
    /// Adds a file, or the members of an archive. One that is there already is only named once more.
    fn add(&mut self, input: Input) -> Result<(), InputError> {
        if let Some(path) = input.container() {
            let mut known = self.inputs.iter_mut().filter(|known| known.container() == Some(path)).peekable();
            if known.peek().is_some() {
                known.filter(|known| known.path().is_some()).for_each(|known| known.named |= input.named);
                return Ok(());
            }
        }
        let mut start = Vec::new();
        input.stored()?.take(START).read_to_end(&mut start).map_err(|error| input.unreadable(error))?;
        if !archive::is_archive(&start) {
            self.inputs.push(input);
            return Ok(());
        }
        let mut file = input.place.open().map_err(|error| input.unreadable(error))?;
        match archive::directory(&mut file, Limits::DEFAULT) {
            Ok(directory) => self.add_members(&input, directory),
            Err(ArchiveError::Read(error)) => return Err(input.unreadable(error)),
            Err(refusal) => self.inputs.push(Input { refusal: Some(refusal.to_string().into()), ..input }),
        }
        Ok(())
    }

    fn add_members(&mut self, archive: &Input, directory: Directory) {
        let name = |member: &str| format!("{}/{member}", archive.name);
        let place = Arc::new(archive.place.clone());
        for (member, reason) in directory.unreadable {
            self.pass_over(name(&member), reason, true);
        }
        for member in directory.housekeeping {
            self.pass_over(name(&member), "is hidden", false);
        }
        for member in directory.repeated {
            self.pass_over(name(&member), "stands in the archive more than once; each of them is read", false);
        }
        if directory.members.is_empty() {
            self.pass_over(archive.name.clone(), "is an archive without files to read", true);
        }
        for member in directory.members {
            let place = Place::Member { archive: Arc::clone(&place), member: Arc::new(member.clone()) };
            self.inputs.push(Input::at(name(&member.name), false, place));
        }
    }

    fn pass_over(&mut self, name: String, reason: impl Into<String>, may_hold_tokens: bool) {
        self.passed_over.push(PassedOver { name, reason: reason.into(), may_hold_tokens });
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> Result<(), InputError> {
        let unreadable = |source| InputError::Unreadable { path: folder.display().to_string(), source };
        let mut entries = fs::read_dir(folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let shown = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let path = entry.path();
            let is_link = entry.file_type().map_err(unreadable)?.is_symlink();
            if name.starts_with('.') {
                self.pass_over(shown, "is hidden", false);
                continue;
            }
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() && is_link => {
                    self.pass_over(shown, "is a symbolic link to a folder, which is not followed; name that folder too", true);
                }
                Ok(metadata) if metadata.is_dir() => match self.walk(&path, &shown) {
                    Err(InputError::Unreadable { source, .. }) => self.pass_over(shown, cannot_be_read(&source), true),
                    other => other?,
                },
                Ok(metadata) if metadata.is_file() => match self.add(Input::at(shown.clone(), false, Place::File(path))) {
                    Err(InputError::Unreadable { source, .. }) => self.pass_over(shown, cannot_be_read(&source), true),
                    other => other?,
                },
                Ok(_) => self.pass_over(shown, "is a pipe, socket or device", true),
                Err(_) if is_link => self.pass_over(shown, "is a symbolic link that leads nowhere", true),
                Err(source) => self.pass_over(shown, cannot_be_read(&source), true),
            }
        }
        Ok(())
    }
}

fn cannot_be_read(source: &io::Error) -> String {
    format!("cannot be read: {source}")
}
