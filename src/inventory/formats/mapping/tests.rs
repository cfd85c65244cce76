//! An invented gateway's inventory, as people would map it.

use super::*;
use crate::inventory::format::TableRow;
use crate::inventory::format::{Account, Person, Purpose, Row, Sink};
use crate::inventory::input::Input;
use crate::inventory::json::{self, JsonSink, Where};
use crate::inventory::record::{Cell, Precision, ProblemKind, Record, State, Value};
use crate::inventory::sight;
use crate::inventory::table::{self, TableSink};
use serde_json::{Map, Value as Json};

/// What came out of a file.
#[derive(Default)]
struct Seen {
    tokens: Vec<Record>,
    rejected: Vec<(u64, String)>,
    skipped: Vec<u64>,
    problems: Vec<String>,
    collected: Vec<Field>,
}

impl Sink for Seen {
    fn token(&mut self, record: Record) {
        self.tokens.push(record);
    }
    fn person(&mut self, person: Person) {
        panic!("{person:?}");
    }
    fn purpose(&mut self, purpose: Purpose) {
        panic!("{purpose:?}");
    }
    fn account(&mut self, account: Account) {
        panic!("{account:?}");
    }
    fn reject(&mut self, line: u64, reason: String) {
        self.rejected.push((line, reason));
    }
    fn skip(&mut self, line: u64, _reason: &'static str) {
        self.skipped.push(line);
    }
    fn problem(&mut self, sentence: String) {
        self.problems.push(sentence);
    }
}

struct Pump<'a> {
    adapter: Box<dyn Adapter + 'a>,
    seen: Seen,
}

impl TableSink for Pump<'_> {
    fn header(&mut self, header: &[String]) {
        self.adapter.header(header, &mut self.seen);
    }
    fn row(&mut self, row: TableRow<'_>) {
        self.adapter.row(Row::Table(row), &mut self.seen);
    }
    fn reject(&mut self, line: u64, reason: String) {
        self.seen.rejected.push((line, reason));
    }
}

impl JsonSink for Pump<'_> {
    fn element(&mut self, line: u64, number: u64, element: &Json) {
        self.adapter.row(Row::Json { line, number, element }, &mut self.seen);
    }
    fn reject(&mut self, line: u64, reason: String) {
        self.seen.rejected.push((line, reason));
    }
    fn page(&mut self, envelope: &Map<String, Json>) {
        self.adapter.envelope(envelope, &mut self.seen);
    }
    fn problem(&mut self, sentence: String) {
        self.seen.problems.push(sentence);
    }
    fn cut(&mut self) {}
}

fn settings(text: &str) -> SourceSettings {
    toml::from_str(&format!("path = \"*\"\n{text}")).unwrap()
}

fn read(mapping: &str, text: &str) -> Seen {
    let settings = settings(mapping);
    let input = Input::memory("gateway", text);
    let sights = sight::look(&input).unwrap();
    let mapping = Mapping::new(&settings, &sights[0]).unwrap();
    assert!(mapping.recognises(&sights[0]));
    let context = SourceContext {
        owner_keys: settings.owner_keys.clone(),
        environment_keys: settings.environment_keys.clone(),
        ..SourceContext::default()
    };
    let mut pump = Pump { adapter: mapping.open(&context), seen: Seen::default() };
    match mapping.layout() {
        Layout::Json(_) => {
            let place = mapping.records_path().map_or(Where::Top, Where::at);
            json::read(input.open().unwrap(), &place, &mut pump).unwrap();
        }
        _ => table::read(input.open().unwrap(), &mut pump).unwrap(),
    }
    let Pump { mut adapter, mut seen } = pump;
    adapter.finish(&mut seen);
    seen.collected = adapter.collected();
    seen
}

fn refused(mapping: &str, text: &str) -> MappingError {
    let sights = sight::look(&Input::memory("gateway", text)).unwrap();
    let error = Mapping::new(&settings(mapping), &sights[0]).unwrap_err();
    assert!(!error.hint().is_empty() && !error.to_string().ends_with('.'));
    error
}

fn items(record: &Record, field: Field) -> Vec<Vec<Option<&str>>> {
    let Value::Items(items) = &record.get(field).value else { return Vec::new() };
    items.iter().map(|item| item.parts.iter().map(Cell::as_text).collect()).collect()
}

