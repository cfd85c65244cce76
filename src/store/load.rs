//! Loading a run: every record becomes a token; records of one token are joined at the end.
//!
//! The first record of an identity is stored at once. Later ones are laid aside, and when all sources are read each such cluster
//! is recalled, joined (see [`crate::inventory::join`]) and stored again. So a token with one source costs one insert, memory
//! holds a few bytes for each token, and the order of files never matters.

use super::lists::Lists;
use super::recall::recall;
use super::run::OpenRun;
use super::settle::{Settlement, settle};
use super::states::{ClassTable, FactsTable, StatesTable};
use super::{Store, StoreError};
use crate::inventory::facts::ProviderFacts;
use crate::inventory::field::{FIELDS, Field, Kind};
use crate::inventory::guard::token_id_was_cut;
use crate::inventory::join::{Joined, Place, SourceWord, Stated, join};
use crate::inventory::record::{Item, Precision, Record, Value};
use foldhash::quality::RandomState;
use rusqlite::{Connection, Statement, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;
use std::path::PathBuf;

/// Rows are committed in parts, invisible because the run is open, so that the write-ahead log stays small.
const ROWS_A_COMMIT: usize = 50_000;

/// Why a record could not be stored.
pub type LoadError = StoreError;

/// What is decided about a token outside the store.
pub trait TokenExtras {
    /// What the registry knows of its provider and kind.
    fn facts(&self, record: &Record) -> ProviderFacts;
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
    connection: &'s Connection,
    path: PathBuf,
    run: OpenRun,
    extras: &'s dyn TokenExtras,
    insert: Statement<'s>,
    problem: Statement<'s>,
    aside: Statement<'s>,
    lists: Lists<'s>,
    states: StatesTable<'s>,
    facts: FactsTable<'s>,
    classes: ClassTable<'s>,
    next_token_key: i64,
    /// The first token of each identity, by a keyed hash; a collision is told apart when the cluster is joined.
    clusters: HashMap<u64, i64>,
    /// Clusters that a later record showed to be one.
    links: Vec<(i64, i64)>,
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
            let list = matches!(spec.kind, Kind::Words | Kind::Scopes | Kind::Dates | Kind::Items(_));
            columns.push(format!("{}{}", spec.field.column(), if list { "_list" } else { "" }));
        }
        columns.push("tags_list".to_owned());
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
            let token_key = self.next_token_key;
            self.next_token_key += 1;
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

    fn store(
        &mut self,
        token_key: i64,
        source_key: i64,
        source_count: usize,
        duplicate: Option<&str>,
        record: &Record,
    ) -> rusqlite::Result<()> {
        let keys =
            (self.states.key(record)?, self.facts.key(&self.extras.facts(record))?, self.classes.key(self.extras.class(record))?);
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
                _ => insert.raw_bind_parameter(column, self.lists.store(spec.field, cell)?)?,
            }
            column += 1;
        }
        insert.raw_bind_parameter(column, self.lists.tags(&record.tags)?)?;
        insert.raw_execute()?;
        for (position, problem) in record.problems.iter().enumerate() {
            self.problem.execute(params![token_key, position, problem.field, problem.kind.word(), problem.text])?;
        }
        Ok(())
    }

    fn commit_now_and_then(&mut self) -> rusqlite::Result<()> {
        self.uncommitted += 1;
        if self.uncommitted >= ROWS_A_COMMIT {
            self.uncommitted = 0;
            self.connection.execute_batch("COMMIT; BEGIN")?;
        }
        Ok(())
    }

    /// Joins the clusters, applies what is known only now, and ends the load. `sources` are all sources of the run.
    pub fn finish(mut self, sources: &[StoredSource], settlement: &Settlement) -> Result<(), LoadError> {
        self.try_finish(sources, settlement).map_err(|source| self.failed(source))
    }

    fn try_finish(&mut self, sources: &[StoredSource], settlement: &Settlement) -> rusqlite::Result<()> {
        let words: Vec<SourceWord> = sources.iter().map(|source| source.word.clone()).collect();
        let place_of: HashMap<i64, usize> =
            sources.iter().enumerate().map(|(index, source)| (source.source_key, index)).collect();
        self.connection.execute_batch("CREATE INDEX temp.aside_by_cluster ON aside (cluster)")?;
        let clusters: Vec<i64> = {
            let mut statement = self.connection.prepare("SELECT DISTINCT cluster FROM aside ORDER BY cluster")?;
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
        };
        for (first, members) in grouped(clusters, &self.links) {
            let mut stated = Vec::new();
            for cluster in members {
                stated.extend(self.recall_cluster(cluster, &place_of)?);
                self.connection.prepare_cached("DELETE FROM token_record WHERE token_key = ?1")?.execute([cluster])?;
                self.connection.prepare_cached("DELETE FROM field_problem WHERE token_key = ?1")?.execute([cluster])?;
            }
            let mut token_key = Some(first);
            for joined in join(stated, &words) {
                let key = token_key.take().unwrap_or_else(|| {
                    let key = self.next_token_key;
                    self.next_token_key += 1;
                    key
                });
                self.store_joined(key, &joined, sources)?;
            }
            self.commit_now_and_then()?;
        }
        settle(self.connection, &self.run, settlement)?;
        self.connection.execute(
            "UPDATE run SET last_token_key = ?2, last_list_key = ?3 WHERE run_key = ?1",
            params![self.run.run_key, self.next_token_key - 1, self.lists.next() - 1],
        )?;
        self.connection.execute_batch("COMMIT; DROP INDEX temp.aside_by_cluster; DROP TABLE temp.aside")?;
        // The checks read the file itself, mapped into memory, and not pages scattered over the log.
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    fn recall_cluster(&self, cluster: i64, place_of: &HashMap<i64, usize>) -> rusqlite::Result<Vec<Stated>> {
        let index = |source_key: i64| place_of.get(&source_key).copied().unwrap_or_default();
        let (record, source_key) = recall(self.connection, cluster)?;
        let mut stated = vec![Stated { record, source: index(source_key) }];
        let mut statement =
            self.connection.prepare_cached("SELECT source_key, line, record FROM temp.aside WHERE cluster = ?1")?;
        let mut rows = statement.query([cluster])?;
        while let Some(row) = rows.next()? {
            let text: String = row.get(2)?;
            let mut record: Record = serde_json::from_str(&text).map_err(|_| rusqlite::Error::InvalidQuery)?;
            record.line = row.get(1)?;
            stated.push(Stated { record, source: index(row.get(0)?) });
        }
        Ok(stated)
    }

    fn store_joined(&mut self, token_key: i64, joined: &Joined, sources: &[StoredSource]) -> rusqlite::Result<()> {
        let key_of = |index: usize| sources.get(index).map(|source| source.source_key);
        let heard = joined.heard.first().and_then(|place| key_of(place.source)).unwrap_or_default();
        let duplicate = match (joined.duplicates.is_empty(), joined.duplicates_differ) {
            (true, _) => None,
            (false, false) => Some("exact-duplicate"),
            (false, true) => Some("conflicting-duplicate"),
        };
        self.store(token_key, heard, joined.heard.len(), duplicate, &joined.record)?;
        self.outcomes(token_key, "duplicate", &joined.duplicates, sources)?;
        self.outcomes(token_key, "superseded", &joined.superseded, sources)?;
        if joined.heard.len() > 1 || !joined.duplicates.is_empty() {
            let mut statement = self
                .connection
                .prepare_cached("INSERT OR IGNORE INTO token_source (token_key, source_key, line) VALUES (?1, ?2, ?3)")?;
            for place in &joined.heard {
                statement.execute(params![token_key, key_of(place.source), place.line])?;
            }
        }
        let mut statement =
            self.connection.prepare_cached("INSERT INTO field_source (token_key, field, source_key) VALUES (?1, ?2, ?3)")?;
        for (field, source) in &joined.field_sources {
            statement.execute(params![token_key, field.name(), key_of(*source)])?;
        }
        let mut statement = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO field_contradiction (token_key, field, used, used_source_key, other, other_source_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for conflict in &joined.conflicts {
            let (used, other) = (key_of(conflict.used_source), key_of(conflict.other_source));
            statement.execute(params![token_key, conflict.field.name(), conflict.used, used, conflict.other, other])?;
        }
        Ok(())
    }

    fn outcomes(&self, token_key: i64, outcome: &str, places: &[Place], sources: &[StoredSource]) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO run_row (run_key, source_key, line, outcome, reason, token_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let reason = if outcome == "duplicate" { "the token is listed again" } else { "a newer export states the token" };
        for place in places {
            let source_key = sources.get(place.source).map(|source| source.source_key);
            statement.execute(params![self.run.run_key, source_key, place.line, outcome, reason, token_key])?;
        }
        Ok(())
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

/// Clusters that belong together, by the first of each.
fn grouped(clusters: Vec<i64>, links: &[(i64, i64)]) -> BTreeMap<i64, BTreeSet<i64>> {
    let mut groups: BTreeMap<i64, BTreeSet<i64>> = clusters.into_iter().map(|key| (key, BTreeSet::from([key]))).collect();
    let mut first_of: HashMap<i64, i64> = HashMap::new();
    for &(one, other) in links {
        let root = |mut key: i64| {
            while let Some(&first) = first_of.get(&key) {
                key = first;
            }
            key
        };
        let (one, other) = (root(one), root(other));
        if one != other {
            let (first, second) = (one.min(other), one.max(other));
            first_of.insert(second, first);
            let moved = groups.remove(&second).unwrap_or_else(|| BTreeSet::from([second]));
            groups.entry(first).or_insert_with(|| BTreeSet::from([first])).extend(moved);
        }
    }
    groups
}

/// Created after the as-of instant, beyond what clocks and local dates explain (decisions, 2; catalogue 2.2).
fn is_not_yet_existing(record: &Record, as_of: i64) -> bool {
    const DAY: i64 = 86_400;
    record.get(Field::CreatedAt).as_date().is_some_and(|created| match created.precision {
        Precision::Second => created.seconds > as_of + 300,
        Precision::Date => created.seconds.div_euclid(DAY) > as_of.div_euclid(DAY) + 1,
    })
}
