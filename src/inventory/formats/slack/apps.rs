//! `admin.apps.approved.list`: which apps an Enterprise allows, and with which scopes.
//!
//! Whoever approved an app is not its owner, and the approval is neither its creation nor a use.

use super::{KIND, PROVIDER, has_list};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use crate::inventory::formats::element::{Token, granted, scalar, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::paging;
use crate::inventory::record::{Cell, Scope, State};
use serde_json::Value as Json;

/// Approved apps.
pub const APPROVED_APPS: Export = Export {
    id: "slack-admin-apps-approved",
    title: "Slack approved apps",
    how_to_export: "GET https://slack.com/api/admin.apps.approved.list?limit=1000 with a token that has admin.apps:read, every cursor",
    layout: Layout::Json(Records::Under("approved_apps")),
    signature: "JSON object with ok and approved_apps",
    recognises: |sight| has_list(sight, "approved_apps"),
    collects: Some(&[Field::TokenId, Field::Provider, Field::Name, Field::TokenKind, Field::ScopeModel, Field::ScopesGranted]),
    reading: Reading::Each { record: app, page: |envelope, _| paging::cursor(envelope, "response_metadata.next_cursor") },
    ..Export::OF_PROVIDER
};

/// The same apps in a bare list.
pub const APPROVED_APPS_LIST: Export = Export {
    id: "slack-admin-apps-approved-list",
    title: "Slack approved apps, joined pages",
    how_to_export: "the pages of slack-admin-apps-approved, joined: jq -s 'map(.approved_apps[])' page-*.json > apps.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with app, scopes and last_resolved_by",
    recognises: |sight| sight.has_keys("", &["app", "scopes", "last_resolved_by"]),
    export: Some(APPROVED_APPS.id),
    reading: Reading::Each { record: app, page: no_pages },
    ..APPROVED_APPS
};

fn app(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, KIND, sink) else { return };
    scopes(&mut token);
    token.date_tag("approved_at", "date_updated");
    if let Some(approver) = token.get("last_resolved_by").and_then(|by| by.get("actor_id")).and_then(scalar) {
        token.record.tags.insert("approved_by".to_owned(), approver);
    }
    token.enter("app");
    token.text(Field::TokenId, "id");
    token.text(Field::Name, "name");
    token.tag("description", "description");
    token.tag("is_internal", "is_internal");
    token.tag("is_app_directory_approved", "is_app_directory_approved");
    sink.token(token.record);
}

/// The same scope can be granted to the app and to the person for whom it acts.
fn scopes(token: &mut Token<'_>) {
    token.record.set_text(Field::ScopeModel, "scoped");
    let Some(entries) = token.get("scopes").and_then(Json::as_array) else {
        return token.record.set(Field::ScopesGranted, Cell::of(State::Empty));
    };
    let mut names: Vec<String> = Vec::new();
    let mut marked: [(&str, Vec<String>); 2] = [("sensitive_scopes", Vec::new()), ("user_scopes", Vec::new())];
    for entry in entries {
        let Some(name) = entry.get("name").and_then(scalar).or_else(|| scalar(entry)) else { continue };
        let is_sensitive = entry.get("is_sensitive").and_then(truth) == Some(true);
        let is_of_user = entry.get("token_type").and_then(Json::as_str) == Some("user");
        for ((_, names), is_so) in marked.iter_mut().zip([is_sensitive, is_of_user]) {
            if is_so && !names.contains(&name) {
                names.push(name.clone());
            }
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    token.record.set(Field::ScopesGranted, granted(names.into_iter().map(|name| Scope { name, class: None }).collect()));
    for (tag, names) in marked {
        if !names.is_empty() {
            token.record.tags.insert(tag.to_owned(), names.join(" "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::format::Paging;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, read, sight_of_json};
    use crate::inventory::record::Value;

    const APPS: &str = include_str!("../../../../tests/fixtures/formats/slack-admin-apps-approved.json");

    fn scopes(read: &Read) -> Vec<String> {
        let names = |cell: &Cell| match &cell.value {
            Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>().join(" "),
            _ => format!("{:?}", cell.state),
        };
        read.tokens.iter().map(|token| names(token.get(Field::ScopesGranted))).collect()
    }

    #[test]
    fn an_app_has_scopes_of_two_kinds() {
        let read = read(&APPROVED_APPS, APPS);
        let ids: Vec<_> = read.tokens.iter().filter_map(|token| token.text(Field::TokenId)).collect();
        assert_eq!(ids, ["A0ACME001", "A0ACME002", "A0ACME003"]);
        assert_eq!(scopes(&read), ["chat:write channels:history", "admin.users:write files:read", "None"]);
        let tag = |index: usize, name: &str| read.tokens[index].tags.get(name).map(String::as_str);
        assert_eq!(tag(0, "sensitive_scopes"), Some("channels:history"));
        assert_eq!(tag(0, "user_scopes"), Some("chat:write"));
        assert_eq!(tag(1, "user_scopes"), Some("admin.users:write files:read"));
    }

    #[test]
    fn an_approval_is_no_creation_and_its_author_no_owner() {
        let read = read(&APPROVED_APPS, APPS);
        for field in [Field::Owner, Field::CreatedAt, Field::State, Field::LastUsedAt] {
            assert_eq!(read.tokens[0].get(field).state, State::NotCollected, "{}", field.name());
        }
        assert_eq!(read.tokens[0].tags.get("approved_at").map(String::as_str), Some("2026-10-31T00:00:00Z"));
        assert_eq!(read.tokens[0].tags.get("approved_by").map(String::as_str), Some("W0ACME01"));
    }

    #[test]
    fn joined_pages_say_the_same() {
        assert_lists_alike(&APPROVED_APPS, &APPROVED_APPS_LIST, APPS);
    }

    #[test]
    fn a_cursor_is_an_unfollowed_page() {
        assert_eq!(read(&APPROVED_APPS, APPS).paging, [Paging { declared: None, more: Some(false) }]);
        let more = APPS.replace("\"next_cursor\": \"\"", "\"next_cursor\": \"dXNlcjpVMDYxTkZUVDI=\"");
        assert_eq!(read(&APPROVED_APPS, &more).paging[0].more, Some(true));
        assert!(!(APPROVED_APPS.recognises)(&sight_of_json(r#"{"ok": false, "error": "not_allowed"}"#)));
    }
}
