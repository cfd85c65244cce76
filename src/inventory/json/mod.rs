//! Reads JSON files of any size, one record at a time (decisions, 34).
//!
//! The records are found by scanning and parsed alone, so one bad record costs one record, and a file that was cut keeps the
//! good ones before the cut. A bare array, an object with the array under a key, documents in a row, one document on each line
//! and joined pages (an array of whole documents, or of arrays) are all accepted; so are files that somebody joined with commas
//! or with the byte order mark of each.

pub mod path;
mod plain;
pub mod scan;

use super::input::Damage;
use scan::{Fault, LONGEST_VALUE, Scanner};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};

/// Bytes of a key that is still read as one.
const LONGEST_KEY: usize = 1 << 16;

/// Where the records are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// In a bare array, or each document is one.
    Top,
    /// In the array at this path of each document.
    Under(Vec<String>),
}

impl Where {
    /// The place at a dotted path; the top if it is empty.
    pub fn at(path: &str) -> Where {
        if path.is_empty() { Where::Top } else { Where::Under(path.split('.').map(str::to_owned).collect()) }
    }
}

/// Receives what a JSON file consists of.
pub trait JsonSink {
    /// A record; `number` counts from 1, rejected ones included.
    fn element(&mut self, line: u64, number: u64, element: &Json);
    fn reject(&mut self, line: u64, reason: String);
    /// The object around the records, without them; once for each page.
    fn page(&mut self, envelope: &Map<String, Json>);
    /// Something wrong with the file as a whole.
    fn problem(&mut self, sentence: String);
    /// The file ends before its brackets do, so records may be missing.
    fn cut(&mut self);
}

/// Whether reading can go on inside a document.
enum Flow {
    On,
    /// The document is over before its brackets are.
    Leave,
}

/// Reads a whole file.
pub fn read(input: impl Read, place: &Where, sink: &mut dyn JsonSink) -> io::Result<()> {
    let scanner = Scanner::open(input)?;
    let mut walk = Walk { scanner, sink, number: 0, bytes: Vec::new(), told: Told::default(), left_open: false };
    let path: &[String] = if let Where::Under(path) = place { path } else { &[] };
    walk.documents(path)?;
    if walk.scanner.is_damaged() {
        walk.sink.problem(Damage.to_string());
        walk.sink.cut();
    }
    Ok(())
}

/// What is told once, however often it occurs.
#[derive(Default)]
struct Told {
    comma_missing: bool,
    comma_between: bool,
    nul: bool,
}

struct Walk<'a, R> {
    scanner: Scanner<R>,
    sink: &'a mut dyn JsonSink,
    number: u64,
    bytes: Vec<u8>,
    told: Told,
    /// The last record was left before its closing bracket, which may follow.
    left_open: bool,
}

