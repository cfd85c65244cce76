//! GitLab: personal, project and group access tokens.
//!
//! Rotating gives a new id and revokes the old one, so the registry reads creation as rotation; revoked predecessors stay in
//! the list. `user_id` is a person for personal tokens, and a bot for project and group tokens, which therefore have no owner.

use super::{PROVIDER, user};
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{NULL_IS_NONE, SILENT, Token, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use serde_json::Value as Json;

// The purpose is left out: servers of before `description` do not state it, and each record tells whether it does.
const PERSONAL: &[Field] = &[
    Field::TokenId,
    Field::Provider,
    Field::Name,
    Field::TokenKind,
    Field::State,
    Field::Owner,
    Field::CreatedAt,
    Field::ExpiresAt,
    Field::LastUsedAt,
    Field::ScopeModel,
    Field::ScopesGranted,
];

const RESOURCE: &[Field] = &[
    Field::TokenId,
    Field::Provider,
    Field::Name,
    Field::TokenKind,
    Field::State,
    Field::CreatedAt,
    Field::ExpiresAt,
    Field::LastUsedAt,
    Field::ScopeModel,
    Field::ScopesGranted,
];

/// Personal tokens: `GET /personal_access_tokens`.
pub const PERSONAL_TOKENS: Export = Export {
    id: "gitlab-personal-access-tokens",
    title: "GitLab personal access tokens",
    how_to_export: "glab api --paginate personal_access_tokens > tokens.json (or groups/ID/manage/personal_access_tokens)",
    signature: "JSON array with scopes, user_id and revoked, without access_level",
    recognises: |sight| is_token_list(sight) && !sight.has_keys("", &["access_level"]) && !sight.has_keys("", &["resource_type"]),
    collects: Some(PERSONAL),
    // Filled in the answer that creates a token.
    secret_fields: &["token"],
    reading: Reading::Each { record: personal_token, page: no_pages },
    ..Export::OF_PROVIDER
};

/// Tokens of one project or group: `GET /projects/{id}/access_tokens`.
pub const RESOURCE_TOKENS: Export = Export {
    id: "gitlab-project-access-tokens",
    title: "GitLab access tokens of a project or group",
    how_to_export: "glab api --paginate projects/ID/access_tokens > tokens.json (or groups/ID/access_tokens)",
    signature: "JSON array with scopes, user_id, revoked and access_level",
    recognises: |sight| is_token_list(sight) && sight.has_keys("", &["access_level"]) && !sight.has_keys("", &["resource_type"]),
    collects: Some(RESOURCE),
    secret_fields: &["token"],
    reading: Reading::Each { record: resource_token, page: no_pages },
    ..Export::OF_PROVIDER
};

/// Tokens of a whole group: `GET /groups/{id}/manage/resource_access_tokens`.
pub const GROUP_WIDE_TOKENS: Export = Export {
    id: "gitlab-group-manage-resource-access-tokens",
    title: "GitLab access tokens of all projects and groups below a group",
    how_to_export: "glab api --paginate groups/ID/manage/resource_access_tokens > tokens.json",
    signature: "JSON array with scopes, user_id, revoked and resource_type",
    recognises: |sight| is_token_list(sight) && sight.has_keys("", &["resource_type"]),
    collects: Some(RESOURCE),
    secret_fields: &["token"],
    reading: Reading::Each { record: resource_token, page: no_pages },
    ..Export::OF_PROVIDER
};

fn is_token_list(sight: &Sight) -> bool {
    sight.has_keys("", &["scopes", "user_id", "revoked"])
}

/// A token of a person.
fn personal_token(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, context, sink) else { return };
    let owner = user(&token);
    token.record.set_text(Field::Owner, owner);
    sink.token(token.record);
}

/// A token of a project or group, whose user is a bot.
fn resource_token(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, context, sink) else { return };
    token.record.set_text(Field::TokenKind, resource_kind(&token));
    token.tag("bot_user_id", "user_id");
    // The registry lowers the class of every scope to what this level may do.
    token.tag("access_level", "access_level");
    token.tag("resource_type", "resource_type");
    token.tag("resource_id", "resource_id");
    sink.token(token.record);
}

/// What all three lists state.
fn token<'a>(row: Row<'a>, context: &SourceContext, sink: &mut dyn Sink) -> Option<Token<'a>> {
    let mut token = Token::start(row, PROVIDER, "personal-access-token", sink)?;
    token.text(Field::TokenId, "id");
    token.text(Field::Name, "name");
    token.date(Field::CreatedAt, "created_at", SILENT);
    // A date only: the token is dead from 00:00 UTC of that date, which is how a date without a time is read.
    token.date(Field::ExpiresAt, "expires_at", NULL_IS_NONE);
    token.date(Field::LastUsedAt, "last_used_at", NULL_IS_NONE);
    token.scopes("scopes");
    token.record.set_text(Field::ScopeModel, "scoped");
    if token.has("description") {
        token.text(Field::Purpose, "description");
    }
    let state = state(&token, context.as_of);
    token.state(state, "");
    Some(token)
}

