//! What can be seen at the start of a file, so that formats can say whether it is theirs.
//!
//! Of JSON the first elements are enough, but the keys around a long list may stand behind it; a document is therefore scanned
//! to its end, keeping a sample of it: the first elements of each list, and no more bytes in all than [`MOST_SEEN`].

use super::format::Sight;
use super::input::{Input, InputError, read_block};
use super::json::scan::Scanner;
use super::parquet::{self, ParquetError};
use super::split::{HeaderError, Splitter};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::io::{self, Read};

/// Elements looked at in each list, and documents in a row; optional keys move, so one is not enough.
const ELEMENTS: usize = 64;
/// Bytes of a value that is looked at; a longer one is seen as `null`.
const LONGEST_SEEN: usize = 1 << 20;
/// Bytes that are looked at in all.
const MOST_SEEN: usize = 16 << 20;
/// Keys of an object that are looked at.
const MOST_KEYS: usize = 1000;
/// Objects and lists in each other that are sampled; what is deeper is seen whole or not at all.
const DEEPEST: u32 = 6;
/// Bytes at the start that tell what kind of file it is.
const START: usize = 4096;
/// What sops writes in place of a value, in YAML and in the notation of environments.
const ENCRYPTED: &[u8] = b"ENC[AES256_GCM,";

/// Why nothing can be seen.
#[derive(Debug, thiserror::Error)]
pub enum SightError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("the file is empty")]
    Empty,
    /// A known kind of file that is no inventory.
    #[error("it is {0}")]
    Other(Cow<'static, str>),
    #[error(transparent)]
    Header(HeaderError),
    #[error(transparent)]
    Parquet(#[from] ParquetError),
}

/// What is seen of an input. Of a list of JSON objects there is a second sight: its elements as whole documents, for pages that
/// somebody joined.
pub fn look(input: &Input) -> Result<Vec<Sight>, SightError> {
    if let Some(refusal) = input.refusal() {
        return Err(SightError::Other(refusal.to_owned().into()));
    }
    let mut start = Vec::new();
    read_block(&mut input.unpacked()?, &mut start, START)?;
    if let Some(kind) = other_kind(&start) {
        return Err(SightError::Other(kind.into()));
    }
    if start.starts_with(b"PAR1") {
        return Ok(vec![Sight::Parquet { columns: parquet::columns(input)? }]);
    }
    let mut scanner = Scanner::open(input.open()?)?;
    let first = scanner.peek()?;
    let mut sample = Sample { scanner, bytes: Vec::new(), left: MOST_SEEN };
    match first {
        None => Err(SightError::Empty),
        Some(b'[') => {
            let mut elements = Vec::new();
            // Of lists in a row the first ones may be empty.
            for _ in 0..ELEMENTS {
                sample.list(&mut elements)?;
                if !elements.is_empty() || sample.scanner.peek()? != Some(b'[') {
                    break;
                }
            }
            let pages = documents(elements.clone());
            let elements = elements.into_iter().map(|element| (String::new(), element)).collect();
            let list = Sight::Json { array: true, envelope: Map::new(), elements };
            Ok(std::iter::once(list).chain(pages).collect())
        }
        Some(b'{') => Ok(documents(sample.documents()?).into_iter().collect()),
        Some(_) => match Splitter::open(input.open()?) {
            Ok((_, header)) => Ok(vec![Sight::Table { header }]),
            Err(HeaderError::Missing) => Err(SightError::Empty),
            Err(HeaderError::Read(error)) => Err(SightError::Read(error)),
            Err(error) => Err(SightError::Header(error)),
        },
    }
}

/// Files that people drop into folders beside exports, or get in place of them.
fn other_kind(start: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 11] = [
        (b"PK\x03\x04", "a spreadsheet or an archive; save the sheet as CSV, or unpack the archive"),
        (b"\x1f\x8b", "compressed twice; unpack it once"),
        (b"\x28\xb5\x2f\xfd", "compressed twice; unpack it once"),
        (b"BZh", "compressed with bzip2; unpack it, or use gzip, zstd or ZIP"),
        (b"\xfd7zXZ\0", "compressed with xz; unpack it, or use gzip, zstd or ZIP"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it, or use ZIP"),
        (b"Rar!\x1a\x07", "a RAR archive; unpack it, or use ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted spreadsheet or document; save the sheet as CSV"),
        (b"%PDF", "a PDF document"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x89PNG", "an image"),
    ];
    if let Some((_, kind)) = kinds.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(kind);
    }
    if start.get(257..262) == Some(b"ustar") {
        return Some("a tar archive; unpack it, or use ZIP");
    }
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let begins = |with: &str| text.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with.as_bytes()));
    if begins("<!doctype html") || begins("<html") {
        return Some("a web page, perhaps that of signing in; export again with a valid session");
    }
    if begins("<?xml") {
        return Some("an XML document; export as JSON or CSV");
    }
    is_yaml(text).then_some("YAML; ask for JSON instead, of kubectl with `-o json`, of yq with `-o json`")
}

