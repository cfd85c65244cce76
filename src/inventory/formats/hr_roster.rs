//! People: any HR file, by synonyms of its headers.
//!
//! Somebody has left if the status says so or the termination date has come; a termination date in the future means that the
//! person is still here. Dates such as 03/04/2026 are read by what other dates of the file prove; without proof, day first.

mod dates;
mod headers;

use super::header::{cell as column, fold, has};
use crate::inventory::field::Field;
use crate::inventory::format::{
    Adapter, Format, Layout, Person, PersonKind, PersonStatus, Role, Row, Sight, Sink, SourceContext, Standing, TableRow,
};
use crate::inventory::record::Date;
use dates::{date, is_no_date, numbers};
use headers::{EMAIL, FIRST_NAME, HIRED_AT, ID, KIND, LAST_NAME, LEFT_AT, NAME, OF_OTHERS, OF_TOKENS, OTHER_ADDRESSES, STATUS};
use std::collections::{BTreeMap, BTreeSet};

/// An HR file.
pub struct HrRoster;

impl Format for HrRoster {
    fn id(&self) -> &'static str {
        "hr-roster"
    }
    fn title(&self) -> &'static str {
        "People: HR file (CSV)"
    }
    fn how_to_export(&self) -> &'static str {
        "from the HR system, as CSV: employee id, name, work e-mail, status, termination date; leavers included"
    }
    fn role(&self) -> Role {
        Role::People
    }
    fn standing(&self) -> Standing {
        Standing::Mapped
    }
    fn layout(&self) -> Layout {
        Layout::Table
    }
    fn recognises(&self, sight: &Sight) -> bool {
        let Sight::Table { header } = sight else { return false };
        has(header, EMAIL)
            && (has(header, STATUS) || has(header, LEFT_AT))
            && !has(header, OF_TOKENS)
            && !has(header, OF_OTHERS)
            && !super::google::is_user_list(header)
    }
    fn signature(&self) -> &'static str {
        "CSV with a column for the e-mail address and one for status or termination date"
    }
    fn collects(&self) -> Option<&'static [Field]> {
        Some(&[])
    }
    fn open<'a>(&'a self, context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        Box::new(Roster { as_of: context.as_of, ..Roster::default() })
    }
}

/// People wait for the end of the file, because any date may prove the order of day and month.
#[derive(Default)]
struct Roster {
    as_of: i64,
    people: Vec<Entry>,
    /// Dates that can only be day first, and only month first.
    day_first: bool,
    month_first: bool,
    /// Status words on no list: how often, and in which line first.
    unknown_words: BTreeMap<String, (u64, u64)>,
}

struct Entry {
    person: Person,
    left_at: String,
    hired_at: String,
}

impl Adapter for Roster {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Row::Table(row) = row else { return };
        let mut addresses: Vec<String> = column(&row, EMAIL)
            .into_iter()
            .chain(EMAIL.iter().filter_map(|name| column(&row, &[name])))
            .map(str::to_owned)
            .collect();
        for name in OTHER_ADDRESSES {
            addresses.extend(
                column(&row, &[name]).unwrap_or_default().split([';', ',', ' ']).map(|address| address.trim().to_owned()),
            );
        }
        let mut seen = BTreeSet::new();
        addresses.retain(|address| !address.is_empty() && seen.insert(address.to_lowercase()));
        let id = column(&row, ID).filter(|id| !id.is_empty()).map(str::to_owned);
        if addresses.is_empty() && id.is_none() {
            return sink.reject(row.line, "the row has neither e-mail address nor id".to_owned());
        }
        // Every date of the row may prove the order, also those that are not used.
        for text in row.cells {
            if let Some((first, second, _)) = numbers(text) {
                self.day_first |= first > 12;
                self.month_first |= second > 12;
            }
        }
        let status = self.status(&row);
        let left_at = column(&row, LEFT_AT).unwrap_or_default().to_owned();
        let person = Person { id, name: name(&row), addresses, kind: kind(&row), status, left_at: None, line: row.line };
        let hired_at = column(&row, HIRED_AT).unwrap_or_default().to_owned();
        self.people.push(Entry { person, left_at, hired_at });
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        let mut unreadable: Vec<u64> = Vec::new();
        let mut ambiguous = 0_u64;
        let both = self.day_first && self.month_first;
        let month_first = self.month_first && !self.day_first;
        let mut people = Vec::new();
        for Entry { mut person, left_at, hired_at } in std::mem::take(&mut self.people) {
            let is_ambiguous = numbers(&left_at).is_some_and(|(first, second, _)| first <= 12 && second <= 12 && first != second);
            ambiguous += u64::from(is_ambiguous && !(self.day_first || self.month_first));
            match date(&left_at, month_first) {
                _ if is_ambiguous && both => unreadable.push(person.line),
                Some(date) => person.left_at = Some(date),
                None if !is_no_date(&left_at) => unreadable.push(person.line),
                None => {}
            }
            if let Some(left_at) = person.left_at {
                if left_at.seconds <= self.as_of {
                    person.status = Some(PersonStatus::Left);
                } else if person.status == Some(PersonStatus::Left) {
                    // HR enters a leave before it comes.
                    person.status = Some(PersonStatus::Active);
                }
            }
            people.push((person, date(&hired_at, month_first)));
        }
        let hired_again = hired_again(&people);
        for (index, (person, _)) in people.into_iter().enumerate() {
            match hired_again.contains(&index) {
                true => sink.skip(person.line, "an employment that ended before the person was hired again"),
                false => sink.person(person),
            }
        }
        if let Some(line) = unreadable.first() {
            let count = unreadable.len();
            sink.problem(format!(
                "{count} termination dates cannot be read, the first in line {line}; the status alone was used"
            ));
        }
        if ambiguous > 0 {
            sink.problem(format!("{ambiguous} termination dates leave open which number is the day; they were read day first"));
        }
        for (word, (count, line)) in std::mem::take(&mut self.unknown_words) {
            let word = crate::inventory::guard::Guard::built_in().clean_text(&word).into_owned();
            sink.problem(format!("the status `{word}` is not known ({count} people, the first in line {line})"));
        }
    }
}

