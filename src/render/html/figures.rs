//! Counts, shares, severities and results as the templates see them.

use crate::report::words::number;
use crate::report::{Fraction, ResultCounts, ResultWord, Severity};
use serde::Serialize;
use std::borrow::Cow;

/// Numbers of results, with the sums that tables show.
#[derive(Serialize)]
pub struct Counts {
    pub pass: u64,
    pub fail: u64,
    pub unknown: u64,
    pub waived: u64,
    pub not_applicable: u64,
    pub error: u64,
    pub assessed: u64,
    pub total: u64,
}

impl From<&ResultCounts> for Counts {
    fn from(counts: &ResultCounts) -> Counts {
        Counts {
            pass: counts.pass,
            fail: counts.fail,
            unknown: counts.unknown,
            waived: counts.waived(),
            not_applicable: counts.not_applicable,
            error: counts.error,
            assessed: counts.assessed(),
            total: counts.total(),
        }
    }
}

/// A share with the numbers it comes from.
#[derive(Serialize)]
pub struct Share {
    pub numerator: u64,
    pub denominator: u64,
    pub text: String,
}

impl From<Fraction> for Share {
    fn from(fraction: Fraction) -> Share {
        Share {
            numerator: fraction.numerator,
            denominator: fraction.denominator,
            text: fraction.percent_text().replace(" %", "\u{a0}%"),
        }
    }
}

/// A severity by word and shape; the colour comes from the word.
#[derive(Serialize, Clone, Copy)]
pub struct SeverityView {
    pub word: &'static str,
    pub mark: &'static str,
}

impl From<Severity> for SeverityView {
    fn from(severity: Severity) -> SeverityView {
        SeverityView { word: severity.word(), mark: severity.mark() }
    }
}

/// A result by word and shape.
#[derive(Serialize, Clone, Copy)]
pub struct ResultView {
    pub word: &'static str,
    pub mark: &'static str,
}

impl From<ResultWord> for ResultView {
    fn from(result: ResultWord) -> ResultView {
        let mark = match result {
            ResultWord::Fail => "✕",
            ResultWord::Error => "‼",
            ResultWord::Unknown => "?",
            ResultWord::Waived => "~",
            ResultWord::Pass => "✓",
            ResultWord::NotApplicable => "–",
        };
        ResultView { word: result.word(), mark }
    }
}

/// Longest text of a table cell, in characters.
const CELL: usize = 240;

/// A text for a table cell: what is longer than [`CELL`] is cut, and says how long it was. The JSON report holds it whole.
pub fn cell(text: &str) -> String {
    cut(text, CELL).into_owned()
}

/// The first characters of a text, and how many there were.
pub fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        None => Cow::Borrowed(text),
        Some((at, _)) => {
            let kept = text.get(..at).unwrap_or(text);
            Cow::Owned(format!("{kept}… ({} characters)", number(text.chars().count() as u64)))
        }
    }
}
