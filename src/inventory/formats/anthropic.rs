//! Anthropic: API keys of an organisation.
//!
//! `expires_at` and `principal` came later: where the key is missing nothing is known, `null` is no expiry. A workspace of
//! `null` is the default one.

use super::element::{SILENT, Token};
use super::export::{Export, Reading};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::record::State;
use serde_json::Value as Json;

/// The account of keys that belong to no workspace of their own.
const DEFAULT_WORKSPACE: &str = "default";

/// `GET /v1/organizations/api_keys`.
pub const API_KEYS: Export = Export {
    id: "anthropic-api-keys",
    title: "Anthropic API keys of an organisation",
    how_to_export: "curl -H \"x-api-key: $ADMIN_KEY\" -H 'anthropic-version: 2023-06-01' 'https://api.anthropic.com/v1/organizations/api_keys?limit=1000' > keys.json",
    layout: Layout::Json(Records::Under("data")),
    signature: "JSON object with data, whose entries are of type api_key and have partial_key_hint or workspace_id",
    recognises: |sight| is_key_list(sight, "data"),
    // The expiry is left out: older answers do not state it, and each record tells whether it does.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
    ]),
    secret_fields: &["~partial_key_hint", "api_key", "value"],
    reading: Reading::Each { record: key, page: |envelope, _| paging::flag(envelope, "has_more") },
    ..Export::OF_PROVIDER
};

/// The same keys without what stands around them, or single answers.
pub const API_KEYS_LIST: Export = Export {
    id: "anthropic-api-keys-list",
    title: "Anthropic API keys, joined pages or single answers",
    how_to_export: "the pages of anthropic-api-keys, joined: jq -s 'map(.data[])' page-*.json > keys.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers of type api_key with partial_key_hint or workspace_id",
    recognises: |sight| is_key_list(sight, ""),
    export: Some(API_KEYS.id),
    ..API_KEYS
};

fn is_key_list(sight: &Sight, key: &str) -> bool {
    let is_key = |element: &Json| {
        element.get("type").and_then(Json::as_str) == Some("api_key")
            && (element.get("partial_key_hint").is_some() || element.get("workspace_id").is_some())
    };
    sight.elements_under(key).any(is_key)
}

fn key(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "anthropic", "api-key", sink) else { return };
    token.text(Field::TokenId, "id");
    token.name("name");
    token.date(Field::CreatedAt, "created_at", SILENT);
    token.newer_date(Field::ExpiresAt, "expires_at", State::None);
    let status = token.scalar("status").unwrap_or_default();
    let state = match status.trim().to_ascii_lowercase().as_str() {
        "active" => Some("enabled"),
        "inactive" => Some("disabled"),
        // An archived key cannot be brought back.
        "archived" => Some("revoked"),
        "expired" => Some("expired"),
        _ => None,
    };
    token.state(state, &status);
    match token.get("workspace_id") {
        Some(Json::Null) => token.record.set_text(Field::Account, DEFAULT_WORKSPACE),
        _ => token.text(Field::Account, "workspace_id"),
    }
    owner(&mut token);
    sink.token(token.record);
}

/// The person whom the key acts for, else the one who made it. A service account is no owner.
fn owner(token: &mut Token<'_>) {
    let person = |key: &str| {
        let actor = token.get(key)?;
        let id = actor.get("id").and_then(Json::as_str).map(str::trim).filter(|id| !id.is_empty())?;
        let is_user = actor.get("type").and_then(Json::as_str).is_none_or(|kind| kind == "user");
        Some((id, is_user))
    };
    let (principal, creator) = (person("principal"), person("created_by"));
    let owner = [principal, creator].into_iter().flatten().find(|(_, is_user)| *is_user).map(|(id, _)| id).unwrap_or_default();
    let machine = [principal, creator].into_iter().flatten().find(|(_, is_user)| !is_user).map(|(id, _)| id.to_owned());
    token.record.set_text(Field::Owner, owner);
    token.record.tags.extend(machine.map(|id| ("service_account".to_owned(), id)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, read};
    use crate::inventory::guard::Guard;

    const KEYS: &str = include_str!("../../../tests/fixtures/formats/anthropic-api-keys.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn null_is_no_expiry_and_an_older_answer_says_nothing() {
        let read = read(&API_KEYS, KEYS);
        let states: Vec<_> = read.tokens.iter().map(|token| token.get(Field::ExpiresAt).state).collect();
        assert_eq!(states, [State::None, State::Value, State::NotCollected, State::Value, State::NotCollected]);
        assert_eq!(read.tokens[1].get(Field::ExpiresAt), &at("2026-11-30T23:58:27Z"));
        assert_eq!(words(&read, Field::State), ["enabled", "disabled", "revoked", "expired", "-"]);
        assert_eq!(read.tokens[4].get(Field::State).state, State::Unreadable);
    }

    #[test]
    fn no_workspace_is_the_default_one() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(words(&read, Field::Account), ["wrkspc_acme1", "default", "wrkspc_acme1", "default", "-"]);
        assert_eq!(read.tokens[4].get(Field::Account).state, State::Empty);
    }

    #[test]
    fn a_person_answers_for_the_key_of_a_service_account() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(words(&read, Field::Owner), ["user_acme1", "user_acme2", "user_acme2", "user_acme3", "-"]);
        let machine = |index: usize| read.tokens[index].tags.get("service_account").map(String::as_str);
        assert_eq!([machine(0), machine(1), machine(3), machine(4)], [Some("svac_acme1"), None, None, Some("svac_acme2")]);
    }

    #[test]
    fn ids_are_no_secrets() {
        let text = KEYS
            .replace("\"user_acme1\"", "\"user_01WCz1FkmYMm4gnmykNKUu3Q\"")
            .replace("svac_acme1", "svac_01Rj2N8SVvo6BePZj99NhmiT");
        let mut tokens = read(&API_KEYS, &text).tokens;
        Guard::built_in().clean_record(&mut tokens[0]);
        assert_eq!(tokens[0].text(Field::Owner), Some("user_01WCz1FkmYMm4gnmykNKUu3Q"));
        assert_eq!(tokens[0].tags.get("service_account").map(String::as_str), Some("svac_01Rj2N8SVvo6BePZj99NhmiT"));
    }

    #[test]
    fn pages_are_told_and_lists_are_read() {
        assert_eq!(read(&API_KEYS, KEYS).paging[0].more, Some(false));
        assert_eq!(read(&API_KEYS, &KEYS.replace("\"has_more\": false", "\"has_more\": true")).paging[0].more, Some(true));
        assert!(!format!("{:?}", read(&API_KEYS, KEYS).tokens).contains("..."), "no part of a value is kept");
        assert_lists_alike(&API_KEYS, &API_KEYS_LIST, KEYS);
    }
}
