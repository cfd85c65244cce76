//! The findings: grouped by severity, result and check as they come, written a few hundred rows at a time.

use super::engine::Engine;
use super::figures::{Counts, ResultView, SeverityView, cell};
use super::{LARGE, SectionView};
use crate::render::RenderError;
use crate::report::{Finding, Report, Severity, Subject};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use tera::Context;

/// Rows of one table; a browser lays out only the tables in sight.
const ROWS_PER_TABLE: usize = 250;

/// The owners offered for choosing; others can be typed.
const OWNERS_OFFERED: usize = 500;

/// Where the findings of a check are: by check and result word.
#[derive(Default)]
pub struct Anchors(BTreeMap<(String, &'static str), String>);

impl Anchors {
    /// The anchor of the first group of this check and result, if it has findings.
    pub fn of(&self, check: &str, result: &'static str) -> Option<String> {
        self.0.get(&(check.to_owned(), result)).cloned()
    }
}

/// The anchors of all groups.
pub fn anchors(report: &Report) -> Anchors {
    let mut anchors = Anchors::default();
    for group in groups(&report.findings) {
        if let Some(first) = group.findings.first() {
            anchors.0.entry((first.check.clone(), first.result.word())).or_insert(group.anchor);
        }
    }
    anchors
}

/// Neighbouring findings of one severity, result and check.
struct Group<'a> {
    anchor: String,
    findings: &'a [Finding],
}

fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut used = BTreeSet::new();
    findings
        .chunk_by(|one, next| one.severity == next.severity && one.result == next.result && one.check == next.check)
        .map(|findings| {
            let mut anchor = findings.first().map_or_else(String::new, |first| {
                let check: String =
                    first.check.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
                format!("f-{check}-{}", first.result.word())
            });
            while !used.insert(anchor.clone()) {
                anchor.push_str("-more");
            }
            Group { anchor, findings }
        })
        .collect()
}

#[derive(Serialize)]
struct GroupView<'a> {
    anchor: &'a str,
    check: &'a str,
    title: &'a str,
    severity: SeverityView,
    result: ResultView,
    /// Results that the group stands for, and lines that it shows.
    count: u64,
    lines: u64,
    /// What the policy asks for, if it is the same for every line.
    required: Option<&'a str>,
    remediation: Option<&'a str>,
    open: bool,
}

#[derive(Serialize)]
struct Row<'a> {
    name: Option<String>,
    token_id: Option<String>,
    provider: Option<&'a str>,
    account: Option<&'a str>,
    environment: Option<&'a str>,
    owner: Option<String>,
    observed: String,
    /// Where it differs within the group.
    required: Option<&'a str>,
    remediation: Option<&'a str>,
    limit_origin: Option<&'a str>,
    reason: &'a str,
    basis: &'a str,
    source: &'a str,
    plain_result: Option<&'static str>,
    waiver: Option<&'a str>,
    blanket: bool,
    of_source: bool,
    count: u64,
    evidence: Vec<Evidence<'a>>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    name: &'a str,
    value: String,
    /// Short enough to stand on one line.
    short: bool,
}

/// Longest value that is never broken, in bytes; an instant has twenty.
const SHORT: usize = 24;

