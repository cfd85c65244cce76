//! `aws secretsmanager list-secrets`: a secret store; each secret is the stored value of some token.
//!
//! Version 1 of the command line prints epoch seconds with a fraction, version 2 ISO 8601 with the offset of the machine that
//! ran it; both are read.

use super::{PROVIDER, account_of};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{ABSENT_IS_NONE, SILENT, Token, scalar};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::storage::{self, Place};
use crate::inventory::formats::{owner_keys, paging};
use crate::inventory::record::{Cell, Date, Precision, Value};
use crate::inventory::time::DAY;
use serde_json::Value as Json;

/// The list as the command line prints it, per Region and account.
pub const SECRETS: Export = Export {
    id: "aws-secretsmanager-list-secrets",
    title: "AWS Secrets Manager (list-secrets)",
    how_to_export: "for each Region: aws secretsmanager list-secrets --include-planned-deletion > secrets.json",
    layout: Layout::Json(Records::Under("SecretList")),
    signature: "JSON object with SecretList",
    // The raw list of Kubernetes has `SecretList` as a value, not as a key.
    recognises: |sight| sight.envelope_has("SecretList"),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::Environment,
        Field::State,
        Field::Purpose,
        Field::Owner,
        Field::CreatedAt,
        Field::LastRotatedAt,
        Field::LastUsedAt,
        Field::CredentialVersion,
        Field::Storage,
        Field::ChangedAt,
    ]),
    reading: Reading::Each { record: secret, page: |envelope, _| paging::cursor(envelope, "NextToken") },
    secret_fields: &["SecretString", "SecretBinary"],
    ..Export::OF_SECRET_STORE
};

/// The entries without the object around them, and answers of `describe-secret`.
pub const SECRETS_LIST: Export = Export {
    id: "aws-secretsmanager-secrets",
    title: "AWS Secrets Manager (bare entries, describe-secret)",
    how_to_export: "for each secret: aws secretsmanager describe-secret --secret-id NAME >> secrets.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON objects with an ARN of Secrets Manager, without VersionStages",
    recognises: |sight| lists_secrets(sight, "") && !sight.has_keys("", &["VersionStages"]),
    export: Some(SECRETS.id),
    reading: Reading::Each { record: secret, page: no_pages },
    ..SECRETS
};

/// True if some element under a key is about a secret of Secrets Manager.
pub(super) fn lists_secrets(sight: &Sight, key: &str) -> bool {
    let arn = |element: &Json| element.get("ARN").and_then(Json::as_str).map(str::to_owned);
    sight
        .elements_under(key)
        .filter_map(arn)
        .any(|arn| arn.starts_with("arn:") && arn.split(':').nth(2) == Some("secretsmanager"))
}

/// Starts a secret with what every answer about it says.
pub(super) fn start<'a>(row: Row<'a>, sink: &mut dyn Sink) -> Option<Token<'a>> {
    let mut token = Token::start(row, PROVIDER, "secret", sink)?;
    token.text(Field::TokenId, "ARN");
    token.text(Field::Name, "Name");
    let arn = token.scalar("ARN").unwrap_or_default();
    token.record.set_text(Field::Account, account_of(&arn).unwrap_or_default());
    Some(token)
}

