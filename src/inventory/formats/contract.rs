//! What every format of the list keeps, the one of next year included.

use super::FORMATS;
use super::test_reader::delimiter;
use crate::inventory::detect::detect;
use crate::inventory::format::{Format, Layout, Records, Row, SourceContext, TableRow};
use crate::inventory::guard::SECRET_FIELD;
use crate::inventory::input::Input;
use crate::inventory::no_export;
use crate::inventory::read::{self, Collected, SourceFacts};
use crate::inventory::record::{ProblemKind, Record};
use crate::inventory::registry::Registry;
use crate::inventory::sight;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::PathBuf;

/// 2026-11-01T00:00:00Z.
const AS_OF: i64 = 1_793_491_200;

pub(super) fn fixture(format: &dyn Format) -> Input {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let id = format.id();
    let extension =
        ["csv", "json", "ndjson", "parquet"].into_iter().find(|extension| folder.join(format!("{id}.{extension}")).exists());
    let extension = extension.unwrap_or_else(|| panic!("{id}: add tests/fixtures/formats/{id}.csv, .json, .ndjson or .parquet"));
    Input::file(&folder.join(format!("{id}.{extension}")))
}

pub(super) fn text(input: &Input) -> String {
    let mut text = String::new();
    input.open().unwrap().read_to_string(&mut text).unwrap();
    text
}

pub(super) fn read_input(input: &Input, format: Option<&str>) -> (SourceFacts, Collected) {
    let detected = detect(input, FORMATS, format).unwrap_or_else(|error| panic!("{error}; {}", error.hint()));
    let context = SourceContext { name: input.name.clone(), as_of: AS_OF, ..SourceContext::default() };
    let source =
        read::Source { input, detected: &detected, context: &context, exported_at: None, registry: Registry::built_in() };
    let mut sink = Collected::default();
    let facts = read::read(&source, &mut sink).unwrap();
    (facts, sink)
}

/// Everything that came out, without lines, in an order of its own.
fn sorted(sink: &Collected) -> Vec<String> {
    let tokens = sink.tokens.iter().map(|record| format!("{:?} {:?} {:?}", record.cells(), record.tags, record.problems));
    let people = sink.people.iter().map(|person| format!("{:?}", crate::inventory::format::Person { line: 0, ..person.clone() }));
    let mut all: Vec<String> = tokens.chain(people).collect();
    all.sort();
    all
}

/// Fails with the first record that differs; the whole lists would be unreadable.
pub(super) fn assert_same(one: &Collected, other: &Collected, id: &str) {
    let (one, other) = (sorted(one), sorted(other));
    assert_eq!(one.len(), other.len(), "{id}");
    if let Some((one, other)) = one.iter().zip(&other).find(|(one, other)| one != other) {
        panic!("{id}:\n{one}\n{other}");
    }
}

#[test]
fn ids_are_unique_and_fit_for_a_command_line() {
    let mut seen = BTreeSet::new();
    for format in FORMATS {
        let id = format.id();
        assert!(seen.insert(id), "{id} is used twice; give one of the formats another id");
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{id}");
    }
}

#[test]
fn every_format_explains_itself() {
    for format in FORMATS {
        for text in [format.title(), format.how_to_export(), format.signature()] {
            let id = format.id();
            assert!(!text.is_empty() && !text.contains('\n'), "{id}: one line each for title, export and signature");
        }
    }
}

#[test]
fn every_fixture_is_recognised_as_its_format_and_no_other() {
    for format in FORMATS {
        let detected = detect(&fixture(*format), FORMATS, None);
        let found = detected.map(|detected| detected.format.id());
        assert_eq!(found.map_err(|error| error.to_string()), Ok(format.id()));
    }
}

#[test]
fn every_fixture_is_read_to_its_end() {
    for format in FORMATS {
        let (facts, sink) = read_input(&fixture(*format), None);
        assert!(facts.records > 0, "{}: the fixture holds no record", format.id());
        // A fixture may hold a row that cannot be used, to show what becomes of it.
        assert!(sink.rejected.len() as u64 <= facts.records, "{}: {:?}", format.id(), sink.rejected);
    }
}

