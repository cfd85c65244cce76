//! What can be seen at the start of a file, so that formats can say whether it is theirs.
//!
//! Of JSON the first elements are enough, but the keys around a long list may stand behind it; an object is therefore scanned
//! to its end, keeping nothing but its keys and small values.

use super::format::Sight;
use super::input::{Input, InputError};
use super::json::scan::Scanner;
use super::parquet::{self, ParquetError};
use super::split::{HeaderError, Splitter};
use serde_json::{Map, Value as Json};
use std::io::{self, Read};

/// Elements looked at in each list; optional keys move, so one is not enough.
const ELEMENTS: usize = 64;
/// Bytes of a value that is looked at; a longer one is seen as `null`.
const LONGEST_SEEN: usize = 1 << 20;
/// Keys of an object that are looked at.
const MOST_KEYS: usize = 1000;

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
    Other(&'static str),
    #[error(transparent)]
    Header(HeaderError),
    #[error(transparent)]
    Parquet(#[from] ParquetError),
}

/// What is seen of an input. Of a list of JSON objects there may be a second sight: its elements as whole documents, for
/// pages that somebody joined.
pub fn look(input: &Input) -> Result<Vec<Sight>, SightError> {
    let mut start = Vec::new();
    input.raw()?.take(4096).read_to_end(&mut start)?;
    if let Some(kind) = other_kind(&start) {
        return Err(SightError::Other(kind));
    }
    if start.starts_with(b"PAR1") {
        return Ok(vec![Sight::Parquet { columns: parquet::columns(input)? }]);
    }
    let mut scanner = Scanner::open(input.open()?)?;
    match scanner.peek()? {
        None => Err(SightError::Empty),
        Some(b'[') => {
            let mut sights = vec![list(&mut scanner)?];
            sights.extend(pages(input)?);
            Ok(sights)
        }
        Some(b'{') => Ok(vec![documents(&mut scanner)?]),
        Some(_) => match Splitter::open(input.open()?) {
            Ok((_, header)) => Ok(vec![Sight::Table { header }]),
            Err(HeaderError::Missing) => Err(SightError::Empty),
            Err(HeaderError::Read(error)) => Err(SightError::Read(error)),
            Err(error) => Err(SightError::Header(error)),
        },
    }
}

/// Files that people drop into folders beside exports.
fn other_kind(start: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a spreadsheet or an archive; save the sheet as CSV, or unpack the archive"),
        (b"\x1f\x8b", "compressed; unpack it first"),
        (b"\x28\xb5\x2f\xfd", "compressed; unpack it first"),
        (b"%PDF", "a PDF document"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x89PNG", "an image"),
    ];
    kinds.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, kind)| *kind)
}

fn list(scanner: &mut Scanner<impl Read>) -> io::Result<Sight> {
    let mut elements = Vec::new();
    scanner.bump();
    gather(scanner, "", true, &mut elements)?;
    Ok(Sight::Json { array: true, envelope: Map::new(), elements })
}

/// The first element of a list, seen as a document.
fn pages(input: &Input) -> Result<Option<Sight>, SightError> {
    let mut scanner = Scanner::open(input.open()?)?;
    scanner.peek()?;
    scanner.bump();
    if scanner.peek()? != Some(b'{') {
        return Ok(None);
    }
    let mut elements = Vec::new();
    let envelope = object(&mut scanner, &mut elements)?;
    Ok(if elements.is_empty() { None } else { Some(Sight::Json { array: false, envelope, elements }) })
}

fn documents(scanner: &mut Scanner<impl Read>) -> io::Result<Sight> {
    let mut elements = Vec::new();
    let envelope = object(scanner, &mut elements)?;
    elements.push((String::new(), Json::Object(envelope.clone())));
    let mut bytes = Vec::new();
    for _ in 1..ELEMENTS {
        match scanner.peek()? {
            Some(b'{') => {
                if let Some(element) = value(scanner, &mut bytes)? {
                    elements.push((String::new(), element));
                }
            }
            Some(_) => scanner.leave_line()?,
            None => break,
        }
    }
    Ok(Sight::Json { array: false, envelope, elements })
}

