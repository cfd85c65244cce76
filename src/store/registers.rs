//! What a run holds beside its tokens: sources, rows that were not used, registers, limits in force.

use super::load::Loader;
use super::{LoadError, StoreError};
use crate::inventory::field::Field;
use crate::inventory::format::{Account, Person, PersonKind, PersonStatus, Purpose};
use crate::inventory::record::Precision;
use rusqlite::params;

/// What a source says of itself, once it is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceRow {
    /// UTC seconds.
    pub exported_at: Option<i64>,
    /// `content`, `settings` or `name`.
    pub exported_at_basis: Option<String>,
    /// False for a date beyond the tolerance, which counts as missing (decisions, 3).
    pub exported_at_implausible: bool,
    pub rows_declared: Option<u64>,
    pub rows_read: u64,
    pub rows_rejected: u64,
    pub rows_skipped: u64,
    /// Tokens or register entries that came out of the rows.
    pub records: u64,
    /// True if the file ends with the sign of a page that it does not hold.
    pub further_pages: bool,
    /// `complete`, `incomplete` or `unknown`.
    pub paging: String,
    pub declared_complete: Vec<String>,
    pub collected: Vec<String>,
    /// Fields that held secrets and were dropped unread.
    pub dropped_fields: Vec<String>,
    /// What is declared of a register; none for an inventory.
    pub register: Option<RegisterFacts>,
    pub problems: Vec<String>,
}

/// An entry of the purpose register and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurposeWord {
    pub purpose: Purpose,
    /// UTC seconds, of its file.
    pub exported_at: Option<i64>,
    /// None: declared in the settings.
    pub source_key: Option<i64>,
}

/// What is declared of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegisterFacts {
    /// Whoever is not on it does not exist.
    pub complete: bool,
    /// Those who left are on it.
    pub includes_leavers: bool,
}

/// A limit in force for one class of tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitRow {
    pub check_id: String,
    pub parameter: String,
    pub class_key: i64,
    pub value: super::Parameter,
    pub fails_from: Option<i64>,
    pub origin: String,
}

