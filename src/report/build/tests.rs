use super::*;
use crate::report::fail_condition::{FailCondition, Outcome, outcome};
use crate::report::sample;
use proptest::prelude::*;

fn sum(counts: impl Iterator<Item = ResultCounts>) -> ResultCounts {
    counts.fold(ResultCounts::default(), |mut sum, counts| {
        sum.add(&counts);
        sum
    })
}

/// Results that findings stand for, by word.
fn of_findings(report: &Report) -> ResultCounts {
    let mut counts = ResultCounts::default();
    report.findings.iter().for_each(|finding| counts.count(finding.result, finding.plain_result, finding.count));
    counts
}

/// Brings everything whose order is not part of its meaning into another order.
fn shuffle(facts: &mut RunFacts, mut seed: u64) {
    fn list<T>(entries: &mut [T], seed: &mut u64) {
        for index in (1..entries.len()).rev() {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            entries.swap(index, (*seed >> 33) as usize % (index + 1));
        }
    }
    list(&mut facts.sources, &mut seed);
    list(&mut facts.skipped_files, &mut seed);
    list(&mut facts.findings, &mut seed);
    list(&mut facts.unknowns, &mut seed);
    list(&mut facts.tallies, &mut seed);
    list(&mut facts.rejected_rows, &mut seed);
    list(&mut facts.contradictions, &mut seed);
    list(&mut facts.waivers, &mut seed);
    facts.checks.iter_mut().for_each(|check| list(&mut check.counts, &mut seed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_count_adds_up(
        results in prop::collection::vec(prop::collection::vec(0u8..7, 18), 0..40),
        of_sources in prop::collection::vec(0u8..7, 0..9),
    ) {
        let report = build(sample::with_sources(sample::facts_from(&results), &of_sources));
        let all = report.summary.results;
        // What is said of a file is in every figure but those of tokens.
        let judges = |subject: Subject| report.checks.iter().filter(move |check| check.subject == subject);
        let of_tokens = sum(judges(Subject::Token).map(|check| check.results));
        let of_files = sum(judges(Subject::Source).map(|check| check.results));
        prop_assert_eq!(of_tokens.total(), results.len() as u64 * 18);
        prop_assert_eq!(of_files.total(), report.sources.len() as u64);
        prop_assert_eq!(sum([of_tokens, of_files].into_iter()), all);
        prop_assert_eq!(sum(report.summary.by_severity.iter().map(|counts| counts.results)), all);
        prop_assert_eq!(sum(report.owners.iter().map(|owner| owner.results)), of_tokens);
        prop_assert_eq!(sum(report.providers.iter().map(|provider| provider.results)), of_tokens);
        prop_assert_eq!(of_findings(&report), ResultCounts { pass: 0, not_applicable: 0, ..all });
        prop_assert_eq!(report.findings_total, report.findings.len() as u64);
        prop_assert_eq!(report.unknown_groups.iter().map(|group| group.count).sum::<u64>(), all.unknown);
        prop_assert_eq!(report.waivers.iter().map(|waiver| waiver.relabelled).sum::<u64>(), all.waived());
        prop_assert_eq!(report.owners.iter().flat_map(|owner| owner.fails_by_severity).sum::<u64>(), of_tokens.fail);

        let by_token = report.summary.tokens_by_result;
        prop_assert_eq!(by_token.total(), report.summary.tokens);
        prop_assert_eq!(report.owners.iter().map(|owner| owner.tokens).sum::<u64>(), report.summary.tokens);
        prop_assert_eq!(sum(report.providers.iter().map(|provider| provider.tokens_by_result)), by_token);

        let score = report.summary.score;
        prop_assert_eq!(score.compliance, Fraction { numerator: all.pass, denominator: all.assessed() });
        prop_assert!(score.compliance.numerator <= score.possible.numerator);
        prop_assert!(score.possible.numerator <= all.assessed());
        prop_assert!(score.weighted.numerator <= score.weighted.denominator);
    }

    #[test]
    fn order_of_the_facts_never_matters(
        results in prop::collection::vec(prop::collection::vec(0u8..7, 18), 0..20),
        seed in any::<u64>(),
    ) {
        let facts = sample::with_sources(sample::facts_from(&results), &[0, 2, 3, 5, 6]);
        let mut shuffled = facts.clone();
        shuffle(&mut shuffled, seed);
        prop_assert_eq!(build(facts), build(shuffled));
    }
}

#[test]
fn findings_that_agree_in_their_key_keep_one_order() {
    let mut facts = sample::sample_facts();
    for row in &mut facts.findings {
        row.token_id = None;
        row.provider = None;
        row.account = None;
    }
    let mut shuffled = facts.clone();
    shuffle(&mut shuffled, 7);
    assert_eq!(build(facts), build(shuffled));
}

#[test]
fn findings_are_sorted_by_severity_then_result() {
    let report = sample::sample();
    assert!(report.findings.is_sorted_by_key(|finding| (finding.severity, finding.result)));
}

#[test]
fn above_the_cut_only_the_first_fails_stay_and_no_count_changes() {
    let facts = sample::sample_facts();
    let full = build(facts.clone());
    let cut = build_with_cut(facts, 10);
    assert_eq!(cut.findings.len(), 10);
    let fails = full.findings.iter().filter(|finding| finding.result == ResultWord::Fail).take(10);
    assert!(cut.findings.iter().eq(fails));
    assert_eq!(cut.findings_total, full.findings_total);
    assert_eq!(cut.findings_file.as_deref(), Some(FINDINGS_FILE));
    assert_eq!(full.findings_file, None);
    assert_eq!(cut.summary, full.summary);
    assert_eq!(cut.unknown_groups, full.unknown_groups);
    assert_eq!(cut.supply_next, full.supply_next);
}

#[test]
fn a_run_at_the_cut_is_not_cut() {
    let facts = sample::sample_facts();
    let findings = facts.findings.len();
    assert_eq!(build_with_cut(facts, findings).findings.len(), findings);
}

#[test]
fn long_lists_are_cut_with_their_totals() {
    let mut facts = sample::sample_facts();
    let row = facts.rejected_rows[0].clone();
    facts.rejected_rows = (1..=500).rev().map(|line| RejectedRow { line, ..row.clone() }).collect();
    facts.rejected_total = 12_345;
    let report = build(facts);
    assert_eq!(report.rejected_rows.len(), LISTED_ROWS);
    assert_eq!(report.rejected_rows.first().map(|row| row.line), Some(1));
    assert_eq!(report.rejected_total, 12_345);
}

#[test]
fn checks_that_are_left_off_come_last() {
    let mut facts = sample::sample_facts();
    facts.checks.rotate_right(1);
    let report = build(facts);
    assert_eq!(report.checks.last().map(|check| check.id.as_str()), Some("ROT-002"));
    assert_eq!(report.checks.first().map(|check| check.id.as_str()), Some("STO-001"));
}

/// Facts of a run in which the first checks of one token have these results, and the others are not applicable.
fn one_token(results: &[u8]) -> RunFacts {
    let mut row = vec![1; 18];
    row.iter_mut().zip(results).for_each(|(place, result)| *place = *result);
    let mut facts = sample::facts_from(&[row]);
    facts.skipped_files.clear();
    facts.sources.clear();
    facts
}

#[test]
fn the_verdict_is_the_first_word_that_applies() {
    for (results, verdict, sentence) in [
        (&[2, 6, 0][..], Verdict::Error, "1 result could not be evaluated, and 1 result breaks the policy (1 high)."),
        (&[2, 3, 0], Verdict::Findings, "1 result breaks the policy (1 high). 1 result could not be judged."),
        (
            &[3, 0],
            Verdict::NotEnoughEvidence,
            "Nothing on record breaks the policy, but only 50.0 % of the results rest on evidence and the policy asks for 80 %. \
             1 result could not be judged.",
        ),
        (&[], Verdict::NoApplicableResults, "No check applies to any token, so nothing was judged."),
        (&[5, 0], Verdict::NoFindings, "Nothing on record breaks the policy. 1 result is waived."),
        (&[0, 0], Verdict::NoFindings, "Nothing on record breaks the policy."),
    ] {
        let report = build(one_token(results));
        assert_eq!((report.summary.verdict, report.summary.verdict_sentence.as_str()), (verdict, sentence));
    }
}

#[test]
fn an_incomplete_source_is_named() {
    let report = sample::sample();
    let reasons = &report.summary.incomplete_because;
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.starts_with("notes-from-audit-meeting.docx was not read: ")));
    assert!(reasons.iter().any(|reason| reason.starts_with("gitlab-tokens.json holds ")));
}

