//! The schema: append-only migrations counted by `user_version`, and the views that checks read.

use super::StoreError;
use super::run::{BY_LIST, BY_TOKEN};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;

/// One entry for each released schema, oldest first. Entries are never changed, only added.
const MIGRATIONS: &[&str] = &[
    include_str!("../../queries/schema/0001_first.sql"),
    include_str!("../../queries/schema/0002_completeness.sql"),
    include_str!("../../queries/schema/0003_registry.sql"),
    include_str!("../../queries/schema/0004_waivers.sql"),
];

/// The views are derived and therefore made anew at every start.
const VIEWS: &str = include_str!("../../queries/schema/views.sql");

/// Brings the schema up to date, in one transaction.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let at = |source| StoreError::Database { path: path.to_owned(), source };
    let newest = MIGRATIONS.len();
    let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(at)?;
    if version > newest {
        let problem = format!("it was written by a newer version (schema {version}, this program knows {newest})");
        return Err(StoreError::Refused { path: path.to_owned(), problem });
    }
    let transaction = connection.transaction().map_err(at)?;
    if version == 0 {
        let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(at)?;
        if tables > 0 {
            let problem = "it is a database of another program".to_owned();
            return Err(StoreError::Refused { path: path.to_owned(), problem });
        }
    }
    for migration in MIGRATIONS.iter().skip(version) {
        transaction.execute_batch(migration).map_err(at)?;
    }
    for view in views() {
        transaction.execute_batch(&format!("DROP VIEW IF EXISTS {};", view.name)).map_err(at)?;
        transaction.execute_batch(view.text).map_err(at)?;
    }
    transaction.pragma_update(None, "user_version", newest).map_err(at)?;
    transaction.commit().map_err(at)
}

/// Makes the views of one run as TEMP views of a connection, which then shadow those of the file.
pub fn make_run_views(connection: &Connection, run_key: i64) -> rusqlite::Result<()> {
    connection.execute_batch(&run_views(run_key))
}

/// The text that makes them; an auditor pastes it before a check to look at another run than the latest.
pub fn run_views(run_key: i64) -> String {
    let mut text = format!("CREATE TEMP VIEW run_in_view AS SELECT * FROM main.run WHERE run_key = {run_key};\n");
    for view in views().filter(|view| view.name != "run_in_view") {
        text.push_str(&view.text.replacen("CREATE VIEW", "CREATE TEMP VIEW", 1));
        text.push('\n');
    }
    text
}

/// Views that show of each list, problem and source of a token only those of the run in view, under the names of their tables: the
/// stricter surroundings of checks that users bring. They go after those of [`run_views`].
pub fn list_views() -> String {
    let tables =
        BY_LIST.iter().map(|table| (table, "list_key", "list")).chain(BY_TOKEN.iter().map(|table| (table, "token_key", "token")));
    let view = |(table, key, of): (&&str, &str, &str)| {
        format!(
            "CREATE TEMP VIEW {table} AS\nSELECT * FROM main.{table}\nWHERE {key} BETWEEN (SELECT first_{of}_key FROM run_in_view) AND \
             (SELECT last_{of}_key FROM run_in_view);\n"
        )
    };
    tables.filter(|(table, ..)| **table != "token_record").map(view).collect()
}

/// Names of the views that a connection has for itself, in lower case.
pub fn temporary_views(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    names(connection, "SELECT lower(name) FROM temp.sqlite_schema WHERE type = 'view'")
}

/// Names of the tables and views of the file, in lower case.
pub fn relations(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    names(connection, "SELECT lower(name) FROM main.sqlite_schema WHERE type IN ('table', 'view')")
}

fn names(connection: &Connection, text: &str) -> rusqlite::Result<BTreeSet<String>> {
    connection.prepare(text)?.query_map([], |row| row.get(0))?.collect()
}

/// The text that removes both kinds of views from a connection, so that those of another run can be made.
pub fn without_views() -> String {
    let lists = BY_LIST.iter().chain(BY_TOKEN).copied().filter(|table| *table != "token_record");
    views().map(|view| view.name).chain(lists).map(|name| format!("DROP VIEW IF EXISTS temp.{name};\n")).collect()
}

/// The version of the schema that this program writes.
pub fn version() -> usize {
    MIGRATIONS.len()
}

struct View {
    name: &'static str,
    /// The whole `CREATE VIEW … ;`.
    text: &'static str,
}

/// The statements of the views file, each found by its first words and ended by a semicolon at the end of a line.
fn views() -> impl Iterator<Item = View> {
    const START: &str = "CREATE VIEW ";
    VIEWS.match_indices(START).filter_map(|(at, _)| {
        let rest = VIEWS.get(at..)?;
        let text = rest.get(..rest.find(";\n")? + 1)?;
        let name = text.get(START.len()..)?.split_whitespace().next()?;
        Some(View { name, text })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::facts::FACTS;
    use crate::inventory::field::{FIELDS, Kind};

    fn columns(connection: &Connection, relation: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("SELECT name FROM pragma_table_info('{relation}')")).expect("prepares");
        statement.query_map([], |row| row.get(0)).expect("runs").map(|name| name.expect("is text")).collect()
    }

    fn fresh() -> Connection {
        let mut connection = Connection::open_in_memory().expect("opens");
        migrate(&mut connection, Path::new("memory")).expect("migrates");
        connection
    }

    #[test]
    fn every_field_of_the_record_has_its_columns() {
        let connection = fresh();
        let (token, view) = (columns(&connection, "token_record"), columns(&connection, "token"));
        for spec in FIELDS {
            let column = spec.field.column();
            let value = match spec.kind {
                Kind::Words | Kind::Scopes | Kind::Dates | Kind::Items(_) => format!("{column}_list"),
                _ => column.clone(),
            };
            assert!(token.contains(&value), "add {value} to token_record");
            assert!(view.contains(&value), "add {value} to the view token");
            assert!(view.contains(&format!("{column}_state")), "add {column}_state to field_states and the view token");
        }
    }

    #[test]
    fn every_fact_has_its_columns() {
        let connection = fresh();
        let (table, view) = (columns(&connection, "provider_facts"), columns(&connection, "token"));
        for fact in &FACTS {
            assert!(table.iter().any(|column| column == fact.name), "add {} to provider_facts", fact.name);
            assert!(view.contains(&format!("fact_{}", fact.name)), "add fact_{} to the view token", fact.name);
        }
        assert_eq!(table.len(), FACTS.len() + 2, "provider_facts holds a fact that is not in the list");
    }

    #[test]
    fn migrating_twice_changes_nothing_and_a_newer_file_is_refused() {
        let mut connection = fresh();
        migrate(&mut connection, Path::new("memory")).expect("migrates again");
        connection.pragma_update(None, "user_version", MIGRATIONS.len() + 1).expect("sets");
        assert!(matches!(migrate(&mut connection, Path::new("memory")), Err(StoreError::Refused { .. })));
    }

    #[test]
    fn the_views_of_a_run_shadow_those_of_the_file() {
        let connection = fresh();
        make_run_views(&connection, 7).expect("makes views");
        let shown: i64 = connection.query_row("SELECT count(*) FROM token", [], |row| row.get(0)).expect("runs");
        assert_eq!(shown, 0);
        assert_eq!(views().count(), VIEWS.matches("CREATE VIEW").count());
    }
}
