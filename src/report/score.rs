//! Scores of any set of results (catalogue 1.3). Everything stays a whole-number fraction.

use super::model::*;

/// The scores of results that share a severity.
pub fn of(results: &ResultCounts, severity: Severity) -> Score {
    of_all(&[SeverityCounts { severity, results: *results }])
}

/// The scores of results of several severities.
pub fn of_all(by_severity: &[SeverityCounts]) -> Score {
    let mut all = ResultCounts::default();
    let mut weighted = Fraction::default();
    for counts in by_severity {
        all.add(&counts.results);
        weighted.numerator += counts.severity.weight() * counts.results.pass;
        weighted.denominator += counts.severity.weight() * counts.results.assessed();
    }
    of_counts(&all, weighted)
}

/// The scores of results whose weights are summed already.
pub fn of_counts(all: &ResultCounts, weighted: Fraction) -> Score {
    let of_assessed = |numerator| Fraction { numerator, denominator: all.assessed() };
    Score {
        compliance: of_assessed(all.pass),
        coverage: of_assessed(all.pass + all.fail + all.waived_fail),
        possible: of_assessed(all.pass + all.unknown + all.error + all.waived_unknown),
        accepted_risk: of_assessed(all.waived()),
        with_accepted_risk: of_assessed(all.pass + all.waived()),
        weighted,
    }
}

/// The scores of the results of several checks together.
pub fn of_checks<'c>(checks: impl Iterator<Item = &'c CheckSummary>) -> Score {
    of_all(&checks.map(|check| SeverityCounts { severity: check.severity, results: check.results }).collect::<Vec<_>>())
}

/// Evidence coverage against the policy's minimum. Where nothing was assessed there is no evidence, so it is not sufficient.
pub fn coverage(results: &ResultCounts, minimum_percent: u32) -> Coverage {
    let fraction = of_counts(results, Fraction::default()).coverage;
    // Compared as fractions, so that 79.99 % does not reach 80.
    let reached = u128::from(fraction.numerator) * 100 >= u128::from(minimum_percent) * u128::from(fraction.denominator);
    Coverage { fraction, minimum_percent, sufficient: fraction.denominator > 0 && reached }
}

impl ResultCounts {
    /// Counts results of one word; `plain` tells the two kinds of waived apart.
    pub fn count(&mut self, result: ResultWord, plain: ResultWord, count: u64) {
        let place = match result {
            ResultWord::Pass => &mut self.pass,
            ResultWord::Fail => &mut self.fail,
            ResultWord::Unknown => &mut self.unknown,
            ResultWord::NotApplicable => &mut self.not_applicable,
            ResultWord::Error => &mut self.error,
            ResultWord::Waived if plain == ResultWord::Unknown => &mut self.waived_unknown,
            ResultWord::Waived => &mut self.waived_fail,
        };
        *place += count;
    }

    /// The strongest word present (catalogue 1.1); none if nothing was counted.
    pub fn strongest(&self) -> Option<ResultWord> {
        let present = [
            (ResultWord::Fail, self.fail),
            (ResultWord::Error, self.error),
            (ResultWord::Unknown, self.unknown),
            (ResultWord::Waived, self.waived()),
            (ResultWord::Pass, self.pass),
            (ResultWord::NotApplicable, self.not_applicable),
        ];
        present.into_iter().find(|(_, count)| *count > 0).map(|(word, _)| word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_catalogue() {
        let results = ResultCounts { pass: 70, fail: 10, unknown: 15, waived_fail: 4, error: 1, ..Default::default() };
        let score = of(&results, Severity::High);
        assert_eq!(results.assessed(), 100);
        assert_eq!(score.compliance.percent_text(), "70.0 %");
        assert_eq!(coverage(&results, 80).fraction.percent_text(), "84.0 %");
        assert_eq!(score.possible.percent_text(), "86.0 %");
        assert_eq!(score.accepted_risk.percent_text(), "4.0 %");
    }

    #[test]
    fn waived_unknowns_are_possible_but_no_evidence() {
        let results = ResultCounts { pass: 1, waived_unknown: 1, not_applicable: 5, ..Default::default() };
        assert_eq!(of(&results, Severity::Low).possible, Fraction { numerator: 2, denominator: 2 });
        assert_eq!(coverage(&results, 50).fraction, Fraction { numerator: 1, denominator: 2 });
    }

    #[test]
    fn weights_are_those_of_the_catalogue() {
        let pass = ResultCounts { pass: 1, ..Default::default() };
        let fail = ResultCounts { fail: 1, ..Default::default() };
        let score = of_all(&[
            SeverityCounts { severity: Severity::Critical, results: fail },
            SeverityCounts { severity: Severity::High, results: pass },
            SeverityCounts { severity: Severity::Medium, results: pass },
            SeverityCounts { severity: Severity::Low, results: pass },
        ]);
        assert_eq!(score.weighted, Fraction { numerator: 7, denominator: 15 });
        assert_eq!(score.compliance, Fraction { numerator: 3, denominator: 4 });
    }

    #[test]
    fn coverage_is_compared_exactly() {
        let results = |pass, unknown| ResultCounts { pass, unknown, ..Default::default() };
        assert!(coverage(&results(80, 20), 80).sufficient);
        assert!(!coverage(&results(79_999, 20_001), 80).sufficient);
        assert!(!coverage(&results(0, 0), 0).sufficient);
    }
}
