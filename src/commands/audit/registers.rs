//! Registers of a run: people brought together, purposes and accounts gathered, before any token is read.

use crate::error::Error;
use crate::inventory::finish::{Finish, Tolerance};
use crate::inventory::format::{Account, Person, PersonStatus, Purpose, Role};
use crate::inventory::guard::Guard;
use crate::inventory::people::{Listed, People};
use crate::inventory::record::Item;
use crate::inventory::registry::Registry;
use crate::settings::Settings;
use crate::store::{Loader, PurposeWord, RegisterFacts};
use std::collections::BTreeMap;

/// What the register files of a run hold.
#[derive(Debug, Default)]
pub struct Registers {
    people: Vec<Listed>,
    purposes: Vec<PurposeWord>,
    accounts: BTreeMap<(String, String), Vec<Item>>,
    facts: BTreeMap<Role, Vec<RegisterFacts>>,
}

/// One file of them.
#[derive(Debug, Clone, Copy)]
pub struct RegisterFile<'f> {
    pub source_key: i64,
    /// What it is an export of.
    pub export: &'f str,
    /// Kept by the organisation itself.
    pub own: bool,
}

impl Registers {
    pub fn person(&mut self, file: RegisterFile<'_>, person: Person) {
        let RegisterFile { source_key, export, own } = file;
        self.people.push(Listed { person, export: export.to_owned(), exported_at: None, source_key, own });
    }

    pub fn purpose(&mut self, file: RegisterFile<'_>, purpose: Purpose) {
        self.purposes.push(PurposeWord { purpose, exported_at: None, source_key: Some(file.source_key) });
    }

    /// Contacts of an account add up, whichever rows and files they stand in.
    pub fn account(&mut self, account: Account) {
        self.accounts.entry((account.provider, account.account)).or_default().extend(account.contacts);
    }

    /// Takes in what is known of a file at its end.
    pub fn close(&mut self, file: RegisterFile<'_>, role: Role, exported_at: Option<i64>, facts: RegisterFacts) {
        self.people
            .iter_mut()
            .filter(|entry| entry.source_key == file.source_key)
            .for_each(|entry| entry.exported_at = exported_at);
        let purposes = self.purposes.iter_mut().filter(|word| word.source_key == Some(file.source_key));
        purposes.for_each(|word| word.exported_at = exported_at);
        self.facts.entry(role).or_default().push(facts);
    }

    /// True if the file names somebody who has left.
    pub fn has_leavers(&self, file: RegisterFile<'_>) -> bool {
        let of_file = self.people.iter().filter(|entry| entry.source_key == file.source_key);
        of_file.into_iter().any(|entry| entry.person.status == Some(PersonStatus::Left))
    }

    /// Adds what the settings declare, writes everything to the store, and hands back what tokens are completed with.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn store(
        mut self,
        loader: &mut Loader<'_>,
        settings: &Settings,
        registry: &Registry,
    ) -> Result<(People, Vec<PurposeWord>), Error> {
        // What settings declare is finished like what a file says.
        let finish = Finish {
            guard: Guard::built_in(),
            registry,
            tolerance: Tolerance::new(settings.as_of.seconds, None),
            collected: &[],
            cells: false,
            provider: None,
            account: None,
        };
        for entry in &settings.accounts {
            let mut account = entry.account();
            finish.account(&mut account);
            let complete = settings.account_register.complete || entry.complete;
            self.facts.entry(Role::Accounts).or_default().push(RegisterFacts { complete, includes_leavers: false });
            self.account(account);
        }
        for entry in &settings.declared_purposes {
            let mut purpose = entry.purpose();
            finish.purpose(&mut purpose);
            let complete = settings.purposes.complete;
            self.facts.entry(Role::Purposes).or_default().push(RegisterFacts { complete, includes_leavers: false });
            self.purposes.push(PurposeWord { purpose, exported_at: None, source_key: None });
        }
        for (role, facts) in &self.facts {
            loader.add_register(role.word(), together(facts))?;
        }
        let people = People::merge(self.people, &settings.people.aliases);
        for person in &people.all {
            loader.add_person(person)?;
        }
        for (source_key, count) in &people.left_here_only {
            let people = if *count == 1 { "1 person".to_owned() } else { format!("{count} people") };
            loader.add_problem(
                *source_key,
                &format!("it marks {people} as left whom another register calls active; they count as left"),
            )?;
        }
        for ((provider, account), mut contacts) in self.accounts {
            contacts.sort();
            contacts.dedup();
            loader.add_account(&Account { provider, account, contacts, line: 0 })?;
        }
        let purposes = one_of_each(self.purposes, loader)?;
        for word in &purposes {
            loader.add_purpose(&word.purpose)?;
        }
        Ok((people, purposes))
    }
}

/// What several registers of a role are together. Somebody who is on none of them never belonged if one of them is complete and
/// includes leavers; two that are one each prove nothing.
fn together(registers: &[RegisterFacts]) -> RegisterFacts {
    let complete = registers.iter().any(|facts| facts.complete);
    let includes_leavers = registers.iter().any(|facts| facts.includes_leavers && (facts.complete || !complete));
    RegisterFacts { complete, includes_leavers }
}

/// Of several entries with one id the newest file's counts, then the one that sorts lowest.
fn one_of_each(words: Vec<PurposeWord>, loader: &mut Loader<'_>) -> Result<Vec<PurposeWord>, Error> {
    let mut by_id: BTreeMap<String, Vec<PurposeWord>> = BTreeMap::new();
    for word in words {
        by_id.entry(word.purpose.purpose_id.clone()).or_default().push(word);
    }
    let mut kept = Vec::new();
    for (purpose_id, mut words) in by_id {
        let text = |word: &PurposeWord| format!("{:?}", Purpose { line: 0, ..word.purpose.clone() });
        words.sort_by_cached_key(|word| (std::cmp::Reverse(word.exported_at), text(word), word.source_key));
        let mut words = words.into_iter();
        let Some(first) = words.next() else { continue };
        let differs = words.any(|other| other.exported_at == first.exported_at && text(&other) != text(&first));
        if let Some(source_key) = first.source_key.filter(|_| differs) {
            loader.add_problem(
                source_key,
                &format!("the purpose `{purpose_id}` is listed again with other values; the first by value is used"),
            )?;
        }
        kept.push(first);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_halves_of_a_proof_are_none() {
        let facts = |complete, includes_leavers| RegisterFacts { complete, includes_leavers };
        assert_eq!(together(&[facts(true, false), facts(false, true)]), facts(true, false));
        assert_eq!(together(&[facts(true, true), facts(false, false)]), facts(true, true));
        assert_eq!(together(&[facts(false, true), facts(false, false)]), facts(false, true));
    }
}
