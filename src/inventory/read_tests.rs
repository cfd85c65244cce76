use super::*;
use crate::inventory::detect::{DetectError, detect};
use crate::inventory::formats::FORMATS;
use crate::inventory::record::{Cell, ProblemKind, State, Value};

const AS_OF: i64 = 1_781_530_200; // 2026-06-15T13:30:00Z

fn read_as(name: &str, bytes: impl Into<Vec<u8>>, format: Option<&str>) -> Result<(SourceFacts, Collected), DetectError> {
    let input = Input::memory(name, bytes);
    let detected = detect(&input, FORMATS, format)?;
    let context = SourceContext { name: name.to_owned(), as_of: AS_OF, ..SourceContext::default() };
    let source =
        Source { input: &input, detected: &detected, context: &context, exported_at: None, registry: Registry::built_in() };
    let mut sink = Collected::default();
    let facts = read(&source, &mut sink).unwrap();
    Ok((facts, sink))
}

fn read_bytes(bytes: impl Into<Vec<u8>>) -> (SourceFacts, Collected) {
    read_as("x", bytes, None).unwrap()
}

fn ids(sink: &Collected) -> Vec<&str> {
    sink.tokens.iter().filter_map(|record| record.text(Field::TokenId)).collect()
}

#[test]
fn a_sheet_becomes_records() {
    let (facts, sink) = read_as(
        "tokens-2026-06-01.csv",
        "token_id,provider,Owner,created_at,scopes_granted,storage.kind,contacts,Team\n\
         007,GitHub,Alice@Example.com,2026-06-01,repo;read:org,secret-manager,\"[{\"\"role\"\":\"\"token\"\",\"\"address\"\":\"\"a@x.org\"\"}]\",core\n\
         ,,,,,,,\n\
         008,github,none,2027-01-01,,,,\n",
        None,
    )
    .unwrap();
    assert_eq!((facts.format, facts.rows, facts.records, facts.skipped, facts.rejected), ("canonical-csv", 3, 2, 1, 0));
    assert_eq!(facts.exported_at.seconds(), Some(1_780_272_000));
    assert_eq!(facts.problems, ["columns that are no fields are kept as tags: `Team`"]);
    let names: Vec<_> = facts.collected.iter().map(|field| field.name()).collect();
    assert_eq!(names, ["token_id", "provider", "owner", "created_at", "scopes_granted", "storage", "contacts"]);
    let [first, second] = sink.tokens.as_slice() else { panic!() };
    assert_eq!((first.line, second.line), (2, 4));
    assert_eq!(first.text(Field::Provider), Some("github"));
    assert_eq!(first.text(Field::Owner), Some("alice@example.com"));
    assert_eq!(first.get(Field::LastUsedAt).state, State::NotCollected);
    assert!(matches!(&first.get(Field::ScopesGranted).value, Value::Scopes(scopes) if scopes[0].class.is_some()));
    assert_eq!(second.get(Field::Owner), &Cell::of(State::None));
    assert_eq!(second.get(Field::CreatedAt).state, State::Implausible);
    assert_eq!(second.get(Field::Storage).state, State::Empty);
}

#[test]
fn json_says_the_same_as_the_sheet() {
    let element = r#"{"token_id":"007","provider":"github","compromise":{"state":"none"},"secret_scan":{"performed_at":"2026-06-01","open_findings":[]},"storage":[{"kind":"hsm"}],"tags":{"team":"core"},"weight":3}"#;
    let other = r#"{"token_id":"008","provider":"github","storage.kind":"hsm","owner":null}"#;
    let lists = [
        ("canonical-json", format!("[{element},{other}]")),
        ("canonical-json", format!("{element}\n{other}\n")),
        ("canonical-json-object", format!("{{\"exported_at\":\"2026-06-01T00:00:00Z\",\"tokens\":[{element},{other}]}}")),
    ];
    for (format, text) in lists {
        let (facts, sink) = read_bytes(text);
        assert_eq!((facts.format, facts.records), (format, 2));
        let [first, second] = sink.tokens.as_slice() else { panic!() };
        assert_eq!(first.get(Field::Compromise), &Cell::of(State::None));
        assert_eq!(first.get(Field::SecretScanPerformedAt).state, State::Value);
        assert_eq!(first.get(Field::SecretScanOpenFindings), &Cell::of(State::None));
        assert_eq!(first.tags.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>(), ["team=core", "weight=3"]);
        assert_eq!(first.get(Field::Owner).state, State::NotCollected);
        assert_eq!(second.get(Field::Owner).state, State::Empty);
        assert_eq!(first.get(Field::Storage).state, second.get(Field::Storage).state);
        assert!(facts.collected.contains(&Field::Owner) && facts.collected.contains(&Field::Storage));
        assert!(!facts.collected.contains(&Field::LastUsedAt));
        assert_eq!((first.line, second.line), (1, 2));
    }
}

