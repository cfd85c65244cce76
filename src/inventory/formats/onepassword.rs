//! 1Password: items of vaults, as the command line and a Connect server list them, without what is in them.
//!
//! An item is a stored secret. Its last editor is not its owner, its version counts edits of any field, and `updated_at` moves
//! with any of them: it only bounds the age of the value. Who can read it is a matter of the vault, which the list names. An
//! end is a field of the item, and fields are secret.
//!
//! Items that are no credential by their category (cards, passports, notes and so on) are skipped; logins and passwords are kept,
//! because people keep tokens in them.

use super::element::{SILENT, Token, scalar};
use super::export::{Export, Reading, no_pages};
use super::owner_keys;
use super::storage::{self, Place};
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sight, Sink, SourceContext};
use serde_json::Value as Json;

const COLLECTS: &[Field] = &[
    Field::TokenId,
    Field::Provider,
    Field::Account,
    Field::Name,
    Field::TokenKind,
    Field::Environment,
    Field::State,
    Field::Owner,
    Field::CreatedAt,
    Field::Storage,
    Field::ChangedAt,
];

/// Values, earlier values and codes made from them, on the answer for a single item.
const SECRET_FIELDS: &[&str] = &[
    "fields[].value",
    "fields[].totp",
    "fields[].password_details.history[]",
    "fields[].passwordDetails.history[]",
    "notesPlain",
];

/// What the command line prints.
pub const ITEMS: Export = Export {
    id: "onepassword-item-list",
    title: "1Password items (command line)",
    how_to_export: "op item list --categories 'API Credential' --include-archive --format json > items.json",
    signature: "JSON array or single objects with vault, category and created_at",
    recognises: |sight| is_item_list(sight, "created_at"),
    collects: Some(COLLECTS),
    secret_fields: SECRET_FIELDS,
    reading: Reading::Each { record: item, page: no_pages },
    ..Export::OF_SECRET_STORE
};

/// What a Connect server answers; its keys are in another spelling.
pub const CONNECT_ITEMS: Export = Export {
    id: "onepassword-connect-items",
    title: "1Password items (Connect server)",
    how_to_export: "curl -H \"Authorization: Bearer $TOKEN\" https://CONNECT/v1/vaults/ID/items > items.json",
    signature: "JSON array or single objects with vault, category and createdAt",
    recognises: |sight| is_item_list(sight, "createdAt"),
    ..ITEMS
};

/// Categories of what is no credential.
const OTHER_CATEGORIES: &[&str] = &[
    "BANK_ACCOUNT",
    "CREDIT_CARD",
    "DOCUMENT",
    "DRIVER_LICENSE",
    "IDENTITY",
    "MEDICAL_RECORD",
    "MEMBERSHIP",
    "OUTDOOR_LICENSE",
    "PASSPORT",
    "REWARD_PROGRAM",
    "SECURE_NOTE",
    "SOCIAL_SECURITY_NUMBER",
    "SOFTWARE_LICENSE",
];

fn is_item_list(sight: &Sight, created: &str) -> bool {
    sight.has_keys("", &["vault", "category", created])
}

fn item(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let line = match row {
        Row::Json { line, .. } => line,
        Row::Table(row) => row.line,
    };
    let Some(mut token) = Token::start(row, "1password", "item", sink) else { return };
    let category = token.scalar("category").unwrap_or_default().trim().to_uppercase().replace(' ', "_");
    if OTHER_CATEGORIES.contains(&category.as_str()) {
        return sink.skip(line, "an item of 1Password that is no credential by its category");
    }
    token.text(Field::TokenId, "id");
    token.name("title");
    let either = |token: &Token<'_>, ours: &'static str, connect: &'static str| if token.has(connect) { connect } else { ours };
    let key = either(&token, "created_at", "createdAt");
    token.date(Field::CreatedAt, key, SILENT);
    let key = either(&token, "updated_at", "updatedAt");
    token.date(Field::ChangedAt, key, SILENT);
    let key = either(&token, "last_edited_by", "lastEditedBy");
    token.tag("last_edited_by", key);
    let written = token.scalar("state").unwrap_or_default();
    token.state(state(&written), &written);
    let tags = tags(&token);
    owner_keys::read(&mut token, tags.0, context);
    if !tags.1.is_empty() {
        token.record.tags.insert("item_tags".to_owned(), tags.1.join(" "));
    }
    vault(&mut token);
    token.tag("item_category", "category");
    token.tag("item_version", "version");
    // The user name of a login or a credential; of other categories it can be the beginning of a note.
    if matches!(category.as_str(), "API_CREDENTIAL" | "LOGIN") {
        token.tag("user_name", "additional_information");
    }
    sink.token(token.record);
}

fn state(written: &str) -> Option<&'static str> {
    match written.trim().to_uppercase().as_str() {
        "" | "ACTIVE" => Some("enabled"),
        // An archived item can be brought back.
        "ARCHIVED" => Some("disabled"),
        "DELETED" => Some("deleted"),
        _ => None,
    }
}

