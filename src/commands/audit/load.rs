//! Loading: every source through its reader into the store, one thread reading while this one inserts.

use super::classes::class_of;
use super::sources::{Planned, Sources};
use crate::console::Console;
use crate::error::Error;
use crate::inventory::cell;
use crate::inventory::exported_at::ExportedAt;
use crate::inventory::facts::ProviderFacts;
use crate::inventory::field::{CONTACT, Field};
use crate::inventory::format::{Account, Person, Role};
use crate::inventory::formats;
use crate::inventory::guard::Guard;
use crate::inventory::join::SourceWord;
use crate::inventory::people;
use crate::inventory::read::{self, Entry, Reading, SourceFacts};
use crate::inventory::record::{Item, Record};
use crate::inventory::registry::Registry;
use crate::inventory::source_settings::SourceSettings;
use crate::policy::Policy;
use crate::settings::{AccountEntry, Settings};
use crate::store::{Loader, OpenRun, RegisterFacts, Settlement, SourceRow, Store, StoredSource, TokenExtras};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;

/// Entries that move between the threads together.
const BATCH: usize = 512;
/// Batches that wait for the inserting thread.
const BATCHES_AHEAD: usize = 8;

/// What is decided about a token outside the store.
struct Extras<'a> {
    registry: &'a Registry,
    attributes: BTreeSet<String>,
}

impl TokenExtras for Extras<'_> {
    fn facts(&self, record: &Record) -> ProviderFacts {
        let kind = record.text(Field::TokenKind);
        record.text(Field::Provider).map(|provider| self.registry.facts(provider, kind).clone()).unwrap_or_default()
    }

    fn class(&self, record: &Record) -> String {
        class_of(record, &self.attributes)
    }

    fn kin(&self, record: &Record) -> Option<String> {
        formats::kin(record)
    }
}

/// Loads every source of the run.
///
/// # Errors
/// Faults of the database. A source that cannot be read to its end is kept as far as it was read, and says so.
pub fn load(
    store: &mut Store,
    run: &OpenRun,
    settings: &Settings,
    policy: &Policy,
    sources: &Sources,
    console: &Console,
) -> Result<(), Error> {
    let registry = Registry::built_in();
    let extras = Extras { registry, attributes: policy.attributes() };
    let reading = Reading { guard: Guard::built_in(), registry, as_of: run.as_of };
    let mut load = Load {
        loader: store.loader(run, &extras)?,
        people: Vec::new(),
        stored: Vec::new(),
        collected: BTreeMap::new(),
        settlement: Settlement::default(),
    };
    for (name, reason) in &sources.skipped {
        load.loader.add_skipped_file(name, reason)?;
    }
    let progress = console.progress("reading");
    for planned in &sources.planned {
        progress.on(&planned.input.name);
        load.source(planned, reading)?;
    }
    drop(progress);
    load.registers(settings, sources)?;
    load.settle();
    let Load { loader, stored, settlement, .. } = load;
    loader.finish(&stored, &settlement)?;
    Ok(())
}

struct Load<'l> {
    loader: Loader<'l>,
    people: Vec<Person>,
    stored: Vec<StoredSource>,
    /// What the records of a format state, by format, where the files themselves tell.
    collected: BTreeMap<String, (BTreeSet<Field>, Vec<i64>)>,
    settlement: Settlement,
}

