//! Secret Manager: `gcloud secrets list`; each secret is the stored value of some token.
//!
//! A rotation schedule only reminds: it sends a message to a topic, and nothing tells whether the value changed. The age of the
//! value is in the versions, which are another list. The store always encrypts, with a key of Google's or the customer's.

use super::{PROVIDER, has_resource, page, pairs, part_of};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{ABSENT_IS_NONE, SILENT, Token, scalar};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::formats::owner_keys;
use crate::inventory::formats::storage::{self, Place};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The list as the command line prints it.
pub const SECRETS: Export = Export {
    id: "gcp-secretmanager-secrets",
    title: "Google Cloud Secret Manager secrets",
    how_to_export: "gcloud secrets list --format=json > secrets.json, per project (and --location=LOCATION for regional secrets)",
    signature: "JSON array with createTime, whose names are projects/…/secrets/…",
    recognises: |sight| is_secret_list(sight, ""),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::Environment,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::Storage,
    ]),
    // Answers of `versions access` hold the value.
    secret_fields: &["payload.data"],
    reading: Reading::Each { record: secret, page: |envelope, _| page(envelope) },
    ..Export::OF_SECRET_STORE
};

/// The answer of `projects.secrets.list`.
pub const SECRETS_REST: Export = Export {
    id: "gcp-secretmanager-secrets-rest",
    title: "Google Cloud Secret Manager secrets (REST)",
    how_to_export: "GET https://secretmanager.googleapis.com/v1/projects/PROJECT/secrets?pageSize=25000 > secrets.json",
    layout: Layout::Json(Records::Under("secrets")),
    signature: "JSON object with secrets whose names are projects/…/secrets/…",
    recognises: |sight| is_secret_list(sight, "secrets"),
    export: Some("gcp-secretmanager-secrets"),
    ..SECRETS
};

/// The list of versions has the same names with one part more.
fn is_secret_list(sight: &Sight, key: &str) -> bool {
    has_resource(sight, key, &["projects", "secrets"])
        && !has_resource(sight, key, &["secrets", "versions"])
        && sight.has_keys(key, &["createTime"])
}

fn secret(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "secret", sink) else { return };
    let name = token.scalar("name").unwrap_or_default();
    token.record.set_text(Field::TokenId, name.as_str());
    token.record.set_text(Field::Account, part_of(&name, "projects").unwrap_or_default());
    token.record.set_text(Field::Name, part_of(&name, "secrets").unwrap_or_default());
    token.date(Field::CreatedAt, "createTime", SILENT);
    // Secret Manager deletes the secret at that time; without one it stays.
    token.date(Field::ExpiresAt, "expireTime", ABSENT_IS_NONE);
    // Labels cannot hold an e-mail address, so an annotation says more.
    let annotations = pairs(token.get("annotations"));
    let organisations_own = annotations.chain(pairs(token.get("labels"))).collect();
    owner_keys::read(&mut token, organisations_own, context);
    let since = token.record.get(Field::CreatedAt).clone();
    let place = Place { kind: "secret-manager", location: name.clone(), since, encrypted_at_rest: "yes", readers: Vec::new() };
    storage::set(&mut token.record, place);
    if let Some(rotation) = token.get("rotation").and_then(Json::as_object) {
        for (tag, key) in [("next_rotation_reminder", "nextRotationTime"), ("rotation_period", "rotationPeriod")] {
            if let Some(value) = rotation.get(key).and_then(scalar) {
                token.record.tags.insert(tag.to_owned(), value);
            }
        }
    }
    let keys = customer_keys(&token);
    if !keys.is_empty() {
        token.record.tags.insert("kms_keys".to_owned(), keys);
    }
    if let Some(location) = part_of(&name, "locations") {
        token.record.tags.insert("location".to_owned(), location.to_owned());
    }
    sink.token(token.record);
}

