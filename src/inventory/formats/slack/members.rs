//! `users.list`: members of a workspace as people. A deleted member has left; bots are services.

use super::has_list;
use crate::inventory::format::{Layout, Person, PersonKind, PersonStatus, Records, Row, Sink, SourceContext};
use crate::inventory::formats::element::{object, scalar, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::formats::paging;

/// Members of a workspace.
pub const MEMBERS: Export = Export {
    id: "slack-users",
    title: "People: Slack members",
    how_to_export: "GET https://slack.com/api/users.list?limit=1000 with a token that has users:read and users:read.email, every cursor",
    layout: Layout::Json(Records::Under("members")),
    signature: "JSON object with ok and members",
    recognises: |sight| has_list(sight, "members"),
    reading: Reading::Each { record: member, page: |envelope, _| paging::cursor(envelope, "response_metadata.next_cursor") },
    ..Export::OF_PEOPLE
};

/// The same members in a bare list.
pub const MEMBERS_LIST: Export = Export {
    id: "slack-users-list",
    title: "People: Slack members, joined pages",
    how_to_export: "the pages of slack-users, joined: jq -s 'map(.members[])' page-*.json > users.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with id, profile, deleted and is_bot",
    recognises: |sight| sight.has_keys("", &["id", "profile", "deleted", "is_bot"]),
    export: Some(MEMBERS.id),
    reading: Reading::Each { record: member, page: no_pages },
    ..MEMBERS
};

/// Slack's own bot, which is not marked as one.
const SLACKBOT: &str = "USLACKBOT";

fn member(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some((line, member)) = object(row, sink) else { return };
    let profile = |key: &str| member.get("profile").and_then(|profile| profile.get(key)).and_then(scalar);
    let stated = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let Some(id) = stated(member.get("id").and_then(scalar)) else {
        return sink.reject(line, "the member has no id".to_owned());
    };
    let is = |key: &str| member.get(key).and_then(truth);
    let is_service = is("is_bot") == Some(true) || is("is_workflow_bot") == Some(true) || id == SLACKBOT;
    let mut addresses: Vec<String> = stated(profile("email")).into_iter().collect();
    if addresses.is_empty() && !is_service {
        sink.problem("some members have no e-mail address: ask with a token that has users:read.email".to_owned());
    }
    // The handle is left out: another system may know somebody else by it.
    addresses.push(id.clone());
    // On an Enterprise the person has an id of its own, which its lists use.
    addresses.extend(stated(member.get("enterprise_user").and_then(|user| user.get("id")).and_then(scalar)));
    let name = stated(profile("real_name")).or_else(|| stated(member.get("real_name").and_then(scalar)));
    let kind = if is_service { PersonKind::Service } else { PersonKind::Person };
    let status = is("deleted").map(|deleted| if deleted { PersonStatus::Left } else { PersonStatus::Active });
    sink.person(Person { id: Some(id), name, addresses, kind, status, left_at: None, line });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{read, sight_of_json};
    use serde_json::Value as Json;

    const LIST: &str = include_str!("../../../../tests/fixtures/formats/slack-users.json");

    #[test]
    fn members_are_known_by_id_and_address() {
        let read = read(&MEMBERS, LIST);
        let addresses: Vec<_> = read.people.iter().map(|person| person.addresses.join(" ")).collect();
        assert_eq!(
            addresses,
            [
                "Mara.Lind@acme.example U0ACME01 W0ACME01",
                "tom.field@acme.example U0ACME02",
                "U0ACME03",
                "USLACKBOT",
                "raj.iyer@acme.example U0ACME05"
            ]
        );
        assert_eq!(read.people[0].name.as_deref(), Some("Mara Lind"));
        assert_eq!(read.problems, [] as [&str; 0]);
        let document: Json = serde_json::from_str(LIST).unwrap();
        let list = super::super::super::test_reader::read(&MEMBERS_LIST, &document["members"].to_string());
        assert_eq!(list.people, read.people);
    }

    #[test]
    fn the_deleted_have_left_and_bots_are_services() {
        let read = read(&MEMBERS, LIST);
        let status: Vec<_> = read.people.iter().map(|person| person.status).collect();
        let (active, left) = (Some(PersonStatus::Active), Some(PersonStatus::Left));
        assert_eq!(status, [active, left, active, active, None]);
        let kinds: Vec<_> = read.people.iter().map(|person| person.kind == PersonKind::Service).collect();
        assert_eq!(kinds, [false, false, true, true, false]);
        assert_eq!(read.rejects, [(6, "the member has no id".to_owned())]);
    }

    #[test]
    fn addresses_need_a_scope_and_pages_a_cursor() {
        let text = r#"{"ok": true, "members": [{"id": "U1", "profile": {}}], "response_metadata": {"next_cursor": "x"}}"#;
        let read = read(&MEMBERS, text);
        assert_eq!((read.problems.len(), read.paging[0].more), (1, Some(true)));
        assert!(!(MEMBERS.recognises)(&sight_of_json(r#"{"members": [{"id": "U1"}]}"#)));
    }
}
