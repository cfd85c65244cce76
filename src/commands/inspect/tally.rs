//! What `inspect` keeps of a file: counts, and the first of everything.

use crate::inventory::field::{CONTACT, FIELD_COUNT, Field, Kind, Part};
use crate::inventory::format::{Account, Person, PersonKind, PersonStatus, Purpose, Sink};
use crate::inventory::record::{Date, Precision, Record, State, Value};
use crate::report::words;
use std::collections::BTreeMap;

/// Records that are shown.
const RECORDS_SHOWN: usize = 3;
/// Rejected rows and unusable values that are shown.
const LINES_SHOWN: usize = 10;

/// Counts while it is read, so that the size of the file does not matter.
#[derive(Debug)]
pub struct Tally {
    /// `[[source]] complete`: fields in which silence means that there is none.
    pub complete: Vec<Field>,
    states: [[u64; State::ALL.len()]; FIELD_COUNT],
    pub first: Vec<Record>,
    /// The first entries of a register: the line, and what is filled.
    pub entries: Vec<(u64, Vec<(&'static str, String)>)>,
    /// People by status, where the file is a register of people.
    pub statuses: BTreeMap<&'static str, u64>,
    /// Line and reason.
    pub rejected: Vec<(u64, String)>,
    /// Line and what is wrong.
    pub problems: Vec<(u64, String)>,
    /// How often, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            complete: Vec::new(),
            states: [[0; State::ALL.len()]; FIELD_COUNT],
            first: Vec::new(),
            entries: Vec::new(),
            statuses: BTreeMap::new(),
            rejected: Vec::new(),
            problems: Vec::new(),
            skipped: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// How many records have a field in a state.
    pub fn count(&self, field: Field, state: State) -> u64 {
        self.states.get(field as usize).and_then(|counts| counts.get(state as usize)).copied().unwrap_or_default()
    }

    fn entry(&mut self, line: u64, parts: Vec<(&'static str, Option<String>)>) {
        if self.entries.len() < RECORDS_SHOWN {
            let filled = parts.into_iter().filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)));
            self.entries.push((line, filled.collect()));
        }
    }
}

fn status_word(status: Option<PersonStatus>) -> &'static str {
    match status {
        None => "not stated",
        Some(PersonStatus::Active) => "active",
        Some(PersonStatus::Leave) => "leave",
        Some(PersonStatus::Suspended) => "suspended",
        Some(PersonStatus::Left) => "left",
    }
}

fn kind_word(kind: PersonKind) -> &'static str {
    match kind {
        PersonKind::Person => "person",
        PersonKind::Team => "team",
        PersonKind::Service => "service",
    }
}

impl Sink for Tally {
    fn token(&mut self, mut record: Record) {
        for &field in &self.complete {
            let cell = record.cell_mut(field);
            if cell.state == State::Empty {
                cell.state = State::None;
            }
        }
        for (counts, cell) in self.states.iter_mut().zip(record.cells()) {
            if let Some(count) = counts.get_mut(cell.state as usize) {
                *count += 1;
            }
        }
        for problem in &record.problems {
            if self.problems.len() < LINES_SHOWN {
                self.problems.push((record.line, format!("{}: {} ({})", problem.field, problem.text, problem.kind.word())));
            }
        }
        if self.first.len() < RECORDS_SHOWN {
            self.first.push(record);
        }
    }

    fn person(&mut self, person: Person) {
        let status = status_word(person.status);
        *self.statuses.entry(status).or_default() += 1;
        let parts = vec![
            ("id", person.id),
            ("name", person.name),
            ("addresses", Some(person.addresses.join("; "))),
            ("kind", Some(kind_word(person.kind).to_owned())),
            ("status", Some(status.to_owned())),
            ("left_at", person.left_at.map(spelled_date)),
        ];
        self.entry(person.line, parts);
    }

    fn purpose(&mut self, purpose: Purpose) {
        let parts = vec![
            ("purpose_id", Some(purpose.purpose_id)),
            ("text", purpose.text),
            ("scopes_required", purpose.scopes_required.map(|scopes| scopes.join("; "))),
            ("status", purpose.status),
            ("ends_at", purpose.ends_at.map(spelled_date)),
            ("authorized_readers", purpose.authorized_readers.map(|readers| readers.join("; "))),
        ];
        self.entry(purpose.line, parts);
    }

    fn account(&mut self, account: Account) {
        let contacts = spelled(&Value::Items(account.contacts), Kind::Items(CONTACT));
        let parts = vec![("provider", Some(account.provider)), ("account", Some(account.account)), ("contacts", Some(contacts))];
        self.entry(account.line, parts);
    }

    fn reject(&mut self, line: u64, reason: String) {
        if self.rejected.len() < LINES_SHOWN {
            self.rejected.push((line, reason));
        }
    }

    fn skip(&mut self, _line: u64, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    fn problem(&mut self, _sentence: String) {}
}

/// A value as text.
pub fn spelled(value: &Value, kind: Kind) -> String {
    match value {
        Value::Nothing => String::new(),
        Value::Text(text) => text.clone(),
        Value::Date(date) => spelled_date(*date),
        Value::Count(count) => count.to_string(),
        Value::Words(words) => words.join("; "),
        Value::Scopes(scopes) => {
            let class = |scope: &crate::inventory::record::Scope| {
                scope.class.map_or_else(|| scope.name.clone(), |class| format!("{} ({})", scope.name, class.word()))
            };
            scopes.iter().map(class).collect::<Vec<_>>().join("; ")
        }
        Value::Dates(dates) => {
            dates.iter().map(|(name, date)| format!("{name} {}", spelled_date(*date))).collect::<Vec<_>>().join("; ")
        }
        Value::Items(items) => {
            let parts: &[Part] = if let Kind::Items(parts) = kind { parts } else { &[] };
            let item = |item: &crate::inventory::record::Item| {
                let filled = parts.iter().zip(&item.parts).filter(|(_, cell)| cell.state == State::Value);
                let parts: Vec<String> =
                    filled.map(|(part, cell)| format!("{} {}", part.name, spelled(&cell.value, kind))).collect();
                format!("[{}]", parts.join(", "))
            };
            items.iter().map(item).collect::<Vec<_>>().join(" ")
        }
    }
}

fn spelled_date(date: Date) -> String {
    match date.precision {
        Precision::Date => words::date(date.seconds),
        Precision::Second if date.assumed_utc => format!("{} (read as UTC)", words::instant(date.seconds)),
        Precision::Second => words::instant(date.seconds),
    }
}
