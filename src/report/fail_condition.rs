//! Which results make a run fail, and what a finished report therefore comes to (decisions, 7).

use super::model::*;

/// The policy's `fail_run_on`, or what `--fail-on` puts in its place. An error always fails the run; waived never counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailCondition {
    /// Any fail of this severity or higher; none: fails are let through.
    pub fail_from: Option<Severity>,
    /// Any unknown of a check of this severity or higher; none: unknowns are let through.
    pub unknown_from: Option<Severity>,
}

impl FailCondition {
    /// `fail_run_on` of profile baseline: any critical or high fail.
    pub const BASELINE: FailCondition = FailCondition { fail_from: Some(Severity::High), unknown_from: None };
    /// `fail_run_on` of profile strict: any fail, any unknown of critical or high checks.
    pub const STRICT: FailCondition = FailCondition { fail_from: Some(Severity::Low), unknown_from: Some(Severity::High) };
    /// `--fail-on never`.
    pub const NEVER: FailCondition = FailCondition { fail_from: None, unknown_from: None };

    /// `--fail-on SEVERITY`: any plain fail of that severity or higher.
    pub fn fail_on(severity: Severity) -> FailCondition {
        FailCondition { fail_from: Some(severity), unknown_from: None }
    }

    /// Whether one result of a check of that severity meets the condition.
    pub fn meets(self, result: ResultWord, severity: Severity) -> bool {
        // Severities are ordered critical first, so "or higher" is "not after".
        match result {
            ResultWord::Error => true,
            ResultWord::Fail => self.fail_from.is_some_and(|from| severity <= from),
            ResultWord::Unknown => self.unknown_from.is_some_and(|from| severity <= from),
            ResultWord::Waived | ResultWord::Pass | ResultWord::NotApplicable => false,
        }
    }
}

/// What a finished report comes to; the exit codes 0, 1 and 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Clean,
    /// Exit code 1: a result meets the fail condition.
    Findings,
    /// Exit code 3: no tokens, too little evidence, or an incomplete source.
    NotEnough,
}

/// Judges a finished report: findings before not enough, not enough before clean.
pub fn outcome(report: &Report, condition: FailCondition) -> Outcome {
    let summary = &report.summary;
    let met = |counts: &SeverityCounts| {
        let occurring = [
            (ResultWord::Error, counts.results.error),
            (ResultWord::Fail, counts.results.fail),
            (ResultWord::Unknown, counts.results.unknown),
        ];
        occurring.into_iter().any(|(result, count)| count > 0 && condition.meets(result, counts.severity))
    };
    if summary.by_severity.iter().any(met) {
        Outcome::Findings
    } else if summary.tokens == 0
        || summary.verdict == Verdict::NoApplicableResults
        || !summary.coverage.sufficient
        || !summary.incomplete_because.is_empty()
    {
        Outcome::NotEnough
    } else {
        Outcome::Clean
    }
}
