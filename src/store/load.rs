//! Loading a run: every record becomes a token; records of one token are joined at the end.
//!
//! The first record of an identity is stored at once. Later ones are laid aside, and when all sources are read each such cluster
//! is recalled, joined (see [`crate::inventory::join`]) and stored again. So a token with one source costs one insert, memory
//! holds a few bytes for each token, and the order of files never matters.

use super::lists::Lists;
use super::run::OpenRun;
use super::states::{ClassTable, FactsTable, StatesTable, is_list};
use super::{Store, StoreError};
use crate::inventory::facts::{ScopeFacts, SourcedFacts};
use crate::inventory::field::{FIELDS, Field};
use crate::inventory::guard::token_id_was_cut;
use crate::inventory::join::SourceWord;
use crate::inventory::record::{Item, Precision, Record, Scope, Value};
use foldhash::quality::RandomState;
use rusqlite::{Connection, Statement, params};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::path::PathBuf;
use std::sync::Arc;

/// Rows are committed in parts, invisible because the run is open, so that the write-ahead log stays small.
const ROWS_A_COMMIT: usize = 50_000;

/// Why a record could not be stored.
pub type LoadError = StoreError;

/// What is decided about a token outside the store.
pub trait TokenExtras {
    /// What the registry knows of its provider and kind; tokens for which it is the same share it.
    fn facts(&self, record: &Record) -> Arc<SourcedFacts>;
    /// What the registry says of a scope of a provider.
    fn scope(&self, _provider: Option<&str>, _scope: &Scope) -> ScopeFacts {
        ScopeFacts::default()
    }
    /// The attributes that the policy's overrides look at, as JSON.
    fn class(&self, record: &Record) -> String;
    /// Further clusters that the record may belong to besides its identity, for example an AWS user and creation time.
    fn kin(&self, record: &Record) -> Option<String>;
}

/// A source that was given its row in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSource {
    pub source_key: i64,
    pub word: SourceWord,
}

/// Loads the tokens of one run.
pub struct Loader<'s> {
    pub(super) connection: &'s Connection,
    path: PathBuf,
    pub(super) run: OpenRun,
    pub(super) extras: &'s dyn TokenExtras,
    insert: Statement<'s>,
    problem: Statement<'s>,
    aside: Statement<'s>,
    pub(super) lists: Lists<'s>,
    pub(super) states: StatesTable<'s>,
    facts: FactsTable<'s>,
    pub(super) classes: ClassTable<'s>,
    pub(super) next_token_key: i64,
    /// The first token of each identity, by a keyed hash; a collision is told apart when the cluster is joined.
    clusters: HashMap<u64, i64>,
    /// Clusters that a later record showed to be one.
    pub(super) links: Vec<(i64, i64)>,
    hasher: RandomState,
    uncommitted: usize,
}

impl Store {
    /// Opens a loader for a run.
    pub fn loader<'s>(&'s mut self, run: &OpenRun, extras: &'s dyn TokenExtras) -> Result<Loader<'s>, StoreError> {
        let path = self.path.clone();
        Loader::new(&self.connection, path.clone(), *run, extras).map_err(|source| StoreError::Database { path, source })
    }
}

