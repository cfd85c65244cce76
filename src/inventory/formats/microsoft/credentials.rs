//! The credentials in the record of an application: client secrets and certificates.
//!
//! A certificate that signs SAML answers is stated three times: as a key that signs, as a key that verifies, and as the password of
//! the first. Its `customKeyIdentifier` ties them together, and partly its `keyId`; it is one credential.

use super::{ENTRA, first};
use crate::inventory::field::Field;
use crate::inventory::formats::element::{SILENT, Token, scalar};
use crate::inventory::record::{Cell, State};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// 2200-01-01T00:00:00Z: the portal wrote ends beyond it for "never".
const NEVER_FROM: i64 = 7_258_118_400;

/// A credential as the record states it.
pub(super) struct Stated<'a> {
    pub(super) is_certificate: bool,
    pub(super) entry: &'a Map<String, Json>,
}

impl Stated<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.entry.get(key).and_then(scalar).filter(|text| !text.is_empty())
    }

    fn signs(&self) -> bool {
        self.is_certificate && self.text("usage").is_some_and(|usage| usage.eq_ignore_ascii_case("sign"))
    }
}

/// Every credential of an application once, and how many further entries of signing certificates there are.
pub(super) fn of<'a>(application: &'a Map<String, Json>) -> (Vec<Stated<'a>>, usize) {
    let entries = |key: &str, is_certificate: bool| {
        let list = application.get(key).and_then(Json::as_array).into_iter().flatten();
        list.filter_map(Json::as_object).map(move |entry| Stated { is_certificate, entry })
    };
    let stated: Vec<Stated<'a>> = entries("passwordCredentials", false).chain(entries("keyCredentials", true)).collect();
    // Of each signing certificate the identifier, and of its signing keys the ids. The identifier alone would not do: command
    // lines write their own name there, so secrets may share one.
    let mut of_id: BTreeMap<String, String> = BTreeMap::new();
    let mut of_identifier: BTreeMap<String, String> = BTreeMap::new();
    for key in stated.iter().filter(|key| key.signs()) {
        let Some(id) = key.text("keyId") else { continue };
        let certificate = key.text("customKeyIdentifier").unwrap_or_else(|| id.clone());
        of_identifier.insert(certificate.clone(), certificate.clone());
        of_id.insert(id, certificate);
    }
    let certificate = |credential: &Stated<'_>| {
        let identifier = credential.text("customKeyIdentifier");
        let by_identifier = identifier.and_then(|identifier| of_identifier.get(&identifier));
        by_identifier.or_else(|| of_id.get(&credential.text("keyId")?)).cloned()
    };
    // The signing key with the lowest id stands for its certificate.
    let mut stands: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, certificate) in &of_id {
        stands.entry(certificate).or_insert(id);
    }
    let total = stated.len();
    let mut taken = std::collections::BTreeSet::new();
    let mut kept: Vec<Stated<'a>> = Vec::new();
    for credential in stated {
        match certificate(&credential) {
            None => kept.push(credential),
            Some(certificate) => {
                let stands = stands.get(certificate.as_str()).copied();
                if credential.signs() && credential.text("keyId").as_deref() == stands && taken.insert(certificate) {
                    kept.push(credential);
                }
            }
        }
    }
    let repeated = total - kept.len();
    (kept, repeated)
}

/// The token of a credential: its id, kind, dates and state. Older command lines write `startDate` and `endDate`.
pub(super) fn token<'a>(line: u64, stated: &Stated<'a>, as_of: i64) -> Token<'a> {
    let kind = if stated.is_certificate { "certificate" } else { "client-secret" };
    let mut token = Token::of(line, stated.entry, ENTRA, kind);
    token.text(Field::TokenId, "keyId");
    let start = if token.has("startDateTime") { "startDateTime" } else { "startDate" };
    token.date(Field::CreatedAt, start, SILENT);
    let end = if token.has("endDateTime") { "endDateTime" } else { "endDate" };
    expiry(&mut token, end);
    // A credential cannot be switched off: it works until it ends or is removed.
    let state = if token.has_ended(as_of) { "expired" } else { "enabled" };
    token.state(Some(state), "");
    for (tag, key) in [("credential_name", "displayName"), ("credential_type", "type"), ("credential_usage", "usage")] {
        token.tag(tag, key);
    }
    token
}

/// Reads the end of a credential; far years are none.
pub(super) fn expiry(token: &mut Token<'_>, key: &str) {
    token.date(Field::ExpiresAt, key, SILENT);
    if token.record.get(Field::ExpiresAt).as_date().is_some_and(|date| date.seconds >= NEVER_FROM) {
        token.record.set(Field::ExpiresAt, Cell::of(State::None));
    }
}

/// Whether an entry without the name of its list is a certificate: only those have a type and a usage.
pub(super) fn is_certificate(entry: &Map<String, Json>) -> bool {
    first(entry, &["type", "usage"]).is_some_and(|value| !value.is_null())
}
