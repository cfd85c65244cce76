//! Builds the report: all counting, sorting and scoring, once, for every output.
//!
//! The order in which the facts arrive never matters: every list is sorted by a key that tells its entries apart.

use super::input::*;
use super::model::*;
use super::words::number;
use super::{frameworks, method, score};
use std::cmp::Reverse;
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
    let frameworks = frameworks::summarise(&facts.frameworks, &checks);
    let method = method::notes(&facts, &summary);
    let titles: BTreeMap<&str, &CheckFacts> = facts.checks.iter().map(|check| (check.id.as_str(), check)).collect();
    let unknown_groups = unknown_groups(&facts.unknowns, &titles);
    let supply_next = supply_next(&facts.unknowns);
    let owners = owners(&facts.tallies);
    let providers = providers(&facts.tallies);

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
    waivers.sort_by(|a, b| (&a.id, &a.check, &a.selector).cmp(&(&b.id, &b.check, &b.selector)));

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
    let verdict = verdict(&results, &coverage);
    Summary {
        tokens: facts.tokens,
        not_yet_existing: facts.not_yet_existing,
        tokens_by_result,
        results,
        verdict_sentence: verdict_sentence(verdict, facts.tokens, &by_severity, &results, &coverage),
        by_severity: by_severity.clone(),
        score: score::of_all(&by_severity),
        coverage,
        verdict,
        incomplete_because: incomplete_because(facts, &results, &coverage),
    }
}

/// The first that applies (decisions, 32).
fn verdict(results: &ResultCounts, coverage: &Coverage) -> Verdict {
    if results.error > 0 {
        Verdict::Error
    } else if results.fail > 0 {
        Verdict::Findings
    } else if results.assessed() == 0 {
        // Without any assessed result coverage has no meaning, so this word must come before "not enough evidence".
        Verdict::NoApplicableResults
    } else if !coverage.sufficient {
        Verdict::NotEnoughEvidence
    } else {
        Verdict::NoFindings
    }
}

