//! Databricks: personal access tokens of a workspace. All times are epoch milliseconds, and -1 is "none".

use super::element::{SILENT, Token};
use super::export::{Export, Reading, no_pages};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use crate::inventory::record::{Cell, Precision, State, Value};

/// `GET /api/2.0/token-management/tokens`; the list of one's own tokens has the same form without people.
pub const TOKENS: Export = Export {
    id: "databricks-tokens",
    title: "Databricks personal access tokens of a workspace",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" https://WORKSPACE/api/2.0/token-management/tokens > tokens.json",
    layout: Layout::Json(Records::Under("token_infos")),
    signature: "JSON object with token_infos",
    recognises: |sight| sight.has_list("token_infos"),
    // The last use is left out: only newer workspaces state it, and each record tells whether it does.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::Purpose,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
    ]),
    secret_fields: &["token_value"],
    reading: Reading::Each { record: token, page: no_pages },
    ..Export::OF_PROVIDER
};

/// What the command line prints: the tokens alone.
pub const TOKENS_LIST: Export = Export {
    id: "databricks-tokens-list",
    title: "Databricks personal access tokens (command line)",
    how_to_export: "databricks token-management list --output json > tokens.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with token_id, creation_time and expiry_time",
    recognises: |sight| sight.has_keys("", &["token_id", "creation_time", "expiry_time"]),
    export: Some(TOKENS.id),
    ..TOKENS
};

fn token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "databricks", "personal-access-token", sink) else { return };
    token.text(Field::TokenId, "token_id");
    // Whoever makes a token is asked what it is for; it has no other name.
    token.name("comment");
    token.text(Field::Purpose, "comment");
    token.date(Field::CreatedAt, "creation_time", SILENT);
    if is_minus_one(&token, "expiry_time") {
        token.record.set(Field::ExpiresAt, Cell::of(State::None));
    } else {
        token.date(Field::ExpiresAt, "expiry_time", SILENT);
    }
    last_use(&mut token);
    owner(&mut token);
    if token.has("workspace_id") {
        token.text(Field::Account, "workspace_id");
    }
    if token.has("scopes") {
        token.scopes("scopes");
    }
    token.tag("owner_id", "owner_id");
    token.tag("created_by_id", "created_by_id");
    sink.token(token.record);
}

fn is_minus_one(token: &Token<'_>, key: &str) -> bool {
    token.scalar(key).is_some_and(|text| text.trim() == "-1")
}

/// The day of the last use, as its first millisecond.
fn last_use(token: &mut Token<'_>) {
    const KEY: &str = "last_used_day";
    if is_minus_one(token, KEY) {
        return token.record.set(Field::LastUsedAt, Cell::of(State::None));
    }
    token.newer_date(Field::LastUsedAt, KEY, State::None);
    if let Value::Date(date) = &mut token.record.cell_mut(Field::LastUsedAt).value {
        date.precision = Precision::Date;
    }
}

/// Who made the token; one made for a service principal has a machine for an owner, and its maker answers for it.
fn owner(token: &mut Token<'_>) {
    let text = |key: &str| token.scalar(key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    // A bare number could be anybody's number in another register.
    let number = || text("created_by_id").or_else(|| text("owner_id")).map(|id| format!("databricks:{id}"));
    let owner = text("created_by_username").or_else(number).unwrap_or_default();
    token.record.set_text(Field::Owner, owner);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, on, read};
    use crate::inventory::record::ProblemKind;

    const LIST: &str = include_str!("../../../tests/fixtures/formats/databricks-tokens.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn times_are_milliseconds_and_minus_one_is_none() {
        let read = read(&TOKENS, LIST);
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2026-07-20T00:00:00Z"));
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &at("2026-11-16T00:00:00Z"));
        assert_eq!(read.tokens[2].get(Field::CreatedAt), &at("2022-01-01T00:00:00Z"));
        let states: Vec<_> = read.tokens.iter().map(|token| token.get(Field::ExpiresAt).state).collect();
        assert_eq!(states, [State::Value, State::None, State::Value, State::Empty, State::Implausible]);
        assert_eq!(read.tokens[4].problems[0].kind, ProblemKind::Sentinel);
    }

    #[test]
    fn newer_workspaces_state_the_day_of_the_last_use() {
        let read = read(&TOKENS, LIST);
        let states: Vec<_> = read.tokens.iter().map(|token| token.get(Field::LastUsedAt).state).collect();
        assert_eq!(states, [State::NotCollected, State::NotCollected, State::Value, State::None, State::None]);
        assert_eq!(read.tokens[2].get(Field::LastUsedAt), &on("2026-10-30"));
        assert_eq!(read.tokens[2].text(Field::Account), Some("6051921418418893"));
        assert_eq!(read.tokens[0].get(Field::Account).state, State::NotCollected);
    }

    #[test]
    fn whoever_made_it_answers_for_it() {
        let read = read(&TOKENS, LIST);
        let (mara, tom) = ("mara.lind@acme.example", "tom.field@acme.example");
        assert_eq!(words(&read, Field::Owner), [mara, tom, "Zoe.Dvorak@acme.example", "databricks:1000000000000003", "-"]);
        assert_eq!(read.tokens[1].tags.get("owner_id").map(String::as_str), Some("2000000000000001"));
        assert_eq!(words(&read, Field::Purpose), ["ci/cd token", "service principal token", "-", "-", "-"]);
    }

    #[test]
    fn lists_are_read() {
        assert_lists_alike(&TOKENS, &TOKENS_LIST, LIST);
    }
}
