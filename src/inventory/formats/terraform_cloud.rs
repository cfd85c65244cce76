//! HCP Terraform and Terraform Enterprise: authentication tokens, in JSON:API with kebab-case attributes.
//!
//! `expired-at` is when the token ends, which usually lies ahead. A token that has ended stays in the list, so the list states
//! the state as well: what is listed works until then. The rights are those of the team, which the list does not hold.

use super::element::{NULL_IS_NONE, SILENT, Token};
use super::export::{Export, Reading};
use super::json_api::{has_type, related, resource};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Paging, Records, Row, Sink, SourceContext};
use serde_json::{Map, Value as Json};

const TYPE: &str = "authentication-tokens";

/// Team tokens of an organisation: `GET /organizations/{org}/team-tokens`; lists of a user's tokens have the same form.
pub const TEAM_TOKENS: Export = Export {
    id: "terraform-cloud-team-tokens",
    title: "HCP Terraform tokens of teams (also of users and organisations)",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" https://app.terraform.io/api/v2/organizations/ORG/team-tokens > tokens.json",
    layout: Layout::Json(Records::Under("data")),
    signature: "JSON object with data, whose entries are of type authentication-tokens",
    recognises: |sight| has_type(sight, "data", TYPE),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Purpose,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::LastUsedAt,
    ]),
    secret_fields: &["attributes.token", "data.attributes.token"],
    reading: Reading::Each { record: token, page },
    ..Export::OF_PROVIDER
};

/// The same tokens in a bare list, or single answers one after the other.
pub const TEAM_TOKENS_LIST: Export = Export {
    id: "terraform-cloud-team-tokens-list",
    title: "HCP Terraform tokens, joined pages or single answers",
    how_to_export: "the pages of terraform-cloud-team-tokens, joined: jq -s 'map(.data[])' page-*.json > tokens.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers of type authentication-tokens",
    recognises: |sight| has_type(sight, "", TYPE),
    export: Some(TEAM_TOKENS.id),
    ..TEAM_TOKENS
};

fn token(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(resource(row), "terraform-cloud", "team-token", sink) else { return };
    token.text(Field::TokenId, "id");
    let (team, creator) = (related(&token, "team"), related(&token, "created-by"));
    if team.is_none() {
        // A token of a user or of the whole organisation; the record does not tell which.
        token.record.set_text(Field::TokenKind, "api-token");
    }
    // Whoever made it answers for it; where nobody is on record, the team does.
    token.record.set_text(Field::Owner, creator.or_else(|| team.clone()).unwrap_or_default());
    token.record.tags.extend(team.map(|team| ("team".to_owned(), team)));

    token.enter("attributes");
    token.name("description");
    token.text(Field::Purpose, "description");
    token.date(Field::CreatedAt, "created-at", SILENT);
    token.date(Field::ExpiresAt, "expired-at", NULL_IS_NONE);
    token.date(Field::LastUsedAt, "last-used-at", NULL_IS_NONE);
    let ends = token.record.get(Field::ExpiresAt).as_date();
    let state = if ends.is_some_and(|date| date.seconds <= context.as_of) { "expired" } else { "enabled" };
    token.record.set_text(Field::State, state);
    sink.token(token.record);
}

fn page(envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
    let declared = paging::total(envelope, "meta.pagination.total-count").declared;
    Paging { declared, ..paging::stated_cursor(envelope, "links.next") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, read};
    use crate::inventory::guard::Guard;
    use crate::inventory::record::State;

    const TOKENS: &str = include_str!("../../../tests/fixtures/formats/terraform-cloud-team-tokens.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn an_end_ahead_is_no_end_yet() {
        let read = read(&TEAM_TOKENS, TOKENS);
        assert_eq!(
            words(&read, Field::TokenId),
            ["at-acme0000000001", "at-acme0000000002", "at-acme0000000003", "at-acme0000000004"]
        );
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &at("2026-11-19T18:44:43Z"));
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "expired", "enabled"]);
        let states = |field| read.tokens.iter().map(|token| token.get(field).state).collect::<Vec<_>>();
        assert_eq!(states(Field::ExpiresAt), [State::Value, State::None, State::Value, State::Empty]);
        assert_eq!(states(Field::LastUsedAt), [State::Value, State::None, State::Value, State::Empty]);
    }

    #[test]
    fn its_maker_answers_for_it_or_its_team() {
        let read = read(&TEAM_TOKENS, TOKENS);
        assert_eq!(
            words(&read, Field::Owner),
            ["user-acme00000001", "team-acme00000002", "user-acme00000002", "user-acme00000001"]
        );
        assert_eq!(words(&read, Field::TokenKind), ["team-token", "team-token", "team-token", "api-token"]);
        assert_eq!(words(&read, Field::Name), ["Platform pipelines", "-", "Expired but still listed", "-"]);
        assert_eq!(read.tokens[0].tags.get("team").map(String::as_str), Some("team-acme00000001"));
    }

    #[test]
    fn ids_are_no_secrets() {
        let text =
            TOKENS.replace("user-acme00000001", "user-V3R563qtJNcExAkN").replace("team-acme00000002", "team-6yEmxNAhaoQLH1Da");
        let mut tokens = read(&TEAM_TOKENS, &text).tokens;
        tokens.iter_mut().for_each(|token| Guard::built_in().clean_record(token));
        assert_eq!(tokens[0].text(Field::Owner), Some("user-V3R563qtJNcExAkN"));
        assert_eq!(tokens[1].text(Field::Owner), Some("team-6yEmxNAhaoQLH1Da"));
        assert!(tokens.iter().all(|token| token.problems.is_empty()), "{tokens:?}");
    }

    #[test]
    fn pages_are_told() {
        let last = read(&TEAM_TOKENS, TOKENS).paging[0];
        assert_eq!((last.declared, last.more), (Some(4), Some(false)));
        let next = TOKENS.replace("\"next\": null", "\"next\": \"/api/v2/organizations/acme/team-tokens?page%5Bnumber%5D=2\"");
        assert_eq!(read(&TEAM_TOKENS, &next).paging[0].more, Some(true));
    }

    #[test]
    fn lists_and_single_answers_are_read() {
        assert_lists_alike(&TEAM_TOKENS, &TEAM_TOKENS_LIST, TOKENS);
        let single = r#"{"data": {"id": "at-1", "type": "authentication-tokens", "attributes": {"expired-at": null}}}"#;
        let read = read(&TEAM_TOKENS_LIST, &format!("{single}\n{single}"));
        assert_eq!(words(&read, Field::TokenId), ["at-1", "at-1"]);
        assert_eq!(read.tokens[0].get(Field::ExpiresAt).state, State::None);
        assert_eq!(read.tokens[0].get(Field::Owner).state, State::Empty);
    }
}
