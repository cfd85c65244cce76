//! Results by check, and the annex with the parameters in force.

use super::chart;
use super::cover;
use super::figures::{Counts, SeverityView, Share};
use super::findings;
use crate::report::{CheckSummary, Report};
use serde::Serialize;
use tera::{Context, Error};

#[derive(Serialize)]
struct CheckView<'a> {
    id: &'a str,
    name: &'a str,
    area: &'a str,
    title: &'a str,
    severity: SeverityView,
    rationale: &'a str,
    parameters: Vec<Parameter<'a>>,
    /// Frameworks with the ids of their controls.
    controls: Vec<(&'a str, Vec<&'a str>)>,
    results: Counts,
    compliance: Share,
    fail_anchor: Option<String>,
    unknown_anchor: Option<String>,
    waived_anchor: Option<String>,
    error_anchor: Option<String>,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    text: &'a str,
    relaxed: bool,
}

fn view<'a>(check: &'a CheckSummary, anchors: &findings::Anchors) -> CheckView<'a> {
    CheckView {
        id: &check.id,
        name: &check.name,
        area: &check.area,
        title: &check.title,
        severity: check.severity.into(),
        rationale: &check.rationale,
        parameters: check
            .parameters
            .iter()
            .map(|parameter| Parameter { name: &parameter.name, text: &parameter.text, relaxed: parameter.relaxed })
            .collect(),
        controls: by_framework(&check.controls),
        results: Counts::from(&check.results),
        compliance: Share::from(check.score.compliance),
        fail_anchor: anchors.of(&check.id, "fail"),
        unknown_anchor: anchors.of(&check.id, "unknown"),
        waived_anchor: anchors.of(&check.id, "waived"),
        error_anchor: anchors.of(&check.id, "error"),
    }
}

/// `framework:control` by framework, in the order of the check.
fn by_framework(controls: &[String]) -> Vec<(&str, Vec<&str>)> {
    let mut grouped: Vec<(&str, Vec<&str>)> = Vec::new();
    for control in controls {
        let (framework, id) = control.split_once(':').unwrap_or(("", control));
        match grouped.iter_mut().find(|(known, _)| *known == framework) {
            Some((_, ids)) => ids.push(id),
            None => grouped.push((framework, vec![id])),
        }
    }
    grouped
}

/// The matrix of checks and results.
pub fn matrix(report: &Report) -> Result<Context, Error> {
    let anchors = findings::anchors(report);
    let (selected, off): (Vec<&CheckSummary>, Vec<&CheckSummary>) = report.checks.iter().partition(|check| check.selected);
    let mut context = Context::new();
    context.insert("checks", &selected.into_iter().map(|check| view(check, &anchors)).collect::<Vec<_>>());
    context.insert("off", &off.into_iter().map(|check| view(check, &anchors)).collect::<Vec<_>>());
    let bars: Vec<chart::Bar> = report.areas().into_iter().map(|area| chart::bar(area.area, &area.results)).collect();
    context.insert("area_bars", &bars);
    context.insert("total", &Counts::from(&report.summary.results));
    context.insert("compliance", &Share::from(report.summary.score.compliance));
    Ok(context)
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    sha256: &'a str,
}

/// Parameters, input files and how to check the report again.
pub fn annex(report: &Report) -> Result<Context, Error> {
    let anchors = findings::Anchors::default();
    let with_parameters: Vec<CheckView<'_>> = report
        .checks
        .iter()
        .filter(|check| check.selected && !check.parameters.is_empty())
        .map(|check| view(check, &anchors))
        .collect();
    let files: Vec<File<'_>> = report.sources.iter().map(|source| File { name: &source.name, sha256: &source.sha256 }).collect();
    let mut context = cover::run_context(report);
    context.insert("checks", &with_parameters);
    context.insert("files", &files);
    Ok(context)
}
