//! Bar charts: one bar per line, all of the same length, divided by result.
//!
//! The labels and figures are text of the page and each bar is a small drawing, so a chart reads well on a phone and aloud.

use crate::report::ResultCounts;
use crate::report::words::number;
use serde::Serialize;

/// One line of a chart.
#[derive(Serialize)]
pub struct Bar {
    pub label: String,
    /// What the bar shows, in words.
    pub text: String,
    pub segments: Vec<Segment>,
}

/// One part of a bar, in percent of its length.
#[derive(Serialize)]
pub struct Segment {
    pub kind: &'static str,
    pub start: String,
    pub width: String,
}

/// The bar of a set of results; not-applicable results are left out, as they are everywhere in the figures.
pub fn bar(label: impl Into<String>, counts: &ResultCounts) -> Bar {
    let parts = [
        ("fail", counts.fail),
        ("error", counts.error),
        ("unknown", counts.unknown),
        ("waived", counts.waived()),
        ("pass", counts.pass),
    ];
    let whole = counts.assessed();
    let mut before = 0;
    let mut segments = Vec::new();
    let mut said = Vec::new();
    for (kind, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
        let start = hundredths(before, whole);
        let end = hundredths(before + count, whole);
        segments.push(Segment { kind, start: percent(start), width: percent(end - start) });
        said.push(format!("{} {kind}", number(count)));
        before += count;
    }
    let text = if said.is_empty() { "no applicable results".to_owned() } else { said.join(", ") };
    Bar { label: label.into(), text, segments }
}

/// Hundredths of a percent, cut.
fn hundredths(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 10_000 / u128::from(whole.max(1))).unwrap_or(10_000)
}

fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_fill_the_bar_without_gap_or_overlap() {
        let chart = bar("high", &ResultCounts { pass: 1, fail: 1, unknown: 1, ..ResultCounts::default() });
        let ends: Vec<(&str, &str)> = chart.segments.iter().map(|part| (part.start.as_str(), part.width.as_str())).collect();
        assert_eq!(ends, [("0.00%", "33.33%"), ("33.33%", "33.33%"), ("66.66%", "33.34%")]);
        assert_eq!(chart.text, "1 fail, 1 unknown, 1 pass");
    }

    #[test]
    fn nothing_assessed_draws_nothing() {
        let chart = bar("low", &ResultCounts { not_applicable: 4, ..ResultCounts::default() });
        assert!(chart.segments.is_empty());
        assert_eq!(chart.text, "no applicable results");
    }
}