/// What tools print where nobody asked them for JSON: the start of a document, or an object of Kubernetes or of sops. Nothing
/// else is taken for it, because the header of a table can be any text.
fn is_yaml(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
    let by_sops = |line: &[u8]| line.windows(ENCRYPTED.len()).any(|part| part == ENCRYPTED);
    first.is_some_and(|line| {
        by_sops(line) || line == b"---" || line.starts_with(b"apiVersion: ") || line == b"items:" || line == b"sops:"
    })
}

/// The sight of documents in a row: the first one's envelope, and the elements of all; none without an object.
fn documents(documents: Vec<Json>) -> Option<Sight> {
    let mut first = None;
    let mut elements = Vec::new();
    for document in documents {
        let Json::Object(object) = &document else { continue };
        let mut envelope = Map::new();
        for (key, value) in object {
            let Json::Array(entries) = value else {
                envelope.insert(key.clone(), value.clone());
                continue;
            };
            let (objects, others): (Vec<&Json>, Vec<&Json>) = entries.iter().partition(|entry| entry.is_object());
            elements.extend(objects.into_iter().map(|object| (key.clone(), object.clone())));
            envelope.insert(key.clone(), others.into_iter().cloned().collect());
        }
        first.get_or_insert(envelope);
        elements.push((String::new(), document));
    }
    first.map(|envelope| Sight::Json { array: false, envelope, elements })
}

/// Takes samples of JSON values.
struct Sample<R> {
    scanner: Scanner<R>,
    bytes: Vec<u8>,
    /// Bytes that may still be looked at.
    left: usize,
}

impl<R: Read> Sample<R> {
    /// The first documents in a row.
    fn documents(&mut self) -> io::Result<Vec<Json>> {
        let mut documents = Vec::new();
        for _ in 0..ELEMENTS {
            match self.scanner.peek()? {
                Some(b'{') => documents.extend(self.value(0)?),
                Some(_) => self.scanner.leave_line()?,
                None => break,
            }
        }
        Ok(documents)
    }

    /// The first elements of the list at hand, or of the lists in it; the list is left after them.
    fn list(&mut self, elements: &mut Vec<Json>) -> io::Result<()> {
        let mut lists = 0_u32;
        let mut tried = 0;
        while elements.len() < ELEMENTS && tried < 2 * ELEMENTS {
            tried += 1;
            match self.scanner.peek_inside()? {
                None => return Ok(()),
                Some(b'[') if lists < 2 => {
                    self.scanner.bump();
                    lists += 1;
                }
                Some(b']') => {
                    self.scanner.bump();
                    lists = lists.saturating_sub(1);
                    if lists == 0 {
                        return Ok(());
                    }
                }
                Some(byte) if begins_value(byte) => elements.extend(self.value(0)?),
                Some(_) => self.scanner.bump(),
            }
        }
        Ok(())
    }

