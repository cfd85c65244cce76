//! Scope and completeness: which files were read, and how much of each.

use super::super::block::{Block, paragraph};
use super::super::span::{Span, Text, plain, stacked};
use super::super::style::Tone;
use super::super::table::{Column, Row, Table};
use super::{Writer, count};
use crate::report::words::{instant_for_people, number};
use crate::report::{Paging, Report, RowCounts, Source, SourceRole};

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
    registers(writer);
    skipped(writer);
}

/// One of the numbers of a source's rows.
type CountOf = fn(&RowCounts) -> u64;

/// Columns that only some exports need are left out when all of them would be empty.
fn sources(report: &Report) -> Table {
    let optional: [(&str, CountOf); 5] = [
        ("No token", |rows| rows.skipped),
        ("Duplicate", |rows| rows.duplicate),
        ("Superseded", |rows| rows.superseded),
        ("Not in newer", |rows| rows.not_in_newer),
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
        cells.push(paging(source));
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
    if let Some(days) = source.age_days {
        let words = if days == 1 { "1 day old".to_owned() } else { format!("{} days old", number(days)) };
        text = stacked(text, vec![Span::new(&words).muted()]);
    }
    // A date in the file's content needs no remark; one that somebody else gave does.
    if let Some(basis) = source.exported_at_basis.as_deref().filter(|basis| *basis != "content") {
        text = stacked(text, vec![Span::new(&format!("from {basis}")).muted()]);
    }
    text
}

fn paging(source: &Source) -> Text {
    match source.paging {
        Paging::Complete => plain("yes"),
        Paging::Incomplete => {
            let missing = source.rows.missing().map(|rows| format!("{} rows missing", number(rows)));
            let why = missing.or_else(|| source.further_pages.then(|| "a page is missing".to_owned())).unwrap_or_default();
            let no = vec![Span::new("no").bold().tone(Tone::Fail)];
            if why.is_empty() { no } else { stacked(no, vec![Span::new(&why).muted()]) }
        }
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
        Column::share("Dropped unread", 0.8),
    ]);
    for source in &writer.report.sources {
        if source.needed.is_empty() && source.declared_complete.is_empty() && source.dropped_fields.is_empty() {
            continue;
        }
        let lists = [&source.needed, &source.declared_complete, &source.dropped_fields].map(|words| list(words));
        table.row(std::iter::once(plain(&source.name)).chain(lists).collect());
    }
    if !table.rows.is_empty() {
        writer.subsection("Fields that sources do not state");
        writer.add(paragraph("Only fields that some check of the policy looks at. Such a check is unknown for the tokens that no other source describes. Fields \
             that hold secrets are dropped before anything reads them."));
        writer.add(Block::Table(table));
    }
}

/// Who is on the registers, and what it means that somebody is not.
fn registers(writer: &mut Writer<'_>) {
    let mut table = Table::new(vec![
        Column::share("Register", 1.0),
        Column::number("Entries"),
        Column::share("Lists everybody", 1.0),
        Column::share("Lists who left", 1.0),
    ]);
    for source in &writer.report.sources {
        let Some(register) = source.register else { continue };
        let complete = if register.complete { "declared complete" } else { "not declared: whoever is missing may exist" };
        let leavers = match (source.role, register.includes_leavers) {
            (SourceRole::People, true) => plain("yes"),
            (SourceRole::People, false) => plain("not known: whoever is missing may have left"),
            _ => vec![Span::new("–").muted()],
        };
        table.row(vec![name(source), count(source.rows.records), plain(complete), leavers]);
    }
    if !table.rows.is_empty() {
        writer.subsection("Registers");
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
