use super::*;
use crate::inventory::formats::test_reader::{on, read};
use crate::inventory::record::ProblemKind;
use crate::inventory::registry::Registry;

const SHEET: &str = include_str!("../../../../tests/fixtures/formats/impact-com-access-tokens.csv");

fn parts(record: &Record, field: Field) -> Vec<Vec<&str>> {
    let Value::Items(items) = &record.get(field).value else { return Vec::new() };
    items.iter().map(|item| item.parts.iter().map(|part| part.as_text().unwrap_or(part.state.word())).collect()).collect()
}

#[test]
fn the_name_is_the_id_within_the_account() {
    let read = read(&AccessTokens, SHEET);
    assert_eq!(read.tokens.len(), 5);
    let texts = [Field::TokenId, Field::Account, Field::Provider, Field::TokenKind, Field::State, Field::Owner, Field::Purpose];
    assert_eq!(
        texts.map(|field| read.tokens[0].text(field).unwrap_or("-")),
        [
            "catalog-reader",
            "IRACME000001",
            "impact.com",
            "access-token",
            "enabled",
            "mara.lind@acme.example",
            "Reads catalogs nightly"
        ]
    );
    assert_eq!(read.tokens[0].tags.get("API Version").map(String::as_str), Some("Brand v14"));
    assert_eq!(read.tokens[1].tags.get("Notes").map(String::as_str), Some("refund-worker still on old value"));
    assert_eq!(read.tokens[3].text(Field::State), Some("disabled"));
    assert_eq!(read.rejects, [(7, "the row names no token".to_owned())]);
}

#[test]
fn dates_in_words_are_read_as_what_they_say() {
    let read = read(&AccessTokens, SHEET);
    assert_eq!(read.tokens[0].get(Field::CreatedAt), &on("2026-02-03"));
    assert_eq!(read.tokens[0].get(Field::LastRotatedAt), &on("2026-08-01"));
    // "before April 2025" is no date, "never" is.
    let legacy = &read.tokens[2];
    assert_eq!(legacy.get(Field::CreatedAt).state, State::Unreadable);
    assert_eq!(legacy.get(Field::LastRotatedAt).state, State::None);
    assert_eq!(legacy.problems[0].text, "before April 2025");
    assert_eq!(legacy.get(Field::LastUsedAt).state, State::NotCollected);
}

#[test]
fn scopes_are_category_and_method() {
    let read = read(&AccessTokens, SHEET);
    let scopes = |index: usize| {
        let mut token = read.tokens[index].clone();
        Registry::built_in().classify(&mut token);
        match &token.get(Field::ScopesGranted).value {
            Value::Scopes(scopes) => {
                scopes.iter().map(|scope| format!("{} {}", scope.name, scope.class.map_or("-", |class| class.word()))).collect()
            }
            _ => Vec::new(),
        }
    };
    assert_eq!(scopes(0), ["Catalogs:GET read"]);
    assert_eq!(scopes(1), ["Conversions:POST write", "Conversions:PUT write", "Media Partners:GET read"]);
    assert_eq!(scopes(2), ["Legacy Read/Write admin"]);
    assert_eq!(scopes(3), ["Legacy Read-Only read"]);
    assert_eq!(scopes(4), ["mcp:read read", "mcp:write write"]);
    assert_eq!(read.tokens[2].text(Field::ScopeModel), Some("unscoped"));
    assert_eq!(read.tokens[0].text(Field::ScopeModel), Some("scoped"));
}

#[test]
fn contacts_have_roles() {
    let read = read(&AccessTokens, SHEET);
    let contacts: Vec<_> = parts(&read.tokens[0], Field::Contacts).into_iter().map(|parts| [parts[0], parts[1]]).collect();
    assert_eq!(
        contacts,
        [["token", "mara.lind@acme.example"], ["technical", "dev-team@acme.example"], ["technical", "agency@partner.example"]]
    );
    assert_eq!(read.tokens[2].get(Field::Contacts).state, State::Empty);
}

