//! Secret values planted in every format: none may come out at the other end.
//!
//! Here each shape goes through each adapter, at each place of its fixture; `tests/it/planted.rs` runs the whole program.

#[path = "../../../tests/it/planting.rs"]
mod planting;

use super::FORMATS;
use super::contract::{fixture, read_input, text};
use super::element::Token;
use super::export::{Export, Reading, no_pages};
use crate::inventory::detect::Detected;
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Format, Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::guard::test_values::assemble;
use crate::inventory::guard::{Depth, Guard, SECRET_FIELD, put_in_secret_field};
use crate::inventory::input::Input;
use crate::inventory::read::{self, Collected, SourceFacts};
use crate::inventory::record::{Problem, ProblemKind, Record, State};
use crate::inventory::registry::Registry;
use planting::{Pieces, Table};
use serde_json::{Map, Value as Json, json};

/// 2026-11-01T00:00:00Z.
const AS_OF: i64 = 1_793_491_200;
/// No shape knows it, and no rule finds it random.
const MARKER: &str = "correct horse";

/// Keeps all that it sees, secret fields too.
fn greedy(row: Row<'_>, _: &SourceContext, sink: &mut dyn Sink) {
    let Row::Json { element, .. } = row else { panic!("no table") };
    let Some(mut token) = Token::start(row, "acme", "key", sink) else { return };
    token.text(Field::TokenId, "id");
    token.record.tags.insert("all".to_owned(), element.to_string());
    sink.token(token.record);
}

const LIST: Export = Export {
    id: "list",
    secret_fields: &["value", "~last4", "fields[].value"],
    reading: Reading::Each { record: greedy, page: no_pages },
    ..Export::OF_PROVIDER
};

/// Hands over its tokens at the end.
#[derive(Default)]
struct Late(Vec<(u64, String)>);

impl Adapter for Late {
    fn row(&mut self, row: Row<'_>, _: &mut dyn Sink) {
        let Row::Json { line, element, .. } = row else { panic!("no table") };
        self.0.push((line, element.to_string()));
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        for (line, text) in std::mem::take(&mut self.0) {
            let mut record = Record::new(line);
            record.tags.insert("all".to_owned(), text);
            sink.token(record);
        }
    }
}

const LATE_LIST: Export = Export { id: "late", reading: Reading::Together(|_| Box::new(Late::default())), ..LIST };

fn read_as(format: &dyn Format, text: &str) -> (SourceFacts, Collected) {
    let input = Input::memory("x.json", text);
    let detected = Detected { format, sight: Sight::Json { array: true, envelope: Map::new(), elements: Vec::new() } };
    let context = SourceContext { as_of: AS_OF, ..SourceContext::default() };
    let source =
        read::Source { input: &input, detected: &detected, context: &context, exported_at: None, registry: Registry::built_in() };
    let mut sink = Collected::default();
    let facts = read::read(&source, &mut sink).unwrap();
    (facts, sink)
}

fn secret_fields(problems: &[Problem]) -> Vec<&str> {
    let of_rule = |problem: &&Problem| problem.kind == ProblemKind::Secret && problem.text.starts_with(SECRET_FIELD);
    problems.iter().filter(of_rule).map(|problem| problem.field.as_str()).collect()
}

#[test]
fn adapters_never_see_a_secret_field() {
    let records = [
        json!({"id": "1", "value": MARKER, "last4": MARKER}),
        json!({"id": "2", "value": null, "last4": "****"}),
        json!({"id": "3", "fields": [{"value": MARKER}]}),
        json!({"id": "4"}),
    ];
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    for format in [&LIST, &LATE_LIST] {
        let (facts, sink) = read_as(format, &format!("[{}]", lines.join(",\n")));
        assert!(!format!("{facts:?}{sink:?}").contains(MARKER), "{sink:?}");
        let found: Vec<_> = sink.tokens.iter().map(|token| secret_fields(&token.problems)).collect();
        assert_eq!(found, [vec!["value"], vec![], vec!["fields[].value"], vec![]], "{}", format.id);
        let told: Vec<_> = facts.problems.iter().filter_map(|sentence| sentence.split(" held ").next()).collect();
        assert_eq!(told, ["`value`", "`last4`", "`fields[].value`"]);
    }
}

/// A value of each shape, and what of each is secret.
fn values() -> (Vec<String>, Pieces) {
    let guard = Guard::built_in();
    let values: Vec<String> = guard.samples().map(assemble).collect();
    let (mut secrets, mut labels) = (Vec::new(), String::new());
    for value in &values {
        let mut kept = 0;
        for span in guard.find(value, Depth::Shapes) {
            secrets.push(&value[span.start..span.end]);
            labels.push_str(&value[kept..span.start]);
            kept = span.end;
        }
        labels.push_str(&value[kept..]);
        labels.push(' ');
    }
    let pieces = Pieces::of(secrets, &labels);
    (values, pieces)
}

