//! Every figure of a report against a second computation, from single results and by the formulas as they are printed.

use super::*;
use crate::report::sample;
use proptest::prelude::*;

/// One result: what is summed under.
struct One {
    check: String,
    severity: Severity,
    area: String,
    provider: String,
    account: String,
    owner: Option<String>,
    environment: Option<String>,
    /// False for a check of sources.
    of_token: bool,
    result: ResultWord,
    plain: ResultWord,
}

/// Numerator, denominator, and the tenths of a percent that fit into it, found by counting up.
fn share(part: u64, whole: u64) -> (u64, u64, Option<u64>) {
    let tenths = (whole > 0).then(|| (0..=1000).take_while(|tenths| tenths * whole <= part * 1000).last().unwrap_or_default());
    (part, whole, tenths)
}

fn shown(fraction: Fraction) -> (u64, u64, Option<u64>) {
    (fraction.numerator, fraction.denominator, fraction.tenths())
}

/// Compliance, coverage, possible, accepted risk, with accepted risk, weighted.
fn expected<'o>(ones: impl Iterator<Item = &'o One>) -> [(u64, u64, Option<u64>); 6] {
    let (mut applicable, mut passed, mut evident, mut possible, mut waived) = (0, 0, 0, 0, 0);
    let (mut weight_passed, mut weight_all) = (0, 0);
    for one in ones.filter(|one| one.result != ResultWord::NotApplicable) {
        let weight = match one.severity {
            Severity::Critical => 8,
            Severity::High => 4,
            Severity::Medium => 2,
            Severity::Low => 1,
        };
        applicable += 1;
        weight_all += weight;
        match (one.result, one.plain) {
            (ResultWord::Pass, _) => {
                passed += 1;
                weight_passed += weight;
                evident += 1;
                possible += 1;
            }
            (ResultWord::Fail, _) => evident += 1,
            (ResultWord::Unknown | ResultWord::Error, _) => possible += 1,
            (ResultWord::Waived, ResultWord::Unknown) => {
                waived += 1;
                possible += 1;
            }
            (ResultWord::Waived, _) => {
                waived += 1;
                evident += 1;
            }
            (ResultWord::NotApplicable, _) => {}
        }
    }
    [
        share(passed, applicable),
        share(evident, applicable),
        share(possible, applicable),
        share(waived, applicable),
        share(passed + waived, applicable),
        share(weight_passed, weight_all),
    ]
}

fn found(score: &Score) -> [(u64, u64, Option<u64>); 6] {
    [score.compliance, score.coverage, score.possible, score.accepted_risk, score.with_accepted_risk, score.weighted].map(shown)
}

