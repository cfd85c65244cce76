//! Finds where JSON values end, without parsing them.
//!
//! Only strings, escapes and brackets are looked at, so a value of any size passes in bounded memory and nesting of any depth
//! is a number, not a stack. What a value holds is judged by the parser afterwards, for each value alone.

use crate::inventory::input::{Block, read_block};
use memchr::memchr3;
use std::io::{self, Read};

/// Bytes asked of the reader at a time.
const BLOCK: usize = 1 << 18;
/// Bytes that are looked through for the start of a line.
const LONGEST_INDENT: usize = 256;
/// Lines that are looked at to tell whether each is a document.
const LINES_SEEN: usize = 8;
/// Bytes of a value beyond which it is given up.
pub const LONGEST_VALUE: usize = 64 << 20;
/// Brackets in brackets beyond which a value is given up; the parser's own limit is a little higher.
pub const DEEPEST: u32 = 100;

/// Why a value was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The file, or the line of a file with a document on each, ends inside the value.
    Cut,
    TooLong,
    TooDeep,
    /// A string goes on beyond its line; the value was left at the next line that is not indented more.
    OpenQuote,
}

impl Fault {
    /// What to tell about the value.
    pub fn reason(self) -> String {
        match self {
            Fault::Cut => "ends in the middle".to_owned(),
            Fault::TooLong => format!("is longer than {} MiB", LONGEST_VALUE >> 20),
            Fault::TooDeep => format!("is nested more than {DEEPEST} deep"),
            Fault::OpenQuote => "has a quote that is not closed".to_owned(),
        }
    }
}

/// Reads values off a stream of text.
pub struct Scanner<R> {
    reader: R,
    buffer: Vec<u8>,
    at: usize,
    end: Block,
    line: u64,
    /// Each line is a document of its own, so a value never goes on beyond its line.
    by_line: bool,
}

impl<R: Read> Scanner<R> {
    /// Looks at the first block, to tell whether each line is a document.
    pub fn open(reader: R) -> io::Result<Scanner<R>> {
        let mut scanner = Scanner { reader, buffer: Vec::new(), at: 0, end: Block::More, line: 1, by_line: false };
        scanner.fill()?;
        scanner.by_line = looks_by_line(&scanner.buffer);
        Ok(scanner)
    }

    /// True if each line is a document.
    pub fn by_line(&self) -> bool {
        self.by_line
    }

    /// True if the end was met because the rest of a packed file is lost.
    pub fn is_damaged(&self) -> bool {
        self.end == Block::Damaged
    }

