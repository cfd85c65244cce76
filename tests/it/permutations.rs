//! How rows are spread over files, and in which order they come, decides nothing: every fixture of every format in one audit,
//! shuffled, given twice and split in two.

use crate::program::{countersign, outcome};
use countersign::inventory::format::{Format, Layout, Records};
use countersign::inventory::formats::FORMATS;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A file name and its bytes.
type File = (String, Vec<u8>);

/// The file that stands for a format.
fn fixture(format: &dyn Format) -> (PathBuf, &'static str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let paths = ["csv", "json", "ndjson", "parquet"].map(|end| (folder.join(format!("{}.{end}", format.id())), end));
    paths.into_iter().find(|(path, _)| path.exists()).unwrap_or_else(|| panic!("{} has no fixture", format.id()))
}

/// The parts of a file that hold its rows.
enum Parts {
    Table {
        header: csv::StringRecord,
        rows: Vec<csv::StringRecord>,
    },
    Json {
        around: Option<(&'static str, Json)>,
        lines: bool,
        elements: Vec<Json>,
    },
    /// A binary file, or several documents that each have records.
    Whole(Vec<u8>),
}

impl Parts {
    fn of(format: &dyn Format, bytes: &[u8]) -> Parts {
        let documents = || serde_json::Deserializer::from_slice(bytes).into_iter().collect::<Result<Vec<Json>, _>>();
        match format.layout() {
            Layout::Parquet => Parts::Whole(bytes.to_vec()),
            Layout::Table => {
                let mut reader = csv::Reader::from_reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
                let header = reader.headers().expect("has a header").clone();
                // A sheet may have notes above its table, or rows that are to be rejected.
                match reader.records().collect::<Result<_, _>>() {
                    Ok(rows) => Parts::Table { header, rows },
                    Err(_) => Parts::Whole(bytes.to_vec()),
                }
            }
            Layout::Json(records) => {
                let mut documents = documents().expect("is JSON");
                match (records, documents.as_mut_slice()) {
                    (Records::Under(key), [document]) if document[key].is_array() => {
                        let Json::Array(elements) = document[key].take() else { unreachable!() };
                        Parts::Json { around: Some((key, document.take())), lines: false, elements }
                    }
                    (Records::Array, [Json::Array(elements)]) => {
                        Parts::Json { around: None, lines: false, elements: std::mem::take(elements) }
                    }
                    (Records::Documents, _) => Parts::Json { around: None, lines: true, elements: documents },
                    _ => Parts::Whole(bytes.to_vec()),
                }
            }
        }
    }

