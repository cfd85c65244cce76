//! The decision to replace, and carrying it out: now, or at the next start.

use super::{Interruption, LAST, OutputError, folder};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Names of files, one a line, each as we give names: no folder in it and no dot first.
type Names = BTreeSet<String>;

/// Where files are staged.
pub fn staged(own: &Path) -> PathBuf {
    own.join("staged")
}

/// The files in the output folder that are ours.
pub fn manifest(own: &Path) -> Result<Names, OutputError> {
    Ok(read(&own.join("manifest"))?.unwrap_or_default())
}

/// Completes a replacement that was decided, or discards one that was not.
pub fn recover(out: &Path, own: &Path, at: Interruption<'_>) -> Result<(), OutputError> {
    match read(&own.join("journal"))? {
        Some(names) => carry_out(out, own, &names, at),
        None => {
            folder::remove(&own.join("journal.new"))?;
            folder::empty(&staged(own))
        }
    }
}

/// Decides the replacement by the staged files and carries it out. The files are synced already.
pub fn replace(out: &Path, own: &Path, names: &Names, at: Interruption<'_>) -> Result<(), OutputError> {
    at("before syncing the folder of staged files")?;
    folder::sync(&staged(own))?;
    at("before writing the journal")?;
    write(own, "journal", names, at)?;
    carry_out(out, own, names, at)
}

/// Every step can be repeated: a staged file that is gone has been renamed already.
fn carry_out(out: &Path, own: &Path, names: &Names, at: Interruption<'_>) -> Result<(), OutputError> {
    let before = manifest(own)?;
    // What is about to appear counts as ours from now on, so that a repeated start does not take it for a stranger's.
    let both: Names = before.union(names).cloned().collect();
    at("before widening the manifest")?;
    write(own, "manifest", &both, at)?;
    for name in names.iter().filter(|name| *name != LAST) {
        at("before renaming a file")?;
        rename(own, out, name)?;
    }
    for name in before.difference(names) {
        at("before removing a file of the earlier run")?;
        folder::remove(&out.join(name))?;
    }
    if names.contains(LAST) {
        at("before renaming the last file")?;
        rename(own, out, LAST)?;
    }
    at("before syncing the folder")?;
    folder::sync(out)?;
    write(own, "manifest", names, at)?;
    at("before removing the journal")?;
    folder::remove(&own.join("journal"))?;
    folder::sync(own)
}

fn rename(own: &Path, out: &Path, name: &str) -> Result<(), OutputError> {
    let from = staged(own).join(name);
    match fs::symlink_metadata(&from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        _ => folder::rename(&from, &out.join(name)),
    }
}

/// Writes a list of names so that it is there whole or not at all.
fn write(own: &Path, list: &str, names: &Names, at: Interruption<'_>) -> Result<(), OutputError> {
    let new = own.join(format!("{list}.new"));
    folder::remove(&new)?;
    let mut file = folder::create_file(&new)?;
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(OutputError::io("cannot write", &new))?;
    at("before renaming a list of names")?;
    folder::rename(&new, &own.join(list))?;
    at("before syncing our own folder")?;
    folder::sync(own)
}

/// Reads a list of names; none if it is not there. A name that we would not give is damage, or somebody's attempt to make us
/// write elsewhere.
fn read(path: &Path) -> Result<Option<Names>, OutputError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(OutputError::Journal { path: path.to_owned() }),
        Err(error) => return Err(OutputError::io("cannot read", path)(error)),
    };
    let names: Names = text.lines().map(str::to_owned).collect();
    match names.iter().all(|name| is_name(name)) {
        true => Ok(Some(names)),
        false => Err(OutputError::Journal { path: path.to_owned() }),
    }
}

/// True for a plain file name such as `report.json`.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain)
}