fn scopes(record: &Record) -> Vec<&str> {
    let Value::Scopes(scopes) = &record.get(Field::ScopesGranted).value else { return Vec::new() };
    scopes.iter().map(|scope| scope.name.as_str()).collect()
}

fn seconds(record: &Record, field: Field) -> Option<i64> {
    record.get(field).as_date().map(|date| date.seconds)
}

const GATEWAY: &str = r#"
format = "csv"
date_format = "%d/%m/%Y %H:%M"
columns = { token_id = "Key ID", created_at = "Issued", expires_at = "Valid until", owner = "Responsible", state = "Live?", scopes_granted = "Rights", "storage.kind" = "Kept in", "contacts.0.address" = "Call" }
values = { state = { Y = "enabled", N = "revoked", "" = "disabled" }, scopes_granted = { "R/W" = "write" } }
split = { scopes_granted = "," }
const = { provider = "gateway", "contacts.0.role" = "technical", "tags.wave" = "one" }
"#;

const GATEWAY_CSV: &str = "\
Key ID,Issued,Valid until,Responsible,Live?,Rights,Kept in,Call,Team
007,31/03/2026 09:30,never,alice@example.com,Y,\"orders: read, r/w\",Key Vault,ops@example.com,edge
008,2026-04-01T10:00:00+0200,31/12/2026 00:00,,n,none,,,
009,soon,unknown,,,,none,,\"=1+1\"
,,,,,,,,
";

/// 2026-03-31T09:30:00Z
const ISSUED: i64 = 1_774_949_400;

#[test]
fn a_sheet_is_read_by_its_mapping() {
    let seen = read(GATEWAY, GATEWAY_CSV);
    assert_eq!((seen.problems, seen.rejected, seen.skipped), (vec![], vec![], vec![5]));
    let [first, second, third] = seen.tokens.as_slice() else { panic!("{:?}", seen.tokens) };
    assert_eq!((first.line, first.text(Field::TokenId), first.text(Field::Provider)), (2, Some("007"), Some("gateway")));
    let issued = first.get(Field::CreatedAt).as_date().unwrap();
    assert_eq!((issued.seconds, issued.precision, issued.assumed_utc), (ISSUED, Precision::Second, true));
    assert_eq!(first.get(Field::ExpiresAt), &Cell::of(State::None));
    assert_eq!((first.text(Field::State), scopes(first)), (Some("enabled"), vec!["orders: read", "write"]));
    assert_eq!(items(first, Field::Storage)[0][0], Some("key-vault"));
    assert_eq!(items(first, Field::Contacts)[0][..2], [Some("technical"), Some("ops@example.com")]);
    assert_eq!(first.tags.iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>(), ["Team=edge", "wave=one"]);

    assert_eq!(seconds(second, Field::CreatedAt), Some(1_775_030_400));
    assert!(!second.get(Field::CreatedAt).as_date().unwrap().assumed_utc);
    assert_eq!(second.text(Field::State), Some("revoked"));
    assert_eq!(second.get(Field::ScopesGranted), &Cell::of(State::None));
    for field in [Field::Owner, Field::Storage, Field::Contacts] {
        assert_eq!(second.get(field), &Cell::of(State::Empty), "{}", field.name());
    }

    assert_eq!(third.text(Field::State), Some("disabled"));
    assert_eq!(third.get(Field::Storage), &Cell::of(State::None));
    assert_eq!(third.get(Field::ExpiresAt), &Cell::of(State::UnknownWord));
    assert_eq!(third.get(Field::CreatedAt), &Cell::of(State::Unreadable));
    assert_eq!(third.problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::Unreadable]);
    assert_eq!(third.tags["Team"], "=1+1");
    assert_eq!(third.get(Field::LastUsedAt).state, State::NotCollected);
}

#[test]
fn the_order_of_columns_means_nothing() {
    let ordered = read(GATEWAY, GATEWAY_CSV);
    let shuffled: String = GATEWAY_CSV
        .lines()
        .map(|line| {
            // The one quoted cell with a comma stays whole.
            let cells: Vec<String> = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(line.as_bytes())
                .records()
                .flat_map(|record| record.unwrap().iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>())
                .collect();
            let (front, back) = cells.split_at(5);
            format!("{}\n", [back, front].concat().join(";"))
        })
        .collect();
    let shuffled = read(GATEWAY, &shuffled);
    assert_eq!(shuffled.tokens, ordered.tokens);
    assert_eq!(shuffled.collected, ordered.collected);
}

