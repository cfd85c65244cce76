//! Azure DevOps personal access tokens: a user's own list, and the list that an administrator gets for one user.
//!
//! Times of the administration have no zone. A token that names no organisations works in all that its owner can reach.

use super::{continuation, is_placeholder};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token, granted, scalar, truth};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::record::{Cell, Scope, State};
use serde_json::Value as Json;

const PROVIDER: &str = "azure-devops";

/// Where the own tokens are.
const OWN: &str = "patTokens";

/// The scope that stands for everything its owner may do.
const FULL_ACCESS: &str = "app_token";

/// `GET https://vssps.dev.azure.com/ORG/_apis/tokens/pats`.
pub const OWN_TOKENS: Export = Export {
    id: "azure-devops-pats",
    title: "Azure DevOps personal access tokens (own)",
    how_to_export: "az rest --resource 499b84ac-1321-427f-aa17-267ca6975798 --url 'https://vssps.dev.azure.com/ORG/_apis/tokens/pats?displayFilterOption=all&api-version=7.1-preview.1' > pats.json",
    layout: Layout::Json(Records::Under(OWN)),
    signature: "JSON object with patTokens",
    // Tokens without the answer around them must differ from those of the administration.
    recognises: |sight| {
        let is_token = sight.has_keys(OWN, &["authorizationId", "validTo", "scope"]);
        let alone = sight.stands_alone(OWN);
        if alone { is_token && !sight.has_keys(OWN, &["hostAuthorizationId"]) } else { sight.envelope_has(OWN) }
    },
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    secret_fields: &["token", "alternateToken"],
    reading: Reading::Each { record: own_token, page: |envelope, _| continuation(envelope) },
    ..Export::OF_PROVIDER
};

