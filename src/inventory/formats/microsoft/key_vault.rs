//! Key Vault: the secrets of one vault, as the command line and the REST interface list them.
//!
//! The list has no values. `updated` moves with a new value and with any edit of tags or dates, so it is an upper bound for the age
//! of the value. A secret that has expired is still handed out: the date only informs.

use super::page;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{ABSENT_IS_NONE, SILENT, Token, scalar, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::owner_keys;
use crate::inventory::formats::storage::{self, Place};
use crate::inventory::time;
use serde_json::{Map, Value as Json};

const PROVIDER: &str = "azure-key-vault";

/// `az keyvault secret list`.
pub const SECRETS: Export = Export {
    id: "azure-keyvault-secrets",
    title: "Azure Key Vault secrets (Azure command line)",
    how_to_export: "az keyvault secret list --vault-name VAULT --include-managed true > secrets.json",
    signature: "JSON array with attributes, whose ids contain /secrets/",
    recognises: |sight| is_secret_list(sight, ""),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::Environment,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::Storage,
        Field::ChangedAt,
    ]),
    // Answers that show one secret hold it.
    secret_fields: &["value"],
    reading: Reading::Each { record: secret, page: no_pages },
    ..Export::OF_SECRET_STORE
};

/// `GET https://VAULT.vault.azure.net/secrets`.
pub const SECRETS_REST: Export = Export {
    id: "azure-keyvault-secrets-rest",
    title: "Azure Key Vault secrets (REST)",
    how_to_export: "az rest --resource https://vault.azure.net --url 'https://VAULT.vault.azure.net/secrets?api-version=7.4' > secrets.json",
    layout: Layout::Json(Records::Under("value")),
    signature: "JSON object with value, whose entries have attributes and ids with /secrets/",
    recognises: |sight| is_secret_list(sight, "value"),
    export: Some("azure-keyvault-secrets"),
    reading: Reading::Each { record: secret, page: |envelope, _| page(envelope) },
    ..SECRETS
};

fn is_secret_list(sight: &Sight, key: &str) -> bool {
    sight.elements_under(key).any(|element| {
        let is_secret = element.get("id").and_then(Json::as_str).is_some_and(|id| vault_and_name(id).is_some());
        is_secret && element.get("attributes").is_some_and(Json::is_object)
    })
}

/// Vault and secret of an id such as `https://VAULT.vault.azure.net/secrets/NAME/VERSION`; deleted ones stand below
/// `deletedsecrets`.
fn vault_and_name(id: &str) -> Option<(&str, &str)> {
    let mut parts = id.strip_prefix("https://")?.split('/');
    let vault = parts.next()?.split('.').next()?;
    let is_secret = parts.next().is_some_and(|part| part == "secrets" || part == "deletedsecrets");
    let name = parts.next().filter(|name| !name.is_empty());
    if is_secret { name.map(|name| (vault, name)) } else { None }
}

