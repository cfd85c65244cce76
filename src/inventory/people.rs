//! One person out of all that people registers say: an HR file knows who left, a directory knows the logins.
//!
//! Entries that share an address (letter case aside), a login or an id of their register are one person. Where registers
//! disagree about a status, the one that proves more counts: left, then suspended, leave, active. Order never matters.

use super::format::{Person, PersonKind, PersonStatus};
use std::collections::BTreeMap;

/// Brings entries of one person together; sorted by their first address.
pub fn merge(people: Vec<Person>) -> Vec<Person> {
    let mut groups = Groups { parents: (0..people.len()).collect() };
    let mut by_address: BTreeMap<String, usize> = BTreeMap::new();
    for (index, person) in people.iter().enumerate() {
        for address in person.addresses.iter().map(|address| fold(address)).filter(|address| !address.is_empty()) {
            match by_address.get(&address) {
                Some(&other) => groups.join(index, other),
                None => drop(by_address.insert(address, index)),
            }
        }
    }
    let mut merged: BTreeMap<usize, Vec<Person>> = BTreeMap::new();
    for (index, person) in people.into_iter().enumerate() {
        merged.entry(groups.root(index)).or_default().push(person);
    }
    let mut people: Vec<Person> = merged.into_values().filter_map(one).collect();
    people.sort_by(|a, b| (&a.addresses, &a.id, &a.name, a.line).cmp(&(&b.addresses, &b.id, &b.name, b.line)));
    people
}

/// Addresses and logins are compared without regard to letter case; dots and `+tags` stay.
pub fn fold(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Which entries belong together.
struct Groups {
    parents: Vec<usize>,
}

impl Groups {
    fn root(&self, mut index: usize) -> usize {
        while let Some(&parent) = self.parents.get(index).filter(|parent| **parent != index) {
            index = parent;
        }
        index
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(parent) = self.parents.get_mut(a.max(b)) {
            *parent = a.min(b);
        }
    }
}

/// What the entries of one person say together.
fn one(mut entries: Vec<Person>) -> Option<Person> {
    entries.sort_by(|a, b| (&a.addresses, &a.id, &a.name, a.line).cmp(&(&b.addresses, &b.id, &b.name, b.line)));
    let mut entries = entries.into_iter();
    let mut person = entries.next()?;
    for other in entries {
        person.addresses.extend(other.addresses);
        person.addresses.extend(other.id.clone());
        person.id = person.id.or(other.id);
        person.name = person.name.or(other.name);
        if person.kind == PersonKind::Person {
            person.kind = other.kind;
        }
        person.status = person.status.max_by_strength(other.status);
        // The earliest day on which somebody says the person left.
        person.left_at = match (person.left_at, other.left_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    let mut seen = std::collections::BTreeSet::new();
    person.addresses.retain(|address| seen.insert(fold(address)));
    Some(person)
}

trait Strength {
    fn max_by_strength(self, other: Self) -> Self;
}

impl Strength for Option<PersonStatus> {
    fn max_by_strength(self, other: Self) -> Self {
        let strength = |status: &Option<PersonStatus>| match status {
            None => 0,
            Some(PersonStatus::Active) => 1,
            Some(PersonStatus::Leave) => 2,
            Some(PersonStatus::Suspended) => 3,
            Some(PersonStatus::Left) => 4,
        };
        if strength(&other) > strength(&self) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, addresses: &[&str], status: Option<PersonStatus>) -> Person {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        Person { id: Some(id.to_owned()), addresses, status, ..Person::default() }
    }

    #[test]
    fn entries_that_share_an_address_are_one_person_and_leaving_counts() {
        let people = vec![
            person("0902", &["Bruno.Costa@Example.com"], Some(PersonStatus::Active)),
            person("u-2", &["bcosta", "bruno.costa@example.com"], Some(PersonStatus::Left)),
            person("u-3", &["bcosta-admin", "BCOSTA"], None),
            person("1001", &["alice@example.com"], Some(PersonStatus::Active)),
        ];
        let mut backwards = people.clone();
        backwards.reverse();
        let merged = merge(people);
        assert_eq!(merged, merge(backwards));
        assert_eq!(merged.len(), 2);
        assert_eq!(merged[0].status, Some(PersonStatus::Left));
        assert_eq!(merged[1].addresses, ["alice@example.com"]);
    }
}
