//! Results by check, and by provider.

use super::super::block::{Block, paragraph};
use super::super::span::{Span, Text, plain};
use super::super::table::{Column, Row, Table};
use super::{Writer, count};
use crate::report::{CheckSummary, Fraction, GroupSummary, ResultCounts};

pub fn write(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("Results by check");
    writer.add(paragraph(
        "Each check gives one result for each token. Compliance is pass divided by all results except not-applicable; it is cut, \
         not rounded, so 100.0 % means all.",
    ));
    let mut columns = vec![Column::share("Check", 1.0), Column::fit("Severity", 60.0)];
    columns.extend(["Pass", "Fail", "Unknown", "Waived", "Error", "Not applicable"].map(Column::number));
    columns.push(Column::number("Compliance"));
    let mut table = Table::new(columns);
    let mut area = "";
    for check in report.checks.iter().filter(|check| check.selected) {
        if check.area != area {
            area = &check.area;
            table.rows.push(Row::Group(vec![Span::new(&capitalised(area)).bold()]));
        }
        table.row(check_row(check));
    }
    let mut total = vec![vec![Span::new("All checks").bold()], Text::new()];
    total.extend(numbers(&report.summary.results));
    total.push(percent(report.summary.score.compliance));
    table.rows.push(Row::Total(total));
    writer.add(Block::Table(table));
    off(writer);
    let report = writer.report;
    groups(writer, "By area", &report.areas);
    groups(writer, "By provider", &report.provider_totals);
    groups(writer, "By environment", &report.environments);
    providers(writer);
}

/// The scores of areas, providers or environments.
fn groups(writer: &mut Writer<'_>, title: &str, groups: &[GroupSummary]) {
    if groups.is_empty() {
        return;
    }
    writer.subsection(title);
    let mut columns = vec![Column::share(&capitalised(title.trim_start_matches("By ")), 1.0)];
    columns.extend(["Tokens", "Fails", "Compliance", "Coverage", "Possible", "Accepted risk", "Weighted"].map(Column::number));
    let mut table = Table::new(columns);
    for group in groups.iter().take(writer.limits.rows) {
        let name = group.name.as_deref().map_or_else(|| vec![Span::new("none on record").italic()], plain);
        let mut cells = vec![name, group.tokens.map_or_else(|| plain("–"), count), count(group.results.fail)];
        let score = &group.score;
        let shares = [score.compliance, score.coverage, score.possible, score.accepted_risk, score.weighted];
        cells.extend(shares.map(percent));
        table.row(cells);
    }
    writer.add(Block::Table(table));
    writer.announce(writer.limits.rows.min(groups.len()), groups.len(), "rows");
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn check_row(check: &CheckSummary) -> Vec<Text> {
    let mut cells =
        vec![vec![Span::new(&check.id).bold(), Span::new(&format!("  {}", check.title))], Span::severity(check.severity).into()];
    cells.extend(numbers(&check.results));
    cells.push(percent(check.score.compliance));
    cells
}

/// In a column of figures, nothing to count is a dash.
pub fn percent(share: Fraction) -> Text {
    plain(&share.tenths().map_or_else(|| "–".to_owned(), |_| share.percent_text()))
}

fn numbers(results: &ResultCounts) -> [Text; 6] {
    [results.pass, results.fail, results.unknown, results.waived(), results.error, results.not_applicable].map(count)
}

fn off(writer: &mut Writer<'_>) {
    let off: Vec<Text> = writer
        .report
        .checks
        .iter()
        .filter(|check| !check.selected)
        .map(|check| vec![Span::new(&check.id).bold(), Span::new(&format!("  {}", check.title))])
        .collect();
    if !off.is_empty() {
        writer.subsection("Checks that the policy leaves off");
        writer.add(Block::Bullets(off));
    }
}

fn providers(writer: &mut Writer<'_>) {
    let report = writer.report;
    if report.providers.is_empty() {
        return;
    }
    writer.subsection("By provider and account");
    let mut columns = vec![Column::share("Provider", 0.7), Column::share("Account", 1.3), Column::number("Tokens")];
    columns.extend(["Compliant", "Non-compliant", "Unknown", "Waived", "Fails", "Compliance"].map(Column::number));
    let mut table = Table::new(columns);
    for provider in report.providers.iter().take(writer.limits.rows) {
        let tokens = &provider.tokens_by_result;
        let mut cells = vec![plain(&provider.provider), plain(&provider.account)];
        cells.extend(
            [provider.tokens, tokens.pass, tokens.fail, tokens.unknown, tokens.waived(), provider.results.fail].map(count),
        );
        cells.push(percent(provider.score.compliance));
        table.row(cells);
    }
    writer.add(Block::Table(table));
    writer.announce(writer.limits.rows.min(report.providers.len()), report.providers.len(), "accounts");
}
