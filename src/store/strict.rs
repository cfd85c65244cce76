//! The stricter confinement of checks that users bring.
//!
//! The views of a run stand over tables that hold every run, so a strict check may read such a table only through a view. SQLite's
//! authorizer names the view that reads; lists of a run, which our own checks read from their tables, become views too. What a check
//! could do to that name is kept out of its text by [`crate::checks::own`].

use super::confined::{Confined, confine};
use super::schema;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps for trying a text on a store that holds nothing.
pub const STEPS_OF_A_TRIAL: u64 = 1_000_000;

/// How many steps pass between two looks at the allowance.
const STEPS_BETWEEN: u64 = 10_000;

/// Longest text or row, in bytes.
const LONGEST: i32 = 8 << 20;

/// Longest pattern of LIKE and GLOB: long ones can take longer than all steps together.
const LONGEST_PATTERN: i32 = 256;

/// Tables without anything of a run, and the table-valued functions that unfold a JSON text.
const SHARED: [&str; 5] = ["field_states", "provider_facts", "provider_fact_source", "json_each", "json_tree"];

/// Functions that tell something of the machine, the connection or the day. Dates are among them, because their word `now` cannot be
/// told from others before it is used; a check calculates with seconds.
const UNSTEADY: &[&str] = &[
    "changes",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "fts3_tokenizer",
    "julianday",
    "last_insert_rowid",
    "load_extension",
    "random",
    "randomblob",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
    "sqlite_log",
    "sqlite_source_id",
    "sqlite_version",
    "strftime",
    "time",
    "timediff",
    "total_changes",
    "unixepoch",
];

/// What holds for a strict connection besides its authorizer.
#[derive(Debug, Clone)]
pub struct Strictness {
    /// The steps of SQLite that one run of a check may take. They are the same for the same data, whatever the machine and its load.
    pub steps: u64,
    spent: Arc<AtomicU64>,
    relations: Relations,
}

/// What the text of a strict check can name, in lower case.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    /// What it may read.
    pub open: BTreeSet<String>,
    /// Tables of the file, which hold every run.
    pub hidden: BTreeSet<String>,
}

impl Strictness {
    /// Starts counting anew.
    pub fn renew(&self) {
        self.spent.store(0, Ordering::Relaxed);
    }
}

impl Confined {
    /// Confines a connection that has the views of a run.
    pub(super) fn strictly(mut connection: Connection, steps: u64) -> rusqlite::Result<Confined> {
        connection.execute_batch(&schema::list_views())?;
        let inside = schema::temporary_views(&connection)?;
        let tables = schema::relations(&connection)?;
        let open: BTreeSet<String> = inside.iter().cloned().chain(SHARED.map(str::to_owned)).collect();
        let relations = Relations { hidden: tables.difference(&open).cloned().collect(), open };
        confine(&mut connection)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, LONGEST_PATTERN)?;
        let strictness = Strictness { steps, spent: Arc::default(), relations };
        let spent = Arc::clone(&strictness.spent);
        let interval = i32::try_from(STEPS_BETWEEN).unwrap_or(i32::MAX);
        let counted = move || spent.fetch_add(STEPS_BETWEEN, Ordering::Relaxed) + STEPS_BETWEEN > steps;
        connection.progress_handler(interval, Some(counted))?;
        connection.authorizer(Some(move |context: AuthContext<'_>| match context.action {
            AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
            AuthAction::Function { function_name } if !UNSTEADY.contains(&function_name.to_ascii_lowercase().as_str()) => {
                Authorization::Allow
            }
            AuthAction::Read { table_name, column_name } if may_read(table_name, column_name, &context, &inside) => {
                Authorization::Allow
            }
            _ => Authorization::Deny,
        }))?;
        Ok(Confined { connection, strictness: Some(strictness) })
    }

    /// What the text of a check can name; nothing of a connection for our own checks.
    pub fn relations(&self) -> Relations {
        self.strictness.as_ref().map(|strictness| strictness.relations.clone()).unwrap_or_default()
    }
}

/// `inside` are the views of the run.
fn may_read(table: &str, column: &str, context: &AuthContext<'_>, inside: &BTreeSet<String>) -> bool {
    // A relation of which no column is read, as in count(*). SQLite asks this of tables behind a view too, without naming the view;
    // that no table is named in the text is seen to where the text is read.
    if column.is_empty() {
        return true;
    }
    let table = table.to_ascii_lowercase();
    let through_view = context.accessor.is_some_and(|view| inside.contains(&view.to_ascii_lowercase()));
    match context.database_name {
        Some("temp") => inside.contains(&table),
        _ => SHARED.contains(&table.as_str()) || through_view,
    }
}
