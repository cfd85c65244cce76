//! GitHub: fine-grained personal access tokens that may reach an organisation.

use super::element::{NULL_IS_NONE, Token, granted};
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Format, Layout, Records, Role, Row, Sight, Sink, SourceContext, Standing};
use crate::inventory::record::{Cell, Scope, State};
use serde_json::Value as Json;

/// `GET /orgs/{org}/personal-access-tokens`.
pub struct FineGrainedPats;

impl Format for FineGrainedPats {
    fn id(&self) -> &'static str {
        "github-org-fine-grained-pats"
    }
    fn title(&self) -> &'static str {
        "GitHub fine-grained personal access tokens of an organisation"
    }
    fn how_to_export(&self) -> &'static str {
        "as a GitHub App: gh api --paginate /orgs/ORG/personal-access-tokens > pats.json"
    }
    fn role(&self) -> Role {
        Role::Inventory
    }
    fn standing(&self) -> Standing {
        Standing::Provider
    }
    fn layout(&self) -> Layout {
        Layout::Json(Records::Array)
    }
    fn recognises(&self, sight: &Sight) -> bool {
        sight.has_keys("", &["access_granted_at", "permissions", "repository_selection"])
    }
    fn signature(&self) -> &'static str {
        "JSON array with access_granted_at, permissions and repository_selection"
    }
    fn collects(&self) -> Option<&'static [Field]> {
        Some(&[
            Field::TokenId,
            Field::Provider,
            Field::Name,
            Field::TokenKind,
            Field::State,
            Field::Owner,
            Field::ExpiresAt,
            Field::LastUsedAt,
            Field::ScopeModel,
            Field::ScopesGranted,
        ])
    }
    fn open<'a>(&'a self, _context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        Box::new(Pats)
    }
}

struct Pats;

impl Adapter for Pats {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Some(mut token) = Token::start(row, "github", "fine-grained-pat", sink) else { return };
        // The id of the grant: always there, and what revocation takes. The token's own id is a newer field.
        token.text(Field::TokenId, "id");
        token.text(Field::Name, "token_name");
        let login = token.get("owner").and_then(|owner| owner.get("login")).and_then(Json::as_str).unwrap_or_default();
        token.record.set_text(Field::Owner, login);
        match token.get("token_expired").and_then(Json::as_bool) {
            Some(true) => token.state(Some("expired"), ""),
            Some(false) => token.state(Some("enabled"), ""),
            None => token.state(None, ""),
        }
        token.date(Field::ExpiresAt, "token_expires_at", NULL_IS_NONE);
        // Use is tracked from the token's creation, so `null` is "never".
        token.date(Field::LastUsedAt, "token_last_used_at", NULL_IS_NONE);
        token.record.set_text(Field::ScopeModel, "scoped");
        let scopes = token.get("permissions").map_or(Cell::of(State::Empty), permissions);
        token.record.set(Field::ScopesGranted, scopes);
        // `selected` is how some fixtures spell `subset`; the registry looks for `all`.
        token.tag("repository_selection", "repository_selection");
        // Approval by the organisation is not the token's creation, which this export does not state.
        token.date_tag("access_granted_at", "access_granted_at");
        token.tag("github_token_id", "token_id");
        sink.token(token.record);
    }
}

/// `{group: {permission: level}}` as scopes `group.permission:level`; no permissions at all is read access to what is public.
fn permissions(groups: &Json) -> Cell {
    let Json::Object(groups) = groups else { return Cell::of(State::Empty) };
    let mut scopes = Vec::new();
    for (group, permissions) in groups {
        for (permission, level) in permissions.as_object().into_iter().flatten() {
            let level = level.as_str().unwrap_or("unknown");
            scopes.push(Scope { name: format!("{group}.{permission}:{level}"), class: None });
        }
    }
    granted(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::Value;
    use crate::inventory::registry::Registry;

    const PATS: &str = include_str!("../../../tests/fixtures/formats/github-org-fine-grained-pats.json");

    #[test]
    fn a_grant_becomes_a_token() {
        let read = read(&FineGrainedPats, PATS);
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
        let read = read(&FineGrainedPats, PATS);
        assert!(read.tokens.iter().all(|token| token.get(Field::CreatedAt).state == State::NotCollected));
        assert_eq!(read.tokens[0].tags.get("access_granted_at").map(String::as_str), Some("2026-06-02T15:47:09Z"));
    }

    #[test]
    fn null_is_none_and_never_and_a_missing_key_says_nothing() {
        let read = read(&FineGrainedPats, PATS);
        let states =
            |index: usize| [Field::ExpiresAt, Field::LastUsedAt, Field::Name].map(|field| read.tokens[index].get(field).state);
        assert_eq!(states(1), [State::None, State::Value, State::Value]);
        assert_eq!(states(2), [State::Value, State::None, State::Value]);
        assert_eq!(states(3), [State::Empty, State::Empty, State::Empty]);
        assert_eq!(read.tokens[2].text(Field::State), Some("expired"));
        assert_eq!(read.tokens[3].get(Field::State).state, State::Empty);
    }

    #[test]
    fn permissions_are_scopes_with_group_and_level_and_all_repositories_widen_them() {
        let read = read(&FineGrainedPats, PATS);
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