impl Loader<'_> {
    /// Gives a source its row; what it says of itself follows with [`Loader::describe_source`].
    pub fn add_source(&mut self, name: &str, format: &str, role: &str, sha256: &str) -> Result<i64, LoadError> {
        let insert = "INSERT INTO run_source (run_key, name, format, role, sha256, exported_at_state)
                      VALUES (?1, ?2, ?3, ?4, ?5, 'empty') RETURNING source_key";
        let values = params![self.run_key(), name, format, role, sha256];
        self.connection().query_row(insert, values, |row| row.get(0)).map_err(|source| self.failed(source))
    }

    /// Completes the row of a source.
    pub fn describe_source(&mut self, source_key: i64, row: &SourceRow) -> Result<(), LoadError> {
        let json = |list: &[String]| serde_json::to_string(list).unwrap_or_default();
        let state = match (row.exported_at, row.exported_at_implausible) {
            (_, true) => "implausible",
            (Some(_), false) => "value",
            (None, false) => "empty",
        };
        let update = "UPDATE run_source SET exported_at = ?2, exported_at_basis = ?3, exported_at_state = ?4, rows_declared = ?5,
                             rows_read = ?6, rows_rejected = ?7, rows_skipped = ?8, paging = ?9, declared_complete = ?10,
                             collected = ?11, problems = ?12, records = ?13, further_pages = ?14, dropped_fields = ?15,
                             register_complete = ?16, includes_leavers = ?17
                      WHERE source_key = ?1";
        let values = params![
            source_key,
            row.exported_at.filter(|_| !row.exported_at_implausible),
            row.exported_at_basis,
            state,
            row.rows_declared,
            row.rows_read,
            row.rows_rejected,
            row.rows_skipped,
            row.paging,
            json(&row.declared_complete),
            json(&row.collected),
            json(&row.problems),
            row.records,
            row.further_pages,
            json(&row.dropped_fields),
            row.register.map(|register| register.complete),
            row.register.map(|register| register.includes_leavers)
        ];
        self.connection().execute(update, values).map(drop).map_err(|source| self.failed(source))
    }

    /// Adds a sentence to what is wrong with a source.
    pub fn add_problem(&mut self, source_key: i64, sentence: &str) -> Result<(), LoadError> {
        let update = "UPDATE run_source SET problems = json_insert(problems, '$[#]', ?2) WHERE source_key = ?1";
        self.execute(update, params![source_key, sentence])
    }

    /// Keeps a row that was not used; `outcome` is `rejected` or `skipped`.
    pub fn add_row(&mut self, source_key: i64, line: u64, outcome: &str, reason: &str) -> Result<(), LoadError> {
        let insert = "INSERT INTO run_row (run_key, source_key, line, outcome, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.execute(insert, params![self.run_key(), source_key, line, outcome, reason])
    }

    /// Keeps a file that nothing recognised.
    pub fn add_skipped_file(&mut self, name: &str, reason: &str) -> Result<(), LoadError> {
        let insert = "INSERT INTO run_skipped_file (run_key, name, reason) VALUES (?1, ?2, ?3)";
        self.execute(insert, params![self.run_key(), name, reason])
    }

    /// Declares a register, so that checks can tell "not on it" from "no register".
    pub fn add_register(&mut self, role: &str, facts: RegisterFacts) -> Result<(), LoadError> {
        let insert = "INSERT OR REPLACE INTO run_register (run_key, role, complete, includes_leavers) VALUES (?1, ?2, ?3, ?4)";
        self.execute(insert, params![self.run_key(), role, facts.complete, facts.includes_leavers])
    }

    /// Adds a person with every address and other name by which tokens may mean it; addresses are compared without regard to letter case.
    pub fn add_person(&mut self, person: &Person) -> Result<(), LoadError> {
        let kind = match person.kind {
            PersonKind::Person => "person",
            PersonKind::Team => "team",
            PersonKind::Service => "service",
        };
        let status = person.status.map(|status| match status {
            PersonStatus::Active => "active",
            PersonStatus::Leave => "leave",
            PersonStatus::Suspended => "suspended",
            PersonStatus::Left => "left",
        });
        let precision = person.left_at.map(|date| if date.precision == Precision::Date { "date" } else { "second" });
        let insert = "INSERT INTO run_person (run_key, id, name, kind, status, left_at, left_at_precision)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING person_key";
        let left_at = person.left_at.map(|date| date.seconds);
        let values = params![self.run_key(), person.id, person.name, kind, status, left_at, precision];
        let person_key: i64 =
            self.connection().query_row(insert, values, |row| row.get(0)).map_err(|source| self.failed(source))?;
        let insert = "INSERT OR IGNORE INTO run_person_address (run_key, address, person_key) VALUES (?1, ?2, ?3)";
        for address in &person.addresses {
            self.execute(insert, params![self.run_key(), address.trim().to_lowercase(), person_key])?;
        }
        Ok(())
    }

    /// Adds an account with all of its contacts.
    pub fn add_account(&mut self, account: &Account) -> Result<(), LoadError> {
        let list = self.store_items(Field::Contacts, &account.contacts)?;
        let insert = "INSERT OR REPLACE INTO run_account (run_key, provider, account, contacts_list) VALUES (?1, ?2, ?3, ?4)";
        self.execute(insert, params![self.run_key(), account.provider, account.account, list])
    }

    /// Adds an entry of the purpose register.
    pub fn add_purpose(&mut self, purpose: &Purpose) -> Result<(), LoadError> {
        let scopes = purpose.scopes_required.as_deref().map(|scopes| self.store_words(scopes)).transpose()?;
        let readers = purpose.authorized_readers.as_deref().map(|readers| self.store_words(readers)).transpose()?;
        let precision = purpose.ends_at.map(|date| if date.precision == Precision::Date { "date" } else { "second" });
        let insert = "INSERT OR REPLACE INTO run_purpose (run_key, purpose_id, text, status, ends_at, ends_at_precision,
                             scopes_required_list, authorized_readers_list)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let ends_at = purpose.ends_at.map(|date| date.seconds);
        let values =
            params![self.run_key(), purpose.purpose_id, purpose.text, purpose.status, ends_at, precision, scopes, readers];
        self.execute(insert, values)
    }

    fn execute(&self, text: &str, values: impl rusqlite::Params) -> Result<(), LoadError> {
        let run = || self.connection().prepare_cached(text)?.execute(values).map(drop);
        run().map_err(|source| self.failed(source))
    }
}

