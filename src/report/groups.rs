//! Results gathered under what they have in common: reason, missing field, owner, provider.

use super::input::{CheckFacts, TokenTally, UnknownFacts};
use super::model::*;
use super::score;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What could not be judged, most first.
pub fn unknown_groups(unknowns: &[UnknownFacts], checks: &BTreeMap<&str, &CheckFacts>) -> Vec<UnknownGroup> {
    let mut groups: BTreeMap<(&str, &str, &str, String), (u64, bool)> = BTreeMap::new();
    for unknown in unknowns {
        let entry = groups.entry((&unknown.check, &unknown.source, &unknown.reason, unknown_text(unknown))).or_insert((0, false));
        entry.0 += unknown.count;
        entry.1 |= unknown.blanket;
    }
    let mut groups: Vec<UnknownGroup> = groups
        .into_iter()
        .map(|((check, source, reason, text), (count, blanket))| UnknownGroup {
            check: check.to_owned(),
            title: checks.get(check).map(|check| check.title.clone()).unwrap_or_default(),
            source: source.to_owned(),
            reason: reason.to_owned(),
            text,
            count,
            blanket,
        })
        .collect();
    groups.sort_by_key(|group| Reverse(group.count));
    groups
}

fn unknown_text(unknown: &UnknownFacts) -> String {
    if !unknown.text.is_empty() {
        return unknown.text.clone();
    }
    let fields = unknown.missing.join(", ");
    match unknown.reason.as_str() {
        "not-collected" if fields.is_empty() => "the source does not collect what the check needs".to_owned(),
        "not-collected" => format!("the source does not collect {fields}"),
        reason if fields.is_empty() => reason.replace('-', " "),
        reason => format!("{}: {fields}", reason.replace('-', " ")),
    }
}

/// Unknowns by the fields they lack (decisions, 33), first those that would decide most. One that lacks two fields counts for both and
/// is decided by neither alone.
pub fn supply_next(unknowns: &[UnknownFacts], hints: &BTreeMap<(String, String), String>) -> Vec<SupplyNext> {
    #[derive(Default)]
    struct Gap {
        unknowns: u64,
        decides: u64,
        checks: BTreeSet<String>,
    }
    let mut gaps: BTreeMap<(&str, &str), Gap> = BTreeMap::new();
    for unknown in unknowns {
        let missing: BTreeSet<&str> = unknown.missing.iter().map(String::as_str).collect();
        for &field in &missing {
            let gap = gaps.entry((&unknown.source, field)).or_default();
            gap.unknowns += unknown.count;
            gap.decides += if missing.len() == 1 { unknown.count } else { 0 };
            gap.checks.insert(unknown.check.clone());
        }
    }
    let entry = |((source, field), gap): ((&str, &str), Gap)| SupplyNext {
        source: source.to_owned(),
        field: field.to_owned(),
        unknowns: gap.unknowns,
        decides: gap.decides,
        hint: hints.get(&(source.to_owned(), field.to_owned())).cloned(),
        checks: gap.checks.into_iter().collect(),
    };
    let mut list: Vec<SupplyNext> = gaps.into_iter().map(entry).collect();
    list.sort_by_key(|entry| Reverse((entry.decides, entry.unknowns)));
    list
}

/// Tokens and results by owner: tokens without one first, then most fails first.
pub fn owners(tallies: &[TokenTally]) -> Vec<OwnerSummary> {
    let mut owners: BTreeMap<Option<&str>, OwnerSummary> = BTreeMap::new();
    for tally in tallies {
        let owner = tally.owner.as_deref();
        let entry = owners.entry(owner).or_insert_with(|| OwnerSummary {
            owner: owner.map(str::to_owned),
            tokens: 0,
            results: ResultCounts::default(),
            fails_by_severity: [0; 4],
            score: score::of_all(&[]),
        });
        entry.tokens += tally.tokens;
        entry.results.add(&tally.results);
        entry.score = score::of_counts(&entry.results, sum(entry.score.weighted, tally.weighted));
        for (sum, fails) in entry.fails_by_severity.iter_mut().zip(tally.fails_by_severity) {
            *sum += fails;
        }
    }
    let mut owners: Vec<OwnerSummary> = owners.into_values().collect();
    owners.sort_by_key(|entry| (entry.owner.is_some(), Reverse(entry.results.fail), Reverse(entry.fails_by_severity)));
    owners
}

/// Tokens and results by provider and account, by name.
pub fn providers(tallies: &[TokenTally]) -> Vec<ProviderSummary> {
    let mut providers: BTreeMap<(&str, &str), ProviderSummary> = BTreeMap::new();
    for tally in tallies {
        let provider = tally.provider.as_deref().unwrap_or("unstated");
        let account = tally.account.as_deref().unwrap_or("unstated");
        let entry = providers.entry((provider, account)).or_insert_with(|| ProviderSummary {
            provider: provider.to_owned(),
            account: account.to_owned(),
            tokens: 0,
            tokens_by_result: ResultCounts::default(),
            results: ResultCounts::default(),
            score: score::of_all(&[]),
        });
        entry.tokens += tally.tokens;
        entry.tokens_by_result.add(&tally.tokens_by_result);
        entry.results.add(&tally.results);
        entry.score = score::of_counts(&entry.results, sum(entry.score.weighted, tally.weighted));
    }
    providers.into_values().collect()
}

/// Tokens and results by what `name` reads of a tally; those without it first.
pub fn by<'t>(tallies: &'t [TokenTally], name: impl Fn(&'t TokenTally) -> Option<&'t str>) -> Vec<GroupSummary> {
    let mut groups: BTreeMap<Option<&str>, (u64, ResultCounts, Fraction)> = BTreeMap::new();
    for tally in tallies {
        let (tokens, results, weighted) = groups.entry(name(tally)).or_default();
        *tokens += tally.tokens;
        results.add(&tally.results);
        *weighted = sum(*weighted, tally.weighted);
    }
    groups
        .into_iter()
        .map(|(name, (tokens, results, weighted))| GroupSummary {
            name: name.map(str::to_owned),
            tokens: Some(tokens),
            results,
            score: score::of_counts(&results, weighted),
        })
        .collect()
}

/// Results by area, in the order in which the checks come.
pub fn areas(checks: &[CheckSummary]) -> Vec<GroupSummary> {
    let mut areas: Vec<&str> = Vec::new();
    for check in checks.iter().filter(|check| check.selected) {
        if !areas.contains(&check.area.as_str()) {
            areas.push(&check.area);
        }
    }
    areas
        .into_iter()
        .map(|area| {
            let mut results = ResultCounts::default();
            let within = || checks.iter().filter(|check| check.area == area);
            within().for_each(|check| results.add(&check.results));
            GroupSummary { name: Some(area.to_owned()), tokens: None, results, score: score::of_checks(within()) }
        })
        .collect()
}

fn sum(one: Fraction, other: Fraction) -> Fraction {
    Fraction { numerator: one.numerator + other.numerator, denominator: one.denominator + other.denominator }
}