impl<R: Read> Walk<'_, R> {
    fn documents(&mut self, path: &[String]) -> io::Result<()> {
        while let Some(byte) = self.scanner.peek()? {
            let flow = match byte {
                b'[' => self.array(path, true)?,
                b'{' if path.is_empty() => self.record()?,
                b'{' => self.page(path)?,
                b',' => {
                    self.scanner.bump();
                    if !std::mem::replace(&mut self.told.comma_between, true) {
                        self.sink.problem(format!("a comma stands between documents on line {}", self.scanner.line()));
                    }
                    Flow::On
                }
                _ => {
                    self.sink.reject(self.scanner.line(), "is not JSON".to_owned());
                    self.scanner.leave_line()?;
                    Flow::On
                }
            };
            if matches!(flow, Flow::Leave) {
                self.scanner.leave_line()?;
                // Of documents on a line each, only the last one can have lost what came after it.
                if !self.scanner.by_line() || self.scanner.peek()?.is_none() {
                    self.sink.cut();
                }
            }
        }
        Ok(())
    }

    /// An array of records, or at the top of pages or further arrays.
    fn array(&mut self, path: &[String], outermost: bool) -> io::Result<Flow> {
        self.scanner.bump();
        let mut comma_due = false;
        loop {
            let line = self.scanner.line();
            let byte = self.scanner.peek_inside()?;
            if comma_due && !self.left_open && !matches!(byte, Some(b',' | b']') | None) && !self.told.comma_missing {
                self.told.comma_missing = true;
                self.sink.problem(format!("a comma is missing on line {}", self.scanner.line()));
            }
            comma_due = true;
            let flow = match byte {
                Some(b']') => {
                    self.scanner.bump();
                    return Ok(Flow::On);
                }
                Some(b',') => {
                    self.scanner.bump();
                    comma_due = false;
                    Flow::On
                }
                Some(b'{') if path.is_empty() => self.record()?,
                Some(b'{') => self.page(path)?,
                Some(b'[') if outermost => self.array(path, false)?,
                Some(b'}') if self.left_open => {
                    self.left_open = false;
                    self.scanner.bump();
                    Flow::On
                }
                Some(b'}' | b':') => {
                    self.sink.reject(self.scanner.line(), "is not JSON".to_owned());
                    self.scanner.bump();
                    Flow::On
                }
                Some(_) => self.stray()?,
                None => {
                    self.sink.reject(line, format!("the list {}", Fault::Cut.reason()));
                    Flow::Leave
                }
            };
            if matches!(flow, Flow::Leave) {
                return Ok(Flow::Leave);
            }
        }
    }

    /// A value where a record should be.
    fn stray(&mut self) -> io::Result<Flow> {
        let line = self.scanner.line();
        self.number += 1;
        let fault = self.scanner.take(&mut self.bytes, LONGEST_VALUE)?;
        self.sink.reject(line, fault.map_or_else(|| "is not an object".to_owned(), Fault::reason));
        Ok(if fault == Some(Fault::Cut) { Flow::Leave } else { Flow::On })
    }

    fn record(&mut self) -> io::Result<Flow> {
        let line = self.scanner.line();
        self.number += 1;
        match self.value()? {
            Ok(element) => {
                self.left_open = false;
                self.sink.element(line, self.number, &element);
            }
            Err((fault, reason)) => {
                self.sink.reject(line, reason);
                if fault == Some(Fault::Cut) {
                    return Ok(Flow::Leave);
                }
                self.left_open = fault == Some(Fault::OpenQuote);
            }
        }
        Ok(Flow::On)
    }

    /// The next value, parsed; else why not.
    fn value(&mut self) -> io::Result<Result<Json, (Option<Fault>, String)>> {
        let line = self.scanner.line();
        if let Some(fault) = self.scanner.take(&mut self.bytes, LONGEST_VALUE)? {
            return Ok(Err((Some(fault), fault.reason())));
        }
        let Ok(text) = std::str::from_utf8(&self.bytes) else { return Ok(Err((None, "is not UTF-8".to_owned()))) };
        if text.contains('\0') {
            return Ok(Err((None, "contains a NUL byte".to_owned())));
        }
        let exact = plain::quote_long_integers(text);
        let parsed = serde_json::from_str(exact.as_deref().unwrap_or(text));
        Ok(parsed.map_err(|error| (None, not_json(&error))).map(|mut value| {
            if plain::replace_nuls(text, &mut value) && !std::mem::replace(&mut self.told.nul, true) {
                self.sink.problem(format!("NUL characters in texts are replaced by U+FFFD, first in the record on line {line}"));
            }
            value
        }))
    }

    fn page(&mut self, path: &[String]) -> io::Result<Flow> {
        let line = self.scanner.line();
        let mut envelope = Map::new();
        let mut found = false;
        let flow = self.object(path, &mut envelope, &mut found)?;
        if !found {
            self.sink.problem(format!("the document on line {line} has no list `{}`", path.join(".")));
        }
        self.sink.page(&envelope);
        Ok(flow)
    }

    /// An object that holds the records at `path`; its other values go into the envelope.
    fn object(&mut self, path: &[String], envelope: &mut Map<String, Json>, found: &mut bool) -> io::Result<Flow> {
        self.scanner.bump();
        loop {
            let line = self.scanner.line();
            match self.scanner.peek_inside()? {
                Some(b'}') => {
                    self.scanner.bump();
                    return Ok(Flow::On);
                }
                Some(b',') => self.scanner.bump(),
                Some(b'"') => {
                    let Some(key) = self.key()? else { return Ok(Flow::Leave) };
                    let Some(first) = self.scanner.peek_inside()? else { return Ok(Flow::Leave) };
                    let flow = match (path.split_first(), first) {
                        (Some((wanted, [])), b'[') if *wanted == key => {
                            *found = true;
                            self.array(&[], false)?
                        }
                        (Some((wanted, rest @ [_, ..])), b'{') if *wanted == key => {
                            let mut inner = Map::new();
                            let flow = self.object(rest, &mut inner, found)?;
                            envelope.insert(key, Json::Object(inner));
                            flow
                        }
                        _ => self.aside(key, envelope)?,
                    };
                    if matches!(flow, Flow::Leave) {
                        return Ok(Flow::Leave);
                    }
                }
                Some(_) => {
                    self.sink.reject(self.scanner.line(), "is not JSON".to_owned());
                    return Ok(Flow::Leave);
                }
                None => {
                    self.sink.reject(line, format!("the document {}", Fault::Cut.reason()));
                    return Ok(Flow::Leave);
                }
            }
        }
    }

    /// A value beside the records.
    fn aside(&mut self, key: String, envelope: &mut Map<String, Json>) -> io::Result<Flow> {
        let line = self.scanner.line();
        match self.value()? {
            Ok(value) => {
                envelope.insert(key, value);
            }
            Err((fault, reason)) => {
                self.sink.problem(format!("the value beside the records on line {line} {reason}"));
                if fault == Some(Fault::Cut) {
                    return Ok(Flow::Leave);
                }
            }
        }
        Ok(Flow::On)
    }

    /// A key and its colon.
    fn key(&mut self) -> io::Result<Option<String>> {
        let line = self.scanner.line();
        let fault = self.scanner.take(&mut self.bytes, LONGEST_KEY)?;
        let key = if fault.is_none() { serde_json::from_slice(&self.bytes).ok() } else { None };
        if key.is_none() || self.scanner.peek_inside()? != Some(b':') {
            self.sink.reject(line, fault.map_or_else(|| "is not JSON".to_owned(), Fault::reason));
            return Ok(None);
        }
        self.scanner.bump();
        Ok(key)
    }
}

/// What the parser found, without its positions (they count within the record) and without any of the text.
fn not_json(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => Fault::Cut.reason(),
        _ => "is not JSON".to_owned(),
    }
}

#[cfg(test)]
mod tests;
