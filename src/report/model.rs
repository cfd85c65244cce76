//! The types of a finished report. Field order is reading order.

pub use crate::as_of::Period;
pub use crate::checks::result::{ResultWord, Severity, Subject};
use std::collections::BTreeMap;

/// UTC seconds since 1970-01-01T00:00:00Z.
pub type Seconds = i64;

/// A finished report of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub branding: Branding,
    pub run: Run,
    pub summary: Summary,
    /// One entry per input file, inventories first, then registers; sorted by name.
    pub sources: Vec<Source>,
    /// Files of an inventory folder that nothing recognised.
    pub skipped_files: Vec<SkippedFile>,
    /// One entry per check of the policy, in catalogue order; checks that the policy leaves off come last.
    pub checks: Vec<CheckSummary>,
    /// Every result other than pass and not-applicable up to the cut (decisions, 30): by severity, then result
    /// (fail, error, unknown, waived), check, provider, account, token id.
    pub findings: Vec<Finding>,
    /// How many findings there are in all; more than `findings` holds when the cut applied.
    pub findings_total: u64,
    /// Where all rows are, when `findings` was cut.
    pub findings_file: Option<String>,
    /// What could not be judged: unknown results by check, source and reason, most first.
    pub unknown_groups: Vec<UnknownGroup>,
    /// Which missing fields of which source would remove the most unknowns (decisions, 33), most first.
    pub supply_next: Vec<SupplyNext>,
    /// Tokens and results by owner: tokens without an owner first, then most fails first.
    pub owners: Vec<OwnerSummary>,
    /// Tokens and results by provider and account, sorted by name.
    pub providers: Vec<ProviderSummary>,
    /// The same by provider alone, by name.
    pub provider_totals: Vec<GroupSummary>,
    /// Tokens and results by environment: tokens without one first, then by name.
    pub environments: Vec<GroupSummary>,
    /// Results by area of the checks, in catalogue order.
    pub areas: Vec<GroupSummary>,
    /// Rows that could not be used, by source and line, up to [`LISTED_ROWS`].
    pub rejected_rows: Vec<RejectedRow>,
    pub rejected_total: u64,
    /// Two sources that state different values for one field of one token, up to [`LISTED_ROWS`].
    pub contradictions: Vec<Contradiction>,
    pub contradictions_total: u64,
    pub waivers: Vec<WaiverSummary>,
    pub frameworks: Vec<FrameworkSummary>,
    /// How the figures came about, each a heading and a paragraph; the same words in every output.
    pub method: Vec<MethodNote>,
}

/// How many rejected rows or contradictions a report lists before it points to the database.
pub const LISTED_ROWS: usize = 200;

/// Whose report it is, from `countersign.toml`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Branding {
    pub organisation: Option<String>,
    /// Printed at the head of every page, for example "Confidential".
    pub classification: Option<String>,
    pub prepared_by: Option<String>,
    pub page: PageSize,
    /// BCP 47 language of the document; the words are English now.
    pub language: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageSize {
    #[default]
    A4,
    Letter,
}

/// Which run this is and what it was measured against.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// First 16 hex digits of the digest of everything that decided the results (decisions, 4).
    pub id: String,
    /// All ages are measured to this instant.
    pub as_of: Seconds,
    /// Where the instant came from, in words: "--as-of", "end of period 2026-Q3", "SOURCE_DATE_EPOCH", "clock at start".
    pub as_of_origin: String,
    pub period: Option<Period>,
    pub tool_version: String,
    pub policy: PolicyRef,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRef {
    pub name: String,
    pub title: String,
    /// SHA-256 (hex) of the policy in force, after overrides.
    pub digest: String,
    /// The profile that it extends; none for a profile itself.
    pub profile: Option<String>,
    /// Where it asks for less than that profile, a sentence each.
    pub relaxed: Vec<String>,
}

/// The figures of page 2.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Tokens that exist at the as-of instant.
    pub tokens: u64,
    /// Tokens created after the as-of instant: counted here and not in `tokens`, judged by no check.
    pub not_yet_existing: u64,
    /// Each token once, by the strongest of its results (catalogue 1.1).
    pub tokens_by_result: ResultCounts,
    /// Every result of every check.
    pub results: ResultCounts,
    /// Results by severity of their check, critical first.
    pub by_severity: Vec<SeverityCounts>,
    pub score: Score,
    pub coverage: Coverage,
    pub verdict: Verdict,
    /// Why the run says what it says, one sentence.
    pub verdict_sentence: String,
    /// What keeps the run from being complete: unread files, unfollowed pages, coverage below the minimum. Empty if nothing does.
    pub incomplete_because: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Error,
    Findings,
    NotEnoughEvidence,
    NoApplicableResults,
    NoFindings,
}