/// Entries of people who left and are in the file once more, hired on that day or later and still here.
fn hired_again(people: &[(Person, Option<Date>)]) -> BTreeSet<usize> {
    let key = |person: &Person| person.addresses.first().map(|address| address.to_lowercase()).or_else(|| person.id.clone());
    let mut here: BTreeMap<String, Date> = BTreeMap::new();
    for (person, hired_at) in people.iter().filter(|(person, _)| person.status != Some(PersonStatus::Left)) {
        if let (Some(key), Some(_), Some(hired_at)) = (key(person), person.status, hired_at) {
            let latest = here.entry(key).or_insert(*hired_at);
            *latest = (*latest).max(*hired_at);
        }
    }
    let is_over = |person: &Person| {
        let hired_at = key(person).and_then(|key| here.get(&key));
        person.status == Some(PersonStatus::Left)
            && person.left_at.zip(hired_at).is_some_and(|(left, hired)| left.seconds <= hired.seconds)
    };
    people.iter().enumerate().filter(|(_, (person, _))| is_over(person)).map(|(index, _)| index).collect()
}

impl Roster {
    fn status(&mut self, row: &TableRow<'_>) -> Option<PersonStatus> {
        let word = column(row, STATUS).filter(|word| !word.is_empty())?;
        let status = match fold(word).as_str() {
            "active" | "employed" | "current" | "working" | "hired" | "enabled" | "activeemployee" | "noticeperiod"
            | "probation" => PersonStatus::Active,
            "leave" | "onleave" | "loa" | "leaveofabsence" | "parentalleave" | "maternityleave" | "paternityleave"
            | "sickleave" | "sabbatical" | "paidleave" | "unpaidleave" | "absent" => PersonStatus::Leave,
            "suspended" | "gardenleave" | "gardeningleave" => PersonStatus::Suspended,
            "left" | "terminated" | "inactive" | "former" | "resigned" | "departed" | "separated" | "offboarded" | "retired"
            | "dismissed" | "deceased" | "deprovisioned" | "disabled" | "exemployee" | "formeremployee" | "leaver" => {
                PersonStatus::Left
            }
            "unknown" => return None,
            _ => {
                let entry = self.unknown_words.entry(word.chars().take(80).collect()).or_insert((0, row.line));
                entry.0 += 1;
                return None;
            }
        };
        Some(status)
    }
}

/// The name as people say it: `Last, First` is turned round.
fn name(row: &TableRow<'_>) -> Option<String> {
    let parts = [column(row, FIRST_NAME), column(row, LAST_NAME)];
    let whole = column(row, NAME).filter(|name| !name.is_empty());
    let Some(whole) = whole else {
        let joined = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        return (!joined.is_empty()).then_some(joined);
    };
    Some(match whole.split_once(',') {
        Some((last, first)) if !first.trim().is_empty() && !first.contains(',') => format!("{} {}", first.trim(), last.trim()),
        _ => whole.to_owned(),
    })
}

fn kind(row: &TableRow<'_>) -> PersonKind {
    match fold(column(row, KIND).unwrap_or_default()).as_str() {
        "team" | "group" | "sharedmailbox" => PersonKind::Team,
        "service" | "serviceaccount" | "machine" | "bot" => PersonKind::Service,
        _ => PersonKind::Person,
    }
}

#[cfg(test)]
mod tests;