#[test]
fn an_integration_without_a_date_has_not_taken_over() {
    let read = read(&AccessTokens, SHEET);
    let Value::Items(items) = &read.tokens[1].get(Field::Integrations).value else { panic!("no integrations") };
    let told: Vec<_> = items.iter().map(|item| (item.parts[0].as_text().unwrap_or("-"), &item.parts[7])).collect();
    assert_eq!(told, [("checkout", &on("2026-10-15")), ("refund-worker", &Cell::of(State::None))]);
    assert_eq!(read.tokens[2].get(Field::Integrations).state, State::Empty);
}

#[test]
fn a_place_in_words_has_a_kind_or_is_unknown() {
    let read = read(&AccessTokens, SHEET);
    let kinds: Vec<_> = read
        .tokens
        .iter()
        .map(|token| parts(token, Field::Storage).first().map_or("-".to_owned(), |parts| parts[0].to_owned()))
        .collect();
    assert_eq!(kinds, ["secret-manager", "secret-manager", "wiki", "-", "unknown"]);
    assert_eq!(parts(&read.tokens[0], Field::Storage)[0][1], "Vault secret/impact/catalog");
    assert!(read.tokens[4].problems.iter().any(|problem| problem.kind == ProblemKind::UnknownWord));
}

#[test]
fn a_name_without_a_sign_says_nothing_about_the_new_value() {
    let states = |text: &str| {
        let mut problems = Vec::new();
        let Value::Items(items) = integrations(text, &mut problems).value else { return Vec::new() };
        items.iter().map(|item| item.parts[7].state).collect()
    };
    assert_eq!(
        states("a=2026-10-15; b=; c=pending; d; e=soon"),
        [State::Value, State::None, State::None, State::Empty, State::Unreadable]
    );
}

#[test]
fn a_time_in_words_bounds_the_age_of_a_secret_that_was_never_reset() {
    let read = read(&AccessTokens, SHEET);
    assert_eq!(read.tokens[2].get(Field::ChangedAt), &on("2025-03-31"));
    assert_eq!(read.tokens[0].get(Field::ChangedAt).state, State::NotCollected);
    for (text, day) in [
        ("before April 2025", Some("2025-03-31")),
        ("Before Apr 2025", Some("2025-03-31")),
        ("prior to 2025-04-01", Some("2025-03-31")),
        ("before 2024", Some("2023-12-31")),
        ("before the merger", None),
        ("April 2025", None),
        ("2025-04-01", None),
    ] {
        assert_eq!(last_day_before(text).map(|date| Cell::value(Value::Date(date))), day.map(on), "{text}");
    }
    // With a date of reset, the creation bounds nothing.
    let sheet = "Token Name,Account SID,Access Scopes,Created On,Last Reset On\na,IR1,,before April 2025,2026-01-01\n";
    assert_eq!(self::read(&AccessTokens, sheet).tokens[0].get(Field::ChangedAt).state, State::NotCollected);
}

#[test]
fn other_spellings_of_the_sheet_are_read() {
    let sheet = "Token name,account sid,API Version,Status,Created,Last Reset,Scopes,Environment,Reviewed At,Cost Center\n\
                 Legacy Account Token (Read-Only),IR1,,Disabled,2024-01-01,2025-01-01,,prod,2026-02-01,7\n\
                 feed,IR1,v14,Enabled,2026-01-01,never,\"Catalogs: GET, Actions: GET/POST\",dev,,\n";
    let read = read(&AccessTokens, sheet);
    let texts = |index: usize| {
        [Field::TokenKind, Field::State, Field::Environment].map(|field| read.tokens[index].text(field).unwrap_or("-").to_owned())
    };
    assert_eq!(texts(0), ["legacy-read-only", "disabled", "production"]);
    assert_eq!(texts(1), ["access-token", "enabled", "development"]);
    assert_eq!(read.tokens[0].get(Field::LastRotatedAt), &on("2025-01-01"));
    assert_eq!(read.tokens[0].get(Field::ReviewedAt), &on("2026-02-01"));
    assert_eq!(read.tokens[0].tags.get("Cost Center").map(String::as_str), Some("7"));
    let Value::Scopes(scopes) = &read.tokens[1].get(Field::ScopesGranted).value else { panic!("no scopes") };
    let names: Vec<_> = scopes.iter().map(|scope| scope.name.as_str()).collect();
    assert_eq!(names, ["Catalogs:GET", "Actions:GET", "Actions:POST"]);
}