/// Numbers of results by word. The words are those of the catalogue, section 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResultCounts {
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub not_applicable: u64,
    /// Waived results whose plain result is fail.
    pub waived_fail: u64,
    /// Waived results whose plain result is unknown.
    pub waived_unknown: u64,
    pub error: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeverityCounts {
    pub severity: Severity,
    pub results: ResultCounts,
}

/// An exact share of a whole; nothing is rounded until it is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fraction {
    pub numerator: u64,
    pub denominator: u64,
}

/// Catalogue 1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    pub compliance: Fraction,
    /// The share of results that rest on evidence.
    pub coverage: Fraction,
    /// What compliance could become once the missing evidence is in, at most.
    pub possible: Fraction,
    pub accepted_risk: Fraction,
    /// Pass and waived together; shown beside compliance and never in its place.
    pub with_accepted_risk: Fraction,
    pub weighted: Fraction,
}

/// Evidence coverage against the policy's minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    pub fraction: Fraction,
    pub minimum_percent: u32,
    pub sufficient: bool,
}

/// One input file.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The file's name without folders outside the inventory, or `-` for standard input.
    pub name: String,
    /// The format's id, for example `aws-iam-credential-report`.
    pub format: String,
    pub format_title: String,
    pub role: SourceRole,
    /// SHA-256 of the file's bytes, hex.
    pub sha256: String,
    pub exported_at: Option<Seconds>,
    /// Where `exported_at` came from: `content`, `settings`, `name`; none when there is no date.
    pub exported_at_basis: Option<String>,
    /// Whole days from the export to the as-of instant; 0 for one made later.
    pub age_days: Option<u64>,
    pub rows: RowCounts,
    pub paging: Paging,
    /// The file ends with the sign of a page that it does not hold.
    pub further_pages: bool,
    /// Fields for which an empty value means none, by declaration.
    pub declared_complete: Vec<String>,
    /// Fields that the source states.
    pub collected: Vec<String>,
    /// Fields of the record that it does not state.
    pub not_collected: Vec<String>,
    /// Those of them that some selected check looks at.
    pub needed: Vec<String>,
    /// Fields that held secrets, or parts of them, and were dropped before anything read them.
    pub dropped_fields: Vec<String>,
    /// What is declared of a register; none for an inventory.
    pub register: Option<RegisterScope>,
    /// What is wrong with the source, in sentences.
    pub problems: Vec<String>,
}

