//! `aws secretsmanager get-secret-value` and `batch-get-secret-value`: answers that carry the value of a secret.
//!
//! Nobody needs them for an audit, and they lie about after scripts and trials. The value is cut before anything sees the record;
//! what is said of the version in force is used, and the source says what to do about the file.

use super::secrets_manager::{keep, lists_secrets, start};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use crate::inventory::formats::element::SILENT;
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::paging;
use serde_json::Value as Json;

/// The answer about one secret.
pub const SECRET_VALUE: Export = Export {
    id: "aws-secretsmanager-get-secret-value",
    title: "AWS Secrets Manager answer with the value of a secret (get-secret-value)",
    how_to_export: "do not export values: use aws secretsmanager list-secrets --include-planned-deletion",
    layout: Layout::Json(Records::Documents),
    signature: "JSON objects with an ARN of Secrets Manager and VersionStages",
    recognises: |sight| lists_secrets(sight, "") && sight.has_keys("", &["VersionStages"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::LastRotatedAt,
        Field::CredentialVersion,
        Field::Storage,
    ]),
    secret_fields: &["SecretString", "SecretBinary"],
    reading: Reading::Each { record: version, page: no_pages },
    ..Export::OF_SECRET_STORE
};

/// The answer about several secrets.
pub const BATCH_SECRET_VALUES: Export = Export {
    id: "aws-secretsmanager-batch-get-secret-value",
    title: "AWS Secrets Manager answer with the values of secrets (batch-get-secret-value)",
    layout: Layout::Json(Records::Under("SecretValues")),
    signature: "JSON object with SecretValues",
    recognises: |sight| sight.envelope_has("SecretValues"),
    export: Some(SECRET_VALUE.id),
    reading: Reading::Each { record: version, page: |envelope, _| paging::cursor(envelope, "NextToken") },
    ..SECRET_VALUE
};

fn version(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = start(row, sink) else { return };
    sink.problem(
        "the file was made by get-secret-value and carries values of secrets, which were cut; delete it, rotate these secrets if \
         others could read it, and export list-secrets instead"
            .to_owned(),
    );
    keep(&mut token);
    let stages = token.get("VersionStages").and_then(Json::as_array);
    if stages.is_some_and(|stages| stages.iter().any(|stage| stage == "AWSCURRENT")) {
        // The date is that of the version, and a version is a value.
        token.date(Field::LastRotatedAt, "CreatedDate", SILENT);
        token.text(Field::CredentialVersion, "VersionId");
    } else {
        token.date_tag("other_version_created_at", "CreatedDate");
    }
    sink.token(token.record);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read, sight_of_json};
    use crate::inventory::record::State;

    const ANSWER: &str = include_str!("../../../../tests/fixtures/formats/aws-secretsmanager-get-secret-value.json");
    const BATCH: &str = include_str!("../../../../tests/fixtures/formats/aws-secretsmanager-batch-get-secret-value.json");

    #[test]
    fn the_version_is_used_and_the_value_is_not() {
        let read = read(&SECRET_VALUE, ANSWER);
        let token = &read.tokens[0];
        assert_eq!(token.text(Field::Name), Some("prod/orders/partner-key"));
        assert_eq!(token.get(Field::LastRotatedAt), &at("2026-08-28T06:00:00Z"));
        assert_eq!(token.get(Field::CreatedAt).state, State::NotCollected);
        assert!(read.problems[0].contains("delete it"));
        assert!(ANSWER.contains("acme-test-value") && !format!("{read:?}").contains("acme-test-value"));
    }

    #[test]
    fn an_older_version_says_nothing_of_the_current_one() {
        let read = read(&BATCH_SECRET_VALUES, BATCH);
        assert_eq!(read.tokens.len(), 2);
        assert_eq!(read.tokens[0].text(Field::CredentialVersion), Some("0e7a1c52-5678-40ab-8def-000000000001"));
        let older = &read.tokens[1];
        assert_eq!(
            [Field::LastRotatedAt, Field::CredentialVersion].map(|field| older.get(field).state),
            [State::NotCollected; 2]
        );
        assert_eq!(read.problems.len(), 2);
    }

    #[test]
    fn descriptions_are_no_values() {
        let described = r#"{"ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf", "VersionIdsToStages": {}}"#;
        assert!(!(SECRET_VALUE.recognises)(&sight_of_json(described)));
    }
}
