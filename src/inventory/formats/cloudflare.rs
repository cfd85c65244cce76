//! Cloudflare API tokens of a user or an account; both lists look the same.
//!
//! Permissions are names such as `DNS Write`. A denied permission is subtracted where the denial covers every resource that the
//! permission is allowed on; else it stays, because it still works elsewhere.

use super::element::{ABSENT_IS_NONE, NULL_IS_NONE, SILENT, Token, granted, scalar};
use super::export::{Export, Reading, no_pages};
use super::paging;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Paging, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::record::{Cell, Scope, ScopeClass, State};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// Every account that the token's owner can reach.
const ALL_ACCOUNTS: &str = "com.cloudflare.api.account.*";

/// `GET /user/tokens`, `GET /accounts/{id}/tokens`.
pub const API_TOKENS: Export = Export {
    id: "cloudflare-api-tokens",
    title: "Cloudflare API tokens of a user or an account",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" 'https://api.cloudflare.com/client/v4/user/tokens?per_page=50' > tokens.json",
    layout: Layout::Json(Records::Under("result")),
    signature: "JSON object with success, errors and result, whose entries have policies and issued_on",
    recognises: is_answer,
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::LastUsedAt,
        Field::ScopeModel,
        Field::ScopesGranted,
        Field::ChangedAt,
    ]),
    // Filled in the answer that creates or rolls a token.
    secret_fields: &["value"],
    reading: Reading::Each { record: token, page },
    ..Export::OF_PROVIDER
};

/// The tokens without the answer around them.
pub const API_TOKENS_LIST: Export = Export {
    id: "cloudflare-api-tokens-list",
    title: "Cloudflare API tokens (bare list, or single answers)",
    how_to_export: "the answer of the API, reduced by jq .result",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with policies and issued_on, or with an object result that has them",
    recognises: |sight| sight.has_keys("", &["policies", "issued_on"]) || is_single(sight),
    secret_fields: &["value", "result.value"],
    export: Some(API_TOKENS.id),
    reading: Reading::Each { record: token, page: no_pages },
    ..API_TOKENS
};

fn is_answer(sight: &Sight) -> bool {
    let Sight::Json { envelope, .. } = sight else { return false };
    let answer = envelope.contains_key("success") && envelope.contains_key("errors");
    answer && (is_error(envelope) || sight.has_keys("result", &["policies", "issued_on"]))
}

/// `GET /user/tokens/{id}` answers with the token itself under `result`.
fn is_single(sight: &Sight) -> bool {
    sight
        .elements_under("")
        .filter_map(|answer| answer.get("result"))
        .any(|token| ["policies", "issued_on"].iter().all(|key| token.get(key).is_some()))
}

fn is_error(envelope: &Map<String, Json>) -> bool {
    envelope.get("success") == Some(&Json::Bool(false))
}

fn token(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, "cloudflare", "api-token", sink) else { return };
    token.enter("result");
    token.text(Field::TokenId, "id");
    token.text(Field::Name, "name");
    token.date(Field::CreatedAt, "issued_on", SILENT);
    // Moves with any edit: the value cannot be newer.
    token.date(Field::ChangedAt, "modified_on", SILENT);
    token.date(Field::ExpiresAt, "expires_on", ABSENT_IS_NONE);
    token.date(Field::LastUsedAt, "last_used_on", NULL_IS_NONE);
    let status = token.scalar("status").unwrap_or_default();
    let state = match status.to_ascii_lowercase().as_str() {
        "active" => Some("enabled"),
        "disabled" => Some("disabled"),
        "expired" => Some("expired"),
        _ => None,
    };
    token.state(state, &status);
    token.record.set_text(Field::ScopeModel, "scoped");
    let policies = Policies::read(token.get("policies"));
    token.record.set(Field::ScopesGranted, policies.as_ref().map_or(Cell::of(State::Empty), Policies::granted));
    if let Some(policies) = policies {
        let tags = &mut token.record.tags;
        for (name, values) in [("resources", policies.resources()), ("denied", policies.denied_names())] {
            if !values.is_empty() {
                tags.insert(name.to_owned(), values.into_iter().collect::<Vec<_>>().join("; "));
            }
        }
    }
    token.date_tag("not_before", "not_before");
    addresses(&mut token);
    sink.token(token.record);
}