#[test]
fn no_fixture_makes_the_guard_cry_wolf() {
    for format in FORMATS {
        let (facts, sink) = read_input(&fixture(*format), None);
        // A fixture may hold a value in a field for secrets, to show that it is cut.
        let secret = |record: &Record| {
            let mut problems = record.problems.iter().filter(|problem| problem.kind == ProblemKind::Secret);
            problems.any(|problem| !problem.text.starts_with(SECRET_FIELD))
        };
        assert!(!sink.tokens.iter().any(secret), "{}: {:?}", format.id(), facts.problems);
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    for format in FORMATS {
        let input = fixture(*format);
        let shuffled = match format.layout() {
            Layout::Parquet => continue,
            Layout::Table => {
                let text = text(&input);
                let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(&text)).from_reader(text.as_bytes());
                let header = reader.headers().unwrap().clone();
                let mut rows: Vec<_> = reader.records().map(Result::unwrap).collect();
                rows.reverse();
                let mut writer = csv::WriterBuilder::new().delimiter(delimiter(&text)).from_writer(Vec::new());
                writer.write_record(&header).unwrap();
                rows.iter().for_each(|row| writer.write_record(row).unwrap());
                writer.into_inner().unwrap()
            }
            Layout::Json(Records::Documents) => {
                let text = text(&input);
                let mut documents: Vec<Json> =
                    serde_json::Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect();
                documents.reverse();
                documents.iter().map(|document| format!("{document}\n")).collect::<String>().into_bytes()
            }
            Layout::Json(records) => {
                let mut document: Json = serde_json::from_str(&text(&input)).unwrap();
                let list = if let Records::Under(key) = records { &mut document[key] } else { &mut document };
                list.as_array_mut().unwrap().reverse();
                document.to_string().into_bytes()
            }
        };
        let shuffled = Input::memory(input.name.clone(), shuffled);
        let (straight, reversed) = (read_input(&input, None).1, read_input(&shuffled, Some(format.id())).1);
        assert_same(&straight, &reversed, format.id());
    }
}

#[test]
fn a_page_that_stands_in_a_list_is_the_same_page() {
    for format in FORMATS.iter().filter(|format| matches!(format.layout(), Layout::Json(Records::Under(_)))) {
        let input = fixture(*format);
        let joined = Input::memory(input.name.clone(), format!("[{}]", text(&input)));
        assert_same(&read_input(&joined, None).1, &read_input(&input, None).1, format.id());
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,12}".prop_map(Json::from),
        Just(json!("2026-01-01T00:00:00Z")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map("[a-z_]{1,8}", inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

/// Puts a value in place of one of the values of an element, wherever it stands.
fn disturb(element: &mut Json, mut place: usize, value: &Json) {
    fn walk(node: &mut Json, place: &mut usize, value: &Json) -> bool {
        if *place == 0 {
            *node = value.clone();
            return true;
        }
        *place -= 1;
        match node {
            Json::Array(entries) => entries.iter_mut().any(|entry| walk(entry, place, value)),
            Json::Object(entries) => entries.iter_mut().any(|(_, entry)| walk(entry, place, value)),
            _ => false,
        }
    }
    walk(element, &mut place, value);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn adapters_take_any_value_anywhere(value in any_json(), place in 0_usize..60, cell in ".{0,20}") {
        for format in FORMATS {
            let context = SourceContext { as_of: AS_OF, ..SourceContext::default() };
            let mut adapter = format.open(&context);
            let mut sink = Collected::default();
            match format.layout() {
                Layout::Parquet => {}
                Layout::Table => {
                    let text = text(&fixture(*format));
                    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(&text)).from_reader(text.as_bytes());
                    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
                    adapter.header(&header, &mut sink);
                    for row in reader.records().map(Result::unwrap) {
                        let mut cells: Vec<&str> = row.iter().collect();
                        let index = place % cells.len();
                        cells[index] = &cell;
                        adapter.row(Row::Table(TableRow { line: 2, header: &header, cells: &cells }), &mut sink);
                    }
                }
                Layout::Json(records) => {
                    let text = text(&fixture(*format));
                    for document in serde_json::Deserializer::from_str(&text).into_iter::<Json>() {
                        let mut document = document.unwrap();
                        disturb(&mut document, place + 1, &value);
                        let elements = match records {
                            Records::Under(key) => document.get(key).and_then(Json::as_array).cloned().unwrap_or_default(),
                            Records::Array => document.as_array().cloned().unwrap_or_default(),
                            Records::Documents => vec![document.clone()],
                        };
                        for element in &elements {
                            adapter.row(Row::Json { line: 1, number: 1, element }, &mut sink);
                        }
                        adapter.row(Row::Json { line: 1, number: 1, element: &value }, &mut sink);
                        if let Json::Object(envelope) = &document {
                            adapter.envelope(envelope, &mut sink);
                        }
                    }
                }
            }
            adapter.finish(&mut sink);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_as_every_format(bytes in proptest::collection::vec(any::<u8>(), 0..120), start in "[\\[{a]?") {
        let input = Input::memory("x", [start.as_bytes(), &bytes].concat());
        for format in FORMATS {
            if let Ok(detected) = detect(&input, FORMATS, Some(format.id())) {
                let context = SourceContext::default();
                let source = read::Source { input: &input, detected: &detected, context: &context, exported_at: None, registry: Registry::built_in() };
                let _ = read::read(&source, &mut Collected::default());
            }
        }
    }
}

#[test]
fn no_fixture_is_taken_for_something_else_than_an_export() {
    for format in FORMATS {
        for sight in sight::look(&fixture(*format)).unwrap() {
            assert_eq!(no_export::why(&sight), None, "{}", format.id());
        }
    }
}
