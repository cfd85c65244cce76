//! The types of `countersign/report/v1`. A key is never renamed or removed here, only added; anything else is a `v2`.

use crate::report::{self, words};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
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
    rows: Rows,
    paging: &'static str,
    declared_complete: &'a [String],
    collected: &'a [String],
    not_collected: &'a [String],
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
    contradictions: u64,
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
    selected: bool,
    rationale: &'a str,
    remediation: &'a str,
    parameters: Parameters<'a>,
    controls: &'a [String],
    results: Results,
    compliance: Share,
    possible: Share,
    accepted_risk: Share,
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
    checks: &'a [String],
}

#[derive(Serialize)]
struct Owner<'a> {
    owner: Option<&'a str>,
    tokens: u64,
    results: Results,
    fails_by_severity: FailsBySeverity,
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
}

#[derive(Serialize)]
struct Framework<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
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
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct MethodNote<'a> {
    heading: &'a str,
    text: &'a str,
}

impl<'a> Report<'a> {
    pub fn of(report: &'a report::Report) -> Report<'a> {
        Report {
            schema: SCHEMA,
            run: Run::of(&report.run),
            branding: Branding {
                organisation: report.branding.organisation.as_deref(),
                classification: report.branding.classification.as_deref(),
                prepared_by: report.branding.prepared_by.as_deref(),
                language: &report.branding.language,
            },
            sources: report.sources.iter().map(Source::of).collect(),
            skipped_files: report
                .skipped_files
                .iter()
                .map(|file| SkippedFile { name: &file.name, reason: &file.reason })
                .collect(),
            summary: Summary::of(&report.summary),
            checks: report.checks.iter().map(Check::of).collect(),
            findings_total: report.findings_total,
            findings_file: report.findings_file.as_deref(),
            findings: Findings(&report.findings),
            unknown_groups: report.unknown_groups.iter().map(UnknownGroup::of).collect(),
            supply_next: report.supply_next.iter().map(SupplyNext::of).collect(),
            owners: report.owners.iter().map(Owner::of).collect(),
            providers: report.providers.iter().map(Provider::of).collect(),
            rejected_rows_total: report.rejected_total,
            rejected_rows: report
                .rejected_rows
                .iter()
                .map(|row| RejectedRow { source: &row.source, line: row.line, reason: &row.reason })
                .collect(),
            contradictions_total: report.contradictions_total,
            contradictions: report.contradictions.iter().map(Contradiction::of).collect(),
            waivers: report.waivers.iter().map(Waiver::of).collect(),
            frameworks: report.frameworks.iter().map(Framework::of).collect(),
            method: report.method.iter().map(|note| MethodNote { heading: &note.heading, text: &note.text }).collect(),
        }
    }
}

impl<'a> Run<'a> {
    fn of(run: &'a report::Run) -> Run<'a> {
        let period = run.period.as_ref();
        Run {
            id: &run.id,
            as_of: words::instant(run.as_of),
            as_of_origin: &run.as_of_origin,
            period: period.map(|period| period.name.as_str()),
            period_from: period.map(|period| words::instant(period.from)),
            period_to: period.map(|period| words::instant(period.to)),
            tool_version: &run.tool_version,
            policy: Policy { name: &run.policy.name, title: &run.policy.title, digest: &run.policy.digest },
        }
    }
}

impl<'a> Source<'a> {
    fn of(source: &'a report::Source) -> Source<'a> {
        Source {
            name: &source.name,
            role: source.role.word(),
            format: &source.format,
            format_title: &source.format_title,
            sha256: &source.sha256,
            exported_at: source.exported_at.map(words::instant),
            exported_at_basis: source.exported_at_basis.as_deref(),
            rows: Rows {
                declared: source.rows.declared,
                read: source.rows.read,
                rejected: source.rows.rejected,
                skipped: source.rows.skipped,
                duplicate: source.rows.duplicate,
                superseded: source.rows.superseded,
                contradictions: source.rows.contradictions,
            },
            paging: source.paging.word(),
            declared_complete: &source.declared_complete,
            collected: &source.collected,
            not_collected: &source.not_collected,
            problems: &source.problems,
        }
    }
}

impl<'a> Summary<'a> {
    fn of(summary: &'a report::Summary) -> Summary<'a> {
        Summary {
            tokens: summary.tokens,
            not_yet_existing: summary.not_yet_existing,
            tokens_by_result: Results::of(&summary.tokens_by_result),
            results: Results::of(&summary.results),
            compliance: Share::of(summary.score.compliance),
            coverage: Coverage {
                share: Share::of(summary.coverage.fraction),
                minimum_percent: summary.coverage.minimum_percent,
                sufficient: summary.coverage.sufficient,
            },
            possible: Share::of(summary.score.possible),
            accepted_risk: Share::of(summary.score.accepted_risk),
            weighted: Share::of(summary.score.weighted),
            by_severity: BySeverity(&summary.by_severity),
            verdict: summary.verdict.word(),
            verdict_sentence: &summary.verdict_sentence,
            incomplete_because: &summary.incomplete_because,
        }
    }
}

impl Results {
    fn of(counts: &report::ResultCounts) -> Results {
        Results {
            pass: counts.pass,
            fail: counts.fail,
            unknown: counts.unknown,
            not_applicable: counts.not_applicable,
            waived: counts.waived(),
            waived_unknown: counts.waived_unknown,
            error: counts.error,
        }
    }
}

impl Share {
    fn of(fraction: report::Fraction) -> Share {
        // Tenths of a percent stay far below 2^53, so the division gives the double nearest to the decimal.
        let percent = fraction.tenths().map(|tenths| tenths as f64 / 10.0);
        Share { numerator: fraction.numerator, denominator: fraction.denominator, percent }
    }
}

impl Serialize for BySeverity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|counts| (counts.severity.word(), Results::of(&counts.results))))
    }
}