fn page(envelope: &Map<String, Json>, sink: &mut dyn Sink) -> Paging {
    if is_error(envelope) {
        let errors = envelope.get("errors").and_then(Json::as_array).into_iter().flatten();
        let messages: Vec<String> = errors.filter_map(|error| error.get("message").and_then(scalar)).collect();
        sink.reject(1, "the file is an error answer of Cloudflare and holds no tokens".to_owned());
        sink.problem(format!("the file is an error answer of Cloudflare, not an empty list: {}", messages.join("; ")));
    }
    paging::total(envelope, "result_info.total_count")
}

/// The policies of a token: for each permission, the resources that it is allowed and denied on.
struct Policies {
    /// Permissions in the order of the export.
    order: Vec<String>,
    allowed: BTreeMap<String, BTreeSet<String>>,
    denied: BTreeMap<String, BTreeSet<String>>,
}

impl Policies {
    fn read(policies: Option<&Json>) -> Option<Policies> {
        let mut read = Policies { order: Vec::new(), allowed: BTreeMap::new(), denied: BTreeMap::new() };
        for policy in policies?.as_array()? {
            let resources: BTreeSet<String> = policy.get("resources").and_then(Json::as_object).map(flatten).unwrap_or_default();
            // An effect that is not known is read as the wider one.
            let denies = policy.get("effect").and_then(Json::as_str).is_some_and(|effect| effect.eq_ignore_ascii_case("deny"));
            for group in policy.get("permission_groups").and_then(Json::as_array).into_iter().flatten() {
                let Some(name) = group.get("name").or_else(|| group.get("id")).and_then(scalar) else { continue };
                if !denies && !read.order.contains(&name) {
                    read.order.push(name.clone());
                }
                let side = if denies { &mut read.denied } else { &mut read.allowed };
                side.entry(name).or_default().extend(resources.iter().cloned());
            }
        }
        Some(read)
    }

    fn granted(&self) -> Cell {
        let kept = self.order.iter().filter(|name| !self.is_denied(name));
        granted(kept.map(|name| Scope { name: name.clone(), class: self.class(name) }).collect())
    }

    fn is_denied(&self, name: &str) -> bool {
        let denied = self.denied.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let denied: BTreeSet<&String> = denied.flat_map(|(_, resources)| resources).collect();
        let allowed = self.allowed.get(name);
        !denied.is_empty() && allowed.is_some_and(|allowed| allowed.iter().all(|resource| denied.contains(resource)))
    }

    /// Writing to every account is administration, whatever is written; the rest is the registry's to say.
    fn class(&self, name: &str) -> Option<ScopeClass> {
        let lower = name.to_ascii_lowercase();
        let writes = lower.ends_with("write") || lower.ends_with("edit");
        let everywhere = self.allowed.get(name).is_some_and(|resources| {
            resources.iter().any(|resource| resource == ALL_ACCOUNTS || resource.starts_with("com.cloudflare.api.account.* "))
        });
        (writes && everywhere).then_some(ScopeClass::Admin)
    }

    fn resources(&self) -> BTreeSet<&str> {
        self.allowed.values().flatten().map(String::as_str).collect()
    }

    fn denied_names(&self) -> BTreeSet<&str> {
        self.denied.keys().map(String::as_str).collect()
    }
}

/// Resources as one text each; the nested form "all zones of account X" is `X > zones`.
fn flatten(resources: &Map<String, Json>) -> BTreeSet<String> {
    let mut flat = BTreeSet::new();
    for (resource, inside) in resources {
        match inside {
            Json::Object(inside) => flat.extend(inside.keys().map(|inner| format!("{resource} > {inner}"))),
            _ => drop(flat.insert(resource.clone())),
        }
    }
    flat
}

