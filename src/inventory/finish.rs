//! What happens to every record after its adapter, once for all formats.
//!
//! The secret guard comes first, so that nothing behind it ever sees a token value. Then dates that cannot be are set aside
//! (decisions, 2), e-mail addresses are folded, and the registry names the provider, classes its scopes and states its facts.

use super::cell;
use super::field::{FIELDS, Field, Kind, Part, PartKind};
use super::format::{Account, Person, Purpose};
use super::guard::Guard;
use super::record::{Cell, Date, Precision, Problem, ProblemKind, Record, State, Value};
use super::registry::Registry;
use super::time::{self, DAY, END_OF_TIME};

/// Seconds that a clock may run ahead (catalogue 2.2).
const CLOCK_SKEW: i64 = 300;
/// Letters of an unusable text that a problem quotes.
const QUOTED_LETTERS: usize = 80;

/// The last instant and the last date that a past-type value may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    last_second: i64,
    last_date: i64,
}

impl Tolerance {
    /// `exported_at` is the source's own, because what happened before an export is no future even if it is after `as_of`.
    pub fn new(as_of: i64, exported_at: Option<i64>) -> Tolerance {
        let now = exported_at.map_or(as_of, |exported_at| exported_at.max(as_of));
        Tolerance { last_second: now + CLOCK_SKEW, last_date: (now.div_euclid(DAY) + 1) * DAY }
    }

    /// True if something in the past can have this date.
    pub fn allows(self, date: Date) -> bool {
        match date.precision {
            Precision::Second => date.seconds <= self.last_second,
            Precision::Date => date.seconds <= self.last_date,
        }
    }
}

/// Finishes the records of one source.
#[derive(Debug, Clone, Copy)]
pub struct Finish<'a> {
    pub guard: &'a Guard,
    pub registry: &'a Registry,
    pub tolerance: Tolerance,
    /// The texts of records are cells of a table, as they came through the door of the guard.
    pub cells: bool,
    /// Fields that every record of the source collects; one that says nothing of them is empty there.
    pub collected: &'a [Field],
    /// For rows that state none.
    pub provider: Option<&'a str>,
    pub account: Option<&'a str>,
}

/// A spreadsheet writes long numbers as `1.23E+12`, and many of them alike: nothing can be told by such an id.
fn keep_whole_ids(record: &mut Record) {
    for field in [Field::TokenId, Field::Account] {
        let Some(id) = record.text(field).filter(|id| is_shortened(id)).map(str::to_owned) else { continue };
        record.problems.push(cell::problem(field.name().to_owned(), ProblemKind::Unreadable, &id));
        record.set(field, Cell::of(State::Unreadable));
    }
}

/// True for a number with an exponent, in the spelling of a spreadsheet.
fn is_shortened(id: &str) -> bool {
    let Some((mantissa, exponent)) = id.split_once("E+") else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    digits(whole) && digits(fraction) && digits(exponent)
}