impl Load<'_> {
    fn source(&mut self, planned: &Planned, reading: Reading<'_>) -> Result<(), Error> {
        let format = planned.format.format();
        let detected = planned.detected()?;
        let about = planned.settings.as_ref();
        let role = match format.role() {
            Role::Inventory => "inventory",
            Role::People => "people",
            Role::Purposes => "purposes",
            Role::Accounts => "accounts",
        };
        let source_key = self.loader.add_source(&planned.input.name, format.id(), role, &planned.sha256)?;
        let exported_at = read::exported_at(&planned.input.name, &detected, about, reading.as_of);
        let mut listed: BTreeSet<(String, String)> = BTreeSet::new();
        let lists_only = about.is_some_and(|about| about.lists_only);
        let (sender, receiver) = mpsc::sync_channel::<Vec<Entry>>(BATCHES_AHEAD);
        let (facts, outcome) = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let sender = sender;
                let mut batch = Vec::with_capacity(BATCH);
                let result = read::read(&planned.input, &detected, about, reading, &mut |entry| {
                    batch.push(entry);
                    if batch.len() == BATCH {
                        // The other side is gone only after a fault of its own, which it reports.
                        drop(sender.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))));
                    }
                });
                drop(sender.send(batch));
                result
            });
            let mut failure = None;
            for entry in receiver.into_iter().flatten() {
                if failure.is_some() {
                    continue;
                }
                if lists_only && let Entry::Token(record) = &entry {
                    let text = |field| record.text(field).unwrap_or_default().to_owned();
                    listed.insert((text(Field::Provider), text(Field::Account)));
                }
                failure = self.entry(source_key, entry).err();
            }
            let read = reader.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault));
            failure.map_or(Ok(read), Err)
        })?;
        let unread = outcome.err().map(|error| format!("it could not be read to its end: {error}"));
        self.describe(source_key, &facts, unread, exported_at, about)?;
        if format.collects().is_none() {
            let (fields, keys) = self.collected.entry(format.id().to_owned()).or_default();
            fields.extend(facts.collected.iter().copied());
            keys.push(source_key);
        }
        if let Some(about) = about.filter(|_| lists_only) {
            let stated = about.provider.clone().zip(about.account.clone());
            let fields: Vec<Field> = about.complete.iter().map(|name| name.0).collect();
            let accounts = listed.into_iter().chain(stated).collect::<BTreeSet<_>>();
            self.settlement.complete.extend(accounts.into_iter().map(|(provider, account)| (provider, account, fields.clone())));
        }
        self.stored.push(StoredSource {
            source_key,
            word: SourceWord {
                format: format.id().to_owned(),
                rank: about.and_then(|about| about.rank).unwrap_or_default(),
                standing: format.standing(),
                exported_at: exported_at.seconds(),
                sha256: planned.sha256.clone(),
            },
        });
        Ok(())
    }

    fn entry(&mut self, source_key: i64, entry: Entry) -> Result<(), Error> {
        match entry {
            Entry::Token(record) => self.loader.add(source_key, &record)?,
            Entry::Person(person) => self.people.push(person),
            Entry::Account(account) => self.loader.add_account(&account)?,
            Entry::Purpose(_) => {}
            Entry::Rejected { line, reason } => self.loader.add_row(source_key, line, "rejected", &reason)?,
            Entry::Skipped { line, reason } => self.loader.add_row(source_key, line, "skipped", reason)?,
        }
        Ok(())
    }

    fn describe(
        &mut self,
        source_key: i64,
        facts: &SourceFacts,
        unread: Option<String>,
        exported_at: ExportedAt,
        about: Option<&SourceSettings>,
    ) -> Result<(), Error> {
        let more = if unread.is_some() { Some(true) } else { facts.more_pages };
        let mut problems = facts.problems.clone();
        if let ExportedAt::Implausible(basis) = exported_at {
            problems.push(format!("its export date (from its {}) lies too far ahead to be true", basis.word()));
        }
        problems.extend(unread);
        let basis = if let ExportedAt::At(_, basis) = exported_at { Some(basis.word().to_owned()) } else { None };
        let row = SourceRow {
            exported_at: exported_at.seconds(),
            exported_at_basis: basis,
            exported_at_implausible: matches!(exported_at, ExportedAt::Implausible(_)),
            rows_declared: facts.declared,
            rows_read: facts.read,
            rows_rejected: facts.rejected,
            rows_skipped: facts.skipped,
            paging: match more {
                Some(true) => "incomplete",
                Some(false) => "complete",
                None => "unknown",
            }
            .to_owned(),
            declared_complete: about
                .map(|about| about.complete.iter().map(|name| name.0.name().to_owned()).collect())
                .unwrap_or_default(),
            collected: facts.collected.iter().map(|field| field.name().to_owned()).collect(),
            problems,
        };
        Ok(self.loader.describe_source(source_key, &row)?)
    }

    /// People of all registers, brought together; and the accounts of the settings.
    fn registers(&mut self, settings: &Settings, sources: &Sources) -> Result<(), Error> {
        let has = |role| sources.planned.iter().any(|planned| planned.format.format().role() == role);
        if has(Role::People) {
            let facts = RegisterFacts { complete: settings.people.complete, includes_leavers: settings.people.includes_leavers };
            self.loader.add_register("people", facts)?;
        }
        let mut people = std::mem::take(&mut self.people);
        for (alias, address) in &settings.people.aliases {
            let known = |person: &&mut Person| person.addresses.iter().any(|known| people::fold(known) == people::fold(address));
            people.iter_mut().filter(known).for_each(|person| person.addresses.push(alias.clone()));
        }
        for person in people::merge(people) {
            self.loader.add_person(&person)?;
        }
        if has(Role::Accounts) || !settings.accounts.is_empty() {
            let complete = settings.account_register.complete;
            self.loader.add_register("accounts", RegisterFacts { complete, includes_leavers: false })?;
        }
        for entry in &settings.accounts {
            self.loader.add_account(&account(entry))?;
        }
        Ok(())
    }

    /// A key that occurs in any file of a format is collected by all of them (decisions, 11).
    fn settle(&mut self) {
        for (fields, keys) in std::mem::take(&mut self.collected).into_values() {
            for key in keys {
                self.settlement.collected.insert(key, fields.clone());
            }
        }
    }
}

/// An account of the settings, read by the rules of the canonical sheet.
fn account(entry: &AccountEntry) -> Account {
    let contacts = entry.contacts.iter().map(|contact| {
        let texts = [
            Some(contact.role.as_str()),
            Some(contact.address.as_str()),
            contact.kind.as_deref(),
            contact.verified_at.as_deref(),
            contact.status.as_deref(),
        ];
        let read = |(part, text): (&_, Option<&str>)| {
            cell::part_from_text(part, String::new, text.unwrap_or_default(), cell::Notation::default(), &mut Vec::new())
        };
        Item { parts: CONTACT.iter().zip(texts).map(read).collect() }
    });
    let registry = Registry::built_in();
    let provider = registry.provider(&entry.provider).map_or_else(|| entry.provider.to_lowercase(), str::to_owned);
    Account { provider, account: entry.account.clone(), contacts: contacts.collect(), line: 0 }
}
