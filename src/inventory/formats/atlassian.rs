//! Atlassian: API tokens of all people of an organisation, and of one account.
//!
//! A missing date of use means that the token was never used, a missing expiry that it has none: tokens made before Atlassian
//! limited their life lack it. A token may do what its owner may; newer ones can be limited, and an answer says which only if it
//! names scopes.

use super::element::{ABSENT_IS_NONE, SILENT, Token};
use super::export::{Export, Reading, no_pages};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use serde_json::Value as Json;

/// All tokens of an organisation.
pub const ORG_TOKENS: Export = Export {
    id: "atlassian-org-api-tokens",
    title: "Atlassian API tokens of an organisation",
    how_to_export: "curl -H \"Authorization: Bearer $KEY\" https://api.atlassian.com/admin/api-access/v1/orgs/ORG/api-tokens > tokens.json",
    layout: Layout::Json(Records::Under("data")),
    signature: "JSON object with data, whose entries have label, status and user",
    recognises: |sight| sight.has_keys("data", &["label", "status", "user"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::LastUsedAt,
    ]),
    secret_fields: &["token"],
    reading: Reading::Each { record: org_token, page: |envelope, _| paging::stated_cursor(envelope, "links.next") },
    ..Export::OF_PROVIDER
};

/// The same tokens without what stands around them.
pub const ORG_TOKENS_LIST: Export = Export {
    id: "atlassian-org-api-tokens-list",
    title: "Atlassian API tokens of an organisation, joined pages",
    how_to_export: "the pages of atlassian-org-api-tokens, joined: jq -s 'map(.data[])' page-*.json > tokens.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with label, status and user",
    recognises: |sight| sight.has_keys("", &["label", "status", "user"]),
    export: Some(ORG_TOKENS.id),
    ..ORG_TOKENS
};

/// The tokens of one account; whose it is stands in the address of the call alone.
pub const USER_TOKENS: Export = Export {
    id: "atlassian-user-api-tokens",
    title: "Atlassian API tokens of one account",
    how_to_export: "curl -H \"Authorization: Bearer $KEY\" https://api.atlassian.com/users/ACCOUNT/manage/api-tokens > tokens.json",
    signature: "JSON array with label, createdAt and lastAccess or expiry",
    recognises: |sight| {
        let used_or_limited = sight.has_keys("", &["lastAccess"]) || sight.has_keys("", &["expiry"]);
        used_or_limited && sight.has_keys("", &["id", "label", "createdAt"]) && !sight.has_keys("", &["user"])
    },
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::LastUsedAt,
    ]),
    secret_fields: &["token"],
    reading: Reading::Each { record: user_token, page: no_pages },
    ..Export::OF_PROVIDER
};

fn org_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, "expiresAt", "lastActiveAt", sink) else { return };
    let status = token.scalar("status").unwrap_or_default();
    let state = match status.trim().to_ascii_uppercase().as_str() {
        "ALLOWED" | "ACTIVE" => Some("enabled"),
        "BLOCKED" | "INACTIVE" => Some("disabled"),
        "REVOKED" => Some("revoked"),
        "EXPIRED" => Some("expired"),
        _ => None,
    };
    token.state(state, &status);
    let user =
        |key: &str| token.get("user").and_then(|user| user.get(key)).and_then(Json::as_str).map(str::trim).unwrap_or_default();
    let (email, id, organisation) = (user("email"), user("id"), user("orgId"));
    token.record.set_text(Field::Owner, if email.is_empty() { id } else { email });
    token.record.set_text(Field::Account, organisation);
    sink.token(token.record);
}

fn user_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    if let Some(token) = token(row, "expiry", "lastAccess", sink) {
        sink.token(token.record);
    }
}

