//! How every token fared: results counted for each token while the checks run, a few bytes a token.

use super::result::{ResultWord, Severity};

/// The outcome of one check for one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    Pass = 1,
    Fail,
    Unknown,
    NotApplicable,
    WaivedFail,
    WaivedUnknown,
    Error,
}

impl Mark {
    /// Every mark, in the order of their codes.
    pub const ALL: [Mark; 7] =
        [Mark::Pass, Mark::Fail, Mark::Unknown, Mark::NotApplicable, Mark::WaivedFail, Mark::WaivedUnknown, Mark::Error];

    /// The result and the plain result behind it.
    pub fn words(self) -> (ResultWord, ResultWord) {
        match self {
            Mark::Pass => (ResultWord::Pass, ResultWord::Pass),
            Mark::Fail => (ResultWord::Fail, ResultWord::Fail),
            Mark::Unknown => (ResultWord::Unknown, ResultWord::Unknown),
            Mark::NotApplicable => (ResultWord::NotApplicable, ResultWord::NotApplicable),
            Mark::WaivedFail => (ResultWord::Waived, ResultWord::Fail),
            Mark::WaivedUnknown => (ResultWord::Waived, ResultWord::Unknown),
            Mark::Error => (ResultWord::Error, ResultWord::Error),
        }
    }

    /// The mark of a plain result, waived or not. Only fail and unknown can be waived.
    pub fn of(plain: ResultWord, waived: bool) -> Mark {
        match (plain, waived) {
            (ResultWord::Fail, true) => Mark::WaivedFail,
            (ResultWord::Unknown, true) => Mark::WaivedUnknown,
            (ResultWord::Pass, _) => Mark::Pass,
            (ResultWord::Fail, false) => Mark::Fail,
            (ResultWord::Unknown, false) => Mark::Unknown,
            (ResultWord::NotApplicable, _) => Mark::NotApplicable,
            (ResultWord::Error | ResultWord::Waived, _) => Mark::Error,
        }
    }
}

/// Number of results of one token by mark, its fails by severity, and the weights of its results. A catalogue has fewer than 256
/// checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenTally {
    marks: [u8; 7],
    fails: [u8; 4],
    /// Weights of the passes, and of everything but not-applicable (catalogue 1.3).
    passed: u16,
    assessed: u16,
}

impl TokenTally {
    /// Counts one result.
    pub fn add(&mut self, mark: Mark, severity: Severity) {
        let count = &mut self.marks[mark as usize - 1];
        *count = count.saturating_add(1);
        // at most 8 times 255
        let weight = u16::try_from(severity.weight()).unwrap_or_default();
        if mark != Mark::NotApplicable {
            self.assessed = self.assessed.saturating_add(weight);
        }
        if mark == Mark::Pass {
            self.passed = self.passed.saturating_add(weight);
        }
        if mark == Mark::Fail {
            let fails = &mut self.fails[severity as usize];
            *fails = fails.saturating_add(1);
        }
    }

    /// Adds what another worker counted.
    pub fn merge(&mut self, other: &TokenTally) {
        for (count, more) in self.marks.iter_mut().zip(other.marks) {
            *count = count.saturating_add(more);
        }
        for (count, more) in self.fails.iter_mut().zip(other.fails) {
            *count = count.saturating_add(more);
        }
        self.passed = self.passed.saturating_add(other.passed);
        self.assessed = self.assessed.saturating_add(other.assessed);
    }

    /// Weights of the passes, and of everything but not-applicable.
    pub fn weights(&self) -> (u64, u64) {
        (u64::from(self.passed), u64::from(self.assessed))
    }

    /// How many results have this mark.
    pub fn count(&self, mark: Mark) -> u64 {
        u64::from(self.marks[mark as usize - 1])
    }

    /// Fails by severity, critical first.
    pub fn fails(&self) -> [u64; 4] {
        self.fails.map(u64::from)
    }

    /// The strongest result of the token (catalogue 1.1); none if no check was run.
    pub fn strongest(&self) -> Option<Mark> {
        const STRONGEST_FIRST: [Mark; 7] =
            [Mark::Fail, Mark::Error, Mark::Unknown, Mark::WaivedFail, Mark::WaivedUnknown, Mark::Pass, Mark::NotApplicable];
        STRONGEST_FIRST.into_iter().find(|mark| self.count(*mark) > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_codes_agree() {
        for (index, mark) in Mark::ALL.into_iter().enumerate() {
            assert_eq!(mark as usize, index + 1);
            let (result, plain) = mark.words();
            assert_eq!(Mark::of(plain, result == ResultWord::Waived), mark);
        }
    }

    #[test]
    fn the_strongest_result_wins() {
        let mut tally = TokenTally::default();
        assert_eq!(tally.strongest(), None);
        for (mark, strongest) in [
            (Mark::NotApplicable, Mark::NotApplicable),
            (Mark::Pass, Mark::Pass),
            (Mark::WaivedUnknown, Mark::WaivedUnknown),
            (Mark::Unknown, Mark::Unknown),
            (Mark::Error, Mark::Error),
            (Mark::Fail, Mark::Fail),
        ] {
            tally.add(mark, Severity::High);
            assert_eq!(tally.strongest(), Some(strongest));
        }
        assert_eq!(tally.fails(), [0, 1, 0, 0]);
        tally.add(Mark::Pass, Severity::Critical);
        // pass, two waived or unknown, error and fail of weight 4, and a pass of weight 8
        assert_eq!(tally.weights(), (4 + 8, 5 * 4 + 8));
    }
}
