//! OpenAI: administration keys of an organisation and keys of its projects.
//!
//! An administration key can do everything in the organisation. Of a key without `last_used_at` nothing is known; `null` is
//! "never". A service account is no owner, and is not always marked as one: the published example calls it a user.

use super::element::{NULL_IS_NONE, SILENT, Token};
use super::export::{Export, Reading};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::record::State;
use serde_json::Value as Json;

const ADMIN_KEY: &str = "organization.admin_api_key";
const PROJECT_KEY: &str = "organization.project.api_key";

/// `GET /v1/organization/admin_api_keys`, `GET /v1/organization/projects/{id}/api_keys`.
pub const API_KEYS: Export = Export {
    id: "openai-api-keys",
    title: "OpenAI API keys of an organisation or a project",
    how_to_export: "curl -H \"Authorization: Bearer $ADMIN_KEY\" 'https://api.openai.com/v1/organization/admin_api_keys?limit=100' > keys.json",
    layout: Layout::Json(Records::Under("data")),
    signature: "JSON object with data, whose entries are admin_api_key or project.api_key objects, or have redacted_value",
    recognises: |sight| is_key_list(sight, "data"),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::Owner,
        Field::CreatedAt,
        Field::LastUsedAt,
    ]),
    secret_fields: &["value", "~redacted_value"],
    reading: Reading::Each { record: key, page: |envelope, _| paging::flag(envelope, "has_more") },
    ..Export::OF_PROVIDER
};

/// The same keys without what stands around them, or single answers.
pub const API_KEYS_LIST: Export = Export {
    id: "openai-api-keys-list",
    title: "OpenAI API keys, joined pages or single answers",
    how_to_export: "the pages of openai-api-keys, joined: jq -s 'map(.data[])' page-*.json > keys.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers of admin_api_key or project.api_key objects, or with redacted_value",
    recognises: |sight| is_key_list(sight, ""),
    export: Some(API_KEYS.id),
    ..API_KEYS
};

fn is_key_list(sight: &Sight, key: &str) -> bool {
    let is_key = |element: &Json| matches!(element.get("object").and_then(Json::as_str), Some(ADMIN_KEY | PROJECT_KEY));
    sight.elements_under(key).any(is_key) || sight.has_keys(key, &["redacted_value", "created_at"])
}

fn key(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "openai", "admin-key", sink) else { return };
    if token.get("object").and_then(Json::as_str) == Some(PROJECT_KEY) {
        token.record.set_text(Field::TokenKind, "project-key");
    } else {
        token.record.set_text(Field::ScopeModel, "unscoped");
    }
    token.text(Field::TokenId, "id");
    token.name("name");
    token.date(Field::CreatedAt, "created_at", SILENT);
    token.date(Field::LastUsedAt, "last_used_at", NULL_IS_NONE);
    token.newer_date(Field::ExpiresAt, "expires_at", State::None);
    if token.has("scopes") {
        token.scopes("scopes");
    }
    owner(&mut token);
    token.tag("project", "project_id");
    sink.token(token.record);
}

/// Keys of the organisation hold the owner itself, keys of a project hold it one step further in.
fn owner(token: &mut Token<'_>) {
    let Some(owner) = token.get("owner") else { return };
    let inner = ["user", "service_account"].into_iter().find_map(|kind| owner.get(kind).filter(|inner| inner.is_object()));
    let text = |key: &str| {
        let text = inner.and_then(|inner| inner.get(key)).or_else(|| owner.get(key)).and_then(Json::as_str);
        text.map(str::trim).filter(|text| !text.is_empty())
    };
    let tags = [("owner_name", text("name")), ("owner_role", text("role"))];
    token.record.tags.extend(tags.into_iter().filter_map(|(tag, text)| Some((tag.to_owned(), text?.to_owned()))));
    if is_service_account(owner, text("object"), text("id"), text("name")) {
        let account = text("id").or(text("name")).unwrap_or_default();
        token.record.tags.insert("service_account".to_owned(), account.to_owned());
    } else {
        token.record.set_text(Field::Owner, text("email").or(text("id")).unwrap_or_default());
    }
}

