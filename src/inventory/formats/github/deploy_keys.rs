//! GitHub: deploy keys of a repository. They have no end; the repository is only named in `url`.
//!
//! The list of somebody's own SSH keys (`GET /user/keys`) has the same keys, and is told by its addresses.

use super::{PROVIDER, path_after};
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sink, SourceContext};
use crate::inventory::formats::element::{NULL_IS_NONE, SILENT, Token, granted, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::record::{Cell, Scope, State};

/// `GET /repos/{owner}/{repo}/keys`.
pub const DEPLOY_KEYS: Export = Export {
    id: "github-repo-deploy-keys",
    title: "GitHub deploy keys of a repository",
    how_to_export: "gh api --paginate /repos/ORG/REPO/keys > deploy-keys.json",
    signature: "JSON array with key, read_only and verified, or as the gh command prints it with key, readOnly and createdAt",
    recognises: |sight| {
        sight.has_keys("", &["key", "read_only", "verified"]) || sight.has_keys("", &["key", "readOnly", "createdAt"])
    },
    // Who added the key, its last use and its state are newer, and each record tells whether it states them.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    reading: Reading::Each { record: deploy_key, page: no_pages },
    ..Export::OF_PROVIDER
};

fn deploy_key(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "deploy-key", sink) else { return };
    token.text(Field::TokenId, "id");
    token.text(Field::Name, "title");
    let created = if token.has("createdAt") { "createdAt" } else { "created_at" };
    token.date(Field::CreatedAt, created, SILENT);
    // A key has no end of its own.
    token.record.set(Field::ExpiresAt, Cell::of(State::None));
    if token.has("added_by") {
        token.text(Field::Owner, "added_by");
    }
    if token.has("last_used") {
        token.date(Field::LastUsedAt, "last_used", NULL_IS_NONE);
    }
    if let Some(enabled) = token.get("enabled").and_then(truth) {
        token.state(Some(if enabled { "enabled" } else { "disabled" }), "");
    }
    token.tag("verified", "verified");
    let url = token.scalar("url").unwrap_or_default();
    if path_after(&url, "/user/keys/").is_some() {
        token.record.set_text(Field::TokenKind, "ssh-key");
    } else {
        reach(&mut token, &url);
    }
    sink.token(token.record);
}

/// One repository, to read or to write.
fn reach(token: &mut Token<'_>, url: &str) {
    let mut path = path_after(url, "/repos/").unwrap_or_default().split('/');
    let (owner, repository) = (path.next().unwrap_or_default(), path.next().unwrap_or_default());
    token.record.set_text(Field::Account, owner);
    if !repository.is_empty() {
        token.record.tags.insert("repository".to_owned(), format!("{owner}/{repository}"));
    }
    token.record.set_text(Field::ScopeModel, "scoped");
    let read_only = token.get("read_only").or_else(|| token.get("readOnly"));
    let level = match read_only.and_then(truth) {
        Some(true) => "read",
        Some(false) => "write",
        None => return token.record.set(Field::ScopesGranted, Cell::of(State::Empty)),
    };
    let scope = Scope { name: format!("repository.contents:{level}"), class: None };
    token.record.set(Field::ScopesGranted, granted(vec![scope]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::{Record, Value};
    use crate::inventory::registry::Registry;

    const KEYS: &str = include_str!("../../../../tests/fixtures/formats/github-repo-deploy-keys.json");

    fn classes(token: &Record) -> Vec<(String, &'static str)> {
        let mut token = token.clone();
        Registry::built_in().classify(&mut token);
        let Value::Scopes(scopes) = &token.get(Field::ScopesGranted).value else { return Vec::new() };
        scopes.iter().map(|scope| (scope.name.clone(), scope.class.map_or("-", |class| class.word()))).collect()
    }

    #[test]
    fn a_key_reaches_one_repository_of_an_organisation() {
        let read = read(&DEPLOY_KEYS, KEYS);
        let token = &read.tokens[0];
        let texts = [Field::TokenId, Field::Account, Field::Name, Field::TokenKind, Field::Owner, Field::State];
        assert_eq!(
            texts.map(|field| token.text(field).unwrap_or("-")),
            ["7501", "acme", "deploy read", "deploy-key", "mlind-acme", "enabled"]
        );
        assert_eq!(token.tags.get("repository").map(String::as_str), Some("acme/orders"));
        assert_eq!(token.get(Field::CreatedAt), &at("2025-12-10T15:53:42Z"));
        assert_eq!(token.get(Field::ExpiresAt).state, State::None);
        // Enterprise Server puts its own path before `/repos/`.
        assert_eq!(read.tokens[2].text(Field::Account), Some("acme"));
        assert_eq!(read.tokens[1].text(Field::State), Some("disabled"));
    }

    #[test]
    fn writing_to_code_is_told_from_reading() {
        let read = read(&DEPLOY_KEYS, KEYS);
        assert_eq!(classes(&read.tokens[0]), [("repository.contents:read".to_owned(), "read")]);
        assert_eq!(classes(&read.tokens[1]), [("repository.contents:write".to_owned(), "high")]);
    }

    #[test]
    fn newer_keys_are_collected_only_where_they_are() {
        let read = read(&DEPLOY_KEYS, KEYS);
        let states =
            |index: usize| [Field::Owner, Field::LastUsedAt, Field::State].map(|field| read.tokens[index].get(field).state);
        assert_eq!(states(0), [State::Value, State::Value, State::Value]);
        assert_eq!(states(1), [State::Value, State::None, State::Value]);
        assert_eq!(states(2), [State::NotCollected; 3]);
    }

    #[test]
    fn somebodys_own_keys_are_no_deploy_keys() {
        let text = r#"[{"id": 2, "key": "ssh-rsa AAAA", "url": "https://api.github.com/user/keys/2", "title": "laptop",
                        "created_at": "2026-01-01T00:00:00Z", "verified": true, "read_only": false}]"#;
        let read = read(&DEPLOY_KEYS, text);
        assert_eq!(read.tokens[0].text(Field::TokenKind), Some("ssh-key"));
        assert_eq!(read.tokens[0].get(Field::ScopesGranted).state, State::NotCollected);
    }

    #[test]
    fn the_list_of_the_command_names_no_repository() {
        let text = r#"[{"id": 2, "key": "ssh-rsa AAAA", "title": "ci", "createdAt": "2026-01-01T00:00:00Z", "readOnly": false}]"#;
        let read = read(&DEPLOY_KEYS, text);
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2026-01-01T00:00:00Z"));
        assert_eq!(classes(&read.tokens[0]), [("repository.contents:write".to_owned(), "high")]);
        assert_eq!(read.tokens[0].get(Field::Account).state, State::Empty);
    }
}