impl super::Store {
    /// The classes of a run's tokens: key and attributes as JSON.
    pub fn token_classes(&self, run: &super::OpenRun) -> Result<Vec<(i64, String)>, StoreError> {
        let read = || -> rusqlite::Result<Vec<(i64, String)>> {
            let mut statement =
                self.connection.prepare("SELECT class_key, attributes FROM token_class WHERE run_key = ?1 ORDER BY class_key")?;
            statement.query_map([run.run_key], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(|source| self.error(source))
    }

    /// Writes which scopes the required scopes of the loaded tokens and purposes imply, before the checks read them. `implied` says
    /// so for a provider and a scope in lower case.
    pub fn set_implied_scopes(
        &mut self,
        run: &super::OpenRun,
        implied: &dyn Fn(&str, &str) -> Vec<String>,
    ) -> Result<(), StoreError> {
        let write = || -> rusqlite::Result<()> {
            let transaction = self.connection.unchecked_transaction()?;
            {
                let mut required = transaction.prepare(
                    "SELECT DISTINCT lists.provider, lower(e.text)
                     FROM (SELECT provider, scopes_required_list AS list_key
                           FROM token_record
                           WHERE token_key >= ?2 AND provider IS NOT NULL AND scopes_required_list IS NOT NULL
                           UNION
                           SELECT t.provider, p.scopes_required_list
                           FROM token_record AS t
                           JOIN run_purpose AS p ON p.run_key = ?1 AND p.purpose_id = t.purpose_id
                           WHERE t.token_key >= ?2 AND t.provider IS NOT NULL AND p.scopes_required_list IS NOT NULL) AS lists
                     JOIN text_entry AS e ON e.list_key = lists.list_key
                     ORDER BY 1, 2",
                )?;
                let mut insert = transaction.prepare(
                    "INSERT OR IGNORE INTO run_implied_scope (run_key, provider, scope, implied) VALUES (?1, ?2, ?3, ?4)",
                )?;
                let mut rows = required.query(params![run.run_key, run.first_token_key])?;
                while let Some(row) = rows.next()? {
                    let (provider, scope): (String, String) = (row.get(0)?, row.get(1)?);
                    for other in implied(&provider, &scope) {
                        insert.execute(params![run.run_key, provider, scope, other.to_lowercase()])?;
                    }
                }
            }
            transaction.commit()
        };
        write().map_err(|source| self.error(source))
    }

    /// Writes the limits in force, before the checks read them.
    pub fn set_limits(&mut self, run: &super::OpenRun, limits: &[LimitRow]) -> Result<(), StoreError> {
        let write = || -> rusqlite::Result<()> {
            let transaction = self.connection.unchecked_transaction()?;
            for limit in limits {
                let value: &dyn rusqlite::ToSql = match &limit.value {
                    super::Parameter::Integer(number) => number,
                    super::Parameter::Real(number) => number,
                    super::Parameter::Text(text) => text,
                    super::Parameter::Null => &rusqlite::types::Null,
                };
                transaction
                    .prepare_cached(
                        "INSERT INTO run_parameter_value (run_key, check_id, parameter, class_key, value, fails_from, origin)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    )?
                    .execute(params![
                        run.run_key,
                        limit.check_id,
                        limit.parameter,
                        limit.class_key,
                        value,
                        limit.fails_from,
                        limit.origin
                    ])?;
            }
            transaction.commit()
        };
        write().map_err(|source| self.error(source))
    }
}
