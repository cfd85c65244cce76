//! One person out of all that people registers say: an HR file knows who left, a directory knows the logins.
//!
//! Entries are one person if they share an e-mail address (letter case aside), or a login or id that nobody else has. A bare number is
//! an id of whoever counted it: it joins two entries only if they name the person alike, and no token is looked up by it, except that
//! an organisation's own sheet may name owners by employee number. A login that two people have identifies neither.
//!
//! Of the entries of one register the one that shows the person here counts: somebody who came back has an old row, and an
//! administrator a second account. A newer file of a register states the person, an older one does not. Between registers the one
//! that proves more counts: left, then suspended, leave, active. Order never matters.

use super::format::{Person, PersonKind, PersonStatus};
use std::collections::{BTreeMap, BTreeSet};

/// An entry and the register that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub person: Person,
    /// What its file is an export of.
    pub export: String,
    /// UTC seconds.
    pub exported_at: Option<i64>,
    /// Key of its file.
    pub source_key: i64,
    /// Kept by the organisation itself, so that numbers in it are employee numbers and not a provider's count.
    pub own: bool,
}

/// Everybody on the registers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct People {
    /// Sorted; `addresses` holds every name by which tokens may mean the person.
    pub all: Vec<Person>,
    by_name: BTreeMap<String, usize>,
    /// Employee numbers, for an organisation's own sheet.
    by_number: BTreeMap<String, usize>,
    /// Names in the alias table of people whom no register holds → the address given there.
    beyond: BTreeMap<String, String>,
    /// By file: people whom it marks as left and another register as still here.
    pub left_here_only: BTreeMap<i64, u64>,
}

impl People {
    /// Brings entries of one person together. `aliases` are logins or other names at providers → an address on a register.
    pub fn merge(listed: Vec<Listed>, aliases: &BTreeMap<String, String>) -> People {
        let mut groups = Groups { parents: (0..listed.len()).collect() };
        let aliases: BTreeMap<String, String> = aliases.iter().map(|(alias, address)| (fold(alias), fold(address))).collect();
        join_by_address(&listed, &mut groups);
        join_by_alias(&listed, &aliases, &mut groups);
        join_by_login(&listed, &mut groups);
        let mut persons: BTreeMap<usize, Vec<Listed>> = BTreeMap::new();
        for (index, entry) in listed.into_iter().enumerate() {
            persons.entry(groups.root(index)).or_default().push(entry);
        }
        let mut people = People::default();
        for entries in persons.into_values() {
            let (person, left_here_only) = one(entries);
            people.all.extend(person);
            for source_key in left_here_only {
                *people.left_here_only.entry(source_key).or_default() += 1;
            }
        }
        people.all.sort_by(|a, b| (&a.addresses, &a.id, &a.name, a.line).cmp(&(&b.addresses, &b.id, &b.name, b.line)));
        people.index(&aliases);
        people
    }

    /// The main address of the person whom a name means: an e-mail address if the registers state one. `own_sheet` says that the name
    /// comes from the organisation itself, which may count its employees.
    pub fn address_of(&self, name: &str, own_sheet: bool) -> Option<&str> {
        let name = fold(name);
        let number = || self.by_number.get(&name).filter(|_| own_sheet);
        match self.by_name.get(&name).or_else(number) {
            Some(index) => self.all.get(*index).and_then(main_address),
            None => self.beyond.get(&name).map(String::as_str),
        }
    }

    /// Finds out which names mean one person only, and takes the others off.
    fn index(&mut self, aliases: &BTreeMap<String, String>) {
        let mut holders: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (index, person) in self.all.iter().enumerate() {
            for name in person.addresses.iter().chain(&person.id) {
                holders.entry(fold(name)).or_default().insert(index);
            }
        }
        let only = |holders: BTreeSet<usize>| if holders.len() == 1 { holders.first().copied() } else { None };
        for (name, holders) in holders {
            let Some(index) = only(holders).filter(|_| !name.is_empty()) else { continue };
            let names = if is_number(&name) { &mut self.by_number } else { &mut self.by_name };
            names.insert(name, index);
        }
        for (alias, address) in aliases {
            match self.by_name.get(address).copied() {
                Some(index) => {
                    self.by_name.insert(alias.clone(), index);
                }
                None => {
                    self.beyond.insert(alias.clone(), address.clone());
                }
            }
        }
        let mut names: BTreeMap<usize, Vec<&String>> = BTreeMap::new();
        for (name, index) in &self.by_name {
            names.entry(*index).or_default().push(name);
        }
        for (index, person) in self.all.iter_mut().enumerate() {
            let known: BTreeSet<&String> = names.remove(&index).unwrap_or_default().into_iter().collect();
            person.addresses.retain(|name| known.contains(&fold(name)));
            let held: BTreeSet<String> = person.addresses.iter().map(|name| fold(name)).collect();
            person.addresses.extend(known.into_iter().filter(|name| !held.contains(*name)).cloned());
        }
    }
}

/// Addresses and logins are compared without regard to letter case; dots and `+tags` stay.
pub fn fold(address: &str) -> String {
    address.trim().to_lowercase()
}

