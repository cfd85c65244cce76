//! People: users of Google Workspace as the admin console downloads them.
//!
//! Each header ends in words in brackets that change between versions (`[Required]`, `[READ ONLY]`), so only what stands before
//! them counts. Times have no zone. The password column is always masked in downloads, and real in files meant for upload.

use crate::inventory::format::{Layout, Person, PersonStatus, Row, Sight, Sink, SourceContext, TableRow};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use std::collections::BTreeSet;

/// Users › Download users, as CSV.
pub const WORKSPACE_USERS: Export = Export {
    id: "google-workspace-users",
    title: "People: Google Workspace users (CSV)",
    how_to_export: "Admin console: Directory > Users > Download users > All user info columns and currently selected columns > CSV",
    layout: Layout::Table,
    signature: "CSV with the columns Email Address and Org Unit Path or Last Sign In, each with words in brackets behind it",
    recognises: |sight| matches!(sight, Sight::Table { header } if is_user_list(header)),
    secret_fields: &["Password"],
    reading: Reading::Each { record: user, page: no_pages },
    // Deleted users are absent.
    lists_leavers: false,
    ..Export::OF_PEOPLE
};

/// True for the header of such a file; HR files have an e-mail address and a status too.
pub fn is_user_list(header: &[String]) -> bool {
    let has = |name: &str| header.iter().any(|column| plain(column) == name);
    has("email address") && (has("org unit path") || has("last sign in") || has("2sv enrolled"))
}

/// A header without the words in brackets, in lower case.
fn plain(header: &str) -> String {
    header.split('[').next().unwrap_or_default().trim().to_lowercase()
}

fn user(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Row::Table(row) = row else { return };
    let names = ["email address", "work secondary email", "home secondary email", "recovery email"];
    let mut seen = BTreeSet::new();
    let mut addresses: Vec<String> = names.iter().map(|name| cell(&row, name).to_owned()).collect();
    addresses.retain(|address| !address.is_empty() && seen.insert(address.to_lowercase()));
    if cell(&row, "email address").is_empty() {
        return sink.reject(row.line, "the row has no e-mail address".to_owned());
    }
    let name = [cell(&row, "first name"), cell(&row, "last name")].join(" ").trim().to_owned();
    let word = cell(&row, "status").to_lowercase();
    let status = match word.as_str() {
        "active" => Some(PersonStatus::Active),
        "suspended" => Some(PersonStatus::Suspended),
        "archived" | "deleted" => Some(PersonStatus::Left),
        _ => None,
    };
    if status.is_none() && !word.is_empty() {
        sink.problem(format!(
            "line {}: the status `{word}` is unknown, so it is not clear whether the person is still here",
            row.line
        ));
    }
    let name = Some(name).filter(|name| !name.is_empty());
    sink.person(Person { id: None, name, addresses, status, line: row.line, ..Person::default() });
}

/// The cell under a header, without blanks around it; empty if there is no such column.
fn cell<'a>(row: &TableRow<'a>, name: &str) -> &'a str {
    let index = row.header.iter().position(|column| plain(column) == name);
    index.and_then(|index| row.cells.get(index)).map_or("", |cell| cell.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::format::Format;
    use crate::inventory::formats::test_reader::{read, sight};

    const USERS: &str = include_str!("../../../../tests/fixtures/formats/google-workspace-users.csv");

    #[test]
    fn people_are_known_under_all_their_addresses() {
        let read = read(&WORKSPACE_USERS, USERS);
        let addresses: Vec<_> = read.people.iter().map(|person| person.addresses.join(" ")).collect();
        assert_eq!(
            addresses,
            [
                "mara.lind@acme.example mara.work@acme.example mara@home.example",
                "Tom.Field@acme.example",
                "svc-ci@acme.example",
                "zoe.dvorak@acme.example",
                "lena.roth@acme.example"
            ]
        );
        assert_eq!(read.people[0].name.as_deref(), Some("Mara Lind"));
        assert_eq!(read.rejects, [(7, "the row has no e-mail address".to_owned())]);
    }

    #[test]
    fn archived_is_left_and_an_unknown_word_is_told() {
        let read = read(&WORKSPACE_USERS, USERS);
        let status: Vec<_> = read.people.iter().map(|person| person.status).collect();
        let (active, suspended, left) = (PersonStatus::Active, PersonStatus::Suspended, PersonStatus::Left);
        assert_eq!(status, [Some(active), Some(suspended), Some(active), Some(left), None]);
        assert_eq!(read.problems.len(), 1);
    }

    #[test]
    fn words_in_brackets_do_not_count() {
        for words in [" [Required]", " [READ ONLY]", ""] {
            let text = format!("First Name{words},Email Address{words},Status,Org Unit Path{words}\nA,a@acme.example,Active,/\n");
            assert!(WORKSPACE_USERS.recognises(&sight(&WORKSPACE_USERS, &text)), "{words}");
            assert_eq!(read(&WORKSPACE_USERS, &text).people[0].status, Some(PersonStatus::Active));
        }
    }
}