impl Finish<'_> {
    /// Finishes a record.
    pub fn record(&self, record: &mut Record) {
        for (field, stated) in [(Field::Provider, self.provider), (Field::Account, self.account)] {
            if let Some(stated) = stated
                && record.get(field).state != State::Value
            {
                record.set_text(field, stated);
            }
        }
        for &field in self.collected {
            let cell = record.cell_mut(field);
            if cell.state == State::NotCollected {
                cell.state = State::Empty;
            }
        }
        if self.cells {
            self.guard.clean_row(record);
        } else {
            self.guard.clean_record(record);
        }
        if let Some(identity) = &mut record.identity {
            *identity = self.guard.clean_text(identity).into_owned();
        }
        keep_whole_ids(record);
        plausible(record, self.tolerance);
        fold_addresses(record);
        compromise(record);
        // The secrets of an identity have no order, and an export states them in that of its rows.
        if let Value::Items(secrets) = &mut record.cell_mut(Field::Secrets).value {
            secrets.sort();
        }
        for problem in &mut record.problems {
            shorten(&mut problem.text);
        }
        self.registry.classify(record);
        self.registry.apply_facts(record);
    }

    /// Finishes an entry of a people register; says what was cut.
    pub fn person(&self, person: &mut Person) -> Vec<Problem> {
        let cut = self.guard.clean_person(person);
        for address in &mut person.addresses {
            fold_address(address);
        }
        cut
    }

    /// Finishes an entry of a purpose register; says what was cut.
    pub fn purpose(&self, purpose: &mut Purpose) -> Vec<Problem> {
        let cut = self.guard.clean_purpose(purpose);
        purpose.authorized_readers.iter_mut().flatten().for_each(fold_address);
        cut
    }

    /// Finishes an entry of an accounts register; says what was cut.
    pub fn account(&self, account: &mut Account) -> Vec<Problem> {
        let cut = self.guard.clean_account(account);
        account.provider =
            self.registry.provider(&account.provider).map_or_else(|| account.provider.to_lowercase(), str::to_owned);
        for cell in account.contacts.iter_mut().flat_map(|contact| &mut contact.parts) {
            fold_cell(cell);
            // A verification that lies ahead is none.
            if cell.as_date().is_some_and(|date| !self.tolerance.allows(date)) {
                *cell = Cell::of(State::Implausible);
            }
        }
        cut
    }
}

/// Sets aside what cannot have happened yet, and reads the end of time as no expiry.
fn plausible(record: &mut Record, tolerance: Tolerance) {
    let mut problems = Vec::new();
    for spec in FIELDS {
        let cell = record.cell_mut(spec.field);
        match (spec.kind, &mut cell.value) {
            (Kind::PastDate, _) => check(cell, tolerance, || spec.name.to_owned(), &mut problems),
            (Kind::AnyDate, Value::Date(date)) if spec.field == Field::ExpiresAt && date.seconds >= END_OF_TIME => {
                *cell = Cell::of(State::None);
            }
            (Kind::Dates, Value::Dates(dates)) => {
                dates.retain(|name, date| {
                    let allowed = tolerance.allows(*date);
                    if !allowed {
                        problems.push(future(format!("{}.{name}", spec.name), *date));
                    }
                    allowed
                });
                if dates.is_empty() {
                    *cell = Cell::of(State::Implausible);
                }
            }
            (Kind::Items(parts), Value::Items(items)) => {
                for (number, item) in items.iter_mut().enumerate() {
                    for (part, cell) in parts.iter().zip(&mut item.parts).filter(|(part, _)| part.kind == PartKind::PastDate) {
                        check(cell, tolerance, || format!("{}.{number}.{}", spec.name, part.name), &mut problems);
                    }
                }
            }
            _ => {}
        }
    }
    record.problems.append(&mut problems);
}

fn check(cell: &mut Cell, tolerance: Tolerance, path: impl FnOnce() -> String, problems: &mut Vec<Problem>) {
    if let Some(date) = cell.as_date()
        && !tolerance.allows(date)
    {
        problems.push(future(path(), date));
        *cell = Cell::of(State::Implausible);
    }
}

fn future(path: String, date: Date) -> Problem {
    cell::problem(path, ProblemKind::Future, &time::written(date))
}

/// `compromise.suspected_at` alone says it too (decisions, 18).
fn compromise(record: &mut Record) {
    if matches!(record.get(Field::Compromise).state, State::Value | State::None) {
        return;
    }
    match record.get(Field::CompromiseSuspectedAt).state {
        State::None => record.set(Field::Compromise, Cell::of(State::None)),
        State::Value | State::Unreadable | State::Implausible => record.set_text(Field::Compromise, "suspected"),
        State::NotCollected | State::Empty | State::UnknownWord => {}
    }
}

