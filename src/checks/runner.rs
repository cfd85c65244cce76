//! Running checks: each on a read-only, confined connection of its worker, several at a time.
//!
//! The contract (decisions, 20): a check returns `token_key, result, reason, basis` and then evidence, one row for each token; a
//! check of sources returns `source_key` in place of `token_key`, one row for each source. A check that breaks it, or fails while it
//! runs, is an `error` for every subject and never a pass. Pass and not-applicable are counted; everything else is handed to the
//! writer as a row. Unknown because nothing collects the field, for every token of a source, becomes one blanket row
//! (decisions, 30).

use super::result::{ResultWord, Severity, Subject};
use super::tally::{Mark, TokenTally};
use crate::store::{
    CheckRow, CheckSqlError, Confined, OpenRun, Parameter, ResultCount, ResultRow, Store, StoreError, TokenAttributes,
};
use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};

/// How many columns every check returns first; the others are evidence.
pub const COLUMNS: usize = 4;

/// The columns that a check returns first.
pub fn columns(subject: Subject) -> [&'static str; COLUMNS] {
    [subject.key_column(), "result", "reason", "basis"]
}

/// Reasons of an unknown that nothing in the run could have decided: no source states the field, no register was supplied.
pub const NOTHING_COLLECTS: [&str; 2] = ["not-collected", "no-register"];

/// Steps of SQLite that a user's own check may take, whatever the size of the run, and those for each subject besides. Generous: a
/// few seconds, and minutes for a million tokens; ours take a few hundred for a token.
const STEPS: u64 = 200_000_000;
const STEPS_PER_SUBJECT: u64 = 5_000;

/// Rows on their way to the writer at once.
const QUEUE: usize = 4_096;

/// One check to run.
#[derive(Debug, Clone)]
pub struct Job {
    pub check_id: String,
    pub severity: Severity,
    pub subject: Subject,
    pub sql: String,
    pub parameters: BTreeMap<String, Parameter>,
    /// True for a check that the user brought, which runs under stricter confinement.
    pub own: bool,
    /// True if a waiver may cover a fail of this check, so that tokens have to be looked at one by one.
    pub has_waivers: bool,
}

/// Finds the waiver that covers a plain result.
pub trait Waive: Sync {
    /// The id of the waiver, if one is in force. Of a source as subject nothing but its name is known, as the one of `sources`.
    fn waiver(&self, check_id: &str, plain: ResultWord, reason: &str, subject: &TokenAttributes) -> Option<String>;

    /// The places of all waivers that name the result, whether they are in force or not; only for counting.
    fn naming(&self, _check_id: &str, _plain: ResultWord, _reason: &str, _subject: &TokenAttributes) -> Vec<usize> {
        Vec::new()
    }
}

/// What running all checks gave, besides the rows.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// One entry for each token key from the run's first on.
    pub tokens: Vec<TokenTally>,
    pub counts: Vec<ResultCount>,
    /// Unknown results, grouped; counted here, because a large run has too many to group afterwards.
    pub unknowns: BTreeMap<UnknownGroup, UnknownCount>,
    /// Checks that could not be evaluated, and why.
    pub errors: BTreeMap<String, String>,
    /// How many results each waiver names, by its place.
    pub named: BTreeMap<usize, u64>,
    /// Results of the tokens of a provider that was asked for, by check and provider, in the order of [`Mark::ALL`].
    pub of_provider: BTreeMap<(String, String), [u64; 7]>,
}

/// What unknown results of one group share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownGroup {
    pub check_id: String,
    pub source_key: i64,
    pub reason: String,
    /// The evidence column `missing`.
    pub missing: Option<String>,
    pub blanket: bool,
}

/// A group of unknown results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnknownCount {
    pub count: u64,
    /// The evidence of one of them, the lowest as text, as JSON.
    pub evidence: String,
}

impl UnknownCount {
    fn add(&mut self, count: u64, evidence: &str) {
        if self.count == 0 || evidence < self.evidence.as_str() {
            evidence.clone_into(&mut self.evidence);
        }
        self.count += count;
    }
}

/// What a worker tells the writer.
enum Message {
    Row(ResultRow),
    /// Everything said of a check so far is void.
    Void(String),
}

/// Runs the jobs and writes their results through the store.
pub fn run(store: &Store, open: &OpenRun, jobs: &[Job], waive: &dyn Waive) -> Result<Outcome, StoreError> {
    run_apart(store, open, jobs, waive, &[])
}