fn secret(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = start(row, sink) else { return };
    token.text(Field::Purpose, "Description");
    token.date(Field::CreatedAt, "CreatedDate", SILENT);
    keep(&mut token);
    // A value changed by hand moves `LastChangedDate` only, so a missing date of rotation is not "never".
    token.date(Field::LastRotatedAt, "LastRotatedDate", SILENT);
    token.date(Field::ChangedAt, "LastChangedDate", SILENT);
    last_access(&mut token);
    let deleted = token.get("DeletedDate").is_some_and(|date| !date.is_null());
    // A secret that waits for deletion cannot be read, and can still be restored.
    token.state(Some(if deleted { "disabled" } else { "enabled" }), "");
    let version = current_version(token.get("SecretVersionsToStages").or_else(|| token.get("VersionIdsToStages")));
    token.record.set_text(Field::CredentialVersion, version.unwrap_or_default());
    let tags = tags(&token);
    owner_keys::read(&mut token, tags, context);
    token.date_tag("deleted_at", "DeletedDate");
    token.date_tag("next_rotation_at", "NextRotationDate");
    for (tag, key) in [
        ("kms_key", "KmsKeyId"),
        ("owning_service", "OwningService"),
        ("rotation_enabled", "RotationEnabled"),
        ("primary_region", "PrimaryRegion"),
    ] {
        token.tag(tag, key);
    }
    sink.token(token.record);
}

/// The organisation's own tags.
fn tags(token: &Token<'_>) -> Vec<(String, String)> {
    let tags = token.get("Tags").and_then(Json::as_array).into_iter().flatten();
    tags.filter_map(|tag| Some((scalar(tag.get("Key")?)?, scalar(tag.get("Value")?)?))).collect()
}

/// AWS cuts the time of access to a day in UTC. A missing date is "not read in this Region".
fn last_access(token: &mut Token<'_>) {
    token.date(Field::LastUsedAt, "LastAccessedDate", ABSENT_IS_NONE);
    if let Some(date) = token.record.get(Field::LastUsedAt).as_date() {
        let day = Date { seconds: date.seconds.div_euclid(DAY) * DAY, precision: Precision::Date, assumed_utc: date.assumed_utc };
        token.record.set(Field::LastUsedAt, Cell::value(Value::Date(day)));
    }
}

/// Secrets Manager always encrypts: without `KmsKeyId`, with the key that AWS manages.
pub(super) fn keep(token: &mut Token<'_>) {
    let location = token.scalar("ARN").unwrap_or_default();
    // The secret has been in the store since it was created.
    let since = token.record.get(Field::CreatedAt).clone();
    let place = Place { kind: "secret-manager", location, since, encrypted_at_rest: "yes", ..Place::default() };
    storage::set(&mut token.record, place);
}

