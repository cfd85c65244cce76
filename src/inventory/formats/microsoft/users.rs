//! People: users of Entra, from Graph or the Azure command line.
//!
//! The default answer of Graph does not hold `accountEnabled`: then nothing is known of who is still here. A guest's name is made of
//! the guest's own address.

use super::{collection, first, page};
use crate::inventory::format::{Layout, Person, PersonStatus, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{self, scalar};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::time;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// `GET /users`.
pub const USERS: Export = Export {
    id: "entra-users-graph",
    title: "People: Microsoft Entra users (Graph)",
    how_to_export: "az rest --url 'https://graph.microsoft.com/v1.0/users?$top=999&$select=id,displayName,mail,otherMails,userPrincipalName,accountEnabled,employeeLeaveDateTime' > users.json",
    layout: Layout::Json(Records::Under("value")),
    signature: "JSON object with value, whose @odata.context names users, or whose entries have userPrincipalName",
    recognises: |sight| {
        let told = collection(sight);
        sight.envelope_has("value")
            && told.map_or_else(|| sight.has_keys("value", &["userPrincipalName"]), |told| told == "users")
    },
    reading: Reading::Each { record: user, page: |envelope, _| page(envelope) },
    // Deleted users are absent.
    lists_leavers: false,
    secret_fields: &["passwordProfile.password"],
    ..Export::OF_PEOPLE
};

/// `az ad user list`.
pub const USERS_CLI: Export = Export {
    id: "entra-users-cli",
    title: "People: Microsoft Entra users (Azure command line)",
    how_to_export: "az ad user list > users.json (it has no accountEnabled; the request to Graph can ask for it)",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with userPrincipalName and displayName",
    recognises: |sight: &Sight| sight.has_keys("", &["userPrincipalName", "displayName"]),
    export: Some("entra-users-graph"),
    reading: Reading::Each { record: user, page: no_pages },
    ..USERS
};

fn user(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some((line, user)) = element::object(row, sink) else { return };
    let text =
        |keys: &[&str]| first(user, keys).and_then(scalar).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let list = |key: &str| user.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(scalar);
    let id = text(&["id", "objectId"]);
    let principal = text(&["userPrincipalName"]);
    let mut addresses: Vec<String> = text(&["mail"]).into_iter().chain(principal.clone()).collect();
    addresses.extend(principal.as_deref().and_then(guest_address));
    addresses.extend(list("otherMails"));
    // `SMTP:` marks the main address and `smtp:` the others; there are `sip:` and `x500:` entries too.
    addresses.extend(list("proxyAddresses").filter_map(|address| {
        let (kind, address) = address.split_once(':')?;
        kind.eq_ignore_ascii_case("smtp").then(|| address.to_owned())
    }));
    // Lists of owners name users by id.
    addresses.extend(id.clone());
    let mut seen = BTreeSet::new();
    addresses.retain(|address| !address.trim().is_empty() && seen.insert(address.to_lowercase()));
    if addresses.is_empty() {
        return sink.reject(line, "the user has no userPrincipalName, mail or id".to_owned());
    }
    let date = |key: &str| user.get(key).and_then(|value| time::from_json(value).date());
    let deleted_at = date("deletedDateTime");
    let left_at = date("employeeLeaveDateTime").or(deleted_at);
    let enabled = user.get("accountEnabled").and_then(scalar).map(|enabled| enabled.to_lowercase());
    let status = match enabled.as_deref() {
        // A leave that has come counts even if the account is still on; a later one is planned.
        _ if deleted_at.is_some() || left_at.is_some_and(|date| date.seconds <= context.as_of) => Some(PersonStatus::Left),
        Some("false") => Some(PersonStatus::Left),
        Some("true") => Some(PersonStatus::Active),
        _ => None,
    };
    sink.person(Person { id, name: text(&["displayName"]), addresses, status, left_at, line, ..Person::default() });
}

/// The address out of a guest's name: `dev_vendor.example#EXT#@acme.onmicrosoft.com` is `dev@vendor.example`. A domain has no
/// underscore, so the last one stands for the `@`.
pub(super) fn guest_address(principal: &str) -> Option<String> {
    let end = principal.to_ascii_uppercase().find("#EXT#")?;
    let (user, domain) = principal.get(..end)?.rsplit_once('_')?;
    (!user.is_empty() && domain.contains('.')).then(|| format!("{user}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::read;

    const ANSWER: &str = include_str!("../../../../tests/fixtures/formats/entra-users-graph.json");
    const LIST: &str = include_str!("../../../../tests/fixtures/formats/entra-users-cli.json");

    #[test]
    fn people_are_known_under_every_name_they_have() {
        let read = read(&USERS, ANSWER);
        let addresses: Vec<_> = read.people.iter().map(|person| person.addresses.join(" ")).collect();
        assert_eq!(
            addresses,
            [
                "Mara.Lind@acme.example mara.lind@acme-corp.example mara@home.example m.lind@acme.example 0c220000-0000-4000-8000-000000000001",
                "tom.field@acme.example 0c220000-0000-4000-8000-000000000002",
                "dev_ops_vendor.example#EXT#@acme.onmicrosoft.com dev_ops@vendor.example 0c220000-0000-4000-8000-000000000003",
                "zoe.dvorak@acme.example 0c220000-0000-4000-8000-000000000004",
                "raj.iyer@acme.example 0c220000-0000-4000-8000-000000000005"
            ]
        );
        assert_eq!(read.paging[0].more, Some(true));
    }

    #[test]
    fn a_missing_flag_says_nothing_and_a_leave_counts_from_its_day() {
        let read = read(&USERS, ANSWER);
        let status: Vec<_> = read.people.iter().map(|person| person.status).collect();
        let (active, left) = (Some(PersonStatus::Active), Some(PersonStatus::Left));
        assert_eq!(status, [active, left, None, left, active]);
        let leaves: Vec<_> = read.people.iter().map(|person| person.left_at.map(time::written)).collect();
        assert_eq!(leaves[3].as_deref(), Some("2026-06-30T00:00:00Z"));
        assert_eq!(leaves[4].as_deref(), Some("2027-03-31T00:00:00Z"));
    }

    #[test]
    fn the_command_line_lists_the_same_users_without_a_status() {
        let read = read(&USERS_CLI, LIST);
        assert_eq!(read.people.len(), 2);
        assert_eq!(read.people[0].status, None);
        assert_eq!(read.people[1].id.as_deref(), Some("0c220000-0000-4000-8000-000000000002"));
    }

    #[test]
    fn only_guests_have_an_address_inside_their_name() {
        assert_eq!(guest_address("a_b.example#ext#@t.example").as_deref(), Some("a@b.example"));
        for other in ["a_b.example@t.example", "#EXT#@t.example", "a#EXT#@t.example", "é_#EXT#", "_b.example#EXT#@t"] {
            assert_eq!(guest_address(other), None, "{other}");
        }
    }
}
