//! Okta API tokens.
//!
//! An Okta token has no scopes: it may do what the administrator roles of its owner allow, and so counts as unscoped. It has no
//! hard expiry either: each use moves `expiresAt` to now plus `tokenWindow`, so `expires_at` is none and the sliding date is a
//! tag. The same rule gives the last use: `expiresAt` minus `tokenWindow`. Where that is the moment of creation, the token was
//! never used. The inference is marked by the tag `last_used_basis`.

use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::record::{Cell, Date, State, Value};
use serde_json::Value as Json;

/// Seconds between creation and the start of the first window within which nobody can have used the token.
const AT_CREATION: i64 = 2;

/// `GET /api/v1/api-tokens`.
pub const API_TOKENS: Export = Export {
    id: "okta-api-tokens",
    title: "Okta API tokens",
    how_to_export: "curl -H \"Authorization: SSWS $TOKEN\" https://ORG.okta.com/api/v1/api-tokens > tokens.json",
    signature: "JSON array with tokenWindow and clientName",
    recognises: |sight| sight.has_keys("", &["tokenWindow", "clientName"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::LastUsedAt,
        Field::ScopeModel,
    ]),
    reading: Reading::Each { record: api_token, page: no_pages },
    ..Export::OF_PROVIDER
};

fn api_token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "okta", "api-token", sink) else { return };
    token.text(Field::TokenId, "id");
    token.text(Field::Name, "name");
    // No e-mail: the id joins the people register, where Okta users and SCIM carry it.
    token.text(Field::Owner, "userId");
    token.date(Field::CreatedAt, "created", SILENT);
    // Only live tokens are listed.
    token.state(Some("enabled"), "");
    token.record.set_text(Field::ScopeModel, "unscoped");
    token.record.set(Field::ExpiresAt, Cell::of(State::None));
    last_use(&mut token);
    token.date_tag("sliding_expires_at", "expiresAt");
    token.tag("token_window", "tokenWindow");
    token.tag("client_name", "clientName");
    token.date_tag("last_updated", "lastUpdated");
    let connection = token.get("network").and_then(|network| network.get("connection")).and_then(Json::as_str);
    if let Some(connection) = connection {
        token.record.tags.insert("network".to_owned(), connection.to_owned());
    }
    sink.token(token.record);
}

fn last_use(token: &mut Token<'_>) {
    let window = token.get("tokenWindow").and_then(Json::as_str).and_then(seconds_of_duration);
    let (Some(expires), Some(window)) = (token.date_of("expiresAt"), window) else {
        return token.record.set(Field::LastUsedAt, Cell::of(State::Empty));
    };
    let used = expires.seconds - window;
    let created = token.record.get(Field::CreatedAt).as_date();
    let cell = match created {
        Some(created) if used <= created.seconds + AT_CREATION => Cell::of(State::None),
        _ => Cell::value(Value::Date(Date { seconds: used, ..expires })),
    };
    token.record.set(Field::LastUsedAt, cell);
    token.record.tags.insert("last_used_basis".to_owned(), "expiresAt minus tokenWindow".to_owned());
}

/// Seconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds; months and years have no fixed length.
fn seconds_of_duration(text: &str) -> Option<i64> {
    let mut in_time = false;
    let mut number: Option<i64> = None;
    let mut total: i64 = 0;
    let mut parts = 0;
    for character in text.trim().strip_prefix('P')?.chars() {
        if let Some(digit) = character.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(i64::from(digit))?);
            continue;
        }
        let unit = match (character, in_time) {
            ('T', false) if number.is_none() => {
                in_time = true;
                continue;
            }
            ('W', false) => 604_800,
            ('D', false) => 86_400,
            ('H', true) => 3600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
        parts += 1;
    }
    // Longer than ten thousand days is no window.
    (number.is_none() && parts > 0 && total <= 864_000_000).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::registry::Registry;

    const TOKENS: &str = include_str!("../../../../tests/fixtures/formats/okta-api-tokens.json");

    #[test]
    fn a_token_has_the_rights_of_its_owner_and_no_hard_end() {
        let read = read(&API_TOKENS, TOKENS);
        assert_eq!(read.tokens.len(), 4);
        let token = &read.tokens[0];
        let texts = [Field::TokenId, Field::Name, Field::Owner, Field::State, Field::ScopeModel, Field::TokenKind];
        assert_eq!(
            texts.map(|field| token.text(field).unwrap_or_default()),
            ["00Tacme00000000001", "terraform", "00uacme000000000001", "enabled", "unscoped", "api-token"]
        );
        assert_eq!(token.get(Field::ExpiresAt).state, State::None);
        assert_eq!(token.get(Field::ScopesGranted).state, State::NotCollected);
        assert_eq!(token.get(Field::CreatedAt), &at("2023-11-09T20:38:10Z"));
        assert_eq!(token.tags.get("sliding_expires_at").map(String::as_str), Some("2026-11-30T20:38:10Z"));
        assert_eq!(token.tags.get("network").map(String::as_str), Some("ANYWHERE"));
        assert_eq!(read.tokens[2].tags.get("client_name").map(String::as_str), Some("Okta AD Agent"));
        assert_eq!(Registry::built_in().facts("okta", Some("api-token")).sliding_expiry, Some(true));
    }

    #[test]
    fn the_last_use_follows_from_the_sliding_window() {
        let read = read(&API_TOKENS, TOKENS);
        assert_eq!(read.tokens[0].get(Field::LastUsedAt), &at("2026-10-31T20:38:10Z"));
        // A window of five minutes, used six seconds after creation.
        assert_eq!(read.tokens[1].get(Field::LastUsedAt), &at("2026-10-31T23:54:05Z"));
        // The first window still runs: never used.
        assert_eq!(read.tokens[2].get(Field::LastUsedAt).state, State::None);
        // A window that cannot be read says nothing.
        assert_eq!(read.tokens[3].get(Field::LastUsedAt).state, State::Empty);
        assert!(!read.tokens[3].tags.contains_key("last_used_basis"));
    }

    #[test]
    fn durations_are_read_exactly_or_not_at_all() {
        for (text, seconds) in [
            ("P30D", Some(2_592_000)),
            ("PT5M", Some(300)),
            ("P1DT2H3M4S", Some(93_784)),
            ("P2W", Some(1_209_600)),
            ("P1M", None),
            ("P", None),
            ("PT", None),
            ("30D", None),
            ("P30", None),
            ("P99999999999999999999D", None),
            ("P-1D", None),
        ] {
            assert_eq!(seconds_of_duration(text), seconds, "{text}");
        }
    }
}
