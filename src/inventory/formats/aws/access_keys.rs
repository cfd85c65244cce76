//! `aws iam list-access-keys`: the keys of users, with their ids; no account, no last use.
//!
//! Answers of several users in one file, answers joined by `jq -s`, and the bare entries that `--query` and `jq` leave are read
//! alike.

use super::{PROVIDER, USER_NAME, last_used, status};
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Layout, Paging, Records, Row, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::formats::paging;
use crate::inventory::identity::share_secrets;
use crate::inventory::record::Record;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The list as the command line prints it.
pub const ACCESS_KEYS: Export = Export {
    id: "aws-iam-list-access-keys",
    title: "AWS IAM access keys (list-access-keys)",
    how_to_export: "for each user: aws iam list-access-keys --user-name USER >> access-keys.json",
    layout: Layout::Json(Records::Under("AccessKeyMetadata")),
    signature: "JSON object with AccessKeyMetadata",
    recognises: |sight| sight.envelope_has("AccessKeyMetadata"),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ActiveSecretCount,
        Field::Secrets,
    ]),
    reading: Reading::Together(|_: &SourceContext| Box::new(Keys::default())),
    secret_fields: &["SecretAccessKey", "AccessKey.SecretAccessKey"],
    ..Export::OF_PROVIDER
};

/// The entries without the object around them.
pub const ACCESS_KEYS_LIST: Export = Export {
    id: "aws-iam-access-keys-list",
    title: "AWS IAM access keys (bare entries)",
    how_to_export: "for each user: aws iam list-access-keys --user-name USER --query 'AccessKeyMetadata[]' >> access-keys.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array of objects with AccessKeyId, Status and CreateDate",
    recognises: |sight| sight.has_keys("", &["AccessKeyId", "Status", "CreateDate"]),
    export: Some(ACCESS_KEYS.id),
    ..ACCESS_KEYS
};

/// Keys wait for the end of the file, because each tells of all keys of its user.
#[derive(Default)]
struct Keys {
    by_user: BTreeMap<String, Vec<Record>>,
    nobodys: Vec<Record>,
}

