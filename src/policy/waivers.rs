//! Waivers: findings whose risk somebody carries for a time (catalogue 1.2, decisions 28).
//!
//! A waiver relabels a result and never changes how it came about. One that breaks a rule has no effect and is reported with the
//! reason; so is one that has expired, has not begun, or matches nothing.
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

use crate::checks::result::ResultWord;
use crate::checks::{Catalog, Check};
use crate::report::model::WaiverSummary;
use crate::toml_reader::{Entry, Placed, Section, TomlError, TomlFile};
use chrono::{DateTime, NaiveDate, NaiveTime};
use std::collections::{BTreeMap, BTreeSet};

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
            let mut waiver = read(section, index + 1, catalog, max_waiver_days, as_of)?;
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

    /// Whether any waiver in force is about a check; a quick way past checks without one.
    pub fn concern(&self, check_id: &str) -> bool {
        self.waivers.iter().any(|waiver| waiver.check == check_id && waiver.in_force())
    }

    /// The waiver that covers a result: of several the one that ends last, then the one with the lowest id. Only fails and, where
    /// the waiver says so, unknowns are covered.
    pub fn apply(&self, candidate: &Candidate<'_>) -> Option<&Waiver> {
        let matching = self.waivers.iter().filter(|waiver| waiver.in_force() && waiver.covers(candidate));
        matching.max_by(|left, right| left.end.cmp(&right.end).then_with(|| right.id.cmp(&left.id)))
    }

    /// The register for the report. `matched` says how many results each waiver relabelled, by id.
    pub fn summaries(&self, matched: &BTreeMap<String, u64>) -> Vec<WaiverSummary> {
        let mut summaries: Vec<WaiverSummary> = self
            .waivers
            .iter()
            .map(|waiver| {
                let count = if waiver.in_force() { matched.get(&waiver.id).copied().unwrap_or(0) } else { 0 };
                let (status, note) = waiver.status(count);
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
                    matched: count,
                }
            })
            .collect();
        summaries.sort_by(|left, right| left.id.cmp(&right.id));
        summaries
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

    fn status(&self, matched: u64) -> (&'static str, Option<String>) {
        match &self.standing {
            Standing::Invalid(rules) => ("invalid", Some(format!("{}; it has no effect", rules.join("; ")))),
            Standing::NotYet => ("not-yet", Some("it is not yet in force and has no effect".to_owned())),
            Standing::Expired => ("expired", Some("it has ended and has no effect; renew it or resolve the findings".to_owned())),
            Standing::Active | Standing::Ending(_) if matched == 0 => {
                ("unused", Some("it covers no finding; remove it or correct what it names".to_owned()))
            }
            Standing::Active => ("active", None),
            Standing::Ending(0) => ("ending", Some("today is its last day".to_owned())),
            Standing::Ending(1) => ("ending", Some("it ends in 1 day".to_owned())),
            Standing::Ending(days) => ("ending", Some(format!("it ends in {days} days"))),
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

fn read(
    mut section: Section<'_>,
    number: usize,
    catalog: &Catalog,
    max_waiver_days: i64,
    as_of: i64,
) -> Result<Waiver, TomlError> {
    let mut missing = Vec::new();
    let id = section.text("id")?.map(|id| id.value).filter(|id| !id.trim().is_empty());
    if id.is_none() {
        missing.push("id");
    }
    let named = section.text("check")?;
    let check = match &named {
        None => None,
        Some(name) => Some(find_check(section.file(), name, catalog)?),
    };
    if check.is_none() {
        missing.push("check");
    }
    let reason_code = section.text("reason_code")?;
    if let (Some(code), Some(check)) = (&reason_code, check) {
        let known = check.reasons.iter().map(|reason| reason.code.as_str());
        if !check.reasons.is_empty() && check.reason(&code.value).is_none() {
            return Err(section.file().unknown_at(code.offset, &format!("reason of {}", check.id), &code.value, known));
        }
    }
    let subject = subject(&mut section)?;
    if subject.is_empty() {
        missing.push("subject");
    }
    let mut text = |key| -> Result<String, TomlError> {
        let text = section.text(key)?.map(|text| text.value.trim().to_owned()).unwrap_or_default();
        if text.is_empty() {
            missing.push(key);
        }
        Ok(text)
    };
    let (reason, owner, approver) = (text("reason")?, text("owner")?, text("approver")?);
    let mut date = |key| -> Result<String, TomlError> {
        let date = match section.entry(key)? {
            None => String::new(),
            Some(entry) => match entry.date().or_else(|| entry.text().map(|text| text.trim().to_owned())) {
                Some(date) => date,
                None => return Err(entry.wrong("a date, YYYY-MM-DD")),
            },
        };
        if date.is_empty() {
            missing.push(key);
        }
        Ok(date)
    };
    let (approved_at, valid_through) = (date("approved_at")?, date("valid_through")?);
    let mut waiver = Waiver {
        id: id.unwrap_or_else(|| format!("(waiver {number} of the file)")),
        check: check.map(|check| check.id.clone()).unwrap_or_default(),
        subject,
        reason,
        owner,
        approver,
        approved_at,
        valid_through,
        ticket: section.text("ticket")?.map(|ticket| ticket.value),
        reason_code: reason_code.map(|code| code.value),
        covers_unknown: section.flag("covers_unknown")?.unwrap_or(false),
        standing: Standing::Active,
        end: None,
    };
    section.finish()?;
    for key in missing {
        waiver.break_rule(format!("`{key}` is missing"));
    }
    if !waiver.owner.is_empty() && waiver.owner.to_lowercase() == waiver.approver.to_lowercase() {
        waiver.break_rule("the owner alone approved it".to_owned());
    }
    if let Some(check) = check.filter(|check| !check.waivable) {
        waiver.break_rule(format!("{} cannot be waived", check.id));
    }
    judge_dates(&mut waiver, max_waiver_days, as_of);
    Ok(waiver)
}

fn judge_dates(waiver: &mut Waiver, max_waiver_days: i64, as_of: i64) {
    let begin = instant(&waiver.approved_at);
    let end = NaiveDate::parse_from_str(&waiver.valid_through, "%Y-%m-%d").ok();
    if begin.is_none() && !waiver.approved_at.is_empty() {
        waiver.break_rule(format!("`approved_at` is not a date: {}", waiver.approved_at));
    }
    if end.is_none() && !waiver.valid_through.is_empty() {
        waiver.break_rule(format!("`valid_through` is not a date: {}", waiver.valid_through));
    }
    let (Some(begin), Some(end), Some(today)) = (begin, end, DateTime::from_timestamp(as_of, 0)) else { return };
    waiver.end = Some(end);
    let days = end.signed_duration_since(begin.date_naive()).num_days();
    if days < 0 {
        waiver.break_rule("it ends before it was approved".to_owned());
    } else if days > max_waiver_days {
        waiver.break_rule(format!("it runs for {days} days, and the policy allows {max_waiver_days}"));
    }
    if matches!(waiver.standing, Standing::Invalid(_)) {
        return;
    }
    let left = end.signed_duration_since(today.date_naive()).num_days();
    waiver.standing = match left {
        _ if today < begin => Standing::NotYet,
        ..0 => Standing::Expired,
        0..=ENDING_DAYS => Standing::Ending(left),
        _ => Standing::Active,
    };
}

/// A date (its first instant, UTC) or an instant with an offset.
fn instant(text: &str) -> Option<DateTime<chrono::Utc>> {
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) => Some(date.and_time(NaiveTime::MIN).and_utc()),
        Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc()),
    }
}