/// The list of one project looks like that of one group; only the group-wide list says which it is.
fn resource_kind(token: &Token<'_>) -> &'static str {
    if token.get("resource_type").and_then(Json::as_str) == Some("group") { "group-access-token" } else { "project-access-token" }
}

/// `active` means neither revoked nor expired; a token that is neither and not active belongs to somebody who is blocked.
fn state(token: &Token<'_>, as_of: i64) -> Option<&'static str> {
    let ended = token.record.get(Field::ExpiresAt).as_date().is_some_and(|end| end.seconds <= as_of);
    let flag = |key: &str| token.get(key).and_then(truth);
    match (flag("revoked"), flag("active")) {
        (Some(true), _) => Some("revoked"),
        (_, Some(true)) => Some("enabled"),
        (_, Some(false)) if ended => Some("expired"),
        (_, Some(false)) => Some("disabled"),
        (Some(false), None) => Some("enabled"),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::format::Format;
    use crate::inventory::formats::test_reader::{Read, at, on, read, sight_of_json};
    use crate::inventory::record::{Record, State, Value};
    use crate::inventory::registry::Registry;

    const PERSONAL_LIST: &str = include_str!("../../../../tests/fixtures/formats/gitlab-personal-access-tokens.json");
    const PROJECT_LIST: &str = include_str!("../../../../tests/fixtures/formats/gitlab-project-access-tokens.json");
    const GROUP_LIST: &str = include_str!("../../../../tests/fixtures/formats/gitlab-group-manage-resource-access-tokens.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn classes(record: &Record) -> Vec<&'static str> {
        let mut record = record.clone();
        Registry::built_in().classify(&mut record);
        match &record.get(Field::ScopesGranted).value {
            Value::Scopes(scopes) => scopes.iter().map(|scope| scope.class.map_or("-", |class| class.word())).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn personal_tokens_belong_to_a_user_of_gitlab() {
        let read = read(&PERSONAL_TOKENS, PERSONAL_LIST);
        assert_eq!(words(&read, Field::TokenId), ["5101", "5102", "5103", "5104", "5105"]);
        assert_eq!(words(&read, Field::Owner), ["gitlab:61", "gitlab:62", "gitlab:63", "gitlab:62", "-"]);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "expired", "revoked", "disabled"]);
        assert_eq!(words(&read, Field::Purpose), ["workstation", "-", "-", "-", "-"]);
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2026-05-23T14:31:47Z"));
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &on("2027-05-22"));
    }

    #[test]
    fn null_is_told_from_a_key_that_old_servers_lack() {
        let read = read(&PERSONAL_TOKENS, PERSONAL_LIST);
        let states = |field| read.tokens.iter().map(|token| token.get(field).state).collect::<Vec<_>>();
        assert_eq!(states(Field::LastUsedAt), [State::Value, State::Value, State::None, State::Value, State::Empty]);
        assert_eq!(states(Field::ExpiresAt), [State::Value, State::None, State::Value, State::Value, State::Empty]);
        assert_eq!(states(Field::Purpose), [State::Value, State::Empty, State::NotCollected, State::Empty, State::NotCollected]);
        assert_eq!(read.tokens[4].get(Field::CreatedAt).state, State::Empty);
    }

    #[test]
    fn creation_becomes_rotation() {
        let mut token = read(&PERSONAL_TOKENS, PERSONAL_LIST).tokens.swap_remove(0);
        assert_eq!(token.get(Field::LastRotatedAt).state, State::NotCollected);
        Registry::built_in().apply_facts(&mut token);
        assert_eq!(token.get(Field::LastRotatedAt), &at("2026-05-23T14:31:47Z"));
    }

    #[test]
    fn the_bot_of_a_project_is_no_owner_and_the_level_limits_the_scopes() {
        let read = read(&RESOURCE_TOKENS, PROJECT_LIST);
        assert_eq!(read.tokens.len(), 3);
        assert!(read.tokens.iter().all(|token| token.get(Field::Owner).state == State::NotCollected));
        assert_eq!(read.tokens[0].tags.get("bot_user_id").map(String::as_str), Some("971"));
        let classes: Vec<_> = read.tokens.iter().map(classes).collect();
        assert_eq!(classes, [vec!["admin", "admin"], vec!["write"], vec!["read"]]);
        assert_eq!(words(&read, Field::TokenKind), ["project-access-token"; 3]);
    }

    #[test]
    fn the_group_wide_list_says_what_the_token_is_for() {
        let read = read(&GROUP_WIDE_TOKENS, GROUP_LIST);
        assert_eq!(words(&read, Field::TokenKind), ["group-access-token", "project-access-token", "project-access-token"]);
        assert_eq!(read.tokens[1].tags.get("resource_id").map(String::as_str), Some("1909"));
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "expired"]);
        // A record may lack half of its keys.
        let bare = &read.tokens[2];
        assert_eq!(
            [Field::CreatedAt, Field::LastUsedAt, Field::ScopesGranted].map(|field| bare.get(field).state),
            [State::Empty; 3]
        );
    }

    #[test]
    fn each_list_is_one_format() {
        let formats: [&dyn Format; 3] = [&PERSONAL_TOKENS, &RESOURCE_TOKENS, &GROUP_WIDE_TOKENS];
        for (index, text) in [PERSONAL_LIST, PROJECT_LIST, GROUP_LIST].into_iter().enumerate() {
            let found: Vec<_> = (0..3).filter(|format| formats[*format].recognises(&sight_of_json(text))).collect();
            assert_eq!(found, [index]);
        }
    }
}
