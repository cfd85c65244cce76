//! Infisical: client secrets of a machine identity (universal auth).
//!
//! A secret lives `clientSecretTTL` seconds from its creation, 0 for ever, and can be used `clientSecretNumUsesLimit` times, 0
//! without limit. When it was last used is not stated, but a count of 0 is "never". The secrets of one identity replace each
//! other, so they are handed over together.

use super::element::{NULL_IS_NONE, SILENT, Token};
use super::export::{Export, Reading};
use crate::inventory::cell;
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Layout, Records, Row, Sink};
use crate::inventory::identity::share_secrets;
use crate::inventory::record::{Cell, Date, ProblemKind, Record, State, Value};
use crate::inventory::time::END_OF_TIME;
use std::collections::BTreeMap;

/// Where the secrets of an identity are, or one of them.
const ANSWER: &str = "clientSecretData";

/// `GET /api/v1/auth/universal-auth/identities/{id}/client-secrets`.
pub const CLIENT_SECRETS: Export = Export {
    id: "infisical-universal-auth-client-secrets",
    title: "Infisical client secrets of a machine identity",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" https://app.infisical.com/api/v1/auth/universal-auth/identities/ID/client-secrets > secrets.json",
    layout: Layout::Json(Records::Under(ANSWER)),
    signature: "JSON object with clientSecretData",
    recognises: |sight| sight.has_list(ANSWER),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Purpose,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::LastUsedAt,
        Field::ChangedAt,
        Field::ActiveSecretCount,
        Field::Secrets,
    ]),
    secret_fields: &["clientSecret", "~clientSecretPrefix"],
    reading: Reading::Together(|context| Box::new(ClientSecrets { as_of: context.as_of, by_identity: BTreeMap::new() })),
    ..Export::OF_PROVIDER
};

/// The secrets of several identities, joined.
pub const CLIENT_SECRETS_LIST: Export = Export {
    id: "infisical-universal-auth-client-secrets-list",
    title: "Infisical client secrets of machine identities, joined",
    how_to_export: "the answers for all identities, joined: jq -s 'map(.clientSecretData[])' identity-*.json > secrets.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with clientSecretTTL and isClientSecretRevoked, or with an object clientSecretData that has them",
    recognises: |sight| {
        let single =
            sight.elements_under("").filter_map(|answer| answer.get(ANSWER)).any(|one| one.get("clientSecretTTL").is_some());
        sight.has_keys("", &["clientSecretTTL", "isClientSecretRevoked"]) || single
    },
    secret_fields: &[
        "clientSecret",
        "~clientSecretPrefix",
        "clientSecretData.clientSecret",
        "~clientSecretData.clientSecretPrefix",
    ],
    export: Some(CLIENT_SECRETS.id),
    ..CLIENT_SECRETS
};

struct ClientSecrets {
    as_of: i64,
    by_identity: BTreeMap<String, Vec<Record>>,
}

impl Adapter for ClientSecrets {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Some(mut token) = Token::start(row, "infisical", "client-secret", sink) else { return };
        token.enter(ANSWER);
        token.text(Field::TokenId, "id");
        token.name("description");
        token.text(Field::Purpose, "description");
        token.date(Field::CreatedAt, "createdAt", SILENT);
        // Moves with any edit, and perhaps with each use: the value cannot be newer.
        token.date(Field::ChangedAt, "updatedAt", SILENT);
        let expiry = expiry(&mut token);
        token.record.set(Field::ExpiresAt, expiry);
        last_use(&mut token);
        state(&mut token, self.as_of);
        token.tag("identity_ua_id", "identityUAId");
        token.tag("uses", "clientSecretNumUses");
        token.tag("uses_limit", "clientSecretNumUsesLimit");
        let identity = token.scalar("identityUAId").unwrap_or_default();
        self.by_identity.entry(identity).or_default().push(token.record);
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        for (identity, mut secrets) in std::mem::take(&mut self.by_identity) {
            if !identity.is_empty() {
                share_secrets(&mut secrets, &identity);
            }
            secrets.into_iter().for_each(|secret| sink.token(secret));
        }
    }
}

/// The number under a key; nothing if there is none, or no whole one.
fn number(token: &Token<'_>, key: &str) -> Option<i64> {
    token.scalar(key)?.trim().parse().ok()
}

