//! The types of `countersign/report/v1`. A key is never renamed or removed here, only added; anything else is a `v2`.

mod spell;

use crate::report;
use serde::Serialize;
use std::collections::BTreeMap;

pub const SCHEMA: &str = "countersign/report/v1";

#[derive(Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    run: Run<'a>,
    branding: Branding<'a>,
    sources: Vec<Source<'a>>,
    skipped_files: Vec<SkippedFile<'a>>,
    summary: Summary<'a>,
    checks: Vec<Check<'a>>,
    findings_total: u64,
    findings_file: Option<&'a str>,
    findings: Findings<'a>,
    unknown_groups: Vec<UnknownGroup<'a>>,
    supply_next: Vec<SupplyNext<'a>>,
    owners: Vec<Owner<'a>>,
    providers: Vec<Provider<'a>>,
    provider_totals: Vec<Group<'a>>,
    environments: Vec<Group<'a>>,
    areas: Vec<Group<'a>>,
    rejected_rows_total: u64,
    rejected_rows: Vec<RejectedRow<'a>>,
    contradictions_total: u64,
    contradictions: Vec<Contradiction<'a>>,
    waivers: Vec<Waiver<'a>>,
    frameworks: Vec<Framework<'a>>,
    method: Vec<MethodNote<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    as_of: String,
    as_of_origin: &'a str,
    period: Option<&'a str>,
    period_from: Option<String>,
    period_to: Option<String>,
    tool_version: &'a str,
    policy: Policy<'a>,
}

#[derive(Serialize)]
struct Policy<'a> {
    name: &'a str,
    title: &'a str,
    digest: &'a str,
    profile: Option<&'a str>,
    relaxed: &'a [String],
}

#[derive(Serialize)]
struct Branding<'a> {
    organisation: Option<&'a str>,
    classification: Option<&'a str>,
    prepared_by: Option<&'a str>,
    language: &'a str,
}

#[derive(Serialize)]
struct Source<'a> {
    name: &'a str,
    role: &'static str,
    format: &'a str,
    format_title: &'a str,
    sha256: &'a str,
    exported_at: Option<String>,
    exported_at_basis: Option<&'a str>,
    age_days: Option<u64>,
    rows: Rows,
    paging: &'static str,
    further_pages: bool,
    declared_complete: &'a [String],
    collected: &'a [String],
    not_collected: &'a [String],
    #[serde(rename = "needed_not_collected")]
    needed: &'a [String],
    dropped_fields: &'a [String],
    register: Option<Register>,
    problems: &'a [String],
}

#[derive(Serialize)]
struct Rows {
    declared: Option<u64>,
    read: u64,
    rejected: u64,
    skipped: u64,
    duplicate: u64,
    superseded: u64,
    not_in_newer: u64,
    contradictions: u64,
    records: u64,
}

#[derive(Serialize)]
struct Register {
    complete: bool,
    includes_leavers: bool,
}

#[derive(Serialize)]
struct SkippedFile<'a> {
    name: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct Summary<'a> {
    tokens: u64,
    not_yet_existing: u64,
    tokens_by_result: Results,
    results: Results,
    compliance: Share,
    coverage: Coverage,
    possible: Share,
    accepted_risk: Share,
    with_accepted_risk: Share,
    weighted: Share,
    by_severity: BySeverity<'a>,
    verdict: &'static str,
    verdict_sentence: &'a str,
    incomplete_because: &'a [String],
}

/// Numbers of results by word. `waived_unknown` tells how many of `waived` are unknown behind the waiver.
#[derive(Serialize)]
struct Results {
    pass: u64,
    fail: u64,
    unknown: u64,
    not_applicable: u64,
    waived: u64,
    waived_unknown: u64,
    error: u64,
}

/// A share of a whole; `percent` is cut to one decimal, or null if there is no whole.
#[derive(Serialize)]
struct Share {
    numerator: u64,
    denominator: u64,
    percent: Option<f64>,
}

#[derive(Serialize)]
struct Coverage {
    #[serde(flatten)]
    share: Share,
    minimum_percent: u32,
    sufficient: bool,
}

/// An object with a key for each severity, critical first.
struct BySeverity<'a>(&'a [report::SeverityCounts]);

