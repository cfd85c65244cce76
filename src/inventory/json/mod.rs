//! Reads JSON files of any size, one record at a time (decisions, 34).
//!
//! The records are found by scanning and parsed alone, so one bad record costs one record, and a file that was cut keeps the
//! good ones before the cut. A bare array, an object with the array under a key, documents in a row, one document on each line
//! and joined pages (an array of whole documents, or of arrays) are all accepted.

pub mod path;
pub mod scan;

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
    let mut walk = Walk { scanner, sink, number: 0, bytes: Vec::new(), comma_missing: false, left_open: false };
    let path: &[String] = if let Where::Under(path) = place { path } else { &[] };
    walk.documents(path)
}

struct Walk<'a, R> {
    scanner: Scanner<R>,
    sink: &'a mut dyn JsonSink,
    number: u64,
    bytes: Vec<u8>,
    comma_missing: bool,
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
            if comma_due && !self.left_open && !matches!(byte, Some(b',' | b']') | None) && !self.comma_missing {
                self.comma_missing = true;
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
        if let Some(fault) = self.scanner.take(&mut self.bytes, LONGEST_VALUE)? {
            return Ok(Err((Some(fault), fault.reason())));
        }
        let Ok(text) = std::str::from_utf8(&self.bytes) else { return Ok(Err((None, "is not UTF-8".to_owned()))) };
        if text.contains('\0') {
            return Ok(Err((None, "contains a NUL byte".to_owned())));
        }
        Ok(serde_json::from_str(text).map_err(|error| (None, not_json(&error))))
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Default, Debug, PartialEq)]
    struct Seen {
        elements: Vec<(u64, String)>,
        rejected: Vec<(u64, String)>,
        pages: Vec<String>,
        problems: Vec<String>,
        cut: bool,
    }

    impl JsonSink for Seen {
        fn element(&mut self, line: u64, _number: u64, element: &Json) {
            self.elements.push((line, element.to_string()));
        }

        fn reject(&mut self, line: u64, reason: String) {
            self.rejected.push((line, reason));
        }

        fn page(&mut self, envelope: &Map<String, Json>) {
            self.pages.push(Json::Object(envelope.clone()).to_string());
        }

        fn problem(&mut self, sentence: String) {
            self.problems.push(sentence);
        }

        fn cut(&mut self) {
            self.cut = true;
        }
    }

    fn seen(text: impl AsRef<[u8]>, path: &str) -> Seen {
        let mut seen = Seen::default();
        read(text.as_ref(), &Where::at(path), &mut seen).unwrap();
        seen
    }

    fn clean(text: &str, path: &str) -> Vec<String> {
        let seen = seen(text, path);
        assert!(seen.rejected.is_empty() && seen.problems.is_empty() && !seen.cut, "{seen:?}");
        seen.elements.into_iter().map(|(_, element)| element).collect()
    }

    const ONE: &str = r#"{"a":1}"#;
    const TWO: &str = r#"{"a":2}"#;

    #[test]
    fn records_are_found_wherever_people_put_them() {
        for text in [
            format!("[{ONE},{TWO}]"),
            format!("[\n  {ONE},\n  {TWO}\n]\n"),
            format!("[{ONE}]\n[{TWO}]"),
            format!("[[{ONE}],[{TWO}],[]]"),
            format!("{ONE}\n{TWO}\n"),
            format!("{ONE}{TWO}"),
            format!("{ONE}\r\n\r\n{TWO}"),
        ] {
            assert_eq!(clean(&text, ""), [ONE, TWO], "{text}");
        }
        for text in [
            format!("{{\"k\":[{ONE},{TWO}],\"next\":null}}"),
            format!("{{\"k\":[{ONE}]}}\n{{\"k\":[{TWO}]}}"),
            format!("[{{\"k\":[{ONE}]}}, {{\"k\":[{TWO}]}}]"),
            format!("{{\"\\u006b\": [{ONE}], \"k\": [{TWO}]}}"),
        ] {
            assert_eq!(clean(&text, "k"), [ONE, TWO], "{text}");
        }
        assert_eq!(clean(&format!("{{\"x\":{{\"k\":[{ONE}],\"n\":1}}}}"), "x.k"), [ONE]);
        assert_eq!((clean("", ""), clean("[]", ""), clean("{\"k\":[]}", "k")), (vec![], vec![], vec![]));
    }

    #[test]
    fn envelopes_hold_everything_but_the_records() {
        let pages = seen(format!("{{\"n\":1,\"k\":[{ONE}],\"o\":[{{}}]}}{{\"x\":{{\"y\":2}},\"k\":[]}}"), "k").pages;
        assert_eq!(pages, [r#"{"n":1,"o":[{}]}"#, r#"{"x":{"y":2}}"#]);
        assert_eq!(seen(format!("{{\"x\":{{\"k\":[{ONE}],\"n\":1}}}}"), "x.k").pages, [r#"{"x":{"n":1}}"#]);
        assert_eq!(seen("{\"error\":\"no\"}", "k").problems, ["the document on line 1 has no list `k`"]);
    }

    #[test]
    fn one_bad_record_costs_one_record() {
        let text = b"[\n{\"a\":1},\n{\"a\":},\n{\"a\":\"\xff\"},\nnull,\n{\"a\":\"open},\n{\"a\":2},\n7, [1]\n]".as_slice();
        let seen = seen(text, "");
        assert_eq!(seen.elements, [(2, ONE.to_owned()), (7, TWO.to_owned())]);
        let rejected: Vec<_> = seen.rejected.iter().map(|(line, reason)| (*line, reason.as_str())).collect();
        assert_eq!(
            rejected,
            [
                (3, "is not JSON"),
                (4, "is not UTF-8"),
                (5, "is not an object"),
                (6, "has a quote that is not closed"),
                (8, "is not an object"),
                (8, "is not an object")
            ]
        );
        assert!(!seen.cut);
    }

    #[test]
    fn a_forgotten_quote_costs_one_record() {
        let text = "[\n  {\n    \"a\": \"open,\n    \"b\": [\"{\"]\n  },\n  {\n    \"a\": 1\n  }\n]\n";
        let seen = seen(text, "");
        assert_eq!(seen.elements, [(6, ONE.to_owned())]);
        assert_eq!(seen.rejected, [(2, "has a quote that is not closed".to_owned())]);
    }

    #[test]
    fn a_bad_line_costs_one_document() {
        let seen = seen(format!("{ONE}\n{{\"a\":[\nnot json\n{{\"a\":\"x\n{TWO}\n"), "");
        assert_eq!(seen.elements, [(1, ONE.to_owned()), (5, TWO.to_owned())]);
        assert_eq!(seen.rejected.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn a_cut_file_keeps_what_came_before() {
        for (text, path) in [(format!("[{ONE},\n{{\"a\":2"), ""), (format!("{{\"k\":[{ONE},\n{{\"a\":"), "k")] {
            let seen = seen(&text, path);
            assert_eq!(seen.elements, [(1, ONE.to_owned())]);
            assert_eq!(seen.rejected, [(2, "ends in the middle".to_owned())]);
            assert!(seen.cut);
        }
        let between = seen(format!("[{ONE},"), "");
        assert_eq!((between.elements.len(), between.rejected.len(), between.cut), (1, 1, true));
        assert!(seen("{\"k\"", "k").cut && seen("{\"k\":", "k").cut && seen("{\"k\":[", "k").cut);
    }

    #[test]
    fn deep_nesting_is_rejected_and_reading_goes_on() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let seen = seen(format!("[{deep},{ONE}]"), "");
        assert_eq!(seen.elements.len(), 1);
        assert_eq!(seen.rejected, [(1, "is nested more than 100 deep".to_owned())]);
        let shut = format!("{{\"a\":{}1{}}}", "[".repeat(99), "]".repeat(99));
        assert_eq!(clean(&format!("[{shut}]"), "").len(), 1);
    }

    #[test]
    fn a_missing_comma_is_told_once() {
        let seen = seen(format!("[{ONE} {TWO}\n{ONE}]"), "");
        assert_eq!((seen.elements.len(), seen.problems.as_slice()), (3, ["a comma is missing on line 1".to_owned()].as_slice()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_scanned_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), path in "(k|k\\.l|)") {
            seen(&bytes, &path);
        }

        #[test]
        fn any_brackets_are_scanned_without_harm(text in "[\\[\\]{}\",:k1\\\\\n ]{0,60}", path in "(k|)") {
            seen(&text, &path);
        }

        #[test]
        fn a_cut_anywhere_keeps_the_records_before_it(cut in 0_usize..60) {
            let text = format!("{{\"k\":[{ONE},{ONE},{ONE},{ONE}],\"n\":{{\"m\":[1,2]}}}}");
            let seen = seen(text.get(..cut.min(text.len())).unwrap(), "k");
            let whole = cut.saturating_sub(6) / (ONE.len() + 1) + usize::from(cut.saturating_sub(6) % (ONE.len() + 1) == ONE.len());
            prop_assert_eq!(seen.elements.len(), whole.min(4));
            prop_assert_eq!(seen.cut, cut > 0 && cut < text.len());
        }
    }
}
