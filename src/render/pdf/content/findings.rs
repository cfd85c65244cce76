//! Findings by severity: what was observed against what is required, whose it is, and the remedy once for each check.

use super::super::block::{Block, Level, Paragraph, paragraph};
use super::super::span::{Span, Text, plain, stacked};
use super::super::style::{Size, Tone};
use super::super::table::{Column, Table};
use super::{Writer, bounded, brief, counted};
use crate::report::words::number;
use crate::report::{Finding, ResultWord, Severity, SeverityCounts, Subject};

pub fn write(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("Findings by severity");
    let rows: Vec<&Finding> = report.findings.iter().filter(|finding| is_listed(finding)).collect();
    let (listed, total) = (report.findings.len() as u64, report.findings_total);
    if listed < total {
        let file = report.findings_file.as_deref().unwrap_or("report.json");
        let words = format!(
            "This report was given {} of {} findings, the gravest ones; all are in {file}. The figures elsewhere count all.",
            number(listed),
            number(total)
        );
        writer.add(Paragraph::new(vec![Span::new(&words).bold()]));
    }
    if rows.is_empty() {
        let judged = report.summary.results.assessed() > 0;
        writer.add(paragraph(if judged { "No check failed, and none met an error." } else { "Nothing was judged." }));
        return;
    }
    writer.add(paragraph(
        "Proven violations, and checks that met an error. Results that are unknown or waived have sections of their own.",
    ));
    for counts in &report.summary.by_severity {
        severity(writer, counts, &rows);
    }
}

/// Unknown and waived results are listed in sections of their own.
fn is_listed(finding: &Finding) -> bool {
    matches!(finding.result, ResultWord::Fail | ResultWord::Error)
}

fn severity(writer: &mut Writer<'_>, counts: &SeverityCounts, rows: &[&Finding]) {
    let rows: Vec<&Finding> = rows.iter().copied().filter(|finding| finding.severity == counts.severity).collect();
    if rows.is_empty() {
        return;
    }
    let mut words = counted(counts.results.fail, "fail", "fails");
    if counts.results.error > 0 {
        words.push_str(&format!(", {}", counted(counts.results.error, "error", "errors")));
    }
    heading(writer, counts.severity, &words);
    let shown = rows.len().min(writer.limits.rows);
    let mut rest = rows.get(..shown).unwrap_or_default();
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|row| row.check == first.check && row.result == first.result).count();
        let (group, others) = rest.split_at_checked(same).unwrap_or((rest, &[]));
        check(writer, first, group);
        rest = others;
    }
    let of = format!("findings of {} severity", counts.severity.word());
    writer.announce_findings(shown, rows.len(), &of);
}

fn heading(writer: &mut Writer<'_>, severity: Severity, words: &str) {
    let mut letters = severity.word().chars();
    let word: String = letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    let title = format!("{word}: {words}");
    let mark = Span::severity(severity).with_text(&title);
    writer.add(Block::Need(120.0));
    let block = writer.heading(Level::Subsection, &title, vec![mark]);
    writer.add(block);
}

/// One check: what it asks for, what to do, and the tokens.
fn check(writer: &mut Writer<'_>, first: &Finding, group: &[&Finding]) {
    let title = format!("{}  {}", first.check, first.title);
    let mut text = vec![Span::new(&first.check).bold().tone(Tone::Accent), Span::new(&format!("  {}", first.title)).bold()];
    if first.result == ResultWord::Error {
        text.push(Span::new("  (error: not evaluated)").bold().tone(Tone::Fail));
    }
    let block = writer.heading(Level::Group, &title, text);
    writer.add(block);
    let sentence = |label: &str, words: &str| vec![Span::new(label).bold(), Span::new(&format!(" {words}"))];
    let small = |text: Text, after| Paragraph::new(text).size(Size::TABLE).after(after).most_lines(12).keep_with_next();
    writer.add(small(sentence("Required.", &first.required), 1.5));
    writer.add(small(sentence("Remedy.", &first.remediation), 5.0));
    let mut table = Table::new(vec![
        Column::share("Token", 1.25),
        Column::share("Provider and account", 0.95),
        Column::share("Owner", 0.95),
        Column::share("Observed", 1.6),
    ]);
    table.belongs_to = vec![Span::new(&first.check).bold().tone(Tone::Accent), Span::new(&format!("  {}", first.title)).bold()];
    for finding in group {
        table.row(vec![subject(finding), place(finding), owner_of(finding), observed(finding, &first.required)]);
    }
    writer.add(Block::Table(table));
}

/// Name and identifier of a token, or the source.
pub fn subject(finding: &Finding) -> Text {
    if finding.blanket {
        return vec![Span::new(&format!("all {} of {}", counted(finding.count, "token", "tokens"), finding.source)).italic()];
    }
    let name = finding.name.as_deref().map(|name| bounded(name, 90));
    let id = finding.token_id.as_deref().map(|id| bounded(id, 120));
    match (&name, &id) {
        (Some(name), Some(id)) if name != id => stacked(vec![Span::new(name).bold()], vec![Span::new(id).muted()]),
        (_, Some(id)) => vec![Span::new(id).bold()],
        (Some(name), None) => stacked(vec![Span::new(name).bold()], vec![Span::new("no token id").muted()]),
        (None, None) => vec![Span::new(&finding.source).bold()],
    }
}

/// Provider, account and environment.
pub fn place(finding: &Finding) -> Text {
    let provider = finding.provider.as_deref().unwrap_or_default();
    let mut place = plain(provider);
    let account = finding.account.as_deref().unwrap_or_default();
    let account = bounded(account, 90);
    let environment = finding.environment.as_ref().map_or_else(String::new, |word| format!(" ({word})"));
    let words = format!("{account}{environment}");
    if !words.is_empty() {
        place = stacked(place, vec![Span::new(&words).muted()]);
    }
    if provider.is_empty() && words.is_empty() {
        place = vec![Span::new(&format!("source {}", brief(&finding.source, 200))).muted()];
    }
    place
}

pub fn owner(owner: Option<&str>) -> Text {
    owner.map_or_else(|| vec![Span::new("no owner").italic()], plain)
}

/// The owner of a token; nothing for a source, which has none, and for an entry that stands for many.
pub fn owner_of(finding: &Finding) -> Text {
    if finding.blanket || finding.subject == Subject::Source { Text::new() } else { owner(finding.owner.as_deref()) }
}

/// What was seen; what is required too, where an override makes it differ from the check's first finding.
fn observed(finding: &Finding, required: &str) -> Text {
    let mut second = Text::new();
    if finding.required != required {
        second.push(Span::new(&format!("Required: {}", finding.required)).muted());
    } else if let Some(limit) = finding.limit.as_ref().filter(|limit| limit.origin != "default") {
        second.push(Span::new(&format!("Limit from: {}", limit.origin)).muted());
    }
    stacked(plain(&finding.observed), second)
}