/// Takes the first elements of the list whose bracket was taken, and of lists in it; leaves the list after them if they are
/// all that is wanted, else goes to its end.
fn gather(scanner: &mut Scanner<impl Read>, key: &str, outermost: bool, elements: &mut Vec<(String, Json)>) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut seen = 0;
    loop {
        match scanner.peek_inside()? {
            None => return Ok(()),
            Some(b']') => {
                scanner.bump();
                return Ok(());
            }
            Some(b'[') if outermost && seen == 0 => {
                scanner.bump();
                return gather(scanner, key, false, elements);
            }
            Some(b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' | b'a'..=b'z') => {
                if let Some(element) = value(scanner, &mut bytes)? {
                    elements.push((key.to_owned(), element));
                }
                seen += 1;
                if seen == ELEMENTS && key.is_empty() {
                    return Ok(());
                }
            }
            Some(_) => scanner.bump(),
        }
    }
}

/// An object without the objects of its lists, which go to `elements`.
fn object(scanner: &mut Scanner<impl Read>, elements: &mut Vec<(String, Json)>) -> io::Result<Map<String, Json>> {
    let mut envelope = Map::new();
    let mut bytes = Vec::new();
    scanner.bump();
    loop {
        match scanner.peek_inside()? {
            Some(b'}') => {
                scanner.bump();
                return Ok(envelope);
            }
            Some(b'"') => {
                let Some(Json::String(key)) = value(scanner, &mut bytes)? else { return Ok(envelope) };
                if scanner.peek_inside()? != Some(b':') || envelope.len() >= MOST_KEYS {
                    return Ok(envelope);
                }
                scanner.bump();
                let seen = match scanner.peek_inside()? {
                    Some(b'[') => {
                        scanner.bump();
                        Json::Array(inner_list(scanner, &key, elements)?)
                    }
                    Some(_) => value(scanner, &mut bytes)?.unwrap_or(Json::Null),
                    None => return Ok(envelope),
                };
                envelope.insert(key, seen);
            }
            Some(b',') => scanner.bump(),
            _ => return Ok(envelope),
        }
    }
}

/// The first values of a list in an object: its objects go to `elements`, the others are returned. The rest is passed over.
fn inner_list(scanner: &mut Scanner<impl Read>, key: &str, elements: &mut Vec<(String, Json)>) -> io::Result<Vec<Json>> {
    let mut bytes = Vec::new();
    let mut others = Vec::new();
    let mut seen = 0;
    loop {
        match scanner.peek_inside()? {
            None => return Ok(others),
            Some(b']') => {
                scanner.bump();
                return Ok(others);
            }
            Some(b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' | b'a'..=b'z') => {
                let limit = if seen < ELEMENTS { LONGEST_SEEN } else { 0 };
                match take(scanner, &mut bytes, limit)? {
                    Some(element @ Json::Object(_)) => elements.push((key.to_owned(), element)),
                    Some(other) => others.push(other),
                    None => {}
                }
                seen += 1;
            }
            Some(_) => scanner.bump(),
        }
    }
}

fn value(scanner: &mut Scanner<impl Read>, bytes: &mut Vec<u8>) -> io::Result<Option<Json>> {
    take(scanner, bytes, LONGEST_SEEN)
}

fn take(scanner: &mut Scanner<impl Read>, bytes: &mut Vec<u8>, limit: usize) -> io::Result<Option<Json>> {
    let fault = scanner.take(bytes, limit)?;
    Ok(if fault.is_none() { serde_json::from_slice(bytes).ok() } else { None })
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
        assert!(error(b"\xff\xff\xff").contains("not UTF-8"));
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
