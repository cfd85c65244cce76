//! Reads one input of a known format, from its bytes to finished records.
//!
//! ```no_run
//! # use countersign::inventory::{detect, formats::FORMATS, input, read, registry::Registry, format::SourceContext};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mut sink = read::Collected::default();
//! for input in input::find(&["exports".into()])?.inputs {
//!     let detected = detect::detect(&input, FORMATS, None)?;
//!     let context = SourceContext { name: input.name.clone(), as_of: 1_781_524_800, ..SourceContext::default() };
//!     let source = read::Source { input: &input, detected: &detected, context: &context, exported_at: None, registry: Registry::built_in() };
//!     let facts = read::read(&source, &mut sink)?;
//! }
//! # Ok(()) }
//! ```
//!
//! Records reach the sink on the caller's thread while further rows are read and parsed on another one; a sink that wants to
//! work beside the reading sends them on through a channel. A record in which a field is [`State::NotCollected`] although
//! [`SourceFacts::collected`] names it is from a JSON file that has the key elsewhere: there it is empty (decisions, 11).
//!
//! [`State::NotCollected`]: super::record::State::NotCollected

use super::detect::Detected;
use super::exported_at::ExportedAt;
use super::field::{FIELDS, Field};
use super::finish::{Finish, Tolerance};
use super::format::{
    Account, Adapter, Layout, Paging, Person, Purpose, Records, Role, Row, Sink, SourceContext, Standing, TableRow,
};
use super::guard::{Door, Guard, SECRET_FIELD};
use super::input::{Damage, Input, InputError};
use super::json::{self, JsonSink, Where};
use super::parquet::{self, ParquetError};
use super::record::{Problem, Record, State};
use super::registry::Registry;
use super::table::{self, TableError, TableSink};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::thread;

/// Sentences about a source that are kept; a hostile file could make any number.
const MOST_PROBLEMS: usize = 100;

/// Why a source could not be read. Records that reached the sink before are not to be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("cannot read inventory `{name}`")]
    Table { name: String, source: TableError },
    #[error("cannot read inventory `{name}`")]
    Json { name: String, source: io::Error },
    #[error("cannot read inventory `{name}`")]
    Parquet { name: String, source: ParquetError },
}

/// What to read.
pub struct Source<'a> {
    pub input: &'a Input,
    pub detected: &'a Detected<'a>,
    pub context: &'a SourceContext,
    /// `[[source]] exported_at`, UTC seconds.
    pub exported_at: Option<i64>,
    pub registry: &'a Registry,
}

/// Whether a file holds all that the export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    Complete,
    /// A further page exists, fewer records are there than declared, or the file was cut.
    Incomplete,
    Unknown,
}

impl Completeness {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Completeness::Complete => "complete",
            Completeness::Incomplete => "incomplete",
            Completeness::Unknown => "unknown",
        }
    }
}

/// What is known of a source once it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFacts {
    pub name: String,
    pub format: &'static str,
    pub role: Role,
    pub standing: Standing,
    pub sha256: String,
    pub exported_at: ExportedAt,
    /// How many records the export says there are.
    pub declared: Option<u64>,
    /// Sound rows or JSON elements.
    pub rows: u64,
    /// Records or register entries that came out of them; a row can hold several tokens, or none.
    pub records: u64,
    pub rejected: u64,
    pub skipped: u64,
    pub paging: Completeness,
    /// True if the file ends with the sign of a page that it does not hold.
    pub further_pages: bool,
    /// Fields that held secrets and were dropped before anything read them.
    pub dropped_fields: Vec<String>,
    /// Fields that the source collects, in the order of the table.
    pub collected: Vec<Field>,
    /// What is wrong with the source as a whole, in sentences.
    pub problems: Vec<String>,
}

