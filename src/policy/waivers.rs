//! Waivers: findings whose risk somebody carries for a time (catalogue 1.2, decisions 28).
//!
//! A waiver relabels a result and never changes how it came about. One that breaks a rule has no effect and is reported with the
//! reason; so is one that has expired, has not begun, or matches nothing. Every one says how many results it matches, whether it
//! has an effect or not: those of an expired one are open again. Where several match, one is named as the reason; the others are
//! in use all the same, for they would take its place.
//!
//! ```toml
//! [[waiver]]
//! id = "W-001"
//! check = "ROT-001"                          # id or name
//! subject = { provider = "github", token_id = "deploy-*", "tag.team" = "payments" }
//! reason = "The vendor replaces its client in March."
//! owner = "lead@acme.example"                # who carries the risk
//! approver = "ciso@acme.example"             # somebody else
//! approved_at = 2026-09-01
//! valid_through = 2026-12-31                 # inclusive, UTC
//! ticket = "SEC-42"                          # optional, as are the next two
//! reason_code = "too-old"                    # only for results with this reason
//! covers_unknown = false                     # whether it also covers results that are unknown
//! ```

use crate::checks::Catalog;
use crate::checks::result::ResultWord;
use crate::report::model::WaiverSummary;
use crate::report::words::number;
use crate::store::WaiverRecord;
use crate::toml_reader::{TomlError, TomlFile};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

mod read;
#[cfg(test)]
mod tests;

/// A waiver that ends in this many days or fewer is listed as a warning.
const ENDING_DAYS: i64 = 30;

/// Keys of a subject, besides `tag.NAME`.
const SUBJECT_KEYS: &[&str] = &["provider", "account", "token_id", "name", "owner", "environment", "source"];

/// Every waiver of a file, judged at one instant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Waivers {
    waivers: Vec<Waiver>,
}

/// One waiver.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiver {
    pub id: String,
    /// Id of its check; empty if it names none.
    pub check: String,
    /// Pattern by subject key.
    subject: Vec<(String, String)>,
    pub reason: String,
    pub owner: String,
    pub approver: String,
    /// As written.
    pub approved_at: String,
    /// As written.
    pub valid_through: String,
    pub ticket: Option<String>,
    reason_code: Option<String>,
    covers_unknown: bool,
    standing: Standing,
    /// For the choice between several that match.
    end: Option<NaiveDate>,
}

/// Where a waiver stands at the as-of instant, before it is known what it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Breaks a rule; the sentences say which.
    Invalid(Vec<String>),
    NotYet,
    Active,
    /// In force, and for this many days at most.
    Ending(i64),
    Expired,
}

/// What the waivers of a run came to.
#[derive(Clone, Copy)]
pub struct Effect<'e> {
    /// How many results each waiver matches, by its place in the file.
    pub matched: &'e BTreeMap<usize, u64>,
    /// How many results each waiver relabelled, by its id.
    pub relabelled: &'e BTreeMap<String, u64>,
    /// Ids of the checks that the policy runs.
    pub selected: &'e BTreeSet<String>,
}

/// What a waiver is compared with: one result and its subject.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Id of the check.
    pub check: &'a str,
    pub reason: &'a str,
    pub plain_result: ResultWord,
    pub provider: Option<&'a str>,
    pub account: Option<&'a str>,
    pub token_id: Option<&'a str>,
    pub name: Option<&'a str>,
    pub owner: Option<&'a str>,
    pub environment: Option<&'a str>,
    pub tags: &'a BTreeMap<String, String>,
    /// Names of the files that list the subject.
    pub sources: &'a [&'a str],
}

