//! GitHub: secrets of Actions, Dependabot and Codespaces, of an organisation, a repository or an environment.
//!
//! The lists look alike and name neither where they are from nor which of the stores it is, except in the address that selected
//! repositories have. A name is unique within one list only, so files of several repositories need `account` in the settings.

use super::{PROVIDER, path_after};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::paging;
use crate::inventory::formats::storage::{self, Place};

/// `GET /orgs/{org}/actions/secrets` and its like.
pub const SECRETS: Export = Export {
    id: "github-secrets",
    title: "GitHub secrets of Actions, Dependabot or Codespaces",
    how_to_export: "gh api --paginate /orgs/ORG/actions/secrets > secrets.json (or repos/ORG/REPO/…, …/environments/NAME/secrets)",
    layout: Layout::Json(Records::Under("secrets")),
    signature: "JSON object with total_count and secrets",
    recognises: |sight| sight.envelope_has("total_count") && sight.has_keys("secrets", &["name"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::CreatedAt,
        Field::ChangedAt,
        Field::Storage,
    ]),
    reading: Reading::Each { record: secret, page: |envelope, _| paging::total(envelope, "total_count") },
    ..Export::OF_SECRET_STORE
};

/// The secrets without the object around them, and as `gh secret list` prints them.
pub const SECRETS_LIST: Export = Export {
    id: "github-secrets-list",
    title: "GitHub secrets of Actions, Dependabot or Codespaces (bare list)",
    how_to_export: "gh secret list --org ORG --json name,updatedAt,visibility,selectedReposURL > secrets.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with name, visibility and updated_at or updatedAt, without id and value",
    // Repositories have an id, and variables have a value.
    recognises: |sight| {
        let is_list = |updated| sight.has_keys("", &["name", "visibility", updated]);
        (is_list("updated_at") || is_list("updatedAt")) && !sight.has_keys("", &["id"]) && !sight.has_keys("", &["value"])
    },
    // The command does not print when a secret was created.
    collects: Some(&[Field::TokenId, Field::Provider, Field::Name, Field::TokenKind, Field::ChangedAt, Field::Storage]),
    export: Some(SECRETS.id),
    reading: Reading::Each { record: secret, page: no_pages },
    ..SECRETS
};

fn secret(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "actions-secret", sink) else { return };
    token.text(Field::TokenId, "name");
    token.text(Field::Name, "name");
    if token.has("created_at") {
        token.date(Field::CreatedAt, "created_at", SILENT);
    }
    let updated = if token.has("updatedAt") { "updatedAt" } else { "updated_at" };
    token.date(Field::ChangedAt, updated, SILENT);
    // The command prints an empty one where there is none.
    if token.scalar("visibility").unwrap_or_default().is_empty() {
        // A secret of a repository or environment consists of its value: only a new one moves the date. That of an
        // organisation also moves when other repositories may read the secret.
        token.date(Field::LastRotatedAt, updated, SILENT);
    }
    token.tag("visibility", "visibility");
    let address = ["selected_repositories_url", "selectedReposURL"].iter().find_map(|key| token.scalar(key)).unwrap_or_default();
    if let Some(path) = path_after(&address, "/orgs/") {
        let mut path = path.split('/');
        token.record.set_text(Field::Account, path.next().unwrap_or_default());
        if let Some(store) = path.next() {
            token.record.tags.insert("secret_store".to_owned(), store.to_owned());
        }
    } else if context.account.is_none() {
        sink.problem(
            "the list does not name its organisation or repository, and other lists may have secrets of the same names; \
             state it: [[source]] account = \"ORG/REPO\""
                .to_owned(),
        );
    }
    keep(&mut token);
    sink.token(token.record);
}

/// GitHub takes secrets only encrypted, and keeps them so; nobody can read one again, only jobs receive it.
fn keep(token: &mut Token<'_>) {
    let location = format!("github secret {}", token.record.text(Field::Name).unwrap_or_default());
    let since = token.record.get(Field::CreatedAt).clone();
    let place = Place { kind: "ci-secret-store", location, since, encrypted_at_rest: "yes", ..Place::default() };
    storage::set(&mut token.record, place);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::format::Paging;
    use crate::inventory::formats::test_reader::{at, read, read_in, sight_of_json};
    use crate::inventory::record::{State, Value};

    const ORGANISATION: &str = include_str!("../../../../tests/fixtures/formats/github-secrets.json");

    #[test]
    fn a_secret_is_known_by_its_name_and_kept_encrypted() {
        let read = read(&SECRETS, ORGANISATION);
        let names: Vec<_> = read.tokens.iter().map(|token| token.text(Field::TokenId).unwrap_or("-")).collect();
        assert_eq!(names, ["DEPLOY_TOKEN", "CLOUD_API_KEY", "PARTNER_SFTP"]);
        for token in &read.tokens {
            let Value::Items(places) = &token.get(Field::Storage).value else { panic!("no storage") };
            assert_eq!((places[0].parts[0].as_text(), places[0].parts[3].as_text()), (Some("ci-secret-store"), Some("yes")));
            assert_eq!(
                [Field::Owner, Field::ExpiresAt, Field::LastUsedAt].map(|field| token.get(field).state),
                [State::NotCollected; 3]
            );
        }
        assert_eq!(read.paging, [Paging { declared: Some(3), more: None }]);
    }

    #[test]
    fn only_the_address_names_the_organisation() {
        let read = read(&SECRETS, ORGANISATION);
        assert_eq!(read.tokens[2].text(Field::Account), Some("acme"));
        assert_eq!(read.tokens[2].tags.get("secret_store").map(String::as_str), Some("actions"));
        assert_eq!(read.tokens[0].get(Field::Account).state, State::NotCollected);
        assert!(read.problems[0].contains("account"));
        let told = SourceContext { account: Some("acme".to_owned()), ..SourceContext::default() };
        assert_eq!(read_in(&SECRETS, ORGANISATION, &told).problems, [""; 0]);
    }

    #[test]
    fn an_update_is_a_new_value_only_where_there_is_nothing_else_to_update() {
        let of_organisation = read(&SECRETS, ORGANISATION);
        assert_eq!(of_organisation.tokens[1].get(Field::LastRotatedAt).state, State::NotCollected);
        assert_eq!(of_organisation.tokens[1].get(Field::ChangedAt), &at("2026-09-11T11:59:22Z"));
        let text = r#"{"total_count": 9, "secrets": [{"name": "NPM", "created_at": "2024-01-10T10:59:22Z", "updated_at": "2026-01-11T11:59:22Z"}]}"#;
        let of_repository = read(&SECRETS, text);
        assert_eq!(of_repository.tokens[0].get(Field::LastRotatedAt), &at("2026-01-11T11:59:22Z"));
        assert_eq!(of_repository.paging[0].declared, Some(9));
    }

    #[test]
    fn the_command_prints_the_same_secrets() {
        let list = include_str!("../../../../tests/fixtures/formats/github-secrets-list.json");
        let read = read(&SECRETS_LIST, list);
        assert_eq!(read.tokens[0].get(Field::LastRotatedAt), &at("2026-09-11T11:59:22Z"));
        assert_eq!(read.tokens[0].get(Field::CreatedAt).state, State::NotCollected);
        assert_eq!(read.tokens[1].text(Field::Account), Some("acme"));
        assert_eq!(read.tokens[1].get(Field::LastRotatedAt).state, State::NotCollected);
        let repositories = r#"[{"id": 1, "name": "orders", "visibility": "private", "created_at": "x", "updated_at": "x"}]"#;
        assert!(!(SECRETS_LIST.recognises)(&sight_of_json(repositories)));
    }
}
