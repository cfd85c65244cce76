//! `aws iam get-access-key-last-used`: when a key was last used. The answer names the user and not the key.
//!
//! Whoever runs the call knows the key and may add it as `AccessKeyId`. Without it the answer is about the user's only key; of a user
//! with several keys it cannot be used, which is decided when all files are read (see [`super::key_match`]).

use super::key_match::{BY_USER, NAMED_BY};
use super::{PROVIDER, USE_RECORDED_SINCE, USER_NAME, last_used_where};
use crate::inventory::cell;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use crate::inventory::formats::element::{Token, scalar};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::record::{Cell, State, Value};
use crate::inventory::time;
use serde_json::Value as Json;

/// The answers, one after the other.
pub const LAST_USED: Export = Export {
    id: "aws-iam-access-key-last-used",
    title: "AWS IAM last use of access keys (get-access-key-last-used)",
    how_to_export: "for each key: aws iam get-access-key-last-used --access-key-id KEY | jq -c '. + {AccessKeyId: \"KEY\"}' >> last-used.ndjson",
    layout: Layout::Json(Records::Documents),
    signature: "JSON objects with AccessKeyLastUsed",
    recognises: |sight| {
        sight.has_keys("", &["AccessKeyLastUsed"]) && !sight.has_keys("", &["AccessKeyId", "Status", "CreateDate"])
    },
    collects: Some(&[Field::Provider, Field::Name, Field::TokenKind, Field::Owner, Field::LastUsedAt, Field::UsageObservedSince]),
    reading: Reading::Each { record: answer, page: no_pages },
    ..Export::OF_PROVIDER
};

fn answer(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "access-key", sink) else { return };
    let line = token.record.line;
    let Some(answer @ Json::Object(_)) = token.get("AccessKeyLastUsed") else {
        return sink.reject(line, "the answer has no AccessKeyLastUsed".to_owned());
    };
    let id = token.scalar("AccessKeyId").or_else(|| answer.get("AccessKeyId").and_then(scalar)).filter(|id| !id.is_empty());
    token.tag(USER_NAME, "UserName");
    if id.is_none() && !token.record.tags.contains_key(USER_NAME) {
        return sink.reject(line, "the answer names neither the key nor its user".to_owned());
    }
    match id {
        Some(id) => token.record.set_text(Field::TokenId, id),
        None => drop(token.record.tags.insert(NAMED_BY.to_owned(), BY_USER.to_owned())),
    }
    token.text(Field::Name, "UserName");
    token.text(Field::Owner, "UserName");
    read(&mut token, answer);
    sink.token(token.record);
}

/// Reads the last use; a missing date is "never", or before AWS began to record.
pub(super) fn read(token: &mut Token<'_>, answer: &Json) {
    let cell = match answer.get("LastUsedDate") {
        None | Some(Json::Null) => Cell::of(State::None),
        Some(Json::String(text)) if text.eq_ignore_ascii_case("n/a") => Cell::of(State::None),
        Some(date) => {
            let written = scalar(date).unwrap_or_else(|| date.to_string());
            let path = || Field::LastUsedAt.name().to_owned();
            cell::from_reading(time::from_json(date), path, &written, &mut token.record.problems)
        }
    };
    token.record.set(Field::LastUsedAt, cell);
    token.record.set(Field::UsageObservedSince, Cell::value(Value::Date(USE_RECORDED_SINCE)));
    last_used_where(token, answer);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};

    const ANSWERS: &str = include_str!("../../../../tests/fixtures/formats/aws-iam-access-key-last-used.ndjson");

    #[test]
    fn an_answer_is_about_a_user_and_names_the_key_only_if_somebody_added_it() {
        let read = read(&LAST_USED, ANSWERS);
        let told: Vec<_> = read
            .tokens
            .iter()
            .map(|token| [Field::TokenId, Field::Owner].map(|field| token.text(field).unwrap_or("-")))
            .collect();
        assert_eq!(told, [["-", "mara.lind"], ["-", "old-soap"], ["AKIAACME0001EXAMPLE0", "ci-deploy"], ["-", "old-soap"]]);
        assert_eq!(read.tokens[0].get(Field::LastUsedAt), &at("2026-10-29T11:05:00Z"));
        assert_eq!(read.tokens[0].tags.get("last_used_region").map(String::as_str), Some("us-east-1"));
    }

    #[test]
    fn a_missing_date_is_never() {
        let read = read(&LAST_USED, ANSWERS);
        assert_eq!([1, 3].map(|index: usize| read.tokens[index].get(Field::LastUsedAt).state), [State::None; 2]);
        assert_eq!(read.tokens[1].get(Field::UsageObservedSince), &at("2015-04-22T00:00:00Z"));
        assert!(!read.tokens[1].tags.contains_key("last_used_service"));
        assert_eq!(read.rejects.len(), 1);
    }
}
