use super::*;
use crate::inventory::detect::detect;
use crate::inventory::format::{Paging, SourceContext};
use crate::inventory::formats::FORMATS;
use crate::inventory::formats::test_reader::{Read, at, read, read_in};
use crate::inventory::input::Input;
use crate::inventory::read::{self as reader, Collected, Source};
use crate::inventory::record::{State, Value};
use crate::inventory::registry::Registry;
use serde_json::{Value as Json, json};

const API: &str = include_str!("../../../../tests/fixtures/formats/datadog-api-keys.json");
const API_SINGLE: &str = include_str!("../../../../tests/fixtures/formats/datadog-api-keys-list.json");
const APPLICATION: &str = include_str!("../../../../tests/fixtures/formats/datadog-application-keys.json");
const APPLICATION_LIST: &str = include_str!("../../../../tests/fixtures/formats/datadog-application-keys-list.json");
const PERSONAL: &str = include_str!("../../../../tests/fixtures/formats/datadog-personal-access-tokens.json");

/// A field of each token by name, in the order of the names: a token is handed over when its owner is known.
fn words<'r>(read: &'r Read, names: &[&str], field: Field) -> Vec<&'r str> {
    let token = |name: &&str| read.tokens.iter().find(|token| token.text(Field::Name) == Some(name));
    names.iter().map(|name| token(name).and_then(|token| token.text(field)).unwrap_or("-")).collect()
}

fn states(read: &Read, names: &[&str], field: Field) -> Vec<State> {
    let token = |name: &&str| read.tokens.iter().find(|token| token.text(Field::Name) == Some(name));
    names.iter().map(|name| token(name).map_or(State::NotCollected, |token| token.get(field).state)).collect()
}

const NAMES: [&str; 5] = ["agents prod", "old forwarder", "leaked one", "by nobody we know", "bare"];

#[test]
fn owners_stand_beside_the_keys() {
    let read = read(&API_KEYS, API);
    assert_eq!(
        words(&read, &NAMES, Field::Owner),
        [
            "Mara.Lind@acme.example",
            "tom.field@acme.example",
            "tom.field@acme.example",
            "d2000000-0000-4000-8000-000000000009",
            "-"
        ]
    );
    let disabled = read.tokens.iter().filter(|token| token.tags.contains_key("owner_disabled")).count();
    assert_eq!(disabled, 2);
    assert_eq!(read.paging, [Paging { declared: Some(5), more: None }]);
}

#[test]
fn what_is_included_may_come_first_or_on_another_page() {
    let document: Json = serde_json::from_str(API).unwrap();
    let (data, included) = (&document["data"], &document["included"]);
    let first = format!("{{\"included\": {included}, \"data\": {data}, \"meta\": {}}}", document["meta"]);
    let apart = format!("{{\"data\": {data}}}\n{{\"data\": [], \"included\": {included}}}");
    let straight = read(&API_KEYS, API);
    for text in [first, apart] {
        let read = read(&API_KEYS, &text);
        assert_eq!(words(&read, &NAMES, Field::Owner), words(&straight, &NAMES, Field::Owner));
        assert_eq!(read.tokens.len(), 5);
    }
    // Without it the id is all that is known.
    let bare = read(&API_KEYS, &format!("{{\"data\": {data}}}"));
    assert_eq!(words(&bare, &NAMES, Field::Owner)[0], "d2000000-0000-4000-8000-000000000001");
}

#[test]
fn no_use_in_ninety_days_is_not_never() {
    let read = read(&API_KEYS, API);
    assert_eq!(states(&read, &NAMES, Field::LastUsedAt), [State::Value, State::None, State::Value, State::Empty, State::Empty]);
    let old = read.tokens.iter().find(|token| token.text(Field::Name) == Some("old forwarder")).unwrap();
    // The run's instant less 90 days.
    assert_eq!(old.get(Field::UsageObservedSince), &at("2026-08-03T00:00:00Z"));
    let context = SourceContext { exported_at: Some(1_793_404_800), ..SourceContext::default() };
    let exported = read_in(&API_KEYS, API, &context);
    let old = exported.tokens.iter().find(|token| token.text(Field::Name) == Some("old forwarder")).unwrap();
    assert_eq!(old.get(Field::UsageObservedSince), &at("2026-08-02T00:00:00Z"));
    assert_eq!(old.get(Field::ChangedAt), &at("2019-09-08T09:24:43Z"));
}

