//! Kubernetes: the secrets of a cluster, without what is in them.
//!
//! Every secret is a token, whatever its type: of a service account, for joining nodes, a certificate, a login to a registry, or
//! anything else that somebody keeps. Releases of Helm are the state of a chart and are left out, as are other kinds of object.
//!
//! Whether the cluster encrypts its secrets, who can read them and what they may do is configured elsewhere, so the storage is
//! of a kind that the policy has to judge, and its encryption is not stated. Values, and copies of them in annotations that
//! tools keep, are secret fields.

use super::element::{SILENT, Token, object, scalar, truth};
use super::export::{Export, Reading};
use super::owner_keys;
use super::paging;
use super::storage::{self, Place};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::record::{Cell, Value};
use crate::inventory::time;
use serde_json::{Map, Value as Json};

/// Annotations in which tools keep a copy of the whole object, its values included.
const COPIES: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    "kapp.k14s.io/original",
    "objectset.rio.cattle.io/applied",
    "banzaicloud.com/last-applied",
    "kopf.zalando.org/last-handled-configuration",
];
/// Letters of an annotation that may be a tag; longer ones are data of some tool.
const LONGEST_ANNOTATION: usize = 200;

const LAST_USED: &str = "kubernetes.io/legacy-token-last-used";
const INVALID_SINCE: &str = "kubernetes.io/legacy-token-invalid-since";
const SERVICE_ACCOUNT: &str = "kubernetes.io/service-account.name";

/// `kubectl get secrets`, and the answer of the API.
pub const SECRETS: Export = Export {
    id: "kubernetes-secrets",
    title: "Kubernetes secrets",
    how_to_export: "kubectl get secrets -A -o json | jq 'del(.items[].data, .items[].stringData) | del(.items[].metadata.annotations[\"kubectl.kubernetes.io/last-applied-configuration\"])' > secrets.json",
    layout: Layout::Json(Records::Under("items")),
    signature: "JSON object of kind SecretList, or of kind List with items of kind Secret",
    recognises: is_secret_list,
    // The last use is a label that only newer clusters set, the last change is shown only on request: each record tells.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::Environment,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::Storage,
    ]),
    secret_fields: &[
        "data.*",
        "stringData.*",
        "metadata.annotations.\"kubectl.kubernetes.io/last-applied-configuration\"",
        "metadata.annotations.\"kapp.k14s.io/original\"",
        "metadata.annotations.\"objectset.rio.cattle.io/applied\"",
        "metadata.annotations.\"banzaicloud.com/last-applied\"",
        "metadata.annotations.\"kopf.zalando.org/last-handled-configuration\"",
    ],
    reading: Reading::Each { record: secret, page: |envelope, _| paging::cursor(envelope, "metadata.continue") },
    ..Export::OF_SECRET_STORE
};

/// The same secrets in a bare list, or one after the other.
pub const SECRETS_LIST: Export = Export {
    id: "kubernetes-secrets-list",
    title: "Kubernetes secrets, a bare list or single objects",
    how_to_export: "kubectl get secret NAME -n NAMESPACE -o json > secret.json, without data and stringData",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single objects of kind Secret",
    recognises: |sight| sight.elements_under("").any(|object| is_secret(object) || is_listed_secret(object)),
    export: Some(SECRETS.id),
    ..SECRETS
};

fn is_secret_list(sight: &Sight) -> bool {
    let Sight::Json { envelope, .. } = sight else { return false };
    match envelope.get("kind").and_then(Json::as_str) {
        Some("SecretList") => true,
        Some("List") => sight.elements_under("items").any(is_secret),
        _ => false,
    }
}

fn is_secret(object: &Json) -> bool {
    object.get("kind").and_then(Json::as_str) == Some("Secret") && object.get("metadata").is_some_and(Json::is_object)
}

/// The items of a `SecretList` do not say what they are.
fn is_listed_secret(object: &Json) -> bool {
    let metadata = |key: &str| object.get("metadata").and_then(|metadata| metadata.get(key)).is_some();
    object.get("kind").is_none()
        && object.get("type").is_some_and(Json::is_string)
        && metadata("name")
        && metadata("creationTimestamp")
}