#[test]
fn a_file_without_a_usable_row_makes_the_run_incomplete() {
    let mut facts = one_token(&[0]);
    let mut source = sample::sample_facts().sources.remove(0);
    source.rows = RowCounts { read: 3, rejected: 3, ..RowCounts::default() };
    facts.sources.push(source);
    assert_eq!(build(facts).summary.incomplete_because, ["no row of people.csv could be used"]);
}

#[test]
fn what_to_supply_next_counts_every_missing_field() {
    let mut facts = one_token(&[0]);
    let unknown = |check: &str, missing: &[&str], count| UnknownFacts {
        check: check.to_owned(),
        source: "a.csv".to_owned(),
        reason: "not-collected".to_owned(),
        text: String::new(),
        missing: missing.iter().map(|field| (*field).to_owned()).collect(),
        blanket: false,
        count,
    };
    facts.unknowns = vec![
        unknown("ROT-003", &["integrations", "last_rotated_at"], 5),
        unknown("ENC-002", &["integrations"], 4),
        unknown("ROT-001", &["last_rotated_at", "last_rotated_at"], 1),
        unknown("SCP-001", &[], 90),
    ];
    facts.supply_hints = [(("a.csv".to_owned(), "integrations".to_owned()), "keep a sheet".to_owned())].into();
    let report = build(facts);
    let ranked: Vec<_> = report
        .supply_next
        .iter()
        .map(|entry| (entry.field.as_str(), entry.unknowns, entry.decides, entry.checks.join(" ")))
        .collect();
    assert_eq!(
        ranked,
        [("integrations", 9, 4, "ENC-002 ROT-003".to_owned()), ("last_rotated_at", 6, 1, "ROT-001 ROT-003".to_owned()),]
    );
    assert_eq!(report.supply_next[0].hint.as_deref(), Some("keep a sheet"));
    assert_eq!(report.supply_next[1].hint, None);
}

