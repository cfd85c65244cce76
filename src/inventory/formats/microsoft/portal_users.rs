//! People: users of Entra as the portals download them (CSV with a byte order mark, CRLF, `True` and `False`).
//!
//! The Entra portal writes `accountEnabled`, the Microsoft 365 admin centre `Block credential`. Names may look like formulas of a
//! spreadsheet; they are names.

use super::users::guest_address;
use crate::inventory::format::{Layout, Person, PersonStatus, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::header::{cell, has};
use std::collections::BTreeSet;

/// Users › Download users.
pub const PORTAL_USERS: Export = Export {
    id: "entra-users-portal",
    title: "People: Microsoft Entra users (portal CSV)",
    how_to_export: "Entra admin centre: Users > All users > Download users",
    layout: Layout::Table,
    signature: "CSV with userPrincipalName, displayName and accountEnabled (or userType, or Block credential)",
    recognises: |sight| {
        let Sight::Table { header } = sight else { return false };
        let marks = ["accountenabled", "usertype", "directorysynced", "blockcredential"];
        has(header, &["userprincipalname"]) && has(header, &["displayname"]) && has(header, &marks)
    },
    reading: Reading::Each { record: user, page: no_pages },
    // Deleted users are absent.
    lists_leavers: false,
    ..Export::OF_PEOPLE
};

fn user(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Row::Table(row) = row else { return };
    let text = |names: &[&str]| cell(&row, names).filter(|text| !text.is_empty()).map(str::to_owned);
    let id = text(&["id", "objectid"]);
    let principal = text(&["userprincipalname"]);
    let mut addresses: Vec<String> = text(&["mail"]).into_iter().chain(principal.clone()).collect();
    addresses.extend(principal.as_deref().and_then(guest_address));
    let others = [text(&["alternateemailaddress", "alternateemailaddresses"]), text(&["proxyaddresses"])];
    for address in others.iter().flatten().flat_map(|list| list.split([';', ',', '+', ' '])) {
        let address = match address.split_once(':') {
            Some((kind, address)) if kind.eq_ignore_ascii_case("smtp") => address,
            Some(_) => continue,
            None => address,
        };
        addresses.extend(address.contains('@').then(|| address.to_owned()));
    }
    addresses.extend(id.clone());
    let mut seen = BTreeSet::new();
    addresses.retain(|address| seen.insert(address.to_lowercase()));
    if addresses.is_empty() {
        return sink.reject(row.line, "the row has no userPrincipalName, mail or id".to_owned());
    }
    let flag = |names: &[&str]| text(names).and_then(|word| word.to_lowercase().parse::<bool>().ok());
    let enabled = flag(&["accountenabled"]).or_else(|| flag(&["blockcredential"]).map(|blocked| !blocked));
    let status = enabled.map(|enabled| if enabled { PersonStatus::Active } else { PersonStatus::Left });
    sink.person(Person { id, name: text(&["displayname"]), addresses, status, line: row.line, ..Person::default() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::read;

    const USERS: &str = include_str!("../../../../tests/fixtures/formats/entra-users-portal.csv");

    #[test]
    fn people_are_known_under_all_their_addresses() {
        let text = USERS.trim_start_matches('\u{feff}');
        let read = read(&PORTAL_USERS, text);
        let addresses: Vec<_> = read.people.iter().map(|person| person.addresses.join(" ")).collect();
        assert_eq!(
            addresses,
            [
                "mara.lind@acme.example 0c220000-0000-4000-8000-000000000001",
                "tom.field@acme.example tom@home.example 0c220000-0000-4000-8000-000000000002",
                "dev@vendor.example dev_vendor.example#EXT#@acme.onmicrosoft.com 0c220000-0000-4000-8000-000000000003",
                "zoe.dvorak@acme.example 0c220000-0000-4000-8000-000000000004"
            ]
        );
        let names: Vec<_> = read.people.iter().filter_map(|person| person.name.as_deref()).collect();
        assert_eq!(names, ["Mara Lind", "Field, Tom", "=1+3 Vendor", "Zoë Dvořák"]);
        let status: Vec<_> = read.people.iter().map(|person| person.status).collect();
        let (active, left) = (Some(PersonStatus::Active), Some(PersonStatus::Left));
        assert_eq!(status, [active, left, active, None]);
    }

    #[test]
    fn the_admin_centre_says_who_is_blocked() {
        let text = "Block credential,Display name,User principal name\nTrue,Ann,ann@acme.example\nFalse,Bo,bo@acme.example\n";
        let status: Vec<_> = read(&PORTAL_USERS, text).people.iter().map(|person| person.status).collect();
        assert_eq!(status, [Some(PersonStatus::Left), Some(PersonStatus::Active)]);
    }
}
