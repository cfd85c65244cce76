//! `vault kv metadata get`: when the versions of a stored secret were written, without their values.
//!
//! The answer does not name its path, so whoever collects it wraps it: `{"path": …, "response": …}`. A bare answer is kept as
//! a token without id, which is never joined and of which INV-003 is unknown.
//!
//! The value changed when the current version was written. A `deletion_time` of that version is its planned end, or, if it has
//! passed, its deletion; Vault keeps the value behind it until it is destroyed.

use super::{PROVIDER, data, is_error};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token, object, scalar, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::owner_keys;
use crate::inventory::formats::storage::{self, Place};
use crate::inventory::record::{Cell, State, Value};
use crate::inventory::time;
use serde_json::{Map, Value as Json};

/// Metadata of KV secrets, version 2.
pub const KV_METADATA: Export = Export {
    id: "vault-kv2-metadata",
    title: "HashiCorp Vault KV secrets (metadata, version 2)",
    how_to_export: "for P in PATHS; do vault kv metadata get -format=json $P | jq -c --arg p $P '{path: $p, response: .}'; done > metadata.ndjson",
    layout: Layout::Json(Records::Documents),
    signature: "JSON documents with data.versions and data.current_version, alone or under response beside their path",
    recognises,
    // An end is set only where a version has one: that Vault keeps a copy without end says nothing about the stored token.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::Environment,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::LastRotatedAt,
        Field::CredentialVersion,
        Field::Storage,
        Field::ChangedAt,
    ]),
    // The metadata holds no value; `vault kv get` does, and people mix the answers.
    secret_fields: &["response.data.data.*", "data.data.*"],
    reading: Reading::Each { record: secret, page: no_pages },
    ..Export::OF_SECRET_STORE
};

fn recognises(sight: &Sight) -> bool {
    sight.elements_under("").filter_map(Json::as_object).any(|document| {
        let metadata = data(answer(document));
        metadata.contains_key("versions") && metadata.contains_key("current_version")
    })
}

/// The answer inside the wrapper that names its path.
fn answer(document: &Map<String, Json>) -> &Map<String, Json> {
    document.get("response").and_then(Json::as_object).unwrap_or(document)
}

fn secret(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some((line, document)) = object(row, sink) else { return };
    let answer = answer(document);
    if is_error(answer) {
        return sink.reject(line, "Vault answered with an error, not with metadata".to_owned());
    }
    let metadata = data(answer);
    if !metadata.contains_key("versions") && !metadata.contains_key("current_version") {
        return sink.reject(line, "the document is no metadata of a KV secret: it has no versions".to_owned());
    }
    if metadata.get("versions").and_then(Json::as_object).is_some_and(Map::is_empty) {
        return sink.skip(line, "metadata of a path at which no value was ever written");
    }
    let mut token = Token::of(line, metadata, PROVIDER, "kv-secret");
    let path = document.get("path").and_then(scalar).unwrap_or_default();
    let path = path.trim();
    if path.is_empty() {
        sink.problem(
            "some answers do not name their path: wrap each as {\"path\": …, \"response\": …}, so that its secret has an id"
                .to_owned(),
        );
    }
    token.record.set_text(Field::TokenId, path);
    token.record.set_text(Field::Name, path);
    token.date(Field::CreatedAt, "created_time", SILENT);
    token.date(Field::ChangedAt, "updated_time", SILENT);
    current_version(&mut token, context);
    let pairs = token.get("custom_metadata").and_then(Json::as_object).into_iter().flatten();
    let pairs = pairs.filter_map(|(key, value)| Some((key.clone(), scalar(value)?))).collect();
    owner_keys::read(&mut token, pairs, context);
    let place = Place {
        kind: "secret-manager",
        location: path.to_owned(),
        since: token.record.get(Field::CreatedAt).clone(),
        // Vault encrypts all that it stores behind its barrier, whatever its configuration.
        encrypted_at_rest: "yes",
        readers: Vec::new(),
    };
    storage::set(&mut token.record, place);
    for (tag, key) in
        [("delete_version_after", "delete_version_after"), ("max_versions", "max_versions"), ("cas_required", "cas_required")]
    {
        token.tag(tag, key);
    }
    sink.token(token.record);
}

