//! The store as the other stages use it.

use super::sample::{NoExtras, dated, new_run, record, source};
use super::*;
use crate::inventory::field::Field;
use crate::inventory::format::Standing;
use crate::inventory::identity::share_secrets;
use crate::inventory::record::{Cell, Record, State};
use std::collections::BTreeMap;

fn in_folder(test: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().expect("makes a folder");
    test(&folder.path().join("runs.db"));
}

fn count(store: &Store, sql: &str) -> i64 {
    store.connection.query_row(sql, [], |row| row.get(0)).expect("runs")
}

#[test]
fn what_is_stored_is_recalled_as_it_was() {
    in_folder(|path| {
        let mut store = Store::open(path).expect("opens");
        let run = store.begin(&new_run("a", 1_000_000)).expect("begins");
        let mut loader = store.loader(&run, &NoExtras).expect("loads");
        let sheet = source(&mut loader, "sheet.csv", "canonical-csv", Standing::Canonical);
        loader.add(sheet.source_key, &record(2, "t-1")).expect("adds");
        loader.finish(&[sheet], &Settlement::default()).expect("finishes");
        let (recalled, _) =
            recall::Recall::new(&store.connection).and_then(|mut recall| recall.record(run.first_token_key)).expect("recalls");
        assert_eq!(recalled, record(2, "t-1"));
    });
}

#[test]
fn two_sources_of_one_token_are_joined_and_kept() {
    in_folder(|path| {
        let mut store = Store::open(path).expect("opens");
        let run = store.begin(&new_run("a", 1_000_000)).expect("begins");
        let mut loader = store.loader(&run, &NoExtras).expect("loads");
        let sheet = source(&mut loader, "sheet.csv", "canonical-csv", Standing::Canonical);
        let export = source(&mut loader, "export.json", "aws", Standing::Provider);
        let mut owned = record(2, "t-1");
        owned.set_text(Field::Owner, "ann@example.com");
        owned.set_text(Field::Name, "from the sheet");
        let mut named = record(7, "t-1");
        named.set_text(Field::Name, "from the export");
        loader.add(sheet.source_key, &owned).expect("adds");
        loader.add(export.source_key, &named).expect("adds");
        loader.finish(&[sheet, export], &Settlement::default()).expect("finishes");
        store.finish(&run).expect("finishes");
        let seen = |sql: &str| count(&store, sql);
        assert_eq!(seen("SELECT count(*) FROM token"), 1);
        assert_eq!(seen("SELECT source_count FROM token WHERE name = 'from the export' AND owner = 'ann@example.com'"), 2);
        assert_eq!(seen("SELECT count(*) FROM field_contradiction WHERE field = 'name'"), 1);
        assert_eq!(seen("SELECT count(*) FROM scope_entry"), 1);
    });
}

/// Keys of one user, as an adapter hands them over.
fn keys(states: &[(&str, &str)]) -> Vec<Record> {
    let key = |(line, (id, state)): (usize, &(&str, &str))| {
        let mut key = record(line as u64 + 2, id);
        key.set_text(Field::TokenKind, "access-key");
        key.set_text(Field::State, *state);
        key
    };
    let mut keys: Vec<Record> = states.iter().enumerate().map(key).collect();
    share_secrets(&mut keys, "ci");
    keys
}

/// Token id, number of active secrets (-1: not known) and length of the list of secrets.
fn secrets_of(files: &[(&str, i64, Vec<Record>)]) -> Vec<(String, i64, i64)> {
    let mut seen = Vec::new();
    in_folder(|path| {
        let mut store = Store::open(path).expect("opens");
        let run = store.begin(&new_run("a", 1_000_000)).expect("begins");
        let mut loader = store.loader(&run, &NoExtras).expect("loads");
        let mut sources = Vec::new();
        for (name, exported_at, records) in files {
            let source = dated(&mut loader, name, "aws", *exported_at);
            for record in records {
                loader.add(source.source_key, record).expect("adds");
            }
            sources.push(source);
        }
        loader.finish(&sources, &Settlement::default()).expect("finishes");
        store.finish(&run).expect("finishes");
        let sql = "SELECT token_id, COALESCE(active_secret_count, -1),
                       (SELECT count(*) FROM secret_entry AS e WHERE e.list_key = t.secrets_list)
                   FROM token AS t ORDER BY 1";
        let mut statement = store.connection.prepare(sql).expect("prepares");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("runs");
        seen = rows.collect::<rusqlite::Result<_>>().expect("reads");
    });
    seen
}

