//! Reads a text with a format as the program does, in memory, for the tests of the adapters.

use crate::inventory::format::{
    Account, Format, Layout, Paging, Person, Purpose, Records, Row, Sight, Sink, SourceContext, TableRow,
};
use crate::inventory::input::Input;
use crate::inventory::record::{Cell, Record, Value};
use crate::inventory::sight;
use crate::inventory::time;
use serde_json::{Map, Value as Json};

/// The run's instant in these tests: 2026-11-01T00:00:00Z.
pub(crate) const AS_OF: i64 = 1_793_491_200;

/// Everything that an adapter handed over.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) tokens: Vec<Record>,
    pub(crate) people: Vec<Person>,
    pub(crate) purposes: Vec<Purpose>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) rejects: Vec<(u64, String)>,
    pub(crate) skips: Vec<(u64, &'static str)>,
    pub(crate) problems: Vec<String>,
    pub(crate) paging: Vec<Paging>,
    pub(crate) exported_at: Option<i64>,
}

impl Sink for Read {
    fn token(&mut self, record: Record) {
        self.tokens.push(record);
    }
    fn person(&mut self, person: Person) {
        self.people.push(person);
    }
    fn purpose(&mut self, purpose: Purpose) {
        self.purposes.push(purpose);
    }
    fn account(&mut self, account: Account) {
        self.accounts.push(account);
    }
    fn reject(&mut self, line: u64, reason: String) {
        self.rejects.push((line, reason));
    }
    fn skip(&mut self, line: u64, reason: &'static str) {
        self.skips.push((line, reason));
    }
    fn problem(&mut self, sentence: String) {
        self.problems.push(sentence);
    }
}

/// The cell of an instant.
pub(crate) fn at(text: &str) -> Cell {
    Cell::value(Value::Date(time::parse(text).date().unwrap_or_else(|| panic!("{text} is no date"))))
}

/// The cell of a date without a time of day.
pub(crate) fn on(text: &str) -> Cell {
    at(text)
}

pub(crate) fn read(format: &dyn Format, text: &str) -> Read {
    read_in(format, text, &SourceContext { as_of: AS_OF, ..SourceContext::default() })
}

/// Reads a text that the format must recognise.
pub(crate) fn read_in(format: &dyn Format, text: &str, context: &SourceContext) -> Read {
    let sight = sight(format, text);
    assert!(format.recognises(&sight), "{} does not recognise {sight:?}", format.id());
    let mut read = Read { exported_at: format.exported_at(&sight), ..Read::default() };
    let mut adapter = format.open(context);
    match format.layout() {
        Layout::Table => {
            let (header, rows) = table(text);
            for (line, cells) in &rows {
                let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
                adapter.row(Row::Table(TableRow { line: *line, header: &header, cells: &cells }), &mut read);
            }
        }
        Layout::Json(records) => {
            let mut number = 0;
            for page in documents(text) {
                let (elements, envelope) = split(page, records);
                for element in &elements {
                    number += 1;
                    adapter.row(Row::Json { line: number, number, element }, &mut read);
                }
                if let Some(envelope) = envelope {
                    let paging = adapter.envelope(&envelope, &mut read);
                    read.paging.push(paging);
                }
            }
        }
        Layout::Parquet => panic!("no adapter reads Parquet itself"),
    }
    adapter.finish(&mut read);
    drop(adapter);
    read
}

/// Asserts that a bare list of a page's records, each record on a line of its own, and the page twice in a row are read alike.
pub(crate) fn assert_lists_alike(page: &dyn Format, list: &dyn Format, text: &str) {
    let Layout::Json(Records::Under(key)) = page.layout() else { panic!("{} has no pages", page.id()) };
    assert_eq!(list.layout(), Layout::Json(Records::Array));
    assert_eq!(list.export(), page.id(), "both are one export");
    let paged = read(page, text).tokens;
    let (elements, _) = split(documents(text).swap_remove(0), Records::Under(key));
    assert_eq!(read(list, &Json::Array(elements.clone()).to_string()).tokens, paged);
    let lines: String = elements.iter().map(|element| format!("{element}\n")).collect();
    assert_eq!(read(list, &lines).tokens, paged);
    assert!(!page.recognises(&sight_of_json(&lines)) && !list.recognises(&sight_of_json(text)), "never both");
    assert_eq!(read(page, &format!("{text}\n{text}")).tokens.len(), 2 * paged.len());
}

/// What can be seen of a text laid out as the format says.
pub(crate) fn sight(format: &dyn Format, text: &str) -> Sight {
    if format.layout() == Layout::Table {
        return Sight::Table { header: table(text).0 };
    }
    sight_of_json(text)
}

pub(crate) fn sight_of_json(text: &str) -> Sight {
    sight::look(&Input::memory("export", text)).expect("JSON").swap_remove(0)
}

fn table(text: &str) -> (Vec<String>, Vec<(u64, Vec<String>)>) {
    let text = text.replace('\r', "");
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(&text)).from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.expect("a sound row"));
    let rows = rows.map(|row| (row.position().expect("a place").line(), row.iter().map(str::to_owned).collect())).collect();
    (header, rows)
}

/// What stands between the cells of a table.
pub(crate) fn delimiter(text: &str) -> u8 {
    if text.lines().next().is_some_and(|header| header.contains('\t')) { b'\t' } else { b',' }
}

fn documents(text: &str) -> Vec<Json> {
    serde_json::Deserializer::from_str(text).into_iter().map(|document| document.expect("sound JSON")).collect()
}

fn split(page: Json, records: Records) -> (Vec<Json>, Option<Map<String, Json>>) {
    match (records, page) {
        (Records::Array | Records::Documents, Json::Array(elements)) => (elements, None),
        (Records::Under(key), Json::Object(mut envelope)) => match envelope.remove(key) {
            Some(Json::Array(elements)) => (elements, Some(envelope)),
            _ => (Vec::new(), Some(envelope)),
        },
        (_, page) => (vec![page], None),
    }
}
