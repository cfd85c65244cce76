//! Keys of service accounts: `gcloud iam service-accounts keys list`, one account at a time.
//!
//! A key is made once and never changed, so the registry reads creation as rotation. The service account is what the key stands
//! for and nobody's name; the list does not say who answers for it.

use super::{PROVIDER, has_resource, page, part_of};
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Layout, Paging, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{SILENT, Token, scalar, truth};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::identity::share_secrets;
use crate::inventory::record::{Cell, Record, State, Value};
use crate::inventory::time;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The list as the command line prints it.
pub const SERVICE_ACCOUNT_KEYS: Export = Export {
    id: "gcp-service-account-keys",
    title: "Google Cloud service account keys",
    how_to_export: "for each account: gcloud iam service-accounts keys list --iam-account=EMAIL --format=json > keys.json",
    signature: "JSON array with validAfterTime, whose names contain /serviceAccounts/ and /keys/",
    recognises: |sight| is_key_list(sight, ""),
    // A suspicion is set where Google marks a key; that there is no mark proves nothing.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Account,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ActiveSecretCount,
        Field::Secrets,
    ]),
    // Only answers that create a key hold it.
    secret_fields: &["privateKeyData", "private_key_data"],
    reading: Reading::Together(|context| Box::new(Keys { context, by_account: BTreeMap::new() })),
    ..Export::OF_PROVIDER
};

/// The answer of `projects.serviceAccounts.keys.list`.
pub const SERVICE_ACCOUNT_KEYS_REST: Export = Export {
    id: "gcp-service-account-keys-rest",
    title: "Google Cloud service account keys (REST)",
    how_to_export: "GET https://iam.googleapis.com/v1/projects/-/serviceAccounts/EMAIL/keys > keys.json",
    layout: Layout::Json(Records::Under("keys")),
    signature: "JSON object with keys that have validAfterTime and names with /serviceAccounts/ and /keys/",
    recognises: |sight| is_key_list(sight, "keys"),
    export: Some("gcp-service-account-keys"),
    ..SERVICE_ACCOUNT_KEYS
};

fn is_key_list(sight: &Sight, key: &str) -> bool {
    has_resource(sight, key, &["serviceAccounts", "keys"]) && sight.has_keys(key, &["validAfterTime"])
}

/// Keys wait for the end of the file, because each tells of all keys of its account.
struct Keys<'a> {
    context: &'a SourceContext,
    by_account: BTreeMap<String, Vec<Record>>,
}

impl Adapter for Keys<'_> {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Some(token) = Token::start(row, PROVIDER, "service-account-key", sink) else { return };
        if token.get("keyType").and_then(Json::as_str) == Some("SYSTEM_MANAGED") {
            return sink.skip(token.record.line, "Google makes and replaces a system-managed key by itself");
        }
        let (email, record) = key(token, self.context);
        self.by_account.entry(email).or_default().push(record);
    }

    fn envelope(&mut self, envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
        page(envelope)
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        let mut tokens = Vec::new();
        for (email, mut keys) in std::mem::take(&mut self.by_account) {
            // Keys whose account is not stated have nothing in common.
            if email.is_empty() {
                keys.iter_mut().for_each(|key| share_secrets(std::slice::from_mut(key), ""));
            } else {
                share_secrets(&mut keys, &email);
            }
            tokens.append(&mut keys);
        }
        tokens.sort_by_key(|token| token.line);
        tokens.into_iter().for_each(|token| sink.token(token));
    }
}

/// One key, and the e-mail address of its service account.
fn key(mut token: Token<'_>, context: &SourceContext) -> (String, Record) {
    let name = token.scalar("name").unwrap_or_default();
    let email = part_of(&name, "serviceAccounts").unwrap_or_default().to_owned();
    token.record.set_text(Field::TokenId, part_of(&name, "keys").unwrap_or(&name));
    token.record.set_text(Field::Account, project(&name, &email));
    token.record.set_text(Field::Name, email.as_str());
    token.date(Field::CreatedAt, "validAfterTime", SILENT);
    token.date(Field::ExpiresAt, "validBeforeTime", SILENT);
    let disabled = match token.get("disabled") {
        // The key is left out where it is false.
        None | Some(Json::Null) => Some(false),
        Some(flag) => truth(flag),
    };
    let state = match disabled {
        Some(true) => Some("disabled"),
        Some(false) if token.has_ended(context.as_of) => Some("expired"),
        Some(false) => Some("enabled"),
        None => None,
    };
    let written = token.scalar("disabled").unwrap_or_default();
    token.state(state, &written);
    compromise(&mut token);
    for (tag, key) in [("key_origin", "keyOrigin"), ("key_type", "keyType"), ("key_algorithm", "keyAlgorithm")] {
        token.tag(tag, key);
    }
    if !email.is_empty() {
        token.record.tags.insert("service_account".to_owned(), email.clone());
    }
    (email, token.record)
}

/// The project in the resource name, which may be `-`, else the one in the address of the account.
fn project<'a>(name: &'a str, email: &'a str) -> &'a str {
    let in_email = || {
        let (user, host) = email.split_once('@')?;
        match host {
            "appspot.gserviceaccount.com" => Some(user),
            "developer.gserviceaccount.com" => user.strip_suffix("-compute"),
            _ => host.strip_suffix(".iam.gserviceaccount.com"),
        }
    };
    part_of(name, "projects").filter(|project| *project != "-").or_else(in_email).unwrap_or_default()
}

