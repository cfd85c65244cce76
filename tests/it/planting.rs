//! Plants values in the texts of an inventory, and looks for pieces of them in whatever comes out.

use aho_corasick::AhoCorasick;
use serde_json::{Map, Value as Json};

/// Letters of a piece that may not come out.
const PIECE: usize = 12;

/// What must not come out: every piece of every value, and the values in base64.
pub struct Pieces {
    automaton: AhoCorasick,
    pieces: Vec<String>,
}

impl Pieces {
    /// The pieces of secrets. Those without a digit are left out, for words of a label stand in reports too, and those that
    /// also stand in the labels beside the secrets.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>, labels: &str) -> Pieces {
        let labels = labels.to_ascii_lowercase();
        let mut pieces = Vec::new();
        for value in secrets {
            let letters: Vec<char> = value.chars().collect();
            pieces.extend(letters.windows(PIECE).map(|piece| piece.iter().collect::<String>()));
            pieces.push(base64(value.as_bytes()).chars().take(2 * PIECE).collect());
        }
        pieces
            .retain(|piece| piece.chars().any(|letter| letter.is_ascii_digit()) && !labels.contains(&piece.to_ascii_lowercase()));
        pieces.sort();
        pieces.dedup();
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&pieces).expect("pieces to look for");
        Pieces { automaton, pieces }
    }

    /// The first piece that stands in a text, with what is around it.
    pub fn leak(&self, text: &[u8]) -> Option<String> {
        let found = self.automaton.find(text)?;
        let around = &text[found.start().saturating_sub(80)..(found.end() + 40).min(text.len())];
        Some(format!("`{}` in `{}`", self.pieces[found.pattern()], String::from_utf8_lossy(around)))
    }
}

/// Base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let digit =
            |index: usize| if index > chunk.len() { '=' } else { char::from(DIGITS[(bits >> (18 - 6 * index)) as usize & 63]) };
        (0..4).map(digit).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// How many places for a text a record has: its values other than lists and objects, and its keys.
pub fn places(record: &Json) -> usize {
    match record {
        Json::Array(entries) => entries.iter().map(places).sum(),
        Json::Object(entries) => entries.values().map(|value| 1 + places(value)).sum(),
        _ => 1,
    }
}

/// The record with `change` applied to the text at one of its places.
pub fn at(record: &Json, place: usize, change: &dyn Fn(&str) -> String) -> Json {
    let mut count = 0;
    walk(record, &mut |text| {
        count += 1;
        (count == place + 1).then(|| change(text))
    })
}

/// The record with `change` applied to each of its texts; keys and numbers stay, so that it is read as before.
pub fn in_every_text(record: &Json, change: &mut dyn FnMut(&str) -> String) -> Json {
    match record {
        Json::String(text) => Json::String(change(text)),
        Json::Array(entries) => entries.iter().map(|entry| in_every_text(entry, change)).collect(),
        Json::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), in_every_text(value, change))).collect(),
        other => other.clone(),
    }
}

fn walk(value: &Json, change: &mut dyn FnMut(&str) -> Option<String>) -> Json {
    match value {
        Json::Array(entries) => entries.iter().map(|entry| walk(entry, change)).collect(),
        Json::Object(entries) => {
            entries.iter().map(|(key, value)| (change(key).unwrap_or_else(|| key.clone()), walk(value, change))).collect()
        }
        Json::String(text) => Json::String(change(text).unwrap_or_else(|| text.clone())),
        other => change(&other.to_string()).map_or_else(|| other.clone(), Json::String),
    }
}

/// A JSON inventory with other records in place of its own. `list` is the dotted path to the records of a document.
pub fn with_records(text: &str, list: Option<&str>, records: impl FnOnce(Vec<Json>) -> Vec<Json>) -> String {
    let mut documents: Vec<Json> =
        serde_json::Deserializer::from_str(text).into_iter().map(|document| document.expect("a sound fixture")).collect();
    if list.is_some() && documents.first().is_some_and(Json::is_array) {
        documents = documents.swap_remove(0).as_array().cloned().unwrap_or_default();
    }
    let is_list = documents.first().is_some_and(Json::is_array);
    match list {
        Some(path) => {
            let pointer = format!("/{}", path.replace('.', "/"));
            let found = documents.iter().filter_map(|page| page.pointer(&pointer)?.as_array()).flatten().cloned().collect();
            let mut page = documents.swap_remove(0);
            *page.pointer_mut(&pointer).expect("a list of records") = Json::Array(records(found));
            page.to_string()
        }
        None if is_list => {
            let found = documents.into_iter().flat_map(|list| list.as_array().cloned().unwrap_or_default()).collect();
            Json::Array(records(found)).to_string()
        }
        None => records(documents).iter().map(|record| format!("{record}\n")).collect(),
    }
}

/// The keys beside the list of a document, each text changed.
pub fn with_envelope(text: &str, list: &str, change: &mut dyn FnMut(&str) -> String) -> String {
    let page: Json = serde_json::Deserializer::from_str(text).into_iter().next().expect("a document").expect("a sound fixture");
    let page = if let Json::Array(mut pages) = page { pages.swap_remove(0) } else { page };
    let first = list.split('.').next().unwrap_or_default();
    let Json::Object(entries) = page else { panic!("an object around the records") };
    let changed: Map<String, Json> = entries
        .into_iter()
        .map(|(key, value)| {
            if key == first {
                (key, value)
            } else {
                let value = in_every_text(&value, change);
                (key, value)
            }
        })
        .collect();
    Json::Object(changed).to_string()
}

/// A table as header and rows, with the character between its cells.
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub delimiter: u8,
}

impl Table {
    pub fn parse(text: &str) -> Table {
        let first = text.lines().next().unwrap_or_default();
        let delimiter =
            [b'\t', b';', b','].into_iter().max_by_key(|byte| first.matches(char::from(*byte)).count()).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let words = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = words(reader.headers().expect("a header"));
        let rows =
            reader.records().map(|row| words(&row.expect("a sound row"))).filter(|row| row.len() == header.len()).collect();
        Table { header, rows, delimiter }
    }

    pub fn write(&self) -> String {
        let mut writer = csv::WriterBuilder::new().delimiter(self.delimiter).from_writer(Vec::new());
        writer.write_record(&self.header).expect("writes to memory");
        self.rows.iter().for_each(|row| writer.write_record(row).expect("writes to memory"));
        String::from_utf8(writer.into_inner().expect("writes to memory")).expect("is UTF-8")
    }
}