/// `GET https://vssps.dev.azure.com/ORG/_apis/tokenadmin/personalaccesstokens/SUBJECT`.
pub const TOKEN_ADMINISTRATION: Export = Export {
    id: "azure-devops-tokenadmin-pats",
    title: "Azure DevOps personal access tokens (token administration)",
    how_to_export: "for each user: az rest --resource 499b84ac-1321-427f-aa17-267ca6975798 --url 'https://vssps.dev.azure.com/ORG/_apis/tokenadmin/personalaccesstokens/SUBJECT?api-version=7.1-preview.1' > pats.json",
    layout: Layout::Json(Records::Under("value")),
    signature: "JSON object with value, whose entries have authorizationId and hostAuthorizationId",
    recognises: |sight| sight.has_keys("value", &["authorizationId", "hostAuthorizationId"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    reading: Reading::Each { record: administered_token, page: |envelope, _| continuation(envelope) },
    ..OWN_TOKENS
};

fn own_token(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, sink) else { return };
    let state = if token.has_ended(context.as_of) { "expired" } else { "enabled" };
    token.state(Some(state), "");
    sink.token(token.record);
}

fn administered_token(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = token(row, sink) else { return };
    // Public entries are SSH keys, which the same list holds on request.
    if token.flag("isPublic") == Some(true) {
        token.record.set_text(Field::TokenKind, "ssh-key");
    }
    let owner = token.scalar("userId").filter(|id| !is_placeholder(id)).unwrap_or_default();
    token.record.set_text(Field::Owner, owner);
    let has_ended = token.has_ended(context.as_of);
    let written = token.scalar("isValid").unwrap_or_default();
    let state = match token.get("isValid").and_then(truth) {
        _ if has_ended => Some("expired"),
        Some(true) => Some("enabled"),
        Some(false) => Some("revoked"),
        None => None,
    };
    token.state(state, &written);
    sink.token(token.record);
}

/// What both lists state.
fn token<'a>(row: Row<'a>, sink: &mut dyn Sink) -> Option<Token<'a>> {
    let mut token = Token::start(row, PROVIDER, "personal-access-token", sink)?;
    let id = token.scalar("authorizationId").filter(|id| !is_placeholder(id)).unwrap_or_default();
    token.record.set_text(Field::TokenId, id);
    token.text(Field::Name, "displayName");
    token.date(Field::CreatedAt, "validFrom", SILENT);
    token.date(Field::ExpiresAt, "validTo", SILENT);
    let scopes: Vec<String> = match token.get("scope") {
        Some(Json::Array(names)) => names.iter().filter_map(scalar).collect(),
        other => {
            let text = other.and_then(scalar).unwrap_or_default();
            text.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
    };
    let (model, cell) = if scopes.is_empty() {
        (Cell::of(State::Empty), Cell::of(State::Empty))
    } else {
        let model = if scopes.iter().any(|name| name == FULL_ACCESS) { "unscoped" } else { "scoped" };
        (Cell::text(model), granted(scopes.into_iter().map(|name| Scope { name, class: None }).collect()))
    };
    token.record.set(Field::ScopeModel, model);
    token.record.set(Field::ScopesGranted, cell);
    let organisations: Option<Vec<String>> =
        token.get("targetAccounts").and_then(Json::as_array).map(|ids| ids.iter().filter_map(scalar).collect());
    let organisations = organisations.filter(|ids| !ids.is_empty()).map_or_else(|| "all".to_owned(), |ids| ids.join(" "));
    token.record.tags.insert("organisations".to_owned(), organisations);
    Some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read};
    use crate::inventory::record::Value;

    const OWN: &str = include_str!("../../../../tests/fixtures/formats/azure-devops-pats.json");
    const ADMINISTERED: &str = include_str!("../../../../tests/fixtures/formats/azure-devops-tokenadmin-pats.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    fn scopes(read: &Read, index: usize) -> Vec<&str> {
        match &read.tokens[index].get(Field::ScopesGranted).value {
            Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn scopes_are_one_text() {
        let read = read(&OWN_TOKENS, OWN);
        assert_eq!(scopes(&read, 0), ["app_token"]);
        assert_eq!(scopes(&read, 1), ["vso.work_full", "vso.code"]);
        assert_eq!(words(&read, Field::ScopeModel), ["unscoped", "scoped", "scoped", "-"]);
        assert_eq!(read.tokens[3].get(Field::ScopesGranted).state, State::Empty);
    }

    #[test]
    fn ones_own_tokens_end_by_themselves() {
        let read = read(&OWN_TOKENS, OWN);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "expired", "enabled"]);
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2025-11-24T03:04:57Z"));
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &at("2026-11-23T04:04:38Z"));
        assert!(read.tokens.iter().all(|token| token.get(Field::Owner).state == State::NotCollected));
        assert_eq!(read.paging[0].more, Some(false));
    }

    #[test]
    fn no_organisation_is_every_organisation() {
        let read = read(&OWN_TOKENS, OWN);
        let organisations: Vec<_> = read.tokens.iter().map(|token| token.tags["organisations"].as_str()).collect();
        assert_eq!(organisations, ["all", "2b220000-0000-4000-8000-000000000001", "all", "all"]);
    }

    #[test]
    fn the_administration_names_the_user() {
        let read = read(&TOKEN_ADMINISTRATION, ADMINISTERED);
        let user = "2d220000-0000-4000-8000-000000000001";
        assert_eq!(words(&read, Field::Owner), [user, user, "-", user]);
        assert_eq!(words(&read, Field::State), ["enabled", "revoked", "expired", "enabled"]);
        assert_eq!(words(&read, Field::TokenKind)[3], "ssh-key");
        assert_eq!(words(&read, Field::TokenId)[2], "2c220000-0000-4000-8000-000000000003");
        // Without a zone, read as UTC and noted.
        assert!(read.tokens[0].get(Field::CreatedAt).as_date().is_some_and(|date| date.assumed_utc));
        assert_eq!(read.paging[0].more, Some(false));
    }
}
