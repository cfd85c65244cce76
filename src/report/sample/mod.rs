//! Reports of an invented organisation, for tests of renderers. Deterministic, no I/O.
//!
//! Tokens and results are made up from their numbers and then go through [`super::build`] like those of a real run, so every
//! figure adds up.

mod checks;
mod files;
mod hostile;
mod surroundings;
mod tokens;

use super::build;
use super::input::*;
use super::model::*;
use checks::CHECKS;
use std::collections::BTreeMap;
use surroundings::{BLANKETS, EVIDENCE_SHEET};
use tokens::Token;

pub use hostile::{hostile, texts as hostile_texts};

/// The as-of instant of every sample: 2026-10-01T00:00:00Z, the end of 2026-Q3.
pub const AS_OF: Seconds = 1_790_812_800;

/// A realistic report: about 150 tokens of eight sources, every kind of finding.
pub fn sample() -> Report {
    build(sample_facts())
}

/// The facts behind [`sample`].
pub fn sample_facts() -> RunFacts {
    let mut facts = facts(&tokens::all(148), realistic);
    judge_sources(&mut facts);
    facts
}

/// Sources as they are in a real quarter: most of them fresh, one old, one without a date.
fn judge_sources(facts: &mut RunFacts) {
    files::judge(facts, |source| match source {
        2 => Outcome::Fail,
        5 => Outcome::Unknown,
        _ => Outcome::Pass,
    });
}

/// A report with exactly that many findings, up to the cut.
pub fn sample_sized(findings: usize) -> Report {
    let tokens = tokens::all(findings.div_ceil(3).max(1));
    let per_token = |token: &Token, check: usize| {
        // Three findings for each token, on checks that wander with the number of the token.
        let place = (check + CHECKS.len() - token.number % CHECKS.len()) % CHECKS.len();
        match place {
            0 | 5 | 10 if token.number * 3 + place / 5 < findings => match (token.number + place) % 11 {
                0..=6 => Outcome::Fail,
                7 | 8 => Outcome::Unknown,
                9 => Outcome::Waived,
                _ => Outcome::Error,
            },
            _ => Outcome::Pass,
        }
    };
    build(facts(&tokens, per_token))
}

/// Facts in which each token gets the results of one entry of `results`, a number for each check: 0 pass, 1 not-applicable,
/// 2 fail, 3 unknown, 4 unknown with all of the source, 5 waived, 6 error, 7 waived where the plain result is unknown.
#[cfg(test)]
pub fn facts_from(results: &[Vec<u8>]) -> RunFacts {
    facts(&tokens::all(results.len()), |token, check| outcome(results.get(token.number).and_then(|row| row.get(check))))
}

/// The same results one by one: token, id of the check, result, plain result.
#[cfg(test)]
pub fn single_results(results: &[Vec<u8>]) -> Vec<(Token, &'static str, ResultWord, ResultWord)> {
    let mut singles = Vec::new();
    for token in tokens::all(results.len()) {
        for (index, check) in CHECKS.iter().enumerate() {
            let (result, plain) = outcome(results.get(token.number).and_then(|row| row.get(index))).words();
            singles.push((token.clone(), check.id, result, plain));
        }
    }
    singles
}

/// Lets the check of sources judge those of the facts in the same manner; sources beyond `results` pass.
#[cfg(test)]
pub fn with_sources(mut facts: RunFacts, results: &[u8]) -> RunFacts {
    files::judge(&mut facts, |source| outcome(results.get(source)));
    facts
}

#[cfg(test)]
fn outcome(number: Option<&u8>) -> Outcome {
    let outcomes = [
        Outcome::Pass,
        Outcome::NotApplicable,
        Outcome::Fail,
        Outcome::Unknown,
        Outcome::Blanket,
        Outcome::Waived,
        Outcome::Error,
        Outcome::WaivedUnknown,
    ];
    outcomes.get(usize::from(number.copied().unwrap_or_default())).copied().unwrap_or(Outcome::Pass)
}

