use super::*;
use crate::inventory::time;

use PersonStatus::{Active, Left};

fn listed(export: &str, id: &str, addresses: &[&str], status: Option<PersonStatus>) -> Listed {
    let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
    let id = Some(id.to_owned()).filter(|id| !id.is_empty());
    let person = Person { id, addresses, status, ..Person::default() };
    Listed { person, export: export.to_owned(), exported_at: None, source_key: export.len() as i64, own: export == "hr" }
}

/// Merges in both orders, which must not matter.
fn merge(listed: Vec<Listed>) -> People {
    let mut backwards = listed.clone();
    backwards.reverse();
    let people = People::merge(listed, &BTreeMap::new());
    assert_eq!(people, People::merge(backwards, &BTreeMap::new()));
    people
}

fn status_of(people: &People, name: &str) -> Option<PersonStatus> {
    let address = people.address_of(name, false)?;
    people.all.iter().find(|person| person.addresses.iter().any(|known| known == address))?.status
}

#[test]
fn entries_that_share_an_address_or_a_login_are_one_person_and_leaving_counts() {
    let people = merge(vec![
        listed("hr", "0902", &["Bruno.Costa@example.com"], Some(Active)),
        listed("okta", "00u2", &["bcosta", "bruno.costa@example.com"], Some(Left)),
        listed("slack", "U3", &["bcosta-admin", "BCOSTA"], None),
        listed("hr", "1001", &["alice@example.com"], Some(Active)),
    ]);
    assert_eq!(people.all.len(), 2);
    for name in ["BRUNO.COSTA@example.com", "00u2", "U3", "bcosta-admin"] {
        assert_eq!(people.address_of(name, false).map(fold).as_deref(), Some("bruno.costa@example.com"), "{name}");
        assert_eq!(status_of(&people, name), Some(Left), "{name}");
    }
    assert_eq!(people.left_here_only, BTreeMap::from([("okta".len() as i64, 1)]));
}

#[test]
fn a_bare_number_means_nobody_else_with_that_number() {
    let people = merge(vec![
        listed("hr", "61", &["ann@example.com"], Some(Active)),
        listed("scim", "61", &["bob@example.com"], Some(Left)),
        listed("hr", "62", &["eve@example.com"], Some(Active)),
    ]);
    assert_eq!(people.all.len(), 3);
    assert_eq!(people.address_of("61", true), Some("ann@example.com"), "a directory's count is no employee number");
    assert_eq!(people.address_of("62", false), None, "another provider may count to 62");
    assert_eq!(people.address_of("62", true), Some("eve@example.com"));
    assert!(people.all.iter().all(|person| person.addresses.len() == 1));
}

#[test]
fn a_number_joins_two_registers_that_name_the_person_alike() {
    let named = |export: &str, addresses: &[&str], name: &str| {
        let mut listed = listed(export, "1001", addresses, None);
        listed.person.name = Some(name.to_owned());
        listed
    };
    let hr = || named("hr", &["ann@example.com"], "Ann Lee");
    assert_eq!(merge(vec![hr(), named("scim", &["alee"], "ann lee")]).all.len(), 1);
    assert_eq!(merge(vec![hr(), named("scim", &["bob"], "Bob Roe")]).all.len(), 2);
}

#[test]
fn a_login_of_two_people_is_nobodys() {
    let people = merge(vec![
        listed("github", "", &["chris", "chris.a@example.com"], Some(Active)),
        listed("okta", "", &["chris", "chris.b@example.com"], Some(Left)),
        listed("slack", "", &["chris"], None),
    ]);
    assert_eq!(people.all.iter().filter(|person| person.addresses.iter().any(|name| name.contains('@'))).count(), 2);
    assert_eq!(people.address_of("chris", false), None);
    assert_eq!(status_of(&people, "chris.a@example.com"), Some(Active));
}

#[test]
fn who_came_back_is_here_and_a_newer_file_counts() {
    let people =
        merge(vec![listed("hr", "1", &["ann@example.com"], Some(Left)), listed("hr", "2", &["ann@example.com"], Some(Active))]);
    assert_eq!(status_of(&people, "ann@example.com"), Some(Active));
    assert_eq!(people.all[0].left_at, None);

    let dated = |exported_at, status, left_at: Option<&str>| {
        let mut entry = listed("hr", "1", &["bob@example.com"], Some(status));
        entry.exported_at = Some(exported_at);
        entry.person.left_at = left_at.and_then(|date| time::parse(date).date());
        entry
    };
    let people = merge(vec![dated(10, Active, None), dated(20, Left, Some("2026-03-31"))]);
    assert_eq!(status_of(&people, "bob@example.com"), Some(Left));
    let people = merge(vec![dated(20, Active, None), dated(10, Left, Some("2026-03-31"))]);
    assert_eq!(status_of(&people, "bob@example.com"), Some(Active));
    assert_eq!(people.all[0].left_at, None);
}

#[test]
fn aliases_lead_to_people_and_bring_registers_together() {
    let aliases = [("00u9", "Dana@example.com"), ("gitlab:61", "dana@example.com"), ("ghost", "gone@example.com")];
    let aliases = aliases.map(|(alias, address)| (alias.to_owned(), address.to_owned())).into();
    let listed = vec![listed("hr", "7", &["dana@example.com"], Some(Active)), listed("okta", "00u9", &["dd"], Some(Left))];
    let people = People::merge(listed, &aliases);
    assert_eq!(people.all.len(), 1);
    for name in ["00U9", "gitlab:61", "dd"] {
        assert_eq!(people.address_of(name, false), Some("dana@example.com"), "{name}");
    }
    assert_eq!(people.address_of("ghost", false), Some("gone@example.com"));
}