    /// The value at hand: its first keys and elements, all the way to its end.
    fn value(&mut self, depth: u32) -> io::Result<Option<Json>> {
        match self.scanner.peek_inside()? {
            Some(b'{') if depth < DEEPEST => self.object(depth).map(|object| Some(Json::Object(object))),
            Some(b'[') if depth < DEEPEST => self.entries(depth).map(|entries| Some(Json::Array(entries))),
            _ => self.whole(),
        }
    }

    fn object(&mut self, depth: u32) -> io::Result<Map<String, Json>> {
        let mut object = Map::new();
        self.scanner.bump();
        loop {
            match self.scanner.peek_inside()? {
                Some(b'}') => {
                    self.scanner.bump();
                    return Ok(object);
                }
                Some(b'"') => {
                    let key = self.whole()?;
                    if self.scanner.peek_inside()? != Some(b':') {
                        return Ok(object);
                    }
                    self.scanner.bump();
                    if self.scanner.peek_inside()?.is_none() {
                        return Ok(object);
                    }
                    match key {
                        Some(Json::String(key)) if object.len() < MOST_KEYS && self.left > 0 => {
                            let value = self.value(depth + 1)?.unwrap_or(Json::Null);
                            object.insert(key, value);
                        }
                        _ => self.pass()?,
                    }
                }
                Some(b',') => self.scanner.bump(),
                _ => return Ok(object),
            }
        }
    }

    fn entries(&mut self, depth: u32) -> io::Result<Vec<Json>> {
        let mut entries = Vec::new();
        self.scanner.bump();
        loop {
            match self.scanner.peek_inside()? {
                None => return Ok(entries),
                Some(b']') => {
                    self.scanner.bump();
                    return Ok(entries);
                }
                Some(byte) if begins_value(byte) => {
                    if entries.len() < ELEMENTS && self.left > 0 {
                        entries.push(self.value(depth + 1)?.unwrap_or(Json::Null));
                    } else {
                        self.pass()?;
                    }
                }
                Some(_) => self.scanner.bump(),
            }
        }
    }

    /// The value at hand with everything in it, unless it is too long.
    fn whole(&mut self) -> io::Result<Option<Json>> {
        let fault = self.scanner.take(&mut self.bytes, LONGEST_SEEN.min(self.left))?;
        self.left = self.left.saturating_sub(self.bytes.len());
        Ok(if fault.is_none() { serde_json::from_slice(&self.bytes).ok() } else { None })
    }

    fn pass(&mut self) -> io::Result<()> {
        self.scanner.take(&mut self.bytes, 0).map(drop)
    }
}