    /// The line of the next byte, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next byte that is no blank, which is not taken. Files that were joined have byte order marks in their midst, which
    /// are passed over.
    pub fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.peek_within(true)? {
                Some(0xEF) if self.skip_mark()? => {}
                found => return Ok(found),
            }
        }
    }

    /// The same inside a document; none where the document must be over.
    pub fn peek_inside(&mut self) -> io::Result<Option<u8>> {
        self.peek_within(!self.by_line)
    }

    fn peek_within(&mut self, over_lines: bool) -> io::Result<Option<u8>> {
        loop {
            while let Some(&byte) = self.buffer.get(self.at) {
                match byte {
                    b'\n' if over_lines => self.line += 1,
                    b'\n' => return Ok(None),
                    b' ' | b'\t' | b'\r' => {}
                    _ => return Ok(Some(byte)),
                }
                self.at += 1;
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Takes the byte that was peeked.
    pub fn bump(&mut self) {
        self.at += 1;
    }

    /// Takes a byte order mark; true if there was one.
    fn skip_mark(&mut self) -> io::Result<bool> {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        if self.buffer.len() < self.at + MARK.len() {
            self.fill()?;
        }
        let found = self.buffer.get(self.at..).is_some_and(|rest| rest.starts_with(MARK));
        self.at += if found { MARK.len() } else { 0 };
        Ok(found)
    }

    /// Leaves the rest of the line.
    pub fn leave_line(&mut self) -> io::Result<()> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', rest) {
                self.at += end;
                return Ok(());
            }
            self.at = self.buffer.len();
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    /// Takes the value that begins at the peeked byte. Its bytes come into `out`, as long as they are no more than `limit`.
    pub fn take(&mut self, out: &mut Vec<u8>, limit: usize) -> io::Result<Option<Fault>> {
        out.clear();
        let indent = self.indent();
        let mut state = ValueState { ends_at_open_quote: self.by_line || indent.is_some(), ..ValueState::default() };
        let mut fault = None;
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let (length, end) = state.advance(rest, self.by_line, &mut self.line);
            if state.deepest > DEEPEST {
                fault = fault.or(Some(Fault::TooDeep));
            }
            if fault.is_none() {
                if out.len() + length > limit {
                    fault = Some(Fault::TooLong);
                    *out = Vec::new();
                } else {
                    out.extend_from_slice(rest.get(..length).unwrap_or_default());
                }
            }
            self.at += length;
            match end {
                Some(End::Whole) => return Ok(fault),
                Some(End::Line) => return Ok(fault.or(Some(Fault::Cut))),
                Some(End::OpenQuote) if self.by_line => return Ok(fault.or(Some(Fault::OpenQuote))),
                Some(End::OpenQuote) => {
                    self.leave_indented(indent.unwrap_or(0))?;
                    return Ok(fault.or(Some(Fault::OpenQuote)));
                }
                None => {}
            }
            if !self.fill()? {
                // A number or word may end with the file.
                let whole = state.depth == 0 && !state.in_string && state.begun;
                return Ok(fault.or(if whole { None } else { Some(Fault::Cut) }));
            }
        }
    }

    /// By how many blanks the current line is indented; none if its start is too far back.
    fn indent(&self) -> Option<usize> {
        let from = self.at.saturating_sub(LONGEST_INDENT);
        let before = self.buffer.get(from..self.at)?;
        let start = match memchr::memrchr(b'\n', before) {
            Some(end) => end + 1,
            None if from == 0 && self.line == 1 => 0,
            None => return None,
        };
        Some(before.get(start..)?.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count())
    }

    /// Goes to the next line that is indented by no more than `indent` blanks: where a value that was written below another
    /// one in the same way begins, or where the broken one closes.
    fn leave_indented(&mut self, indent: usize) -> io::Result<()> {
        loop {
            self.leave_line()?;
            self.bump();
            self.line += 1;
            let mut blanks = 0;
            loop {
                match self.buffer.get(self.at).copied() {
                    Some(b' ' | b'\t') => blanks += 1,
                    Some(b'\n' | b'\r') => break,
                    Some(_) if blanks <= indent => return Ok(()),
                    Some(_) => break,
                    None if self.fill()? => continue,
                    None => return Ok(()),
                }
                self.at += 1;
            }
        }
    }

    /// Reads a further block in place of the one that was taken; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.end != Block::More {
            return Ok(false);
        }
        self.buffer.drain(..self.at.min(self.buffer.len()));
        self.at = 0;
        let before = self.buffer.len();
        self.end = read_block(&mut self.reader, &mut self.buffer, BLOCK)?;
        Ok(self.buffer.len() > before)
    }
}

/// True if the file begins with a brace, and of its first lines one at least is a whole document and none goes on after a comma.
fn looks_by_line(start: &[u8]) -> bool {
    let lines = start.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let lines: Vec<&[u8]> = lines.take(LINES_SEEN).collect();
    let whole = |line: &[u8]| {
        let (length, end) = ValueState::default().advance(line, true, &mut 0);
        matches!(end, Some(End::Whole)) && length == line.len()
    };
    lines.len() > 1
        && lines.first().is_some_and(|line| line.starts_with(b"{"))
        && lines.iter().all(|line| !line.ends_with(b","))
        && lines.iter().any(|line| line.starts_with(b"{") && whole(line))
}

/// Why a value is over.
enum End {
    Whole,
    /// Its line is.
    Line,
    /// A string in it should have ended on its line.
    OpenQuote,
}

