//! `aws iam list-service-specific-credentials`: passwords and API keys that one service alone accepts.

use super::{PROVIDER, USER_NAME, status};
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Layout, Paging, Records, Row, Sink, SourceContext};
use crate::inventory::formats::element::{ABSENT_IS_NONE, SILENT, Token};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::formats::paging;
use crate::inventory::identity::share_secrets;
use crate::inventory::record::Record;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

const LIST: &str = "ServiceSpecificCredentials";

/// The list as the command line prints it.
pub const SERVICE_CREDENTIALS: Export = Export {
    id: "aws-iam-service-specific-credentials",
    title: "AWS IAM service-specific credentials",
    how_to_export: "for each user: aws iam list-service-specific-credentials --user-name USER >> service-credentials.json",
    layout: Layout::Json(Records::Under(LIST)),
    signature: "JSON object with ServiceSpecificCredentials",
    // A user without any has an empty list; entries without the answer around them are known by their id.
    recognises: |sight| {
        let alone = sight.stands_alone(LIST);
        if alone { sight.has_keys(LIST, &["ServiceSpecificCredentialId", "ServiceName"]) } else { sight.envelope_has(LIST) }
    },
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ActiveSecretCount,
        Field::Secrets,
    ]),
    // Filled in the answer that creates a credential.
    secret_fields: &["ServicePassword", "ServiceCredentialSecret"],
    reading: Reading::Together(|_: &SourceContext| Box::new(Credentials::default())),
    ..Export::OF_PROVIDER
};

/// Credentials wait for the end of the file, because each tells of all that its user has for the same service.
#[derive(Default)]
struct Credentials {
    by_user_and_service: BTreeMap<String, Vec<Record>>,
    nobodys: Vec<Record>,
}

impl Adapter for Credentials {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Some(mut token) = Token::start(row, PROVIDER, "service-specific-credential", sink) else { return };
        token.text(Field::TokenId, "ServiceSpecificCredentialId");
        // An API key has an alias, the older kind a user name; both end in the account.
        let name = ["ServiceCredentialAlias", "ServiceUserName"].iter().find_map(|key| token.scalar(key)).unwrap_or_default();
        token.record.set_text(Field::Account, account_at_the_end(&name).unwrap_or_default());
        token.record.set_text(Field::Name, name);
        token.text(Field::Owner, "UserName");
        token.date(Field::CreatedAt, "CreateDate", SILENT);
        // Only API keys can have an end.
        token.date(Field::ExpiresAt, "ExpirationDate", ABSENT_IS_NONE);
        status(&mut token);
        token.tag(USER_NAME, "UserName");
        token.tag("service", "ServiceName");
        let tags = &token.record.tags;
        match (tags.get(USER_NAME), tags.get("service")) {
            (Some(user), Some(service)) => {
                let identity = format!("{user} {service}");
                self.by_user_and_service.entry(identity).or_default().push(token.record);
            }
            _ => self.nobodys.push(token.record),
        }
    }

    fn envelope(&mut self, envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
        paging::flag(envelope, "IsTruncated")
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        let mut tokens = std::mem::take(&mut self.nobodys);
        for (identity, mut credentials) in std::mem::take(&mut self.by_user_and_service) {
            share_secrets(&mut credentials, &identity);
            tokens.append(&mut credentials);
        }
        tokens.sort_by_key(|token| token.line);
        tokens.into_iter().for_each(|token| sink.token(token));
    }
}

/// `mara.lind-at-123456789012` → `123456789012`.
fn account_at_the_end(name: &str) -> Option<&str> {
    let (_, account) = name.rsplit_once("-at-")?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::{State, Value};

    const CREDENTIALS: &str = include_str!("../../../../tests/fixtures/formats/aws-iam-service-specific-credentials.json");

    #[test]
    fn a_credential_belongs_to_a_user_and_a_service() {
        let read = read(&SERVICE_CREDENTIALS, CREDENTIALS);
        let told: Vec<_> = read
            .tokens
            .iter()
            .map(|token| {
                [Field::TokenId, Field::Account, Field::Name, Field::Owner, Field::State]
                    .map(|field| token.text(field).unwrap_or("-"))
            })
            .collect();
        assert_eq!(
            told,
            [
                ["ACCAACME0001EXAMPLE0", "123456789012", "mara.lind-at-123456789012", "mara.lind", "enabled"],
                ["ACCAACME0002EXAMPLE0", "123456789012", "genai+1-at-123456789012", "genai", "enabled"],
                ["ACCAACME0003EXAMPLE0", "123456789012", "genai-at-123456789012", "genai", "expired"],
                ["ACCAACME0004EXAMPLE0", "-", "-", "genai", "disabled"],
            ]
        );
        assert_eq!(read.tokens[1].tags.get("service").map(String::as_str), Some("bedrock.amazonaws.com"));
    }

    #[test]
    fn only_api_keys_end_and_secrets_of_a_service_are_counted_together() {
        let read = read(&SERVICE_CREDENTIALS, CREDENTIALS);
        assert_eq!(read.tokens[0].get(Field::ExpiresAt).state, State::None);
        assert_eq!(read.tokens[1].get(Field::ExpiresAt), &at("2026-11-29T10:00:00Z"));
        let counts: Vec<_> = read.tokens.iter().map(|token| token.get(Field::ActiveSecretCount).value.clone()).collect();
        assert_eq!(counts, [1, 1, 1, 0].map(Value::Count));
        assert_eq!(read.tokens[1].identity.as_deref(), Some("genai bedrock.amazonaws.com"));
        // The value can be reset in place, so creation is no rotation.
        assert_eq!(read.tokens[0].get(Field::LastRotatedAt).state, State::NotCollected);
    }
}
