//! When credentials of applications were last used: the beta report `appCredentialSignInActivities` of Graph.
//!
//! It joins the lists of applications by the id of the credential.

use super::{ENTRA, collection, credentials, page};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{NULL_IS_NONE, SILENT, Token};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::record::{Cell, State};
use serde_json::Value as Json;

/// `GET /beta/reports/appCredentialSignInActivities`.
pub const SIGN_IN_ACTIVITY: Export = Export {
    id: "entra-app-credential-signin-activity",
    title: "Microsoft Entra sign-in activity of application credentials (Graph beta)",
    how_to_export: "az rest --url https://graph.microsoft.com/beta/reports/appCredentialSignInActivities > activity.json",
    layout: Layout::Json(Records::Under("value")),
    signature: "JSON object with value, whose @odata.context names appCredentialSignInActivities, or whose entries have keyId and signInActivity",
    recognises: is_activity,
    collects: Some(&[Field::TokenId, Field::Provider, Field::TokenKind, Field::CreatedAt, Field::ExpiresAt, Field::LastUsedAt]),
    reading: Reading::Each { record: activity, page: |envelope, _| page(envelope) },
    ..Export::OF_PROVIDER
};

fn is_activity(sight: &Sight) -> bool {
    sight.envelope_has("value")
        && collection(sight).map_or_else(
            || sight.has_keys("value", &["keyId", "signInActivity"]),
            |told| told.ends_with("appCredentialSignInActivities"),
        )
}

fn activity(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, ENTRA, "client-secret", sink) else { return };
    let kind = token.scalar("keyType").unwrap_or_default();
    if !kind.is_empty() && !kind.eq_ignore_ascii_case("clientSecret") {
        token.record.set_text(Field::TokenKind, "certificate");
    }
    token.text(Field::TokenId, "keyId");
    token.date(Field::CreatedAt, "createdDateTime", SILENT);
    credentials::expiry(&mut token, "expirationDateTime");
    let last_used = match token.get("signInActivity").and_then(Json::as_object) {
        // The report watches every credential that it lists; without a sign-in there was none.
        Some(activity) => {
            let mut inner = Token::of(token.record.line, activity, ENTRA, "");
            inner.date(Field::LastUsedAt, "lastSignInDateTime", NULL_IS_NONE);
            token.record.problems.append(&mut inner.record.problems);
            inner.record.get(Field::LastUsedAt).clone()
        }
        None => Cell::of(State::Empty),
    };
    token.record.set(Field::LastUsedAt, last_used);
    for (tag, key) in
        [("application_id", "appId"), ("application_object_id", "appObjectId"), ("credential_origin", "credentialOrigin")]
    {
        token.tag(tag, key);
    }
    sink.token(token.record);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};

    const REPORT: &str = include_str!("../../../../tests/fixtures/formats/entra-app-credential-signin-activity.json");

    #[test]
    fn last_use_is_stated_by_the_id_of_the_credential() {
        let read = read(&SIGN_IN_ACTIVITY, REPORT);
        let ids: Vec<_> = read.tokens.iter().filter_map(|token| token.text(Field::TokenId)).collect();
        assert_eq!(ids[0], "1c220000-0000-4000-8000-000000000001");
        assert_eq!(read.tokens[0].get(Field::LastUsedAt), &at("2026-10-31T00:00:00Z"));
        let states: Vec<_> = read.tokens.iter().map(|token| token.get(Field::LastUsedAt).state).collect();
        assert_eq!(states, [State::Value, State::None, State::Empty]);
        let kinds: Vec<_> = read.tokens.iter().filter_map(|token| token.text(Field::TokenKind)).collect();
        assert_eq!(kinds, ["client-secret", "certificate", "client-secret"]);
        assert_eq!(read.paging[0].more, Some(false));
    }
}