/// Does so, and counts the results of the tokens of some providers apart.
pub fn run_apart(
    store: &Store,
    open: &OpenRun,
    jobs: &[Job],
    waive: &dyn Waive,
    providers: &[String],
) -> Result<Outcome, StoreError> {
    let subjects = Subjects {
        tokens: Keys::of_tokens(store, open)?,
        sources: Keys::of_sources(store, open)?,
        providers: providers.iter().map(String::as_str).zip(store.tokens_of_providers(open, providers)?).collect(),
    };
    let tokens = subjects.tokens.sources.len();
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len().max(1));
    let judged = tokens.saturating_add(subjects.sources.sources.len()) as u64;
    let steps = STEPS.saturating_add(STEPS_PER_SUBJECT.saturating_mul(judged));
    let any_own = jobs.iter().any(|job| job.own);
    let connect = || -> Result<Connections, StoreError> {
        let strict = if any_own { Some(store.confined_strictly(open, steps)?) } else { None };
        Ok(Connections { plain: store.confined(open)?, strict })
    };
    let connections = (0..workers).map(|_| connect()).collect::<Result<Vec<_>, _>>()?;
    let next = AtomicUsize::new(0);
    let writer = store.result_writer(open)?;
    let (sender, receiver) = mpsc::sync_channel(QUEUE);
    let mut outcome = std::thread::scope(|scope| -> Result<Outcome, StoreError> {
        let mut running = Vec::new();
        for connections in connections {
            let (sender, next, subjects) = (sender.clone(), &next, &subjects);
            running.push(scope.spawn(move || {
                let mut worker = Worker { subjects, connections: &connections, sender, waive, outcome: Outcome::default() };
                worker.outcome.tokens = vec![TokenTally::default(); tokens];
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    worker.run(job);
                }
                worker.outcome
            }));
        }
        drop(sender);
        let mut failure = None;
        for message in receiver {
            let written = match message {
                Message::Row(row) => writer.result(&row),
                Message::Void(check_id) => writer.forget(&check_id),
            };
            // The workers are heard out, so that none waits for ever on a full queue.
            failure = failure.or(written.err());
        }
        let mut outcome = Outcome { tokens: vec![TokenTally::default(); tokens], ..Outcome::default() };
        for worker in running {
            match worker.join() {
                Ok(part) => outcome.absorb(part),
                // A fault of ours: nothing that a worker said before it may be shown as a result.
                Err(fault) => std::panic::resume_unwind(fault),
            }
        }
        failure.map_or(Ok(outcome), Err)
    })?;
    outcome.counts.sort_unstable_by(|a, b| {
        let key = |count: &ResultCount| (count.check_id.clone(), count.source_key, count.result, count.plain_result);
        key(a).cmp(&key(b))
    });
    for count in &outcome.counts {
        writer.count(count)?;
    }
    writer.finish()?;
    Ok(outcome)
}

impl Outcome {
    fn absorb(&mut self, part: Outcome) {
        for (tally, more) in self.tokens.iter_mut().zip(&part.tokens) {
            tally.merge(more);
        }
        self.counts.extend(part.counts);
        self.unknowns.extend(part.unknowns);
        self.errors.extend(part.errors);
        self.of_provider.extend(part.of_provider);
        for (waiver, count) in part.named {
            *self.named.entry(waiver).or_default() += count;
        }
    }
}

/// The connections of one worker.
struct Connections {
    plain: Confined,
    /// For checks that users bring; there if there are any.
    strict: Option<Confined>,
}

/// What the checks of a run judge.
struct Subjects<'p> {
    tokens: Keys,
    sources: Keys,
    /// Providers that are counted apart, each with the places of its tokens, in order.
    providers: Vec<(&'p str, Vec<usize>)>,
}

/// The tokens or the sources of a run, by key.
struct Keys {
    first_key: i64,
    /// The source of each token, or each source itself; negative for a token that does not exist yet, 0 where there is none.
    sources: Vec<i64>,
}

impl Keys {
    fn of_tokens(store: &Store, open: &OpenRun) -> Result<Keys, StoreError> {
        Ok(Keys { first_key: open.first_token_key, sources: store.token_sources(open)? })
    }

