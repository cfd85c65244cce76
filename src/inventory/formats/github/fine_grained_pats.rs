//! GitHub: fine-grained personal access tokens that may reach an organisation.

use super::{PROVIDER, permissions};
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sink, SourceContext};
use crate::inventory::formats::element::{NULL_IS_NONE, SILENT, Token, granted, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::record::{Cell, State};
use serde_json::Value as Json;

/// `GET /orgs/{org}/personal-access-tokens`. Requests for such tokens look alike and lack `access_granted_at`: they are no tokens
/// of the organisation yet.
pub const FINE_GRAINED_PATS: Export = Export {
    id: "github-org-fine-grained-pats",
    title: "GitHub fine-grained personal access tokens of an organisation",
    how_to_export: "as a GitHub App: gh api --paginate /orgs/ORG/personal-access-tokens > pats.json",
    signature: "JSON array with access_granted_at, permissions and repository_selection",
    recognises: |sight| sight.has_keys("", &["access_granted_at", "permissions", "repository_selection"]),
    // The name is left out: servers of before `token_name` do not state it, and each record tells whether it does.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::ExpiresAt,
        Field::LastUsedAt,
        Field::UsageObservedSince,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    reading: Reading::Each { record: pat, page: no_pages },
    ..Export::OF_PROVIDER
};

fn pat(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "fine-grained-pat", sink) else { return };
    // The id of the grant: always there, and what revocation takes. The token's own id is a newer field.
    token.text(Field::TokenId, "id");
    if token.has("token_name") {
        token.text(Field::Name, "token_name");
    }
    let login = token.get("owner").and_then(|owner| owner.get("login")).and_then(Json::as_str).unwrap_or_default();
    token.record.set_text(Field::Owner, login);
    let expired = token.get("token_expired").and_then(truth);
    token.state(expired.map(|expired| if expired { "expired" } else { "enabled" }), "");
    token.date(Field::ExpiresAt, "token_expires_at", NULL_IS_NONE);
    // Use is tracked from the token's creation, so `null` is "never", and at least since the organisation approved it.
    token.date(Field::LastUsedAt, "token_last_used_at", NULL_IS_NONE);
    token.date(Field::UsageObservedSince, "access_granted_at", SILENT);
    token.record.set_text(Field::ScopeModel, "scoped");
    let scopes = token.get("permissions").map_or(Cell::of(State::Empty), scopes);
    token.record.set(Field::ScopesGranted, scopes);
    // `selected` is how some fixtures spell `subset`; the registry looks for `all`.
    token.tag("repository_selection", "repository_selection");
    // Approval by the organisation is not the token's creation, which this export does not state.
    token.date_tag("access_granted_at", "access_granted_at");
    token.tag("github_token_id", "token_id");
    sink.token(token.record);
}

/// `{group: {permission: level}}`; no permissions at all is read access to what is public.
fn scopes(groups: &Json) -> Cell {
    let Json::Object(groups) = groups else { return Cell::of(State::Empty) };
    granted(groups.iter().flat_map(|(group, inner)| permissions(group, inner)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::Value;
    use crate::inventory::registry::Registry;

    const PATS: &str = include_str!("../../../../tests/fixtures/formats/github-org-fine-grained-pats.json");

    #[test]
    fn a_grant_becomes_a_token() {
        let read = read(&FINE_GRAINED_PATS, PATS);
        assert_eq!(read.tokens.len(), 4);
        let token = &read.tokens[0];
        let texts = [Field::TokenId, Field::Name, Field::Owner, Field::State, Field::Provider, Field::TokenKind];
        assert_eq!(
            texts.map(|field| token.text(field).unwrap_or_default()),
            ["41001", "release notes", "mlind-acme", "enabled", "github", "fine-grained-pat"]
        );
        // The offset changes with daylight saving inside one record.
        assert_eq!(token.get(Field::ExpiresAt), &at("2026-12-02T16:47:09Z"));
        assert_eq!(token.get(Field::LastUsedAt), &at("2026-11-01T05:01:44Z"));
        assert_eq!(token.tags.get("github_token_id").map(String::as_str), Some("990011"));
    }

    #[test]
    fn approval_is_not_creation() {
        let read = read(&FINE_GRAINED_PATS, PATS);
        assert!(read.tokens.iter().all(|token| token.get(Field::CreatedAt).state == State::NotCollected));
        assert_eq!(read.tokens[0].tags.get("access_granted_at").map(String::as_str), Some("2026-06-02T15:47:09Z"));
    }

    #[test]
    fn null_is_none_and_never_and_a_missing_key_says_nothing() {
        let read = read(&FINE_GRAINED_PATS, PATS);
        let states =
            |index: usize| [Field::ExpiresAt, Field::LastUsedAt, Field::Name].map(|field| read.tokens[index].get(field).state);
        assert_eq!(states(1), [State::None, State::Value, State::Value]);
        assert_eq!(states(2), [State::Value, State::None, State::Value]);
        assert_eq!(states(3), [State::Empty, State::Empty, State::NotCollected]);
        assert_eq!(read.tokens[2].text(Field::State), Some("expired"));
        assert_eq!(read.tokens[3].get(Field::State).state, State::Empty);
    }

    #[test]
    fn permissions_are_scopes_with_group_and_level_and_all_repositories_widen_them() {
        let read = read(&FINE_GRAINED_PATS, PATS);
        let classes = |index: usize| {
            let mut token = read.tokens[index].clone();
            Registry::built_in().classify(&mut token);
            match &token.get(Field::ScopesGranted).value {
                Value::Scopes(scopes) => {
                    scopes.iter().map(|scope| (scope.name.clone(), scope.class.map_or("-", |class| class.word()))).collect()
                }
                _ => Vec::new(),
            }
        };
        let expected =
            |pairs: &[(&str, &'static str)]| pairs.iter().map(|(name, class)| ((*name).to_owned(), *class)).collect::<Vec<_>>();
        assert_eq!(
            classes(0),
            expected(&[
                ("organization.members:read", "read"),
                ("repository.metadata:read", "read"),
                ("repository.contents:read", "read"),
                ("repository.pull_requests:write", "write"),
            ])
        );
        assert_eq!(
            classes(1),
            expected(&[
                ("organization.organization_administration:write", "admin"),
                ("repository.contents:write", "admin"),
                ("repository.metadata:read", "read"),
                ("repository.issues:read", "high"),
            ])
        );
        assert_eq!(read.tokens[2].get(Field::ScopesGranted).state, State::None);
        assert_eq!(classes(3), expected(&[("repository.repository_projects:admin", "admin")]));
    }
}