/// A report of a run that read no token.
pub fn empty() -> Report {
    let mut facts = facts(&[], |_, _| Outcome::Pass);
    facts.sources.clear();
    facts.rejected_rows.clear();
    facts.rejected_total = 0;
    facts.contradictions.clear();
    facts.contradictions_total = 0;
    facts.waivers.clear();
    facts.not_yet_existing = 0;
    build(facts)
}

/// A report in which every check passed for every token.
pub fn all_clean() -> Report {
    let mut facts = facts(&tokens::all(24), |_, _| Outcome::Pass);
    for source in &mut facts.sources {
        source.paging = Paging::Complete;
        source.rows.declared = None;
        source.rows.rejected = 0;
        source.rows.contradictions = 0;
        source.problems.clear();
    }
    facts.skipped_files.clear();
    facts.rejected_rows.clear();
    facts.rejected_total = 0;
    facts.contradictions.clear();
    facts.contradictions_total = 0;
    facts.waivers.clear();
    facts.not_yet_existing = 0;
    files::judge(&mut facts, |_| Outcome::Pass);
    build(facts)
}

/// What a made-up check says about a made-up token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Pass,
    NotApplicable,
    Fail,
    Unknown,
    /// Unknown together with every other token of the source.
    Blanket,
    Waived,
    WaivedUnknown,
    Error,
}

impl Outcome {
    fn words(self) -> (ResultWord, ResultWord) {
        match self {
            Outcome::Pass => (ResultWord::Pass, ResultWord::Pass),
            Outcome::NotApplicable => (ResultWord::NotApplicable, ResultWord::NotApplicable),
            Outcome::Fail => (ResultWord::Fail, ResultWord::Fail),
            Outcome::Unknown | Outcome::Blanket => (ResultWord::Unknown, ResultWord::Unknown),
            Outcome::Waived => (ResultWord::Waived, ResultWord::Fail),
            Outcome::WaivedUnknown => (ResultWord::Waived, ResultWord::Unknown),
            Outcome::Error => (ResultWord::Error, ResultWord::Error),
        }
    }
}

/// Results that look like those of a real quarter.
fn realistic(token: &Token, check: usize) -> Outcome {
    let Some(entry) = CHECKS.get(check) else { return Outcome::Pass };
    let draw = draw(token.number, check);
    if !token.live && !entry.id.starts_with("INV") {
        return Outcome::NotApplicable;
    }
    if BLANKETS.contains(&(token.source, entry.id)) {
        return Outcome::Blanket;
    }
    if entry.id == "ENC-002" && token.number == 61 {
        return Outcome::Error;
    }
    match draw {
        // Every check fails at least once, for a token of the sheet.
        _ if token.number == 7 * check + 6 || (check.is_multiple_of(4) && token.number == 7 * check + 13) => Outcome::Fail,
        0 => Outcome::Fail,
        1 if entry.id.starts_with("REV-002") || entry.severity == Severity::Medium => Outcome::Fail,
        2 if entry.unknown.is_some() && token.number % 10 == 4 => Outcome::WaivedUnknown,
        2 if entry.unknown.is_some() && token.number.is_multiple_of(2) => Outcome::Unknown,
        3 if matches!(entry.id, "ROT-001" | "STO-001" | "REV-002" | "SCP-001" | "CON-003") => Outcome::Waived,
        4..=9 if entry.may_not_apply => Outcome::NotApplicable,
        _ => Outcome::Pass,
    }
}

/// A number below 97 that looks random and is always the same.
fn draw(token: usize, check: usize) -> u64 {
    let mut mixed = (token as u64 * 64 + check as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 32)) % 97
}