#[test]
fn secrets_of_one_user_count_together_however_the_list_was_split() {
    let whole = secrets_of(&[("all", 10, keys(&[("k-1", "enabled"), ("k-2", "enabled")]))]);
    let split = secrets_of(&[("one", 10, keys(&[("k-1", "enabled")])), ("two", 10, keys(&[("k-2", "enabled")]))]);
    assert_eq!(whole, [("k-1".to_owned(), 2, 2), ("k-2".to_owned(), 2, 2)]);
    assert_eq!(whole, split);
}

#[test]
fn a_secret_that_only_the_older_list_has_does_not_count() {
    let older = keys(&[("k-1", "enabled"), ("k-2", "enabled")]);
    let seen = secrets_of(&[("old", 10, older), ("new", 20, keys(&[("k-2", "enabled")]))]);
    assert_eq!(seen, [("k-1".to_owned(), 1, 1), ("k-2".to_owned(), 1, 1)]);
}

#[test]
fn a_number_that_a_source_leaves_open_stays_open_unless_several_are_active() {
    let mut report = keys(&[("k-1", "enabled")]);
    report[0].set(Field::ActiveSecretCount, Cell::of(State::Empty));
    let seen = secrets_of(&[("one", 10, report.clone()), ("two", 10, keys(&[("k-2", "disabled")]))]);
    assert_eq!(seen[0], ("k-1".to_owned(), -1, 2));
    let seen = secrets_of(&[("one", 10, report), ("two", 10, keys(&[("k-2", "enabled")]))]);
    assert_eq!(seen[0], ("k-1".to_owned(), 2, 2));
}

#[test]
fn a_token_that_vanished_from_the_newest_export_stays_and_is_noted() {
    let noted = |newer: &[&str], paging: &str, account: &str| {
        let mut noted = -1;
        in_folder(|path| {
            let mut store = Store::open(path).expect("opens");
            let run = store.begin(&new_run("a", 1_000_000)).expect("begins");
            let mut loader = store.loader(&run, &NoExtras).expect("loads");
            let old = dated(&mut loader, "old.json", "x", 10);
            let new = dated(&mut loader, "new.json", "x", 20);
            let row = SourceRow { paging: paging.to_owned(), rows_read: newer.len() as u64, ..SourceRow::default() };
            loader.describe_source(new.source_key, &row).expect("describes");
            for id in ["t-1", "t-2"] {
                loader.add(old.source_key, &record(2, id)).expect("adds");
            }
            for id in newer {
                let mut record = record(2, id);
                record.set_text(Field::Account, account);
                loader.add(new.source_key, &record).expect("adds");
            }
            loader.finish(&[old, new], &Settlement::default()).expect("finishes");
            store.finish(&run).expect("finishes");
            assert_eq!(count(&store, "SELECT count(*) FROM token WHERE token_id IN ('t-1', 't-2') AND account = '1'"), 2);
            noted = count(&store, "SELECT count(*) FROM source_row WHERE outcome = 'not-in-newer'");
        });
        noted
    };
    assert_eq!(noted(&["t-2", "t-3"], "unknown", "1"), 1);
    assert_eq!(noted(&[], "unknown", "1"), 2, "an empty list says that there is nothing");
    assert_eq!(noted(&["t-3"], "incomplete", "1"), 0, "the token may be on the next page");
    assert_eq!(noted(&["t-3"], "unknown", "2"), 0, "the newer file is about another account");
}