#[test]
fn the_reader_tells_when_the_export_was_made() {
    let input = Input::memory("datadog-2026-10-31.json", API);
    let detected = detect(&input, FORMATS, None).unwrap();
    let context = SourceContext { as_of: 1_793_491_200, ..SourceContext::default() };
    let source = Source {
        input: &input,
        detected: &detected,
        context: &context,
        exported_at: Some(1_793_404_800),
        registry: Registry::built_in(),
    };
    let mut sink = Collected::default();
    reader::read(&source, &mut sink).unwrap();
    let since: Vec<_> = sink.tokens.iter().filter_map(|token| token.get(Field::UsageObservedSince).as_date()).collect();
    assert_eq!(since.iter().map(|date| date.seconds).collect::<Vec<_>>(), [1_793_404_800 - 90 * 86_400]);
}

#[test]
fn a_leak_is_a_suspicion_and_no_leak_says_nothing() {
    let read = read(&API_KEYS, API);
    assert_eq!(words(&read, &NAMES, Field::Compromise), ["-", "-", "suspected", "suspected", "-"]);
    assert_eq!(
        states(&read, &NAMES, Field::Compromise),
        [State::Empty, State::Empty, State::Value, State::Value, State::NotCollected]
    );
    let leaked = read.tokens.iter().find(|token| token.text(Field::Name) == Some("leaked one")).unwrap();
    assert_eq!(leaked.get(Field::CompromiseSuspectedAt), &at("2026-10-12T08:00:00Z"));
    assert_eq!(leaked.tags.get("leak_source").map(String::as_str), Some("GitHub"));
    assert_eq!(states(&read, &NAMES, Field::CompromiseSuspectedAt)[3], State::Empty);
}

#[test]
fn no_scopes_are_all_rights_and_an_empty_list_is_none() {
    let names = ["terraform", "dash export", "empty scopes"];
    let read = read(&APPLICATION_KEYS, APPLICATION);
    assert_eq!(words(&read, &names, Field::ScopeModel), ["unscoped", "scoped", "scoped"]);
    assert_eq!(states(&read, &names, Field::ScopesGranted), [State::Empty, State::Value, State::None]);
    assert_eq!(states(&read, &names, Field::LastUsedAt), [State::Value, State::None, State::Empty]);
    assert_eq!(words(&read, &names, Field::Owner), ["Mara.Lind@acme.example", "svc-ci@acme.example", "tom.field@acme.example"]);
    assert_eq!(read.paging[0].declared, Some(4));
    let list = super::super::test_reader::read(&APPLICATION_KEYS_LIST, APPLICATION_LIST);
    assert_eq!(states(&list, &names, Field::ScopesGranted), states(&read, &names, Field::ScopesGranted));
}

#[test]
fn a_personal_token_may_have_an_end() {
    let names = ["cli session", "dash", "ci"];
    let read = read(&PERSONAL_ACCESS_TOKENS, PERSONAL);
    assert_eq!(states(&read, &names, Field::ExpiresAt), [State::Value, State::None, State::Empty]);
    assert_eq!(states(&read, &names, Field::LastUsedAt), [State::Value, State::None, State::Empty]);
    let cli = read.tokens.iter().find(|token| token.text(Field::Name) == Some("cli session")).unwrap();
    assert_eq!(cli.get(Field::LastUsedAt), &at("2026-10-31T08:58:55Z"));
    assert_eq!(cli.text(Field::TokenKind), Some("personal-access-token"));
    assert!(matches!(&cli.get(Field::ScopesGranted).value, Value::Scopes(scopes) if scopes.len() == 2));
}

#[test]
fn single_answers_bring_their_users_along() {
    let answers: Vec<Json> = serde_json::from_str(API_SINGLE).unwrap();
    let lines: String = answers.iter().map(|answer| format!("{answer}\n")).collect();
    for text in [API_SINGLE, lines.as_str()] {
        let single = read(&API_KEYS_LIST, text);
        assert_eq!(words(&single, &NAMES[..2], Field::Owner), ["Mara.Lind@acme.example", "tom.field@acme.example"]);
    }
}

#[test]
fn parts_of_values_are_not_kept_and_other_records_are_told() {
    for (format, text) in [(&API_KEYS, API), (&APPLICATION_KEYS, APPLICATION), (&PERSONAL_ACCESS_TOKENS, PERSONAL)] {
        let seen = format!("{:?}", read(format, text).tokens);
        assert!(!seen.contains("ab0") && !seen.contains("cd0") && !seen.contains("PublicPortion"), "{seen}");
    }
    let mixed = json!({"data": [{"type": "api_keys", "id": "1", "attributes": {}}, {"type": "users", "id": "2"}]});
    let mixed = read(&API_KEYS, &mixed.to_string());
    assert_eq!((mixed.tokens.len(), mixed.rejects.len()), (1, 1));
}
