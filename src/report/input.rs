//! What the store hands over for a report: facts as they were recorded, uncounted and in any order.
//!
//! [`super::build`] turns them into a [`super::Report`]. Nothing here knows where the facts come from.

use super::fail_condition::FailCondition;
use super::model::*;
use std::collections::BTreeMap;

/// Everything known about one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    pub branding: Branding,
    pub run: Run,
    pub policy: PolicyFacts,
    /// Tokens that exist at the as-of instant; those created later are not among them.
    pub tokens: u64,
    /// Tokens created after the as-of instant.
    pub not_yet_existing: u64,
    pub sources: Vec<Source>,
    pub skipped_files: Vec<SkippedFile>,
    /// Every check of the policy in catalogue order, also those that it leaves off.
    pub checks: Vec<CheckFacts>,
    /// Every finding, or at least the first [`super::build::FINDINGS_CUT`] fails by severity when there are more of them.
    pub findings: Vec<FindingRow>,
    /// How many findings the run has in all, a blanket entry counting once.
    pub findings_total: u64,
    /// Unknown results, grouped; independent of the cut of `findings`.
    pub unknowns: Vec<UnknownFacts>,
    /// Where to get a missing field, by source and field.
    pub supply_hints: BTreeMap<(String, String), String>,
    pub tallies: Vec<TokenTally>,
    /// At least the first [`LISTED_ROWS`] by source and line.
    pub rejected_rows: Vec<RejectedRow>,
    pub rejected_total: u64,
    /// At least the first [`LISTED_ROWS`] by provider, account, token id and field.
    pub contradictions: Vec<Contradiction>,
    pub contradictions_total: u64,
    pub waivers: Vec<WaiverSummary>,
    pub frameworks: Vec<FrameworkFacts>,
}

/// What the policy says about the run as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyFacts {
    /// `min_coverage_percent`, 0 to 100.
    pub minimum_coverage_percent: u32,
    /// `fail_run_on`, or what `--fail-on` puts in its place.
    pub fail_condition: FailCondition,
}

/// A check as its header and the policy describe it, and how often it gave each result.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckFacts {
    pub id: String,
    pub name: String,
    pub area: String,
    pub title: String,
    pub severity: Severity,
    pub subject: Subject,
    pub selected: bool,
    pub rationale: String,
    pub remediation: String,
    pub parameters: Vec<ParameterInForce>,
    /// `framework:control`, with `~` before the control for supporting.
    pub controls: Vec<String>,
    /// One entry for each source, result and plain result that occurs; every result is counted in exactly one.
    pub counts: Vec<CountFacts>,
    /// Results for the tokens of the providers that some framework is about.
    pub of_provider: BTreeMap<String, ResultCounts>,
}

/// How often a check gave one result for the tokens of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountFacts {
    pub source: String,
    pub result: ResultWord,
    /// The result behind a waiver; equal to `result` otherwise.
    pub plain_result: ResultWord,
    pub count: u64,
}

/// One result other than pass and not-applicable.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRow {
    pub check: String,
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
    pub plain_result: ResultWord,
    pub reason: String,
    pub basis: String,
    pub evidence: BTreeMap<String, serde_json::Value>,
    pub observed: String,
    pub required: String,
    pub limit: Option<Limit>,
    pub waiver: Option<String>,
    /// One entry for every token of a source (decisions, 30).
    pub blanket: bool,
    /// How many results it stands for.
    pub count: u64,
    /// Which file stated each field that the check looks at.
    pub value_sources: BTreeMap<String, String>,
}

/// Unknown results of one check that share source and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFacts {
    pub check: String,
    pub source: String,
    pub reason: String,
    /// The reason in words; if empty, it is spelled from the code.
    pub text: String,
    /// Fields whose absence made them unknown; empty if the reason is another.
    pub missing: Vec<String>,
    pub blanket: bool,
    pub count: u64,
}

impl UnknownFacts {
    /// Groups the unknown results among findings. Only for runs whose findings are all at hand; a large run groups in the store.
    pub fn of_findings(rows: &[FindingRow]) -> Vec<UnknownFacts> {
        let mut groups: BTreeMap<(&str, &str, &str, Vec<String>, bool), u64> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.result == ResultWord::Unknown) {
            let missing = row.evidence.get("missing").map(missing_fields).unwrap_or_default();
            *groups.entry((&row.check, &row.source, &row.reason, missing, row.blanket)).or_default() += row.count;
        }
        groups
            .into_iter()
            .map(|((check, source, reason, missing, blanket), count)| UnknownFacts {
                check: check.to_owned(),
                source: source.to_owned(),
                reason: reason.to_owned(),
                text: String::new(),
                missing,
                blanket,
                count,
            })
            .collect()
    }
}

/// The field names of an evidence value `missing`: a list, or names separated by commas, semicolons or blanks.
pub fn missing_fields(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Array(items) => items.iter().flat_map(missing_fields).collect(),
        serde_json::Value::String(text) => match serde_json::from_str::<Vec<String>>(text) {
            Ok(names) => names,
            Err(_) => text
                .split(|c: char| c == ',' || c == ';' || c.is_whitespace())
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
        },
        _ => Vec::new(),
    }
}

/// Tokens that share provider, account, owner and environment, and their results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenTally {
    pub provider: Option<String>,
    pub account: Option<String>,
    pub owner: Option<String>,
    pub environment: Option<String>,
    pub tokens: u64,
    /// Each token once, by the strongest of its results (catalogue 1.1).
    pub tokens_by_result: ResultCounts,
    /// Every result of these tokens.
    pub results: ResultCounts,
    /// Fails by severity, critical first.
    pub fails_by_severity: [u64; 4],
    /// Weights of the passes over weights of everything but not-applicable.
    pub weighted: Fraction,
}

/// A framework whose controls the report shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameworkFacts {
    pub id: String,
    pub name: String,
    pub version: String,
    /// The provider that it is about.
    pub provider: Option<String>,
    /// What a reader must know beside the whole framework.
    pub note: Option<String>,
    /// In the order of the framework.
    pub controls: Vec<ControlFacts>,
}

/// One control of a framework, as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlFacts {
    pub id: String,
    pub title: String,
    /// What a reader must know beside this control.
    pub note: Option<String>,
    /// What a reader must know if the policy leaves a check off, by its id.
    pub notes_when_off: BTreeMap<String, String>,
}