/// The version in force tells when the value changed and whether it is still there.
fn current_version(token: &mut Token<'_>, context: &SourceContext) {
    let number = token.scalar("current_version").unwrap_or_default();
    let Some(version) = token.get("versions").and_then(|versions| versions.get(&number)).and_then(Json::as_object) else {
        return token.state(None, "");
    };
    token.record.set_text(Field::CredentialVersion, number);
    let version = Token::of(token.record.line, version, PROVIDER, "");
    let written = version.date_of("created_time");
    token.record.set(Field::LastRotatedAt, written.map_or(Cell::of(State::Empty), |date| Cell::value(Value::Date(date))));
    let destroyed = version.get("destroyed").and_then(truth) == Some(true);
    // `""` says that it is not deleted, and that nothing is planned.
    let end = version.date_of("deletion_time");
    let is_over = end.is_some_and(|end| end.seconds <= context.as_of);
    token.state(Some(if destroyed || is_over { "deleted" } else { "enabled" }), "");
    match end {
        Some(end) if is_over => drop(token.record.tags.insert("deleted_at".to_owned(), time::written(end))),
        Some(end) => token.record.set(Field::ExpiresAt, Cell::value(Value::Date(end))),
        None => {}
    }
    if destroyed {
        token.record.tags.insert("destroyed".to_owned(), "true".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read, sight_of_json};
    use crate::inventory::formats::vault::TOKENS;

    const METADATA: &str = include_str!("../../../../tests/fixtures/formats/vault-kv2-metadata.ndjson");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn the_wrapper_names_the_path_whatever_is_in_it() {
        let read = read(&KV_METADATA, METADATA);
        let paths = ["orders/partner-key", "legacy/partner", "tmp/leased", "tmp/planned", "orders/burnt", "-"];
        assert_eq!(words(&read, Field::TokenId), paths);
        assert_eq!(words(&read, Field::Name), paths);
        assert_eq!(read.problems.len(), 1);
        assert_eq!(read.skips, [(6, "metadata of a path at which no value was ever written")]);
        assert_eq!(read.rejects, [(8, "Vault answered with an error, not with metadata".to_owned())]);
    }

    #[test]
    fn the_current_version_tells_the_rotation() {
        let read = read(&KV_METADATA, METADATA);
        let secret = &read.tokens[0];
        // Version 10 and not 9, which sorts last as text.
        assert_eq!(secret.get(Field::LastRotatedAt), &at("2026-09-22T02:36:43Z"));
        assert_eq!(secret.get(Field::CreatedAt), &at("2025-03-22T02:24:06Z"));
        assert_eq!(secret.get(Field::ChangedAt), &at("2026-09-30T02:36:43Z"));
        assert_eq!(words(&read, Field::CredentialVersion), ["10", "1", "1", "2", "1", "1"]);
    }

    #[test]
    fn an_end_is_planned_or_past_or_not_there() {
        let read = read(&KV_METADATA, METADATA);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "deleted", "enabled", "deleted", "enabled"]);
        assert_eq!(read.tokens[3].get(Field::ExpiresAt), &at("2026-11-29T08:00:00Z"));
        let none = [0, 1, 2, 4].map(|index: usize| read.tokens[index].get(Field::ExpiresAt).state);
        assert_eq!(none, [State::NotCollected; 4]);
        assert_eq!(read.tokens[2].tags.get("deleted_at").map(String::as_str), Some("2026-10-30T11:25:19Z"));
    }

    #[test]
    fn custom_metadata_names_owner_and_environment() {
        let read = read(&KV_METADATA, METADATA);
        assert_eq!(words(&read, Field::Owner), ["mara.lind@acme.example", "-", "-", "-", "-", "orders"]);
        assert_eq!(words(&read, Field::Environment)[0], "production");
        assert_eq!(read.tokens[0].tags.get("rotate_every").map(String::as_str), Some("90d"));
    }

    #[test]
    fn a_secret_is_kept_in_a_store_that_encrypts() {
        let read = read(&KV_METADATA, METADATA);
        let Value::Items(entries) = &read.tokens[0].get(Field::Storage).value else { panic!("no storage") };
        let parts: Vec<_> = entries[0].parts.iter().map(|part| part.as_text().unwrap_or("-")).collect();
        assert_eq!(parts, ["secret-manager", "orders/partner-key", "-", "yes", "-"]);
    }

    #[test]
    fn values_are_no_metadata() {
        let value = r#"{"request_id": "x", "data": {"data": {"password": "hidden"}, "metadata": {"version": 1}}}"#;
        assert!(!(KV_METADATA.recognises)(&sight_of_json(value)));
        let mixed = read(&KV_METADATA, &format!("{METADATA}{value}\n"));
        assert_eq!(mixed.rejects.len(), 2);
        assert!(!format!("{mixed:?}").contains("hidden"));
        assert!(!(TOKENS.recognises)(&sight_of_json(METADATA)));
    }
}
