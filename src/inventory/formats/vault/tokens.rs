//! `vault token lookup -accessor`: what Vault knows of a token, without its value.
//!
//! Vault drops a token when it expires, so what it still answers for is live. A periodic token is renewed for ever: its
//! `expire_time` slides, and is no end; it is a tag, and `expires_at` is none, as for Okta.

use super::{PROVIDER, data, is_error};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token, granted, object, scalar};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::owner_keys;
use crate::inventory::record::{Cell, Scope, State};
use serde_json::Value as Json;

/// Answers to token lookups.
pub const TOKENS: Export = Export {
    id: "vault-token-lookup-accessor",
    title: "HashiCorp Vault tokens (lookup by accessor)",
    how_to_export: "for A in $(vault list -format=json auth/token/accessors | jq -r .[]); do vault token lookup -format=json -accessor $A | jq -c .; done > tokens.ndjson",
    layout: Layout::Json(Records::Documents),
    signature: "JSON documents with data.accessor and data.policies",
    recognises,
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
    // `id` is the value itself when a token looks itself up; by accessor it is empty.
    secret_fields: &["data.id", "id", "auth.client_token", "wrap_info.token"],
    reading: Reading::Each { record: token, page: no_pages },
    ..Export::OF_PROVIDER
};

fn recognises(sight: &Sight) -> bool {
    sight.elements_under("").filter_map(Json::as_object).map(data).any(|token| {
        // A batch token has no accessor, and says so with an empty one.
        token.contains_key("accessor") && token.contains_key("policies") && token.contains_key("ttl")
    })
}

fn token(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some((line, answer)) = object(row, sink) else { return };
    if is_error(answer) {
        return sink.reject(line, "Vault answered with an error, not with a token".to_owned());
    }
    let mut token = Token::of(line, data(answer), PROVIDER, "token");
    token.text(Field::TokenId, "accessor");
    token.text(Field::Name, "display_name");
    let created = if token.date_of("creation_time").is_some() { "creation_time" } else { "issue_time" };
    token.date(Field::CreatedAt, created, SILENT);
    expiry(&mut token);
    let expired = token.record.get(Field::ExpiresAt).as_date().is_some_and(|end| end.seconds <= context.as_of);
    token.state(Some(if expired { "expired" } else { "enabled" }), "");
    policies(&mut token);
    owner(&mut token, context);
    for (tag, key) in [
        ("token_type", "type"),
        ("auth_path", "path"),
        ("entity_id", "entity_id"),
        ("namespace", "namespace_path"),
        ("role", "role"),
        ("renewable", "renewable"),
        ("orphan", "orphan"),
        ("num_uses", "num_uses"),
        ("creation_ttl_seconds", "creation_ttl"),
        ("explicit_max_ttl_seconds", "explicit_max_ttl"),
        ("period_seconds", "period"),
    ] {
        token.tag(tag, key);
    }
    token.date_tag("last_renewal_at", "last_renewal_time");
    sink.token(token.record);
}

fn seconds(token: &Token<'_>, key: &str) -> Option<u64> {
    token.get(key).and_then(|value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()))
}

/// `expire_time` is null for root tokens and others that never expire; a `ttl` of 0 means no limit.
fn expiry(token: &mut Token<'_>) {
    let renewed_for_ever = seconds(token, "period").unwrap_or(0) > 0 && seconds(token, "explicit_max_ttl").unwrap_or(0) == 0;
    match token.get("expire_time") {
        Some(Json::Null) => token.record.set(Field::ExpiresAt, Cell::of(State::None)),
        Some(_) if renewed_for_ever => {
            token.record.set(Field::ExpiresAt, Cell::of(State::None));
            token.date_tag("sliding_expires_at", "expire_time");
        }
        Some(_) => token.date(Field::ExpiresAt, "expire_time", SILENT),
        None if renewed_for_ever || seconds(token, "ttl") == Some(0) => {
            token.record.set(Field::ExpiresAt, Cell::of(State::None));
        }
        None => token.record.set(Field::ExpiresAt, Cell::of(State::Empty)),
    }
}

/// A token may do what its own policies and those of its identity allow.
fn policies(token: &mut Token<'_>) {
    let mut names: Vec<String> = Vec::new();
    for key in ["policies", "identity_policies"] {
        for name in token.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(scalar) {
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let stated = token.get("policies").is_some_and(Json::is_array) || !names.is_empty();
    let scopes = names.into_iter().map(|name| Scope { name, class: None }).collect();
    token.record.set(Field::ScopesGranted, if stated { granted(scopes) } else { Cell::of(State::Empty) });
    token.record.set_text(Field::ScopeModel, "scoped");
}

/// The owner that `meta` names by a key of the organisation; else who logged in; else Vault's own identity.
fn owner(token: &mut Token<'_>, context: &SourceContext) {
    let meta = token.get("meta").and_then(Json::as_object);
    let pairs: Vec<(String, String)> =
        meta.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), scalar(value)?))).collect();
    let named = |name: &str| pairs.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.clone());
    let login = named("email").or_else(|| named("username")).or_else(|| login_in_path(token)).or_else(|| e_mail_in_name(token));
    owner_keys::read(token, pairs, context);
    // `meta` is filled by methods of authentication; where it names no environment, nobody was asked for one.
    if token.record.get(Field::Environment).state == State::Empty {
        token.record.set(Field::Environment, Cell::default());
    }
    if token.record.get(Field::Owner).state != State::Value {
        let owner = login.or_else(|| token.scalar("entity_id")).unwrap_or_default();
        token.record.set_text(Field::Owner, owner.trim());
    }
}