/// Tags that say something under a name (`owner/mara`, `rotate:90d`), and the others.
fn tags(token: &Token<'_>) -> (Vec<(String, String)>, Vec<String>) {
    let mut named = Vec::new();
    let mut others = Vec::new();
    for tag in token.get("tags").and_then(Json::as_array).into_iter().flatten().filter_map(scalar) {
        match tag.split_once(['/', ':', '=']) {
            Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
                named.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            _ => others.push(tag),
        }
    }
    (named, others)
}

/// The vault by its id, which both lists have; its name is beside it on the command line.
fn vault(token: &mut Token<'_>) {
    let part = |key: &str| token.get("vault").and_then(|vault| vault.get(key)).and_then(scalar).unwrap_or_default();
    let (id, name) = (part("id"), part("name"));
    token.record.set_text(Field::Account, id.trim());
    let location = if name.is_empty() { id } else { name.clone() };
    if !name.is_empty() {
        token.record.tags.insert("vault_name".to_owned(), name);
    }
    let since = token.record.get(Field::CreatedAt).clone();
    let place = Place {
        kind: "password-manager",
        location,
        since,
        // Items are encrypted before they leave a client, whatever the account's settings.
        encrypted_at_rest: "yes",
        readers: Vec::new(),
    };
    storage::set(&mut token.record, place);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read};
    use crate::inventory::record::{State, Value};

    const CLI: &str = include_str!("../../../tests/fixtures/formats/onepassword-item-list.json");
    const CONNECT: &str = include_str!("../../../tests/fixtures/formats/onepassword-connect-items.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn both_lists_name_the_same_items() {
        let (cli, connect) = (read(&ITEMS, CLI), read(&CONNECT_ITEMS, CONNECT));
        assert_eq!(words(&cli, Field::TokenId)[..2], ["acmeitem0000000000000001", "acmeitem0000000000000002"]);
        for field in [Field::TokenId, Field::Account, Field::Name, Field::CreatedAt, Field::ChangedAt] {
            assert_eq!(cli.tokens[0].get(field), connect.tokens[0].get(field), "{}", field.name());
        }
        assert_eq!(cli.tokens[0].get(Field::ChangedAt), &at("2026-09-12T16:29:26Z"));
        assert_eq!(cli.tokens[0].get(Field::LastRotatedAt).state, State::NotCollected);
    }

    #[test]
    fn the_last_editor_is_no_owner_but_a_tag_can_name_one() {
        let read = read(&ITEMS, CLI);
        assert_eq!(words(&read, Field::Owner), ["mara.lind", "-", "-", "-"]);
        assert_eq!(words(&read, Field::Environment)[0], "production");
        let tag = |index: usize, name: &str| read.tokens[index].tags.get(name).map(String::as_str);
        assert_eq!(tag(0, "rotate"), Some("90d"));
        assert_eq!(tag(0, "item_tags"), Some("payments"));
        assert_eq!(tag(1, "last_edited_by"), Some("ACMEUSER0000000000000002"));
    }

    #[test]
    fn what_is_no_credential_is_skipped_and_told() {
        let read = read(&ITEMS, CLI);
        let categories: Vec<_> = read.tokens.iter().filter_map(|token| token.tags.get("item_category")).collect();
        assert_eq!(categories, ["API_CREDENTIAL", "API_CREDENTIAL", "LOGIN", "SSH_KEY"]);
        assert_eq!(read.skips, [(5, "an item of 1Password that is no credential by its category")]);
        assert_eq!(read.tokens[2].tags.get("user_name").map(String::as_str), Some("svc-ci-acme"));
        assert!(!read.tokens[3].tags.contains_key("user_name"));
    }

    #[test]
    fn an_archived_item_is_not_live() {
        let read = read(&CONNECT_ITEMS, CONNECT);
        assert_eq!(words(&read, Field::State), ["enabled", "disabled", "deleted", "enabled"]);
        let odd = CONNECT.replace("ARCHIVED", "LOST");
        let odd = super::super::test_reader::read(&CONNECT_ITEMS, &odd);
        assert_eq!(odd.tokens[1].get(Field::State).state, State::Unreadable);
    }

    #[test]
    fn the_place_is_a_vault() {
        let place = |read: &Read| {
            let Value::Items(entries) = &read.tokens[0].get(Field::Storage).value else { panic!("no storage") };
            entries[0].parts.iter().map(|part| part.as_text().unwrap_or("-").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(place(&read(&ITEMS, CLI)), ["password-manager", "Engineering", "-", "yes", "-"]);
        assert_eq!(place(&read(&CONNECT_ITEMS, CONNECT)), ["password-manager", "acmevault000000000000001", "-", "yes", "-"]);
    }

    #[test]
    fn a_single_item_is_read_without_its_fields() {
        let text = r#"{"id": "a", "title": "key", "version": 1, "vault": {"id": "v", "name": "n"}, "category": "API_CREDENTIAL",
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "fields": [{"id": "credential", "type": "CONCEALED", "label": "credential", "value": "correct horse"}]}"#;
        let read = read(&ITEMS, text);
        assert_eq!(words(&read, Field::TokenId), ["a"]);
        assert!(!format!("{read:?}").contains("correct horse"));
        assert!(ITEMS.secret_fields.contains(&"fields[].value"));
    }
}