fn verdict_sentence(
    verdict: Verdict,
    tokens: u64,
    by_severity: &[SeverityCounts],
    results: &ResultCounts,
    coverage: &Coverage,
) -> String {
    let beside = match (results.unknown, results.waived()) {
        (0, 0) => String::new(),
        (unknown, 0) => format!(" {} could not be judged.", counted(unknown, "result", "results")),
        (0, waived) => format!(" {} waived.", counted(waived, "result is", "results are")),
        (unknown, waived) => format!(
            " {} could not be judged, and {} waived.",
            counted(unknown, "result", "results"),
            counted(waived, "is", "are")
        ),
    };
    let fails = || {
        let parts: Vec<String> = by_severity
            .iter()
            .filter(|counts| counts.results.fail > 0)
            .map(|counts| format!("{} {}", number(counts.results.fail), counts.severity.word()))
            .collect();
        format!("{} the policy ({})", counted(results.fail, "result breaks", "results break"), parts.join(", "))
    };
    match verdict {
        Verdict::Error => {
            let errors = format!("{} not be evaluated", counted(results.error, "result could", "results could"));
            let fails = if results.fail > 0 { format!(", and {}", fails()) } else { String::new() };
            format!("{errors}{fails}.{beside}")
        }
        Verdict::Findings => format!("{}.{beside}", fails()),
        Verdict::NotEnoughEvidence => format!(
            "Nothing on record breaks the policy, but only {} of the results rest on evidence and the policy asks for {} %.{beside}",
            coverage.fraction.percent_text(),
            coverage.minimum_percent
        ),
        Verdict::NoApplicableResults if tokens == 0 => "No token was read, so nothing was judged.".to_owned(),
        Verdict::NoApplicableResults => "No check applies to any token, so nothing was judged.".to_owned(),
        Verdict::NoFindings => format!("Nothing on record breaks the policy.{beside}"),
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// What keeps the run from being complete, in the order in which a reader would mend it.
fn incomplete_because(facts: &RunFacts, results: &ResultCounts, coverage: &Coverage) -> Vec<String> {
    let mut reasons = Vec::new();
    if facts.tokens == 0 {
        reasons.push("no token was read".to_owned());
    }
    let mut skipped: Vec<&SkippedFile> = facts.skipped_files.iter().collect();
    skipped.sort_by(|a, b| (&a.name, &a.reason).cmp(&(&b.name, &b.reason)));
    reasons.extend(skipped.iter().map(|file| format!("{} was not read: {}", file.name, file.reason)));
    let mut sources: Vec<&Source> = facts.sources.iter().collect();
    sources.sort_by(|a, b| (a.role, &a.name, &a.sha256).cmp(&(b.role, &b.name, &b.sha256)));
    for source in sources {
        let read = source.rows.read;
        if source.paging == Paging::Incomplete {
            reasons.push(match source.rows.declared {
                Some(declared) if declared > read => {
                    format!("{} holds {} of {} rows: further pages are missing", source.name, number(read), number(declared))
                }
                _ => format!("{} is incomplete: further pages are missing", source.name),
            });
        } else if let Some(declared) = source.rows.declared.filter(|declared| *declared > read) {
            reasons.push(format!("{} declares {} rows and holds {}", source.name, number(declared), number(read)));
        } else if read > 0 && source.rows.rejected >= read {
            reasons.push(format!("no row of {} could be used", source.name));
        }
    }
    if results.assessed() > 0 && !coverage.sufficient {
        reasons.push(format!(
            "evidence coverage is {}, below the policy's minimum of {} %",
            coverage.fraction.percent_text(),
            coverage.minimum_percent
        ));
    }
    reasons
}

/// A finding as reports show it: the row with the words of its check.
pub fn finding(row: FindingRow, checks: &BTreeMap<&str, &CheckFacts>) -> Finding {
    let check = checks.get(row.check.as_str());
    Finding {
        title: check.map(|check| check.title.clone()).unwrap_or_default(),
        severity: check.map_or(Severity::Low, |check| check.severity),
        remediation: check.map(|check| check.remediation.clone()).unwrap_or_default(),
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

fn unknown_groups(unknowns: &[UnknownFacts], checks: &BTreeMap<&str, &CheckFacts>) -> Vec<UnknownGroup> {
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

/// Unknowns by the fields they lack (decisions, 33). One that lacks two fields counts for both.
fn supply_next(unknowns: &[UnknownFacts]) -> Vec<SupplyNext> {
    let mut fields: BTreeMap<(&str, &str), (u64, Vec<String>)> = BTreeMap::new();
    for unknown in unknowns {
        let mut missing: Vec<&str> = unknown.missing.iter().map(String::as_str).collect();
        missing.sort_unstable();
        missing.dedup();
        for field in missing {
            let entry = fields.entry((&unknown.source, field)).or_default();
            entry.0 += unknown.count;
            entry.1.push(unknown.check.clone());
        }
    }
    let mut list: Vec<SupplyNext> = fields
        .into_iter()
        .map(|((source, field), (unknowns, mut checks))| {
            checks.sort_unstable();
            checks.dedup();
            SupplyNext { source: source.to_owned(), field: field.to_owned(), unknowns, checks }
        })
        .collect();
    list.sort_by_key(|entry| Reverse(entry.unknowns));
    list
}

fn owners(tallies: &[TokenTally]) -> Vec<OwnerSummary> {
    let mut owners: BTreeMap<Option<&str>, OwnerSummary> = BTreeMap::new();
    for tally in tallies {
        let owner = tally.owner.as_deref();
        let entry = owners.entry(owner).or_insert_with(|| OwnerSummary {
            owner: owner.map(str::to_owned),
            tokens: 0,
            results: ResultCounts::default(),
            fails_by_severity: [0; 4],
        });
        entry.tokens += tally.tokens;
        entry.results.add(&tally.results);
        for (sum, fails) in entry.fails_by_severity.iter_mut().zip(tally.fails_by_severity) {
            *sum += fails;
        }
    }
    let mut owners: Vec<OwnerSummary> = owners.into_values().collect();
    owners.sort_by_key(|entry| (entry.owner.is_some(), Reverse(entry.results.fail), Reverse(entry.fails_by_severity)));
    owners
}

fn providers(tallies: &[TokenTally]) -> Vec<ProviderSummary> {
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
        });
        entry.tokens += tally.tokens;
        entry.tokens_by_result.add(&tally.tokens_by_result);
        entry.results.add(&tally.results);
    }
    providers.into_values().collect()
}