#[derive(Serialize)]
struct Check<'a> {
    id: &'a str,
    name: &'a str,
    area: &'a str,
    title: &'a str,
    severity: &'static str,
    subject: &'static str,
    selected: bool,
    rationale: &'a str,
    remediation: &'a str,
    parameters: Parameters<'a>,
    controls: &'a [String],
    results: Results,
    #[serde(flatten)]
    score: Score,
}

/// The figures of any set of results.
#[derive(Serialize)]
struct Score {
    compliance: Share,
    coverage: Share,
    possible: Share,
    accepted_risk: Share,
    with_accepted_risk: Share,
    weighted: Share,
}

/// The results of one area, provider or environment.
#[derive(Serialize)]
struct Group<'a> {
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<u64>,
    results: Results,
    #[serde(flatten)]
    score: Score,
}

/// An object with a key for each parameter, in the order of the check's header.
struct Parameters<'a>(&'a [report::ParameterInForce]);

#[derive(Serialize)]
struct Parameter<'a> {
    value: &'a serde_json::Value,
    text: &'a str,
    relaxed: bool,
}

struct Findings<'a>(&'a [report::Finding]);

#[derive(Serialize)]
struct Finding<'a> {
    check: &'a str,
    severity: &'static str,
    result: &'static str,
    plain_result: &'static str,
    subject: &'static str,
    source: &'a str,
    provider: Option<&'a str>,
    account: Option<&'a str>,
    token_id: Option<&'a str>,
    name: Option<&'a str>,
    owner: Option<&'a str>,
    environment: Option<&'a str>,
    reason: &'a str,
    basis: &'a str,
    evidence: &'a BTreeMap<String, serde_json::Value>,
    observed: &'a str,
    required: &'a str,
    limit: Option<Limit<'a>>,
    waiver: Option<&'a str>,
    blanket: bool,
    count: u64,
    value_sources: &'a BTreeMap<String, String>,
    relaxed: bool,
}

#[derive(Serialize)]
struct Limit<'a> {
    value: &'a serde_json::Value,
    origin: &'a str,
}

#[derive(Serialize)]
struct UnknownGroup<'a> {
    check: &'a str,
    source: &'a str,
    reason: &'a str,
    text: &'a str,
    count: u64,
    blanket: bool,
}

#[derive(Serialize)]
struct SupplyNext<'a> {
    source: &'a str,
    field: &'a str,
    unknowns: u64,
    decides: u64,
    checks: &'a [String],
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct Owner<'a> {
    owner: Option<&'a str>,
    tokens: u64,
    results: Results,
    fails_by_severity: FailsBySeverity,
    #[serde(flatten)]
    score: Score,
}

/// An object with a key for each severity, critical first.
struct FailsBySeverity([u64; 4]);

#[derive(Serialize)]
struct Provider<'a> {
    provider: &'a str,
    account: &'a str,
    tokens: u64,
    tokens_by_result: Results,
    results: Results,
    #[serde(flatten)]
    score: Score,
}

#[derive(Serialize)]
struct RejectedRow<'a> {
    source: &'a str,
    line: u64,
    reason: &'a str,
}

#[derive(Serialize)]
struct Contradiction<'a> {
    provider: &'a str,
    account: &'a str,
    token_id: &'a str,
    field: &'a str,
    used: &'a str,
    used_source: &'a str,
    other: &'a str,
    other_source: &'a str,
}

#[derive(Serialize)]
struct Waiver<'a> {
    id: &'a str,
    check: &'a str,
    selector: &'a str,
    reason: &'a str,
    owner: &'a str,
    approver: &'a str,
    approved_at: &'a str,
    valid_through: &'a str,
    ticket: Option<&'a str>,
    status: &'a str,
    note: Option<&'a str>,
    matched: u64,
    relabelled: u64,
}

#[derive(Serialize)]
struct Framework<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
    provider: Option<&'a str>,
    note: Option<&'a str>,
    controls: Vec<Control<'a>>,
}

#[derive(Serialize)]
struct Control<'a> {
    id: &'a str,
    title: &'a str,
    status: &'a str,
    checks: &'a [String],
    checks_off: &'a [String],
    results: Results,
    /// Of them, those about tokens of the provider that the framework is about; the others only support the control.
    #[serde(skip_serializing_if = "Option::is_none")]
    of_provider: Option<Results>,
    #[serde(flatten)]
    score: Score,
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct MethodNote<'a> {
    heading: &'a str,
    text: &'a str,
}
