//! Method and annex: how the figures came about, and what another person needs to get the same answer.

use super::super::block::{Block, Paragraph, paragraph};
use super::super::span::{Span, Text, plain, stacked};
use super::super::style::Tone;
use super::super::table::{Column, Table};
use super::Writer;
use crate::report::words::instant;

pub fn write(writer: &mut Writer<'_>) {
    method(writer);
    parameters(writer);
    files(writer);
    glossary(writer);
    again(writer);
}

fn method(writer: &mut Writer<'_>) {
    writer.section("Limits and method");
    for note in &writer.report.method {
        let text = vec![Span::new(&format!("{}. ", note.heading)).bold(), Span::new(&note.text)];
        writer.add(Paragraph::new(text));
    }
}

fn parameters(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("Annex: parameters in force");
    writer.add(paragraph("The limits and lists that the checks used. Relaxed means looser than the profile's own value."));
    if let Some(profile) = &report.run.policy.profile
        && !report.run.policy.relaxed.is_empty()
    {
        writer.add(paragraph(&format!("Looser than profile {profile}, which the policy extends:")));
        writer.add(Block::Bullets(report.run.policy.relaxed.iter().map(|sentence| plain(sentence)).collect()));
    }
    let mut table = Table::new(vec![Column::fit("Check", 60.0), Column::share("Parameter", 1.0), Column::share("In force", 2.4)]);
    for check in report.checks.iter().filter(|check| check.selected) {
        for parameter in &check.parameters {
            let relaxed = if parameter.relaxed { vec![Span::new("relaxed").bold().tone(Tone::Fail)] } else { Text::new() };
            table.row(vec![vec![Span::new(&check.id).bold()], plain(&parameter.name), stacked(plain(&parameter.text), relaxed)]);
        }
    }
    if table.rows.is_empty() {
        writer.add(paragraph("No check of this policy has a parameter."));
    } else {
        writer.add(Block::Table(table));
    }
}

fn files(writer: &mut Writer<'_>) {
    let report = writer.report;
    writer.section("Annex: input files");
    if report.sources.is_empty() {
        writer.add(paragraph("No file was read."));
        return;
    }
    let mut table = Table::new(vec![Column::share("File", 1.0), Column::fit("SHA-256", 320.0)]);
    for source in &report.sources {
        let format = vec![Span::new(&format!("{}, {}", source.format, source.role.word())).muted()];
        table.row(vec![stacked(vec![Span::new(&source.name).bold()], format), plain(&source.sha256)]);
    }
    writer.add(Block::Table(table));
}

const GLOSSARY: [(&str, &str); 11] = [
    ("pass", "All evidence needed was on record and usable, and it shows that the condition holds."),
    ("fail", "The evidence shows a violation. One proven violation is enough."),
    ("unknown", "The check applies, but evidence is missing, unreadable or implausible. Never counted as a pass."),
    ("waived", "A fail or unknown that a waiver in force covers. It stays visible and earns nothing."),
    ("not-applicable", "The evidence shows that the check has no object here. Left out of the score."),
    ("error", "The tool could not evaluate the check. Says nothing about the token; the run cannot be clean."),
    ("compliance", "Pass divided by pass, fail, unknown, waived and error."),
    ("evidence coverage", "The share of results that rest on evidence: pass, fail, and waived fails."),
    ("as-of instant", "The one instant to which every age is measured."),
    ("source", "One input file: an inventory of tokens, or a register of people, purposes or accounts."),
    ("owner", "The person or team on record as responsible for a token."),
];

fn glossary(writer: &mut Writer<'_>) {
    writer.section("Annex: glossary");
    let rows = GLOSSARY.iter().map(|(word, meaning)| ((*word).to_owned(), plain(meaning))).collect();
    writer.add(Block::KeyValues { label_width: 92.0, rows });
}

fn again(writer: &mut Writer<'_>) {
    let run = &writer.report.run;
    writer.section("Annex: how to re-check this report");
    let steps = [
        "Compare the SHA-256 of the input files with the list above; any difference means another input.".to_owned(),
        format!(
            "Run countersign {} audit with the same files, the policy with digest {}, and --as-of {}. The run id {} and the bytes of \
             this file come out the same where the same fonts are installed.",
            run.tool_version,
            run.policy.digest,
            instant(run.as_of),
            run.id
        ),
        "countersign explain ID prints a check's rule, its parameters and its SQL; that SQL, run on the database of the run in any \
         SQLite shell, gives the same rows."
            .to_owned(),
        "report.json holds the same figures and findings for machines.".to_owned(),
    ];
    writer.add(Block::Together(vec![Block::Bullets(steps.iter().map(|step| plain(step)).collect())]));
}
