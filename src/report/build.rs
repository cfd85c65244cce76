//! Builds the report: all counting, sorting and scoring, once, for every output.
//!
//! The order in which the facts arrive never matters: every list is sorted by a key that tells its entries apart.

use super::input::*;
use super::model::*;
use super::{frameworks, groups, method, score, verdict};
use std::collections::BTreeMap;

/// The most findings that a report holds (decisions, 30).
pub const FINDINGS_CUT: usize = 100_000;

/// The file that holds every finding when the report does not.
pub const FINDINGS_FILE: &str = "findings.csv";

/// Turns the facts of a run into its report.
pub fn build(facts: RunFacts) -> Report {
    build_with_cut(facts, FINDINGS_CUT)
}

fn build_with_cut(facts: RunFacts, cut: usize) -> Report {
    let checks = checks(&facts);
    let summary = summary(&facts, &checks);
    let frameworks = frameworks::summarise(&facts.frameworks, &checks, &facts.checks);
    let method = method::notes(&facts, &summary);
    let titles: BTreeMap<&str, &CheckFacts> = facts.checks.iter().map(|check| (check.id.as_str(), check)).collect();
    let unknown_groups = groups::unknown_groups(&facts.unknowns, &titles);
    let supply_next = groups::supply_next(&facts.unknowns, &facts.supply_hints);
    let owners = groups::owners(&facts.tallies);
    let providers = groups::providers(&facts.tallies);
    let provider_totals = groups::by(&facts.tallies, |tally| Some(tally.provider.as_deref().unwrap_or("unstated")));
    let environments = groups::by(&facts.tallies, |tally| tally.environment.as_deref());
    let areas = groups::areas(&checks);

    let findings_total = facts.findings_total.max(facts.findings.len() as u64);
    let is_cut = findings_total > cut as u64;
    let mut findings: Vec<Finding> = facts
        .findings
        .into_iter()
        .filter(|row| !is_cut || row.result == ResultWord::Fail)
        .map(|row| finding(row, &titles))
        .collect();
    findings.sort_by(|a, b| finding_order(a).cmp(&finding_order(b)).then_with(|| finding_rest(a).cmp(&finding_rest(b))));
    findings.truncate(cut);

    let mut sources = facts.sources;
    sources.sort_by(|a, b| (a.role, &a.name, &a.sha256).cmp(&(b.role, &b.name, &b.sha256)));
    let mut skipped_files = facts.skipped_files;
    skipped_files.sort_by(|a, b| (&a.name, &a.reason).cmp(&(&b.name, &b.reason)));
    let mut rejected_rows = facts.rejected_rows;
    rejected_rows.sort_by(|a, b| (&a.source, a.line, &a.reason).cmp(&(&b.source, b.line, &b.reason)));
    let rejected_total = facts.rejected_total.max(rejected_rows.len() as u64);
    rejected_rows.truncate(LISTED_ROWS);
    let mut contradictions = facts.contradictions;
    contradictions.sort_by(|a, b| contradiction_order(a).cmp(&contradiction_order(b)));
    let contradictions_total = facts.contradictions_total.max(contradictions.len() as u64);
    contradictions.truncate(LISTED_ROWS);
    let mut waivers = facts.waivers;
    waivers.sort_by(|a, b| waiver_order(a).cmp(&waiver_order(b)));

    Report {
        branding: facts.branding,
        run: facts.run,
        summary,
        sources,
        skipped_files,
        checks,
        findings,
        findings_total,
        findings_file: is_cut.then(|| FINDINGS_FILE.to_owned()),
        unknown_groups,
        supply_next,
        owners,
        providers,
        provider_totals,
        environments,
        areas,
        rejected_rows,
        rejected_total,
        contradictions,
        contradictions_total,
        waivers,
        frameworks,
        method,
    }
}

fn checks(facts: &RunFacts) -> Vec<CheckSummary> {
    let mut checks: Vec<CheckSummary> = facts.checks.iter().map(check).collect();
    // Stable: catalogue order stays within the two groups.
    checks.sort_by_key(|check| !check.selected);
    checks
}

