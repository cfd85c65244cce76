//! The waivers of a run.

use super::{OpenRun, Store, StoreError};
use rusqlite::params;

/// A waiver as it was read, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaiverRecord {
    pub waiver_id: String,
    pub check_id: String,
    /// JSON object: pattern by key.
    pub subject: String,
    pub reason: String,
    pub owner: String,
    pub approver: String,
    /// As written, like the next.
    pub approved_at: String,
    pub valid_through: String,
    pub ticket: Option<String>,
    pub reason_code: Option<String>,
    pub covers_unknown: bool,
    pub status: String,
    pub note: Option<String>,
    pub matched: u64,
    pub relabelled: u64,
}

impl Store {
    /// Keeps the waivers of a run, in the order of their file.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn add_waivers(&self, run: &OpenRun, waivers: &[WaiverRecord]) -> Result<(), StoreError> {
        let write = || -> rusqlite::Result<()> {
            let transaction = self.connection.unchecked_transaction()?;
            let mut insert = transaction.prepare(
                "INSERT INTO run_waiver (run_key, position, waiver_id, check_id, subject, reason, owner, approver, approved_at,
                                         valid_through, ticket, reason_code, covers_unknown, status, note, matched, relabelled)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            )?;
            for (place, waiver) in waivers.iter().enumerate() {
                insert.execute(params![
                    run.run_key,
                    place + 1,
                    waiver.waiver_id,
                    waiver.check_id,
                    waiver.subject,
                    waiver.reason,
                    waiver.owner,
                    waiver.approver,
                    waiver.approved_at,
                    waiver.valid_through,
                    waiver.ticket,
                    waiver.reason_code,
                    waiver.covers_unknown,
                    waiver.status,
                    waiver.note,
                    waiver.matched,
                    waiver.relabelled
                ])?;
            }
            drop(insert);
            transaction.commit()
        };
        write().map_err(|source| self.error(source))
    }
}
