//! Grafana: tokens of a service account, and the API keys that were before them.
//!
//! `secondsUntilExpiration` is 0 both for a token without an end and for one that has ended; `expiration` and `hasExpired` tell
//! which. The service account, and with it the role, stands in the address of the call alone.

use super::element::{ABSENT_IS_NONE, SILENT, Token, granted};
use super::export::{Export, Reading, no_pages};
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sight, Sink, SourceContext};
use crate::inventory::record::{Cell, Scope, State};
use serde_json::Value as Json;

/// `GET /api/serviceaccounts/{id}/tokens`.
pub const SERVICE_ACCOUNT_TOKENS: Export = Export {
    id: "grafana-service-account-tokens",
    title: "Grafana tokens of a service account",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" https://GRAFANA/api/serviceaccounts/ID/tokens > tokens.json",
    signature: "JSON array with secondsUntilExpiration and hasExpired",
    recognises: |sight| sight.has_keys("", &["secondsUntilExpiration", "hasExpired"]),
    // The last use and the role are left out: not every version states them, and each record tells whether it does.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::CreatedAt,
        Field::ExpiresAt,
    ]),
    secret_fields: &["key"],
    reading: Reading::Each { record: service_account_token, page: no_pages },
    ..Export::OF_PROVIDER
};

/// `GET /api/auth/keys` of servers of before service accounts.
pub const API_KEYS: Export = Export {
    id: "grafana-api-keys",
    title: "Grafana API keys",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" 'https://GRAFANA/api/auth/keys?includeExpired=true' > keys.json",
    signature: "JSON array with id, name and role, and expiration on some, without secondsUntilExpiration",
    recognises: |sight| is_key_list(sight) && !sight.has_keys("", &["secondsUntilExpiration"]),
    collects: Some(&[Field::TokenId, Field::Provider, Field::Name, Field::TokenKind, Field::ExpiresAt, Field::ScopesGranted]),
    reading: Reading::Each { record: api_key, page: no_pages },
    ..SERVICE_ACCOUNT_TOKENS
};

/// Many things have a name and a role; only Grafana's roles count.
fn is_key_list(sight: &Sight) -> bool {
    let has_role = |element: &Json| {
        matches!(element.get("role").and_then(Json::as_str), Some("Admin" | "Editor" | "Viewer" | "None"))
            && element.get("id").is_some_and(Json::is_i64)
    };
    sight.has_keys("", &["id", "name", "role", "expiration"]) && sight.elements_under("").any(has_role)
}

fn service_account_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, "service-account-token", sink) else { return };
    token.date(Field::CreatedAt, "created", SILENT);
    expiry(&mut token);
    let flag = |key: &str| token.flag(key);
    let state = match (flag("isRevoked"), flag("hasExpired")) {
        (Some(true), _) => Some("revoked"),
        (_, Some(true)) => Some("expired"),
        (_, Some(false)) | (Some(false), None) => Some("enabled"),
        (None, None) => None,
    };
    token.state(state, "");
    sink.token(token.record);
}

fn api_key(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, "api-key", sink) else { return };
    // Such servers leave the key out where there is no end.
    token.date(Field::ExpiresAt, "expiration", ABSENT_IS_NONE);
    if token.has("created") {
        token.date(Field::CreatedAt, "created", SILENT);
    }
    sink.token(token.record);
}

/// What both lists state.
fn token<'a>(row: Row<'a>, kind: &str, sink: &mut dyn Sink) -> Option<Token<'a>> {
    let mut token = Token::start(row, "grafana", kind, sink)?;
    token.text(Field::TokenId, "id");
    token.name("name");
    token.newer_date(Field::LastUsedAt, "lastUsedAt", State::None);
    if let Some(role) = token.scalar("role") {
        let role = role.trim().to_owned();
        let cell = if role.is_empty() { Cell::of(State::Empty) } else { granted(vec![Scope { name: role, class: None }]) };
        token.record.set(Field::ScopesGranted, cell);
    }
    Some(token)
}

/// The stated end. Without one, a token that has not ended and has no seconds left has no end.
fn expiry(token: &mut Token<'_>) {
    if token.get("expiration").is_some_and(|end| !end.is_null()) {
        return token.date(Field::ExpiresAt, "expiration", SILENT);
    }
    let seconds = token.get("secondsUntilExpiration").and_then(Json::as_f64);
    let endless = token.flag("hasExpired") == Some(false) && seconds.is_none_or(|seconds| seconds <= 0.0);
    let said = token.has("expiration") || seconds.is_some();
    token.record.set(Field::ExpiresAt, Cell::of(if endless && said { State::None } else { State::Empty }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read, sight_of_json};
    use crate::inventory::record::Value;

    const TOKENS: &str = include_str!("../../../tests/fixtures/formats/grafana-service-account-tokens.json");
    const KEYS: &str = include_str!("../../../tests/fixtures/formats/grafana-api-keys.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn states(read: &Read, field: Field) -> Vec<State> {
        read.tokens.iter().map(|token| token.get(field).state).collect()
    }

    fn roles(read: &Read) -> Vec<&str> {
        let role =
            |value: &Value| if let Value::Scopes(scopes) = value { scopes.first().map(|scope| scope.name.clone()) } else { None };
        let roles = read.tokens.iter().map(|token| role(&token.get(Field::ScopesGranted).value));
        roles
            .map(|role| match role.as_deref() {
                Some("Admin") => "Admin",
                Some("Viewer") => "Viewer",
                _ => "-",
            })
            .collect()
    }

    #[test]
    fn no_seconds_left_are_no_end_or_the_end() {
        let read = read(&SERVICE_ACCOUNT_TOKENS, TOKENS);
        assert_eq!(words(&read, Field::TokenId), ["1", "2", "3", "4", "5"]);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "revoked", "expired", "enabled"]);
        assert_eq!(states(&read, Field::ExpiresAt), [State::None, State::Value, State::Value, State::Empty, State::Empty]);
        assert_eq!(read.tokens[1].get(Field::ExpiresAt), &at("2026-11-19T10:31:02Z"));
    }

    #[test]
    fn newer_servers_state_the_last_use() {
        let read = read(&SERVICE_ACCOUNT_TOKENS, TOKENS);
        assert_eq!(states(&read, Field::LastUsedAt)[..3], [State::NotCollected, State::Value, State::None]);
        assert_eq!(roles(&read), ["Admin", "-", "-", "-", "-"]);
        assert_eq!(states(&read, Field::ScopesGranted)[..2], [State::Value, State::NotCollected]);
    }

    #[test]
    fn keys_of_old_servers_have_a_role() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(roles(&read), ["Admin", "Viewer"]);
        assert_eq!(words(&read, Field::TokenKind), ["api-key"; 2]);
        assert_eq!(states(&read, Field::ExpiresAt), [State::Value, State::None]);
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &at("2026-11-26T07:52:03Z"));
        assert_eq!(states(&read, Field::State), [State::NotCollected; 2]);
    }

    #[test]
    fn each_list_is_one_format() {
        assert!(!(API_KEYS.recognises)(&sight_of_json(TOKENS)) && !(SERVICE_ACCOUNT_TOKENS.recognises)(&sight_of_json(KEYS)));
        for other in
            [r#"[{"id": "a", "name": "x", "role": "Admin", "expiration": null}]"#, r#"[{"id": 1, "name": "x", "role": "owner"}]"#]
        {
            assert!(!(API_KEYS.recognises)(&sight_of_json(other)), "{other}");
        }
    }
}