impl<'s> Loader<'s> {
    fn new(connection: &'s Connection, path: PathBuf, run: OpenRun, extras: &'s dyn TokenExtras) -> rusqlite::Result<Loader<'s>> {
        connection.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS aside (cluster INTEGER, source_key INTEGER, line INTEGER, record TEXT);
             DELETE FROM aside;",
        )?;
        let mut columns: Vec<String> =
            ["token_key", "source_key", "source_count", "line", "not_yet_existing", "duplicate", "states_key", "facts_key"]
                .map(str::to_owned)
                .to_vec();
        columns.push("class_key".to_owned());
        for spec in FIELDS {
            columns.push(format!("{}{}", spec.field.column(), if is_list(spec.kind) { "_list" } else { "" }));
        }
        columns.extend(["tags_list", "identity"].map(str::to_owned));
        let marks = vec!["?"; columns.len()].join(", ");
        let loader = Loader {
            connection,
            path,
            run,
            extras,
            insert: connection.prepare(&format!("INSERT INTO token_record ({}) VALUES ({marks})", columns.join(", ")))?,
            problem: connection
                .prepare("INSERT INTO field_problem (token_key, position, field, kind, text) VALUES (?1, ?2, ?3, ?4, ?5)")?,
            aside: connection.prepare("INSERT INTO aside (cluster, source_key, line, record) VALUES (?1, ?2, ?3, ?4)")?,
            lists: Lists::new(connection, run.first_list_key)?,
            states: StatesTable::new(connection)?,
            facts: FactsTable::new(connection)?,
            classes: ClassTable::new(connection, run.run_key)?,
            next_token_key: run.first_token_key,
            clusters: HashMap::new(),
            links: Vec::new(),
            hasher: RandomState::default(),
            uncommitted: 0,
        };
        connection.execute_batch("BEGIN")?;
        Ok(loader)
    }

    /// Stores a record, or lays it aside if its identity occurred before.
    pub fn add(&mut self, source_key: i64, record: &Record) -> Result<(), LoadError> {
        self.try_add(source_key, record).map_err(|source| self.failed(source))
    }

    fn try_add(&mut self, source_key: i64, record: &Record) -> rusqlite::Result<()> {
        let identity = self.identity(record);
        let kin = self.extras.kin(record).map(|kin| self.hasher.hash_one(("kin", kin)));
        let known = |hash: Option<u64>| hash.and_then(|hash| self.clusters.get(&hash)).copied();
        let (by_identity, by_kin) = (known(identity), known(kin));
        if let (Some(one), Some(other)) = (by_identity, by_kin)
            && one != other
        {
            self.links.push((one, other));
        }
        if let Some(cluster) = by_identity.or(by_kin) {
            let text = crate::inventory::join::canonical_text(record);
            self.aside.execute(params![cluster, source_key, record.line, text])?;
            for hash in [identity, kin].into_iter().flatten() {
                self.clusters.entry(hash).or_insert(cluster);
            }
        } else {
            let token_key = self.new_token_key();
            for hash in [identity, kin].into_iter().flatten() {
                self.clusters.insert(hash, token_key);
            }
            self.store(token_key, source_key, 1, None, record)?;
        }
        self.commit_now_and_then()
    }

    /// Provider and token id; none where one is missing or was cut, for then the record is joined with nothing.
    fn identity(&self, record: &Record) -> Option<u64> {
        if token_id_was_cut(record) {
            return None;
        }
        let (provider, token_id) = (record.text(Field::Provider)?, record.text(Field::TokenId)?);
        Some(self.hasher.hash_one((provider, token_id)))
    }

    pub(super) fn store(
        &mut self,
        token_key: i64,
        source_key: i64,
        source_count: usize,
        duplicate: Option<&str>,
        record: &Record,
    ) -> rusqlite::Result<()> {
        let keys =
            (self.states.key(record)?, self.facts.key(self.extras.facts(record))?, self.classes.key(self.extras.class(record))?);
        let insert = &mut self.insert;
        insert.raw_bind_parameter(1, token_key)?;
        insert.raw_bind_parameter(2, source_key)?;
        insert.raw_bind_parameter(3, source_count)?;
        insert.raw_bind_parameter(4, record.line)?;
        insert.raw_bind_parameter(5, is_not_yet_existing(record, self.run.as_of))?;
        insert.raw_bind_parameter(6, duplicate)?;
        insert.raw_bind_parameter(7, keys.0)?;
        insert.raw_bind_parameter(8, keys.1)?;
        insert.raw_bind_parameter(9, keys.2)?;
        let mut column = 10;
        for (cell, spec) in record.cells().iter().zip(FIELDS) {
            match &cell.value {
                Value::Text(text) => insert.raw_bind_parameter(column, text)?,
                Value::Date(date) => insert.raw_bind_parameter(column, date.seconds)?,
                Value::Count(count) => insert.raw_bind_parameter(column, count)?,
                Value::Scopes(scopes) => {
                    let provider = record.text(Field::Provider);
                    let list = self.lists.scopes(provider, scopes, &|scope| self.extras.scope(provider, scope))?;
                    insert.raw_bind_parameter(column, list)?;
                }
                _ => insert.raw_bind_parameter(column, self.lists.store(spec.field, cell)?)?,
            }
            column += 1;
        }
        insert.raw_bind_parameter(column, self.lists.tags(&record.tags)?)?;
        insert.raw_bind_parameter(column + 1, record.identity.as_deref())?;
        insert.raw_execute()?;
        for (position, problem) in record.problems.iter().enumerate() {
            self.problem.execute(params![token_key, position, problem.field, problem.kind.word(), problem.text])?;
        }
        Ok(())
    }

    pub(super) fn commit_now_and_then(&mut self) -> rusqlite::Result<()> {
        self.uncommitted += 1;
        if self.uncommitted >= ROWS_A_COMMIT {
            self.uncommitted = 0;
            self.connection.execute_batch("COMMIT; BEGIN")?;
        }
        Ok(())
    }

    /// The key of the next token.
    pub(super) fn new_token_key(&mut self) -> i64 {
        let key = self.next_token_key;
        self.next_token_key += 1;
        key
    }

    /// Stores a nested list that belongs to no token.
    pub(super) fn store_items(&mut self, field: Field, items: &[Item]) -> Result<i64, LoadError> {
        self.lists.items(field, items).map_err(|source| self.failed(source))
    }

    /// Stores a list of names that belongs to no token.
    pub(super) fn store_words(&mut self, words: &[String]) -> Result<i64, LoadError> {
        self.lists.words(words).map_err(|source| self.failed(source))
    }

    pub(super) fn connection(&self) -> &Connection {
        self.connection
    }

    pub(super) fn run_key(&self) -> i64 {
        self.run.run_key
    }

    pub(super) fn failed(&self, source: rusqlite::Error) -> LoadError {
        StoreError::Database { path: self.path.clone(), source }
    }
}

/// Created after the as-of instant, beyond what clocks and local dates explain (decisions, 2; catalogue 2.2).
fn is_not_yet_existing(record: &Record, as_of: i64) -> bool {
    const DAY: i64 = 86_400;
    record.get(Field::CreatedAt).as_date().is_some_and(|created| match created.precision {
        Precision::Second => created.seconds > as_of + 300,
        Precision::Date => created.seconds.div_euclid(DAY) > as_of.div_euclid(DAY) + 1,
    })
}
