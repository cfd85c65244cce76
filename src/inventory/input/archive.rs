//! ZIP archives: the directory of one, and its members as streams.
//!
//! Only the directory at the end is believed: names, sizes and places come from it, and what a member holds is checked against
//! it. The directory is read here and not by a library, because those keep one of several members of a name and say nothing.

use super::unpack::{Damage, Limits};
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Members of an archive beyond which it is no folder of exports.
const MOST_MEMBERS: u64 = 10_000;
/// Bytes of a directory beyond which it is not read.
const LONGEST_DIRECTORY: u64 = 64 << 20;
/// The record at the end of an archive, and the longest comment after it.
const END: u64 = 22;
const LONGEST_COMMENT: u64 = 65_535;
/// What a size or place in the 32-bit fields is if the 64-bit ones have it.
const SEE_64: u64 = 0xFFFF_FFFF;
/// Bytes asked of the file at a time.
const BLOCK: usize = 1 << 17;

/// Why an archive is not read at all.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("a ZIP archive that is cut or damaged: its directory cannot be read; get it again, or unpack it")]
    Damaged,
    #[error("a ZIP archive in several pieces; join them, or unpack it")]
    Split,
    #[error("a ZIP archive of more than {MOST_MEMBERS} files; unpack it and name the exports")]
    TooMany,
    #[error("a ZIP archive whose files overlap, as those of a decompression bomb do")]
    Overlap,
    #[error("a ZIP archive that {0}")]
    Bomb(super::unpack::Bomb),
    #[error("a spreadsheet or document of an office program; save the sheet as CSV")]
    Office,
}

/// How a member is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Stored,
    Deflate,
    Zstd,
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path in the archive, made harmless: with `/`, without `..`, drive and control characters.
    pub name: String,
    method: Method,
    /// Where its own header begins.
    at: u64,
    packed: u64,
    size: u64,
    crc: u32,
}