#[test]
fn collected_is_what_the_mapping_names_and_the_file_has() {
    let expected = [
        Field::TokenId,
        Field::Provider,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ScopesGranted,
        Field::Storage,
        Field::Contacts,
    ];
    assert_eq!(read(GATEWAY, GATEWAY_CSV).collected, expected);
    let sights = sight::look(&Input::memory("x", GATEWAY_CSV)).unwrap();
    assert_eq!(Mapping::new(&settings(GATEWAY), &sights[0]).unwrap().fields(), expected);
}

#[test]
fn a_missing_column_is_a_problem_that_names_the_nearest() {
    let seen = read(
        "columns = { token_id = \"Key ID\", owner = \"Responsible\", \"contacts.0.address\" = \"Call\" }\nconst = { \"contacts.0.role\" = \"token\" }",
        "key_id,Responsable\n7,alice\n",
    );
    assert_eq!(
        seen.problems,
        [
            "there is no column `Call`, which is mapped to `contacts.0.address`",
            "there is no column `Responsible`, which is mapped to `owner`; did you mean `Responsable`?",
            "there is no column `Key ID`, which is mapped to `token_id`; did you mean `key_id`?"
        ]
    );
    assert_eq!(seen.collected, []);
    assert!(seen.tokens[0].cells().iter().all(|cell| cell.state == State::NotCollected), "{:?}", seen.tokens[0]);
    assert_eq!(seen.tokens[0].tags.len(), 2);
    assert_eq!(read("columns = { token_id = \"Key ID\" }", "name\n").problems.len(), 1);
}

#[test]
fn hostile_column_names_are_names() {
    let seen = read(
        "columns = { token_id = \"<b>id</b>\", owner = \"=cmd|'/c'!A1\", name = \"a\\nb\", purpose = \"a.b\" }",
        "<b>id</b>,=cmd|'/c'!A1,\"a\nb\",a.b,,x,x,\u{202e}y\n1,2,3,4,5,6,7,8\n",
    );
    assert_eq!(seen.problems, Vec::<String>::new());
    let record = &seen.tokens[0];
    let texts = [Field::TokenId, Field::Owner, Field::Name, Field::Purpose].map(|field| record.text(field).unwrap());
    assert_eq!(texts, ["1", "2", "3", "4"]);
    let tags: Vec<_> = record.tags.iter().map(|(name, text)| format!("{name}={text}")).collect();
    assert_eq!(tags, ["column 5=5", "x=6", "x (7)=7", "\u{202e}y=8"]);
    let absent = read("columns = { token_id = \"\\u202eid\\u0007\" }", "x\n1\n");
    assert_eq!(absent.problems, ["there is no column `id`, which is mapped to `token_id`"]);
}

#[test]
fn letter_case_of_columns_is_forgiven_unless_it_tells_two_apart() {
    let seen = read("columns = { token_id = \"KEY ID\", owner = \"By\", name = \"by\" }", "key Id,by,By\n7,n,o\n");
    assert_eq!(seen.problems, Vec::<String>::new());
    let record = &seen.tokens[0];
    assert_eq!([Field::TokenId, Field::Owner, Field::Name].map(|field| record.text(field)), [Some("7"), Some("o"), Some("n")]);
}

#[test]
fn a_column_may_serve_twice_and_may_come_twice() {
    let seen =
        read("columns = { created_at = \"Issued\", last_rotated_at = \"Issued\", name = \"N\" }", "Issued,N,N\n2026-01-02,a,b\n");
    assert_eq!(seen.problems, ["column `N` occurs several times; the first one is read"]);
    let record = &seen.tokens[0];
    assert_eq!(record.get(Field::CreatedAt), record.get(Field::LastRotatedAt));
    assert_eq!((record.text(Field::Name), record.tags["N"].as_str()), (Some("a"), "b"));
}

const NESTED: &str = r#"
records = "result.keys"
columns = { token_id = "id", created_at = "meta.issued", last_used_at = "meta.used", owner = "owners.mail", scopes_granted = "grants.name", state = "live", active_secret_count = "secrets", authorized_readers = "readers", storage = "kept", purpose = "why" }
values = { state = { true = "enabled", false = "disabled" } }
"#;

