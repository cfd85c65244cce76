//! Secret values in every file that a run reads, in every name and in every text: none may be found in what it writes or says.

use crate::planting::{self, Pieces, Table};
use crate::program::{countersign, outcome};
use crate::test_values::assemble;
use countersign::inventory::format::{Layout, Records};
use countersign::inventory::formats::FORMATS;
use countersign::inventory::guard::{Depth, Guard};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::fs;
use std::path::Path;

const PATTERNS: &str = include_str!("../../src/inventory/guard/patterns.toml");
/// What a field for secrets holds: nothing knows its shape, and no rule finds it random.
const UNKNOWN_SHAPE: &str = "correct7horse battery staple";

#[derive(Deserialize)]
struct Patterns {
    pattern: Vec<Pattern>,
}

#[derive(Deserialize)]
struct Pattern {
    sample: Vec<String>,
}

/// Values in turn, and the pieces of what is secret in them.
struct Values {
    values: Vec<String>,
    next: usize,
}

impl Values {
    fn new() -> (Values, Pieces) {
        let patterns: Patterns = toml::from_str(PATTERNS).expect("a sound table");
        let values: Vec<String> = patterns.pattern.iter().map(|pattern| assemble(&pattern.sample)).collect();
        let (mut secrets, mut labels) = (vec![UNKNOWN_SHAPE], String::new());
        for value in &values {
            let mut kept = 0;
            for span in Guard::built_in().find(value, Depth::Shapes) {
                secrets.push(&value[span.start..span.end]);
                labels.push_str(&value[kept..span.start]);
                kept = span.end;
            }
            labels.push_str(&value[kept..]);
            labels.push(' ');
        }
        let pieces = Pieces::of(secrets, &labels);
        (Values { values, next: 0 }, pieces)
    }

    fn next(&mut self) -> String {
        self.next += 1;
        self.values[self.next % self.values.len()].clone()
    }

    fn beside(&mut self, text: &str) -> String {
        format!("{text} {}", self.next())
    }
}

/// A value that may stand in a file name and in the text of TOML.
fn name() -> String {
    assemble(&["gl".to_owned(), "pat-{20}".to_owned()])
}

/// The fixture of a format with a value in every text, and its name. Formats of tables have them in their header too.
fn fixture(folder: &Path, id: &str, layout: Layout, values: &mut Values) -> Option<(String, String)> {
    let extension = ["csv", "json", "ndjson"].into_iter().find(|end| folder.join(format!("{id}.{end}")).exists())?;
    let text = fs::read_to_string(folder.join(format!("{id}.{extension}"))).expect("a fixture");
    let list = match layout {
        Layout::Json(Records::Under(path)) => Some(path),
        Layout::Json(Records::Array | Records::Documents) => None,
        Layout::Parquet => return None,
        Layout::Table => {
            let mut table = Table::parse(&text);
            table.header.push(values.next());
            table.rows.truncate(3);
            for row in &mut table.rows {
                row.iter_mut().skip(1).for_each(|cell| *cell = values.beside(cell));
                row.push(values.next());
            }
            return Some((format!("{id} {}.{extension}", name()), table.write()));
        }
    };
    let mut planted = planting::with_records(&text, list, |records| {
        // The adapters' own test plants in all of them; a few show that nothing behind the adapters lets anything out.
        let mut all: Vec<Json> =
            records.iter().take(2).map(|record| planting::in_every_text(record, &mut |text| values.beside(text))).collect();
        for (place, record) in records.iter().take(1).enumerate() {
            let mut record = planting::at(record, place, &|_| values.values[place % values.values.len()].clone());
            record[values.next()] = json!(values.next());
            all.push(record);
        }
        all
    });
    if let Some(list) = list {
        planted = planting::with_envelope(&planted, list, &mut |text| values.beside(text));
    }
    Some((format!("{id} {}.{extension}", name()), planted))
}

/// Everything below a folder, by path.
fn everything(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("lists") {
        let path = entry.expect("is there").path();
        if path.is_dir() {
            all.extend(everything(&path));
        } else {
            all.push((path.display().to_string(), fs::read(&path).expect("reads")));
        }
    }
    all
}