/// What an archive holds.
#[derive(Debug, Default)]
pub struct Directory {
    pub members: Vec<Member>,
    /// Members that cannot be read: name and why.
    pub unreadable: Vec<(String, &'static str)>,
    /// What an operating system adds to every archive it makes: `__MACOSX/`, `.DS_Store`.
    pub housekeeping: Vec<String>,
    /// Names that stand for more than one member; all of them are read.
    pub repeated: Vec<String>,
}

/// True if a file begins as ZIP archives do, also an empty one.
pub fn is_archive(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

/// Reads the directory.
pub fn directory(file: &mut (impl Read + Seek), limits: Limits) -> Result<Directory, ArchiveError> {
    let length = file.seek(SeekFrom::End(0))?;
    let (entries, bytes, shift) = locate(file, length)?;
    let mut rest = bytes.as_slice();
    let mut found = Directory::default();
    let mut spans: Vec<(u64, u64)> = Vec::new();
    let (mut packed_total, mut size_total) = (0_u64, 0_u64);
    for _ in 0..entries {
        let entry = Entry::take(&mut rest).ok_or(ArchiveError::Damaged)?;
        let at = entry.at.checked_add(shift).filter(|at| *at < length).ok_or(ArchiveError::Damaged)?;
        spans.push((at, at.saturating_add(entry.packed).saturating_add(30)));
        packed_total = packed_total.saturating_add(entry.packed);
        size_total = size_total.saturating_add(entry.size);
        if entry.name == "[Content_Types].xml" || (entry.name == "mimetype" && found.members.is_empty()) {
            return Err(ArchiveError::Office);
        }
        found.sort_in(entry, at);
    }
    spans.sort_unstable();
    if spans.windows(2).any(|pair| matches!(pair, [(_, end), (next, _)] if end > next)) {
        return Err(ArchiveError::Overlap);
    }
    if let Some(bomb) = limits.exceeded(size_total, packed_total) {
        return Err(ArchiveError::Bomb(bomb));
    }
    found.tell_apart();
    Ok(found)
}

/// The directory's number of entries and bytes, and by how much its places are off (something may stand before the archive).
fn locate(file: &mut (impl Read + Seek), length: u64) -> Result<(u64, Vec<u8>, u64), ArchiveError> {
    let from = length.saturating_sub(END + LONGEST_COMMENT);
    let tail = read_at(file, from, length - from)?;
    let end = (0..tail.len().saturating_sub(END as usize - 1))
        .rev()
        .find(|at| {
            let rest = tail.get(*at..).unwrap_or_default();
            rest.starts_with(b"PK\x05\x06") && number(rest, 20, 2).is_some_and(|comment| comment <= rest.len() as u64 - END)
        })
        .ok_or(ArchiveError::Damaged)?;
    let record = tail.get(end..).unwrap_or_default();
    let field = |at, width| number(record, at, width).ok_or(ArchiveError::Damaged);
    let (mut entries, mut size, mut place, mut ends_at) = (field(10, 2)?, field(12, 4)?, field(16, 4)?, from + end as u64);
    let locator = end.checked_sub(20).and_then(|at| tail.get(at..end)).filter(|bytes| bytes.starts_with(b"PK\x06\x07"));
    if let Some(locator) = locator {
        let at = number(locator, 8, 8).filter(|at| *at < length).ok_or(ArchiveError::Damaged)?;
        let record = read_at(file, at, 56)?;
        let field = |at, width| number(&record, at, width).filter(|_| record.starts_with(b"PK\x06\x06"));
        let fields = field(32, 8).zip(field(40, 8)).zip(field(48, 8)).ok_or(ArchiveError::Damaged)?;
        ((entries, size), place) = fields;
        ends_at = at;
    } else if field(4, 2)? != field(6, 2)? || field(8, 2)? != entries {
        return Err(ArchiveError::Split);
    }
    if entries > MOST_MEMBERS {
        return Err(ArchiveError::TooMany);
    }
    let begins_at = ends_at.checked_sub(size).filter(|_| size <= LONGEST_DIRECTORY).ok_or(ArchiveError::Damaged)?;
    let shift = begins_at.checked_sub(place).ok_or(ArchiveError::Damaged)?;
    Ok((entries, read_at(file, begins_at, size)?, shift))
}

fn read_at(file: &mut (impl Read + Seek), at: u64, count: u64) -> Result<Vec<u8>, ArchiveError> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == count { Ok(bytes) } else { Err(ArchiveError::Damaged) }
}

/// A little-endian number of `width` bytes.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(width)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// An entry of the directory.
struct Entry {
    name: String,
    flags: u64,
    method: u64,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
    is_link: bool,
}

impl Entry {
    fn take(rest: &mut &[u8]) -> Option<Entry> {
        let bytes = *rest;
        if !bytes.starts_with(b"PK\x01\x02") {
            return None;
        }
        let field = |at, width| number(bytes, at, width);
        let lengths = [field(28, 2)?, field(30, 2)?, field(32, 2)?].map(|length| length as usize);
        let [name, extra, comment] = lengths;
        let name_bytes = bytes.get(46..46 + name)?;
        let extra_bytes = bytes.get(46 + name..46 + name + extra)?;
        *rest = bytes.get(46 + name + extra + comment..)?;
        let mut sizes = [field(24, 4)?, field(20, 4)?, field(42, 4)?];
        let mut wide = wide_fields(extra_bytes);
        for size in sizes.iter_mut().filter(|size| **size == SEE_64) {
            *size = number(wide, 0, 8)?;
            wide = wide.get(8..)?;
        }
        let [size, packed, at] = sizes;
        // Only Unix writes the kind of a file: the upper half of the attributes.
        let is_link = field(5, 1)? == 3 && field(40, 2)? & 0o170_000 == 0o120_000;
        let name = String::from_utf8_lossy(name_bytes).into_owned();
        Some(Entry { name, flags: field(8, 2)?, method: field(10, 2)?, crc: field(16, 4)? as u32, packed, size, at, is_link })
    }
}

/// The 64-bit sizes and place of an entry, those first that the other fields leave to them.
fn wide_fields(mut extra: &[u8]) -> &[u8] {
    while let (Some(id), Some(length)) = (number(extra, 0, 2), number(extra, 2, 2)) {
        let end = 4 + length as usize;
        if id == 1 {
            return extra.get(4..end).unwrap_or_default();
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    &[]
}

impl Directory {
    fn sort_in(&mut self, entry: Entry, at: u64) {
        let is_folder = entry.name.ends_with(['/', '\\']);
        let name = harmless(&entry.name);
        let hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        let method = match entry.method {
            0 if entry.packed == entry.size => Some(Method::Stored),
            8 => Some(Method::Deflate),
            93 => Some(Method::Zstd),
            _ => None,
        };
        match method {
            _ if is_folder && entry.size == 0 => {}
            _ if hidden => self.housekeeping.push(name),
            _ if entry.is_link => self.unreadable.push((name, "it is a symbolic link in an archive")),
            _ if entry.flags & 0x41 != 0 => self.unreadable.push((name, "it is encrypted; unpack the archive with its password")),
            None => self.unreadable.push((name, "it is packed with a method that is not read here; unpack the archive")),
            Some(method) => {
                self.members.push(Member { name, method, at, packed: entry.packed, size: entry.size, crc: entry.crc });
            }
        }
    }

    /// Members come in the order of their names; a name that comes again gets a number.
    fn tell_apart(&mut self) {
        self.members.sort_by(|a, b| (&a.name, a.at).cmp(&(&b.name, b.at)));
        let mut taken = std::collections::BTreeSet::new();
        for member in &mut self.members {
            if taken.contains(&member.name) {
                let free = (2_u32..).map(|number| format!("{} ({number})", member.name)).find(|name| !taken.contains(name));
                let name = std::mem::replace(&mut member.name, free.unwrap_or_default());
                if self.repeated.last() != Some(&name) {
                    self.repeated.push(name);
                }
            }
            taken.insert(member.name.clone());
        }
    }
}

/// A name that leads nowhere and steers no terminal. Nothing is ever unpacked to a place that it names; it is shown, and
/// matched with the settings.
fn harmless(name: &str) -> String {
    let name = name.replace('\\', "/");
    let parts = name.split('/').map(|part| part.replace(|letter: char| letter.is_control(), "\u{FFFD}"));
    let parts: Vec<String> = parts.filter(|part| !matches!(part.as_str(), "" | "." | ".." | "C:")).collect();
    if parts.is_empty() { "unnamed".to_owned() } else { parts.join("/") }
}

impl Member {
    /// The content as a stream. Content that does not keep what the directory says ends as damaged.
    pub fn open<R: Read + Seek + Send + 'static>(&self, mut file: R) -> io::Result<Box<dyn Read + Send>> {
        file.seek(SeekFrom::Start(self.at))?;
        let mut header = Vec::new();
        file.by_ref().take(30).read_to_end(&mut header)?;
        let lengths = number(&header, 26, 2).zip(number(&header, 28, 2)).filter(|_| header.starts_with(b"PK\x03\x04"));
        let Some((name, extra)) = lengths else { return Err(Damage::error()) };
        file.seek(SeekFrom::Current((name + extra) as i64))?;
        let packed = BufReader::with_capacity(BLOCK, file.take(self.packed));
        let content: Box<dyn Read + Send> = match self.method {
            Method::Stored => Box::new(packed),
            Method::Deflate => Box::new(DeflateDecoder::new(packed)),
            Method::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(packed)?),
        };
        Ok(Box::new(Checked { content, left: self.size, crc: Crc::new(), stated: self.crc }))
    }
}

/// Content that is compared with what the directory says of it.
struct Checked {
    content: Box<dyn Read + Send>,
    left: u64,
    crc: Crc,
    stated: u32,
}

impl Read for Checked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let wanted = out.len().min(usize::try_from(self.left).unwrap_or(usize::MAX).max(1));
        let out = out.get_mut(..wanted).unwrap_or_default();
        let count = match self.content.read(out) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(_) => return Err(Damage::error()),
        };
        let sound = match self.left.checked_sub(count as u64) {
            Some(left) if count > 0 => {
                self.left = left;
                self.crc.update(out.get(..count).unwrap_or_default());
                true
            }
            Some(left) => left == 0 && self.crc.sum() == self.stated,
            None => false,
        };
        if sound { Ok(count) } else { Err(Damage::error()) }
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
pub(super) mod tests;