    fn of_sources(store: &Store, open: &OpenRun) -> Result<Keys, StoreError> {
        let mut keys = Keys { first_key: 0, sources: Vec::new() };
        for (source_key, _) in store.source_names(open)? {
            if keys.sources.is_empty() {
                keys.first_key = source_key;
            }
            // keys are in order; one that belongs to no source of the run is left at 0
            keys.sources.resize(usize::try_from(source_key - keys.first_key).unwrap_or_default(), 0);
            keys.sources.push(source_key);
        }
        Ok(keys)
    }

    /// The place of a subject that a check may speak of.
    fn place(&self, key: i64) -> Option<usize> {
        let place = usize::try_from(key.checked_sub(self.first_key)?).ok()?;
        self.sources.get(place).filter(|source| **source > 0).map(|_| place)
    }
}

/// Whether a check returns what it must.
///
/// # Errors
/// What it returns instead, in words.
pub fn promises(returned: &[String], subject: Subject) -> Result<(), String> {
    let first = columns(subject);
    if returned.iter().take(COLUMNS).eq(first.iter()) {
        return Ok(());
    }
    Err(format!("the check returns the columns {}; the first four must be {}", returned.join(", "), first.join(", ")))
}

struct Worker<'w> {
    subjects: &'w Subjects<'w>,
    connections: &'w Connections,
    sender: SyncSender<Message>,
    waive: &'w dyn Waive,
    outcome: Outcome,
}

/// What tokens that nothing decides have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Silence {
    source_key: i64,
    /// One of [`NOTHING_COLLECTS`].
    reason: &'static str,
    /// The evidence column of that name; the other columns differ from token to token and decide nothing.
    missing: Option<String>,
}

/// What one check has said so far.
#[derive(Default)]
struct Said {
    /// The code of a mark for each subject; 0 where nothing was said yet.
    marks: Vec<u8>,
    /// Tokens that nothing in the run could have decided, until it is known whether they are all.
    silent: BTreeMap<Silence, Vec<i64>>,
    unknowns: BTreeMap<UnknownGroup, UnknownCount>,
    named: BTreeMap<usize, u64>,
}