/// The bytes of a PDF with its streams decoded, and the text of its pages without the breaks of lines.
fn readable(pdf: &[u8]) -> Vec<u8> {
    let mut document = lopdf::Document::load_mem(pdf).expect("a sound PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    let text = document.extract_text(&pages).expect("text of the pages").replace('\n', "");
    assert!(text.contains("[cut: ") || text.contains("secret-field"), "what was cut is told: {}", text.len());
    document.decompress();
    let mut bytes = text.into_bytes();
    document.save_to(&mut bytes).expect("writes to memory");
    bytes
}

#[test]
fn no_file_and_no_word_of_a_run_holds_a_value() {
    let (mut values, pieces) = Values::new();
    let home = tempfile::tempdir().expect("makes a folder");
    let home = home.path();
    let exports = home.join("exports");
    fs::create_dir_all(exports.join(format!("older {}", name()))).expect("makes a folder");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let mut settings = format!(
        "waivers = \"waivers.toml\"\n[branding]\norganisation = \"Acme {0}\"\nclassification = \"{0}\"\nprepared_by = \"by {0}\"\n\
         [[account]]\nprovider = \"github\"\naccount = \"acme {0}\"\ncontacts = [{{ role = \"technical {0}\", address = \"a {0}\" }}]\n\
         [[purpose]]\npurpose_id = \"p {0}\"\ntext = \"for {0}\"\nscopes_required = [\"{0}\"]\n",
        name()
    );
    let mut written = 0;
    for format in FORMATS {
        let id = format.id();
        if let Some((file, text)) = fixture(&fixtures, id, format.layout(), &mut values) {
            fs::write(exports.join(file), text).expect("writes");
            settings.push_str(&format!("[[source]]\npath = \"exports/{id} *\"\nformat = \"{id}\"\naccount = \"x {}\"\n", name()));
            written += 1;
        }
    }
    assert!(written + 1 >= FORMATS.len(), "{written} of {} formats", FORMATS.len());
    // What nobody recognises, and what is broken.
    for (file, text) in [
        ("unknown.json", format!("{{\"{0}\": 1}}", name())),
        ("broken.json", format!("[{{\"{0}\": \"{0}\", {0}", name())),
        ("unknown.csv", format!("a,{0}\n1,2,3 {0}\n\"{0}\n", name())),
        ("text.txt", values.next()),
    ] {
        fs::write(exports.join(format!("older {}", name())).join(file), text).expect("writes");
    }
    fs::write(exports.join("secret-fields.json"), json!({"SecretList": [], "Name": "n"}).to_string()).expect("writes");
    fs::write(
        exports.join("values.json"),
        json!([{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "n", "namespace": "n", "uid": "u"}, "type": "Opaque",
                "data": {"password": UNKNOWN_SHAPE, "encoded": planting::base64(UNKNOWN_SHAPE.as_bytes())}}])
        .to_string(),
    )
    .expect("writes");
    fs::write(
        home.join("waivers.toml"),
        format!(
            "[[waiver]]\nid = \"W {0}\"\ncheck = \"EXP-001\"\nsubject = {{ name = \"{0}*\" }}\nreason = \"because {0}\"\n\
             owner = \"o {0}\"\napprover = \"a {0}\"\napproved_at = 2026-09-01\nvalid_through = 2026-12-01\nticket = \"{0}\"\n",
            name()
        ),
    )
    .expect("writes");
    let people = format!("email,status,name,job {0}\na@acme.example {0},active {0},{0},{0}\n", name());
    fs::write(home.join("people.csv"), people).expect("writes");
    fs::write(home.join("countersign.toml"), settings).expect("writes");

    let arguments =
        ["audit", "exports", "--as-of", "2026-11-01T00:00:00Z", "--people", "people.csv", "--format", "html,pdf,json,csv"];
    let (out, err, code) = outcome(countersign(home).args(arguments));
    assert_eq!(code, Some(1), "{err}");
    let mut results = vec![("stdout".to_owned(), out.into_bytes()), ("stderr".to_owned(), err.into_bytes())];
    for (path, bytes) in everything(&home.join("report")).into_iter().chain(everything(home)) {
        let of_the_run = path.contains("/report/") || path.contains("countersign.db");
        if of_the_run && path.ends_with(".pdf") {
            results.push((format!("{path}, decoded"), readable(&bytes)));
        }
        if of_the_run {
            results.push((path, bytes));
        }
    }
    assert!(results.iter().any(|(path, _)| path.ends_with("countersign.db")), "the database is looked at");
    let report = fs::read_to_string(home.join("report/report.json")).expect("a report");
    assert!(report.contains("[cut: ") && report.contains("secret-field"), "what was cut is told");
    let leaks: Vec<String> =
        results.iter().filter_map(|(path, bytes)| pieces.leak(bytes).map(|leak| format!("{path}: {leak}"))).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn inspect_and_errors_show_no_value() {
    let (mut values, pieces) = Values::new();
    let home = tempfile::tempdir().expect("makes a folder");
    let home = home.path();
    let mut files = vec![
        ("broken.json", format!("[{{\"{0}\": \"{0}\", {0}", name())),
        ("unknown.csv", format!("a,{0}\n1,{0}\n", name())),
        ("ragged.csv", format!("token_id,name {0}\n1,{0},{0}\n\"{0}\n", name())),
        ("list.json", format!("[{{\"token_id\": \"{0}\", \"{0}\": \"{0}\", \"created_at\": \"{0}\"}}, \"{0}\"]", name())),
        ("countersign.toml", format!("{0} = 1\n", name())),
    ];
    let quoted: Vec<String> = (0..150).map(|_| format!("1,\"{}\"", values.next().replace('"', "\"\""))).collect();
    files.push(("sheet.csv", format!("token_id,name\n{}\n", quoted.join("\n"))));
    for (file, text) in files {
        fs::write(home.join(file), text).expect("writes");
        let named = format!("{} {file}", name());
        fs::copy(home.join(file), home.join(&named)).expect("copies");
        for arguments in
            [vec!["inspect", file], vec!["inspect", &named], vec!["audit", &named], vec!["policy", "validate", &named]]
        {
            let (out, err, _) = outcome(countersign(home).args(&arguments));
            let leak = pieces.leak(out.as_bytes()).or_else(|| pieces.leak(err.as_bytes()));
            assert!(leak.is_none(), "{arguments:?}: {}", leak.unwrap_or_default());
        }
        if file == "countersign.toml" {
            fs::remove_file(home.join(file)).expect("removes");
        }
    }
}
