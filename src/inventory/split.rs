//! Splits CSV and TSV into records, and keeps unsound ones away from the table reader (decisions, 34).
//!
//! A record is sound if its quoting closes, it has as many cells as the header, it is UTF-8 without NUL and no longer than
//! [`LONGEST_RECORD`]. Sound records come out in slices of some megabytes, in one spelling: line feeds between records, and
//! quotes only around whole cells. An unsound record costs its own line: reading goes on at the next one, so that a quote
//! somebody forgot does not swallow the rest of the file.

use super::input::{Block, read_block};
use memchr::{memchr, memchr_iter, memchr2, memchr3};
use std::io::{self, Read};

/// Rejects handed over with one slice at the most: a broken file can have millions.
const REJECTED_AT_ONCE: usize = 1 << 16;
/// Bytes of a record beyond which it is rejected.
pub const LONGEST_RECORD: usize = 16 << 20;
/// Bytes that a slice holds before it is handed over.
const SLICE: usize = 8 << 20;
/// Bytes asked of the reader at a time.
const BLOCK: usize = 1 << 20;
/// Columns beyond which a file is no inventory.
const MOST_COLUMNS: usize = 4096;
/// Bytes of a record with quotes beyond which nobody can tell a long cell from a quote that somebody forgot.
const UNDECIDED: usize = 4 * LONGEST_RECORD;
/// Bytes that may be read twice because a broken record was left at its first line; it bounds the time of hostile files.
const REREAD: usize = 2 * UNDECIDED;

/// Whole sound records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// The records, each ended by a line feed.
    pub bytes: Vec<u8>,
    /// For each record, the line of the file on which it starts.
    pub lines: Vec<u64>,
}

/// A record that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct Rejected {
    pub line: u64,
    pub reason: String,
}

/// Why a table has no rows at all.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    #[error("there is no header row")]
    Missing,
    #[error("line {line}: the header {reason}")]
    Unsound { line: u64, reason: String },
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// Reads records off a stream.
pub struct Splitter<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Where the next record starts in the buffer.
    start: usize,
    ended: bool,
    /// The end is where the rest of a packed file is lost.
    damaged: bool,
    line: u64,
    delimiter: u8,
    columns: usize,
    reread: usize,
}

/// What stands at the start of some bytes.
#[derive(Debug, PartialEq, Eq)]
enum Scan {
    /// The record goes on beyond the bytes.
    More,
    Record {
        /// Where the record ends, without its line end, and where the next one starts.
        end: usize,
        next: usize,
        line_ends: u64,
        cells: usize,
        /// A cell without quotes around it holds one.
        stray_quote: bool,
    },
    Broken {
        reason: &'static str,
        /// Bytes looked at.
        seen: usize,
    },
}

impl<R: Read> Splitter<R> {
    /// Reads the header, which also tells the delimiter.
    pub fn open(reader: R) -> Result<(Splitter<R>, Vec<String>), HeaderError> {
        let mut splitter = Splitter {
            reader,
            buffer: Vec::new(),
            start: 0,
            ended: false,
            damaged: false,
            line: 1,
            delimiter: b',',
            columns: 0,
            reread: REREAD,
        };
        let header = splitter.header()?;
        splitter.columns = header.len();
        Ok((splitter, header))
    }

    /// The delimiter that the header has.
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// True if the end was met because the rest of a packed file is lost.
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// The next sound records; none at the end of the file. What is unsound is added to `rejected`.
    pub fn next_slice(&mut self, rejected: &mut Vec<Rejected>) -> io::Result<Option<Slice>> {
        let mut slice = Slice::default();
        while slice.bytes.len() < SLICE && rejected.len() < REJECTED_AT_ONCE {
            let rest = self.buffer.get(self.start..).unwrap_or_default();
            match scan(rest, self.delimiter, self.ended) {
                _ if rest.is_empty() && self.ended => break,
                Scan::More if rest.len() <= LONGEST_RECORD => self.fill()?,
                // A quoted cell may hold any number of lines, and all of them are one reject if the quote closes.
                Scan::More if rest.len() <= UNDECIDED && memchr(b'"', rest).is_some() => self.fill()?,
                Scan::More => self.leave_long(rejected)?,
                Scan::Record { end, next, .. } if self.damaged && next == rest.len() && end == next => {
                    rejected.push(Rejected { line: self.line, reason: "ends in the middle".to_owned() });
                    self.start += next;
                }
                Scan::Broken { reason, seen } => self.leave_broken(reason, seen, rejected),
                Scan::Record { end, next, line_ends, cells, stray_quote } => {
                    let record = rest.get(..end).unwrap_or_default();
                    if !record.is_empty() {
                        match self.fault(record, cells) {
                            Some(reason) => rejected.push(Rejected { line: self.line, reason }),
                            None => {
                                if stray_quote {
                                    respell(record, self.delimiter, &mut slice.bytes);
                                } else {
                                    slice.bytes.extend_from_slice(record);
                                }
                                slice.bytes.push(b'\n');
                                slice.lines.push(self.line);
                            }
                        }
                    }
                    self.start += next;
                    self.line += line_ends;
                }
            }
        }
        let ended = slice.lines.is_empty() && self.ended && self.start >= self.buffer.len();
        Ok(if ended { None } else { Some(slice) })
    }