/// Names of the customer's own keys: for all copies, for some of them, or of a regional secret.
fn customer_keys(token: &Token<'_>) -> String {
    let name = |holder: &Json| holder.pointer("/customerManagedEncryption/kmsKeyName").and_then(scalar);
    let replication = token.get("replication");
    let everywhere = replication.and_then(|replication| replication.get("automatic"));
    let replicas = replication.and_then(|replication| replication.pointer("/userManaged/replicas"));
    let mut names: BTreeSet<String> = everywhere.and_then(name).into_iter().collect();
    names.extend(replicas.and_then(Json::as_array).into_iter().flatten().filter_map(name));
    names.extend(token.get("customerManagedEncryption").and_then(|own| own.get("kmsKeyName")).and_then(scalar));
    names.into_iter().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::format::Format;
    use crate::inventory::formats::test_reader::{Read, at, read, sight_of_json};
    use crate::inventory::record::{State, Value};

    const LIST: &str = include_str!("../../../../tests/fixtures/formats/gcp-secretmanager-secrets.json");
    const ANSWER: &str = include_str!("../../../../tests/fixtures/formats/gcp-secretmanager-secrets-rest.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn a_secret_is_known_by_its_resource_name() {
        let read = read(&SECRETS, LIST);
        assert_eq!(words(&read, Field::TokenId)[0], "projects/420000000000/secrets/partner-key");
        assert_eq!(words(&read, Field::Name), ["partner-key", "db-password", "regional", "plain"]);
        assert_eq!(words(&read, Field::Account), ["420000000000"; 4]);
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2024-01-15T10:30:00Z"));
    }

    #[test]
    fn labels_and_annotations_name_the_owner() {
        let read = read(&SECRETS, LIST);
        assert_eq!(words(&read, Field::Owner), ["mara-lind", "tom.field@acme.example", "-", "-"]);
        assert_eq!(words(&read, Field::Environment), ["production", "-", "-", "-"]);
        assert_eq!(read.tokens[3].get(Field::Owner).state, State::Empty);
    }

    #[test]
    fn a_reminder_is_no_rotation() {
        let read = read(&SECRETS, LIST);
        assert_eq!(read.tokens[1].get(Field::LastRotatedAt).state, State::NotCollected);
        assert_eq!(read.tokens[1].tags["rotation_period"], "2592000s");
        assert_eq!(read.tokens[1].tags["next_rotation_reminder"], "2026-10-20T14:00:00Z");
    }

    #[test]
    fn without_an_end_there_is_none() {
        let read = read(&SECRETS, LIST);
        assert_eq!(read.tokens[1].get(Field::ExpiresAt), &at("2026-12-20T14:00:00Z"));
        assert_eq!(read.tokens[0].get(Field::ExpiresAt).state, State::None);
        assert_eq!(read.tokens[0].get(Field::State).state, State::NotCollected);
    }

    #[test]
    fn the_store_encrypts_with_whosever_key() {
        let read = read(&SECRETS, LIST);
        for token in &read.tokens {
            let Value::Items(entries) = &token.get(Field::Storage).value else { panic!("no storage") };
            let parts: Vec<_> = entries[0].parts.iter().map(|part| part.as_text().unwrap_or("-")).collect();
            assert_eq!([parts[0], parts[3], parts[4]], ["secret-manager", "yes", "-"]);
        }
        let keys: Vec<_> = read.tokens.iter().map(|token| token.tags.contains_key("kms_keys")).collect();
        assert_eq!(keys, [false, true, true, false]);
        assert_eq!(read.tokens[2].tags["location"], "europe-west3");
    }

    #[test]
    fn the_answer_of_the_api_says_the_same() {
        let read = read(&SECRETS_REST, ANSWER);
        assert_eq!(words(&read, Field::Name), ["batch-token"]);
        assert_eq!((read.paging[0].declared, read.paging[0].more), (Some(1), Some(false)));
    }

    #[test]
    fn a_list_of_versions_is_none_of_secrets() {
        let versions =
            r#"[{"name": "projects/1/secrets/a/versions/2", "createTime": "2026-01-01T00:00:00Z", "state": "ENABLED"}]"#;
        assert!(!SECRETS.recognises(&sight_of_json(versions)));
    }
}