impl Serialize for FailsBySeverity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (severity, fails) in report::Severity::ALL.iter().zip(self.0) {
            map.serialize_entry(severity.word(), &fails)?;
        }
        map.end()
    }
}

impl<'a> Check<'a> {
    fn of(check: &'a report::CheckSummary) -> Check<'a> {
        Check {
            id: &check.id,
            name: &check.name,
            area: &check.area,
            title: &check.title,
            severity: check.severity.word(),
            selected: check.selected,
            rationale: &check.rationale,
            remediation: &check.remediation,
            parameters: Parameters(&check.parameters),
            controls: &check.controls,
            results: Results::of(&check.results),
            compliance: Share::of(check.score.compliance),
            possible: Share::of(check.score.possible),
            accepted_risk: Share::of(check.score.accepted_risk),
        }
    }
}

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for parameter in self.0 {
            let spelled = Parameter { value: &parameter.value, text: &parameter.text, relaxed: parameter.relaxed };
            map.serialize_entry(&parameter.name, &spelled)?;
        }
        map.end()
    }
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Finding::of))
    }
}

impl<'a> Finding<'a> {
    fn of(finding: &'a report::Finding) -> Finding<'a> {
        Finding {
            check: &finding.check,
            severity: finding.severity.word(),
            result: finding.result.word(),
            plain_result: finding.plain_result.word(),
            subject: finding.subject.word(),
            source: &finding.source,
            provider: finding.provider.as_deref(),
            account: finding.account.as_deref(),
            token_id: finding.token_id.as_deref(),
            name: finding.name.as_deref(),
            owner: finding.owner.as_deref(),
            environment: finding.environment.as_deref(),
            reason: &finding.reason,
            basis: &finding.basis,
            evidence: &finding.evidence,
            observed: &finding.observed,
            required: &finding.required,
            limit: finding.limit.as_ref().map(|limit| Limit { value: &limit.value, origin: &limit.origin }),
            waiver: finding.waiver.as_deref(),
            blanket: finding.blanket,
            count: finding.count,
        }
    }
}

impl<'a> UnknownGroup<'a> {
    fn of(group: &'a report::UnknownGroup) -> UnknownGroup<'a> {
        UnknownGroup {
            check: &group.check,
            source: &group.source,
            reason: &group.reason,
            text: &group.text,
            count: group.count,
            blanket: group.blanket,
        }
    }
}

impl<'a> SupplyNext<'a> {
    fn of(entry: &'a report::SupplyNext) -> SupplyNext<'a> {
        SupplyNext { source: &entry.source, field: &entry.field, unknowns: entry.unknowns, checks: &entry.checks }
    }
}

impl<'a> Owner<'a> {
    fn of(owner: &'a report::OwnerSummary) -> Owner<'a> {
        Owner {
            owner: owner.owner.as_deref(),
            tokens: owner.tokens,
            results: Results::of(&owner.results),
            fails_by_severity: FailsBySeverity(owner.fails_by_severity),
        }
    }
}

impl<'a> Provider<'a> {
    fn of(provider: &'a report::ProviderSummary) -> Provider<'a> {
        Provider {
            provider: &provider.provider,
            account: &provider.account,
            tokens: provider.tokens,
            tokens_by_result: Results::of(&provider.tokens_by_result),
            results: Results::of(&provider.results),
        }
    }
}

impl<'a> Contradiction<'a> {
    fn of(entry: &'a report::Contradiction) -> Contradiction<'a> {
        Contradiction {
            provider: &entry.provider,
            account: &entry.account,
            token_id: &entry.token_id,
            field: &entry.field,
            used: &entry.used,
            used_source: &entry.used_source,
            other: &entry.other,
            other_source: &entry.other_source,
        }
    }
}

impl<'a> Waiver<'a> {
    fn of(waiver: &'a report::WaiverSummary) -> Waiver<'a> {
        Waiver {
            id: &waiver.id,
            check: &waiver.check,
            selector: &waiver.selector,
            reason: &waiver.reason,
            owner: &waiver.owner,
            approver: &waiver.approver,
            approved_at: &waiver.approved_at,
            valid_through: &waiver.valid_through,
            ticket: waiver.ticket.as_deref(),
            status: &waiver.status,
            note: waiver.note.as_deref(),
            matched: waiver.matched,
        }
    }
}

impl<'a> Framework<'a> {
    fn of(framework: &'a report::FrameworkSummary) -> Framework<'a> {
        Framework {
            id: &framework.id,
            name: &framework.name,
            version: &framework.version,
            note: framework.note.as_deref(),
            controls: framework.controls.iter().map(Control::of).collect(),
        }
    }
}

impl<'a> Control<'a> {
    fn of(control: &'a report::ControlSummary) -> Control<'a> {
        Control {
            id: &control.id,
            title: &control.title,
            status: &control.status,
            checks: &control.checks,
            checks_off: &control.checks_off,
            results: Results::of(&control.results),
            note: control.note.as_deref(),
        }
    }
}