/// Reads the whole source. `sink` gets finished records, rejects and skips; [`Sink::problem`] is not called, because the
/// sentences are in the facts.
pub fn read(source: &Source<'_>, sink: &mut dyn Sink) -> Result<SourceFacts, ReadError> {
    thread::scope(|scope| {
        let digest = scope.spawn(|| source.input.digest());
        let facts = read_rows(source, sink)?;
        let sha256 = match digest.join() {
            Ok(digest) => digest?,
            Err(_) => source.input.digest()?,
        };
        Ok(SourceFacts { sha256, ..facts })
    })
}

fn read_rows(source: &Source<'_>, sink: &mut dyn Sink) -> Result<SourceFacts, ReadError> {
    let Source { input, detected, context, .. } = *source;
    let format = detected.format;
    let exported_at = ExportedAt::of(format.exported_at(&detected.sight), source.exported_at, &input.name).judged(context.as_of);
    let context = &SourceContext { exported_at: exported_at.seconds(), ..context.clone() };
    let finishing = Finishing {
        finish: Finish {
            guard: Guard::built_in(),
            registry: source.registry,
            tolerance: Tolerance::new(context.as_of, exported_at.seconds()),
            cells: matches!(format.layout(), Layout::Table | Layout::Parquet),
            collected: format.collects().unwrap_or_default(),
            provider: context.provider.as_deref(),
            account: context.account.as_deref(),
        },
        sink,
        rows: 0,
        records: 0,
        rejected: 0,
        skipped: 0,
        problems: Vec::new(),
        cut_here: Vec::new(),
        in_row: false,
        cut_before: BTreeMap::new(),
        cut_told: BTreeSet::new(),
        stated: BTreeSet::new(),
    };
    let mut pump = Pump {
        adapter: format.open(context),
        door: Door::new(format.secret_fields()),
        out: finishing,
        pages: Pages::default(),
        cut: false,
    };
    match format.layout() {
        Layout::Table => {
            let opened = input.open()?;
            table::read(opened, &mut pump).map_err(|source| ReadError::Table { name: input.name.clone(), source })?;
        }
        Layout::Parquet => match parquet::read(input, &mut pump) {
            Ok(()) => {}
            // What came before the damage is sound.
            Err(ParquetError::Unsound { row, .. } | ParquetError::GaveUp { row }) if pump.out.rows > 0 => {
                TableSink::reject(&mut pump, row, "the file is damaged from here on".to_owned());
                pump.cut = true;
            }
            Err(source) => return Err(ReadError::Parquet { name: input.name.clone(), source }),
        },
        Layout::Json(records) => {
            let place = match (format.records_path(), records) {
                (Some(path), _) => Where::at(path),
                (None, Records::Under(path)) if detected.sight.stands_alone(path) => {
                    pump.out.problem(ALONE.to_owned());
                    Where::Top
                }
                (None, Records::Under(path)) => Where::at(path),
                (None, Records::Array | Records::Documents) => Where::Top,
            };
            json::read(input.open()?, &place, &mut pump)
                .map_err(|source| ReadError::Json { name: input.name.clone(), source })?;
        }
    }
    let Pump { mut adapter, door, mut out, pages, cut } = pump;
    adapter.finish(&mut out);
    // A secret in a file is the first thing to know of it, and is told whatever else there is.
    out.problems.splice(0..0, door.sentences());
    let dropped_fields = door.dropped_fields();
    for (line, cuts) in std::mem::take(&mut out.cut_before) {
        if !out.cut_told.contains(&line) {
            out.tell_cuts(line, cuts);
        }
    }
    let elements = out.rows + out.rejected;
    // What only newer versions of an export state is collected where some record has it.
    let collected = match format.collects() {
        None => adapter.collected(),
        Some(always) => {
            FIELDS.iter().map(|spec| spec.field).filter(|field| always.contains(field) || out.stated.contains(field)).collect()
        }
    };
    Ok(SourceFacts {
        name: input.name.clone(),
        format: format.id(),
        role: format.role(),
        standing: format.standing(),
        sha256: String::new(),
        exported_at,
        declared: pages.declared,
        rows: out.rows,
        records: out.records,
        rejected: out.rejected,
        skipped: out.skipped,
        paging: pages.completeness(elements, cut),
        further_pages: pages.more && !pages.last_is_here,
        dropped_fields,
        collected,
        problems: out.problems,
    })
}