#[test]
fn bad_input_costs_what_is_bad() {
    let (facts, sink) = read_bytes(
        b"token_id,provider,name\nt-1,p,a\nt-2,p\nt-3,p,\"x\" y\nt-4,p,\xff\nt-5,p,\0\nt-6,\"p,open\nt-7,p,ok\n".as_slice(),
    );
    assert_eq!(ids(&sink), ["t-1", "t-7"]);
    assert_eq!(sink.rejected.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
    assert_eq!(facts.rejected, 5);

    let mark = b"\xEF\xBB\xBFtoken_id,provider\nt-1,p\n".as_slice();
    assert_eq!(ids(&read_bytes(mark).1), ["t-1"]);
    let wide: Vec<u8> = "\u{feff}token_id,provider\r\nt-é,p\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(ids(&read_bytes(wide).1), ["t-é"]);

    let deep = format!("{{\"token_id\":\"t-2\",\"provider\":\"p\",\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let text = format!("[{{\"token_id\":\"t-1\",\"provider\":\"p\"}},{deep},{{\"token_id\":\"t-3\",\"provi");
    let (facts, sink) = read_bytes(text);
    assert_eq!(ids(&sink), ["t-1"]);
    assert_eq!((facts.rejected, facts.paging), (2, Completeness::Incomplete));
}

#[test]
fn odd_values_are_kept_and_noted() {
    let (_, sink) = read_bytes("token_id,provider,state,created_at,name\nt-1,p,zombie,soon,<script>\u{202e}=cmd()\n");
    let record = &sink.tokens[0];
    assert_eq!(record.get(Field::State).state, State::Unreadable);
    assert_eq!(record.get(Field::CreatedAt).state, State::Unreadable);
    assert_eq!(record.text(Field::Name), Some("<script>\u{202e}=cmd()"));
    assert_eq!(record.problems.len(), 2);
}

#[test]
fn secrets_go_no_further_than_this() {
    let secret = concat!("ghp", "_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8");
    let sheet = format!("token_id,provider,name,created_at,note {secret}\nt-1,p,{secret},{secret},{secret}\n");
    let json = format!(
        "[{{\"token_id\":\"t-1\",\"provider\":\"p\",\"name\":\"{secret}\",\"x\":{{\"y\":\"{secret}\"}},\"{secret}\":1}}]"
    );
    for text in [sheet, json] {
        let (facts, sink) = read_bytes(text);
        assert!(sink.tokens[0].problems.iter().any(|problem| problem.kind == ProblemKind::Secret));
        assert!(!format!("{facts:?}{sink:?}").contains(secret));
    }
}

#[test]
fn an_empty_list_is_read_if_its_format_is_named() {
    let (facts, _) = read_as("x", "[]", Some("canonical-json")).unwrap();
    assert_eq!((facts.records, facts.rows), (0, 0));
    let (facts, _) = read_as("x", "token_id,provider\n", None).unwrap();
    assert_eq!((facts.records, facts.collected.len()), (0, 2));
    assert!(read_as("x", "[]", None).is_err());
}

#[test]
fn pages_tell_whether_they_are_all() {
    let told = |pages: &[(Option<u64>, Option<bool>)], cut| {
        let mut together = Pages::default();
        pages.iter().for_each(|(declared, more)| together.add(Paging { declared: *declared, more: *more }));
        together.completeness(5, cut)
    };
    assert_eq!(told(&[], false), Completeness::Unknown);
    assert_eq!(told(&[], true), Completeness::Incomplete);
    assert_eq!(told(&[(None, Some(true))], false), Completeness::Incomplete);
    assert_eq!(told(&[(None, Some(false)), (None, Some(true))], false), Completeness::Complete);
    assert_eq!(told(&[(Some(9), None)], false), Completeness::Incomplete);
    assert_eq!(told(&[(Some(5), None)], false), Completeness::Complete);
}

#[test]
fn the_order_of_rows_never_matters() {
    let rows = ["t-1,p,prod,2026-01-01", "t-2,q,dev,", "t-3,p,blue,soon", ",,,", "t-2,q,dev,never"];
    let sorted = |order: &[usize]| {
        let text: String = order.iter().filter_map(|index| rows.get(*index)).map(|row| format!("{row}\n")).collect();
        let (facts, sink) = read_bytes(format!("token_id,provider,environment,created_at\n{text}"));
        let mut tokens: Vec<_> =
            sink.tokens.into_iter().map(|record| format!("{:?}{:?}", record.cells(), record.problems)).collect();
        tokens.sort();
        (facts.records, facts.skipped, facts.collected, tokens)
    };
    assert_eq!(sorted(&[0, 1, 2, 3, 4]), sorted(&[4, 2, 0, 3, 1]));
}