impl Adapter for Keys {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Some(mut token) = Token::start(row, PROVIDER, "access-key", sink) else { return };
        token.text(Field::TokenId, "AccessKeyId");
        token.text(Field::Name, "UserName");
        token.text(Field::Owner, "UserName");
        token.date(Field::CreatedAt, "CreateDate", SILENT);
        status(&mut token);
        token.tag(USER_NAME, "UserName");
        // Scripts put the answer of get-access-key-last-used beside the entry.
        if let Some(answer @ Json::Object(_)) = token.get("AccessKeyLastUsed") {
            last_used::read(&mut token, answer);
        }
        let user = token.record.tags.get(USER_NAME).cloned();
        match user {
            Some(user) => self.by_user.entry(user).or_default().push(token.record),
            None => self.nobodys.push(token.record),
        }
    }

    fn envelope(&mut self, envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
        paging::flag(envelope, "IsTruncated")
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        let mut tokens = std::mem::take(&mut self.nobodys);
        for (user, mut keys) in std::mem::take(&mut self.by_user) {
            share_secrets(&mut keys, &user);
            tokens.append(&mut keys);
        }
        tokens.sort_by_key(|token| token.line);
        tokens.into_iter().for_each(|token| sink.token(token));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::aws::{CREDENTIAL_REPORT, name_aws_keys};
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::{State, Value};

    const KEYS: &str = include_str!("../../../../tests/fixtures/formats/aws-iam-list-access-keys.json");

    #[test]
    fn keys_have_their_id_state_and_user() {
        let read = read(&ACCESS_KEYS, KEYS);
        let told: Vec<_> = read
            .tokens
            .iter()
            .map(|token| [Field::TokenId, Field::Owner, Field::State].map(|field| token.text(field).unwrap_or_default()))
            .collect();
        assert_eq!(
            told,
            [
                ["AKIAACME0001EXAMPLE0", "ci-deploy", "enabled"],
                ["AKIAACME0002EXAMPLE0", "ci-deploy", "disabled"],
                ["AKIAACME0003EXAMPLE0", "export", "enabled"],
                ["AKIAACME0004EXAMPLE0", "export", "enabled"],
                ["AKIAACME0005EXAMPLE0", "mara.lind", "expired"],
            ]
        );
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2026-07-14T05:00:00Z"));
        assert_eq!(read.tokens[0].get(Field::Account).state, State::NotCollected);
        assert_eq!(read.tokens[0].get(Field::LastUsedAt).state, State::NotCollected);
        assert_eq!(read.paging, [Paging { declared: None, more: Some(false) }]);
    }

    #[test]
    fn each_key_of_a_user_tells_of_all() {
        let read = read(&ACCESS_KEYS, KEYS);
        let counts: Vec<_> = read.tokens.iter().map(|token| token.get(Field::ActiveSecretCount).value.clone()).collect();
        assert_eq!(counts, [1, 1, 2, 2, 0].map(Value::Count));
        assert!(matches!(&read.tokens[3].get(Field::Secrets).value, Value::Items(secrets) if secrets.len() == 2));
    }

    #[test]
    fn optional_keys_and_new_words_do_not_stop_the_import() {
        let text = r#"{"AccessKeyMetadata": [{"AccessKeyId": "AKIAACME0009EXAMPLE0", "Status": "Paused", "CreateDate": "x"},
                       {"UserName": "u"}, 7], "IsTruncated": true, "Marker": "m"}"#;
        let read = read(&ACCESS_KEYS, text);
        assert_eq!(read.paging[0].more, Some(true));
        assert_eq!(read.rejects.len(), 1);
        assert_eq!(read.tokens[0].get(Field::State).state, State::Unreadable);
        assert_eq!(read.tokens[0].get(Field::Owner).state, State::Empty);
        assert_eq!(read.tokens[0].get(Field::ActiveSecretCount).state, State::NotCollected);
        assert_eq!(read.tokens[1].get(Field::TokenId).state, State::Empty);
        assert_eq!(read.tokens[1].get(Field::State).state, State::Empty);
    }

    #[test]
    fn slots_of_the_report_find_their_key() {
        let report = include_str!("../../../../tests/fixtures/formats/aws-iam-credential-report.csv");
        let mut slots = read(&CREDENTIAL_REPORT, report).tokens;
        let mut keys = read(&ACCESS_KEYS, KEYS).tokens;
        name_aws_keys(&mut slots.iter_mut().chain(&mut keys).collect::<Vec<_>>());
        let named: Vec<_> = slots
            .iter()
            .filter_map(|slot| slot.text(Field::TokenId).filter(|id| id.starts_with("AKIA")))
            .map(|id| id.get(8..12).unwrap_or_default())
            .collect();
        assert_eq!(named, ["0005", "0001", "0002", "0003", "0004"]);
    }

    #[test]
    fn bare_entries_say_the_same_and_may_know_their_last_use() {
        let bare = r#"[{"UserName": "a", "AccessKeyId": "AKIAACME0009EXAMPLE0", "Status": "Active", "CreateDate": "2026-01-01T00:00:00Z",
                        "AccessKeyLastUsed": {"LastUsedDate": "2026-10-01T00:00:00Z", "Region": "N/A", "ServiceName": "s3"}},
                       {"UserName": "b", "AccessKeyId": "AKIAACME0008EXAMPLE0", "Status": "Active", "CreateDate": "2026-01-01T00:00:00Z"}]"#;
        let read = read(&ACCESS_KEYS_LIST, bare);
        assert_eq!(read.tokens[0].get(Field::LastUsedAt), &at("2026-10-01T00:00:00Z"));
        assert_eq!(read.tokens[0].tags.get("last_used_service").map(String::as_str), Some("s3"));
        assert!(!read.tokens[0].tags.contains_key("last_used_region"));
        assert_eq!(read.tokens[1].get(Field::LastUsedAt).state, State::NotCollected);
    }
}
