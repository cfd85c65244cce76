//! Who has to act.

use super::super::block::{Block, paragraph};
use super::super::span::Text;
use super::super::table::{Column, Table};
use super::findings::owner;
use super::results::percent;
use super::{Writer, count};

pub fn write(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("By owner");
    if report.owners.is_empty() {
        writer.add(paragraph("There are no tokens, so there are no owners."));
        return;
    }
    writer.add(paragraph("Tokens without an owner come first, then the owners with the most fails."));
    let mut columns = vec![Column::share("Owner", 1.0)];
    columns
        .extend(["Tokens", "Fails", "Critical", "High", "Medium", "Low", "Unknown", "Waived", "Compliance"].map(Column::number));
    let mut table = Table::new(columns);
    let shown = report.owners.len().min(writer.limits.rows);
    for entry in report.owners.iter().take(shown) {
        let mut cells: Vec<Text> = vec![owner(entry.owner.as_deref()), count(entry.tokens), count(entry.results.fail)];
        cells.extend(entry.fails_by_severity.map(count));
        cells.extend([entry.results.unknown, entry.results.waived()].map(count));
        cells.push(percent(entry.score.compliance));
        table.row(cells);
    }
    writer.add(Block::Table(table));
    writer.announce(shown, report.owners.len(), "owners");
}