/// The strongest word of some results, by the order in which the catalogue writes it down.
fn control_word<'o>(ones: impl Iterator<Item = &'o One>) -> &'static str {
    let mut words: Vec<ResultWord> = ones.map(|one| one.result).collect();
    words.sort_by_key(|word| match word {
        ResultWord::Fail => 0,
        ResultWord::Error => 1,
        ResultWord::Unknown => 2,
        ResultWord::Waived => 3,
        ResultWord::Pass => 4,
        ResultWord::NotApplicable => 5,
    });
    match words.first() {
        Some(ResultWord::Fail) => "findings",
        Some(ResultWord::Error) => "tool error",
        Some(ResultWord::Unknown) => "evidence gap",
        Some(ResultWord::Waived) => "accepted risk",
        Some(ResultWord::Pass) => "no findings",
        _ => "not assessed",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_figure_is_what_a_second_computation_gives(
        results in prop::collection::vec(prop::collection::vec(0u8..8, 18), 0..40),
        of_sources in prop::collection::vec(0u8..8, 0..9),
        minimum in 0u32..=100,
    ) {
        let mut facts = sample::with_sources(sample::facts_from(&results), &of_sources);
        facts.policy.minimum_coverage_percent = minimum;
        let ones = singles(&facts, &results);
        let report = build(facts);

        let all = expected(ones.iter());
        prop_assert_eq!(found(&report.summary.score), all);
        let (evident, applicable, _) = all[1];
        prop_assert_eq!(shown(report.summary.coverage.fraction), all[1]);
        prop_assert_eq!(report.summary.coverage.sufficient, applicable > 0 && evident * 100 >= u64::from(minimum) * applicable);
        if applicable == 0 {
            prop_assert_eq!(report.summary.score.compliance.percent_text(), "no applicable results");
            prop_assert_eq!(report.summary.verdict, Verdict::NoApplicableResults);
        }
        for check in &report.checks {
            prop_assert_eq!(found(&check.score), expected(ones.iter().filter(|one| one.check == check.id)), "{}", &check.id);
        }
        for area in &report.areas {
            let name = area.name.as_deref().unwrap_or_default();
            prop_assert_eq!(found(&area.score), expected(ones.iter().filter(|one| one.area == name)), "{}", name);
        }
        prop_assert_eq!(report.areas.iter().map(|area| area.results.total()).sum::<u64>(), ones.len() as u64);

        let of_tokens = || ones.iter().filter(|one| one.of_token);
        for owner in &report.owners {
            prop_assert_eq!(found(&owner.score), expected(of_tokens().filter(|one| one.owner == owner.owner)));
        }
        for row in &report.providers {
            let mine = of_tokens().filter(|one| one.provider == row.provider && one.account == row.account);
            prop_assert_eq!(found(&row.score), expected(mine), "{}", &row.account);
        }
        for row in &report.provider_totals {
            let mine = of_tokens().filter(|one| Some(&one.provider) == row.name.as_ref());
            prop_assert_eq!(found(&row.score), expected(mine), "{:?}", &row.name);
        }
        for row in &report.environments {
            prop_assert_eq!(found(&row.score), expected(of_tokens().filter(|one| one.environment == row.name)), "{:?}", &row.name);
        }
        for groups in [&report.provider_totals, &report.environments] {
            let tokens: u64 = groups.iter().filter_map(|group| group.tokens).sum();
            prop_assert_eq!(tokens, report.summary.tokens);
        }
        for control in report.frameworks.iter().flat_map(|framework| &framework.controls) {
            let on_it = |one: &&One| control.checks.iter().any(|check| check.trim_start_matches('~') == one.check);
            prop_assert_eq!(found(&control.score), expected(ones.iter().filter(on_it)), "{}", &control.id);
            prop_assert_eq!(&control.status, control_word(ones.iter().filter(on_it)), "{}", &control.id);
            if let Some(of_provider) = control.of_provider {
                let theirs = ones.iter().filter(on_it).filter(|one| one.of_token && one.provider == "aws").count();
                prop_assert_eq!(of_provider.total(), theirs as u64, "{}", &control.id);
            }
        }
    }
}

/// The same results one by one, as the sample gave them out.
fn singles(facts: &RunFacts, results: &[Vec<u8>]) -> Vec<One> {
    let mut ones = Vec::new();
    let tokens = sample::single_results(results);
    for (token, check, result, plain) in tokens {
        let Some(of) = facts.checks.iter().find(|facts| facts.id == check) else { continue };
        ones.push(One {
            check: check.to_owned(),
            severity: of.severity,
            area: of.area.clone(),
            provider: token.provider,
            account: token.account,
            owner: token.owner,
            environment: Some(token.environment.to_owned()),
            of_token: true,
            result,
            plain,
        });
    }
    for of in facts.checks.iter().filter(|check| check.subject == Subject::Source) {
        for count in &of.counts {
            for _ in 0..count.count {
                ones.push(One {
                    check: of.id.clone(),
                    severity: of.severity,
                    area: of.area.clone(),
                    provider: String::new(),
                    account: String::new(),
                    owner: None,
                    environment: None,
                    of_token: false,
                    result: count.result,
                    plain: count.plain_result,
                });
            }
        }
    }
    ones
}