/// What the pages of a file say together. Of joined pages the last one tells, wherever it stands.
#[derive(Debug, Default)]
struct Pages {
    /// The highest number of records that one of them states.
    declared: Option<u64>,
    /// One says that a further page follows.
    more: bool,
    /// One says that it is the last.
    last_is_here: bool,
}

impl Pages {
    fn add(&mut self, page: Paging) {
        self.declared = self.declared.max(page.declared);
        self.more |= page.more == Some(true);
        self.last_is_here |= page.more == Some(false);
    }

    fn completeness(&self, elements: u64, cut: bool) -> Completeness {
        let fewer = self.declared.is_some_and(|declared| declared > elements);
        if cut || fewer || (self.more && !self.last_is_here) {
            Completeness::Incomplete
        } else if self.last_is_here || self.declared.is_some() {
            Completeness::Complete
        } else {
            Completeness::Unknown
        }
    }
}

/// Moves rows from a reader through the adapter.
struct Pump<'a> {
    adapter: Box<dyn Adapter + 'a>,
    door: Door,
    out: Finishing<'a>,
    pages: Pages,
    cut: bool,
}

/// Told of records that somebody took out of the answer that they came in.
const ALONE: &str = "the records stand without the answer that they came in, so it cannot be told whether further pages exist";

impl Pump<'_> {
    /// One row through the adapter, which never sees what was cut out of it.
    fn row(&mut self, row: Row<'_>, cuts: Vec<Problem>) {
        self.out.rows += 1;
        let records = self.out.records;
        self.out.in_row = true;
        self.out.cut_here = cuts;
        self.adapter.row(row, &mut self.out);
        let cuts = std::mem::take(&mut self.out.cut_here);
        if !cuts.is_empty() && self.out.records == records {
            let line = match row {
                Row::Table(row) => row.line,
                Row::Json { line, .. } => line,
            };
            self.out.cut_before.entry(line).or_default().extend(cuts);
        }
        self.out.in_row = false;
    }
}

impl TableSink for Pump<'_> {
    fn header(&mut self, header: &[String]) {
        self.adapter.header(self.door.header(header), &mut self.out);
    }

    fn row(&mut self, row: TableRow<'_>) {
        match self.door.cells(row.cells) {
            None => Pump::row(self, Row::Table(row), Vec::new()),
            Some((cells, cuts)) => {
                let header = self.door.clean_header().to_vec();
                let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
                Pump::row(self, Row::Table(TableRow { line: row.line, header: &header, cells: &cells }), cuts);
            }
        }
    }

    fn reject(&mut self, line: u64, reason: String) {
        self.out.reject(line, reason);
    }

    fn cut(&mut self) {
        self.out.problem(Damage.to_string());
        self.cut = true;
    }
}

impl JsonSink for Pump<'_> {
    fn element(&mut self, line: u64, number: u64, element: &Json) {
        match self.door.element(element) {
            None => Pump::row(self, Row::Json { line, number, element }, Vec::new()),
            Some((element, cuts)) => Pump::row(self, Row::Json { line, number, element: &element }, cuts),
        }
    }

    fn reject(&mut self, line: u64, reason: String) {
        self.out.reject(line, reason);
    }

    fn page(&mut self, envelope: &Map<String, Json>) {
        let cut = self.door.envelope(envelope);
        let paging = self.adapter.envelope(cut.as_ref().unwrap_or(envelope), &mut self.out);
        self.pages.add(paging);
    }

    fn problem(&mut self, sentence: String) {
        self.out.problem(sentence);
    }

    fn cut(&mut self) {
        self.cut = true;
    }
}

/// Finishes what an adapter hands over, and counts.
struct Finishing<'a> {
    finish: Finish<'a>,
    sink: &'a mut dyn Sink,
    rows: u64,
    records: u64,
    rejected: u64,
    skipped: u64,
    problems: Vec<String>,
    /// What was cut out of the row that the adapter is reading.
    cut_here: Vec<Problem>,
    in_row: bool,
    /// What was cut out of rows that the adapter keeps to the end of the page or file, by line.
    cut_before: BTreeMap<u64, Vec<Problem>>,
    /// Lines of those that a record carries.
    cut_told: BTreeSet<u64>,
    /// Fields of which some record says something.
    stated: BTreeSet<Field>,
}