/// Whom a register lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterScope {
    /// Whoever is not on it does not exist.
    pub complete: bool,
    /// Those who left are on it.
    pub includes_leavers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceRole {
    Inventory,
    People,
    Purposes,
    Accounts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowCounts {
    /// What the export itself says it holds, if it does.
    pub declared: Option<u64>,
    /// Rows that the file holds, whatever became of them: rejected, skipped, duplicate and superseded ones are among them.
    pub read: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Rows that are no token, such as passwords or empty key slots.
    pub skipped: u64,
    pub duplicate: u64,
    pub superseded: u64,
    /// Rows that state a token which a newer file of the same export does not list. They count; somebody should ask why.
    pub not_in_newer: u64,
    pub contradictions: u64,
    /// Tokens or register entries that came out of the rows.
    pub records: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    Complete,
    Incomplete,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedFile {
    pub name: String,
    pub reason: String,
}

/// One check of the policy and its results.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckSummary {
    /// For example `ROT-001`.
    pub id: String,
    /// For example `rotation-age`.
    pub name: String,
    /// For example `rotation`.
    pub area: String,
    pub title: String,
    pub severity: Severity,
    /// Results of a check of sources are in every figure but those by token, owner and provider.
    pub subject: Subject,
    /// False for a check that the policy leaves off; it has no results then.
    pub selected: bool,
    pub rationale: String,
    pub remediation: String,
    /// Parameters in force, in the order of the header.
    pub parameters: Vec<ParameterInForce>,
    /// `framework:control`, with `~` before the control for supporting.
    pub controls: Vec<String>,
    pub results: ResultCounts,
    pub score: Score,
}

/// The results of one area, provider or environment.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSummary {
    /// None for tokens without an environment on record.
    pub name: Option<String>,
    /// None for an area, whose checks look at the same tokens as those of others.
    pub tokens: Option<u64>,
    pub results: ResultCounts,
    pub score: Score,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ParameterInForce {
    pub name: String,
    /// As JSON, for machines.
    pub value: serde_json::Value,
    /// With its boundary and overrides, for people: "90 days, over; 60 for sensitivity high".
    pub text: String,
    /// Looser than the profile's own value.
    pub relaxed: bool,
}

/// One result that needs attention, or a blanket entry that stands for many (decisions, 30).
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub check: String,
    /// The check's title.
    pub title: String,
    pub severity: Severity,
    pub subject: Subject,
    /// Names of the source files that list the subject.
    pub source: String,
    pub provider: Option<String>,
    pub account: Option<String>,
    pub token_id: Option<String>,
    pub name: Option<String>,
    pub owner: Option<String>,
    pub environment: Option<String>,
    pub result: ResultWord,
    /// The plain result behind a waiver.
    pub plain_result: ResultWord,
    /// Reason code, for example `too-old`.
    pub reason: String,
    /// `direct`, `bound`, `name-based`, `provider-fact`.
    pub basis: String,
    /// The values that decided, by column name; instants as RFC 3339 text.
    pub evidence: BTreeMap<String, serde_json::Value>,
    /// What was seen, in a sentence.
    pub observed: String,
    /// What the policy asks for, in a sentence.
    pub required: String,
    /// The limit that applied and which override gave it, if the check has one.
    pub limit: Option<Limit>,
    pub remediation: String,
    /// The waiver that covers it.
    pub waiver: Option<String>,
    /// True for one entry that stands for every token of a source.
    pub blanket: bool,
    /// How many results this entry stands for; 1 unless blanket.
    pub count: u64,
    /// Which file stated each field that the check looks at, by field; of fields that some file states.
    pub value_sources: BTreeMap<String, String>,
    /// A limit or list of the check is looser than that of the profile which the policy extends.
    pub relaxed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    pub value: serde_json::Value,
    /// `default`, or the override that gave it: "sensitivity high".
    pub origin: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct UnknownGroup {
    pub check: String,
    pub title: String,
    pub source: String,
    pub reason: String,
    /// The reason in words.
    pub text: String,
    pub count: u64,
    /// Every result of the check for this source is unknown for this reason.
    pub blanket: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SupplyNext {
    pub source: String,
    pub field: String,
    /// Unknown results that lack this field.
    pub unknowns: u64,
    /// Those of them that lack nothing else, which the field alone would decide.
    pub decides: u64,
    /// Where to get it.
    pub hint: Option<String>,
    pub checks: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OwnerSummary {
    /// None for tokens without an owner on record.
    pub owner: Option<String>,
    pub tokens: u64,
    pub results: ResultCounts,
    /// Fails by severity, critical first.
    pub fails_by_severity: [u64; 4],
    pub score: Score,
}

/// One account of a provider.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderSummary {
    pub provider: String,
    pub account: String,
    pub tokens: u64,
    pub tokens_by_result: ResultCounts,
    pub results: ResultCounts,
    pub score: Score,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    pub source: String,
    /// Line of the file, or number of the array element; counted from 1.
    pub line: u64,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    pub provider: String,
    pub account: String,
    pub token_id: String,
    pub field: String,
    /// The value that was used, and the source that stated it.
    pub used: String,
    pub used_source: String,
    pub other: String,
    pub other_source: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WaiverSummary {
    pub id: String,
    pub check: String,
    pub selector: String,
    pub reason: String,
    pub owner: String,
    pub approver: String,
    /// UTC dates as written, `YYYY-MM-DD`.
    pub approved_at: String,
    pub valid_through: String,
    pub ticket: Option<String>,
    /// `not-yet`, `active`, `ending`, `expired`, `unused`, `invalid` (decisions, 28).
    pub status: String,
    /// Why it is invalid or what to do about it.
    pub note: Option<String>,
    /// Fails, and unknowns where it covers them, of its check and subject, whether it is in force or not.
    pub matched: u64,
    /// Those of them that it relabelled. Fewer where it is not in force or another waiver that ends later covers them too.
    pub relabelled: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FrameworkSummary {
    pub id: String,
    pub name: String,
    pub version: String,
    /// The provider that it is about; results for tokens of others only support its controls.
    pub provider: Option<String>,
    /// What a reader must know beside the whole framework.
    pub note: Option<String>,
    pub controls: Vec<ControlSummary>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ControlSummary {
    pub id: String,
    pub title: String,
    /// Ids of the checks that look at it; `~` before those that only support it.
    pub checks: Vec<String>,
    /// Those that the policy leaves off, spelled alike.
    pub checks_off: Vec<String>,
    pub results: ResultCounts,
    /// Those of `results` that are about tokens of the framework's provider; none for a framework about all.
    pub of_provider: Option<ResultCounts>,
    pub score: Score,
    /// `findings`, `tool error`, `evidence gap`, `accepted risk`, `no findings`, `not assessed` (catalogue 1.1).
    pub status: String,
    /// What a reader must know beside this control.
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodNote {
    pub heading: String,
    pub text: String,
}