#[test]
fn outcomes_follow_the_order_of_decision_7() {
    let strict = FailCondition::STRICT;
    let baseline = FailCondition::BASELINE;
    // Checks in order: STO-001 high, STO-002 critical, ENC-001 high, ENC-002 high, ROT-001 medium.
    for (results, condition, expected) in [
        (&[0, 0, 0, 0, 0][..], baseline, Outcome::Clean),
        (&[2, 0, 0, 0, 0], baseline, Outcome::Findings),
        (&[2, 0, 0, 0, 0], FailCondition::fail_on(Severity::Critical), Outcome::Clean),
        (&[0, 2, 0, 0, 0], FailCondition::fail_on(Severity::Critical), Outcome::Findings),
        (&[0, 0, 0, 0, 2], baseline, Outcome::Clean),
        (&[0, 0, 0, 0, 2], FailCondition::fail_on(Severity::Medium), Outcome::Findings),
        (&[0, 0, 0, 0, 2], strict, Outcome::Findings),
        (&[2, 2, 0, 0, 2], FailCondition::NEVER, Outcome::Clean),
        (&[0, 0, 0, 0, 6], FailCondition::NEVER, Outcome::Findings),
        (&[5, 5, 0, 0, 0], strict, Outcome::Clean),
        (&[3, 0, 0, 0, 0], strict, Outcome::Findings),
        (&[0, 0, 0, 0, 3], strict, Outcome::Clean),
        (&[3, 0, 0, 0, 0], baseline, Outcome::Clean),
        (&[3, 3, 0, 0, 0], baseline, Outcome::NotEnough),
        (&[3, 2, 3, 3, 0], baseline, Outcome::Findings),
        (&[], baseline, Outcome::NotEnough),
    ] {
        assert_eq!(outcome(&build(one_token(results)), condition), expected, "{results:?} {condition:?}");
    }
    assert_eq!(outcome(&sample::empty(), baseline), Outcome::NotEnough);
    assert_eq!(outcome(&sample::all_clean(), baseline), Outcome::Clean);
    assert_eq!(outcome(&sample::sample(), FailCondition::NEVER), Outcome::Findings);
}

#[test]
fn fresh_files_are_no_audit_of_anything() {
    let mut facts = one_token(&[]);
    facts.sources = sample::sample_facts().sources;
    facts.sources.iter_mut().for_each(|source| {
        source.paging = Paging::Complete;
        source.rows = RowCounts::default();
    });
    let fresh = build(sample::with_sources(facts.clone(), &[]));
    assert_eq!(fresh.summary.verdict, Verdict::NoApplicableResults);
    assert!(fresh.summary.coverage.sufficient && fresh.summary.incomplete_because.is_empty());
    assert_eq!(outcome(&fresh, FailCondition::BASELINE), Outcome::NotEnough);
    let old = build(sample::with_sources(facts, &[2]));
    assert_eq!(old.summary.verdict, Verdict::Findings);
    assert_eq!(outcome(&old, FailCondition::fail_on(Severity::Medium)), Outcome::Findings);
    assert!(old.top_risks().first().is_some_and(|risk| risk.check == "INV-006" && risk.owners.is_empty()));
}

#[test]
fn an_incomplete_source_is_not_clean() {
    let mut facts = one_token(&[0]);
    facts.skipped_files = sample::sample_facts().skipped_files;
    assert_eq!(outcome(&build(facts), FailCondition::BASELINE), Outcome::NotEnough);
}