/// Puts every token into the class of its environment.
struct ByEnvironment;

impl TokenExtras for ByEnvironment {
    fn facts(&self, _: &Record) -> std::sync::Arc<crate::inventory::facts::SourcedFacts> {
        std::sync::Arc::default()
    }
    fn class(&self, record: &Record) -> String {
        let class = match (record.get(Field::Environment).state, record.text(Field::Environment)) {
            (State::NotCollected, _) => serde_json::json!({}),
            (_, text) => serde_json::json!({ "environment": text }),
        };
        class.to_string()
    }
    fn kin(&self, _: &Record) -> Option<String> {
        None
    }
}

#[test]
fn a_key_that_only_some_records_have_is_collected_for_the_limits_too() {
    in_folder(|path| {
        let mut store = Store::open(path).expect("opens");
        let run = store.begin(&new_run("a", 1_000_000)).expect("begins");
        let mut loader = store.loader(&run, &ByEnvironment).expect("loads");
        let list = source(&mut loader, "list.json", "canonical-json", Standing::Canonical);
        let mut stated = record(2, "t-1");
        stated.set_text(Field::Environment, "production");
        loader.add(list.source_key, &stated).expect("adds");
        loader.add(list.source_key, &record(3, "t-2")).expect("adds");
        let settlement = Settlement {
            collected: [(list.source_key, [Field::Environment].into())].into(),
            attributes: [Field::Environment].into(),
            ..Settlement::default()
        };
        loader.finish(&[list], &settlement).expect("finishes");
        store.finish(&run).expect("finishes");
        let class = "SELECT count(*) FROM token AS t JOIN token_class AS c USING (class_key) WHERE t.token_id = 't-2'
                     AND c.attributes = '{\"environment\":null}' AND t.environment_state = 'empty'";
        assert_eq!(count(&store, class), 1);
    });
}

#[test]
fn an_unfinished_run_leaves_nothing_and_earlier_runs_stay() {
    in_folder(|path| {
        let mut store = Store::open(path).expect("opens");
        for (id, finish) in [("a", true), ("b", false)] {
            let run = store.begin(&new_run(id, 1_000_000)).expect("begins");
            let mut loader = store.loader(&run, &NoExtras).expect("loads");
            let sheet = source(&mut loader, "sheet.csv", "canonical-csv", Standing::Canonical);
            loader.add(sheet.source_key, &record(2, id)).expect("adds");
            loader.finish(&[sheet], &Settlement::default()).expect("finishes");
            if finish {
                store.finish(&run).expect("finishes");
            }
        }
        drop(store);
        let store = Store::open(path).expect("opens again");
        assert_eq!(count(&store, "SELECT count(*) FROM run"), 1);
        assert_eq!(count(&store, "SELECT count(*) FROM token WHERE token_id = 'a'"), 1);
        assert_eq!(count(&store, "SELECT count(*) FROM token_record"), 1);
        assert_eq!(count(&store, "SELECT count(*) FROM storage_entry"), 1);
        assert_eq!(count(&store, "SELECT count(*) FROM run_source"), 1);
    });
}

#[test]
fn repeating_a_run_replaces_it() {
    in_folder(|path| {
        let mut store = Store::open(path).expect("opens");
        for _ in 0..2 {
            let run = store.begin(&new_run("same", 1_000_000)).expect("begins");
            let mut loader = store.loader(&run, &NoExtras).expect("loads");
            let sheet = source(&mut loader, "sheet.csv", "canonical-csv", Standing::Canonical);
            loader.add(sheet.source_key, &record(2, "t-1")).expect("adds");
            loader.finish(&[sheet], &Settlement::default()).expect("finishes");
            store.finish(&run).expect("finishes");
        }
        assert_eq!(count(&store, "SELECT count(*) FROM run"), 1);
        assert_eq!(count(&store, "SELECT count(*) FROM token_record"), 1);
    });
}