impl Waivers {
    /// Reads a waiver file and judges it at the as-of instant.
    ///
    /// # Errors
    /// Broken TOML, a key that is not known, a check or reason code that does not exist. Everything else that is wrong makes the
    /// one waiver invalid.
    pub fn parse(file: &TomlFile, catalog: &Catalog, max_waiver_days: i64, as_of: i64) -> Result<Waivers, TomlError> {
        let mut top = file.parse()?;
        let mut waivers: Vec<Waiver> = Vec::new();
        for (index, section) in top.sections("waiver")?.into_iter().enumerate() {
            let mut waiver = read::read(section, index + 1, catalog, max_waiver_days, as_of)?;
            if waivers.iter().any(|other| other.id == waiver.id) {
                waiver.break_rule("another waiver has this id".to_owned());
            }
            waivers.push(waiver);
        }
        top.finish()?;
        Ok(Waivers { waivers })
    }

    /// Every waiver, in the order of the file.
    pub fn all(&self) -> &[Waiver] {
        &self.waivers
    }

    /// Whether any waiver is about a check; a quick way past checks without one.
    pub fn concern(&self, check_id: &str) -> bool {
        self.waivers.iter().any(|waiver| waiver.check == check_id)
    }

    /// The places of all waivers that match a result, in force or not.
    pub fn matching(&self, candidate: &Candidate<'_>) -> Vec<usize> {
        let matching = self.waivers.iter().enumerate().filter(|(_, waiver)| waiver.covers(candidate));
        matching.map(|(place, _)| place).collect()
    }

    /// The waiver that covers a result: of several the one that ends last, then the one with the lowest id. Only fails and, where
    /// the waiver says so, unknowns are covered.
    pub fn apply(&self, candidate: &Candidate<'_>) -> Option<&Waiver> {
        let matching = self.waivers.iter().filter(|waiver| waiver.in_force() && waiver.covers(candidate));
        matching.max_by(|left, right| left.end.cmp(&right.end).then_with(|| right.id.cmp(&left.id)))
    }

    /// The register for the report, sorted by id and otherwise in the order of the file.
    pub fn summaries(&self, effect: &Effect<'_>) -> Vec<WaiverSummary> {
        let all = self.waivers.iter().enumerate();
        let mut summaries: Vec<WaiverSummary> = all.map(|(place, waiver)| summary(place, waiver, effect)).collect();
        summaries.sort_by(|left, right| left.id.cmp(&right.id));
        summaries
    }

    /// What the database keeps of every waiver, in the order of the file, so that an auditor finds it there a year later.
    pub fn records(&self, effect: &Effect<'_>) -> Vec<WaiverRecord> {
        self.waivers.iter().enumerate().map(|(place, waiver)| waiver.record(&summary(place, waiver, effect))).collect()
    }
}

fn summary(place: usize, waiver: &Waiver, effect: &Effect<'_>) -> WaiverSummary {
    let matched = effect.matched.get(&place).copied().unwrap_or(0);
    let relabelled = effect.relabelled.get(&waiver.id).copied().filter(|_| waiver.in_force()).unwrap_or(0);
    let selected = waiver.check.is_empty() || effect.selected.contains(&waiver.check);
    let (status, note) = waiver.status(matched, relabelled, selected);
    WaiverSummary {
        id: waiver.id.clone(),
        check: waiver.check.clone(),
        selector: waiver.selector(),
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        approver: waiver.approver.clone(),
        approved_at: waiver.approved_at.clone(),
        valid_through: waiver.valid_through.clone(),
        ticket: waiver.ticket.clone(),
        status: status.to_owned(),
        note,
        matched,
        relabelled,
    }
}

impl Waiver {
    /// Where it stands, whatever it matches.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether it has an effect at the as-of instant.
    pub fn in_force(&self) -> bool {
        matches!(self.standing, Standing::Active | Standing::Ending(_))
    }

    /// The patterns in words: `provider github, token_id deploy-*`.
    pub fn selector(&self) -> String {
        self.subject.iter().map(|(key, pattern)| format!("{key} {pattern}")).collect::<Vec<_>>().join(", ")
    }

    fn break_rule(&mut self, rule: String) {
        match &mut self.standing {
            Standing::Invalid(rules) => rules.push(rule),
            standing => *standing = Standing::Invalid(vec![rule]),
        }
    }