    /// The same file in the order of `keep`, which names rows by their number.
    fn write(&self, keep: impl Iterator<Item = usize>) -> Vec<u8> {
        match self {
            Parts::Whole(bytes) => bytes.clone(),
            Parts::Table { header, rows } => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                writer.write_record(header).expect("writes");
                keep.filter_map(|row| rows.get(row)).for_each(|row| writer.write_record(row).expect("writes"));
                writer.into_inner().expect("writes")
            }
            Parts::Json { around, lines, elements } => {
                let kept: Vec<&Json> = keep.filter_map(|element| elements.get(element)).collect();
                match around {
                    _ if *lines => kept.iter().map(|document| format!("{document}\n")).collect::<String>().into_bytes(),
                    None => json!(kept).to_string().into_bytes(),
                    Some((key, document)) => {
                        let mut document = document.clone();
                        document[key] = json!(kept);
                        document.to_string().into_bytes()
                    }
                }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Parts::Whole(_) => 0,
            Parts::Table { rows, .. } => rows.len(),
            Parts::Json { elements, .. } => elements.len(),
        }
    }
}

/// What an audit of these files says, without what it says of the files themselves; by format, for the message.
fn audit(files: &[File], name_formats: bool) -> BTreeMap<String, usize> {
    let folder = tempfile::tempdir().expect("makes a folder");
    let exports = folder.path().join("exports");
    fs::create_dir(&exports).expect("makes a folder");
    let mut settings = String::new();
    for (name, bytes) in files {
        fs::write(exports.join(name), bytes).expect("writes");
        let id = name.split(['.', '~']).next().unwrap_or_default();
        // Sources of equal standing are told apart by their digests, which change with every byte; ranks do not.
        let rank = FORMATS.iter().position(|format| format.id() == id).unwrap_or_default();
        let format = if name_formats { format!("format = \"{id}\"\n") } else { String::new() };
        settings.push_str(&format!("[[source]]\npath = \"{name}\"\nrank = {}\n{format}\n", rank + 1));
    }
    fs::write(folder.path().join("countersign.toml"), settings).expect("writes");
    let mut command = countersign(folder.path());
    command.args(["audit", "exports", "--format", "json,csv", "--as-of", "2026-11-01T00:00:00Z"]);
    let (_, errors, code) = outcome(&mut command);
    assert!(matches!(code, Some(0..=3)), "{errors}");
    let text = fs::read(folder.path().join("report/report.json")).unwrap_or_else(|_| panic!("there is a report: {errors}"));
    let report: Json = serde_json::from_slice(&text).expect("is JSON");
    let mut said = BTreeMap::new();
    for finding in report["findings"].as_array().expect("is a list") {
        // What is unknown for all tokens of a source is one entry; the figures of the checks count them one by one.
        if finding["subject"] == "token" && finding["check"] != "INV-003" && finding["result"] != "unknown" {
            let words = ["provider", "account", "token_id", "name", "owner", "check", "result", "reason", "basis", "evidence"];
            let text = words.map(|word| format!("{word} {}", finding[word])).join(", ");
            *said.entry(text).or_default() += 1;
        }
    }
    let of_tokens = |check: &&Json| check["id"] != "INV-003" && check["subject"] == "token";
    for check in report["checks"].as_array().expect("is a list").iter().filter(of_tokens) {
        said.insert(format!("{}: {}", check["id"], check["results"]), 1);
    }
    said.insert(format!("tokens {}", report["summary"]["tokens"]), 1);
    said
}

fn assert_same(what: &str, straight: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) {
    let only = |of: &BTreeMap<String, usize>, not: &BTreeMap<String, usize>| {
        let lines =
            of.iter().filter(|(text, count)| not.get(*text) != Some(count)).map(|(text, count)| format!("{count} × {text}"));
        lines.take(12).collect::<Vec<_>>().join("\n")
    };
    assert!(
        straight == other,
        "{what} changes results\n\nbefore:\n{}\n\nafter:\n{}",
        only(straight, other),
        only(other, straight)
    );
}

fn every(write: impl Fn(&str, &str, &Parts) -> Vec<File>) -> Vec<File> {
    let file = |format: &&dyn Format| {
        let (path, end) = fixture(*format);
        let bytes = fs::read(path).expect("reads");
        write(format.id(), end, &Parts::of(*format, &bytes))
    };
    FORMATS.iter().flat_map(file).collect()
}

#[test]
fn rows_may_come_in_any_order_twice_and_in_several_files() {
    let straight = every(|id, end, parts| vec![(format!("{id}.{end}"), parts.write(0..parts.len()))]);
    let said = audit(&straight, false);
    let shuffled = every(|id, end, parts| vec![(format!("{id}.{end}"), parts.write((0..parts.len()).rev()))]);
    assert_same("the order of rows", &said, &audit(&shuffled, true));
    let twice = straight.iter().flat_map(|(name, bytes)| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(bytes).expect("packs");
        [
            (name.clone(), bytes.clone()),
            (format!("{}~copy", name), bytes.clone()),
            (format!("{name}.gz"), gzip.finish().expect("packs")),
        ]
    });
    assert_same("a file that is given three times", &said, &audit(&twice.collect::<Vec<_>>(), false));
    let split = every(|id, end, parts| {
        let half = parts.len().div_ceil(2);
        let mut files = vec![(format!("{id}.{end}"), parts.write(0..half))];
        if half < parts.len() {
            files.push((format!("{id}~.{end}"), parts.write(half..parts.len())));
        }
        files
    });
    assert_same("splitting files in two", &said, &audit(&split, true));
}