fn secret(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "secret", sink) else { return };
    let id = token.scalar("id").unwrap_or_default();
    let id = id.trim_end_matches('/');
    let (vault, name) = vault_and_name(id).unwrap_or_default();
    token.record.set_text(Field::TokenId, id);
    token.record.set_text(Field::Account, vault.to_ascii_lowercase());
    token.record.set_text(Field::Name, name);
    let none = Map::new();
    let attributes = token.get("attributes").and_then(Json::as_object).unwrap_or(&none);
    let mut dates = Token::of(token.record.line, attributes, PROVIDER, "secret");
    dates.date(Field::CreatedAt, "created", SILENT);
    dates.date(Field::ChangedAt, "updated", SILENT);
    // The command line writes `expires`, and null without one; the interface `exp`, and leaves it out.
    let end = if attributes.contains_key("exp") { "exp" } else { "expires" };
    dates.date(Field::ExpiresAt, end, ABSENT_IS_NONE);
    for field in [Field::CreatedAt, Field::ChangedAt, Field::ExpiresAt] {
        token.record.set(field, dates.record.get(field).clone());
    }
    token.record.problems.append(&mut dates.record.problems);
    if let Some(start) = ["notBefore", "nbf"].into_iter().find_map(|key| dates.date_of(key)) {
        token.record.tags.insert("not_before".to_owned(), time::written(start));
    }

    let written = attributes.get("enabled").and_then(scalar).unwrap_or_default();
    let is_deleted = token.get("deletedDate").is_some_and(|date| !date.is_null());
    let state = match attributes.get("enabled").and_then(truth) {
        _ if is_deleted => Some("deleted"),
        Some(true) => Some("enabled"),
        Some(false) => Some("disabled"),
        None => None,
    };
    token.state(state, &written);
    token.tag("content_type", "contentType");
    token.date_tag("deleted_at", "deletedDate");
    if token.flag("managed") == Some(true) {
        // The vault renews it together with the certificate.
        token.record.tags.insert("managed_by_certificate".to_owned(), "true".to_owned());
    }
    let tags = token.get("tags").and_then(Json::as_object).into_iter().flatten();
    let tags = tags.filter_map(|(key, value)| Some((key.clone(), scalar(value)?))).collect();
    owner_keys::read(&mut token, tags, context);
    let since = token.record.get(Field::CreatedAt).clone();
    let place = Place { kind: "secret-manager", location: id.to_owned(), since, encrypted_at_rest: "yes", readers: Vec::new() };
    storage::set(&mut token.record, place);
    sink.token(token.record);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::format::Format;
    use crate::inventory::formats::test_reader::{Read, at, read, sight_of_json};
    use crate::inventory::record::{State, Value};

    const LIST: &str = include_str!("../../../../tests/fixtures/formats/azure-keyvault-secrets.json");
    const ANSWER: &str = include_str!("../../../../tests/fixtures/formats/azure-keyvault-secrets-rest.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn command_line_and_interface_say_the_same() {
        let (list, answer) = (read(&SECRETS, LIST), read(&SECRETS_REST, ANSWER));
        assert_eq!(answer.tokens.len(), 3);
        for (listed, answered) in list.tokens.iter().zip(&answer.tokens) {
            assert_eq!(listed.cells(), answered.cells());
        }
        assert_eq!(answer.paging[0].more, Some(false));
    }

    #[test]
    fn a_secret_is_known_by_its_address() {
        let read = read(&SECRETS, LIST);
        assert_eq!(words(&read, Field::TokenId)[0], "https://acme-shop-kv.vault.azure.net/secrets/partner-token");
        assert_eq!(words(&read, Field::Account), ["acme-shop-kv"; 4]);
        assert_eq!(words(&read, Field::Name), ["partner-token", "legacy-password", "tls-key", "removed"]);
        assert_eq!(words(&read, Field::Owner), ["mara.lind@acme.example", "-", "-", "-"]);
        assert_eq!(words(&read, Field::Environment), ["production", "-", "-", "-"]);
        let Value::Items(entries) = &read.tokens[0].get(Field::Storage).value else { panic!("no storage") };
        assert_eq!(entries[0].parts[0].as_text(), Some("secret-manager"));
    }

    #[test]
    fn an_unset_date_is_none_however_it_is_written() {
        let read = read(&SECRETS, LIST);
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &at("2027-01-01T00:00:00Z"));
        assert_eq!(read.tokens[1].get(Field::ExpiresAt).state, State::None);
        assert_eq!(read.tokens[0].get(Field::ChangedAt), &at("2026-01-01T00:00:00Z"));
        assert_eq!(read.tokens[0].get(Field::LastRotatedAt).state, State::NotCollected);
        assert_eq!(read.tokens[0].tags["not_before"], "2025-01-01T00:00:00Z");
    }

    #[test]
    fn the_vault_says_whether_it_hands_the_secret_out() {
        let read = read(&SECRETS, LIST);
        assert_eq!(words(&read, Field::State), ["enabled", "enabled", "disabled", "deleted"]);
        assert_eq!(read.tokens[2].tags["managed_by_certificate"], "true");
        assert!(!read.tokens[0].tags.contains_key("managed_by_certificate"));
    }

    #[test]
    fn keys_and_certificates_of_a_vault_are_no_secrets() {
        for collection in ["keys", "certificates"] {
            let text = format!(r#"[{{"attributes": {{}}, "id": "https://kv.vault.azure.net/{collection}/a"}}]"#);
            assert!(!SECRETS.recognises(&sight_of_json(&text)));
        }
    }
}
