//! Doppler: service tokens of a config, and tokens of a service account.
//!
//! `slug` is an id. The value stands under `key` in answers to a creation alone.

use super::element::{NULL_IS_NONE, SILENT, Token, granted};
use super::export::{Export, Reading, no_pages};
use crate::inventory::cell::{self, Notation};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use crate::inventory::record::{Cell, Scope, State};

/// `GET /v3/configs/config/tokens`.
pub const SERVICE_TOKENS: Export = Export {
    id: "doppler-service-tokens",
    title: "Doppler service tokens of a config",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" 'https://api.doppler.com/v3/configs/config/tokens?project=P&config=C' > tokens.json",
    layout: Layout::Json(Records::Under("tokens")),
    signature: "JSON object with tokens, whose entries have slug, project and config",
    recognises: |sight| sight.has_keys("tokens", &["slug", "project", "config"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::Environment,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    secret_fields: &["key"],
    reading: Reading::Each { record: service_token, page: no_pages },
    ..Export::OF_PROVIDER
};

/// What the command line prints: the tokens alone.
pub const SERVICE_TOKENS_LIST: Export = Export {
    id: "doppler-service-tokens-list",
    title: "Doppler service tokens (command line)",
    how_to_export: "doppler configs tokens --project P --config C --json > tokens.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with slug, project and config",
    recognises: |sight| sight.has_keys("", &["slug", "project", "config", "created_at"]),
    export: Some(SERVICE_TOKENS.id),
    ..SERVICE_TOKENS
};

/// `GET /v3/workplace/service_accounts/service_account/{slug}/tokens`; the account and its role stand in the address alone.
pub const SERVICE_ACCOUNT_TOKENS: Export = Export {
    id: "doppler-service-account-tokens",
    title: "Doppler tokens of a service account",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" https://api.doppler.com/v3/workplace/service_accounts/service_account/SLUG/tokens > tokens.json",
    layout: Layout::Json(Records::Under("api_tokens")),
    signature: "JSON object with api_tokens",
    recognises: |sight| sight.has_list("api_tokens"),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::LastUsedAt,
    ]),
    secret_fields: &["key", "api_key"],
    reading: Reading::Each { record: account_token, page: no_pages },
    ..Export::OF_PROVIDER
};

/// The tokens of several accounts, joined.
pub const SERVICE_ACCOUNT_TOKENS_LIST: Export = Export {
    id: "doppler-service-account-tokens-list",
    title: "Doppler tokens of service accounts, joined",
    how_to_export: "the answers for all accounts, joined: jq -s 'map(.api_tokens[])' account-*.json > tokens.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with slug and last_seen_at, without config",
    recognises: |sight| sight.has_keys("", &["slug", "last_seen_at", "expires_at"]) && !sight.has_keys("", &["config"]),
    export: Some(SERVICE_ACCOUNT_TOKENS.id),
    ..SERVICE_ACCOUNT_TOKENS
};

fn service_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, "service-token", sink) else { return };
    token.text(Field::Account, "project");
    let environment = token.scalar("environment").unwrap_or_default();
    let cell = cell::from_text(Field::Environment, &environment, Notation::default(), &mut token.record.problems);
    token.record.set(Field::Environment, cell);
    token.record.set_text(Field::ScopeModel, "scoped");
    // Old answers lack it, and both rights were to be had from the beginning.
    let access = token.scalar("access").filter(|access| !access.trim().is_empty());
    let access = access.map_or(Cell::of(State::Empty), |name| granted(vec![Scope { name, class: None }]));
    token.record.set(Field::ScopesGranted, access);
    token.newer_date(Field::LastUsedAt, "last_seen_at", State::None);
    token.tag("config", "config");
    sink.token(token.record);
}

fn account_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, "service-account-token", sink) else { return };
    token.date(Field::LastUsedAt, "last_seen_at", NULL_IS_NONE);
    sink.token(token.record);
}

/// What both lists state.
fn token<'a>(row: Row<'a>, kind: &str, sink: &mut dyn Sink) -> Option<Token<'a>> {
    let mut token = Token::start(row, "doppler", kind, sink)?;
    token.text(Field::TokenId, "slug");
    token.name("name");
    token.date(Field::CreatedAt, "created_at", SILENT);
    token.date(Field::ExpiresAt, "expires_at", NULL_IS_NONE);
    Some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, read};
    use crate::inventory::record::Value;

    const TOKENS: &str = include_str!("../../../tests/fixtures/formats/doppler-service-tokens.json");
    const OF_ACCOUNT: &str = include_str!("../../../tests/fixtures/formats/doppler-service-account-tokens.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn states(read: &Read, field: Field) -> Vec<State> {
        read.tokens.iter().map(|token| token.get(field).state).collect()
    }

    #[test]
    fn a_service_token_belongs_to_a_config_of_a_project() {
        let read = read(&SERVICE_TOKENS, TOKENS);
        assert_eq!(words(&read, Field::Account), ["orders"; 4]);
        assert_eq!(words(&read, Field::Environment), ["production", "ci", "development", "-"]);
        assert_eq!(read.tokens[0].tags.get("config").map(String::as_str), Some("prd"));
        assert_eq!(states(&read, Field::ExpiresAt), [State::None, State::None, State::Value, State::Empty]);
        assert_eq!(read.tokens[2].get(Field::ExpiresAt), &at("2026-11-04T20:22:46Z"));
    }

    #[test]
    fn reading_and_writing_is_one_right() {
        let read = read(&SERVICE_TOKENS, TOKENS);
        let scopes = |index: usize| match &read.tokens[index].get(Field::ScopesGranted).value {
            Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        assert_eq!((scopes(0), scopes(1)), (vec!["read"], vec!["read/write"]));
        assert_eq!(read.tokens[2].get(Field::ScopesGranted).state, State::Empty);
    }

    #[test]
    fn newer_answers_state_the_last_use() {
        let read = read(&SERVICE_TOKENS, TOKENS);
        assert_eq!(states(&read, Field::LastUsedAt), [State::NotCollected, State::Value, State::NotCollected, State::None]);
    }

    #[test]
    fn tokens_of_a_service_account_say_when_they_were_seen() {
        let read = read(&SERVICE_ACCOUNT_TOKENS, OF_ACCOUNT);
        assert_eq!(words(&read, Field::TokenKind), ["service-account-token"; 3]);
        assert_eq!(states(&read, Field::LastUsedAt), [State::Value, State::None, State::Value]);
        assert_eq!(states(&read, Field::ExpiresAt), [State::Value, State::None, State::None]);
        assert_eq!(states(&read, Field::ScopesGranted), [State::NotCollected; 3]);
    }

    #[test]
    fn lists_are_read() {
        assert_lists_alike(&SERVICE_TOKENS, &SERVICE_TOKENS_LIST, TOKENS);
        assert_lists_alike(&SERVICE_ACCOUNT_TOKENS, &SERVICE_ACCOUNT_TOKENS_LIST, OF_ACCOUNT);
    }
}
