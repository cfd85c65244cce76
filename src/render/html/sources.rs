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
    further_pages: bool,
    /// How many rows the export says it holds beyond those that are here.
    rows_missing: Option<u64>,
    declared_complete: &'a [String],
    collected: &'a [String],
    not_collected: &'a [String],
    needed: &'a [String],
    dropped_fields: &'a [String],
    register: Option<Register>,
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
    not_in_newer: u64,
    contradictions: u64,
    records: u64,
}

#[derive(Serialize)]
struct Register {
    complete: bool,
    includes_leavers: bool,
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
            not_in_newer: rows.not_in_newer,
            records: rows.records,
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
            age_days: source.age_days,
            rows: Rows::from(&source.rows),
            paging: source.paging.word(),
            further_pages: source.further_pages,
            rows_missing: source.rows.missing(),
            declared_complete: &source.declared_complete,
            collected: &source.collected,
            not_collected: &source.not_collected,
            needed: &source.needed,
            dropped_fields: &source.dropped_fields,
            register: source
                .register
                .map(|register| Register { complete: register.complete, includes_leavers: register.includes_leavers }),
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
