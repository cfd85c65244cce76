//! Okta users, a register of people.
//!
//! The plain list leaves out whoever is deprovisioned, so a person who is not on it is unknown and not gone. A search lists
//! everybody. Owners of Okta tokens are told by their user id, which is therefore one of a person's addresses.

use crate::inventory::format::{Adapter, Person, PersonKind, PersonStatus, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{object, scalar};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::time;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// `GET /api/v1/users`.
pub const USERS: Export = Export {
    id: "okta-users",
    title: "People: Okta users",
    how_to_export: "curl -H \"Authorization: SSWS $TOKEN\" 'https://ORG.okta.com/api/v1/users?search=status%20pr&limit=200' > users.json",
    signature: "JSON array with status and profile, whose profiles have login",
    recognises: is_user_list,
    // Sent when users are created or imported; empty in lists.
    secret_fields: &["credentials.password", "credentials.recovery_question"],
    reading: Reading::Together(|_: &SourceContext| Box::new(Users::default())),
    ..Export::OF_PEOPLE
};

/// `credentials` are left out on request (`okta-response=omitCredentials`), so they are not asked for.
fn is_user_list(sight: &Sight) -> bool {
    let is_user = |user: &Json| user.get("status").is_some() && user.get("profile").is_some_and(|p| p.get("login").is_some());
    sight.elements_under("").any(is_user)
}

/// Remembers whether anybody in the list has left.
#[derive(Default)]
struct Users {
    active: bool,
    left: bool,
}

impl Adapter for Users {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Some((line, user)) = object(row, sink) else { return };
        let text =
            |value: Option<&Json>| value.and_then(scalar).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let profile = |key: &str| text(user.get("profile").and_then(|profile| profile.get(key)));
        let id = text(user.get("id"));
        let mut addresses: Vec<String> =
            [profile("email"), profile("login"), profile("secondEmail"), id.clone()].into_iter().flatten().collect();
        let mut seen = BTreeSet::new();
        addresses.retain(|address| seen.insert(address.to_lowercase()));
        if addresses.is_empty() {
            return sink.reject(line, "the user has no id, login or e-mail".to_owned());
        }
        let status = text(user.get("status")).and_then(|word| status(&word));
        self.left |= status == Some(PersonStatus::Left);
        self.active |= status == Some(PersonStatus::Active);
        let changed = user.get("statusChanged").and_then(|value| time::from_json(value).date());
        let parts = [profile("firstName"), profile("lastName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        sink.person(Person {
            id,
            name: profile("displayName").or(Some(parts)).filter(|name| !name.is_empty()),
            addresses,
            kind: kind(profile("userType").as_deref()),
            status,
            left_at: changed.filter(|_| status == Some(PersonStatus::Left)),
            line,
        });
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        if self.active && !self.left {
            sink.problem(
                "nobody in the list is DEPROVISIONED: the plain list leaves them out, so a person who is missing may have left; \
                 ask with search=status%20pr"
                    .to_owned(),
            );
        }
    }
}

/// Locked out, recovering and with an old password are employed all the same; whoever is not active yet has no status.
fn status(word: &str) -> Option<PersonStatus> {
    match word.to_ascii_uppercase().as_str() {
        "ACTIVE" | "LOCKED_OUT" | "RECOVERY" | "PASSWORD_EXPIRED" => Some(PersonStatus::Active),
        "SUSPENDED" => Some(PersonStatus::Suspended),
        "DEPROVISIONED" => Some(PersonStatus::Left),
        _ => None,
    }
}

/// `userType` is the organisation's own word.
fn kind(user_type: Option<&str>) -> PersonKind {
    let words = user_type.unwrap_or_default().to_lowercase();
    let is_machine =
        ["service", "bot", "machine", "system"].iter().any(|word| words.split([' ', '-', '_']).any(|part| part == *word));
    if is_machine { PersonKind::Service } else { PersonKind::Person }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::read;

    const LIST: &str = include_str!("../../../../tests/fixtures/formats/okta-users.json");

    #[test]
    fn people_are_known_by_every_address_and_their_id() {
        let read = read(&USERS, LIST);
        let addresses: Vec<_> = read.people.iter().map(|person| person.addresses.join(" ")).collect();
        assert_eq!(
            addresses,
            [
                "mara.lind@acme.example mara.home@mail.example 00uacme000000000001",
                "tom.field@acme.example tfield 00uacme000000000002",
                "Zoe.Dvorak@Acme.example 00uacme000000000003",
                "raj.iyer@acme.example 00uacme000000000004",
                "svc-ad-agent@acme.example 00uacme000000000009",
                "lena.roth@acme.example 00uacme000000000006",
            ]
        );
        assert_eq!(read.people[2].name.as_deref(), Some("Zoë Dvořák"));
        assert_eq!(read.people[4].kind, PersonKind::Service);
        assert_eq!(read.rejects.len(), 1);
    }

    #[test]
    fn statuses_are_those_of_employment() {
        let read = read(&USERS, LIST);
        let told: Vec<_> = read.people.iter().map(|person| person.status).collect();
        assert_eq!(
            told,
            [
                Some(PersonStatus::Active),
                Some(PersonStatus::Left),
                Some(PersonStatus::Active),
                Some(PersonStatus::Suspended),
                Some(PersonStatus::Active),
                None,
            ]
        );
        let left: Vec<_> = read.people.iter().map(|person| person.left_at.map(time::written)).collect();
        assert_eq!(left, [None, Some("2026-03-31T18:00:00Z".to_owned()), None, None, None, None]);
        assert_eq!(read.problems, [""; 0]);
    }

    #[test]
    fn a_list_without_leavers_says_what_it_cannot_say() {
        let text =
            r#"[{"id": "00u1", "status": "ACTIVE", "profile": {"login": "a@acme.example", "email": null, "secondEmail": ""}}]"#;
        let read = read(&USERS, text);
        assert_eq!(read.people[0].addresses, ["a@acme.example", "00u1"]);
        assert_eq!(read.people[0].name, None);
        assert!(read.problems[0].contains("DEPROVISIONED"));
    }
}
