//! How figures, instants and codes are spelled: once, for every output.

use super::model::*;
use chrono::DateTime;

/// `2026-10-01T00:00:00Z`.
pub fn instant(seconds: Seconds) -> String {
    DateTime::from_timestamp(seconds, 0).map_or_else(|| seconds.to_string(), |at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// `2026-10-01 00:00 UTC`, for people; seconds only where they matter.
pub fn instant_for_people(seconds: Seconds) -> String {
    let form = if seconds % 60 == 0 { "%Y-%m-%d %H:%M UTC" } else { "%Y-%m-%d %H:%M:%S UTC" };
    DateTime::from_timestamp(seconds, 0).map_or_else(|| seconds.to_string(), |at| at.format(form).to_string())
}

/// `2026-10-01`.
pub fn date(seconds: Seconds) -> String {
    DateTime::from_timestamp(seconds, 0).map_or_else(|| seconds.to_string(), |at| at.format("%Y-%m-%d").to_string())
}

/// `12,345`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Fraction {
    /// Tenths of a percent, cut and never rounded, so that 100.0 % means all (catalogue 1.3); none when nothing was counted.
    pub fn tenths(self) -> Option<u64> {
        if self.denominator == 0 {
            return None;
        }
        let tenths = u128::from(self.numerator) * 1000 / u128::from(self.denominator);
        u64::try_from(tenths).ok()
    }

    /// `70.0 %`, or `no applicable results`.
    pub fn percent_text(self) -> String {
        self.tenths().map_or_else(|| "no applicable results".to_owned(), |tenths| format!("{}.{} %", tenths / 10, tenths % 10))
    }
}

impl ResultCounts {
    /// Waived results of either kind.
    pub fn waived(&self) -> u64 {
        self.waived_fail + self.waived_unknown
    }

    /// A of catalogue 1.3: everything but not-applicable.
    pub fn assessed(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.waived() + self.error
    }

    /// Everything, not-applicable included.
    pub fn total(&self) -> u64 {
        self.assessed() + self.not_applicable
    }

    /// Adds another set of counts to this one.
    pub fn add(&mut self, other: &ResultCounts) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
        self.waived_fail += other.waived_fail;
        self.waived_unknown += other.waived_unknown;
        self.error += other.error;
    }
}

impl Verdict {
    /// The word of `summary.verdict` (decisions, 32).
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Error => "error",
            Verdict::Findings => "findings",
            Verdict::NotEnoughEvidence => "not enough evidence",
            Verdict::NoApplicableResults => "no applicable results",
            Verdict::NoFindings => "no findings",
        }
    }
}

impl Paging {
    pub fn word(self) -> &'static str {
        match self {
            Paging::Complete => "complete",
            Paging::Incomplete => "incomplete",
            Paging::Unknown => "unknown",
        }
    }
}

impl RowCounts {
    /// How many rows the export says it holds beyond those that are here; none if it holds what it says.
    pub fn missing(&self) -> Option<u64> {
        self.declared.and_then(|declared| declared.checked_sub(self.read)).filter(|missing| *missing > 0)
    }
}

impl SourceRole {
    pub fn word(self) -> &'static str {
        match self {
            SourceRole::Inventory => "inventory",
            SourceRole::People => "people",
            SourceRole::Purposes => "purposes",
            SourceRole::Accounts => "accounts",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_cut_so_that_only_all_is_100() {
        assert_eq!(Fraction { numerator: 9999, denominator: 10000 }.percent_text(), "99.9 %");
        assert_eq!(Fraction { numerator: 70, denominator: 100 }.percent_text(), "70.0 %");
        assert_eq!(Fraction { numerator: 3, denominator: 3 }.percent_text(), "100.0 %");
        assert_eq!(Fraction::default().percent_text(), "no applicable results");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1000), "1,000");
        assert_eq!(number(1_234_567), "1,234,567");
    }
}