    fn header(&mut self) -> Result<Vec<String>, HeaderError> {
        loop {
            let rest = self.buffer.get(self.start..).unwrap_or_default();
            if rest.is_empty() && self.ended {
                return Err(HeaderError::Missing);
            }
            let unsound = |line, reason: &str| HeaderError::Unsound { line, reason: reason.to_owned() };
            // The first line is enough to tell the delimiter, even if the header goes on after it.
            let delimiter = match memchr2(b'\n', b'\r', rest) {
                Some(end) => sniff(rest.get(..end).unwrap_or_default()),
                None if self.ended => sniff(rest),
                None if rest.len() > LONGEST_RECORD => return Err(unsound(self.line, "is too long")),
                None => {
                    self.fill()?;
                    continue;
                }
            };
            match scan(rest, delimiter, self.ended) {
                Scan::More if rest.len() > LONGEST_RECORD => return Err(unsound(self.line, "is too long")),
                Scan::More => self.fill()?,
                Scan::Broken { reason, .. } => return Err(unsound(self.line, reason)),
                Scan::Record { end, next, line_ends, .. } => {
                    let record = rest.get(..end).unwrap_or_default();
                    if record.iter().all(u8::is_ascii_whitespace) {
                        self.start += next;
                        self.line += line_ends;
                        continue;
                    }
                    if memchr(0, record).is_some() {
                        return Err(unsound(self.line, "contains a NUL byte"));
                    }
                    let Ok(text) = std::str::from_utf8(record) else {
                        return Err(unsound(self.line, "is not UTF-8"));
                    };
                    let header: Vec<String> = cells(text, delimiter).map(|cell| cell.trim().to_owned()).collect();
                    if header.len() > MOST_COLUMNS {
                        return Err(unsound(self.line, "has too many columns"));
                    }
                    self.delimiter = delimiter;
                    self.start += next;
                    self.line += line_ends;
                    return Ok(header);
                }
            }
        }
    }

    /// What makes a record unsound, if anything does.
    fn fault(&self, record: &[u8], cells: usize) -> Option<String> {
        if memchr(0, record).is_some() {
            Some("contains a NUL byte".to_owned())
        } else if std::str::from_utf8(record).is_err() {
            Some("is not UTF-8".to_owned())
        } else if cells != self.columns {
            Some(format!("has {cells} {}, the header has {}", if cells == 1 { "cell" } else { "cells" }, self.columns))
        } else if record.len() > LONGEST_RECORD {
            Some(too_long())
        } else {
            None
        }
    }

    /// Leaves a broken record after its first line, as long as that does not read too much twice.
    fn leave_broken(&mut self, reason: &str, seen: usize, rejected: &mut Vec<Rejected>) {
        rejected.push(Rejected { line: self.line, reason: reason.to_owned() });
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        let first_line = line_end(rest, 0).unwrap_or(rest.len());
        let leave = match self.reread.checked_sub(seen.saturating_sub(first_line)) {
            Some(left) => {
                self.reread = left;
                first_line
            }
            None => line_end(rest, seen).unwrap_or(rest.len()),
        };
        self.line += count_line_ends(rest.get(..leave).unwrap_or_default());
        self.start += leave;
    }

    /// Leaves a record that is too long: after its first line if the record spans lines (a quote was not closed), else by
    /// throwing the line away while it is read.
    fn leave_long(&mut self, rejected: &mut Vec<Rejected>) -> io::Result<()> {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        if memchr2(b'\n', b'\r', rest).is_some_and(|end| end + 1 < rest.len()) {
            self.leave_broken("has a quote that is not closed", rest.len(), rejected);
            return Ok(());
        }
        rejected.push(Rejected { line: self.line, reason: too_long() });
        loop {
            let rest = self.buffer.get(self.start..).unwrap_or_default();
            match line_end(rest, 0) {
                // A carriage return at the end may be half of a line end.
                Some(end) if end < rest.len() || self.ended => {
                    self.start += end;
                    self.line += 1;
                    return Ok(());
                }
                _ if self.ended => {
                    self.start = self.buffer.len();
                    return Ok(());
                }
                Some(_) => {}
                None => self.start = self.buffer.len(),
            }
            self.fill()?;
        }
    }

    /// Reads a further block; what lies before `start` makes room for it.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start.min(self.buffer.len()));
        self.start = 0;
        // Long records are read in growing steps, because each step scans them from their start.
        let wanted = BLOCK.max(self.buffer.len());
        let block = read_block(&mut self.reader, &mut self.buffer, wanted)?;
        self.ended = block != Block::More;
        self.damaged = block == Block::Damaged;
        Ok(())
    }
}