/// `auth/ldap/login/alice`: methods that people log in with by name put it there.
fn login_in_path(token: &Token<'_>) -> Option<String> {
    let path = token.scalar("path")?;
    let (_, name) = path.rsplit_once("/login/")?;
    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
}

/// `oidc-alice@acme.example`: the name is the mount, a hyphen, and what the method calls the person.
fn e_mail_in_name(token: &Token<'_>) -> Option<String> {
    let (name, path) = (token.scalar("display_name")?, token.scalar("path")?);
    let mount = path.strip_prefix("auth/")?.split('/').next()?.to_owned();
    let person = name.strip_prefix(&mount)?.strip_prefix('-')?;
    person.contains('@').then(|| person.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read, read_in, sight_of_json};
    use crate::inventory::formats::vault::KV_METADATA;
    use crate::inventory::record::Value;

    const ANSWERS: &str = include_str!("../../../../tests/fixtures/formats/vault-token-lookup-accessor.ndjson");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn scopes(read: &Read) -> Vec<String> {
        let names = |cell: &Cell| match &cell.value {
            Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>().join(" "),
            _ => format!("{:?}", cell.state),
        };
        read.tokens.iter().map(|token| names(token.get(Field::ScopesGranted))).collect()
    }

    #[test]
    fn the_accessor_is_the_id_and_a_batch_token_has_none() {
        let read = read(&TOKENS, ANSWERS);
        let ids = words(&read, Field::TokenId);
        assert_eq!((ids.len(), ids[0], ids[3]), (5, "a2000000-0000-4000-8000-000000000001", "-"));
        assert_eq!(read.tokens[3].tags.get("token_type").map(String::as_str), Some("batch"));
        assert_eq!(words(&read, Field::TokenKind), ["token"; 5]);
        assert_eq!(read.rejects, [(6, "Vault answered with an error, not with a token".to_owned())]);
    }

    #[test]
    fn null_and_zero_and_a_period_are_no_end() {
        let read = read(&TOKENS, ANSWERS);
        let ends: Vec<_> = read.tokens.iter().map(|token| token.get(Field::ExpiresAt)).collect();
        assert_eq!((ends[0].state, ends[2].state), (State::None, State::None));
        assert_eq!(ends[1], &at("2026-12-02T00:00:00Z"));
        assert_eq!(read.tokens[2].tags.get("sliding_expires_at").map(String::as_str), Some("2026-11-25T13:00:00Z"));
        // A period under a limit ends all the same.
        assert_eq!(ends[4], &at("2026-11-01T04:00:00Z"));
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "enabled", "expired", "enabled"]);
        let bare = |rest: &str| {
            let text = format!(r#"{{"accessor": "a", "policies": [], {rest}}}"#);
            super::super::super::test_reader::read(&TOKENS, &text).tokens[0].get(Field::ExpiresAt).state
        };
        assert_eq!(
            [bare(r#""ttl": 0"#), bare(r#""ttl": 60"#), bare(r#""ttl": 60, "period": 60"#)],
            [State::None, State::Empty, State::None]
        );
    }

    #[test]
    fn dates_have_nanoseconds_and_any_offset() {
        let read = read(&TOKENS, ANSWERS);
        assert_eq!(read.tokens[2].get(Field::CreatedAt), &at("2025-07-01T10:00:00Z"));
        assert_eq!(read.tokens[4].get(Field::CreatedAt), &at("2026-10-31T04:00:00Z"));
        assert_eq!(read.tokens[2].tags.get("last_renewal_at").map(String::as_str), Some("2026-10-26T13:00:00Z"));
    }

    #[test]
    fn the_policies_of_the_identity_count() {
        let read = read(&TOKENS, ANSWERS);
        assert_eq!(scopes(&read), ["root", "default orders-rw developers", "ci default", "default read-only", "None"]);
    }

    #[test]
    fn the_owner_is_whoever_the_token_names() {
        let read = read(&TOKENS, ANSWERS);
        assert_eq!(
            words(&read, Field::Owner),
            ["-", "mara.lind", "Svc-CI@acme.example", "a3000000-0000-4000-8000-000000000002", "tom.field@acme.example"]
        );
        assert_eq!(words(&read, Field::Environment)[2], "production");
        let context = SourceContext { owner_keys: vec!["role_name".to_owned()], ..SourceContext::default() };
        assert_eq!(read_in(&TOKENS, ANSWERS, &context).tokens[3].text(Field::Owner), Some("batch"));
        let login = r#"{"accessor": "a", "policies": [], "ttl": 1, "meta": null, "path": "auth/userpass/login/tom", "display_name": "userpass-tom"}"#;
        assert_eq!(super::super::super::test_reader::read(&TOKENS, login).tokens[0].text(Field::Owner), Some("tom"));
    }

    #[test]
    fn the_value_of_a_token_that_looked_itself_up_is_not_kept() {
        let value = ["hvs", ".CAESI-not-a-real-value"].concat();
        let text = format!(r#"{{"data": {{"accessor": "a", "id": "{value}", "policies": ["default"], "ttl": 1}}}}"#);
        let read = read(&TOKENS, &text);
        assert!(!format!("{read:?}").contains(&value));
        assert!(TOKENS.secret_fields.contains(&"data.id"));
    }

    #[test]
    fn tokens_and_secrets_are_told_apart() {
        let sight = sight_of_json(ANSWERS);
        assert!((TOKENS.recognises)(&sight) && !(KV_METADATA.recognises)(&sight));
        let list = format!("[{}]", ANSWERS.trim().replace('\n', ","));
        assert_eq!(read(&TOKENS, &list).tokens.len(), 5);
        assert!(!(TOKENS.recognises)(&sight_of_json(r#"{"errors": ["permission denied"]}"#)));
    }
}