const NESTED_JSON: &str = r#"{
  "took": 3,
  "result": {
    "total": 3,
    "keys": [
      {"id": 9007199254740993, "meta": {"issued": 1774949400, "used": null, "zone": "eu"}, "owners": [{"mail": "a@example.com"}],
       "grants": [{"name": "read"}, {"name": "write"}], "live": true, "secrets": 2, "readers": ["app", 7],
       "kept": {"kind": "vault"}, "extra": {"deep": [1, {"x": 2}]}},
      {"id": "b", "meta": {"issued": "2026-03-31T09:30:00Z"}, "owners": [{"mail": "a"}, {"mail": "b"}], "grants": [],
       "live": false, "secrets": "two", "readers": "app; web", "kept": []},
      {"message": "not found"}, 7
    ]
  }
}"#;

#[test]
fn nested_json_is_read_by_paths() {
    let seen = read(NESTED, NESTED_JSON);
    assert_eq!(seen.problems, ["no record has `why`, which is mapped to `purpose`"]);
    assert_eq!(
        seen.rejected,
        [(11, "has none of the keys that `columns` names".to_owned()), (11, "is not an object".to_owned())]
    );
    let [first, second] = seen.tokens.as_slice() else { panic!("{:?}", seen.tokens) };
    assert_eq!(
        (first.line, first.text(Field::TokenId), first.text(Field::Owner)),
        (1, Some("9007199254740993"), Some("a@example.com"))
    );
    assert_eq!((seconds(first, Field::CreatedAt), seconds(second, Field::CreatedAt)), (Some(ISSUED), Some(ISSUED)));
    assert_eq!(first.get(Field::LastUsedAt), &Cell::of(State::Empty));
    assert_eq!(second.get(Field::LastUsedAt).state, State::NotCollected);
    assert_eq!((scopes(first), second.get(Field::ScopesGranted)), (vec!["read", "write"], &Cell::of(State::None)));
    assert_eq!((first.text(Field::State), second.text(Field::State)), (Some("enabled"), Some("disabled")));
    assert_eq!(first.get(Field::ActiveSecretCount).value, Value::Count(2));
    assert_eq!(first.get(Field::AuthorizedReaders).value, Value::Words(vec!["app".into(), "7".into()]));
    assert_eq!(second.get(Field::AuthorizedReaders).value, Value::Words(vec!["app".into(), "web".into()]));
    assert_eq!((items(first, Field::Storage)[0][0], second.get(Field::Storage)), (Some("vault"), &Cell::of(State::None)));
    assert_eq!(second.get(Field::Owner), &Cell::of(State::Unreadable));
    let tags: Vec<_> = first.tags.iter().map(|(name, text)| format!("{name}={text}")).collect();
    assert_eq!(
        tags,
        [
            r#"extra.deep=[1,{"x":2}]"#,
            r#"grants=[{"name":"read"},{"name":"write"}]"#,
            "meta.zone=eu",
            r#"owners=[{"mail":"a@example.com"}]"#
        ]
    );
    assert!(seen.collected.contains(&Field::LastUsedAt) && !seen.collected.contains(&Field::Purpose), "{:?}", seen.collected);
}

#[test]
fn lines_of_json_are_records() {
    let mapping = r#"
        format = "ndjson"
        date_format = "%Y%m%d"
        columns = { token_id = "key.id", created_at = "issued", "contacts.0.address" = "call", "scope_last_used.orders" = "used.orders" }
        const = { "contacts.0.role" = "token", sensitivity = "high" }
    "#;
    let text = "{\"key\":{\"id\":\"a\"},\"issued\":20260331,\"call\":\"x@example.com\",\"used\":{\"orders\":\"20260401\"}}\n\
                not json\n\
                {\"key.id\":\"b\",\"issued\":\"20260332\"}\n";
    let seen = read(mapping, text);
    assert_eq!((seen.rejected.len(), seen.problems.len(), seen.tokens.len()), (1, 0, 2));
    let [first, second] = seen.tokens.as_slice() else { panic!() };
    assert_eq!(first.get(Field::CreatedAt).as_date().map(|date| date.precision), Some(Precision::Date));
    assert_eq!(items(first, Field::Contacts)[0][..2], [Some("token"), Some("x@example.com")]);
    assert!(matches!(&first.get(Field::ScopeLastUsed).value, Value::Dates(dates) if dates.contains_key("orders")));
    assert_eq!((second.line, second.text(Field::TokenId), second.text(Field::Sensitivity)), (2, Some("b"), Some("high")));
    assert_eq!(second.get(Field::CreatedAt).state, State::Unreadable);
    assert_eq!(second.get(Field::Contacts).state, State::NotCollected);
    assert!(seen.collected.contains(&Field::Contacts) && seen.collected.contains(&Field::Sensitivity));
}