#[test]
fn a_confined_connection_can_only_read() {
    in_folder(|path| {
        let mut store = Store::open(path).expect("opens");
        let run = store.begin(&new_run("a", 1_000_000)).expect("begins");
        store.loader(&run, &NoExtras).expect("loads").finish(&[], &Settlement::default()).expect("finishes");
        let confined = store.confined(&run).expect("opens");
        let none = BTreeMap::new();
        let run = |sql: &str| confined.run(sql, &none, &mut |_| Ok(()));
        assert!(run("SELECT count(*) FROM token").is_ok());
        for refused in [
            "DELETE FROM token_record",
            "CREATE TEMP TABLE x (y)",
            "ATTACH ':memory:' AS other",
            "PRAGMA query_only = 0",
            "SELECT \"mistyped\" FROM token",
            "SELECT load_extension('x')",
            "SELECT 1; SELECT 2",
        ] {
            assert!(run(refused).is_err(), "{refused}");
        }
        assert!(matches!(run("SELECT :limit"), Err(CheckSqlError::Undeclared(name)) if name == "limit"));
    });
}

#[test]
fn a_strict_connection_sees_one_run_and_stops_what_does_not_end() {
    in_folder(|path| {
        let mut store = Store::open(path).expect("opens");
        let mut runs = Vec::new();
        for (id, token) in [("a", "t-1"), ("b", "t-2")] {
            let run = store.begin(&new_run(id, 1_000_000)).expect("begins");
            let mut loader = store.loader(&run, &NoExtras).expect("loads");
            let sheet = source(&mut loader, &format!("{token}.csv"), "canonical-csv", Standing::Canonical);
            loader.add(sheet.source_key, &record(2, token)).expect("adds");
            loader.finish(&[sheet], &Settlement::default()).expect("finishes");
            store.finish(&run).expect("finishes");
            runs.push(run);
        }
        let strict = store.confined_strictly(&runs[0], 100_000).expect("opens");
        let none = BTreeMap::new();
        let ask = |sql: &str| {
            let mut rows = Vec::new();
            let outcome = strict.run(sql, &none, &mut |row| {
                rows.push(row.text(0).map_or_else(|| row.integer(0).unwrap_or(-1).to_string(), str::to_owned));
                Ok(())
            });
            outcome.map(|()| rows)
        };
        for (sql, seen) in [
            ("SELECT token_id FROM token", "t-1"),
            ("SELECT name FROM source", "t-1.csv"),
            ("SELECT count(*) FROM source", "1"),
            ("SELECT count(*) FROM tag_entry", "1"),
            ("SELECT count(*) FROM storage_entry", "1"),
            ("SELECT count(*) FROM run_in_view", "1"),
            ("SELECT s.location FROM token AS t JOIN storage_entry AS s ON s.list_key = t.storage_list", "vault/x"),
        ] {
            assert_eq!(ask(sql).expect(sql), [seen], "{sql}");
        }
        for refused in [
            "SELECT token_id FROM token_record",
            "SELECT name FROM main.token",
            "SELECT location FROM main.storage_entry",
            "SELECT sql FROM sqlite_schema",
            "SELECT datetime()",
            "DELETE FROM run",
        ] {
            assert!(ask(refused).is_err(), "{refused}");
        }
        let endless = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        // the allowance is for each check anew
        for _ in 0..2 {
            assert!(matches!(ask(endless), Err(CheckSqlError::TooLong(100_000))));
            assert_eq!(ask("SELECT token_id FROM token").expect("runs"), ["t-1"]);
        }
    });
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_and_a_link_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    in_folder(|path| {
        let store = Store::open(path).expect("opens");
        for end in ["", "-wal", "-shm"] {
            let file = PathBuf::from(format!("{}{end}", path.display()));
            let mode = std::fs::metadata(&file).expect("exists").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
        drop(store);
        let link = path.with_file_name("link.db");
        std::os::unix::fs::symlink(path, &link).expect("links");
        assert!(matches!(Store::open(&link), Err(StoreError::Refused { .. })));
    });
}
