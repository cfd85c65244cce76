//! GitHub: apps that are installed in an organisation. An installation is no stored secret, but a standing grant of rights.

use super::{PROVIDER, permissions};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token, granted, scalar};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::paging;
use crate::inventory::record::{Cell, State};
use serde_json::Value as Json;

const COLLECTS: &[Field] =
    &[Field::TokenId, Field::Provider, Field::Name, Field::TokenKind, Field::CreatedAt, Field::ScopeModel, Field::ScopesGranted];

/// `GET /orgs/{org}/installations`.
pub const APP_INSTALLATIONS: Export = Export {
    id: "github-org-app-installations",
    title: "GitHub app installations of an organisation",
    how_to_export: "gh api --paginate /orgs/ORG/installations > installations.json",
    layout: Layout::Json(Records::Under("installations")),
    signature: "JSON object with total_count and installations",
    recognises: |sight| sight.envelope_has("total_count") && is_list(sight, "installations"),
    collects: Some(COLLECTS),
    reading: Reading::Each { record: installation, page: |envelope, _| paging::total(envelope, "total_count") },
    ..Export::OF_PROVIDER
};

/// The same as a bare array: of an app itself, or of an organisation in the eyes of its enterprise.
pub const APP_INSTALLATIONS_LIST: Export = Export {
    id: "github-app-installations-list",
    title: "GitHub app installations (bare list)",
    how_to_export: "gh api --paginate /enterprises/ENTERPRISE/apps/organizations/ORG/installations > installations.json",
    signature: "JSON array with app_slug or app_id, permissions and repository_selection",
    recognises: |sight| is_list(sight, ""),
    collects: Some(COLLECTS),
    export: Some("github-org-app-installations"),
    reading: Reading::Each { record: installation, page: no_pages },
    ..Export::OF_PROVIDER
};

fn is_list(sight: &Sight, key: &str) -> bool {
    let of_app = ["app_slug", "app_id"].iter().any(|app| sight.has_keys(key, &[app]));
    of_app && sight.has_keys(key, &["permissions", "repository_selection"])
}

fn installation(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "app-installation", sink) else { return };
    token.text(Field::TokenId, "id");
    token.text(Field::Name, "app_slug");
    let account = token.get("account");
    // An enterprise has a `slug` in place of a login.
    let account = account.and_then(|account| account.get("login").or_else(|| account.get("slug"))).and_then(scalar);
    if let Some(account) = account {
        token.record.set_text(Field::Account, account);
    }
    token.date(Field::CreatedAt, "created_at", SILENT);
    if let Some(suspended) = token.get("suspended_at") {
        token.state(Some(if suspended.is_null() { "enabled" } else { "disabled" }), "");
    }
    token.record.set_text(Field::ScopeModel, "scoped");
    let scopes = match token.get("permissions") {
        Some(map @ Json::Object(_)) => granted(permissions("app", map)),
        _ => Cell::of(State::Empty),
    };
    token.record.set(Field::ScopesGranted, scopes);
    token.tag("repository_selection", "repository_selection");
    token.tag("app_id", "app_id");
    token.tag("target_type", "target_type");
    token.date_tag("updated_at", "updated_at");
    token.date_tag("suspended_at", "suspended_at");
    sink.token(token.record);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::format::Paging;
    use crate::inventory::formats::test_reader::{at, read, sight_of_json};
    use crate::inventory::record::Value;
    use crate::inventory::registry::Registry;

    const INSTALLATIONS: &str = include_str!("../../../../tests/fixtures/formats/github-org-app-installations.json");
    const LIST: &str = include_str!("../../../../tests/fixtures/formats/github-app-installations-list.json");

    #[test]
    fn an_installation_is_a_grant_to_an_app() {
        let read = read(&APP_INSTALLATIONS, INSTALLATIONS);
        let told: Vec<_> = read
            .tokens
            .iter()
            .map(|token| {
                [Field::TokenId, Field::Name, Field::Account, Field::State].map(|field| token.text(field).unwrap_or("-"))
            })
            .collect();
        assert_eq!(
            told,
            [
                ["820001", "dependency-bot", "acme", "enabled"],
                ["820002", "org-helper", "acme", "enabled"],
                ["820003", "old-scanner", "acme", "disabled"],
            ]
        );
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2023-01-02T03:04:05Z"));
        assert_eq!(read.tokens[0].get(Field::LastRotatedAt).state, State::NotCollected);
        assert_eq!(read.paging, [Paging { declared: Some(3), more: None }]);
    }

    #[test]
    fn flat_permissions_have_the_classes_of_fine_grained_ones() {
        let read = read(&APP_INSTALLATIONS, INSTALLATIONS);
        let mut token = read.tokens[0].clone();
        Registry::built_in().classify(&mut token);
        let Value::Scopes(scopes) = &token.get(Field::ScopesGranted).value else { panic!("no scopes") };
        let told: Vec<_> =
            scopes.iter().map(|scope| (scope.name.as_str(), scope.class.map_or("-", |class| class.word()))).collect();
        assert_eq!(told, [("app.contents:write", "high"), ("app.metadata:read", "read")]);
        assert_eq!(read.tokens[2].get(Field::ScopesGranted).state, State::None);
    }

    #[test]
    fn the_bare_list_is_the_same_export() {
        let read = read(&APP_INSTALLATIONS_LIST, LIST);
        assert_eq!(read.tokens[0].text(Field::Name), Some("dependency-bot"));
        // Neither the account nor a suspension is stated.
        assert_eq!([Field::Account, Field::State].map(|field| read.tokens[0].get(field).state), [State::NotCollected; 2]);
        assert_eq!(read.tokens[1].text(Field::Account), Some("acme-enterprise"));
        assert!(!(APP_INSTALLATIONS_LIST.recognises)(&sight_of_json(INSTALLATIONS)));
    }
}