#[test]
fn a_forgotten_path_to_the_records_is_proposed() {
    let seen = read("columns = { token_id = \"id\", owner = \"by\" }", "{\"total\":1,\"items\":[{\"id\":1,\"by\":\"a\"}]}");
    assert_eq!(seen.tokens, []);
    assert_eq!(seen.problems, ["no record has any of the mapped keys; the elements of `items` have: set `records = \"items\"`"]);
}

#[test]
fn tags_name_owner_and_environment() {
    let mapping = "owner_keys = [\"squad\", \"team\"]\nenvironment_keys = [\"env\"]\n";
    let sheet = read(
        &format!("{mapping}columns = {{ token_id = \"id\", owner = \"by\" }}"),
        "id,by,TEAM,env\n1,,core,prod\n2,alice,core,\n",
    );
    assert_eq!(sheet.tokens.iter().map(|token| token.text(Field::Owner)).collect::<Vec<_>>(), [Some("core"), Some("alice")]);
    assert_eq!(sheet.tokens[0].text(Field::Environment), Some("production"));
    assert!(sheet.collected.contains(&Field::Environment));
    let json = read(
        &format!("{mapping}columns = {{ token_id = \"id\" }}"),
        "[{\"id\":1,\"labels\":{\"team\":\"core\",\"squad\":\"s\"}},{\"id\":2}]",
    );
    assert_eq!(json.tokens.iter().map(|token| token.text(Field::Owner)).collect::<Vec<_>>(), [Some("s"), None]);
    assert_eq!(json.collected, [Field::TokenId, Field::Owner]);
}

#[test]
fn mistakes_of_the_settings_are_named() {
    let csv = "a,b\n1,2\n";
    for (mapping, error) in [
        ("format = \"github-pats\"\ncolumns = { name = \"a\" }", "`format = \"github-pats\"` does not go with `columns`"),
        ("", "there are no `columns`"),
        ("format = \"json\"\ncolumns = { name = \"a\" }", "the settings say `json`, and the file is a table"),
        ("records = \"x\"\ncolumns = { name = \"a\" }", "`records` is for JSON, and the file is a table"),
        ("date_format = \"%Q\"\ncolumns = { name = \"a\" }", "`date_format = \"%Q\"` is no notation of dates"),
        (
            "columns = { compromise = \"a\", \"compromise.state\" = \"b\" }",
            "`compromise` and `compromise.state` are the same place",
        ),
        ("columns = { name = \"a\" }\nconst = { name = \"b\" }", "`name` and `name` are the same place"),
        ("columns = { name = \"a\" }\nvalues = { state = { a = \"b\" } }", "`values` has `state`, and `columns` does not"),
        ("columns = { name = \"a\" }\nsplit = { owner = \",\" }", "`split` has `owner`, and `columns` does not"),
        ("columns = { name = \"a\" }\nsplit = { name = \",\" }", "`split` has `name`, which is no plain list"),
        ("columns = { scopes_granted = \"a\" }\nsplit = { scopes_granted = \"\" }", "`split` of `scopes_granted` is empty"),
        ("columns = { name = \"a\" }\nconst = { state = \"blue\" }", "`const` of `state` is no value of that field: \"blue\""),
        (
            "columns = { name = \"a\" }\nconst = { \"storage.since\" = \"x\" }",
            "`const` of `storage.since` is no value of that field: \"x\"",
        ),
    ] {
        assert_eq!(refused(mapping, csv).to_string(), error);
    }
    assert_eq!(
        refused("format = \"csv\"\ncolumns = { name = \"a\" }", "[]").to_string(),
        "the settings say `csv`, and the file is JSON"
    );
    let unusable = settings("format = \"xml\"\ncolumns = { name = \"a\" }");
    assert_eq!(Mapping::check(&unusable), Err(MappingError::Format { format: "xml".into() }));
    let other_names = settings("columns = { compromise = \"a\" }\nvalues = { \"compromise.state\" = { x = \"none\" } }");
    assert_eq!(Mapping::check(&other_names), Ok(()));
}
