//! Scope and completeness: where the rows came from and whether they are all of them.

use crate::report::{Report, RowCounts};
use serde::Serialize;
use tera::{Context, Error};

#[derive(Serialize)]
struct SourceView<'a> {
    name: &'a str,
    format: &'a str,
    format_title: &'a str,
    role: &'static str,
    sha256: &'a str,
    exported_at: Option<i64>,
    exported_at_basis: Option<&'a str>,
    /// Whole days from the export to the as-of instant.
    age_days: Option<u64>,
    rows: Rows,
    paging: &'static str,
    declared_complete: &'a [String],
    collected: &'a [String],
    not_collected: &'a [String],
    problems: &'a [String],
}

#[derive(Serialize)]
struct Rows {
    declared: Option<u64>,
    read: u64,
    rejected: u64,
    skipped: u64,
    duplicate: u64,
    superseded: u64,
    contradictions: u64,
}

impl From<&RowCounts> for Rows {
    fn from(rows: &RowCounts) -> Rows {
        Rows {
            declared: rows.declared,
            read: rows.read,
            rejected: rows.rejected,
            skipped: rows.skipped,
            duplicate: rows.duplicate,
            superseded: rows.superseded,
            contradictions: rows.contradictions,
        }
    }
}

#[derive(Serialize)]
struct Skipped<'a> {
    name: &'a str,
    reason: &'a str,
}

pub fn view(report: &Report) -> Result<Context, Error> {
    let sources: Vec<SourceView<'_>> = report
        .sources
        .iter()
        .map(|source| SourceView {
            name: &source.name,
            format: &source.format,
            format_title: &source.format_title,
            role: source.role.word(),
            sha256: &source.sha256,
            exported_at: source.exported_at,
            exported_at_basis: source.exported_at_basis.as_deref(),
            // An export made after the as-of instant is age 0 (decisions, 2).
            age_days: source.exported_at.map(|at| u64::try_from((report.run.as_of - at) / 86_400).unwrap_or(0)),
            rows: Rows::from(&source.rows),
            paging: source.paging.word(),
            declared_complete: &source.declared_complete,
            collected: &source.collected,
            not_collected: &source.not_collected,
            problems: &source.problems,
        })
        .collect();
    let skipped: Vec<Skipped<'_>> =
        report.skipped_files.iter().map(|file| Skipped { name: &file.name, reason: &file.reason }).collect();
    let mut context = Context::new();
    context.insert("sources", &sources);
    context.insert("skipped", &skipped);
    Ok(context)
}
