//! The view by published framework, with the controls that nothing here assesses.

use super::super::block::{Block, Paragraph, paragraph};
use super::super::span::{Span, Text, plain, stacked};
use super::super::style::{Size, Tone};
use super::super::table::{Column, Table};
use super::{Writer, count};
use crate::report::ControlSummary;

pub fn write(writer: &mut Writer<'_>) {
    let report = writer.report;
    if report.frameworks.is_empty() {
        return;
    }
    writer.section("Framework view");
    writer.add(paragraph(
        "What the checks say about the controls of published frameworks. A control is broader than any check, so this view never says \
         that a control is met; controls that nothing here looks at are not assessed. A check after ~ only supports the control.",
    ));
    for framework in &report.frameworks {
        writer.subsection(&format!("{}, {}", framework.name, framework.version));
        if let Some(note) = &framework.note {
            writer.add(Paragraph::new(vec![Span::new(note).muted()]).size(Size::TABLE).keep_with_next());
        }
        let mut table = Table::new(vec![
            Column::share("Control", 1.7),
            Column::share("Checks", 1.3),
            Column::fit("Status", 70.0),
            Column::number("Fails"),
            Column::number("Unknown"),
            Column::number("Waived"),
        ]);
        for control in &framework.controls {
            table.row(row(control));
        }
        writer.add(Block::Table(table));
    }
}

fn row(control: &ControlSummary) -> Vec<Text> {
    let mut title = vec![Span::new(&control.id).bold(), Span::new(&format!("  {}", control.title))];
    if let Some(note) = &control.note {
        title = stacked(title, vec![Span::new(note).muted()]);
    }
    let mut checks = plain(&control.checks.join(", "));
    if !control.checks_off.is_empty() {
        let off = format!("{}off: {}", if control.checks.is_empty() { "" } else { "; " }, control.checks_off.join(", "));
        checks.push(Span::new(&off).muted());
    }
    let status = Span::new(&control.status);
    let status = match control.status.as_str() {
        "findings" | "tool error" => status.bold().tone(Tone::Fail),
        "not assessed" => status.italic().muted(),
        _ => status,
    };
    vec![
        title,
        checks,
        status.into(),
        count(control.results.fail),
        count(control.results.unknown),
        count(control.results.waived()),
    ]
}