fn secret(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some((line, object)) = object(row, sink) else { return };
    if object.get("kind").and_then(Json::as_str).is_some_and(|kind| kind != "Secret") {
        return sink.skip(line, "another kind of Kubernetes object than a secret");
    }
    let secret_type = object.get("type").and_then(Json::as_str).unwrap_or("Opaque");
    let Some(kind) = kind(secret_type) else {
        return sink.skip(line, "a release of Helm: the state of a chart, no credential");
    };
    let Some(metadata) = object.get("metadata").and_then(Json::as_object) else {
        return sink.reject(line, "the secret has no metadata".to_owned());
    };
    let mut token = Token::of(line, metadata, "kubernetes", kind);
    let text = |key: &str| metadata.get(key).and_then(scalar).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let place = if namespace.is_empty() { name.clone() } else { format!("{namespace}/{name}") };
    let id = text("uid");
    // Without its uid a secret is known by its place, which another one can take after it.
    token.record.set_text(Field::TokenId, if id.is_empty() { &place } else { &id });
    token.text(Field::Name, "name");
    token.date(Field::CreatedAt, "creationTimestamp", SILENT);
    if object.get("immutable").and_then(truth) == Some(true) {
        let created = token.record.get(Field::CreatedAt).clone();
        token.record.set(Field::LastRotatedAt, created);
        token.record.tags.insert("immutable".to_owned(), "true".to_owned());
    }
    last_write(&mut token);
    owner_keys::read(&mut token, pairs(metadata), context);
    service_account(&mut token, metadata);
    for (tag, value) in [("namespace", namespace.as_str()), ("secret_type", secret_type)] {
        if !value.is_empty() {
            token.record.tags.insert(tag.to_owned(), value.to_owned());
        }
    }
    controller(&mut token);
    let since = token.record.get(Field::CreatedAt).clone();
    storage::set(
        &mut token.record,
        Place { kind: "kubernetes-secret", location: place, since, encrypted_at_rest: "", readers: Vec::new() },
    );
    sink.token(token.record);
}

fn kind(secret_type: &str) -> Option<&'static str> {
    Some(match secret_type {
        "kubernetes.io/service-account-token" => "service-account-token",
        "bootstrap.kubernetes.io/token" => "bootstrap-token",
        "kubernetes.io/tls" => "tls-certificate",
        "kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg" => "registry-credential",
        other if other.starts_with("helm.sh/release") => return None,
        _ => "secret",
    })
}

/// Labels and short annotations, as the organisation's own words.
fn pairs(metadata: &Map<String, Json>) -> Vec<(String, String)> {
    let map = |key: &str| metadata.get(key).and_then(Json::as_object).into_iter().flatten();
    let is_short = |(key, value): &(&String, &Json)| {
        !COPIES.contains(&key.as_str()) && scalar(value).is_some_and(|text| text.len() <= LONGEST_ANNOTATION)
    };
    let pairs = map("annotations").filter(is_short).chain(map("labels"));
    pairs.filter_map(|(key, value)| Some((key.clone(), scalar(value)?))).collect()
}

/// Labels that the cluster keeps on tokens of service accounts: the day of the last use, and the day from which it no longer
/// accepts the token because nobody used it.
fn service_account(token: &mut Token<'_>, metadata: &Map<String, Json>) {
    let of = |map: &str, key: &str| metadata.get(map).and_then(|map| map.get(key));
    let labels = metadata.get("labels").and_then(Json::as_object);
    if let Some(labels) = labels.filter(|labels| labels.contains_key(LAST_USED)) {
        let line = token.record.line;
        let mut label = Token::of(line, labels, "", "");
        label.date(Field::LastUsedAt, LAST_USED, SILENT);
        token.record.set(Field::LastUsedAt, label.record.get(Field::LastUsedAt).clone());
        token.record.problems.append(&mut label.record.problems);
    }
    let invalid = of("labels", INVALID_SINCE).is_some_and(|since| !since.is_null());
    token.state(Some(if invalid { "disabled" } else { "enabled" }), "");
    if let Some(account) = of("annotations", SERVICE_ACCOUNT).and_then(scalar) {
        token.record.tags.insert("service_account".to_owned(), account);
    }
}