/// Addresses are compared without regard to letter case (inventory formats, section 8).
fn fold_addresses(record: &mut Record) {
    for field in [Field::Owner, Field::AuthorizedReaders] {
        fold_cell(record.cell_mut(field));
    }
    for (field, name) in [(Field::Storage, "readers"), (Field::Shares, "recipient"), (Field::Contacts, "address")] {
        let Kind::Items(parts) = field.spec().kind else { continue };
        let Some(index) = parts.iter().position(|part: &Part| part.name == name) else { continue };
        if let Value::Items(items) = &mut record.cell_mut(field).value {
            items.iter_mut().filter_map(|item| item.parts.get_mut(index)).for_each(fold_cell);
        }
    }
}

fn fold_cell(cell: &mut Cell) {
    match &mut cell.value {
        Value::Text(text) => fold_address(text),
        Value::Words(words) => words.iter_mut().for_each(fold_address),
        _ => {}
    }
}

fn fold_address(text: &mut String) {
    if text.contains('@') && text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        *text = text.to_lowercase();
    }
}

fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(QUOTED_LETTERS) {
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::cell::{Notation, from_json, from_text};
    use serde_json::json;

    const AS_OF: &str = "2026-06-15T13:30:00Z";

    fn seconds(text: &str) -> i64 {
        time::parse(text).date().unwrap().seconds
    }

    fn finish(exported_at: Option<&str>) -> Finish<'static> {
        Finish {
            guard: Guard::built_in(),
            cells: false,
            registry: Registry::built_in(),
            tolerance: Tolerance::new(seconds(AS_OF), exported_at.map(seconds)),
            collected: &[],
            provider: None,
            account: None,
        }
    }

    fn finished(field: Field, text: &str, exported_at: Option<&str>) -> Record {
        let mut record = Record::new(1);
        let cell = from_text(field, text, Notation::default(), &mut record.problems);
        record.set(field, cell);
        finish(exported_at).record(&mut record);
        record
    }

    #[test]
    fn the_future_begins_where_the_catalogue_says() {
        for (text, allowed) in [
            ("2026-06-15T13:35:00Z", true),
            ("2026-06-15T13:35:01Z", false),
            ("2026-06-16", true),
            ("2026-06-17", false),
            ("2026-06-15T13:30:00", true),
        ] {
            let record = finished(Field::LastRotatedAt, text, None);
            let state = if allowed { State::Value } else { State::Implausible };
            assert_eq!(record.get(Field::LastRotatedAt).state, state, "{text}");
            assert_eq!(record.problems.iter().any(|problem| problem.kind == ProblemKind::Future), !allowed, "{text}");
        }
        let late = finished(Field::LastRotatedAt, "2026-06-20T00:00:00Z", Some("2026-06-21T00:00:00Z"));
        assert_eq!(late.get(Field::LastRotatedAt).state, State::Value);
        let early_export = finished(Field::LastRotatedAt, "2026-06-15T00:00:00Z", Some("2026-01-01T00:00:00Z"));
        assert_eq!(early_export.get(Field::LastRotatedAt).state, State::Value);
    }

    #[test]
    fn dates_inside_lists_are_judged_too() {
        let mut record = Record::new(1);
        for (field, value) in [
            (Field::Contacts, json!([{"address": "A@Example.com", "verified_at": "2027-01-01"}])),
            (Field::ScopeLastUsed, json!({"a": "2027-01-01", "b": "2026-01-01"})),
            (Field::ScopeGrantedAt, json!({"a": "2027-01-01"})),
        ] {
            let cell = from_json(field, &value, Notation::default(), &mut record.problems);
            record.set(field, cell);
        }
        finish(None).record(&mut record);
        let Value::Items(contacts) = &record.get(Field::Contacts).value else { panic!() };
        assert_eq!(contacts[0].parts[1], Cell::text("a@example.com"));
        assert_eq!(contacts[0].parts[3], Cell::of(State::Implausible));
        let Value::Dates(dates) = &record.get(Field::ScopeLastUsed).value else { panic!() };
        assert_eq!(dates.len(), 1);
        assert_eq!(record.get(Field::ScopeGrantedAt).state, State::Implausible);
        let fields: Vec<_> = record.problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["scope_last_used.a", "scope_granted_at.a", "contacts.0.verified_at"]);
    }

    #[test]
    fn expiry_lies_ahead_and_its_end_of_time_is_none() {
        assert_eq!(finished(Field::ExpiresAt, "2030-01-01", None).get(Field::ExpiresAt).state, State::Value);
        assert_eq!(finished(Field::ExpiresAt, "9999-12-31T23:59:59Z", None).get(Field::ExpiresAt).state, State::None);
        assert_eq!(finished(Field::PurposeEndsAt, "2030-01-01", None).get(Field::PurposeEndsAt).state, State::Value);
        assert_eq!(finished(Field::CreatedAt, "9999-12-31", None).get(Field::CreatedAt).state, State::Implausible);
    }

    #[test]
    fn a_suspicion_can_be_stated_by_its_date() {
        let state = |text| finished(Field::CompromiseSuspectedAt, text, None).get(Field::Compromise).clone();
        assert_eq!(state("none"), Cell::of(State::None));
        assert_eq!(state("2026-06-01"), Cell::text("suspected"));
        assert_eq!(state("some day"), Cell::text("suspected"));
        assert_eq!(state("").state, State::NotCollected);
    }

    #[test]
    fn an_id_that_a_spreadsheet_shortened_is_none() {
        for id in ["1.23E+12", "1,23457E+12", "5E+10"] {
            let record = finished(Field::TokenId, id, None);
            assert_eq!((record.get(Field::TokenId).state, record.problems.len()), (State::Unreadable, 1), "{id}");
        }
        for id in ["1.23E-12", "1e10", "AE+12", "E+1", "007", "5E10", "1.E+", "key 1.2E+3"] {
            assert_eq!(finished(Field::TokenId, id, None).text(Field::TokenId), Some(id));
        }
    }

    #[test]
    fn long_quotations_are_cut_and_names_keep_their_case() {
        let record = finished(Field::CreatedAt, &"ab ".repeat(5000), None);
        assert_eq!(record.problems[0].text.chars().count(), QUOTED_LETTERS + 1);
        assert_eq!(finished(Field::Owner, "Platform Team", None).text(Field::Owner), Some("Platform Team"));
        assert_eq!(finished(Field::Owner, "Chloé.M@Example.COM", None).text(Field::Owner), Some("chloé.m@example.com"));
    }

    #[test]
    fn what_the_user_said_of_the_source_fills_gaps_only() {
        let finish = Finish { provider: Some("GitHub"), account: Some("acme"), collected: &[Field::LastUsedAt], ..finish(None) };
        let mut record = Record::new(1);
        record.set_text(Field::Account, "other");
        finish.record(&mut record);
        assert_eq!(record.text(Field::Provider), Some("github"));
        assert_eq!(record.text(Field::Account), Some("other"));
        assert_eq!(record.get(Field::LastUsedAt).state, State::Empty);
        assert_eq!(record.get(Field::CreatedAt).state, State::NotCollected);
    }

    #[test]
    fn contacts_of_an_account_were_not_verified_in_the_future() {
        let list = json!([{"address": "Ops@Acme.example", "verified_at": "2026-06-17"}, {"verified_at": "2026-06-16"}]);
        let Value::Items(contacts) = from_json(Field::Contacts, &list, Notation::default(), &mut Vec::new()).value else {
            panic!()
        };
        let mut account = Account { provider: "acme".into(), account: "main".into(), contacts, line: 1 };
        assert_eq!(finish(None).account(&mut account), []);
        assert_eq!(account.contacts[0].parts[1], Cell::text("ops@acme.example"));
        assert_eq!(account.contacts[0].parts[3].state, State::Implausible);
        assert_eq!(account.contacts[1].parts[3].state, State::Value);
    }

    #[test]
    fn registers_are_folded_like_records() {
        let mut person = Person { addresses: vec!["Alice@Example.com".into(), "alice".into()], ..Person::default() };
        assert_eq!(finish(None).person(&mut person), []);
        assert_eq!(person.addresses, ["alice@example.com", "alice"]);
    }
}
