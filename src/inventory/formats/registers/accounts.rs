//! The accounts register: whom to reach about an account at a provider (decisions, 13). Several rows may be about one account.

use super::super::export::{Export, Reading, no_pages};
use super::super::header::fold;
use super::{fill, has_any};
use crate::inventory::field::{CONTACT, Field};
use crate::inventory::format::{Account, Layout, Records, Role, Row, Sight, Sink, SourceContext, Standing};
use crate::inventory::record::{State, Value};
use crate::inventory::target::Target;

/// The array of tables in TOML.
const TABLES: &str = "account";

/// As CSV.
pub const ACCOUNTS: Export = Export {
    id: "accounts-csv",
    title: "Accounts: register of contacts (CSV)",
    how_to_export: "kept by hand: provider, account, role, address, kind, verified_at, status; one row for each contact",
    role: Role::Accounts,
    standing: Standing::Canonical,
    layout: Layout::Table,
    signature: "CSV with provider, account and an address (or contacts.0.address); no token_id",
    recognises: |sight| {
        let Sight::Table { header } = sight else { return false };
        is_accounts(&header.iter().map(String::as_str).collect::<Vec<_>>())
    },
    collects: Some(&[]),
    reading: Reading::Each { record: account, page: no_pages },
    ..Export::OF_PROVIDER
};

/// As TOML, and as JSON of the same shape.
pub const ACCOUNTS_TABLES: Export = Export {
    id: "accounts-toml",
    title: "Accounts: register of contacts (TOML or JSON)",
    how_to_export: "kept by hand: [[account]] tables with provider, account and contacts",
    layout: Layout::Json(Records::Under(TABLES)),
    signature: "[[account]] tables in TOML, or a JSON object with the list `account`, whose entries have provider and contacts",
    recognises: |sight| sight.has_keys(TABLES, &["provider", "account"]),
    export: Some("accounts-csv"),
    ..ACCOUNTS
};

/// True if the columns are those of an accounts register: a sheet of tokens has more than an account and its contacts.
pub fn is_accounts(names: &[&str]) -> bool {
    let addresses = |name: &&&str| matches!(place(name), Some(Target::Part { part, .. }) if part == part_number("address"));
    has_any(names, &["provider"])
        && has_any(names, &["account"])
        && names.iter().any(|name| addresses(&name) || fold(name) == "contacts")
        && !has_any(names, &["tokenid", "createdat", "owner", "environment", "scopesgranted"])
}

fn part_number(name: &str) -> usize {
    CONTACT.iter().position(|part| part.name == name).unwrap_or_default()
}

/// Where a column goes: provider and account, `contacts.N.part`, or a bare part for the only contact of the row.
fn place(name: &str) -> Option<Target> {
    let part = |name: &str| Some(Target::Part { field: Field::Contacts, entry: 0, part: part_number(name) });
    match fold(name).as_str() {
        "provider" => Some(Target::Field(Field::Provider)),
        "account" => Some(Target::Field(Field::Account)),
        "contacts" => Some(Target::Field(Field::Contacts)),
        "address" | "contact" | "email" | "contactaddress" | "contactemail" => part("address"),
        "role" | "contactrole" => part("role"),
        "kind" | "contactkind" => part("kind"),
        "verifiedat" | "verified" | "contactverifiedat" => part("verified_at"),
        "status" | "contactstatus" => part("status"),
        _ => Target::parse(&name.to_lowercase()).filter(|target| target.field() == Some(Field::Contacts)),
    }
}

fn account(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(record) = fill(row, place, sink) else { return };
    let (Some(provider), Some(account)) = (record.text(Field::Provider), record.text(Field::Account)) else {
        return sink.reject(record.line, "the row names no provider or no account".to_owned());
    };
    let mut contacts = match &record.get(Field::Contacts).value {
        Value::Items(contacts) => contacts.clone(),
        _ => Vec::new(),
    };
    // A contact of an account without a role is whom one turns to about it: the technical one.
    for role in contacts.iter_mut().filter_map(|contact| contact.parts.get_mut(part_number("role"))) {
        if matches!(role.state, State::NotCollected | State::Empty) {
            *role = crate::inventory::record::Cell::text("technical");
        }
    }
    sink.account(Account { provider: provider.to_owned(), account: account.to_owned(), contacts, line: record.line });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::read;

    const CSV: &str = include_str!("../../../../tests/fixtures/formats/accounts-csv.csv");
    const TOML: &str = include_str!("../../../../tests/fixtures/formats/accounts-toml.json");

    /// Role and address.
    type Contact<'a> = (Option<&'a str>, Option<&'a str>);

    fn contacts(accounts: &[Account]) -> Vec<(&str, &str, Vec<Contact<'_>>)> {
        accounts
            .iter()
            .map(|account| {
                let contacts = account.contacts.iter().map(|contact| (contact.parts[0].as_text(), contact.parts[1].as_text()));
                (account.provider.as_str(), account.account.as_str(), contacts.collect())
            })
            .collect()
    }

    #[test]
    fn a_row_is_a_contact_and_its_role_may_be_left_out() {
        let read = read(&ACCOUNTS, CSV);
        assert_eq!(
            contacts(&read.accounts),
            [
                ("aws", "123456789012", vec![(Some("technical"), Some("platform@acme.example"))]),
                ("aws", "123456789012", vec![(Some("token"), Some("security@acme.example"))]),
                ("GitHub", "acme", vec![(Some("technical"), Some("platform@acme.example"))]),
                ("stripe", "acme-eu", Vec::new()),
            ]
        );
        assert_eq!(read.rejects.len(), 1);
    }

    #[test]
    fn tables_hold_all_contacts_of_an_account() {
        let read = read(&ACCOUNTS_TABLES, TOML);
        let expected = vec![(Some("technical"), Some("platform@acme.example")), (Some("token"), Some("security@acme.example"))];
        assert_eq!(contacts(&read.accounts)[0], ("aws", "123456789012", expected));
    }

    #[test]
    fn a_sheet_of_tokens_is_no_register() {
        let names = |text: &'static str| text.split(',').collect::<Vec<_>>();
        assert!(is_accounts(&names("Provider,Account,E-Mail,Role")));
        assert!(is_accounts(&names("provider,account,contacts.0.role,contacts.0.address")));
        assert!(!is_accounts(&names("provider,account,token_id,contacts.0.address")));
        assert!(!is_accounts(&names("provider,account,owner,email")));
        assert!(!is_accounts(&names("provider,account,kind,status")));
    }
}
