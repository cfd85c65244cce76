//! GitHub: credentials of members that are authorised for SAML SSO. Classic tokens of an organisation can be listed only so.

use super::PROVIDER;
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sink, SourceContext};
use crate::inventory::formats::element::{NULL_IS_NONE, SILENT, Token};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::word;

/// `GET /orgs/{org}/credential-authorizations`.
pub const CREDENTIAL_AUTHORIZATIONS: Export = Export {
    id: "github-org-credential-authorizations",
    title: "GitHub credentials authorised for SAML SSO",
    how_to_export: "gh api --paginate /orgs/ORG/credential-authorizations > credentials.json",
    signature: "JSON array with credential_id and credential_type",
    recognises: |sight| sight.has_keys("", &["credential_id", "credential_type"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::Owner,
        Field::ExpiresAt,
        Field::LastUsedAt,
        Field::UsageObservedSince,
        Field::ScopeModel,
        Field::ScopesGranted,
    ]),
    secret_fields: &["~token_last_eight"],
    reading: Reading::Each { record: credential, page: no_pages },
    ..Export::OF_PROVIDER
};

fn credential(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "", sink) else { return };
    let told = token.scalar("credential_type").unwrap_or_default();
    let kind = kind(&told);
    token.record.set_text(Field::TokenKind, kind.as_str());
    // A number, or in older answers a string.
    token.text(Field::TokenId, "credential_id");
    token.text(Field::Owner, "login");
    let names = ["authorized_credential_note", "authorized_credential_title", "application_name"];
    let name = names.iter().filter_map(|key| token.scalar(key)).find(|name| !name.trim().is_empty());
    token.record.set_text(Field::Name, name.unwrap_or_default().trim());
    token.date(Field::ExpiresAt, "authorized_credential_expires_at", NULL_IS_NONE);
    // GitHub watches the credential in the organisation from its authorisation on, which is not its creation.
    token.date(Field::LastUsedAt, "credential_accessed_at", NULL_IS_NONE);
    token.date(Field::UsageObservedSince, "credential_authorized_at", SILENT);
    // SSH keys have no scopes, and the list does not say what they reach.
    if token.has("scopes") {
        token.scopes("scopes");
        token.record.set_text(Field::ScopeModel, "scoped");
    }
    token.date_tag("credential_authorized_at", "credential_authorized_at");
    token.tag("authorized_credential_id", "authorized_credential_id");
    token.tag("fingerprint", "fingerprint");
    token.tag("application_name", "application_name");
    token.tag("application_client_id", "application_client_id");
    sink.token(token.record);
}

/// The kind of token, in one word; a type that is new keeps its own.
fn kind(told: &str) -> String {
    let word = word::fold(told).into_owned();
    if word.contains("fine-grained") { "fine-grained-pat".to_owned() } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::{State, Value};

    const CREDENTIALS: &str = include_str!("../../../../tests/fixtures/formats/github-org-credential-authorizations.json");

    #[test]
    fn every_type_has_its_kind_and_a_name() {
        let read = read(&CREDENTIAL_AUTHORIZATIONS, CREDENTIALS);
        let told: Vec<_> = read
            .tokens
            .iter()
            .map(|token| {
                [Field::TokenId, Field::TokenKind, Field::Owner, Field::Name].map(|field| token.text(field).unwrap_or("-"))
            })
            .collect();
        assert_eq!(
            told,
            [
                ["810001", "personal-access-token", "mlind-acme", "laptop"],
                ["810002", "personal-access-token", "tfield-acme", "-"],
                ["810003", "ssh-key", "zdvorak-acme", "work laptop"],
                ["810004", "oauth-app-token", "riyer-acme", "Editor Sync"],
                ["810005", "github-app-token", "ci-acme", "Chat Bridge"],
                ["810006", "personal-access-token", "lroth-acme", "-"],
            ]
        );
    }

    #[test]
    fn authorisation_is_no_creation_and_null_is_never() {
        let read = read(&CREDENTIAL_AUTHORIZATIONS, CREDENTIALS);
        let token = &read.tokens[0];
        assert_eq!(token.get(Field::CreatedAt).state, State::NotCollected);
        assert_eq!(token.get(Field::UsageObservedSince), &at("2025-11-20T11:55:08Z"));
        assert_eq!(token.get(Field::LastUsedAt), &at("2026-10-31T21:55:07Z"));
        assert_eq!(token.get(Field::ExpiresAt), &at("2026-11-20T11:54:59Z"));
        let states = |index: usize| [Field::ExpiresAt, Field::LastUsedAt].map(|field| read.tokens[index].get(field).state);
        assert_eq!(states(1), [State::None, State::Value]);
        assert_eq!(states(2), [State::Empty, State::Value]);
        assert_eq!(states(4), [State::None, State::None]);
        assert_eq!(states(5), [State::Empty, State::Empty]);
    }

    #[test]
    fn scopes_are_those_of_tokens_and_none_is_public_access() {
        let read = read(&CREDENTIAL_AUTHORIZATIONS, CREDENTIALS);
        assert!(matches!(&read.tokens[0].get(Field::ScopesGranted).value, Value::Scopes(scopes) if scopes.len() == 3));
        assert_eq!(read.tokens[2].get(Field::ScopesGranted).state, State::NotCollected);
        assert_eq!(read.tokens[4].get(Field::ScopesGranted).state, State::None);
    }

    #[test]
    fn no_part_of_a_value_is_kept() {
        let read = read(&CREDENTIAL_AUTHORIZATIONS, CREDENTIALS);
        assert!(CREDENTIALS.contains("ACMELAST"));
        assert!(!format!("{read:?}").contains("ACMELAST"));
    }
}
