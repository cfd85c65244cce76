//! The summary of a run: the figures of page 2 in a few lines.

use crate::render::clean;
use crate::report::model::{SeverityCounts, Summary};
use crate::report::words::number;
use std::fmt::Write;
use std::path::PathBuf;

/// What the last lines of a run say.
#[derive(Debug)]
pub struct RunSummary<'a> {
    pub summary: &'a Summary,
    /// How many inventories and registers were read.
    pub sources: usize,
    pub rejected_rows: u64,
    /// The instant the run was measured to, spelled.
    pub as_of: &'a str,
    /// Outputs that were written, and the database.
    pub files: &'a [PathBuf],
}

impl RunSummary<'_> {
    /// Lines of label and figures, the verdict first.
    pub fn text(&self) -> String {
        let Summary { tokens, score, coverage, verdict, verdict_sentence, incomplete_because, by_severity, .. } = self.summary;
        let mut text = String::new();
        let mut line = |label: &str, value: &str| {
            let _infallible = writeln!(text, "{label:<12} {}", clean::line(value));
        };
        line("verdict", verdict.word());
        line("", verdict_sentence);
        line("as of", self.as_of);
        let rejected = match self.rejected_rows {
            0 => String::new(),
            1 => ", 1 row rejected".to_owned(),
            rows => format!(", {} rows rejected", number(rows)),
        };
        line("tokens", &format!("{} from {} sources{rejected}", number(*tokens), self.sources));
        let compliance = score.compliance;
        line(
            "compliance",
            &format!(
                "{} ({} of {} results)",
                compliance.percent_text(),
                number(compliance.numerator),
                number(compliance.denominator)
            ),
        );
        let judged = coverage.fraction;
        line(
            "coverage",
            &format!(
                "{} ({} of {} results; at least {} % asked for)",
                judged.percent_text(),
                number(judged.numerator),
                number(judged.denominator),
                coverage.minimum_percent
            ),
        );
        line("failures", &failures(by_severity));
        for reason in incomplete_because {
            line("incomplete", reason);
        }
        for (index, file) in self.files.iter().enumerate() {
            line(if index == 0 { "written" } else { "" }, &file.display().to_string());
        }
        text
    }
}

fn failures(by_severity: &[SeverityCounts]) -> String {
    let parts: Vec<String> =
        by_severity.iter().map(|counts| format!("{} {}", number(counts.results.fail), counts.severity.word())).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Coverage, Fraction, ResultCounts, Score, Severity, Verdict};

    #[test]
    fn the_figures_stand_with_numerator_and_denominator() {
        let fails = |severity, fail| SeverityCounts { severity, results: ResultCounts { fail, ..ResultCounts::default() } };
        let share = |numerator| Fraction { numerator, denominator: 2592 };
        let summary = Summary {
            tokens: 1500,
            not_yet_existing: 0,
            tokens_by_result: ResultCounts::default(),
            results: ResultCounts::default(),
            by_severity: vec![fails(Severity::Critical, 2), fails(Severity::High, 17)],
            score: Score {
                compliance: share(1814),
                coverage: share(1900),
                possible: share(2000),
                accepted_risk: share(0),
                with_accepted_risk: share(1814),
                weighted: share(1814),
            },
            coverage: Coverage { fraction: share(2100), minimum_percent: 80, sufficient: true },
            verdict: Verdict::Findings,
            verdict_sentence: "2 critical and 17 high results fail.".to_owned(),
            incomplete_because: vec!["`evil\u{1b}[2J.csv` was not recognised".to_owned()],
        };
        let text = RunSummary {
            summary: &summary,
            sources: 9,
            rejected_rows: 1,
            as_of: "2026-10-01T00:00:00Z",
            files: &[PathBuf::from("report/report.json")],
        }
        .text();
        insta::assert_snapshot!(text, @r"
        verdict      findings
                     2 critical and 17 high results fail.
        as of        2026-10-01T00:00:00Z
        tokens       1,500 from 9 sources, 1 row rejected
        compliance   69.9 % (1,814 of 2,592 results)
        coverage     81.0 % (2,100 of 2,592 results; at least 80 % asked for)
        failures     2 critical, 17 high
        incomplete   `evil<U+001B>[2J.csv` was not recognised
        written      report/report.json
        ");
    }
}