/// The id of the version that is in force.
fn current_version(versions: Option<&Json>) -> Option<String> {
    let is_current = |stages: &Json| stages.as_array().is_some_and(|stages| stages.iter().any(|stage| stage == "AWSCURRENT"));
    versions?.as_object()?.iter().find(|(_, stages)| is_current(stages)).map(|(id, _)| id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::format::Paging;
    use crate::inventory::formats::test_reader::{at, on, read, read_in};
    use crate::inventory::record::{Record, State};

    const LIST: &str = include_str!("../../../../tests/fixtures/formats/aws-secretsmanager-list-secrets.json");

    fn words<'a>(record: &'a Record, fields: &[Field]) -> Vec<&'a str> {
        fields.iter().map(|field| record.text(*field).unwrap_or("-")).collect()
    }

    #[test]
    fn both_versions_of_the_command_line_say_the_same() {
        let read = read(&SECRETS, LIST);
        assert_eq!(read.tokens.len(), 5);
        let (ours, theirs) = (&read.tokens[0], &read.tokens[1]);
        for secret in [ours, theirs] {
            assert_eq!(secret.get(Field::CreatedAt), &at("2024-03-01T10:00:00Z"));
            assert_eq!(secret.get(Field::LastRotatedAt), &at("2026-08-28T06:00:00Z"));
            assert_eq!(secret.get(Field::ChangedAt), &at("2026-08-28T06:00:00Z"));
            // 17:00 the day before, in the offset of the machine: the same UTC date.
            assert_eq!(secret.get(Field::LastUsedAt), &on("2026-10-31"));
        }
        assert_eq!(read.paging, [Paging { declared: None, more: Some(false) }]);
    }

    #[test]
    fn a_secret_is_kept_in_a_store_that_encrypts() {
        let read = read(&SECRETS, LIST);
        let id = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/orders/partner-key-AbCdEf";
        let secret = &read.tokens[0];
        assert_eq!(
            words(secret, &[Field::TokenId, Field::Account, Field::Name, Field::Purpose, Field::State, Field::TokenKind]),
            [id, "123456789012", "prod/orders/partner-key", "Key used by the order service", "enabled", "secret"]
        );
        assert_eq!(secret.text(Field::CredentialVersion), Some("0e7a1c52-5678-40ab-8def-000000000001"));
        for secret in &read.tokens {
            let Value::Items(entries) = &secret.get(Field::Storage).value else { panic!("no storage") };
            let parts: Vec<_> = entries[0].parts.iter().map(|part| part.as_text().unwrap_or("-")).collect();
            assert_eq!([parts[0], parts[3], parts[4]], ["secret-manager", "yes", "-"]);
            assert_eq!(Some(parts[1]), secret.text(Field::TokenId));
        }
    }

    #[test]
    fn what_is_missing_is_not_never_rotated_and_not_unknown_use() {
        let read = read(&SECRETS, LIST);
        let bare = &read.tokens[2];
        assert_eq!(bare.get(Field::LastRotatedAt).state, State::Empty);
        assert_eq!(bare.get(Field::LastUsedAt).state, State::None);
        assert_eq!(bare.get(Field::ChangedAt), &at("2019-07-01T08:40:13Z"));
        assert_eq!(bare.get(Field::Owner).state, State::Empty);
        assert_eq!(bare.get(Field::Purpose).state, State::Empty);
        assert_eq!(bare.get(Field::ExpiresAt).state, State::NotCollected);
        assert!(!bare.tags.contains_key("rotation_enabled"));
    }

    #[test]
    fn a_secret_that_waits_for_deletion_is_not_live() {
        let read = read(&SECRETS, LIST);
        assert_eq!(read.tokens[3].text(Field::State), Some("disabled"));
        assert_eq!(read.tokens[3].tags.get("deleted_at").map(String::as_str), Some("2026-10-29T00:00:00Z"));
    }

    #[test]
    fn tags_name_owner_and_environment_in_any_order_and_case() {
        let read = read(&SECRETS, LIST);
        assert_eq!(words(&read.tokens[0], &[Field::Owner, Field::Environment]), ["mara.lind@acme.example", "production"]);
        assert_eq!(words(&read.tokens[4], &[Field::Owner, Field::Environment]), ["-", "-"]);
        assert_eq!(read.tokens[4].tags.get("owning_service").map(String::as_str), Some("rds"));
        let context = SourceContext {
            owner_keys: vec!["cost-center".to_owned()],
            environment_keys: vec!["nothing".to_owned()],
            ..SourceContext::default()
        };
        let read = read_in(&SECRETS, LIST, &context);
        assert_eq!(words(&read.tokens[0], &[Field::Owner, Field::Environment]), ["4711", "-"]);
    }

    #[test]
    fn an_unfollowed_page_is_told() {
        let text = r#"{"SecretList": [{"ARN": "arn:x", "CreatedDate": "2026-01-01"}], "NextToken": "more"}"#;
        let read = read(&SECRETS, text);
        assert_eq!(read.paging[0].more, Some(true));
        assert_eq!(read.tokens[0].get(Field::Account).state, State::Empty);
    }

    #[test]
    fn bare_entries_and_descriptions_are_the_same_export() {
        let text = r#"{"ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf", "Name": "a", "CreatedDate": 1709287200.5,
                       "VersionIdsToStages": {"v-2": ["AWSCURRENT"], "v-1": ["AWSPREVIOUS"]}}"#;
        for text in [text.to_owned(), format!("[{text}]")] {
            let read = read(&SECRETS_LIST, &text);
            assert_eq!(words(&read.tokens[0], &[Field::Account, Field::CredentialVersion]), ["123456789012", "v-2"]);
        }
    }
}
