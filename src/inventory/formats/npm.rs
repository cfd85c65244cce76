//! npm access tokens, of the user who asks.
//!
//! A classic token is either read-only or may publish whatever its owner may. A token's list entry has no owner: it is the
//! caller. Names, ends and rights of granular tokens are stated only by newer registries, under keys that are not documented;
//! the likely ones are read where they are there, and nothing is concluded where they are not.

use super::element::{NULL_IS_NONE, SILENT, Token, granted, scalar, truth};
use super::export::{Export, Reading, no_pages};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Paging, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::record::{Cell, Record, Scope, ScopeClass, State};
use crate::inventory::{cell, time};
use serde_json::{Map, Value as Json};

const PROVIDER: &str = "npm";
const KIND: &str = "access-token";

const COLLECTS: &[Field] =
    &[Field::TokenId, Field::Provider, Field::TokenKind, Field::CreatedAt, Field::ScopeModel, Field::ScopesGranted];

/// The list of the command line.
pub const TOKENS: Export = Export {
    id: "npm-token-list",
    title: "npm access tokens (command line)",
    how_to_export: "npm token list --json > tokens.json",
    signature: "JSON array with key, readonly and cidr_whitelist",
    recognises: |sight| is_token_list(sight, ""),
    collects: Some(COLLECTS),
    // The beginning of the value.
    secret_fields: &["~token"],
    reading: Reading::Each { record: token, page: no_pages },
    ..Export::OF_PROVIDER
};

/// The answer of the registry.
pub const TOKEN_PAGES: Export = Export {
    id: "npm-tokens-api",
    title: "npm access tokens (registry API)",
    how_to_export: "GET /-/npm/v1/tokens of the registry, with the token of the user",
    layout: Layout::Json(Records::Under("objects")),
    signature: "JSON object with objects, whose entries have key, readonly and cidr_whitelist",
    recognises: |sight| is_token_list(sight, "objects"),
    collects: Some(COLLECTS),
    secret_fields: &["~token"],
    export: Some("npm-token-list"),
    reading: Reading::Each { record: token, page },
    ..Export::OF_PROVIDER
};

/// The tab-separated list of the command line.
pub const TOKEN_TABLE: Export = Export {
    id: "npm-token-list-parseable",
    title: "npm access tokens (command line, tab-separated)",
    how_to_export: "npm token list --parseable > tokens.tsv",
    layout: Layout::Table,
    signature: "table with the columns key, token, created, readonly and CIDR whitelist",
    recognises: |sight| {
        let Sight::Table { header } = sight else { return false };
        ["key", "token", "created", "readonly", "CIDR whitelist"].iter().all(|name| header.iter().any(|column| column == name))
    },
    collects: Some(COLLECTS),
    secret_fields: &["~token"],
    export: Some("npm-token-list"),
    reading: Reading::Each { record: table_row, page: no_pages },
    ..Export::OF_PROVIDER
};

fn is_token_list(sight: &Sight, key: &str) -> bool {
    sight.has_keys(key, &["key", "readonly"])
        && (sight.has_keys(key, &["cidr_whitelist"]) || sight.has_keys(key, &["token", "created"]))
}

fn page(envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
    let Paging { declared, .. } = paging::total(envelope, "total");
    Paging { declared, ..paging::cursor(envelope, "urls.next") }
}

fn token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, KIND, sink) else { return };
    token.text(Field::TokenId, "key");
    token.date(Field::CreatedAt, "created", SILENT);
    if token.has("updated") {
        token.date(Field::ChangedAt, "updated", SILENT);
    }
    let readonly = token.get("readonly").and_then(truth);
    rights(&mut token.record, readonly);
    if let Some(addresses) = token.get("cidr_whitelist").and_then(Json::as_array) {
        allowed_addresses(&mut token.record, addresses.iter().filter_map(scalar).collect());
    }
    granular(&mut token);
    sink.token(token.record);
}

/// What granular tokens have.
fn granular(token: &mut Token<'_>) {
    let first = |token: &Token<'_>, keys: &[&'static str]| keys.iter().copied().find(|key| token.has(key));
    if let Some(key) = first(token, &["name", "token_name"]) {
        token.text(Field::Name, key);
    }
    if let Some(key) = first(token, &["expires", "expires_at", "expiry", "expiration"]) {
        token.date(Field::ExpiresAt, key, NULL_IS_NONE);
    }
    if let Some(key) = first(token, &["last_used", "last_used_at", "accessed"]) {
        token.date(Field::LastUsedAt, key, SILENT);
    }
    if token.get("revoked").is_some_and(|revoked| revoked.as_bool() == Some(true) || revoked.is_string()) {
        token.state(Some("revoked"), "");
    }
    if let Some(names) = token.get("permissions").and_then(Json::as_array).filter(|names| !names.is_empty()) {
        let name = |entry: &Json| {
            let part = |key: &str| entry.get(key).and_then(scalar);
            scalar(entry).or_else(|| Some([part("name"), part("action")].into_iter().flatten().collect::<Vec<_>>().join(":")))
        };
        let names = names.iter().filter_map(name).filter(|name| !name.is_empty());
        token.record.set(Field::ScopesGranted, granted(names.map(|name| Scope { name, class: None }).collect()));
    }
    for (tag, key) in
        [("token_type", "token_type"), ("description", "description"), ("bypass_2fa", "bypass_2fa"), ("packages", "scopes")]
    {
        token.tag(tag, key);
    }
}

