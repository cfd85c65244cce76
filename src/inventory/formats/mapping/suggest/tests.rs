//! What people keep, and what becomes of it.

use super::synonyms::SYNONYMS;
use super::*;
use crate::inventory::detect::Detected;
use crate::inventory::field::Field;
use crate::inventory::format::SourceContext;
use crate::inventory::formats::mapping::Mapping;
use crate::inventory::guard::test_values::mixed;
use crate::inventory::input::Input;
use crate::inventory::read::{self, Collected, Source};
use crate::inventory::record::{Record, State};
use crate::inventory::registry::Registry;
use crate::inventory::sight;
use crate::inventory::source_settings::SourceSettings;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    source: Vec<SourceSettings>,
}

fn table(header: &[&str]) -> Seen {
    let columns = header.iter().map(|name| Column { name: (*name).to_owned(), values: Vec::new() }).collect();
    Seen { layout: "csv", records: None, columns }
}

fn settings(header: &[&str]) -> SourceSettings {
    pasted(&suggest("exports/it's \"odd\".csv", &table(header)))
}

/// The suggestion as it is read once it stands in the settings.
fn pasted(text: &str) -> SourceSettings {
    let mut file: File = toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let settings = file.source.remove(0);
    if !settings.columns.is_empty() {
        assert_eq!(Mapping::check(&settings), Ok(()), "{text}");
    }
    assert!(settings.matches("exports/it's \"odd\".csv"), "{text}");
    settings
}

fn guessed(header: &[&str]) -> Vec<(String, String)> {
    settings(header).columns.into_iter().map(|(target, column)| (target.name, column)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs.iter().map(|(target, column)| ((*target).to_owned(), (*column).to_owned())).collect();
    pairs.sort();
    pairs
}

#[test]
fn what_people_call_columns_is_understood() {
    assert_eq!(
        guessed(&["Key ID", "Issued", "Responsible", "Status", "Permissions", "Valid until", "Last used (UTC)", "Last Reset"]),
        pairs(&[
            ("token_id", "Key ID"),
            ("created_at", "Issued"),
            ("owner", "Responsible"),
            ("state", "Status"),
            ("scopes_granted", "Permissions"),
            ("expires_at", "Valid until"),
            ("last_used_at", "Last used (UTC)"),
            ("last_rotated_at", "Last Reset")
        ])
    );
    assert_eq!(
        guessed(&["tokenId", "createdAt", "expiry_date", "ownerEmail", "lastUsedAt", "Token Name", "Token Type", "ENV"]),
        pairs(&[
            ("token_id", "tokenId"),
            ("created_at", "createdAt"),
            ("expires_at", "expiry_date"),
            ("owner", "ownerEmail"),
            ("last_used_at", "lastUsedAt"),
            ("name", "Token Name"),
            ("kind", "Token Type"),
            ("environment", "ENV")
        ])
    );
}

#[test]
fn the_plainer_name_is_taken() {
    assert_eq!(guessed(&["Contact", "Owner"]), pairs(&[("owner", "Owner")]));
    assert_eq!(guessed(&["ID", "Token ID"]), pairs(&[("token_id", "Token ID")]));
    assert_eq!(guessed(&["Owner", "Owner"]), pairs(&[("owner", "Owner")]));
    assert_eq!(
        guessed(&["Stored in", "storage.kind", "scope_last_used.a b", "compromise", "Leaked"]),
        pairs(&[("storage.kind", "storage.kind"), ("scope_last_used.a b", "scope_last_used.a b"), ("compromise", "compromise")])
    );
}

#[test]
fn columns_of_token_values_are_not_mapped() {
    let text = suggest("x.csv", &table(&["Token", "API_KEY", "secret", "Name"]));
    assert!(text.contains("# … = \"Token\"\n# … = \"API_KEY\"\n# … = \"secret\"\n"), "{text}");
    assert!(text.contains("# token_id = "), "{text}");
    assert_eq!(guessed(&["Token", "API_KEY", "Name"]), pairs(&[("name", "Name")]));
}

#[test]
fn what_looks_like_a_token_value_is_not_shown() {
    let value = format!("gl{}{}", "pat-", mixed(20));
    let text = suggest("x.csv", &Seen::look(&Input::memory("x.csv", format!("Owner,{value}\n{value},1\n"))).unwrap());
    assert!(!text.contains(&value) && text.contains("owner = \"Owner\""), "{text}");
}

#[test]
fn a_technical_contact_gets_its_role() {
    let settings = settings(&["Technical contact", "Owner"]);
    assert_eq!(settings.constants.values().collect::<Vec<_>>(), ["technical"]);
    assert_eq!(settings.columns.len(), 2);
}

#[test]
fn synonyms_lead_to_fields_and_to_one_only() {
    let mut seen = BTreeSet::new();
    for (target, synonyms) in SYNONYMS {
        assert!(Target::parse(target).is_some(), "{target}");
        for synonym in *synonyms {
            assert!(seen.insert(*synonym), "{synonym} is used twice");
            assert!(!holds_values(synonym), "{synonym}");
            assert_eq!(guessed(&[synonym])[0].0, *target, "{synonym}");
        }
    }
}

/// Reads a file with the mapping that is suggested for it.
fn read_as_suggested(text: &str) -> (String, Vec<Record>, Vec<String>) {
    let input = Input::memory("exports/it's \"odd\".csv", text);
    let suggestion = suggest(&input.name, &Seen::look(&input).unwrap());
    let settings = pasted(&suggestion);
    let sight = sight::look(&input).unwrap().swap_remove(0);
    let mapping = Mapping::new(&settings, &sight).unwrap_or_else(|error| panic!("{error}\n{suggestion}"));
    let detected = Detected { format: &mapping, sight };
    let context = SourceContext { name: input.name.clone(), as_of: 1_793_491_200, ..SourceContext::default() };
    let source =
        Source { input: &input, detected: &detected, context: &context, exported_at: None, registry: Registry::built_in() };
    let mut sink = Collected::default();
    let facts = read::read(&source, &mut sink).unwrap();
    (suggestion, sink.tokens, facts.problems)
}

fn texts(record: &Record, fields: &[Field]) -> Vec<String> {
    let spelled = |field: &Field| {
        let cell = record.get(*field);
        let date = cell.as_date().map(crate::inventory::time::written);
        cell.as_text().map(str::to_owned).or(date).unwrap_or_else(|| cell.state.word().to_owned())
    };
    fields.iter().map(spelled).collect()
}

#[test]
fn a_sheet_with_words_and_dates_of_its_own_is_read_as_suggested() {
    let (suggestion, tokens, problems) = read_as_suggested(
        "Key ID;Label;Status;Created on;Valid until;Last used;Rights;Responsible\n\
         k-1;billing;Live;31/01/2026;No expiry;14/10/2026 09:30;read,write;Ana.Ruiz@acme.example\n\
         k-2;reports;Suspended;01/02/2026;15/12/2026;never;read;\n",
    );
    assert!(problems.is_empty() && tokens.iter().all(|token| token.problems.is_empty()), "{suggestion}\n{tokens:?}");
    let fields = [Field::TokenId, Field::Name, Field::State, Field::CreatedAt, Field::ExpiresAt, Field::LastUsedAt, Field::Owner];
    assert_eq!(
        texts(&tokens[0], &fields),
        ["k-1", "billing", "enabled", "2026-01-31", "none", "14/10/2026 09:30", "ana.ruiz@acme.example"]
            .map(|text| if text.contains('/') { "2026-10-14T09:30:00Z" } else { text })
    );
    assert_eq!(texts(&tokens[1], &fields), ["k-2", "reports", "disabled", "2026-02-01", "2026-12-15", "none", "empty"]);
    assert_eq!(tokens[1].get(Field::ScopesGranted).state, State::Value);
}

#[test]
fn json_of_an_unknown_service_is_read_as_suggested() {
    let (suggestion, tokens, problems) = read_as_suggested(
        r#"{"status": "ok", "payload": {"count": 2, "credentials": [
            {"uuid": "c-1", "attributes": {"label": "ci", "created_at": 1760000000, "last_used": null}, "owner": {"email": "x@acme.example"},
             "scopes": ["a:read", "a:write"], "state": "active"},
            {"uuid": "c-2", "attributes": {"label": "old", "created_at": 1700000000}, "scopes": [], "state": "paused"}]}}"#,
    );
    assert!(suggestion.contains("records = \"payload.credentials\""), "{suggestion}");
    assert!(problems.is_empty(), "{problems:?}\n{suggestion}");
    let fields = [Field::TokenId, Field::Name, Field::State, Field::CreatedAt, Field::Owner, Field::ScopesGranted];
    assert_eq!(texts(&tokens[0], &fields), ["c-1", "ci", "enabled", "2025-10-09T08:53:20Z", "x@acme.example", "value"]);
    assert_eq!(texts(&tokens[1], &fields), ["c-2", "old", "disabled", "2023-11-14T22:13:20Z", "not-collected", "none"]);
}

