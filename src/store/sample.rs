//! Small stores for tests of this and later stages.

use super::*;
use crate::inventory::facts::SourcedFacts;
use crate::inventory::field::Field;
use crate::inventory::format::Standing;
use crate::inventory::join::SourceWord;
use crate::inventory::record::{Cell, Date, Item, Precision, Record, Scope, ScopeClass, State, Value};
use std::sync::Arc;

/// Says nothing about any token.
pub struct NoExtras;

impl TokenExtras for NoExtras {
    fn facts(&self, _: &Record) -> Arc<SourcedFacts> {
        Arc::default()
    }
    fn class(&self, _: &Record) -> String {
        "{}".to_owned()
    }
    fn kin(&self, _: &Record) -> Option<String> {
        None
    }
}

/// The first words of a run.
pub fn new_run(id: &str, as_of: i64) -> NewRun {
    NewRun {
        run_id: id.to_owned(),
        as_of,
        as_of_origin: "--as-of".to_owned(),
        period: None,
        tool_version: "0".to_owned(),
        policy: "baseline".to_owned(),
        policy_digest: "0".to_owned(),
    }
}

/// A record that uses every kind of field.
pub fn record(line: u64, id: &str) -> Record {
    let mut record = Record::new(line);
    record.set_text(Field::Provider, "aws");
    record.set_text(Field::TokenId, id);
    record.set_text(Field::Account, "1");
    let date = Date { seconds: 1_000, precision: Precision::Date, assumed_utc: true };
    record.set(Field::CreatedAt, Cell::value(Value::Date(date)));
    let scope = Scope { name: "orders:read".to_owned(), class: Some(ScopeClass::Read) };
    record.set(Field::ScopesGranted, Cell::value(Value::Scopes(vec![scope])));
    let readers = Cell::value(Value::Words(vec!["ann".to_owned(), "bob".to_owned()]));
    let parts = vec![Cell::text("secret-manager"), Cell::text("vault/x"), Cell::of(State::None), Cell::text("yes"), readers];
    record.set(Field::Storage, Cell::value(Value::Items(vec![Item { parts }])));
    record.set(Field::Contacts, Cell::of(State::None));
    record.tags.insert("team".to_owned(), "payments".to_owned());
    record
}

/// A source with its row.
pub fn source(loader: &mut Loader<'_>, name: &str, export: &str, standing: Standing) -> StoredSource {
    let source_key = loader.add_source(name, export, "inventory", name).expect("adds");
    let word = SourceWord { export: export.to_owned(), rank: None, standing, exported_at: None, sha256: name.to_owned() };
    StoredSource { source_key, word }
}

/// A source whose export was made at an instant.
pub fn dated(loader: &mut Loader<'_>, name: &str, export: &str, exported_at: i64) -> StoredSource {
    let mut source = source(loader, name, export, Standing::Provider);
    source.word.exported_at = Some(exported_at);
    source
}

/// A loaded run of one sheet with one token for each id.
pub fn store(path: &Path, ids: &[&str]) -> (Store, OpenRun) {
    let mut store = Store::open(path).expect("opens");
    let run = store.begin(&new_run("a", 1_000_000)).expect("begins");
    let mut loader = store.loader(&run, &NoExtras).expect("loads");
    let sheet = source(&mut loader, "sheet.csv", "canonical-csv", Standing::Canonical);
    for (line, id) in ids.iter().enumerate() {
        loader.add(sheet.source_key, &record(line as u64 + 2, id)).expect("adds");
    }
    loader.finish(&[sheet], &Settlement::default()).expect("finishes");
    (store, run)
}
