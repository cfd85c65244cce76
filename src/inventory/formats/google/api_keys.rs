//! API keys of projects: `gcloud services api-keys list`.
//!
//! A key opens every API of its project unless restrictions name some. There is no owner, use or expiry; the value never changes,
//! and `updateTime` moves with any edit.

use super::{PROVIDER, has_resource, page, pairs, part_of};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token, scalar};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::formats::owner_keys;
use crate::inventory::record::{Cell, Scope, ScopeClass, State, Value};
use serde_json::Value as Json;

/// The list as the command line prints it.
pub const API_KEYS: Export = Export {
    id: "gcp-api-keys",
    title: "Google Cloud API keys",
    how_to_export: "gcloud services api-keys list --show-deleted --format=json > api-keys.json, per project",
    signature: "JSON array whose names contain /locations/ and /keys/",
    recognises: |sight| is_key_list(sight, ""),
    // Owner and environment are set where annotations name them; most keys have no annotations.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::CreatedAt,
        Field::ScopeModel,
        Field::ScopesGranted,
        Field::ChangedAt,
    ]),
    // Only `get-key-string` answers hold it.
    secret_fields: &["keyString"],
    reading: Reading::Each { record: key, page: |envelope, _| page(envelope) },
    ..Export::OF_PROVIDER
};

/// The answer of `projects.locations.keys.list`.
pub const API_KEYS_REST: Export = Export {
    id: "gcp-api-keys-rest",
    title: "Google Cloud API keys (REST)",
    how_to_export: "GET https://apikeys.googleapis.com/v2/projects/NUMBER/locations/global/keys?pageSize=300 > api-keys.json",
    layout: Layout::Json(Records::Under("keys")),
    signature: "JSON object with keys whose names contain /locations/ and /keys/",
    recognises: |sight| is_key_list(sight, "keys"),
    export: Some("gcp-api-keys"),
    ..API_KEYS
};

/// Names of workforce pools have locations and keys too, but no project.
fn is_key_list(sight: &Sight, key: &str) -> bool {
    has_resource(sight, key, &["projects", "locations", "keys"]) && sight.has_keys(key, &["createTime"])
}

fn key(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "api-key", sink) else { return };
    let name = token.scalar("name").unwrap_or_default();
    // The last part of the name may be chosen by hand; `uid` never is.
    let uid = token.scalar("uid").filter(|uid| !uid.is_empty());
    let id = uid.unwrap_or_else(|| part_of(&name, "keys").unwrap_or(&name).to_owned());
    token.record.set_text(Field::TokenId, id);
    token.record.set_text(Field::Account, part_of(&name, "projects").unwrap_or_default());
    token.text(Field::Name, "displayName");
    token.date(Field::CreatedAt, "createTime", SILENT);
    token.date(Field::ChangedAt, "updateTime", SILENT);
    // A deleted key can be restored for thirty days; until then it does not work.
    let is_deleted = token.scalar("deleteTime").is_some_and(|deleted| !deleted.is_empty());
    token.state(Some(if is_deleted { "deleted" } else { "enabled" }), "");
    token.date_tag("deleted_at", "deleteTime");
    token.tag("service_account", "serviceAccountEmail");
    restrictions(&mut token);
    let annotations: Vec<_> = pairs(token.get("annotations")).collect();
    if !annotations.is_empty() {
        owner_keys::read(&mut token, annotations, context);
        for field in [Field::Owner, Field::Environment] {
            if token.record.get(field).state == State::Empty {
                token.record.set(field, Cell::default());
            }
        }
    }
    sink.token(token.record);
}

/// The APIs that the key opens. Restricting the callers does not narrow them.
fn restrictions(token: &mut Token<'_>) {
    let restrictions = token.get("restrictions").and_then(Json::as_object);
    let mut scopes: Vec<String> = Vec::new();
    for target in restrictions.and_then(|all| all.get("apiTargets")).and_then(Json::as_array).into_iter().flatten() {
        let Some(service) = target.get("service").and_then(scalar).filter(|service| !service.is_empty()) else { continue };
        let methods: Vec<String> =
            target.get("methods").and_then(Json::as_array).into_iter().flatten().filter_map(scalar).collect();
        if methods.is_empty() {
            scopes.push(service);
        } else {
            scopes.extend(methods.into_iter().map(|method| format!("{service}:{method}")));
        }
    }
    let (model, scopes) = if scopes.is_empty() {
        let any = Scope { name: "any API of the project".to_owned(), class: Some(ScopeClass::High) };
        ("unscoped", vec![any])
    } else {
        ("scoped", scopes.into_iter().map(|name| Scope { name, class: None }).collect())
    };
    token.record.set_text(Field::ScopeModel, model);
    token.record.set(Field::ScopesGranted, Cell::value(Value::Scopes(scopes)));
    let callers = restrictions.into_iter().flat_map(|all| all.keys()).find_map(|key| key.strip_suffix("KeyRestrictions"));
    token.record.tags.insert("restricted_callers".to_owned(), callers.unwrap_or("none").to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read};

    const KEYS: &str = include_str!("../../../../tests/fixtures/formats/gcp-api-keys.json");
    const ANSWER: &str = include_str!("../../../../tests/fixtures/formats/gcp-api-keys-rest.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn scopes(read: &Read) -> Vec<String> {
        let names = |value: &Value| match value {
            Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.clone()).collect::<Vec<_>>().join(" "),
            _ => String::new(),
        };
        read.tokens.iter().map(|token| names(&token.get(Field::ScopesGranted).value)).collect()
    }

    #[test]
    fn a_key_without_restrictions_opens_everything() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(
            scopes(&read),
            [
                "any API of the project",
                "maps-backend.googleapis.com",
                "translate.googleapis.com:Get* translate.googleapis.com:Translate",
                "any API of the project",
                "any API of the project"
            ]
        );
        assert_eq!(words(&read, Field::ScopeModel), ["unscoped", "scoped", "scoped", "unscoped", "unscoped"]);
        let callers: Vec<_> = read.tokens.iter().map(|token| token.tags["restricted_callers"].as_str()).collect();
        assert_eq!(callers, ["none", "browser", "server", "android", "none"]);
    }

    #[test]
    fn the_uid_is_the_id_even_if_the_name_was_chosen() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(words(&read, Field::TokenId)[2], "0b220000-0000-4000-8000-000000000003");
        assert_eq!(words(&read, Field::Account), ["420000000000"; 5]);
        assert_eq!(words(&read, Field::Name), ["Browser key (auto created)", "Maps web", "translate batch", "App", "-"]);
        assert_eq!(read.tokens[1].get(Field::ChangedAt), &at("2026-02-02T00:00:00Z"));
    }

    #[test]
    fn a_key_that_can_be_restored_is_deleted() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "enabled", "enabled", "deleted"]);
        assert_eq!(read.tokens[4].tags["deleted_at"], "2026-10-20T10:00:00Z");
    }

    #[test]
    fn annotations_may_name_the_owner_and_their_lack_says_nothing() {
        let read = read(&API_KEYS, KEYS);
        assert_eq!(words(&read, Field::Owner), ["-", "-", "search@acme.example", "-", "-"]);
        assert_eq!(read.tokens[0].get(Field::Owner).state, State::NotCollected);
        assert_eq!(read.tokens[2].get(Field::Environment).state, State::NotCollected);
    }

    #[test]
    fn the_answer_of_the_api_says_the_same() {
        let read = read(&API_KEYS_REST, ANSWER);
        assert_eq!(words(&read, Field::TokenId), ["0b220000-0000-4000-8000-000000000006"]);
        assert_eq!(read.paging[0].more, Some(true));
    }
}
