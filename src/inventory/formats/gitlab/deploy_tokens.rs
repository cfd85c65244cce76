//! GitLab deploy tokens: they belong to a project, a group or the whole server, which the list does not say, and to nobody.

use super::PROVIDER;
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sink, SourceContext};
use crate::inventory::formats::element::{NULL_IS_NONE, Token, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};

/// `GET /deploy_tokens`, `/projects/{id}/deploy_tokens`, `/groups/{id}/deploy_tokens`.
pub const DEPLOY_TOKENS: Export = Export {
    id: "gitlab-deploy-tokens",
    title: "GitLab deploy tokens",
    how_to_export: "glab api --paginate deploy_tokens > tokens.json (or projects/ID/deploy_tokens, groups/ID/deploy_tokens)",
    signature: "JSON array with username, scopes and expires_at, without user_id",
    recognises: |sight| sight.has_keys("", &["username", "scopes", "expires_at"]) && !sight.has_keys("", &["user_id"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::ExpiresAt,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    // Filled in the answer that creates a token.
    secret_fields: &["token"],
    reading: Reading::Each { record: deploy_token, page: no_pages },
    ..Export::OF_PROVIDER
};

fn deploy_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "deploy-token", sink) else { return };
    token.text(Field::TokenId, "id");
    token.text(Field::Name, "name");
    // A full time here, where access tokens have a date.
    token.date(Field::ExpiresAt, "expires_at", NULL_IS_NONE);
    token.scopes("scopes");
    token.record.set_text(Field::ScopeModel, "scoped");
    // Old servers list neither flag.
    let flag = |key: &str| token.get(key).and_then(truth);
    let state = match (flag("revoked"), flag("expired")) {
        (Some(true), _) => Some("revoked"),
        (_, Some(true)) => Some("expired"),
        (Some(false), _) | (_, Some(false)) => Some("enabled"),
        (None, None) => None,
    };
    if state.is_some() {
        token.state(state, "");
    }
    token.tag("username", "username");
    sink.token(token.record);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::{State, Value};

    const TOKENS: &str = include_str!("../../../../tests/fixtures/formats/gitlab-deploy-tokens.json");

    #[test]
    fn a_token_has_scopes_and_an_end_and_no_owner() {
        let read = read(&DEPLOY_TOKENS, TOKENS);
        let ids: Vec<_> = read.tokens.iter().filter_map(|token| token.text(Field::TokenId)).collect();
        assert_eq!(ids, ["81", "82", "83", "84", "85"]);
        let token = &read.tokens[0];
        assert_eq!(token.get(Field::ExpiresAt), &at("2027-02-14T00:00:00Z"));
        assert!(matches!(&token.get(Field::ScopesGranted).value, Value::Scopes(scopes) if scopes.len() == 2));
        let silent = [Field::Owner, Field::CreatedAt, Field::LastUsedAt, Field::Account];
        assert_eq!(silent.map(|field| token.get(field).state), [State::NotCollected; 4]);
    }

    #[test]
    fn revoked_counts_before_expired_and_old_servers_say_neither() {
        let read = read(&DEPLOY_TOKENS, TOKENS);
        let states: Vec<_> = read.tokens.iter().map(|token| token.text(Field::State).unwrap_or("-")).collect();
        assert_eq!(states, ["enabled", "enabled", "revoked", "expired", "-"]);
        assert_eq!(read.tokens[1].get(Field::ExpiresAt).state, State::None);
    }
}
