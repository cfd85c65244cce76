//! Snyk: service accounts of an organisation or a group, in JSON:API.
//!
//! `access_token_ttl_seconds` is the life of the access tokens that the secret is exchanged for, not of the secret. The role is
//! an id, which somebody who knows the roles can class in the settings.

use super::element::{SILENT, Token, granted};
use super::export::{Export, Reading};
use super::json_api::{has_type, resource};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use crate::inventory::record::{Cell, Scope, State};

const TYPE: &str = "service_account";

/// `GET /rest/orgs/{id}/service_accounts`, also of groups.
pub const SERVICE_ACCOUNTS: Export = Export {
    id: "snyk-service-accounts",
    title: "Snyk service accounts",
    how_to_export: "curl -H \"Authorization: token $TOKEN\" 'https://api.snyk.io/rest/orgs/ORG/service_accounts?version=2024-10-15&limit=100' > accounts.json",
    layout: Layout::Json(Records::Under("data")),
    signature: "JSON object with data, whose entries are of type service_account",
    recognises: |sight| has_type(sight, "data", TYPE),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::CreatedAt,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    secret_fields: &[
        "attributes.api_key",
        "attributes.client_secret",
        "attributes.access_token",
        "data.attributes.api_key",
        "data.attributes.client_secret",
        "data.attributes.access_token",
    ],
    reading: Reading::Each { record: account, page: |envelope, _| paging::stated_cursor(envelope, "links.next") },
    ..Export::OF_PROVIDER
};

/// The same accounts in a bare list, or single answers one after the other.
pub const SERVICE_ACCOUNTS_LIST: Export = Export {
    id: "snyk-service-accounts-list",
    title: "Snyk service accounts, joined pages or single answers",
    how_to_export: "the pages of snyk-service-accounts, joined: jq -s 'map(.data[])' page-*.json > accounts.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers of type service_account",
    recognises: |sight| has_type(sight, "", TYPE),
    export: Some(SERVICE_ACCOUNTS.id),
    ..SERVICE_ACCOUNTS
};

fn account(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(resource(row), "snyk", "service-account", sink) else { return };
    token.text(Field::TokenId, "id");
    token.enter("attributes");
    token.name("name");
    token.date(Field::CreatedAt, "created_at", SILENT);
    // Only one of the kinds of authentication has an end, and only it has the key.
    token.newer_date(Field::ExpiresAt, "access_token_expires_at", State::None);
    token.record.set_text(Field::ScopeModel, "scoped");
    let role = token.scalar("role_id").filter(|role| !role.trim().is_empty());
    let role = role.map_or(Cell::of(State::Empty), |name| granted(vec![Scope { name, class: None }]));
    token.record.set(Field::ScopesGranted, role);
    for key in ["auth_type", "level", "client_id", "access_token_ttl_seconds"] {
        token.tag(key, key);
    }
    sink.token(token.record);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{assert_lists_alike, at, read};
    use crate::inventory::record::Value;

    const ACCOUNTS: &str = include_str!("../../../tests/fixtures/formats/snyk-service-accounts.json");

    #[test]
    fn the_life_of_minted_tokens_is_no_end_of_the_secret() {
        let read = read(&SERVICE_ACCOUNTS, ACCOUNTS);
        assert_eq!(read.tokens.len(), 4);
        let states: Vec<_> = read.tokens.iter().map(|token| token.get(Field::ExpiresAt).state).collect();
        assert_eq!(states, [State::NotCollected, State::NotCollected, State::NotCollected, State::Value]);
        assert_eq!(read.tokens[3].get(Field::ExpiresAt), &at("2026-11-12T00:00:00Z"));
        assert_eq!(read.tokens[1].tags.get("access_token_ttl_seconds").map(String::as_str), Some("3600"));
    }

    #[test]
    fn the_role_is_a_scope_that_the_registry_does_not_know() {
        let read = read(&SERVICE_ACCOUNTS, ACCOUNTS);
        let token = &read.tokens[1];
        assert_eq!(
            [Field::TokenId, Field::Name, Field::TokenKind, Field::ScopeModel].map(|field| token.text(field).unwrap_or("-")),
            ["5a000000-0000-4000-8000-000000000002", "group reporter", "service-account", "scoped"]
        );
        let role = Scope { name: "5b000000-0000-4000-8000-000000000001".to_owned(), class: None };
        assert_eq!(token.get(Field::ScopesGranted).value, Value::Scopes(vec![role]));
        assert_eq!(token.tags.get("level").map(String::as_str), Some("Group"));
        assert_eq!(token.tags.get("auth_type").map(String::as_str), Some("oauth_client_secret"));
        assert_eq!(read.tokens[2].get(Field::CreatedAt).state, State::Empty);
    }

    #[test]
    fn pages_are_told_and_lists_are_read() {
        assert_eq!(read(&SERVICE_ACCOUNTS, ACCOUNTS).paging[0].more, Some(false));
        let next = ACCOUNTS.replace("\"links\": {", "\"links\": {\"next\": \"/rest/orgs/x/service_accounts?starting_after=v1\",");
        assert_eq!(read(&SERVICE_ACCOUNTS, &next).paging[0].more, Some(true));
        assert_lists_alike(&SERVICE_ACCOUNTS, &SERVICE_ACCOUNTS_LIST, ACCOUNTS);
        let single = r#"{"data": {"type": "service_account", "id": "one", "attributes": {"name": "ci", "access_token_expires_at": null}}}"#;
        let one = read(&SERVICE_ACCOUNTS_LIST, single).tokens;
        assert_eq!(one[0].text(Field::Name), Some("ci"));
        assert_eq!(one[0].get(Field::ExpiresAt).state, State::None);
    }
}
