//! The executive summary: the figures of page 2 and the few lines chosen for it.

use super::chart;
use super::figures::{Counts, SeverityView, Share};
use super::findings;
use crate::report::Report;
use serde::Serialize;
use tera::{Context, Error};

#[derive(Serialize)]
struct SeverityRow {
    severity: SeverityView,
    results: Counts,
}

#[derive(Serialize)]
struct RiskRow<'a> {
    severity: SeverityView,
    check: &'a str,
    title: &'a str,
    fails: u64,
    anchor: Option<String>,
    /// None stands for tokens without an owner.
    owners: Vec<Option<&'a str>>,
    more_owners: u64,
}

#[derive(Serialize)]
struct SourceRow<'a> {
    name: &'a str,
    reasons: Vec<&'a str>,
}

#[derive(Serialize)]
struct WaiverRow<'a> {
    id: &'a str,
    check: &'a str,
    status: &'a str,
    valid_through: &'a str,
}

pub fn view(report: &Report) -> Result<Context, Error> {
    let summary = &report.summary;
    let score = &summary.score;
    let anchors = findings::anchors(report);
    let mut context = Context::new();
    context.insert("verdict_sentence", &summary.verdict_sentence);
    context.insert("incomplete_because", &summary.incomplete_because);
    context.insert("tokens", &summary.tokens);
    context.insert("not_yet_existing", &summary.not_yet_existing);
    context.insert("by_token", &Counts::from(&summary.tokens_by_result));
    context.insert("results", &Counts::from(&summary.results));
    context.insert("compliance", &Share::from(score.compliance));
    context.insert("possible", &Share::from(score.possible));
    context.insert("accepted_risk", &Share::from(score.accepted_risk));
    context.insert("with_accepted_risk", &Share::from(score.with_accepted_risk));
    context.insert("weighted", &Share::from(score.weighted));
    context.insert("coverage", &Share::from(summary.coverage.fraction));
    context.insert("coverage_minimum", &summary.coverage.minimum_percent);
    context.insert("coverage_sufficient", &summary.coverage.sufficient);
    let by_severity: Vec<SeverityRow> = summary
        .by_severity
        .iter()
        .map(|row| SeverityRow { severity: row.severity.into(), results: Counts::from(&row.results) })
        .collect();
    context.insert("by_severity", &by_severity);
    let bars: Vec<chart::Bar> = summary.by_severity.iter().map(|row| chart::bar(row.severity.word(), &row.results)).collect();
    context.insert("severity_bars", &bars);
    let risks: Vec<RiskRow<'_>> = report
        .top_risks()
        .into_iter()
        .map(|risk| RiskRow {
            severity: risk.severity.into(),
            check: risk.check,
            title: risk.title,
            fails: risk.fails,
            anchor: anchors.of(risk.check, "fail"),
            owners: risk.owners,
            more_owners: risk.more_owners,
        })
        .collect();
    context.insert("risks", &risks);
    let skipped = report.skipped_files.iter().map(|file| SourceRow { name: &file.name, reasons: vec![&file.reason] });
    let incomplete = report
        .incomplete_sources()
        .map(|source| SourceRow { name: &source.name, reasons: source.problems.iter().map(String::as_str).collect() });
    context.insert("unmeasured", &incomplete.chain(skipped).collect::<Vec<_>>());
    let waivers: Vec<WaiverRow<'_>> = report
        .waivers_needing_attention()
        .map(|waiver| WaiverRow {
            id: &waiver.id,
            check: &waiver.check,
            status: &waiver.status,
            valid_through: &waiver.valid_through,
        })
        .collect();
    context.insert("waivers", &waivers);
    Ok(context)
}
