//! SCIM 2.0 users: attribute names ignore letter case, and almost every one of them may be missing.

use super::element::{object, scalar};
use crate::inventory::field::Field;
use crate::inventory::format::{
    Adapter, Format, Layout, Paging, Person, PersonStatus, Records, Role, Row, Sight, Sink, SourceContext, Standing,
};
use serde_json::{Map, Value as Json};

/// `GET /Users`.
pub struct Users;

impl Format for Users {
    fn id(&self) -> &'static str {
        "scim-users"
    }
    fn title(&self) -> &'static str {
        "People: SCIM 2.0 users"
    }
    fn how_to_export(&self) -> &'static str {
        "curl -H \"Authorization: Bearer $TOKEN\" 'https://HOST/scim/v2/Users?count=1000' > users.json"
    }
    fn role(&self) -> Role {
        Role::People
    }
    fn standing(&self) -> Standing {
        Standing::Provider
    }
    fn layout(&self) -> Layout {
        Layout::Json(Records::Under("Resources"))
    }
    fn recognises(&self, sight: &Sight) -> bool {
        let Sight::Json { envelope, .. } = sight else { return false };
        let is_list = |schema: &Json| schema.as_str().is_some_and(|schema| schema.to_lowercase().ends_with(":listresponse"));
        let told = get(envelope, "schemas").and_then(Json::as_array).is_some_and(|schemas| schemas.iter().any(is_list));
        // A user without the answer around it names its own schema.
        let of_users = |schema: &Json| schema.as_str().is_some_and(|schema| schema.to_lowercase().ends_with(":core:2.0:user"));
        let alone = sight.stands_alone("Resources")
            && sight
                .elements_under("Resources")
                .filter_map(Json::as_object)
                .any(|user| get(user, "schemas").and_then(Json::as_array).is_some_and(|schemas| schemas.iter().any(of_users)));
        // Other resources are listed in the same way; only users have a `userName`.
        (told || alone)
            && sight.elements_under("Resources").any(|user| user.as_object().is_some_and(|user| get(user, "username").is_some()))
    }
    fn signature(&self) -> &'static str {
        "JSON object whose schemas name ListResponse, with Resources that have userName"
    }
    fn secret_fields(&self) -> &'static [&'static str] {
        &["password"]
    }
    fn collects(&self) -> Option<&'static [Field]> {
        Some(&[])
    }
    /// Deleted users are absent.
    fn lists_leavers(&self) -> bool {
        false
    }
    fn open<'a>(&'a self, _context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        Box::new(Reader)
    }
}

struct Reader;

impl Adapter for Reader {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Some((line, user)) = object(row, sink) else { return };
        let text = |name: &str| get(user, name).and_then(scalar).filter(|text| !text.trim().is_empty());
        let mut addresses = emails(user);
        // A login need not be an e-mail address; `externalId` is what other systems call the person.
        addresses.extend([text("userName"), text("externalId"), text("id")].into_iter().flatten());
        let mut seen = std::collections::BTreeSet::new();
        addresses.retain(|address| seen.insert(address.to_lowercase()));
        if addresses.is_empty() {
            return sink.reject(line, "the user has no userName, e-mail or id".to_owned());
        }
        let formatted = get(user, "name").and_then(Json::as_object).and_then(|name| get(name, "formatted")).and_then(scalar);
        let status = match get(user, "active").and_then(scalar).map(|active| active.trim().to_lowercase()).as_deref() {
            Some("true") => Some(PersonStatus::Active),
            Some("false") => Some(PersonStatus::Left),
            _ => None,
        };
        let name = text("displayName").or(formatted).filter(|name| !name.is_empty());
        sink.person(Person { id: text("id"), name, addresses, status, line, ..Person::default() });
    }

    fn envelope(&mut self, envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
        let number = |name: &str| get(envelope, name).and_then(Json::as_u64);
        let (total, start, here) = (number("totalResults"), number("startIndex"), number("itemsPerPage"));
        let more = match (total, here) {
            (Some(total), Some(here)) => Some(start.unwrap_or(1).saturating_add(here) <= total),
            _ => None,
        };
        Paging { declared: total, more }
    }
}

/// The value of an attribute, whatever the letter case of its name.
fn get<'a>(object: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// E-mail addresses, the primary one first, then those of work.
fn emails(user: &Map<String, Json>) -> Vec<String> {
    let mut emails: Vec<(u8, String)> = Vec::new();
    for email in get(user, "emails").and_then(Json::as_array).into_iter().flatten() {
        let (rank, value) = match email {
            Json::Object(email) => {
                let is_primary =
                    get(email, "primary").and_then(scalar).is_some_and(|primary| primary.eq_ignore_ascii_case("true"));
                let is_work = get(email, "type").and_then(Json::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
                (if is_primary { 0 } else { 2 - u8::from(is_work) }, get(email, "value").and_then(scalar))
            }
            other => (2, scalar(other)),
        };
        emails.extend(value.filter(|value| !value.trim().is_empty()).map(|value| (rank, value.trim().to_owned())));
    }
    emails.sort_by_key(|(rank, _)| *rank);
    emails.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::read;

    const USERS: &str = include_str!("../../../tests/fixtures/formats/scim-users.json");

    #[test]
    fn people_are_known_under_every_name_they_have() {
        let read = read(&Users, USERS);
        let addresses: Vec<_> = read.people.iter().map(|person| person.addresses.join(" ")).collect();
        assert_eq!(
            addresses,
            [
                "mara.lind@acme.example 00uacme000000000001 0c000000-0000-4000-8000-000000000001",
                "Tom.Field@acme.example 00uacme000000000002 0c000000-0000-4000-8000-000000000002",
                "Zoe.Dvorak@Acme.example zoe.home@mail.example zoe.dvorak 0c000000-0000-4000-8000-000000000003",
                "raj.iyer@acme.example 0c000000-0000-4000-8000-000000000004",
                "svc-ci@acme.example 0c000000-0000-4000-8000-000000000005",
                "lena 0c000000-0000-4000-8000-000000000006",
            ]
        );
        assert_eq!(read.people[2].name.as_deref(), Some("Zoë Dvořák"));
        assert_eq!(read.people[0].id.as_deref(), Some("0c000000-0000-4000-8000-000000000001"));
    }

    #[test]
    fn active_may_be_missing_or_a_word() {
        let status: Vec<_> = read(&Users, USERS).people.iter().map(|person| person.status).collect();
        let (active, left) = (Some(PersonStatus::Active), Some(PersonStatus::Left));
        assert_eq!(status, [active, left, active, left, None, active]);
    }

    #[test]
    fn names_of_attributes_ignore_case() {
        let lena = &read(&Users, USERS).people[5];
        assert_eq!((lena.name.as_deref(), lena.status), (Some("Lena Roth"), Some(PersonStatus::Active)));
    }

    #[test]
    fn the_last_page_is_told_from_others() {
        assert_eq!(read(&Users, USERS).paging, [Paging { declared: Some(6), more: Some(false) }]);
        let first = USERS.replace("\"totalResults\": 6", "\"totalResults\": 7");
        assert_eq!(read(&Users, &first).paging, [Paging { declared: Some(7), more: Some(true) }]);
    }

    #[test]
    fn a_user_without_any_name_is_rejected() {
        let text = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "Resources": [{"userName": ""}, {"userName": "a"}]}"#;
        let read = read(&Users, text);
        assert_eq!((read.people.len(), read.rejects.len()), (1, 1));
    }
}