/// Writes the whole section.
pub fn write(engine: &Engine, report: &Report, section: &SectionView, out: &mut dyn Write) -> Result<(), RenderError> {
    engine.fill("findings/open.html", opening(report, section), out)?;
    let mut severity: Option<Severity> = None;
    for group in groups(&report.findings) {
        let Some(first) = group.findings.first() else { continue };
        let mut context = Context::new();
        // The template closes the part of the severity before.
        context.insert("closes", &(severity.is_some() && severity != Some(first.severity)));
        context.insert("opens", &(severity != Some(first.severity)));
        let results = report.summary.by_severity.iter().find(|row| row.severity == first.severity);
        context.insert("results", &results.map(|row| Counts::from(&row.results)));
        severity = Some(first.severity);
        let required = same(group.findings, |finding| &finding.required);
        let remediation = same(group.findings, |finding| &finding.remediation);
        context.insert(
            "group",
            &GroupView {
                anchor: &group.anchor,
                check: &first.check,
                title: &first.title,
                severity: first.severity.into(),
                result: first.result.into(),
                count: group.findings.iter().map(|finding| finding.count).sum(),
                lines: group.findings.len() as u64,
                required,
                remediation,
                open: report.findings.len() <= LARGE,
            },
        );
        engine.fill("findings/group.html", context, out)?;
        for findings in group.findings.chunks(ROWS_PER_TABLE) {
            let rows: Vec<Row<'_>> = findings.iter().map(|finding| row(finding, required, remediation)).collect();
            let mut context = Context::new();
            context.insert("rows", &rows);
            context.insert("full", &(rows.len() == ROWS_PER_TABLE));
            context.insert("check", &first.check);
            context.insert("result", first.result.word());
            engine.fill("findings/rows.html", context, out)?;
        }
        out.write_all(b"</details>\n")?;
    }
    if severity.is_some() {
        out.write_all(b"</div>\n")?;
    }
    out.write_all(b"</section>\n")?;
    Ok(())
}

fn opening(report: &Report, section: &SectionView) -> Context {
    let mut context = Context::new();
    context.insert("section", section);
    context.insert("shown", &(report.findings.len() as u64));
    context.insert("total", &report.findings_total);
    context.insert("file", &report.findings_file);
    context.insert("severities", &Severity::ALL.map(Severity::word));
    let checks: BTreeSet<&str> = report.findings.iter().map(|finding| finding.check.as_str()).collect();
    context.insert("checks", &checks);
    let providers: BTreeSet<&str> = report.providers.iter().map(|row| row.provider.as_str()).collect();
    context.insert("providers", &providers);
    let owners: Vec<&str> = report.owners.iter().filter_map(|row| row.owner.as_deref()).take(OWNERS_OFFERED).collect();
    context.insert("owners", &owners);
    context
}

/// The text that all findings share, if they do.
fn same<'a>(findings: &'a [Finding], text: fn(&'a Finding) -> &'a String) -> Option<&'a str> {
    let first = text(findings.first()?);
    findings.iter().all(|finding| text(finding) == first).then_some(first.as_str())
}

fn row<'a>(finding: &'a Finding, required: Option<&str>, remediation: Option<&str>) -> Row<'a> {
    Row {
        name: finding.name.as_deref().map(cell),
        token_id: finding.token_id.as_deref().map(cell),
        provider: finding.provider.as_deref(),
        account: finding.account.as_deref(),
        environment: finding.environment.as_deref(),
        owner: finding.owner.as_deref().map(cell),
        observed: cell(&finding.observed),
        required: (required.is_none()).then_some(finding.required.as_str()),
        remediation: (remediation.is_none()).then_some(finding.remediation.as_str()),
        limit_origin: finding.limit.as_ref().map(|limit| limit.origin.as_str()).filter(|origin| *origin != "default"),
        reason: &finding.reason,
        basis: &finding.basis,
        source: &finding.source,
        plain_result: (finding.plain_result != finding.result).then(|| finding.plain_result.word()),
        waiver: finding.waiver.as_deref(),
        blanket: finding.blanket,
        of_source: finding.subject == Subject::Source,
        count: finding.count,
        evidence: finding
            .evidence
            .iter()
            .map(|(name, value)| {
                let value = spelled(value);
                Evidence { name, short: value.len() <= SHORT, value }
            })
            .collect(),
    }
}

/// One value of the evidence as text.
fn spelled(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "none".to_owned(),
        serde_json::Value::String(text) => cell(text),
        serde_json::Value::Array(items) => cell(&items.iter().map(spelled).collect::<Vec<_>>().join(", ")),
        other => cell(&other.to_string()),
    }
}