#[derive(Default)]
struct ValueState {
    begun: bool,
    depth: u32,
    deepest: u32,
    in_string: bool,
    escaped: bool,
    ends_at_open_quote: bool,
}

impl ValueState {
    /// Goes over some bytes; says how many belong to the value, and whether it is over.
    fn advance(&mut self, bytes: &[u8], by_line: bool, line: &mut u64) -> (usize, Option<End>) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.escaped {
                self.escaped = false;
                if byte != b'\n' {
                    at += 1;
                    continue;
                }
            }
            if self.in_string {
                let Some(offset) = memchr3(b'"', b'\\', b'\n', bytes.get(at..).unwrap_or_default()) else {
                    return (bytes.len(), None);
                };
                at += offset;
                match bytes.get(at) {
                    Some(b'\\') => self.escaped = true,
                    Some(b'\n') if self.depth > 0 && self.ends_at_open_quote => return (at, Some(End::OpenQuote)),
                    // No string holds a line end as it is: a quote was forgotten, and the brackets of the next line count.
                    found => {
                        self.in_string = false;
                        *line += u64::from(found == Some(&b'\n'));
                        if self.depth == 0 {
                            return (at + 1, Some(End::Whole));
                        }
                    }
                }
                at += 1;
                continue;
            }
            match byte {
                b'"' if self.depth == 0 && self.begun => return (at, Some(End::Whole)),
                b'"' => self.in_string = true,
                b'{' | b'[' if self.depth == 0 && self.begun => return (at, Some(End::Whole)),
                b'{' | b'[' => {
                    self.depth += 1;
                    self.deepest = self.deepest.max(self.depth);
                }
                b'}' | b']' if self.depth == 0 => return (at, Some(End::Whole)),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return (at + 1, Some(End::Whole));
                    }
                }
                b'\n' if by_line => return (at, Some(if self.depth == 0 { End::Whole } else { End::Line })),
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => return (at, Some(End::Whole)),
                b'\n' => *line += 1,
                _ => {}
            }
            self.begun = true;
            at += 1;
        }
        (at, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(u64, String, Option<Fault>)> {
        let mut scanner = Scanner::open(text.as_bytes()).unwrap();
        let mut out = Vec::new();
        let mut found = Vec::new();
        while scanner.peek().unwrap().is_some() {
            let line = scanner.line();
            let fault = scanner.take(&mut out, 1000).unwrap();
            if out.is_empty() && fault.is_none() {
                scanner.bump();
            }
            found.push((line, String::from_utf8(out.clone()).unwrap(), fault));
        }
        found
    }

    #[test]
    fn values_end_where_they_end() {
        let found = values("{\"a\": [1, \"}\\\"]\"]}\n [2]\"x\" 12 true\n");
        let texts: Vec<_> = found.iter().map(|(line, text, fault)| (*line, text.as_str(), *fault)).collect();
        assert_eq!(
            texts,
            [(1, "{\"a\": [1, \"}\\\"]\"]}", None), (2, "[2]", None), (2, "\"x\"", None), (2, "12", None), (2, "true", None)]
        );
    }

    #[test]
    fn a_document_on_each_line_ends_with_its_line() {
        let found = values("{\"a\":1}\n{\"b\":[\n{\"c\":\"x\n{\"d\":2}");
        let faults: Vec<_> = found.iter().map(|(line, _, fault)| (*line, *fault)).collect();
        assert_eq!(faults, [(1, None), (2, Some(Fault::Cut)), (3, Some(Fault::OpenQuote)), (4, None)]);
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = format!("{}{} 1", "[".repeat(10_000), "]".repeat(10_000));
        let faults: Vec<_> = values(&deep).into_iter().map(|(_, _, fault)| fault).collect();
        assert_eq!(faults, [Some(Fault::TooDeep), None]);
        let long = format!("\"{}\" 1", "x".repeat(2000));
        assert_eq!(values(&long)[0].2, Some(Fault::TooLong));
        assert_eq!(values("[1, 2")[0].2, Some(Fault::Cut));
    }
}