    fn status(&self, matched: u64, relabelled: u64, selected: bool) -> (&'static str, Option<String>) {
        let results = |count: u64| if count == 1 { "1 result".to_owned() } else { format!("{} results", number(count)) };
        match &self.standing {
            Standing::Invalid(rules) => ("invalid", Some(format!("{}; it has no effect", rules.join("; ")))),
            Standing::NotYet => ("not-yet", Some("it is not yet in force and has no effect".to_owned())),
            Standing::Expired if matched > 0 => {
                let note =
                    format!("it has ended and no longer covers the {} it names; renew it or resolve them", results(matched));
                ("expired", Some(note))
            }
            Standing::Expired => ("expired", Some("it has ended, and names nothing that is left; remove it".to_owned())),
            _ if !selected => ("unused", Some(format!("the policy leaves {} off", self.check))),
            _ if matched == 0 => ("unused", Some("it covers no finding; remove it or correct what it names".to_owned())),
            standing => {
                let (status, ends) = match standing {
                    Standing::Ending(0) => ("ending", Some("today is its last day".to_owned())),
                    Standing::Ending(1) => ("ending", Some("it ends in 1 day".to_owned())),
                    Standing::Ending(days) => ("ending", Some(format!("it ends in {days} days"))),
                    _ => ("active", None),
                };
                let others = matched.saturating_sub(relabelled);
                let shared = (others > 0).then(|| {
                    format!(
                        "{} of the {} it matches stand under another waiver that covers them too",
                        number(others),
                        results(matched)
                    )
                });
                let notes: Vec<String> = ends.into_iter().chain(shared).collect();
                (status, (!notes.is_empty()).then(|| notes.join("; ")))
            }
        }
    }

    /// How it goes into the database.
    fn record(&self, summary: &WaiverSummary) -> WaiverRecord {
        WaiverRecord {
            waiver_id: self.id.clone(),
            check_id: self.check.clone(),
            subject: serde_json::to_string(&self.subject.iter().cloned().collect::<BTreeMap<_, _>>()).unwrap_or_default(),
            reason: self.reason.clone(),
            owner: self.owner.clone(),
            approver: self.approver.clone(),
            approved_at: self.approved_at.clone(),
            valid_through: self.valid_through.clone(),
            ticket: self.ticket.clone(),
            reason_code: self.reason_code.clone(),
            covers_unknown: self.covers_unknown,
            status: summary.status.clone(),
            note: summary.note.clone(),
            matched: summary.matched,
            relabelled: summary.relabelled,
        }
    }

    fn covers(&self, candidate: &Candidate<'_>) -> bool {
        let result = match candidate.plain_result {
            ResultWord::Fail => true,
            ResultWord::Unknown => self.covers_unknown,
            ResultWord::Error | ResultWord::Waived | ResultWord::Pass | ResultWord::NotApplicable => false,
        };
        result
            && self.check == candidate.check
            && self.reason_code.as_ref().is_none_or(|code| code == candidate.reason)
            && self.subject.iter().all(|(key, pattern)| candidate.has(key, pattern))
    }
}

impl Candidate<'_> {
    fn has(&self, key: &str, pattern: &str) -> bool {
        let exactly = |value: Option<&str>| value.is_some_and(|value| glob(pattern, value));
        // these are lower case in the store, whatever case a person writes
        let folded = |value: Option<&str>| value.is_some_and(|value| glob(&pattern.to_lowercase(), &value.to_lowercase()));
        match key {
            "provider" => folded(self.provider),
            "owner" => folded(self.owner),
            "environment" => folded(self.environment),
            "account" => exactly(self.account),
            "token_id" => exactly(self.token_id),
            "name" => exactly(self.name),
            "source" => self.sources.iter().any(|source| glob(pattern, source)),
            tag => exactly(tag.strip_prefix("tag.").and_then(|tag| self.tags.get(tag)).map(String::as_str)),
        }
    }
}

/// Whether a text fits a pattern in which `*` stands for any letters, or none.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let tail = pieces.pop().unwrap_or_default();
    // the earliest place for each piece leaves the most for those after it
    for piece in pieces {
        match text.split_once(piece) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    text.ends_with(tail)
}