/// The inventories of a format with each shape planted at some place, and some shape at each place.
fn planted(format: &dyn Format, values: &[String]) -> Vec<String> {
    if format.layout() == Layout::Parquet {
        return Vec::new();
    }
    let text = text(&fixture(format));
    let mut next = values.iter().cycle();
    let mut value = || next.next().map(String::as_str).unwrap_or_default();
    let list = match format.layout() {
        Layout::Json(Records::Under(path)) => Some(format.records_path().unwrap_or(path)),
        Layout::Json(Records::Array | Records::Documents) | Layout::Parquet => None,
        Layout::Table => {
            let table = Table::parse(&text);
            let mut rows = Vec::new();
            while rows.len() < values.len() {
                for (row, column) in table.rows.iter().flat_map(|row| (0..row.len()).map(move |column| (row, column))) {
                    let mut row = row.clone();
                    row[column] = if rows.len() % 2 == 0 { value().to_owned() } else { format!("{} {}", row[column], value()) };
                    rows.push(row);
                }
            }
            let header = table.header.iter().map(|name| format!("{name} {}", value())).collect();
            let planted_header = Table { header, rows: table.rows.clone(), ..Table::parse(&text) };
            return vec![Table { rows, ..table }.write(), planted_header.write()];
        }
    };
    let mut all = Vec::new();
    all.push(planting::with_records(&text, list, |records| {
        let places: Vec<(&Json, usize)> =
            records.iter().flat_map(|record| (0..planting::places(record)).map(move |place| (record, place))).collect();
        let count = places.len().max(values.len());
        let copy = |(number, (record, place)): (usize, &(&Json, usize))| {
            let value = value();
            let embed = |text: &str| if number % 2 == 0 { value.to_owned() } else { format!("{text} {value}") };
            planting::at(record, *place, &embed)
        };
        places.iter().cycle().take(count).enumerate().map(copy).collect()
    }));
    all.push(planting::with_records(&text, list, |records| {
        records.iter().map(|record| planting::in_every_text(record, &mut |text| format!("{text} {}", value()))).collect()
    }));
    if let Some(list) = list {
        all.push(planting::with_envelope(&text, list, &mut |text| format!("{text} {}", value())));
    }
    all
}

/// Everything that came out, as text. Cells that say nothing are left out: there are many.
fn all_that_came_out(facts: &SourceFacts, sink: &Collected) -> String {
    let mut all =
        format!("{facts:?} {:?} {:?} {:?} {:?} {:?}", sink.people, sink.purposes, sink.accounts, sink.rejected, sink.skipped);
    for token in &sink.tokens {
        let cells = token.cells().iter().filter(|cell| cell.state == State::Value).map(|cell| format!("{:?}", cell.value));
        all.extend(cells);
        all.push_str(&format!("{:?} {:?} {:?}", token.tags, token.problems, token.identity));
    }
    all
}

#[test]
fn no_format_lets_a_value_through() {
    let (values, pieces) = values();
    let check = |formats: &[&dyn Format]| {
        let mut faults = Vec::new();
        for format in formats {
            let id = format.id();
            for (number, text) in planted(*format, &values).into_iter().enumerate() {
                let (facts, sink) = read_input(&Input::memory("x", text), Some(id));
                let leak = pieces.leak(all_that_came_out(&facts, &sink).as_bytes());
                faults.extend(leak.map(|leak| format!("{id}: {leak}")));
                // In the first inventory every record holds a value somewhere.
                let told = |token: &&Record| token.problems.iter().any(|problem| problem.kind == ProblemKind::Secret);
                if number == 0
                    && let Some(silent) = sink.tokens.iter().find(|token| !told(token))
                {
                    faults.push(format!("{id}: the value in record {} is told nowhere", silent.line));
                }
            }
        }
        faults
    };
    let (one, other) = FORMATS.split_at(FORMATS.len() / 2);
    let faults = std::thread::scope(|scope| {
        let others = scope.spawn(|| check(other));
        [check(one), others.join().unwrap()].concat()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_format_lets_a_secret_field_through() {
    for format in FORMATS {
        let id = format.id();
        for path in format.secret_fields() {
            let text = text(&fixture(*format));
            let list = if let Layout::Json(Records::Under(path)) = format.layout() { Some(path) } else { None };
            let planted = if format.layout() == Layout::Table {
                let mut table = Table::parse(&text);
                let column = table.header.iter().position(|name| name == path).unwrap_or_else(|| {
                    table.header.push((*path).to_owned());
                    table.rows.iter_mut().for_each(|row| row.push(String::new()));
                    table.header.len() - 1
                });
                table.rows.iter_mut().for_each(|row| row[column] = MARKER.to_owned());
                table.write()
            } else {
                planting::with_records(&text, list, |mut records| {
                    records.iter_mut().for_each(|record| put_in_secret_field(record, path, MARKER));
                    records
                })
            };
            assert!(planted.contains(MARKER), "{id}");
            let (facts, sink) = read_input(&Input::memory("x", planted), Some(id));
            let out = all_that_came_out(&facts, &sink);
            let name = path.trim_start_matches('~');
            assert!(!out.contains(MARKER), "{id}: `{path}` is not cut: {out}");
            assert!(facts.dropped_fields.iter().any(|field| field == name), "{id}: `{path}` is not told of");
            let noted = |token: &Record| secret_fields(&token.problems).contains(&name);
            assert!(path.starts_with('~') || sink.tokens.iter().all(noted), "{id}: no finding for `{path}`");
        }
    }
}