/// The last write of any kind, where the export shows who wrote what.
fn last_write(token: &mut Token<'_>) {
    let writes = token.get("managedFields").and_then(Json::as_array).into_iter().flatten();
    let dates = writes.filter_map(|write| time::from_json(write.get("time")?).date());
    if let Some(last) = dates.max_by_key(|date| date.seconds) {
        token.record.set(Field::ChangedAt, Cell::value(Value::Date(last)));
    }
    if token.get("deletionTimestamp").is_some_and(|date| !date.is_null()) {
        token.date_tag("deletion_requested_at", "deletionTimestamp");
    }
}

/// The object that made the secret and keeps it, such as an operator's.
fn controller(token: &mut Token<'_>) {
    let owners = token.get("ownerReferences").and_then(Json::as_array).into_iter().flatten();
    let name = |owner: &Json| Some(format!("{}/{}", owner.get("kind")?.as_str()?, owner.get("name")?.as_str()?));
    let names: Vec<String> = owners.filter_map(name).collect();
    if !names.is_empty() {
        token.record.tags.insert("controlled_by".to_owned(), names.join(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::detect::{Detected, detect};
    use crate::inventory::format::Paging;
    use crate::inventory::formats::FORMATS;
    use crate::inventory::formats::test_reader::{Read, at, on, read, sight_of_json};
    use crate::inventory::input::Input;
    use crate::inventory::read::{self as reader, Collected, Source};
    use crate::inventory::record::State;
    use crate::inventory::registry::Registry;
    use serde_json::json;

    const LIST: &str = include_str!("../../../tests/fixtures/formats/kubernetes-secrets.json");
    const BARE: &str = include_str!("../../../tests/fixtures/formats/kubernetes-secrets-list.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn every_secret_is_a_token_and_nothing_is_lost_in_silence() {
        let read = read(&SECRETS, LIST);
        assert_eq!(
            words(&read, Field::TokenKind),
            [
                "service-account-token",
                "service-account-token",
                "tls-certificate",
                "secret",
                "registry-credential",
                "bootstrap-token",
                "secret"
            ]
        );
        let skips: Vec<_> = read.skips.iter().map(|(_, reason)| *reason).collect();
        assert_eq!(
            skips,
            ["another kind of Kubernetes object than a secret", "a release of Helm: the state of a chart, no credential"]
        );
        assert_eq!(read.tokens[0].text(Field::TokenId), Some("e1000000-0000-4000-8000-000000000001"));
        assert_eq!(read.tokens[6].text(Field::TokenId), Some("ops/empty"));
        assert_eq!(read.tokens[0].text(Field::Name), Some("ci-token"));
    }

    #[test]
    fn labels_of_legacy_tokens_tell_their_use_and_their_end() {
        let read = read(&SECRETS, LIST);
        assert_eq!(words(&read, Field::State)[..3], ["enabled", "disabled", "enabled"]);
        assert_eq!(read.tokens[0].get(Field::LastUsedAt), &on("2026-10-17"));
        assert_eq!(read.tokens[2].get(Field::LastUsedAt).state, State::NotCollected);
        assert_eq!(read.tokens[0].tags.get("service_account").map(String::as_str), Some("ci-runner"));
    }

    #[test]
    fn dates_of_writes_are_told_where_they_are_shown() {
        let read = read(&SECRETS, LIST);
        assert_eq!(read.tokens[2].get(Field::ChangedAt), &at("2026-10-20T10:00:00Z"));
        assert_eq!(read.tokens[2].tags.get("controlled_by").map(String::as_str), Some("Certificate/www-acme-example"));
        // What cannot be changed was last changed when it was made.
        assert_eq!(read.tokens[3].get(Field::LastRotatedAt), &at("2022-02-02T02:02:02Z"));
        assert_eq!(read.tokens[4].get(Field::LastRotatedAt).state, State::NotCollected);
        assert_eq!(read.tokens[4].get(Field::ExpiresAt).state, State::NotCollected);
    }

    #[test]
    fn owner_and_environment_are_the_organisations_own_words() {
        let read = read(&SECRETS, LIST);
        assert_eq!(words(&read, Field::Owner)[3], "mara.lind@acme.example");
        assert_eq!(words(&read, Field::Environment)[3], "production");
        assert_eq!(read.tokens[3].tags.get("app.kubernetes.io/managed-by").map(String::as_str), Some("Helm"));
        assert_eq!(words(&read, Field::Owner)[0], "-");
    }

    #[test]
    fn nothing_is_said_of_encryption() {
        let read = read(&SECRETS, LIST);
        let Value::Items(entries) = &read.tokens[0].get(Field::Storage).value else { panic!("no storage") };
        let parts: Vec<_> = entries[0].parts.iter().map(|part| part.as_text().unwrap_or("-")).collect();
        assert_eq!(parts, ["kubernetes-secret", "orders/ci-token", "-", "-", "-"]);
    }

    #[test]
    fn no_value_comes_through_the_record() {
        let value = ["correct horse ", "battery"].concat();
        let copies: Map<String, Json> =
            COPIES.iter().map(|copy| ((*copy).to_owned(), json!(json!({"data": value}).to_string()))).collect();
        let mut secret = json!({
            "kind": "Secret",
            "metadata": {"name": "n", "uid": "u", "annotations": copies, "labels": {"app": "orders"}},
            "data": {"token": value, "a.b": value},
            "stringData": {"token": value}
        });
        secret["metadata"]["annotations"]["tool.example/state"] = json!(format!("{value}{}", "x".repeat(LONGEST_ANNOTATION)));
        let text = json!({"kind": "List", "items": [secret]}).to_string();
        // By the adapter alone, and behind the guard.
        assert!(!format!("{:?}", read(&SECRETS, &text)).contains(&value));
        let input = Input::memory("secrets.json", text);
        let detected: Detected<'_> = detect(&input, FORMATS, None).unwrap();
        let context = SourceContext::default();
        let source =
            Source { input: &input, detected: &detected, context: &context, exported_at: None, registry: Registry::built_in() };
        let mut sink = Collected::default();
        let facts = reader::read(&source, &mut sink).unwrap();
        assert!(!format!("{facts:?}{sink:?}").contains(&value));
        assert_eq!(facts.problems.len(), SECRETS.secret_fields.len(), "{:?}", facts.problems);
    }

    #[test]
    fn lists_come_in_several_kinds() {
        for text in [
            r#"{"kind": "SecretList", "metadata": {"continue": "next"}, "items": []}"#,
            r#"{"kind": "SecretList", "metadata": {"continue": "next"}, "items": [{"metadata": {"name": "a", "uid": "1"}}]}"#,
            r#"{"kind": "List", "metadata": {"continue": "next"}, "items": []} {"kind": "List", "items": [{"kind": "Secret", "metadata": {"uid": "1"}}]}"#,
        ] {
            assert_eq!(read(&SECRETS, text).paging[0], Paging { declared: None, more: Some(true) }, "{text}");
        }
        assert_eq!(read(&SECRETS, LIST).paging, [Paging { declared: None, more: Some(false) }]);
        let single = read(&SECRETS_LIST, r#"{"kind": "Secret", "metadata": {"name": "a", "uid": "1"}}"#);
        assert_eq!(words(&single, Field::TokenId), ["1"]);
        assert_eq!(words(&read(&SECRETS_LIST, BARE), Field::TokenKind), ["registry-credential", "bootstrap-token"]);
        for other in [
            r#"{"kind": "List", "items": [{"kind": "ConfigMap", "metadata": {}}]}"#,
            r#"{"kind": "Status", "status": "Failure", "message": "forbidden"}"#,
        ] {
            let sight = sight_of_json(other);
            assert!(!(SECRETS.recognises)(&sight) && !(SECRETS_LIST.recognises)(&sight), "{other}");
        }
        assert!(!(SECRETS_LIST.recognises)(&sight_of_json(LIST)));
    }
}