/// Creation plus lifetime.
fn expiry(token: &mut Token<'_>) -> Cell {
    let Some(written) = token.scalar("clientSecretTTL") else { return Cell::of(State::Empty) };
    let lifetime = written.trim().parse::<i64>().ok().filter(|seconds| *seconds >= 0);
    match (lifetime, token.record.get(Field::CreatedAt).as_date()) {
        (Some(0), _) => Cell::of(State::None),
        (Some(lifetime), Some(created)) => match created.seconds.checked_add(lifetime) {
            Some(seconds) if seconds < END_OF_TIME => Cell::value(Value::Date(Date { seconds, ..created })),
            _ => Cell::of(State::None),
        },
        (Some(_), None) => Cell::of(State::Empty),
        (None, _) => {
            token.record.problems.push(cell::problem(Field::ExpiresAt.name().to_owned(), ProblemKind::Unreadable, &written));
            Cell::of(State::Unreadable)
        }
    }
}

fn last_use(token: &mut Token<'_>) {
    if number(token, "clientSecretNumUses") == Some(0) {
        return token.record.set(Field::LastUsedAt, Cell::of(State::None));
    }
    token.date(Field::LastUsedAt, "clientSecretLastUsedAt", NULL_IS_NONE);
}

/// Revoked as stated; used up or past its life, a secret is refused although it stays in the list.
fn state(token: &mut Token<'_>, as_of: i64) {
    let limit = number(token, "clientSecretNumUsesLimit").filter(|limit| *limit > 0);
    let used_up = limit.is_some_and(|limit| number(token, "clientSecretNumUses").is_some_and(|uses| uses >= limit));
    let ended = token.record.get(Field::ExpiresAt).as_date().is_some_and(|date| date.seconds <= as_of);
    let written = token.scalar("isClientSecretRevoked").unwrap_or_default();
    let state = token.flag("isClientSecretRevoked").map(|revoked| match revoked {
        true => "revoked",
        false if used_up || ended => "expired",
        false => "enabled",
    });
    token.state(state, &written);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, read};

    const SECRETS: &str = include_str!("../../../tests/fixtures/formats/infisical-universal-auth-client-secrets.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn states(read: &Read, field: Field) -> Vec<State> {
        read.tokens.iter().map(|token| token.get(field).state).collect()
    }

    #[test]
    fn the_end_is_creation_plus_lifetime_and_0_is_no_end() {
        let read = read(&CLIENT_SECRETS, SECRETS);
        assert_eq!(read.tokens[0].get(Field::ExpiresAt).state, State::None);
        assert_eq!(read.tokens[1].get(Field::ExpiresAt), &at("2026-11-30T00:00:00Z"));
        assert_eq!(read.tokens[2].get(Field::ExpiresAt), &at("2026-10-30T01:00:00Z"));
        assert_eq!(states(&read, Field::ExpiresAt)[4..], [State::Empty, State::Empty, State::Unreadable, State::None]);
    }

    #[test]
    fn a_secret_that_is_used_up_is_over() {
        let read = read(&CLIENT_SECRETS, SECRETS);
        assert_eq!(
            words(&read, Field::State),
            ["enabled", "enabled", "expired", "revoked", "expired", "-", "enabled", "enabled"]
        );
        // The fifth has no end and no uses left.
        assert_eq!(read.tokens[4].tags.get("uses_limit").map(String::as_str), Some("3"));
    }

    #[test]
    fn a_count_of_0_is_never_and_any_other_says_not_when() {
        let read = read(&CLIENT_SECRETS, SECRETS);
        assert_eq!(states(&read, Field::LastUsedAt)[..4], [State::Empty, State::None, State::Empty, State::Empty]);
        assert_eq!(words(&read, Field::Name)[..3], ["k8s operator", "-", "one shot"]);
        assert_eq!(read.tokens[0].get(Field::ChangedAt), &at("2026-10-31T05:31:56Z"));
        assert_eq!(read.tokens[0].get(Field::Owner).state, State::NotCollected);
    }

    #[test]
    fn the_secrets_of_an_identity_know_of_each_other() {
        let read = read(&CLIENT_SECRETS, SECRETS);
        let counts: Vec<_> = read.tokens.iter().map(|token| &token.get(Field::ActiveSecretCount).value).collect();
        assert_eq!(counts[..4], [&Value::Count(2); 4]);
        assert_eq!(counts[6], &Value::Count(2));
        assert_eq!(read.tokens[0].identity.as_deref(), Some("6a000000-0000-4000-8000-000000000001"));
        assert_eq!(read.tokens[5].tags.get("identity_ua_id").map(String::as_str), Some("6a000000-0000-4000-8000-000000000002"));
    }

    #[test]
    fn the_prefix_is_never_read_and_lists_are() {
        assert!(!format!("{:?}", read(&CLIENT_SECRETS, SECRETS).tokens).contains("ac01"));
        assert_lists_alike(&CLIENT_SECRETS, &CLIENT_SECRETS_LIST, SECRETS);
    }
}