/// From where the token may be used; older files write `request.ip`.
fn addresses(token: &mut Token<'_>) {
    let Some(condition) = token.get("condition") else { return };
    let Some(request) = condition.get("request_ip").or_else(|| condition.get("request.ip")) else { return };
    for (tag, key) in [("addresses", "in"), ("addresses_not", "not_in")] {
        let list: Vec<String> = request.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(scalar).collect();
        if !list.is_empty() {
            token.record.tags.insert(tag.to_owned(), list.join("; "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, assert_lists_alike, at, read};
    use crate::inventory::record::Value;
    use crate::inventory::registry::Registry;

    const TOKENS: &str = include_str!("../../../tests/fixtures/formats/cloudflare-api-tokens.json");

    fn scopes(read: &Read, index: usize) -> Vec<(String, &'static str)> {
        let mut token = read.tokens[index].clone();
        Registry::built_in().classify(&mut token);
        match &token.get(Field::ScopesGranted).value {
            Value::Scopes(scopes) => {
                scopes.iter().map(|scope| (scope.name.clone(), scope.class.map_or("-", |class| class.word()))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn named(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        pairs.iter().map(|(name, class)| ((*name).to_owned(), *class)).collect()
    }

    #[test]
    fn a_token_has_its_dates_and_state() {
        let read = read(&API_TOKENS, TOKENS);
        assert_eq!(read.tokens.len(), 5);
        let states: Vec<_> = read.tokens.iter().map(|token| token.text(Field::State).unwrap_or("-")).collect();
        assert_eq!(states, ["enabled", "enabled", "expired", "disabled", "enabled"]);
        let token = &read.tokens[0];
        assert_eq!(token.get(Field::CreatedAt), &at("2026-07-01T05:20:00Z"));
        assert_eq!(token.get(Field::ChangedAt), &at("2026-07-02T05:20:00Z"));
        assert_eq!(token.get(Field::ExpiresAt), &at("2027-01-01T00:00:00Z"));
        assert_eq!(token.get(Field::Owner).state, State::NotCollected);
        assert_eq!(token.get(Field::LastRotatedAt).state, State::NotCollected);
        assert_eq!(read.paging, [Paging { declared: Some(5), more: None }]);
    }

    #[test]
    fn absent_ends_are_none_and_absent_use_is_told_from_never() {
        let read = read(&API_TOKENS, TOKENS);
        let states = |index: usize| [Field::ExpiresAt, Field::LastUsedAt].map(|field| read.tokens[index].get(field).state);
        assert_eq!(states(1), [State::None, State::Empty]);
        assert_eq!(states(2), [State::Value, State::None]);
        assert_eq!(states(4), [State::None, State::None]);
    }

    #[test]
    fn denials_subtract_where_they_cover_everything() {
        let read = read(&API_TOKENS, TOKENS);
        assert_eq!(scopes(&read, 0), named(&[("Zone Read", "read"), ("DNS Edit", "high")]));
        // Cache Purge is denied on its only zone; Zone Write only on one of two.
        assert_eq!(
            scopes(&read, 1),
            named(&[("Logs Write", "admin"), ("API Tokens Write", "admin"), ("Zone Write", "write"), ("Strange Thing", "-")])
        );
        assert_eq!(read.tokens[1].tags.get("denied").map(String::as_str), Some("Cache Purge; Zone Write"));
        assert_eq!(read.tokens[3].get(Field::ScopesGranted).state, State::None);
    }

    #[test]
    fn nested_resources_are_kept_readable() {
        let read = read(&API_TOKENS, TOKENS);
        assert_eq!(
            read.tokens[4].tags.get("resources").map(String::as_str),
            Some("com.cloudflare.api.account.0000000000000000000000000000ac3e > com.cloudflare.api.account.zone.*")
        );
        assert_eq!(scopes(&read, 4), named(&[("Logs Write", "write")]));
        assert_eq!(read.tokens[4].tags.get("addresses").map(String::as_str), Some("203.0.113.7/32"));
        assert_eq!(read.tokens[0].tags.get("addresses_not").map(String::as_str), Some("198.51.100.0/24"));
    }

    #[test]
    fn an_error_answer_is_no_empty_list() {
        let text = r#"{"success": false, "errors": [{"code": 10000, "message": "Authentication error"}], "messages": [], "result": null}"#;
        let read = read(&API_TOKENS, text);
        assert!(read.tokens.is_empty());
        assert_eq!(read.rejects.len(), 1);
        assert!(read.problems[0].contains("Authentication error"));
    }

    #[test]
    fn the_bare_list_is_the_same_export() {
        assert_lists_alike(&API_TOKENS, &API_TOKENS_LIST, TOKENS);
    }
}
