//! Loading: every source through its reader into the store, one thread reading while this one inserts.

use super::classes::class_of;
use super::registers::{RegisterFile, Registers};
use super::sources::{Planned, Sources};
use crate::console::Console;
use crate::error::Error;
use crate::inventory::exported_at::ExportedAt;
use crate::inventory::facts::{ScopeFacts, SourcedFacts};
use crate::inventory::field::Field;
use crate::inventory::format::{Account, Person, Purpose, Role, Sink, SourceContext, Standing};
use crate::inventory::formats;
use crate::inventory::guard::Guard;
use crate::inventory::join::SourceWord;
use crate::inventory::people::{People, fold};
use crate::inventory::read::{self, Completeness, ReadError, Source, SourceFacts};
use crate::inventory::record::{Record, Scope, State};
use crate::inventory::registry::Registry;
use crate::inventory::source_settings::SourceSettings;
use crate::policy::Policy;
use crate::settings::Settings;
use crate::store::{Loader, OpenRun, RegisterFacts, Settlement, SourceRow, Store, StoredSource, TokenExtras};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};

/// Entries that move between the threads together.
const BATCH: usize = 512;
/// Batches that wait for the inserting thread.
const BATCHES_AHEAD: usize = 8;

/// What every source is read with.
#[derive(Debug, Clone, Copy)]
struct Reading<'a> {
    registry: &'a Registry,
    /// UTC seconds.
    as_of: i64,
}

/// A finished entry on its way to the store.
enum Entry {
    Token(Box<Record>),
    Person(Person),
    Purpose(Purpose),
    Account(Account),
    Rejected { line: u64, reason: String },
    Skipped { line: u64, reason: &'static str },
}

/// Sends entries to the inserting thread, many at a time.
struct Batches<'a> {
    sender: SyncSender<Vec<Entry>>,
    batch: Vec<Entry>,
    /// Fields for which an empty value means none, by declaration.
    complete: Vec<Field>,
    people: &'a People,
    /// The organisation's own sheet, in which owners may be employee numbers.
    own_sheet: bool,
}

impl Batches<'_> {
    fn push(&mut self, entry: Entry) {
        self.batch.push(entry);
        if self.batch.len() == BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        // The other side is gone only after a fault of its own, which it reports.
        drop(self.sender.send(batch));
    }
}

/// Tag that keeps the owner as the source states it, where the people register knows the person by another name.
const OWNER_AS_STATED: &str = "owner_as_stated";

impl Batches<'_> {
    /// A login or id becomes the person's address, so that one person is one owner whichever provider lists the token.
    fn name_owner(&self, record: &mut Record) {
        let Some(stated) = record.text(Field::Owner) else { return };
        let Some(address) = self.people.address_of(stated, self.own_sheet).filter(|address| fold(stated) != fold(address)) else {
            return;
        };
        let (stated, address) = (stated.to_owned(), fold(address));
        record.set_text(Field::Owner, address);
        record.tags.insert(OWNER_AS_STATED.to_owned(), stated);
    }
}

impl Sink for Batches<'_> {
    fn token(&mut self, mut record: Record) {
        for &field in &self.complete {
            let cell = record.cell_mut(field);
            if cell.state == State::Empty {
                cell.state = State::None;
            }
        }
        self.name_owner(&mut record);
        self.push(Entry::Token(Box::new(record)));
    }

    fn person(&mut self, person: Person) {
        self.push(Entry::Person(person));
    }

    fn purpose(&mut self, purpose: Purpose) {
        self.push(Entry::Purpose(purpose));
    }

    fn account(&mut self, account: Account) {
        self.push(Entry::Account(account));
    }

    fn reject(&mut self, line: u64, reason: String) {
        self.push(Entry::Rejected { line, reason });
    }

    fn skip(&mut self, line: u64, reason: &'static str) {
        self.push(Entry::Skipped { line, reason });
    }

    fn problem(&mut self, _sentence: String) {}
}

/// What is decided about a token outside the store.
struct Extras<'a> {
    registry: &'a Registry,
    attributes: BTreeSet<String>,
}

