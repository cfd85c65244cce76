//! The store as the other stages use it.

use super::sample::{NoExtras, new_run, record, source};
use super::*;
use crate::inventory::field::Field;
use crate::inventory::format::Standing;
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
        let (recalled, _) = recall::recall(&store.connection, run.first_token_key).expect("recalls");
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