impl Finishing<'_> {
    /// Of a register, whose entries carry no problems of their own.
    fn tell_all_cuts(&mut self, line: u64, cuts: Vec<Problem>) {
        let mut all = self.cut_here.clone();
        all.extend(self.cut_before.remove(&line).unwrap_or_default());
        all.extend(cuts);
        self.tell_cuts(line, all);
    }

    /// Of secret fields the door tells by itself.
    fn tell_cuts(&mut self, line: u64, cuts: Vec<Problem>) {
        for cut in cuts.into_iter().filter(|cut| !cut.text.starts_with(SECRET_FIELD)) {
            self.problem(format!("line {line}: `{}` held what looks like a secret, which was cut ({})", cut.field, cut.text));
        }
    }
}

impl Sink for Finishing<'_> {
    fn token(&mut self, mut record: Record) {
        self.records += 1;
        self.finish.record(&mut record);
        let stated = FIELDS.iter().map(|spec| spec.field).filter(|field| record.get(*field).state != State::NotCollected);
        self.stated.extend(stated);
        record.problems.extend(self.cut_here.iter().cloned());
        if !self.in_row
            && let Some(cuts) = self.cut_before.get(&record.line)
        {
            record.problems.extend(cuts.iter().cloned());
            self.cut_told.insert(record.line);
        }
        self.sink.token(record);
    }

    fn person(&mut self, mut person: Person) {
        self.records += 1;
        let cuts = self.finish.person(&mut person);
        self.tell_all_cuts(person.line, cuts);
        self.sink.person(person);
    }

    fn purpose(&mut self, mut purpose: Purpose) {
        self.records += 1;
        let cuts = self.finish.purpose(&mut purpose);
        self.tell_all_cuts(purpose.line, cuts);
        self.sink.purpose(purpose);
    }

    fn account(&mut self, mut account: Account) {
        self.records += 1;
        let cuts = self.finish.account(&mut account);
        self.tell_all_cuts(account.line, cuts);
        self.sink.account(account);
    }

    fn reject(&mut self, line: u64, reason: String) {
        self.rejected += 1;
        let reason = self.finish.guard.clean_text(&reason).into_owned();
        self.sink.reject(line, reason);
    }

    fn skip(&mut self, line: u64, reason: &'static str) {
        self.skipped += 1;
        self.sink.skip(line, reason);
    }

    fn problem(&mut self, sentence: String) {
        let sentence = self.finish.guard.clean_text(&sentence).into_owned();
        if self.problems.len() < MOST_PROBLEMS && !self.problems.contains(&sentence) {
            self.problems.push(sentence);
        }
    }
}

/// A sink that keeps everything, for `inspect` and for tests; an audit streams instead.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collected {
    pub tokens: Vec<Record>,
    pub people: Vec<Person>,
    pub purposes: Vec<Purpose>,
    pub accounts: Vec<Account>,
    /// Line and reason.
    pub rejected: Vec<(u64, String)>,
    /// Line and reason.
    pub skipped: Vec<(u64, &'static str)>,
}

impl Sink for Collected {
    fn token(&mut self, record: Record) {
        self.tokens.push(record);
    }

    fn person(&mut self, person: Person) {
        self.people.push(person);
    }

    fn purpose(&mut self, purpose: Purpose) {
        self.purposes.push(purpose);
    }

    fn account(&mut self, account: Account) {
        self.accounts.push(account);
    }

    fn reject(&mut self, line: u64, reason: String) {
        self.rejected.push((line, reason));
    }

    fn skip(&mut self, line: u64, reason: &'static str) {
        self.skipped.push((line, reason));
    }

    /// Never called: see [`read`].
    fn problem(&mut self, _sentence: String) {}
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
