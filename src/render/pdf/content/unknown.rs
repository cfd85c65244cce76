//! What could not be judged, why, and what to supply next.

use super::super::block::{Block, paragraph};
use super::super::span::{Span, plain, stacked};
use super::super::table::{Column, Table};
use super::findings::{owner_of, place, subject};
use super::{Writer, count};
use crate::report::{Finding, ResultWord};

pub fn write(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("What could not be judged");
    if report.summary.results.unknown == 0 {
        let judged = report.summary.results.assessed() > 0;
        let words = if judged { "Every applicable check had the evidence it needs." } else { "There was nothing to judge." };
        writer.add(paragraph(words));
        return;
    }
    writer.add(paragraph(
        "Missing evidence is unknown, never a pass. Where nothing collects a field, a check is unknown for every token of a source.",
    ));
    supply(writer);
    groups(writer);
    tokens(writer);
}

fn supply(writer: &mut Writer<'_>) {
    let report = writer.report;
    if report.supply_next.is_empty() {
        return;
    }
    writer.subsection("What to supply next");
    writer.add(paragraph("The missing fields that would decide the most results, most first. A result that lacks several fields is decided by none of \
         them alone."));
    let mut table = Table::new(vec![
        Column::share("Source", 1.2),
        Column::share("Field, and where to get it", 1.8),
        Column::number("Decides alone"),
        Column::number("Unknown results"),
        Column::share("Checks", 1.0),
    ]);
    for supply in report.supply_next.iter().take(writer.limits.rows) {
        let field = vec![Span::new(&supply.field).bold()];
        let field = supply.hint.as_deref().map_or(field.clone(), |hint| stacked(field, vec![Span::new(hint).muted()]));
        table.row(vec![
            plain(&supply.source),
            field,
            count(supply.decides),
            count(supply.unknowns),
            plain(&supply.checks.join(", ")),
        ]);
    }
    writer.add(Block::Table(table));
    writer.announce(writer.limits.rows.min(report.supply_next.len()), report.supply_next.len(), "fields");
}

fn groups(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.subsection("By check, source and reason");
    let mut table = Table::new(vec![
        Column::share("Check", 1.2),
        Column::share("Source", 1.0),
        Column::share("Reason", 1.5),
        Column::number("Results"),
    ]);
    for group in report.unknown_groups.iter().take(writer.limits.rows) {
        let scope = if group.blanket { "every token of the source" } else { "" };
        table.row(vec![
            vec![Span::new(&group.check).bold(), Span::new(&format!("  {}", group.title))],
            plain(&group.source),
            stacked(plain(&group.text), if scope.is_empty() { Vec::new() } else { vec![Span::new(scope).muted()] }),
            count(group.count),
        ]);
    }
    writer.add(Block::Table(table));
    writer.announce(writer.limits.rows.min(report.unknown_groups.len()), report.unknown_groups.len(), "groups");
}

fn tokens(writer: &mut Writer<'_>) {
    let rows = writer.report.findings.iter().filter(|finding| finding.result == ResultWord::Unknown && !finding.blanket);
    let rows: Vec<&Finding> = rows.collect();
    if rows.is_empty() {
        return;
    }
    writer.subsection("Tokens with unknown results");
    writer.add(paragraph("Without those that stand for every token of a source."));
    let mut table = Table::new(vec![
        Column::fit("Check", 60.0),
        Column::share("Token", 1.2),
        Column::share("Provider and account", 0.9),
        Column::share("Owner", 0.9),
        Column::share("Missing", 1.3),
    ]);
    let shown = rows.len().min(writer.limits.rows);
    for finding in rows.iter().take(shown) {
        let check = vec![Span::new(&finding.check).bold()];
        table.row(vec![check, subject(finding), place(finding), owner_of(finding), plain(&finding.observed)]);
    }
    writer.add(Block::Table(table));
    writer.announce_findings(shown, rows.len(), "unknown results");
}