impl Worker<'_> {
    fn run(&mut self, job: &Job) {
        let mut said = Said { marks: vec![0; self.keys(job).sources.len()], ..Said::default() };
        let outcome = self.evaluate(job, &mut said).and_then(|()| self.complete(job, &said));
        if let Err(problem) = outcome {
            self.send(Message::Void(job.check_id.clone()));
            self.fail_everywhere(job, &problem, &mut said);
            self.outcome.errors.insert(job.check_id.clone(), problem);
        } else {
            self.flush_silent(job, &mut said);
            self.outcome.unknowns.append(&mut said.unknowns);
            for (waiver, count) in std::mem::take(&mut said.named) {
                *self.outcome.named.entry(waiver).or_default() += count;
            }
        }
        self.count(job, &said);
    }

    /// The subjects that a check judges.
    fn keys(&self, job: &Job) -> &Keys {
        match job.subject {
            Subject::Token => &self.subjects.tokens,
            Subject::Source => &self.subjects.sources,
        }
    }

    /// Runs the query and takes in its rows. An error is a broken contract or a fault of SQLite.
    fn evaluate(&self, job: &Job, said: &mut Said) -> Result<(), String> {
        let connection = if job.own { self.connections.strict.as_ref() } else { Some(&self.connections.plain) };
        let connection = connection.ok_or("there is no connection for checks of the user's own")?;
        let (columns, _) = connection.describe(&job.sql).map_err(|error| error.to_string())?;
        promises(&columns, job.subject)?;
        let mut broken = None;
        let run = connection.run(&job.sql, &job.parameters, &mut |row| {
            self.take(job, row, said).map_err(|problem| {
                broken = Some(problem);
                CheckSqlError::Stopped
            })
        });
        match (broken, run) {
            (Some(problem), _) => Err(problem),
            (None, Err(error)) => Err(error.to_string()),
            (None, Ok(())) => Ok(()),
        }
    }

    fn take(&self, job: &Job, row: &CheckRow<'_>, said: &mut Said) -> Result<(), String> {
        let (keys, subject) = (self.keys(job), job.subject.word());
        let key = row.integer(0).ok_or_else(|| format!("a row has no {}", job.subject.key_column()))?;
        let place = keys.place(key).ok_or_else(|| format!("there is a row for {key}, which is no {subject}"))?;
        if said.marks[place] != 0 {
            return Err(format!("there are two rows for {subject} {key}"));
        }
        let word = row.text(1).unwrap_or_default();
        let plain = ResultWord::parse(word)
            .filter(|plain| *plain != ResultWord::Waived)
            .ok_or_else(|| format!("`{word}` is no result; use pass, fail, unknown, not-applicable or error"))?;
        if matches!(plain, ResultWord::Pass | ResultWord::NotApplicable) {
            said.marks[place] = Mark::of(plain, false) as u8;
            return Ok(());
        }
        let reason = row.text(2).ok_or_else(|| format!("a row with the result {word} has no reason"))?;
        let evidence = serde_json::to_string(&row.evidence(COLUMNS)).unwrap_or_default();
        let waiver = if job.has_waivers { self.waiver(job, plain, reason, key, said)? } else { None };
        let mark = Mark::of(plain, waiver.is_some());
        said.marks[place] = mark as u8;
        let of_token = job.subject == Subject::Token;
        let nothing = NOTHING_COLLECTS.into_iter().find(|code| *code == reason);
        if let Some(reason) = nothing.filter(|_| mark == Mark::Unknown && of_token) {
            let missing = row.named_text("missing").map(str::to_owned);
            let silence = Silence { source_key: keys.sources[place], reason, missing };
            said.silent.entry(silence).or_default().push(key);
            return Ok(());
        }
        if mark == Mark::Unknown {
            let group = UnknownGroup {
                check_id: job.check_id.clone(),
                source_key: keys.sources[place],
                reason: reason.to_owned(),
                missing: row.named_text("missing").map(str::to_owned),
                blanket: false,
            };
            said.unknowns.entry(group).or_default().add(1, &evidence);
        }
        let (result, plain_result) = mark.words();
        self.send(Message::Row(ResultRow {
            check_id: job.check_id.clone(),
            token_key: of_token.then_some(key),
            source_key: (!of_token).then_some(key),
            result: result.word(),
            plain_result: plain_result.word(),
            reason: reason.to_owned(),
            basis: row.text(3).unwrap_or("direct").to_owned(),
            evidence,
            waiver,
            blanket: false,
            count: 1,
        }));
        Ok(())
    }

    fn waiver(&self, job: &Job, plain: ResultWord, reason: &str, key: i64, said: &mut Said) -> Result<Option<String>, String> {
        if !matches!(plain, ResultWord::Fail | ResultWord::Unknown) {
            return Ok(None);
        }
        let attributes = match job.subject {
            Subject::Token => self.connections.plain.token_attributes(key),
            Subject::Source => self.connections.plain.source_attributes(key),
        };
        let subject = attributes.map_err(|error| error.to_string())?;
        for waiver in self.waive.naming(&job.check_id, plain, reason, &subject) {
            *said.named.entry(waiver).or_default() += 1;
        }
        Ok(self.waive.waiver(&job.check_id, plain, reason, &subject))
    }

    /// Every subject must have its row.
    fn complete(&self, job: &Job, said: &Said) -> Result<(), String> {
        let silent = |(source, mark): &(&i64, &u8)| **source > 0 && **mark == 0;
        let missing = self.keys(job).sources.iter().zip(&said.marks).filter(silent).count();
        let subject = job.subject.word();
        match missing {
            0 => Ok(()),
            1 => Err(format!("the check returns no row for one {subject}; return one for each row of {subject}")),
            _ => Err(format!("the check returns no row for {missing} {subject}s; return one for each row of {subject}")),
        }
    }

    /// Writes the unknowns that nothing collects: one blanket row for a source that has nothing else, else one row each.
    fn flush_silent(&self, job: &Job, said: &mut Said) {
        let mut judged: BTreeMap<i64, usize> = BTreeMap::new();
        for (source, mark) in self.keys(job).sources.iter().zip(&said.marks) {
            if *source > 0 && *mark != Mark::NotApplicable as u8 {
                *judged.entry(*source).or_default() += 1;
            }
        }
        let mut silent: BTreeMap<i64, usize> = BTreeMap::new();
        for (silence, tokens) in &said.silent {
            *silent.entry(silence.source_key).or_default() += tokens.len();
        }
        for (Silence { source_key: source, reason, missing }, tokens) in &said.silent {
            let evidence =
                missing.as_ref().map_or_else(|| "{}".to_owned(), |missing| serde_json::json!({ "missing": missing }).to_string());
            let row = |token_key: Option<i64>, blanket: bool, count: usize| ResultRow {
                check_id: job.check_id.clone(),
                token_key,
                source_key: Some(*source),
                result: ResultWord::Unknown.word(),
                plain_result: ResultWord::Unknown.word(),
                reason: (*reason).to_owned(),
                basis: "direct".to_owned(),
                evidence: evidence.clone(),
                waiver: None,
                blanket,
                count: u64::try_from(count).unwrap_or(u64::MAX),
            };
            let blanket = silent.get(source) == judged.get(source);
            let group = UnknownGroup {
                check_id: job.check_id.clone(),
                source_key: *source,
                reason: (*reason).to_owned(),
                missing: missing.clone(),
                blanket,
            };
            said.unknowns.entry(group).or_default().add(u64::try_from(tokens.len()).unwrap_or(u64::MAX), &evidence);
            if blanket {
                self.send(Message::Row(row(None, true, tokens.len())));
            } else {
                for token_key in tokens {
                    self.send(Message::Row(row(Some(*token_key), false, 1)));
                }
            }
        }
    }

    /// The tool could not evaluate, which says nothing about the subjects: one blanket error for the tokens of each source, or one
    /// error for each source.
    fn fail_everywhere(&self, job: &Job, problem: &str, said: &mut Said) {
        let mut subjects: BTreeMap<i64, u64> = BTreeMap::new();
        for (source, mark) in self.keys(job).sources.iter().zip(&mut said.marks) {
            if *source > 0 {
                *mark = Mark::Error as u8;
                *subjects.entry(*source).or_default() += 1;
            }
        }
        let evidence = serde_json::json!({ "problem": problem }).to_string();
        for (source, count) in subjects {
            self.send(Message::Row(ResultRow {
                check_id: job.check_id.clone(),
                token_key: None,
                source_key: Some(source),
                result: ResultWord::Error.word(),
                plain_result: ResultWord::Error.word(),
                reason: "not-evaluated".to_owned(),
                basis: "direct".to_owned(),
                evidence: evidence.clone(),
                waiver: None,
                blanket: job.subject == Subject::Token,
                count,
            }));
        }
    }

    /// Counts the check's results for each source and token; a token that does not exist yet is not-applicable.
    fn count(&mut self, job: &Job, said: &Said) {
        let mut counts: BTreeMap<i64, [u64; 7]> = BTreeMap::new();
        let subjects = self.subjects;
        let (keys, tallies) = match job.subject {
            Subject::Token => (&subjects.tokens, self.outcome.tokens.as_mut_slice()),
            // what is said of a file is said of none of its tokens
            Subject::Source => (&subjects.sources, <&mut [TokenTally]>::default()),
        };
        for (place, (source, code)) in keys.sources.iter().zip(&said.marks).enumerate() {
            if *source == 0 {
                continue;
            }
            let code = if *source < 0 { Mark::NotApplicable as u8 } else { *code };
            let Some(mark) = Mark::ALL.into_iter().find(|mark| *mark as u8 == code) else { continue };
            if let Some(tally) = tallies.get_mut(place) {
                tally.add(mark, job.severity);
            }
            counts.entry(source.abs()).or_default()[mark as usize - 1] += 1;
        }
        if job.subject == Subject::Token {
            for (provider, places) in &subjects.providers {
                let numbers = self.outcome.of_provider.entry((job.check_id.clone(), (*provider).to_owned())).or_default();
                for code in places.iter().filter_map(|place| said.marks.get(*place)).filter(|code| **code > 0) {
                    numbers[usize::from(*code) - 1] += 1;
                }
            }
        }
        for (source_key, numbers) in counts {
            for (mark, count) in Mark::ALL.into_iter().zip(numbers).filter(|(_, count)| *count > 0) {
                let (result, plain_result) = mark.words();
                self.outcome.counts.push(ResultCount {
                    check_id: job.check_id.clone(),
                    source_key,
                    result: result.word(),
                    plain_result: plain_result.word(),
                    count,
                });
            }
        }
    }

    /// The writer hears out every worker, so this fails only if the writer is gone and the run with it.
    fn send(&self, message: Message) {
        drop(self.sender.send(message));
    }
}

#[cfg(test)]
mod tests;