fn find_check<'c>(file: &TomlFile, name: &Placed<String>, catalog: &'c Catalog) -> Result<&'c Check, TomlError> {
    catalog.find(&name.value).ok_or_else(|| file.unknown_at(name.offset, "check", &name.value, catalog.names()))
}

/// `{ provider = "github", "tag.team" = "payments" }`; `tag.team` without quotes is the same.
fn subject(section: &mut Section<'_>) -> Result<Vec<(String, String)>, TomlError> {
    let Some(mut keys) = section.section("subject")? else { return Ok(Vec::new()) };
    let mut subject = BTreeSet::new();
    let mut add = |key: String, entry: &Entry<'_>| match entry.text() {
        Some(pattern) if !pattern.is_empty() => {
            subject.insert((key, pattern.to_owned()));
            Ok(())
        }
        Some(_) => Err(entry.file().error_at(entry.offset(), "an empty pattern matches nothing; `*` stands for any letters")),
        None => Err(entry.wrong("a text in quotes")),
    };
    for entry in keys.entries() {
        let key = entry.name.value.clone();
        if key == "tag" && entry.is_table() {
            for entry in entry.section()?.entries() {
                add(format!("tag.{}", entry.name.value), &entry)?;
            }
        } else if SUBJECT_KEYS.contains(&key.as_str()) || key.strip_prefix("tag.").is_some_and(|tag| !tag.is_empty()) {
            add(key, &entry)?;
        } else {
            return Err(entry.unknown("subject key", SUBJECT_KEYS.iter().copied().chain(["tag.NAME"])));
        }
    }
    Ok(subject.into_iter().collect())
}