impl TokenExtras for Extras<'_> {
    fn facts(&self, record: &Record) -> Arc<SourcedFacts> {
        let provider = record.text(Field::Provider).unwrap_or_default();
        self.registry.sourced(provider, record.text(Field::TokenKind)).clone()
    }

    fn scope(&self, provider: Option<&str>, scope: &Scope) -> ScopeFacts {
        self.registry.scope_facts(provider, scope)
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
    rules: (&Policy, &Registry),
    sources: &Sources,
    console: &Console,
) -> Result<(), Error> {
    let (policy, registry) = rules;
    let extras = Extras { registry, attributes: policy.attributes() };
    let reading = Reading { registry, as_of: run.as_of };
    let mut load = Load {
        loader: store.loader(run, &extras)?,
        people: People::default(),
        registers: Registers::default(),
        stored: Vec::new(),
        collected: BTreeMap::new(),
        settlement: Settlement {
            attributes: policy.attributes().iter().filter_map(|name| Field::from_name(name)).collect(),
            ..Settlement::default()
        },
    };
    for (name, reason) in &sources.skipped {
        load.loader.add_skipped_file(&Guard::built_in().clean_text(name), &Guard::built_in().clean_text(reason))?;
    }
    let progress = console.progress("reading");
    // Registers first: they name the owners of the tokens.
    let (inventories, registers): (Vec<_>, Vec<_>) =
        sources.planned.iter().partition(|planned| planned.format.format().role() == Role::Inventory);
    for planned in registers {
        progress.on(&planned.input.name);
        load.source(planned, reading, settings)?;
    }
    let registers = std::mem::take(&mut load.registers);
    (load.people, load.settlement.purposes) = registers.store(&mut load.loader, settings, registry)?;
    for planned in inventories {
        progress.on(&planned.input.name);
        load.source(planned, reading, settings)?;
    }
    drop(progress);
    load.settle();
    let Load { loader, stored, settlement, .. } = load;
    loader.finish(&stored, &settlement)?;
    Ok(())
}

struct Load<'l> {
    loader: Loader<'l>,
    people: People,
    registers: Registers,
    stored: Vec<StoredSource>,
    /// What the records of an export state, where the files themselves tell.
    collected: BTreeMap<String, (BTreeSet<Field>, Vec<i64>)>,
    settlement: Settlement,
}