/// An e-mail address before a login.
fn main_address(person: &Person) -> Option<&str> {
    let addresses = &person.addresses;
    addresses.iter().find(|address| address.contains('@')).or_else(|| addresses.first()).map(String::as_str)
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Everything that an entry goes by, folded.
fn names(person: &Person) -> BTreeSet<String> {
    person.addresses.iter().chain(&person.id).map(|name| fold(name)).filter(|name| !name.is_empty()).collect()
}

fn join_by_address(listed: &[Listed], groups: &mut Groups) {
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (index, entry) in listed.iter().enumerate() {
        for address in names(&entry.person).into_iter().filter(|name| name.contains('@')) {
            groups.join(index, *first.entry(address).or_insert(index));
        }
    }
}

/// An alias says that two names are one person's, whichever register has which.
fn join_by_alias(listed: &[Listed], aliases: &BTreeMap<String, String>, groups: &mut Groups) {
    let mut holders: BTreeMap<String, usize> = BTreeMap::new();
    for (index, entry) in listed.iter().enumerate() {
        for name in names(&entry.person) {
            let name = aliases.get(&name).cloned().unwrap_or(name);
            if aliases.values().any(|address| *address == name) {
                groups.join(index, *holders.entry(name).or_insert(index));
            }
        }
    }
}

/// A login or id joins entries if it leads to no two people who have different e-mail addresses.
fn join_by_login(listed: &[Listed], groups: &mut Groups) {
    let mut holders: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (index, entry) in listed.iter().enumerate() {
        for name in names(&entry.person).into_iter().filter(|name| !name.contains('@')) {
            let called = entry.person.name.as_deref().map(fold);
            match (is_number(&name), called) {
                (true, Some(called)) => holders.entry((name, called)).or_default().push(index),
                (true, None) => {}
                (false, _) => holders.entry((name, String::new())).or_default().push(index),
            }
        }
    }
    let addressed: BTreeSet<usize> = listed
        .iter()
        .enumerate()
        .filter(|(_, entry)| names(&entry.person).iter().any(|name| name.contains('@')))
        .map(|(index, _)| groups.root(index))
        .collect();
    // Judged before anything is joined by login, so that the order of the names does not matter.
    let people_of = |holders: &[usize]| {
        let roots: BTreeSet<usize> = holders.iter().map(|index| groups.root(*index)).collect();
        roots.intersection(&addressed).count()
    };
    let joins: Vec<Vec<usize>> = holders.into_values().filter(|holders| people_of(holders) <= 1).collect();
    for holders in joins {
        for pair in holders.windows(2) {
            if let [one, other] = pair {
                groups.join(*one, *other);
            }
        }
    }
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

/// What the entries of one person say together, and the files that alone say that the person left.
fn one(entries: Vec<Listed>) -> (Option<Person>, Vec<i64>) {
    let mut registers: BTreeMap<(String, Option<i64>, i64), Vec<Listed>> = BTreeMap::new();
    let mut newest: BTreeMap<String, i64> = BTreeMap::new();
    for entry in &entries {
        if let Some(at) = entry.exported_at {
            let newest = newest.entry(entry.export.clone()).or_insert(at);
            *newest = at.max(*newest);
        }
    }
    let mut names: Vec<Person> = Vec::new();
    for mut entry in entries {
        if !entry.own {
            entry.person.addresses.retain(|name| !is_number(name));
            entry.person.id = entry.person.id.take().filter(|id| !is_number(id));
        }
        names.push(entry.person.clone());
        let superseded = entry.exported_at.is_some_and(|at| newest.get(&entry.export).is_some_and(|newest| at < *newest));
        if !superseded {
            // Files without a date may be an old and a new one; they stand for themselves.
            let file = if entry.exported_at.is_some() { 0 } else { entry.source_key };
            registers.entry((entry.export.clone(), entry.exported_at, file)).or_default().push(entry);
        }
    }
    names.sort_by(|a, b| (&a.addresses, &a.id, &a.name, a.line).cmp(&(&b.addresses, &b.id, &b.name, b.line)));
    let mut names = names.into_iter();
    let Some(mut person) = names.next() else { return (None, Vec::new()) };
    for other in names {
        person.addresses.extend(other.addresses);
        person.addresses.extend(other.id.clone());
        person.id = person.id.or(other.id);
        person.name = person.name.or(other.name);
        if person.kind == PersonKind::Person {
            person.kind = other.kind;
        }
    }
    person.addresses.extend(person.id.clone());
    let mut seen = BTreeSet::new();
    person.addresses.retain(|address| seen.insert(fold(address)));

    (person.status, person.left_at) = (None, None);
    let (mut says_left, mut says_here) = (BTreeSet::new(), false);
    for entries in registers.into_values() {
        // Within a register the strongest proof of being here; of two rows that say so, the later end.
        let Some(stated) = entries.iter().map(|entry| &entry.person).max_by_key(|person| (here(person.status), person.left_at))
        else {
            continue;
        };
        match stated.status {
            Some(PersonStatus::Left) => says_left.extend(entries.iter().map(|entry| entry.source_key)),
            Some(PersonStatus::Active | PersonStatus::Leave) => says_here = true,
            Some(PersonStatus::Suspended) | None => {}
        }
        if here(stated.status) > 0 && here(stated.status) < here(person.status) || person.status.is_none() {
            person.status = stated.status;
        }
        // The earliest day on which a register says the person left.
        person.left_at = match (person.left_at, stated.left_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    let left_here_only = if says_here { says_left.into_iter().collect() } else { Vec::new() };
    (Some(person), left_here_only)
}

/// How much a status shows that the person is here.
fn here(status: Option<PersonStatus>) -> u8 {
    match status {
        None => 0,
        Some(PersonStatus::Left) => 1,
        Some(PersonStatus::Suspended) => 2,
        Some(PersonStatus::Leave) => 3,
        Some(PersonStatus::Active) => 4,
    }
}

#[cfg(test)]
mod tests;