fn is_service_account(owner: &Json, object: Option<&str>, id: Option<&str>, name: Option<&str>) -> bool {
    let says =
        |text: Option<&str>| text.is_some_and(|text| text.to_lowercase().replace(['_', '-'], " ").contains("service account"));
    let account = owner.get("service_account").is_some_and(Json::is_object);
    let marked = id.is_some_and(|id| ["sa_", "sa-", "svc_acct_", "svcacct_"].iter().any(|start| id.starts_with(start)));
    account || marked || says(owner.get("type").and_then(Json::as_str)) || says(object) || says(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, read};
    use crate::inventory::guard::Guard;

    const KEYS: &str = include_str!("../../../tests/fixtures/formats/openai-api-keys.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn states(read: &Read, field: Field) -> Vec<State> {
        read.tokens.iter().map(|token| token.get(field).state).collect()
    }

    #[test]
    fn null_is_never_and_a_missing_key_says_nothing() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(read.tokens[0].get(Field::LastUsedAt), &at("2026-10-31T00:00:00Z"));
        assert_eq!(states(&read, Field::LastUsedAt)[..3], [State::Value, State::None, State::Empty]);
        assert_eq!(states(&read, Field::ExpiresAt)[..4], [State::NotCollected, State::NotCollected, State::None, State::Value]);
        assert_eq!(words(&read, Field::Name)[..3], ["Administration", "-", "-"]);
    }

    #[test]
    fn a_service_account_is_no_owner_whatever_it_is_called() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(words(&read, Field::Owner), ["user-acme1", "-", "user-acme3", "-", "tom.field@acme.example", "-", "-"]);
        let account = |index: usize| read.tokens[index].tags.get("service_account").map(String::as_str);
        assert_eq!(
            [account(0), account(1), account(3), account(5)],
            [None, Some("user-acme2"), Some("sa-acme4"), Some("svc-acme6")]
        );
        assert_eq!(read.tokens[0].tags.get("owner_role").map(String::as_str), Some("owner"));
        assert_eq!(read.tokens[1].get(Field::Owner).state, State::NotCollected, "the reader makes it empty");
    }

    #[test]
    fn ids_are_no_secrets() {
        let text = KEYS.replace("user-acme1", "user-Xk3bZ9TqLw0vR5yPmN7dHc2A").replace("sa-acme4", "svc_acct_0fK8sQ2mXv7Jd3Wn");
        let mut tokens = read(&API_KEYS, &text).tokens;
        tokens.iter_mut().for_each(|token| Guard::built_in().clean_record(token));
        assert_eq!(tokens[0].text(Field::Owner), Some("user-Xk3bZ9TqLw0vR5yPmN7dHc2A"));
        assert_eq!(tokens[3].tags.get("service_account").map(String::as_str), Some("svc_acct_0fK8sQ2mXv7Jd3Wn"));
        assert!(tokens.iter().all(|token| token.problems.is_empty()), "{tokens:?}");
    }

    #[test]
    fn keys_of_a_project_are_told_from_keys_to_everything() {
        let read = read(&API_KEYS, KEYS);
        let kinds = words(&read, Field::TokenKind);
        assert_eq!(kinds[3..], ["admin-key", "project-key", "project-key", "project-key"]);
        assert_eq!(words(&read, Field::ScopeModel)[3..], ["unscoped", "-", "-", "-"]);
    }

    #[test]
    fn pages_are_told_and_lists_are_read() {
        assert_eq!(read(&API_KEYS, KEYS).paging[0].more, Some(false));
        assert_eq!(read(&API_KEYS, &KEYS.replace("\"has_more\": false", "\"has_more\": true")).paging[0].more, Some(true));
        assert!(!format!("{:?}", read(&API_KEYS, KEYS).tokens).contains("..."), "no part of a value is kept");
        assert_lists_alike(&API_KEYS, &API_KEYS_LIST, KEYS);
    }
}
