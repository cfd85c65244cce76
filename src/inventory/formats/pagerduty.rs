//! PagerDuty: what people have let applications do in their name. The service has no list of its REST keys.

use super::element::{NULL_IS_NONE, SILENT, Token, granted, scalar};
use super::export::{Export, Reading};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Paging, Records, Row, Sink, SourceContext};
use crate::inventory::record::{Cell, Scope, State};
use serde_json::{Map, Value as Json};

/// `GET /users/{id}/oauth_delegations`.
pub const OAUTH_DELEGATIONS: Export = Export {
    id: "pagerduty-oauth-delegations",
    title: "PagerDuty OAuth delegations of a user",
    how_to_export: "curl -H \"Authorization: Token token=$TOKEN\" https://api.pagerduty.com/users/USER/oauth_delegations > delegations.json",
    layout: Layout::Json(Records::Under("oauth_delegations")),
    signature: "JSON object with oauth_delegations",
    recognises: |sight| sight.has_list("oauth_delegations"),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    secret_fields: &["access_token", "refresh_token"],
    reading: Reading::Each { record: delegation, page },
    ..Export::OF_PROVIDER
};

/// The delegations of several users, joined.
pub const OAUTH_DELEGATIONS_LIST: Export = Export {
    id: "pagerduty-oauth-delegations-list",
    title: "PagerDuty OAuth delegations, joined pages",
    how_to_export: "the answers for all users, joined: jq -s 'map(.oauth_delegations[])' user-*.json > delegations.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with client_id, scope and status",
    recognises: |sight| sight.has_keys("", &["client_id", "scope", "status", "expires_at"]),
    export: Some(OAUTH_DELEGATIONS.id),
    ..OAUTH_DELEGATIONS
};

fn delegation(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "pagerduty", "oauth-delegation", sink) else { return };
    token.text(Field::TokenId, "id");
    // A delegation has no name but that of the application.
    token.name("client_id");
    token.date(Field::CreatedAt, "created_at", SILENT);
    token.date(Field::ExpiresAt, "expires_at", NULL_IS_NONE);
    let status = token.scalar("status").unwrap_or_default();
    let state = match status.trim().to_ascii_lowercase().as_str() {
        "issued" | "active" => Some("enabled"),
        "revoked" => Some("revoked"),
        "expired" => Some("expired"),
        _ => None,
    };
    token.state(state, &status);
    let owner = token.scalar("self").as_deref().and_then(user_of).unwrap_or_default().to_owned();
    token.record.set_text(Field::Owner, owner);
    token.record.set_text(Field::ScopeModel, "scoped");
    let scope = scopes(token.get("scope"));
    token.record.set(Field::ScopesGranted, scope);
    token.tag("application", "client_id");
    token.tag("delegation_type", "type");
    sink.token(token.record);
}

/// Scopes with blanks between them, or in a list; an empty text is no scope.
fn scopes(scope: Option<&Json>) -> Cell {
    let names: Vec<String> = match scope {
        Some(Json::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Json::Array(names)) => names.iter().filter_map(scalar).collect(),
        _ => return Cell::of(State::Empty),
    };
    granted(names.into_iter().map(|name| Scope { name, class: None }).collect())
}

/// The id of the user in an address such as `…/users/PABC123/oauth_delegations/…`; a delegation names the user nowhere else.
fn user_of(address: &str) -> Option<&str> {
    let mut parts = address.split('/').skip_while(|part| *part != "users").skip(1);
    parts.next().filter(|id| !id.is_empty())
}

fn page(envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
    let (flag, cursor) = (paging::flag(envelope, "more").more, paging::stated_cursor(envelope, "next_cursor").more);
    Paging { declared: None, more: flag.max(cursor) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, read};
    use crate::inventory::record::Value;

    const DELEGATIONS: &str = include_str!("../../../tests/fixtures/formats/pagerduty-oauth-delegations.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn the_owner_stands_in_the_address() {
        let read = read(&OAUTH_DELEGATIONS, DELEGATIONS);
        assert_eq!(words(&read, Field::Owner), ["PACME01", "PACME01", "PACME02", "-"]);
        assert_eq!(words(&read, Field::Name), ["AcmeDashboard", "AcmeMobile", "AcmeOld", "AcmeOld"]);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "revoked", "-"]);
        assert_eq!(read.tokens[3].get(Field::State).state, State::Unreadable);
        assert_eq!(read.tokens[1].get(Field::ExpiresAt), &at("2026-11-03T12:00:00Z"));
        assert_eq!(read.tokens[3].get(Field::ExpiresAt).state, State::None);
    }

    #[test]
    fn scopes_stand_between_blanks() {
        let read = read(&OAUTH_DELEGATIONS, DELEGATIONS);
        let scopes = |index: usize| match &read.tokens[index].get(Field::ScopesGranted).value {
            Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>(),
            _ => vec![read.tokens[index].get(Field::ScopesGranted).state.word()],
        };
        assert_eq!(scopes(0), ["openid", "profile", "incidents.write", "users.write"]);
        assert_eq!(scopes(1), ["incidents.read"]);
        assert_eq!(scopes(2), ["none"]);
        assert_eq!(scopes(3), ["empty"]);
    }

    #[test]
    fn pages_are_told_and_lists_are_read() {
        let more = |text: &str| read(&OAUTH_DELEGATIONS, text).paging[0].more;
        assert_eq!(more(DELEGATIONS), Some(false));
        assert_eq!(more(&DELEGATIONS.replace("\"more\": false", "\"more\": true")), Some(true));
        assert_eq!(more(&DELEGATIONS.replace("\"next_cursor\": null", "\"next_cursor\": \"abc\"")), Some(true));
        assert_eq!(more(r#"{"oauth_delegations": []}"#), None);
        assert_lists_alike(&OAUTH_DELEGATIONS, &OAUTH_DELEGATIONS_LIST, DELEGATIONS);
    }
}
