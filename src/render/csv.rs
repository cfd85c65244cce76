//! `findings.csv`: every finding, one row each, any number, safe to open in a spreadsheet.
//!
//! RFC 4180 in UTF-8 without a byte order mark. Each row states the run, its as-of instant and the digest of the policy, so that a
//! row that is copied elsewhere can still be traced. Rows are written as they come; none is kept.

use super::{RenderError, Rendered, Renderer, clean};
use crate::report::{Finding, Report, Run, build, words};
use ::csv::{Terminator, WriterBuilder};
use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

/// Hands out findings one by one, in the order in which they are to be written.
pub trait FindingRows {
    /// Calls `each` for every finding and stops at its first error.
    fn visit(&mut self, each: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()>;
}

/// The findings of a report that holds all of them.
impl FindingRows for &[Finding] {
    fn visit(&mut self, each: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()> {
        self.iter().try_for_each(each)
    }
}

/// `findings.csv` of a report that holds every finding; of a larger run it is written with [`write`] from the store.
pub struct Csv;

impl Renderer for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn file_name(&self) -> &'static str {
        build::FINDINGS_FILE
    }

    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Rendered, RenderError> {
        let held = report.findings.len() as u64;
        if held < report.findings_total {
            return Err(RenderError::FindingsCut { held, total: report.findings_total });
        }
        write(&report.run, &mut report.findings.as_slice(), out)?;
        Ok(Rendered::default())
    }
}

/// The columns, in order.
pub const COLUMNS: [&str; 30] = [
    "run_id",
    "as_of",
    "policy",
    "policy_digest",
    "check",
    "title",
    "severity",
    "result",
    "plain_result",
    "subject",
    "source",
    "provider",
    "account",
    "token_id",
    "name",
    "owner",
    "environment",
    "observed",
    "required",
    "limit",
    "limit_origin",
    "relaxed",
    "reason",
    "basis",
    "evidence",
    "waiver",
    "blanket",
    "count",
    "remediation",
    "tool_version",
];

/// Writes the header and a row for each finding; returns the number of findings.
pub fn write(run: &Run, rows: &mut dyn FindingRows, out: &mut dyn Write) -> Result<u64, RenderError> {
    let mut csv = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(BufWriter::new(out));
    csv.write_record(COLUMNS).map_err(io::Error::from)?;
    let as_of = words::instant(run.as_of);
    let mut written = 0;
    rows.visit(&mut |finding| {
        let limit = finding.limit.as_ref();
        let limit_value = limit.map(|limit| spelled(&limit.value)).unwrap_or_default();
        let evidence = serde_json::to_string(&finding.evidence).map_err(io::Error::from)?;
        let count = finding.count.to_string();
        let cells: [&str; COLUMNS.len()] = [
            &run.id,
            &as_of,
            &run.policy.name,
            &run.policy.digest,
            &finding.check,
            &finding.title,
            finding.severity.word(),
            finding.result.word(),
            finding.plain_result.word(),
            finding.subject.word(),
            &finding.source,
            finding.provider.as_deref().unwrap_or_default(),
            finding.account.as_deref().unwrap_or_default(),
            finding.token_id.as_deref().unwrap_or_default(),
            finding.name.as_deref().unwrap_or_default(),
            finding.owner.as_deref().unwrap_or_default(),
            finding.environment.as_deref().unwrap_or_default(),
            &finding.observed,
            &finding.required,
            &limit_value,
            limit.map_or("", |limit| &limit.origin),
            if finding.relaxed { "true" } else { "false" },
            &finding.reason,
            &finding.basis,
            &evidence,
            finding.waiver.as_deref().unwrap_or_default(),
            if finding.blanket { "true" } else { "false" },
            &count,
            &finding.remediation,
            &run.tool_version,
        ];
        for text in cells {
            csv.write_field(cell(text).as_bytes()).map_err(io::Error::from)?;
        }
        csv.write_record(None::<&[u8]>).map_err(io::Error::from)?;
        written += 1;
        Ok(())
    })?;
    csv.flush()?;
    Ok(written)
}