/// What both lists state.
fn token<'a>(row: Row<'a>, expiry: &str, last_use: &str, sink: &mut dyn Sink) -> Option<Token<'a>> {
    let mut token = Token::start(row, "atlassian", "api-token", sink)?;
    token.text(Field::TokenId, "id");
    token.name("label");
    token.date(Field::CreatedAt, "createdAt", SILENT);
    token.date(Field::ExpiresAt, expiry, ABSENT_IS_NONE);
    token.date(Field::LastUsedAt, last_use, ABSENT_IS_NONE);
    if token.has("scopes") {
        token.record.set_text(Field::ScopeModel, "scoped");
        token.scopes("scopes");
    }
    Some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{assert_lists_alike, at, read, sight_of_json};
    use crate::inventory::record::{ProblemKind, State};

    const ORG: &str = include_str!("../../../tests/fixtures/formats/atlassian-org-api-tokens.json");
    const USER: &str = include_str!("../../../tests/fixtures/formats/atlassian-user-api-tokens.json");

    #[test]
    fn tokens_of_an_organisation_name_their_owner() {
        let read = read(&ORG_TOKENS, ORG);
        let token = &read.tokens[0];
        let texts = [Field::TokenId, Field::Name, Field::Owner, Field::Account, Field::State, Field::TokenKind];
        assert_eq!(
            texts.map(|field| token.text(field).unwrap_or("-")),
            ["acme-at-1", "jira sync", "mara.lind@acme.example", "acme-org-1", "enabled", "api-token"]
        );
        assert_eq!(token.get(Field::ExpiresAt), &at("2026-11-30T10:00:00Z"));
        assert_eq!(token.get(Field::LastUsedAt), &at("2026-10-31T09:00:00Z"));
        assert_eq!(read.tokens[1].get(Field::Name).state, State::Empty);
        assert_eq!(read.tokens[3].text(Field::Owner), Some("acme-user-4"));
    }

    #[test]
    fn what_is_left_out_is_not_there() {
        let read = read(&ORG_TOKENS, ORG);
        assert_eq!(read.tokens[1].get(Field::ExpiresAt).state, State::None);
        assert_eq!(read.tokens[2].get(Field::LastUsedAt).state, State::None);
        assert_eq!(read.tokens[3].get(Field::LastUsedAt).state, State::None);
        for field in [Field::ScopesGranted, Field::ScopeModel, Field::LastRotatedAt] {
            assert_eq!(read.tokens[0].get(field).state, State::NotCollected);
        }
    }

    #[test]
    fn a_status_that_is_not_known_is_told() {
        let read = read(&ORG_TOKENS, ORG);
        assert_eq!(read.tokens[2].text(Field::State), Some("disabled"));
        assert_eq!(read.tokens[3].get(Field::State).state, State::Unreadable);
        assert!(
            read.tokens[3].problems.iter().any(|problem| problem.kind == ProblemKind::Unreadable && problem.text == "PAUSED")
        );
    }

    #[test]
    fn tokens_of_one_account_have_no_owner_on_record() {
        let read = read(&USER_TOKENS, USER);
        let states = |field| read.tokens.iter().map(|token| token.get(field).state).collect::<Vec<_>>();
        assert_eq!(states(Field::LastUsedAt), [State::Value, State::None, State::Value]);
        assert_eq!(states(Field::ExpiresAt), [State::Value, State::Value, State::None]);
        assert_eq!(states(Field::Owner), [State::NotCollected; 3]);
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2015-04-12T23:20:50Z"));
        assert!(!(ORG_TOKENS_LIST.recognises)(&sight_of_json(USER)));
    }

    #[test]
    fn pages_are_told_and_lists_are_read() {
        assert_eq!(read(&ORG_TOKENS, ORG).paging[0].more, Some(false));
        let more = ORG.replace("\"next\": null", "\"next\": \"/orgs/acme-org-1/api-tokens?cursor=2\"");
        assert_eq!(read(&ORG_TOKENS, &more).paging[0].more, Some(true));
        assert_lists_alike(&ORG_TOKENS, &ORG_TOKENS_LIST, ORG);
        assert!(!(USER_TOKENS.recognises)(&sight_of_json(ORG)));
    }
}