fn begins_value(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' | b'a'..=b'z')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn sights(text: impl Into<Vec<u8>>) -> Vec<Sight> {
        look(&Input::memory("x", text)).unwrap()
    }

    #[test]
    fn lists_show_their_elements() {
        let seen = sights("[{\"a\":1},{\"b\":2}]");
        assert!(seen[0].has_keys("", &["a", "b"]) && !seen[0].has_keys("", &["c"]));
        assert!(matches!(&seen[0], Sight::Json { array: true, envelope, .. } if envelope.is_empty()));
        assert!(sights("[[{\"a\":1}]]")[0].has_keys("", &["a"]));
        assert_eq!(sights("[]")[0], Sight::Json { array: true, envelope: Map::new(), elements: vec![] });
    }

    #[test]
    fn objects_show_keys_behind_long_lists() {
        let element = format!("{{\"id\":1,\"pad\":\"{}\"}},", "x".repeat(1000));
        let text = format!("{{\"schemas\":[\"urn:a\"],\"list\":[{}{{\"z\":1}}],\"next\":\"t\"}}", element.repeat(3000));
        let seen = sights(text);
        assert!(seen[0].envelope_has("next") && seen[0].envelope_has("list"));
        assert_eq!(seen[0].elements_under("list").count(), ELEMENTS);
        assert!(matches!(&seen[0], Sight::Json { array: false, envelope, .. } if envelope["schemas"] == json!(["urn:a"])));
    }

    #[test]
    fn joined_pages_are_seen_as_pages_too() {
        let seen = sights("[{\"list\":[{\"id\":1}],\"next\":null},{\"list\":[]}]");
        assert!(seen[0].has_keys("", &["list"]));
        assert!(seen[1].has_keys("list", &["id"]) && seen[1].envelope_has("next"));
    }

    #[test]
    fn a_first_page_may_be_empty() {
        let pages = ["{\"list\":[],\"next\":\"2\"}", "{\"list\":[{\"id\":1}]}"];
        assert!(sights(pages.join("\n"))[0].has_keys("list", &["id"]));
        assert!(sights(format!("[{}]", pages.join(",")))[1].has_keys("list", &["id"]));
    }

    #[test]
    fn long_lists_below_the_top_are_sampled() {
        let list = format!("[{}1]", "\"urn:a\",".repeat(400_000));
        let seen = sights(format!("{{\"data\":{{\"list\":{list},\"n\":2}},\"others\":{list},\"z\":3}}"));
        let Sight::Json { envelope, .. } = &seen[0] else { panic!() };
        assert_eq!((&envelope["data"]["n"], &envelope["z"]), (&json!(2), &json!(3)));
        assert_eq!(envelope["data"]["list"].as_array().unwrap().len(), ELEMENTS);
        assert_eq!(envelope["others"].as_array().unwrap().len(), ELEMENTS);
    }

    #[test]
    fn no_more_is_kept_than_a_sample() {
        let long = format!("\"{}\"", "x".repeat(LONGEST_SEEN - 2));
        let seen = sights(format!("{{\"a\":[{}null],\"b\":{long},\"c\":1}}", format!("{long},").repeat(30)));
        let kept: usize = seen.iter().map(|sight| format!("{sight:?}").len()).sum();
        assert!(kept < 3 * MOST_SEEN, "{kept}");
    }

    #[test]
    fn documents_are_elements_of_the_top() {
        let seen = sights("{\"a\":1}\nbroken\n{\"b\":2}\n");
        assert!(seen[0].has_keys("", &["a", "b"]));
    }

    #[test]
    fn tables_show_their_header() {
        assert_eq!(sights("\u{feff}a;b\n1;2"), [Sight::Table { header: vec!["a".into(), "b".into()] }]);
    }

    #[test]
    fn what_is_no_text_says_so() {
        let error = |bytes: &[u8]| look(&Input::memory("x", bytes)).unwrap_err().to_string();
        assert_eq!(error(b""), "the file is empty");
        assert_eq!(error(b" \n\n"), "the file is empty");
        assert!(error(b"PK\x03\x04....").contains("spreadsheet"));
        assert!(error(b" <!DOCTYPE html><title>Sign in").contains("web page"));
        assert!(error(b"BZh91AY").contains("bzip2"));
        let tar = [vec![b'x'; 257], b"ustar\0".to_vec()].concat();
        let packed = zstd::stream::encode_all(tar.as_slice(), 1).unwrap();
        assert!(error(&packed).contains("tar archive"));
        assert!(error(&zstd::stream::encode_all(packed.as_slice(), 1).unwrap()).contains("compressed twice"));
        assert!(error(b"\xff\xff\xff").contains("not UTF-8"));
        for yaml in ["apiVersion: v1\nitems:\n- kind: Secret\n", "# export\r\n---\r\na: b\r\n", "\u{feff}sops:\n    mac: x\n"] {
            assert!(error(yaml.as_bytes()).contains("YAML"), "{yaml}");
        }
        assert!(look(&Input::memory("x", "apiVersion,kind\nv1,x\n")).is_ok());
        assert!(look(&Input::memory("x", *b"PAR1 and no more")).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = look(&Input::memory("x", bytes));
        }

        #[test]
        fn any_brackets_are_looked_at_without_harm(text in "[\\[{][\\[\\]{}\",:k1\\\\\n ]{0,60}") {
            let _ = look(&Input::memory("x", text));
        }
    }
}
