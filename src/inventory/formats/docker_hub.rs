//! Docker Hub: personal access tokens of the caller, and access tokens of an organisation.
//!
//! Both lists track use, so a `null` there is "never". The list of an organisation leaves out what its tokens may do; the answer
//! for a single token states it, and such answers are read one after the other.

use super::element::{NULL_IS_NONE, SILENT, Token, granted, scalar};
use super::export::{Export, Reading};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Paging, Records, Row, Sink, SourceContext};
use crate::inventory::record::Scope;
use serde_json::{Map, Value as Json};

/// `GET /v2/access-tokens`; the owner is the caller, whom the list does not name.
pub const PERSONAL_TOKENS: Export = Export {
    id: "dockerhub-personal-access-tokens",
    title: "Docker Hub personal access tokens",
    how_to_export: "curl -H \"Authorization: Bearer $JWT\" 'https://hub.docker.com/v2/access-tokens?page_size=100' > tokens.json",
    layout: Layout::Json(Records::Under("results")),
    signature: "JSON object with results, whose entries have token_label and uuid",
    recognises: |sight| sight.has_keys("results", &["token_label", "uuid"]),
    collects: Some(&[
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
    ]),
    secret_fields: &["token"],
    reading: Reading::Each { record: personal_token, page: |envelope, _| pages(envelope, "count") },
    ..Export::OF_PROVIDER
};

/// The same tokens without what stands around them, or single answers.
pub const PERSONAL_TOKENS_LIST: Export = Export {
    id: "dockerhub-personal-access-tokens-list",
    title: "Docker Hub personal access tokens, joined pages or single answers",
    how_to_export: "the pages of dockerhub-personal-access-tokens, joined: jq -s 'map(.results[])' page-*.json > tokens.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers with token_label and uuid",
    recognises: |sight| sight.has_keys("", &["token_label", "uuid"]),
    export: Some(PERSONAL_TOKENS.id),
    ..PERSONAL_TOKENS
};

/// `GET /v2/orgs/{org}/access-tokens`.
pub const ORG_TOKENS: Export = Export {
    id: "dockerhub-org-access-tokens",
    title: "Docker Hub access tokens of an organisation",
    how_to_export: "curl -H \"Authorization: Bearer $JWT\" 'https://hub.docker.com/v2/orgs/ORG/access-tokens?page_size=100' > tokens.json",
    signature: "JSON object with results, whose entries have label, created_by and is_active",
    recognises: |sight| sight.has_keys("results", &["label", "created_by", "is_active"]),
    // The scopes are left out: only answers for single tokens state them, and each record tells whether it does.
    collects: Some(&[
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
    ]),
    reading: Reading::Each { record: org_token, page: |envelope, _| pages(envelope, "total") },
    ..PERSONAL_TOKENS
};

/// The same tokens without what stands around them, or the answers for single tokens, which state the scopes.
pub const ORG_TOKENS_LIST: Export = Export {
    id: "dockerhub-org-access-tokens-list",
    title: "Docker Hub access tokens of an organisation, with their scopes",
    how_to_export: "for each id: curl -H \"Authorization: Bearer $JWT\" https://hub.docker.com/v2/orgs/ORG/access-tokens/ID >> tokens.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers with label, created_by and is_active",
    recognises: |sight| sight.has_keys("", &["label", "created_by", "is_active"]),
    export: Some(ORG_TOKENS.id),
    ..ORG_TOKENS
};

fn personal_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "docker-hub", "personal-access-token", sink) else { return };
    token.text(Field::TokenId, "uuid");
    token.name("token_label");
    token.date(Field::LastUsedAt, "last_used", NULL_IS_NONE);
    token.scopes("scopes");
    token.tag("generated_by", "generated_by");
    token.tag("client_id", "client_id");
    common(&mut token);
    sink.token(token.record);
}

fn org_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "docker-hub", "organization-access-token", sink) else { return };
    token.text(Field::TokenId, "id");
    token.name("label");
    token.text(Field::Owner, "created_by");
    token.date(Field::LastUsedAt, "last_used_at", NULL_IS_NONE);
    if token.has("description") {
        token.text(Field::Purpose, "description");
    }
    resources(&mut token);
    common(&mut token);
    sink.token(token.record);
}

fn common(token: &mut Token<'_>) {
    token.date(Field::CreatedAt, "created_at", SILENT);
    token.date(Field::ExpiresAt, "expires_at", NULL_IS_NONE);
    token.record.set_text(Field::ScopeModel, "scoped");
    let state = token.flag("is_active").map(|active| if active { "enabled" } else { "disabled" });
    token.state(state, &token.scalar("is_active").unwrap_or_default());
}