/// Everything about a run over made-up tokens.
fn facts(tokens: &[Token], judge: impl Fn(&Token, usize) -> Outcome) -> RunFacts {
    let mut counts: BTreeMap<(usize, &str, ResultWord, ResultWord), u64> = BTreeMap::new();
    let mut tallies: BTreeMap<(&str, &str, Option<&str>, &str), TokenTally> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut blankets: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for token in tokens {
        let tally = tallies
            .entry((&token.provider, &token.account, token.owner.as_deref(), token.environment))
            .or_insert_with(|| tokens::tally_of(token));
        tally.tokens += 1;
        let mut results = ResultCounts::default();
        for (index, check) in CHECKS.iter().enumerate() {
            let outcome = judge(token, index);
            let (result, plain) = outcome.words();
            *counts.entry((index, token.source, result, plain)).or_default() += 1;
            results.count(result, plain, 1);
            let weight = if result == ResultWord::NotApplicable { 0 } else { check.severity.weight() };
            tally.weighted.denominator += weight;
            tally.weighted.numerator += if result == ResultWord::Pass { weight } else { 0 };
            if let (ResultWord::Fail, Some(fails)) = (result, tally.fails_by_severity.get_mut(check.severity as usize)) {
                *fails += 1;
            }
            match outcome {
                Outcome::Pass | Outcome::NotApplicable => {}
                Outcome::Blanket => *blankets.entry((index, token.source)).or_default() += 1,
                _ => findings.push(check.finding(token, outcome)),
            }
        }
        tally.results.add(&results);
        if let Some(word) = results.strongest() {
            let plain = if results.waived_fail > 0 { ResultWord::Fail } else { ResultWord::Unknown };
            tally.tokens_by_result.count(word, plain, 1);
        }
    }
    for ((index, source), count) in blankets {
        if let Some(check) = CHECKS.get(index) {
            findings.push(check.blanket(source, count));
        }
    }
    let waived = |id: &str| findings.iter().filter(|row| row.waiver.as_deref() == Some(id)).count() as u64;
    RunFacts {
        branding: surroundings::branding(),
        run: surroundings::run(),
        policy: surroundings::policy(),
        tokens: tokens.len() as u64,
        not_yet_existing: 2,
        sources: surroundings::sources(tokens),
        skipped_files: surroundings::skipped_files(),
        checks: CHECKS
            .iter()
            .enumerate()
            .map(|(index, check)| check.facts(index, &counts))
            .chain([files::check(), checks::left_off()])
            .collect(),
        unknowns: UnknownFacts::of_findings(&findings),
        findings_total: findings.len() as u64,
        supply_hints: surroundings::supply_hints(),
        tallies: tallies.into_values().collect(),
        rejected_rows: surroundings::rejected_rows(),
        rejected_total: 5,
        contradictions: surroundings::contradictions(EVIDENCE_SHEET),
        contradictions_total: 3,
        waivers: surroundings::waivers(waived),
        frameworks: surroundings::frameworks(),
        findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_holds_every_kind_of_finding() {
        let report = sample();
        let results = report.summary.results;
        assert!(results.fail > 20 && results.waived() > 3 && results.unknown > 50 && results.error > 0);
        for severity in Severity::ALL {
            assert!(report.findings.iter().any(|finding| finding.severity == severity), "{}", severity.word());
        }
        assert!(report.findings.iter().any(|finding| finding.blanket && finding.count > 1));
        assert!(!report.supply_next.is_empty() && !report.unknown_groups.is_empty());
        assert!(report.owners.first().is_some_and(|owner| owner.owner.is_none()));
        assert_eq!(report.sources.len(), 8);
        assert!(report.summary.coverage.sufficient);
        for check in report.checks.iter().filter(|check| check.selected) {
            assert!(check.results.fail > 0 && check.results.pass > 0, "{}", check.id);
        }
    }

    #[test]
    fn a_sized_report_has_that_many_findings() {
        for findings in [1, 2, 100, 1000] {
            assert_eq!(sample_sized(findings).findings.len(), findings);
        }
    }

    #[test]
    fn nothing_evaluated_is_no_applicable_results() {
        let report = empty();
        assert_eq!(report.summary.verdict, Verdict::NoApplicableResults);
        assert_eq!(report.summary.score.compliance.percent_text(), "no applicable results");
        assert!(!report.summary.incomplete_because.is_empty());
    }

    #[test]
    fn a_clean_report_has_no_findings() {
        let report = all_clean();
        assert_eq!((report.summary.verdict, report.findings.len()), (Verdict::NoFindings, 0));
        assert_eq!(report.summary.score.compliance.percent_text(), "100.0 %");
        assert!(report.summary.incomplete_because.is_empty(), "{:?}", report.summary.incomplete_because);
    }
}