fn too_long() -> String {
    format!("is longer than {} MiB", LONGEST_RECORD >> 20)
}

/// Looks at the record at the start of `bytes`.
fn scan(bytes: &[u8], delimiter: u8, ended: bool) -> Scan {
    let end = match memchr2(b'\n', b'\r', bytes) {
        Some(end) => end,
        None if ended => bytes.len(),
        None => return Scan::More,
    };
    let line = bytes.get(..end).unwrap_or_default();
    if memchr(b'"', line).is_some() {
        return scan_quoted(bytes, delimiter, ended);
    }
    match after_line_end(bytes, end, ended) {
        Some(next) => {
            Scan::Record { end, next, line_ends: 1, cells: memchr_iter(delimiter, line).count() + 1, stray_quote: false }
        }
        None => Scan::More,
    }
}

/// The same for a record with quotes in its first line.
fn scan_quoted(bytes: &[u8], delimiter: u8, ended: bool) -> Scan {
    let mut at = 0;
    let mut cells = 1;
    let mut line_ends = 1;
    let mut stray_quote = false;
    loop {
        if bytes.get(at) == Some(&b'"') {
            let opened = at;
            at += 1;
            loop {
                match memchr(b'"', bytes.get(at..).unwrap_or_default()) {
                    None if ended => return Scan::Broken { reason: "has a quote that is not closed", seen: bytes.len() },
                    None => return Scan::More,
                    Some(offset) => at += offset + 1,
                }
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
            line_ends += count_line_ends(bytes.get(opened..at).unwrap_or_default());
        } else {
            let rest = bytes.get(at..).unwrap_or_default();
            let cell = match memchr3(delimiter, b'\n', b'\r', rest) {
                Some(length) => length,
                None if ended => rest.len(),
                None => return Scan::More,
            };
            stray_quote |= memchr(b'"', rest.get(..cell).unwrap_or_default()).is_some();
            at += cell;
        }
        match bytes.get(at) {
            Some(byte) if *byte == delimiter => {
                at += 1;
                cells += 1;
            }
            Some(b'\n' | b'\r') | None => break,
            Some(_) => return Scan::Broken { reason: "has text after a closing quote", seen: at },
        }
    }
    if at == bytes.len() && !ended {
        return Scan::More;
    }
    match after_line_end(bytes, at, ended) {
        Some(next) => Scan::Record { end: at, next, line_ends, cells, stray_quote },
        None => Scan::More,
    }
}

/// Where the next record starts if one ends at `end`; none if that cannot be seen yet.
fn after_line_end(bytes: &[u8], end: usize, ended: bool) -> Option<usize> {
    match (bytes.get(end), bytes.get(end + 1)) {
        (Some(b'\r'), Some(b'\n')) => Some(end + 2),
        (Some(b'\r'), None) if !ended => None,
        (Some(_), _) => Some(end + 1),
        (None, _) => Some(end),
    }
}

/// Where the line that holds `from` is over, its line end included.
fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let end = from + memchr2(b'\n', b'\r', bytes.get(from..)?)?;
    after_line_end(bytes, end, true)
}

/// Line ends, a carriage return and line feed together counting once.
fn count_line_ends(bytes: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let lone_returns = memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + lone_returns) as u64
}

/// The delimiter that occurs most outside quotes; a comma if none does.
fn sniff(line: &[u8]) -> u8 {
    let count = |delimiter: u8| {
        let mut quoted = false;
        line.iter()
            .filter(|byte| {
                quoted ^= **byte == b'"';
                !quoted && **byte == delimiter
            })
            .count()
    };
    let mut best = (b',', count(b','));
    for delimiter in [b';', b'\t'] {
        let found = count(delimiter);
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

/// The cells of a sound record, decoded.
fn cells(record: &str, delimiter: u8) -> impl Iterator<Item = String> + '_ {
    let mut rest = Some(record);
    let delimiter = char::from(delimiter);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(quoted) = text.strip_prefix('"') else {
            let (cell, after) = text.split_once(delimiter).map_or((text, None), |(cell, after)| (cell, Some(after)));
            rest = after;
            return Some(cell.to_owned());
        };
        let mut cell = String::new();
        let mut inside = quoted;
        loop {
            let (piece, after) = inside.split_once('"').unwrap_or((inside, ""));
            cell.push_str(piece);
            match after.strip_prefix('"') {
                Some(doubled) => {
                    cell.push('"');
                    inside = doubled;
                }
                None => {
                    rest = after.strip_prefix(delimiter);
                    return Some(cell);
                }
            }
        }
    })
}

/// Writes a record with quotes around the cells that hold one.
fn respell(record: &[u8], delimiter: u8, out: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(record);
    for (number, cell) in cells(&text, delimiter).enumerate() {
        if number > 0 {
            out.push(delimiter);
        }
        out.push(b'"');
        out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    }
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
