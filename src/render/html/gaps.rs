//! What the report could not look at: unknown results, what to supply next, rejected rows, contradictions.

use super::figures::{Share, cell};
use super::findings;
use crate::report::Report;
use serde::Serialize;
use tera::{Context, Error};

#[derive(Serialize)]
struct Unknown<'a> {
    check: &'a str,
    title: &'a str,
    source: &'a str,
    reason: &'a str,
    text: &'a str,
    count: u64,
    blanket: bool,
    anchor: Option<String>,
}

#[derive(Serialize)]
struct Supply<'a> {
    source: &'a str,
    field: &'a str,
    unknowns: u64,
    decides: u64,
    checks: &'a [String],
    hint: Option<&'a str>,
}

pub fn unknown(report: &Report) -> Result<Context, Error> {
    let anchors = findings::anchors(report);
    let groups: Vec<Unknown<'_>> = report
        .unknown_groups
        .iter()
        .map(|group| Unknown {
            check: &group.check,
            title: &group.title,
            source: &group.source,
            reason: &group.reason,
            text: &group.text,
            count: group.count,
            blanket: group.blanket,
            anchor: anchors.of(&group.check, "unknown"),
        })
        .collect();
    let supply: Vec<Supply<'_>> = report
        .supply_next
        .iter()
        .map(|next| Supply {
            source: &next.source,
            field: &next.field,
            unknowns: next.unknowns,
            decides: next.decides,
            checks: &next.checks,
            hint: next.hint.as_deref(),
        })
        .collect();
    let mut context = Context::new();
    context.insert("groups", &groups);
    context.insert("supply", &supply);
    context.insert("count", &report.summary.results.unknown);
    context.insert("coverage", &Share::from(report.summary.coverage.fraction));
    Ok(context)
}

#[derive(Serialize)]
struct Rejected<'a> {
    source: &'a str,
    line: u64,
    reason: &'a str,
}

#[derive(Serialize)]
struct Contradiction<'a> {
    provider: &'a str,
    account: &'a str,
    token_id: String,
    field: &'a str,
    used: String,
    used_source: &'a str,
    other: String,
    other_source: &'a str,
}

pub fn rejected(report: &Report) -> Result<Context, Error> {
    let rows: Vec<Rejected<'_>> =
        report.rejected_rows.iter().map(|row| Rejected { source: &row.source, line: row.line, reason: &row.reason }).collect();
    let contradictions: Vec<Contradiction<'_>> = report
        .contradictions
        .iter()
        .map(|one| Contradiction {
            provider: &one.provider,
            account: &one.account,
            token_id: cell(&one.token_id),
            field: &one.field,
            used: cell(&one.used),
            used_source: &one.used_source,
            other: cell(&one.other),
            other_source: &one.other_source,
        })
        .collect();
    let mut context = Context::new();
    context.insert("rows", &rows);
    context.insert("rows_listed", &(rows.len() as u64));
    context.insert("rows_total", &report.rejected_total);
    context.insert("contradictions", &contradictions);
    context.insert("contradictions_listed", &(contradictions.len() as u64));
    context.insert("contradictions_total", &report.contradictions_total);
    Ok(context)
}
