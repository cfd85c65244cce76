//! Scope and completeness: which files were read, and how much of each.

use super::super::block::{Block, paragraph};
use super::super::span::{Span, Text, plain, stacked};
use super::super::style::Tone;
use super::super::table::{Column, Row, Table};
use super::{Writer, count};
use crate::report::words::{instant_for_people, number};
use crate::report::{Paging, Report, RowCounts, Source};

pub fn write(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("Scope and completeness");
    if report.sources.is_empty() {
        writer.add(paragraph("No inventory was read, so nothing could be judged."));
    } else {
        writer.add(paragraph(
            "One row for each file that was read. Declared is what the export itself says it holds, if it says so. Rejected rows are listed \
             with their reason further on; nothing is dropped in silence.",
        ));
        writer.add(Block::Table(sources(report)));
    }
    incomplete(writer);
    problems(writer);
    missing_fields(writer);
    skipped(writer);
}

/// One of the numbers of a source's rows.
type CountOf = fn(&RowCounts) -> u64;

/// Columns that only some exports need are left out when all of them would be empty.
fn sources(report: &Report) -> Table {
    let optional: [(&str, CountOf); 4] = [
        ("No token", |rows| rows.skipped),
        ("Duplicate", |rows| rows.duplicate),
        ("Superseded", |rows| rows.superseded),
        ("Contra- dicting", |rows| rows.contradictions),
    ];
    let shown: Vec<_> = optional.into_iter().filter(|(_, of)| report.sources.iter().any(|source| of(&source.rows) > 0)).collect();
    let mut columns = vec![
        Column::share("Source", 1.0),
        Column::fit("Exported", 64.0),
        Column::number("Declared"),
        Column::number("Read"),
        Column::number("Rejected"),
    ];
    columns.extend(shown.iter().map(|(heading, _)| Column::number(heading)));
    columns.push(Column::fit("All pages", 60.0));
    let mut table = Table::new(columns);
    for source in &report.sources {
        let declared = source.rows.declared.map_or_else(|| vec![Span::new("–").muted()], |rows| plain(&number(rows)));
        let mut cells = vec![name(source), exported(source), declared, count(source.rows.read), count(source.rows.rejected)];
        cells.extend(shown.iter().map(|(_, of)| count(of(&source.rows))));
        cells.push(paging(source.paging));
        table.rows.push(Row::Cells(cells));
    }
    table
}

fn name(source: &Source) -> Text {
    let format = format!("{}, {}", source.format_title, source.role.word());
    stacked(vec![Span::new(&source.name).bold()], vec![Span::new(&format).muted()])
}

fn exported(source: &Source) -> Text {
    let Some(at) = source.exported_at else { return vec![Span::new("not stated").muted()] };
    let words = instant_for_people(at);
    let (date, time) = words.split_once(' ').unwrap_or((&words, ""));
    let mut text = stacked(plain(date), plain(time));
    // A date in the file's content needs no remark; one that somebody else gave does.
    if let Some(basis) = source.exported_at_basis.as_deref().filter(|basis| *basis != "content") {
        text = stacked(text, vec![Span::new(&format!("from {basis}")).muted()]);
    }
    text
}

fn paging(paging: Paging) -> Text {
    match paging {
        Paging::Complete => plain("yes"),
        Paging::Incomplete => vec![Span::new("no").bold().tone(Tone::Fail)],
        Paging::Unknown => vec![Span::new("not known").muted()],
    }
}

fn incomplete(writer: &mut Writer<'_>) {
    let reasons = &writer.report.summary.incomplete_because;
    if !reasons.is_empty() {
        writer.subsection("Why this run is incomplete");
        writer.add(Block::Bullets(reasons.iter().map(|reason| plain(reason)).collect()));
    }
}

fn problems(writer: &mut Writer<'_>) {
    let lines = writer.report.sources.iter().flat_map(|source| {
        source.problems.iter().map(|problem| vec![Span::new(&source.name).bold(), Span::new(&format!(": {problem}"))])
    });
    let lines: Vec<Text> = lines.collect();
    if !lines.is_empty() {
        writer.subsection("Problems of sources");
        writer.add(Block::Bullets(lines));
    }
}

fn missing_fields(writer: &mut Writer<'_>) {
    let mut table = Table::new(vec![
        Column::share("Source", 1.0),
        Column::share("Does not state", 2.2),
        Column::share("Empty means none for", 1.0),
    ]);
    for source in &writer.report.sources {
        if source.not_collected.is_empty() && source.declared_complete.is_empty() {
            continue;
        }
        table.row(vec![plain(&source.name), list(&source.not_collected), list(&source.declared_complete)]);
    }
    if !table.rows.is_empty() {
        writer.subsection("Fields that sources do not state");
        writer.add(paragraph("A check that needs one of these fields is unknown for the tokens that no other source describes."));
        writer.add(Block::Table(table));
    }
}

fn list(words: &[String]) -> Text {
    if words.is_empty() { vec![Span::new("–").muted()] } else { plain(&words.join(", ")) }
}

fn skipped(writer: &mut Writer<'_>) {
    if writer.report.skipped_files.is_empty() {
        return;
    }
    writer.subsection("Skipped files");
    writer.add(paragraph("These files of the inventory folder were not recognised, and nothing in them was judged."));
    let mut table = Table::new(vec![Column::share("File", 1.0), Column::share("Reason", 2.0)]);
    for file in &writer.report.skipped_files {
        table.row(vec![plain(&file.name), plain(&file.reason)]);
    }
    writer.add(Block::Table(table));
}
