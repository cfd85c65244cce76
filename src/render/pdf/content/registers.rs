//! The lists beside the findings: waivers, rejected rows, contradictions.

use super::super::block::{Block, paragraph};
use super::super::span::{Span, Text, plain, stacked};
use super::super::style::Tone;
use super::super::table::{Column, Table};
use super::findings::{owner_of, place, subject};
use super::{Writer, count};
use crate::report::words::number;
use crate::report::{Finding, ResultWord, WaiverSummary};

pub fn write(writer: &mut Writer<'_>) {
    waivers(writer);
    rejected(writer);
    contradictions(writer);
}

fn waivers(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("Waivers");
    if report.waivers.is_empty() {
        writer.add(paragraph("There are no waivers."));
    } else {
        writer.add(paragraph(
            "A waiver relabels a result and never makes it a pass. Expired, unused and invalid ones have no effect. Matched are the \
             results that it names and can cover; covered are those that stand as waived under it.",
        ));
        let mut table = Table::new(vec![
            Column::share("Waiver", 1.15),
            Column::share("Applies to", 1.2),
            Column::share("Reason", 1.6),
            Column::share("Owner and approver", 1.25),
            Column::fit("Approved, valid through", 56.0),
            Column::number("Matched"),
            Column::number("Covered"),
        ]);
        for waiver in report.waivers.iter().take(writer.limits.rows) {
            table.row(waiver_row(waiver));
        }
        writer.add(Block::Table(table));
        writer.announce(writer.limits.rows.min(report.waivers.len()), report.waivers.len(), "waivers");
    }
    waived(writer);
}

fn waiver_row(waiver: &WaiverSummary) -> Vec<Text> {
    let status = Span::new(&waiver.status).bold();
    let status = match waiver.status.as_str() {
        "active" | "not-yet" => status.muted(),
        _ => status.tone(Tone::Fail),
    };
    let mut id = stacked(vec![Span::new(&waiver.id).bold()], vec![status]);
    if let Some(ticket) = &waiver.ticket {
        id = stacked(id, vec![Span::new(ticket).muted()]);
    }
    let mut reason = plain(&waiver.reason);
    if let Some(note) = &waiver.note {
        reason = stacked(reason, vec![Span::new(note).bold()]);
    }
    vec![
        id,
        stacked(vec![Span::new(&waiver.check).bold()], plain(&waiver.selector)),
        reason,
        stacked(plain(&waiver.owner), vec![Span::new(&waiver.approver).muted()]),
        stacked(plain(&waiver.approved_at), plain(&waiver.valid_through)),
        count(waiver.matched),
        count(waiver.relabelled),
    ]
}

/// The results behind the waivers stay visible.
fn waived(writer: &mut Writer<'_>) {
    let rows: Vec<&Finding> = writer.report.findings.iter().filter(|finding| finding.result == ResultWord::Waived).collect();
    if rows.is_empty() {
        return;
    }
    writer.subsection("Waived results");
    let mut table = Table::new(vec![
        Column::fit("Check", 60.0),
        Column::share("Token", 1.15),
        Column::share("Provider and account", 0.9),
        Column::share("Owner", 0.9),
        Column::share("Observed", 1.3),
        Column::fit("Waiver", 72.0),
    ]);
    let shown = rows.len().min(writer.limits.rows);
    for finding in rows.iter().take(shown) {
        let plain_result = vec![Span::new(&format!("would be: {}", finding.plain_result.word())).muted()];
        table.row(vec![
            vec![Span::new(&finding.check).bold()],
            subject(finding),
            place(finding),
            owner_of(finding),
            stacked(plain(&finding.observed), plain_result),
            plain(finding.waiver.as_deref().unwrap_or_default()),
        ]);
    }
    writer.add(Block::Table(table));
    writer.announce_findings(shown, rows.len(), "waived results");
}

fn rejected(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("Rejected rows");
    if report.rejected_total == 0 {
        let words = if report.sources.is_empty() { "No row was read." } else { "Every row that was read could be used." };
        writer.add(paragraph(words));
        return;
    }
    writer.add(paragraph(
        "Rows that could not be used were not judged. Lines count from 1; in a list of objects, the object's place.",
    ));
    let mut table = Table::new(vec![Column::share("Source", 1.0), Column::number("Line"), Column::share("Reason", 1.8)]);
    for row in &report.rejected_rows {
        table.row(vec![plain(&row.source), plain(&number(row.line)), plain(&row.reason)]);
    }
    writer.add(Block::Table(table));
    beyond(writer, report.rejected_rows.len() as u64, report.rejected_total, "rejected rows");
}

fn contradictions(writer: &mut Writer<'_>) {
    let report = writer.report;
    if report.contradictions_total == 0 {
        return;
    }
    writer.section("Contradictions between sources");
    writer.add(paragraph(
        "Two sources state different values for one field. The value used comes from the source that ranks higher.",
    ));
    let mut table = Table::new(vec![
        Column::share("Token", 1.3),
        Column::share("Field", 0.7),
        Column::share("Value used", 1.2),
        Column::share("Other value", 1.2),
    ]);
    for entry in &report.contradictions {
        let place = format!("{}, {}", entry.provider, entry.account);
        let valued = |value: &str, source: &str| stacked(plain(value), vec![Span::new(source).muted()]);
        table.row(vec![
            stacked(vec![Span::new(&entry.token_id).bold()], vec![Span::new(&place).muted()]),
            plain(&entry.field),
            valued(&entry.used, &entry.used_source),
            valued(&entry.other, &entry.other_source),
        ]);
    }
    writer.add(Block::Table(table));
    beyond(writer, report.contradictions.len() as u64, report.contradictions_total, "contradictions");
}

/// These lists end in the report itself; the database has the rest.
fn beyond(writer: &mut Writer<'_>, shown: u64, total: u64, what: &str) {
    if shown < total {
        let words = format!("{} of {} {what} are shown here; all are in the database of the run.", number(shown), number(total));
        writer.add(super::super::block::Paragraph::new(vec![Span::new(&words).bold()]));
    }
}
