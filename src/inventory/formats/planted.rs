//! Secret values planted in every format: none may come out at the other end.

use super::element::Token;
use super::export::{Export, Reading, no_pages};
use crate::inventory::detect::Detected;
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Format, Row, Sight, Sink, SourceContext};
use crate::inventory::guard::SECRET_FIELD;
use crate::inventory::input::Input;
use crate::inventory::read::{self, Collected, SourceFacts};
use crate::inventory::record::{Problem, ProblemKind};
use crate::inventory::registry::Registry;
use serde_json::{Map, json};

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
            let mut record = crate::inventory::record::Record::new(line);
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
