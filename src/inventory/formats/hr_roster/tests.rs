use super::*;
use crate::inventory::formats::test_reader::{read, sight};
use crate::inventory::time;

const ROSTER: &str = include_str!("../../../../tests/fixtures/formats/hr-roster.csv");

fn seconds(text: &str) -> Option<i64> {
    time::parse(text).date().map(|date| date.seconds)
}

#[test]
fn ids_stay_text_and_names_are_turned_round() {
    let people = read(&HrRoster, ROSTER).people;
    assert_eq!(people.len(), 7);
    assert_eq!(people[1].id.as_deref(), Some("0902"));
    assert_eq!(people[1].name.as_deref(), Some("Tom Field"));
    assert_eq!(people[2].name.as_deref(), Some("Zoë O'Dvořák"));
    assert_eq!(people[1].addresses, ["tom.field@acme.example"]);
}

#[test]
fn leave_is_not_left_and_a_planned_end_is_still_here() {
    let people = read(&HrRoster, ROSTER).people;
    let status: Vec<_> = people.iter().map(|person| person.status).collect();
    let (active, left, leave) = (Some(PersonStatus::Active), Some(PersonStatus::Left), Some(PersonStatus::Leave));
    // Lind; Field left; Dvořák on leave; Iyer leaves in the future, and so does Berg whose status says "Terminated";
    // Roth has no status and a date that has come; Falk's word is on no list.
    assert_eq!(status, [active, left, leave, active, active, left, None]);
    assert_eq!(people[1].left_at.map(|date| date.seconds), seconds("2026-03-31"));
    assert_eq!(people[3].left_at.map(|date| date.seconds), seconds("2026-11-15"));
    assert_eq!(people[5].left_at.map(|date| date.seconds), seconds("2026-04-03"));
}

#[test]
fn what_is_not_understood_is_told() {
    let read = read(&HrRoster, ROSTER);
    assert_eq!(read.problems, ["the status `On the bench` is not known (1 people, the first in line 8)"]);
    assert_eq!(read.rejects, [(9, "the row has neither e-mail address nor id".to_owned())]);
}

#[test]
fn other_dates_of_the_file_prove_the_order_of_day_and_month() {
    let sheet = |rows: &str| read(&HrRoster, &format!("Email,Status,Hire Date,Termination Date\n{rows}"));
    let left = |rows: &str| sheet(rows).people[0].left_at.map(|date| date.seconds);
    assert_eq!(left("a@x.example,Left,31/01/2020,03/04/2026\n"), seconds("2026-04-03"));
    assert_eq!(left("a@x.example,Left,01/31/2020,03/04/2026\n"), seconds("2026-03-04"));
    assert_eq!(left("a@x.example,Left,2020-01-31,03/04/2026\n"), seconds("2026-04-03"));
    assert!(sheet("a@x.example,Left,,03/04/2026\n").problems[0].contains("day first"));
    let both = sheet("a@x.example,Left,31/01/2020,03/04/2026\nb@x.example,Left,01/31/2020,\n");
    assert_eq!(both.people[0].left_at, None);
    assert_eq!(both.people[0].status, Some(PersonStatus::Left));
    assert!(both.problems[0].contains("line 2"), "{:?}", both.problems);
    for (text, day) in [
        ("31.03.2026", "2026-03-31"),
        ("31-Mar-2026", "2026-03-31"),
        ("March 31, 2026", "2026-03-31"),
        ("2026/03/31", "2026-03-31"),
        ("31-03-2026", "2026-03-31"),
        ("31/03/2026 00:00:00", "2026-03-31"),
        ("3/31/2026 0:00", "2026-03-31"),
        ("2026-3-31", "2026-03-31"),
        ("31-Mar-26", "2026-03-31"),
        ("31.03.26", "2026-03-31"),
        ("31/03/26", "2026-03-31"),
    ] {
        assert_eq!(left(&format!("a@x.example,Left,,\"{text}\"\n")), seconds(day), "{text}");
    }
}

#[test]
fn a_sheet_is_a_roster_only_with_address_and_status_or_end() {
    for (header, expected) in [
        ("Employee ID,Legal Name,Work Email,Status", true),
        ("E-mail,Termination Date", true),
        ("id,email,aliases,kind,status,left_at", true),
        ("Name,Work Email,Department", false),
        ("Name,Status,Termination Date", false),
        ("token_id,provider,Email,Status", false),
        ("Token Name,Status,Email", false),
        ("Key,Email,Status,Last Used", false),
        ("Name,Email,Status,Expiry Date", false),
        ("Email Address [Required],Status [READ ONLY]", false),
    ] {
        assert_eq!(HrRoster.recognises(&sight(&HrRoster, &format!("{header}\n"))), expected, "{header}");
    }
}

#[test]
fn a_register_of_our_own_form_is_read_too() {
    let people = read(&HrRoster, "id,email,aliases,kind,status,left_at\n7,ci@x.example,svc-ci;ci-bot,service,active,\n").people;
    assert_eq!(people[0].addresses, ["ci@x.example", "svc-ci", "ci-bot"]);
    assert_eq!(people[0].kind, PersonKind::Service);
}

#[test]
fn who_was_hired_again_has_not_left() {
    let sheet = |rows: &str| read(&HrRoster, &format!("Email,Status,Hire Date,Termination Date\n{rows}"));
    let again = sheet("a@x.example,Terminated,2019-01-01,2024-05-31\nA@x.example,Active,2025-02-01,\n");
    let status: Vec<_> = again.people.iter().map(|person| person.status).collect();
    assert_eq!(status, [Some(PersonStatus::Active)]);
    assert_eq!(again.skips, [(2, "an employment that ended before the person was hired again")]);
    // Not hired since: the entry that says so counts.
    let left = sheet("a@x.example,Terminated,2019-01-01,2024-05-31\na@x.example,Active,2019-01-01,\n");
    assert_eq!(left.people.len(), 2);
    // Nor does a return help that has ended as well.
    let gone = sheet("a@x.example,Terminated,2019-01-01,2024-05-31\na@x.example,Terminated,2025-02-01,2025-12-31\n");
    assert_eq!(gone.people.len(), 2);
}