/// What a token may do with which repositories: each scope once, and the whole as a tag.
fn resources(token: &mut Token<'_>) {
    let Some(Json::Array(resources)) = token.get("resources") else { return };
    let mut scopes: Vec<Scope> = Vec::new();
    let mut told = Vec::new();
    for resource in resources {
        let names: Vec<String> =
            resource.get("scopes").and_then(Json::as_array).into_iter().flatten().filter_map(scalar).collect();
        let path = resource.get("path").and_then(scalar).unwrap_or_default();
        told.push(format!("{path} ({})", names.join(", ")));
        for name in names {
            let scope = Scope { name, class: None };
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
    }
    token.record.set(Field::ScopesGranted, granted(scopes));
    if !told.is_empty() {
        token.record.tags.insert("resources".to_owned(), told.join("; "));
    }
}

fn pages(envelope: &Map<String, Json>, total: &str) -> Paging {
    Paging { declared: paging::total(envelope, total).declared, ..paging::stated_cursor(envelope, "next") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, read};
    use crate::inventory::record::{Record, State, Value};

    const PERSONAL: &str = include_str!("../../../tests/fixtures/formats/dockerhub-personal-access-tokens.json");
    const ORG: &str = include_str!("../../../tests/fixtures/formats/dockerhub-org-access-tokens.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn states(read: &Read, field: Field) -> Vec<State> {
        read.tokens.iter().map(|token| token.get(field).state).collect()
    }

    fn scopes(record: &Record) -> Vec<&str> {
        let Value::Scopes(scopes) = &record.get(Field::ScopesGranted).value else { return Vec::new() };
        scopes.iter().map(|scope| scope.name.as_str()).collect()
    }

    #[test]
    fn null_is_never_and_no_expiry() {
        let read = read(&PERSONAL_TOKENS, PERSONAL);
        assert_eq!(words(&read, Field::Name), ["laptop", "ci push (admin)", "disabled", "-"]);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "disabled", "enabled"]);
        assert_eq!(states(&read, Field::LastUsedAt), [State::None, State::Value, State::Value, State::Empty]);
        assert_eq!(states(&read, Field::ExpiresAt), [State::Value, State::None, State::None, State::Empty]);
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &at("2026-11-28T18:30:19Z"));
        assert_eq!(states(&read, Field::Owner), [State::NotCollected; 4]);
    }

    #[test]
    fn the_value_is_never_read_and_the_origin_is_kept() {
        let read = read(&PERSONAL_TOKENS, PERSONAL);
        assert_eq!(scopes(&read.tokens[1]), ["repo:admin"]);
        assert_eq!(read.tokens[3].get(Field::ScopesGranted).state, State::None);
        assert_eq!(read.tokens[0].tags.get("generated_by").map(String::as_str), Some("manual"));
        assert_eq!(read.tokens[0].tags.get("client_id").map(String::as_str), Some("HUB"));
        assert!(!format!("{:?}", read.tokens).contains("***"));
    }

    #[test]
    fn the_list_of_an_organisation_names_the_maker_and_no_scopes() {
        let read = read(&ORG_TOKENS, ORG);
        assert_eq!(words(&read, Field::Owner), ["mara", "tomf", "tomf"]);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "disabled"]);
        assert_eq!(states(&read, Field::LastUsedAt), [State::Value, State::None, State::Value]);
        assert_eq!(states(&read, Field::ExpiresAt), [State::Value, State::None, State::Value]);
        assert_eq!(states(&read, Field::ScopesGranted), [State::NotCollected; 3]);
    }

    #[test]
    fn a_single_answer_states_the_scopes() {
        let answer = r#"{"id": "6c01", "label": "prod pull", "created_by": "mara", "is_active": true, "created_at": "2026-05-20T00:54:18Z",
            "expires_at": null, "last_used_at": null, "resources": [
            {"type": "TYPE_REPO", "path": "acme/app", "scopes": ["scope-image-pull", "scope-image-push"]},
            {"type": "TYPE_REPO", "path": "*/*/public", "scopes": ["scope-image-pull"]}]}"#;
        let read = read(&ORG_TOKENS_LIST, &format!("{answer}\n{answer}"));
        assert_eq!(read.tokens.len(), 2);
        assert_eq!(scopes(&read.tokens[0]), ["scope-image-pull", "scope-image-push"]);
        let told = "acme/app (scope-image-pull, scope-image-push); */*/public (scope-image-pull)";
        assert_eq!(read.tokens[0].tags.get("resources").map(String::as_str), Some(told));
    }

    #[test]
    fn pages_are_told_and_lists_are_read() {
        for (format, list, text, total) in
            [(&PERSONAL_TOKENS, &PERSONAL_TOKENS_LIST, PERSONAL, 4), (&ORG_TOKENS, &ORG_TOKENS_LIST, ORG, 3)]
        {
            let last = read(format, text).paging[0];
            assert_eq!((last.declared, last.more), (Some(total), Some(false)));
            let next = text.replace("\"next\": null", "\"next\": \"https://hub.example/?page=2\"");
            assert_eq!(read(format, &next).paging[0].more, Some(true));
            assert_lists_alike(format, list, text);
        }
    }
}
