//! `az ad app credential list`: the credentials of one application, which the list does not name.
//!
//! Newer command lines print the records of Graph, older ones `startDate` and `endDate`. The id brings a credential together with
//! the same one in a list of applications.

use super::credentials::{self, Stated};
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element;
use crate::inventory::formats::export::{Export, Reading, no_pages};

/// The list as the command line prints it.
pub const CREDENTIAL_LIST: Export = Export {
    id: "entra-app-credential-list",
    title: "Microsoft Entra credentials of one application (Azure command line)",
    how_to_export: "az ad app credential list --id APP > credentials.json (and again with --cert)",
    signature: "JSON array with keyId and endDateTime or endDate",
    recognises: is_credential_list,
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::CreatedAt,
        Field::ExpiresAt,
    ]),
    secret_fields: &["secretText", "~hint", "~key", "value"],
    reading: Reading::Each { record: credential, page: no_pages },
    ..Export::OF_PROVIDER
};

fn is_credential_list(sight: &Sight) -> bool {
    sight.has_keys("", &["keyId"]) && (sight.has_keys("", &["endDateTime"]) || sight.has_keys("", &["endDate"]))
}

fn credential(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some((line, entry)) = element::object(row, sink) else { return };
    let stated = Stated { is_certificate: credentials::is_certificate(entry), entry };
    let mut token = credentials::token(line, &stated, context.as_of);
    token.text(Field::Name, "displayName");
    sink.token(token.record);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::State;

    const LIST: &str = include_str!("../../../../tests/fixtures/formats/entra-app-credential-list.json");

    #[test]
    fn both_spellings_of_the_dates_are_read() {
        let read = read(&CREDENTIAL_LIST, LIST);
        let kinds: Vec<_> = read.tokens.iter().filter_map(|token| token.text(Field::TokenKind)).collect();
        assert_eq!(kinds, ["client-secret", "client-secret", "certificate"]);
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &at("2027-01-10T08:00:00Z"));
        assert_eq!(read.tokens[1].get(Field::CreatedAt), &at("2020-03-04T05:06:07Z"));
        assert_eq!(read.tokens[1].get(Field::ExpiresAt).state, State::None);
        let states: Vec<_> = read.tokens.iter().filter_map(|token| token.text(Field::State)).collect();
        assert_eq!(states, ["enabled", "enabled", "expired"]);
        assert!(read.tokens.iter().all(|token| token.get(Field::Account).state == State::NotCollected));
    }
}