fn check(facts: &CheckFacts) -> CheckSummary {
    let mut results = ResultCounts::default();
    for entry in &facts.counts {
        results.count(entry.result, entry.plain_result, entry.count);
    }
    CheckSummary {
        id: facts.id.clone(),
        name: facts.name.clone(),
        area: facts.area.clone(),
        title: facts.title.clone(),
        severity: facts.severity,
        subject: facts.subject,
        selected: facts.selected,
        rationale: facts.rationale.clone(),
        remediation: facts.remediation.clone(),
        parameters: facts.parameters.clone(),
        controls: facts.controls.clone(),
        results,
        score: score::of(&results, facts.severity),
    }
}

fn summary(facts: &RunFacts, checks: &[CheckSummary]) -> Summary {
    let by_severity: Vec<SeverityCounts> = Severity::ALL
        .into_iter()
        .map(|severity| {
            let mut results = ResultCounts::default();
            checks.iter().filter(|check| check.severity == severity).for_each(|check| results.add(&check.results));
            SeverityCounts { severity, results }
        })
        .collect();
    let mut results = ResultCounts::default();
    by_severity.iter().for_each(|counts| results.add(&counts.results));
    let mut tokens_by_result = ResultCounts::default();
    facts.tallies.iter().for_each(|tally| tokens_by_result.add(&tally.tokens_by_result));
    let coverage = score::coverage(&results, facts.policy.minimum_coverage_percent);
    let mut of_tokens = ResultCounts::default();
    facts.tallies.iter().for_each(|tally| of_tokens.add(&tally.results));
    let verdict = verdict::word(&results, of_tokens.assessed(), &coverage);
    Summary {
        tokens: facts.tokens,
        not_yet_existing: facts.not_yet_existing,
        tokens_by_result,
        results,
        verdict_sentence: verdict::sentence(verdict, facts.tokens, &by_severity, &results, &coverage),
        by_severity: by_severity.clone(),
        score: score::of_all(&by_severity),
        coverage,
        verdict,
        incomplete_because: verdict::incomplete_because(facts, &results, &coverage),
    }
}

/// A finding as reports show it: the row with the words of its check.
pub fn finding(row: FindingRow, checks: &BTreeMap<&str, &CheckFacts>) -> Finding {
    let check = checks.get(row.check.as_str());
    Finding {
        title: check.map(|check| check.title.clone()).unwrap_or_default(),
        severity: check.map_or(Severity::Low, |check| check.severity),
        remediation: check.map(|check| check.remediation.clone()).unwrap_or_default(),
        relaxed: check.is_some_and(|check| check.parameters.iter().any(|parameter| parameter.relaxed)),
        value_sources: row.value_sources,
        check: row.check,
        subject: row.subject,
        source: row.source,
        provider: row.provider,
        account: row.account,
        token_id: row.token_id,
        name: row.name,
        owner: row.owner,
        environment: row.environment,
        result: row.result,
        plain_result: row.plain_result,
        reason: row.reason,
        basis: row.basis,
        evidence: row.evidence,
        observed: row.observed,
        required: row.required,
        limit: row.limit,
        waiver: row.waiver,
        blanket: row.blanket,
        count: row.count,
    }
}

type FindingOrder<'a> =
    (Severity, ResultWord, &'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>, bool, &'a str, &'a str);

fn finding_order(finding: &Finding) -> FindingOrder<'_> {
    (
        finding.severity,
        finding.result,
        &finding.check,
        finding.provider.as_deref(),
        finding.account.as_deref(),
        finding.token_id.as_deref(),
        !finding.blanket,
        &finding.source,
        &finding.reason,
    )
}

/// Tells findings apart that agree in everything by which they are sorted, such as two rows without a token id.
fn finding_rest(finding: &Finding) -> (Option<&str>, Option<&str>, &str, String) {
    let evidence = serde_json::to_string(&finding.evidence).unwrap_or_default();
    (finding.name.as_deref(), finding.owner.as_deref(), &finding.observed, evidence)
}

fn contradiction_order(entry: &Contradiction) -> [&str; 8] {
    [
        &entry.provider,
        &entry.account,
        &entry.token_id,
        &entry.field,
        &entry.other_source,
        &entry.other,
        &entry.used_source,
        &entry.used,
    ]
}

/// More than the id, because invalid waivers may share one.
fn waiver_order(waiver: &WaiverSummary) -> [&str; 7] {
    [&waiver.id, &waiver.check, &waiver.selector, &waiver.approved_at, &waiver.valid_through, &waiver.owner, &waiver.reason]
}

#[cfg(test)]
mod figures;
#[cfg(test)]
mod tests;