/// A JSON value as a cell: text without quotation marks, lists and numbers as JSON.
fn spelled(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Text as a spreadsheet may hold it: cleaned, and with an apostrophe before what it would take for a formula.
fn cell(text: &str) -> Cow<'_, str> {
    let clean = clean::line(text);
    // Some programs drop leading blanks before they look for a formula, and East Asian ones read the wide signs too.
    let formula = clean.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if formula || text.starts_with(['\t', '\r', '\n']) { Cow::Owned(format!("'{clean}")) } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn rendered(report: &Report) -> String {
        let mut bytes = Vec::new();
        Csv.render(report, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn one_row_for_each_finding_that_names_the_run() {
        let report = sample::sample();
        let text = rendered(&report);
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS);
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), report.findings.len());
        for (row, finding) in rows.iter().zip(&report.findings) {
            assert_eq!(row.get(0), Some("4f1c0a9be27d8356"));
            assert_eq!(row.get(1), Some("2026-10-01T00:00:00Z"));
            assert_eq!(row.get(3), Some(report.run.policy.digest.as_str()));
            assert_eq!(row.get(4), Some(finding.check.as_str()));
            assert_eq!(row.get(13), Some(finding.token_id.as_deref().unwrap_or_default()));
        }
    }

    #[test]
    fn no_cell_of_a_hostile_report_is_a_formula_or_acts_unseen() {
        let text = rendered(&sample::hostile());
        for row in ::csv::Reader::from_reader(text.as_bytes()).records() {
            for cell in row.unwrap().iter() {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{cell}");
                assert!(!cell.chars().any(|c| clean::acts_unseen(c) || c == '\n'), "{cell}");
            }
        }
    }

    #[test]
    fn formulas_get_an_apostrophe_and_other_text_none() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            (" @SUM(1)", "' @SUM(1)"),
            ("\t=x", "' =x"),
            ("\rtext", "' text"),
            ("＝1", "'＝1"),
            ("a=b", "a=b"),
            ("deploy - production", "deploy - production"),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn separators_and_quotation_marks_are_quoted() {
        let mut report = sample::sample_sized(1);
        report.findings[0].name = Some("a,\"b\"\nc".to_owned());
        let text = rendered(&report);
        assert!(text.contains(",\"a,\"\"b\"\" c\","), "{text}");
        assert!(text.ends_with("\r\n"));
    }

    /// Makes its rows while they are written, as a store does, and may break off.
    struct Stream {
        finding: Finding,
        rows: u64,
        breaks_at: Option<u64>,
    }

    impl FindingRows for Stream {
        fn visit(&mut self, each: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()> {
            for row in 0..self.rows {
                if self.breaks_at == Some(row) {
                    return Err(io::Error::other("the store is gone"));
                }
                self.finding.token_id = Some(format!("t-{row}"));
                each(&self.finding)?;
            }
            Ok(())
        }
    }

    #[test]
    fn rows_are_written_as_they_come() {
        let report = sample::sample_sized(1);
        let mut stream = Stream { finding: report.findings[0].clone(), rows: 20_000, breaks_at: None };
        let mut bytes = Vec::new();
        assert_eq!(write(&report.run, &mut stream, &mut bytes).unwrap(), 20_000);
        assert_eq!(::csv::Reader::from_reader(bytes.as_slice()).records().count(), 20_000);
    }

    #[test]
    fn a_stream_that_breaks_off_is_an_error_and_no_shorter_file() {
        let report = sample::sample_sized(1);
        let mut stream = Stream { finding: report.findings[0].clone(), rows: 10, breaks_at: Some(4) };
        assert!(matches!(write(&report.run, &mut stream, &mut Vec::new()), Err(RenderError::Io(_))));
    }

    #[test]
    fn a_cut_report_is_refused_instead_of_losing_rows() {
        let mut report = sample::sample();
        report.findings_total += 1;
        assert!(matches!(Csv.render(&report, &mut Vec::new()), Err(RenderError::FindingsCut { .. })));
    }
}