impl Load<'_> {
    fn source(&mut self, planned: &Planned, reading: Reading<'_>, settings: &Settings) -> Result<(), Error> {
        let format = planned.format.format();
        let detected = planned.detected();
        let about = planned.settings.as_ref();
        let role = format.role();
        // People name files after what they hold.
        let name = Guard::built_in().clean_text(&planned.input.name);
        let source_key = self.loader.add_source(&name, format.id(), role.word(), &planned.sha256)?;
        let own = matches!(format.standing(), Standing::Canonical | Standing::Mapped);
        let file = RegisterFile { source_key, export: format.export(), own };
        let mut listed: BTreeSet<(String, String)> = BTreeSet::new();
        let lists_only = about.is_some_and(|about| about.lists_only);
        let (sender, receiver) = mpsc::sync_channel::<Vec<Entry>>(BATCHES_AHEAD);
        let context = context(planned, reading.as_of);
        let source = Source {
            input: &planned.input,
            detected: &detected,
            context: &context,
            exported_at: about.and_then(|about| about.exported_at.as_ref()).map(|instant| instant.0),
            registry: reading.registry,
        };
        let people = std::mem::take(&mut self.people);
        let own_sheet = format.standing() == Standing::Canonical;
        let complete = about.map(|about| about.complete.iter().map(|name| name.0).collect()).unwrap_or_default();
        let outcome = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut batches = Batches { sender, batch: Vec::with_capacity(BATCH), complete, people: &people, own_sheet };
                let outcome = read::read(&source, &mut batches);
                batches.flush();
                outcome
            });
            let mut failure = None;
            for entry in receiver.into_iter().flatten() {
                // After a fault of the database the rest is heard out, so that the reader does not wait for ever.
                if failure.is_some() {
                    continue;
                }
                if lists_only && let Entry::Token(record) = &entry {
                    let text = |field| record.text(field).unwrap_or_default().to_owned();
                    listed.insert((text(Field::Provider), text(Field::Account)));
                }
                failure = self.entry(file, entry).err();
            }
            let outcome = reader.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault));
            failure.map_or(Ok(outcome), Err)
        })?;
        let exported_at = match &outcome {
            Ok(facts) => facts.exported_at,
            Err(_) => ExportedAt::Unknown,
        };
        self.people = people;
        let register = (role != Role::Inventory).then(|| self.register_facts(planned, file, settings));
        if let Some(facts) = register {
            self.registers.close(file, role, exported_at.seconds(), facts);
        }
        self.describe(source_key, &outcome, about, register)?;
        if format.collects().is_none() {
            let (fields, keys) = self.collected.entry(format.export().to_owned()).or_default();
            fields.extend(outcome.iter().flat_map(|facts| facts.collected.iter().copied()));
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
                export: format.export().to_owned(),
                rank: about.and_then(|about| about.rank),
                standing: format.standing(),
                exported_at: exported_at.seconds(),
                sha256: planned.sha256.clone(),
            },
        });
        Ok(())
    }

    fn entry(&mut self, file: RegisterFile<'_>, entry: Entry) -> Result<(), Error> {
        let source_key = file.source_key;
        match entry {
            Entry::Token(record) => self.loader.add(source_key, &record)?,
            Entry::Person(person) => self.registers.person(file, person),
            Entry::Purpose(purpose) => self.registers.purpose(file, purpose),
            Entry::Account(account) => self.registers.account(account),
            Entry::Rejected { line, reason } => self.loader.add_row(source_key, line, "rejected", &reason)?,
            Entry::Skipped { line, reason } => self.loader.add_row(source_key, line, "skipped", reason)?,
        }
        Ok(())
    }

    /// A source that could not be read to its end is kept as far as it was read, and is incomplete.
    fn describe(
        &mut self,
        source_key: i64,
        outcome: &Result<SourceFacts, ReadError>,
        about: Option<&SourceSettings>,
        register: Option<RegisterFacts>,
    ) -> Result<(), Error> {
        let declared =
            about.map(|about| about.complete.iter().map(|name| name.0.name().to_owned()).collect()).unwrap_or_default();
        let row = match outcome {
            Err(error) => SourceRow {
                paging: Completeness::Incomplete.word().to_owned(),
                declared_complete: declared,
                register,
                problems: vec![format!("it could not be read to its end: {}", Guard::built_in().clean_text(&causes(error)))],
                ..SourceRow::default()
            },
            Ok(facts) => {
                let mut problems = facts.problems.clone();
                if let ExportedAt::Implausible(basis) = facts.exported_at {
                    problems.push(format!("its export date (from its {}) lies too far ahead to be true", basis.word()));
                }
                SourceRow {
                    exported_at: facts.exported_at.seconds(),
                    exported_at_basis: match facts.exported_at {
                        ExportedAt::At(_, basis) => Some(basis.word().to_owned()),
                        ExportedAt::Implausible(_) | ExportedAt::Unknown => None,
                    },
                    exported_at_implausible: matches!(facts.exported_at, ExportedAt::Implausible(_)),
                    rows_declared: facts.declared,
                    rows_read: facts.rows + facts.rejected,
                    rows_rejected: facts.rejected,
                    rows_skipped: facts.skipped,
                    records: facts.records,
                    further_pages: facts.further_pages,
                    dropped_fields: facts.dropped_fields.clone(),
                    register,
                    paging: facts.paging.word().to_owned(),
                    declared_complete: declared,
                    collected: facts.collected.iter().map(|field| field.name().to_owned()).collect(),
                    problems,
                }
            }
        };
        Ok(self.loader.describe_source(source_key, &row)?)
    }

    /// What is declared of a register; of leavers also what the file itself shows.
    fn register_facts(&self, planned: &Planned, file: RegisterFile<'_>, settings: &Settings) -> RegisterFacts {
        let format = planned.format.format();
        let whole = match format.role() {
            Role::Accounts => &settings.account_register,
            Role::Purposes => &settings.purposes,
            Role::People | Role::Inventory => &settings.people,
        };
        let declared = planned.settings.as_ref().and_then(|about| about.register).unwrap_or_default();
        let shown = format.lists_leavers() && self.registers.has_leavers(file);
        RegisterFacts {
            complete: declared.complete.unwrap_or(whole.complete),
            includes_leavers: declared.includes_leavers.unwrap_or(whole.includes_leavers || shown),
        }
    }

    /// A key that occurs in any file of an export is collected by all of them (decisions, 11).
    fn settle(&mut self) {
        for (fields, keys) in std::mem::take(&mut self.collected).into_values() {
            for key in keys {
                self.settlement.collected.insert(key, fields.clone());
            }
        }
    }
}

/// An error with everything behind it, in one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// What the user said of a source.
fn context(planned: &Planned, as_of: i64) -> SourceContext {
    let name = planned.input.name.clone();
    match &planned.settings {
        None => SourceContext { name, as_of, ..SourceContext::default() },
        Some(about) => SourceContext {
            name,
            provider: about.provider.clone(),
            account: about.account.clone(),
            owner_keys: about.owner_keys.clone(),
            environment_keys: about.environment_keys.clone(),
            as_of,
            exported_at: None,
        },
    }
}