/// Google's own mark that the key was seen in public or misused. The mark stays when the key is enabled again; it has no date,
/// unless its text is one.
fn compromise(token: &mut Token<'_>) {
    // The guide to the API spells these names with underscores, and the status as one text.
    let reason = token.scalar("disableReason").or_else(|| token.scalar("disable_reason")).unwrap_or_default();
    let mut marks = vec![(reason.clone(), String::new())];
    for status in ["extendedStatus", "extended_status"].iter().filter_map(|key| token.get(key)) {
        match status {
            Json::Array(entries) => marks.extend(entries.iter().map(|entry| {
                let text = |key: &str| entry.get(key).and_then(scalar).unwrap_or_default();
                (text("key"), text("value"))
            })),
            other => marks.extend(scalar(other).map(|key| (key, token.scalar("extended_status_message").unwrap_or_default()))),
        }
    }
    marks.retain(|(mark, _)| mark.ends_with("EXPOSED") || mark.ends_with("COMPROMISE_DETECTED"));
    if !reason.is_empty() {
        token.record.tags.insert("disable_reason".to_owned(), reason);
    }
    if marks.is_empty() {
        return;
    }
    token.record.set_text(Field::Compromise, "suspected");
    let date = marks.iter().filter_map(|(_, text)| time::parse(text).date()).min();
    let date = date.map_or_else(|| Cell::of(State::Empty), |date| Cell::value(Value::Date(date)));
    token.record.set(Field::CompromiseSuspectedAt, date);
    let mut told: Vec<String> = marks.into_iter().map(|(mark, text)| format!("{mark} {text}").trim_end().to_owned()).collect();
    told.sort();
    told.dedup();
    token.record.tags.insert("exposure".to_owned(), told.join("; "));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read};
    use crate::inventory::registry::Registry;

    const KEYS: &str = include_str!("../../../../tests/fixtures/formats/gcp-service-account-keys.json");
    const ANSWER: &str = include_str!("../../../../tests/fixtures/formats/gcp-service-account-keys-rest.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn a_key_says_whose_and_where_it_is() {
        let read = read(&SERVICE_ACCOUNT_KEYS, KEYS);
        assert_eq!(words(&read, Field::TokenId)[0], "0a22000000000000000000000000000000000001");
        assert_eq!(
            words(&read, Field::Account),
            ["acme-shop-01", "acme-shop-01", "acme-shop-01", "acme-shop-01", "acme-legacy", "420000000000"]
        );
        assert_eq!(words(&read, Field::Name)[0], "deployer@acme-shop-01.iam.gserviceaccount.com");
        assert!(read.tokens.iter().all(|token| token.get(Field::Owner).state == State::NotCollected));
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2026-09-02T10:11:12Z"));
    }

    #[test]
    fn system_managed_keys_are_left_out() {
        let read = read(&SERVICE_ACCOUNT_KEYS, KEYS);
        assert_eq!((read.tokens.len(), read.skips.len(), read.rejects.len()), (6, 1, 0));
    }

    #[test]
    fn a_key_lives_until_it_ends_or_is_disabled() {
        let read = read(&SERVICE_ACCOUNT_KEYS, KEYS);
        assert_eq!(words(&read, Field::State), ["enabled", "disabled", "enabled", "enabled", "expired", "disabled"]);
    }

    #[test]
    fn every_key_counts_those_of_its_account() {
        let read = read(&SERVICE_ACCOUNT_KEYS, KEYS);
        let counts: Vec<_> = read.tokens.iter().map(|token| token.get(Field::ActiveSecretCount).value.clone()).collect();
        assert_eq!(counts, [2, 2, 2, 1, 0, 0].map(Value::Count));
        let identity = read.tokens[1].identity.as_deref();
        assert_eq!(identity, Some("deployer@acme-shop-01.iam.gserviceaccount.com"));
    }

    #[test]
    fn what_google_saw_in_public_is_suspected_even_if_enabled_again() {
        let read = read(&SERVICE_ACCOUNT_KEYS, KEYS);
        let compromise: Vec<_> = words(&read, Field::Compromise);
        assert_eq!(compromise, ["-", "-", "-", "suspected", "suspected", "suspected"]);
        let dates: Vec<_> = read.tokens.iter().map(|token| token.get(Field::CompromiseSuspectedAt).clone()).collect();
        assert_eq!(dates[0], Cell::default());
        assert_eq!(dates[3], Cell::of(State::Empty));
        assert_eq!(dates[4], at("2025-02-03T04:05:06Z"));
        assert!(read.tokens[3].tags["exposure"].ends_with("KEY_EXPOSED https://code.example/acme/site"));
    }

    #[test]
    fn the_end_of_time_is_no_end() {
        let mut token = read(&SERVICE_ACCOUNT_KEYS, KEYS).tokens.swap_remove(0);
        Registry::built_in().apply_facts(&mut token);
        assert_eq!(token.get(Field::ExpiresAt), &at("9999-12-31T23:59:59Z"));
        assert_eq!(token.get(Field::LastRotatedAt), &at("2026-09-02T10:11:12Z"));
    }

    #[test]
    fn the_answer_of_the_api_says_the_same() {
        let read = read(&SERVICE_ACCOUNT_KEYS_REST, ANSWER);
        // Without a project in the name, the address tells it.
        assert_eq!(words(&read, Field::Account), ["acme-shop-01", "520000000000", "acme-web"]);
        assert_eq!(read.paging[0].more, Some(false));
    }
}