#[test]
fn dates_that_fit_two_notations_are_left_to_the_reader() {
    let seen = Seen::look(&Input::memory("x", "id,created\n1,03/04/2026\n")).unwrap();
    let text = suggest("x", &seen);
    assert!(text.contains("# date_format = \"%d/%m/%Y\"\n# date_format = \"%m/%d/%Y\"\n"), "{text}");
}

#[test]
fn truth_values_and_compact_dates_are_understood() {
    let (suggestion, tokens, problems) = read_as_suggested(
        r#"[{"keyId": "1", "active": true, "createdOn": 20260314, "lastSeen": "Oct 30, 2026", "owner": {"mail": "x@acme.example"}},
            {"keyId": "2", "active": false, "createdOn": 20250314, "lastSeen": "Jan 2, 2026"}]"#,
    );
    assert!(problems.is_empty(), "{problems:?}\n{suggestion}");
    let fields = [Field::State, Field::CreatedAt, Field::LastUsedAt, Field::Owner];
    assert_eq!(texts(&tokens[0], &fields), ["enabled", "2026-03-14", "2026-10-30", "x@acme.example"]);
    assert_eq!(texts(&tokens[1], &fields), ["disabled", "2025-03-14", "2026-01-02", "not-collected"]);
}

#[test]
fn lines_of_json_have_no_list() {
    let seen = Seen::look(&Input::memory("x", "{\"id\": \"1\"}\n{\"id\": \"2\", \"name\": \"n\"}\n")).unwrap();
    assert_eq!((seen.layout, seen.records, seen.columns.len()), ("ndjson", None, 2));
    assert_eq!(Seen::look(&Input::memory("x", "[]")), None);
    assert_eq!(Seen::look(&Input::memory("x", "")), None);
}

proptest! {
    #[test]
    fn hostile_headers_stay_in_their_quotes(header in proptest::collection::vec("(Key ID|Owner|Secret)?[\\PC\\n\\r\"'#\\\\=\\[\\]\u{202e}\u{0}\u{7f}]{0,6}", 0..6)) {
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        for (_, column) in guessed(&header) {
            prop_assert!(header.contains(&column.as_str()));
        }
    }
}