fn table_row(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Row::Table(row) = row else { return };
    let text = |column: &str| row.get(column).unwrap_or_default().trim();
    let mut record = Record::new(row.line);
    record.set_text(Field::Provider, PROVIDER);
    record.set_text(Field::TokenKind, KIND);
    record.set_text(Field::TokenId, text("key"));
    let created = text("created");
    let cell = match created {
        "" => Cell::of(State::Empty),
        _ => {
            let path = || Field::CreatedAt.name().to_owned();
            cell::from_reading(time::parse(created), path, created, &mut record.problems)
        }
    };
    record.set(Field::CreatedAt, cell);
    rights(&mut record, text("readonly").parse().ok());
    allowed_addresses(&mut record, text("CIDR whitelist").split(',').map(str::to_owned).collect());
    sink.token(record);
}

/// One flag is all that the list says of a classic token's rights; publishing runs code at everyone who installs the package.
fn rights(record: &mut Record, readonly: Option<bool>) {
    let scope = match readonly {
        Some(true) => Scope { name: "read".to_owned(), class: Some(ScopeClass::Read) },
        Some(false) => Scope { name: "publish".to_owned(), class: Some(ScopeClass::High) },
        None => return record.set(Field::ScopesGranted, Cell::of(State::Empty)),
    };
    record.set_text(Field::ScopeModel, "scoped");
    record.set(Field::ScopesGranted, granted(vec![scope]));
}

fn allowed_addresses(record: &mut Record, addresses: Vec<String>) {
    let addresses: Vec<String> = addresses.into_iter().filter(|address| !address.trim().is_empty()).collect();
    if !addresses.is_empty() {
        record.tags.insert("allowed_addresses".to_owned(), addresses.join(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read, sight_of_json};
    use crate::inventory::record::Value;

    const LIST: &str = include_str!("../../../tests/fixtures/formats/npm-token-list.json");
    const PAGE: &str = include_str!("../../../tests/fixtures/formats/npm-tokens-api.json");
    const TABLE: &str = include_str!("../../../tests/fixtures/formats/npm-token-list-parseable.csv");

    fn scopes(read: &Read) -> Vec<String> {
        let names = |cell: &Cell| match &cell.value {
            Value::Scopes(scopes) => {
                scopes.iter().map(|scope| format!("{} {}", scope.name, scope.class.map_or("-", ScopeClass::word))).collect()
            }
            _ => format!("{:?}", cell.state),
        };
        read.tokens.iter().map(|token| names(token.get(Field::ScopesGranted))).collect()
    }

    #[test]
    fn a_classic_token_reads_or_publishes() {
        let read = read(&TOKENS, LIST);
        assert_eq!(scopes(&read), ["publish high", "read read", "Empty", "package:write -"]);
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2019-07-21T10:11:12Z"));
        assert_eq!(read.tokens[0].get(Field::ChangedAt), &at("2019-07-22T10:11:12Z"));
        assert_eq!(read.tokens[1].tags.get("allowed_addresses").map(String::as_str), Some("192.0.2.1/32 198.51.100.0/24"));
        assert!(!read.tokens[2].tags.contains_key("allowed_addresses"));
        // Neither owner, state, end nor last use is in the list.
        for field in [Field::Owner, Field::State, Field::ExpiresAt, Field::LastUsedAt, Field::Name] {
            assert_eq!(read.tokens[0].get(field).state, State::NotCollected, "{}", field.name());
        }
    }

    #[test]
    fn what_granular_tokens_state_is_read() {
        let token = &read(&TOKENS, LIST).tokens[3];
        assert_eq!(token.text(Field::Name), Some("publish orders"));
        assert_eq!(token.get(Field::ExpiresAt), &at("2026-11-30T00:00:00Z"));
        assert_eq!(token.tags.get("bypass_2fa").map(String::as_str), Some("true"));
        let revoked = LIST.replace("\"bypass_2fa\": true", "\"revoked\": \"2026-10-01T00:00:00Z\"");
        assert_eq!(read(&TOKENS, &revoked).tokens[3].text(Field::State), Some("revoked"));
    }

    #[test]
    fn the_beginning_of_a_value_is_not_kept() {
        for read in [read(&TOKENS, LIST), read(&TOKEN_PAGES, PAGE), read(&TOKEN_TABLE, TABLE)] {
            assert!(!format!("{read:?}").contains("npm_"));
        }
    }

    #[test]
    fn three_forms_of_one_export_say_the_same() {
        let list = read(&TOKENS, LIST);
        let page = read(&TOKEN_PAGES, PAGE);
        let table = read(&TOKEN_TABLE, TABLE);
        assert_eq!(page.tokens[0].cells(), list.tokens[0].cells());
        assert_eq!(page.paging, [Paging { declared: Some(2), more: Some(true) }]);
        for (index, token) in table.tokens.iter().enumerate() {
            for field in COLLECTS {
                assert_eq!(token.get(*field), list.tokens[index].get(*field), "{}", field.name());
            }
            assert_eq!(token.tags, list.tokens[index].tags);
        }
        assert_eq!([TOKEN_PAGES.export, TOKEN_TABLE.export], [Some("npm-token-list"); 2]);
    }

    #[test]
    fn deploy_keys_are_none_of_ours() {
        let keys = r#"[{"id": 1, "key": "ssh-ed25519 AAAA", "read_only": true, "verified": true, "created_at": "2026-01-01T00:00:00Z"}]"#;
        assert!(!(TOKENS.recognises)(&sight_of_json(keys)));
    }
}
