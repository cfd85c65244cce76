//! DigitalOcean: access keys of Spaces. The service has no list of its API tokens.
//!
//! A scope is `bucket:permission`; a grant without a bucket is for every bucket, written `*:permission`.

use super::element::{SILENT, Token, granted};
use super::export::{Export, Reading};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Paging, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::record::{Cell, Scope, State};
use serde_json::{Map, Value as Json};

/// `GET /v2/spaces/keys`.
pub const SPACES_KEYS: Export = Export {
    id: "digitalocean-spaces-keys",
    title: "DigitalOcean Spaces access keys",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" 'https://api.digitalocean.com/v2/spaces/keys?per_page=200' > keys.json",
    layout: Layout::Json(Records::Under("keys")),
    signature: "JSON object with keys, whose entries have access_key and grants",
    recognises: |sight| sight.has_keys("keys", &["access_key", "grants"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::CreatedAt,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    secret_fields: &["secret_key"],
    reading: Reading::Each { record: key, page },
    ..Export::OF_PROVIDER
};

/// What the command line prints: the keys alone.
pub const SPACES_KEYS_LIST: Export = Export {
    id: "digitalocean-spaces-keys-list",
    title: "DigitalOcean Spaces access keys (command line)",
    how_to_export: "doctl spaces keys list --output json > keys.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with access_key and grants, or with an object key that has them",
    recognises: |sight| sight.has_keys("", &["access_key", "grants"]) || is_single(sight),
    secret_fields: &["secret_key", "key.secret_key"],
    export: Some(SPACES_KEYS.id),
    ..SPACES_KEYS
};

/// `GET /v2/spaces/keys/{id}` answers with the key itself under `key`, as does the call that creates one.
fn is_single(sight: &Sight) -> bool {
    let keys = sight.elements_under("").filter_map(|answer| answer.get("key"));
    keys.into_iter().any(|key| key.get("access_key").is_some() && key.get("grants").is_some())
}

fn key(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "digitalocean", "spaces-key", sink) else { return };
    token.enter("key");
    // As with AWS, this half of the pair is an identifier; the other half is never listed.
    token.text(Field::TokenId, "access_key");
    token.name("name");
    token.date(Field::CreatedAt, "created_at", SILENT);
    token.record.set_text(Field::ScopeModel, "scoped");
    let grants = match token.get("grants") {
        Some(Json::Array(grants)) => granted(grants.iter().filter_map(scope).collect()),
        _ => Cell::of(State::Empty),
    };
    token.record.set(Field::ScopesGranted, grants);
    sink.token(token.record);
}

/// A grant without a permission grants nothing.
fn scope(grant: &Json) -> Option<Scope> {
    let text = |key: &str| grant.get(key).and_then(Json::as_str).map(str::trim).unwrap_or_default();
    let (bucket, permission) = (text("bucket"), text("permission").to_ascii_lowercase());
    let bucket = if bucket.is_empty() { "*" } else { bucket };
    (!permission.is_empty()).then(|| Scope { name: format!("{bucket}:{permission}"), class: None })
}

fn page(envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
    let more = if envelope.contains_key("links") { paging::cursor(envelope, "links.pages.next").more } else { None };
    Paging { declared: paging::total(envelope, "meta.total").declared, more }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{assert_lists_alike, at, read};
    use crate::inventory::record::{Record, Value};
    use crate::inventory::registry::Registry;

    const KEYS: &str = include_str!("../../../tests/fixtures/formats/digitalocean-spaces-keys.json");

    fn scopes(record: &Record) -> Vec<String> {
        let mut record = record.clone();
        Registry::built_in().classify(&mut record);
        match &record.get(Field::ScopesGranted).value {
            Value::Scopes(scopes) => {
                scopes.iter().map(|scope| format!("{} {}", scope.name, scope.class.map_or("-", |class| class.word()))).collect()
            }
            _ => vec![record.get(Field::ScopesGranted).state.word().to_owned()],
        }
    }

    #[test]
    fn a_grant_without_a_bucket_is_for_every_bucket() {
        let read = read(&SPACES_KEYS, KEYS);
        let scopes: Vec<_> = read.tokens.iter().map(scopes).collect();
        assert_eq!(
            scopes,
            [
                vec!["orders:read read"],
                vec!["*:fullaccess admin"],
                vec!["orders:readwrite write", "exports:read read"],
                vec!["none"],
                vec!["*:read high"],
                vec!["empty"],
            ]
        );
    }

    #[test]
    fn the_rest_is_name_and_creation() {
        let read = read(&SPACES_KEYS, KEYS);
        assert_eq!(read.tokens[0].text(Field::TokenId), Some("DO-ACCESS-KEY-ACME1"));
        assert_eq!(read.tokens[0].text(Field::Name), Some("read orders"));
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2026-07-19T15:04:16Z"));
        for field in [Field::ExpiresAt, Field::LastUsedAt, Field::Owner, Field::State] {
            assert_eq!(read.tokens[0].get(field).state, State::NotCollected);
        }
    }

    #[test]
    fn pages_are_told_and_lists_are_read() {
        let last = read(&SPACES_KEYS, KEYS).paging[0];
        assert_eq!((last.declared, last.more), (Some(6), Some(false)));
        let next =
            KEYS.replace("\"links\": {}", "\"links\": {\"pages\": {\"next\": \"https://api.example/v2/spaces/keys?page=2\"}}");
        assert_eq!(read(&SPACES_KEYS, &next).paging[0].more, Some(true));
        assert_lists_alike(&SPACES_KEYS, &SPACES_KEYS_LIST, KEYS);
    }
}
