//! The contract of checks, kept and broken.

use super::*;
use crate::store::sample;

struct NoWaivers;

impl Waive for NoWaivers {
    fn waiver(&self, _: &str, _: ResultWord, _: &str, _: &TokenAttributes) -> Option<String> {
        None
    }
}

/// Waives every result of one file.
struct OfFile(&'static str);

impl Waive for OfFile {
    fn waiver(&self, _: &str, _: ResultWord, _: &str, subject: &TokenAttributes) -> Option<String> {
        (subject.sources == [self.0] && subject.token_id.is_none()).then(|| "W-1".to_owned())
    }
}

fn outcome_of(sql: &str) -> (Outcome, Vec<String>) {
    judged(Subject::Token, sql, None)
}

fn judged(subject: Subject, sql: &str, waive: Option<&dyn Waive>) -> (Outcome, Vec<String>) {
    let folder = tempfile::tempdir().expect("makes a folder");
    let (store, open) = sample::store(&folder.path().join("runs.db"), &["t-1", "t-2", "t-3"]);
    let job = Job {
        check_id: "TST-001".to_owned(),
        severity: Severity::High,
        subject,
        own: false,
        sql: sql.to_owned(),
        parameters: BTreeMap::new(),
        has_waivers: waive.is_some(),
    };
    let outcome = run(&store, &open, &[job], waive.unwrap_or(&NoWaivers)).expect("runs");
    let mut rows = Vec::new();
    for result in ["fail", "unknown", "waived", "error"] {
        store
            .findings(&open, "TST-001", result, 10, &mut |finding| {
                let id = match finding.token {
                    Some(token) => token.token_id.unwrap_or_default(),
                    None if finding.row.blanket => "*".to_owned(),
                    None => finding.sources.join(", "),
                };
                rows.push(format!("{id} {} {} {}", finding.row.result, finding.row.reason, finding.row.count));
            })
            .expect("reads");
    }
    (outcome, rows)
}

fn counts(outcome: &Outcome) -> Vec<(&str, u64)> {
    outcome.counts.iter().map(|count| (count.result, count.count)).collect()
}

#[test]
fn passes_are_counted_and_fails_are_kept() {
    let (outcome, rows) = outcome_of(
        "SELECT token_key, CASE token_id WHEN 't-2' THEN 'fail' ELSE 'pass' END AS result, 'why' AS reason, 'direct' AS basis
         FROM token",
    );
    assert_eq!(counts(&outcome), [("fail", 1), ("pass", 2)]);
    assert_eq!(rows, ["t-2 fail why 1"]);
    assert_eq!(outcome.tokens[1].fails(), [0, 1, 0, 0]);
}

#[test]
fn what_nothing_collects_is_one_blanket_row_only_if_it_is_so_for_every_token() {
    let (all, rows) = outcome_of(
        "SELECT token_key, CASE token_id WHEN 't-2' THEN 'not-applicable' ELSE 'unknown' END AS result,
                'not-collected' AS reason, 'direct' AS basis, 'storage' AS missing FROM token",
    );
    assert_eq!(rows, ["* unknown not-collected 2"]);
    assert_eq!(counts(&all), [("not-applicable", 1), ("unknown", 2)]);
    let (_, rows) = outcome_of(
        "SELECT token_key, CASE token_id WHEN 't-2' THEN 'pass' ELSE 'unknown' END AS result,
                'not-collected' AS reason, 'direct' AS basis FROM token",
    );
    assert_eq!(rows, ["t-1 unknown not-collected 1", "t-3 unknown not-collected 1"]);
}

#[test]
fn a_broken_contract_is_an_error_for_every_token() {
    const HEAD: &str = "'pass' AS result, NULL AS reason, 'direct' AS basis FROM token";
    for broken in [
        format!("SELECT token_key, {HEAD} WHERE token_id <> 't-1'"),
        format!("SELECT token_key, {HEAD} UNION ALL SELECT token_key, {HEAD}"),
        format!("SELECT token_key + 100, {HEAD}"),
        "SELECT token_key, 'good' AS result, NULL AS reason, 'direct' AS basis FROM token".to_owned(),
        "SELECT token_key, 'fail' AS result, NULL AS reason, 'direct' AS basis FROM token".to_owned(),
        "SELECT token_key, 'pass' AS verdict, NULL AS reason, 'direct' AS basis FROM token".to_owned(),
        "SELECT token_key, 'pass' AS result, :unbound AS reason, 'direct' AS basis FROM token".to_owned(),
        "SELECT token_key, 'fail' AS result, 'x' AS reason, abs(-9223372036854775807 - 1) AS basis FROM token".to_owned(),
        "SELEC".to_owned(),
    ] {
        let (outcome, rows) = outcome_of(&broken);
        assert_eq!(counts(&outcome), [("error", 3)], "{broken}");
        assert_eq!(rows, ["* error not-evaluated 3"], "{broken}");
        assert!(outcome.errors.contains_key("TST-001"), "{broken}");
    }
}

#[test]
fn a_check_of_sources_has_one_result_for_each_source_and_none_for_a_token() {
    const OLD: &str = "SELECT source_key, 'fail' AS result, 'old' AS reason, 'direct' AS basis FROM source";
    let (outcome, rows) = judged(Subject::Source, OLD, None);
    assert_eq!(counts(&outcome), [("fail", 1)]);
    assert_eq!(rows, ["sheet.csv fail old 1"]);
    assert!(outcome.tokens.iter().all(|tally| tally.strongest().is_none()));

    let undated = OLD.replace("'fail'", "'unknown'").replace("'old'", "'not-collected'");
    let (outcome, rows) = judged(Subject::Source, &undated, None);
    assert_eq!(
        (counts(&outcome), rows.as_slice()),
        (vec![("unknown", 1)], ["sheet.csv unknown not-collected 1".to_owned()].as_slice())
    );
    assert_eq!(outcome.unknowns.values().map(|unknown| unknown.count).sum::<u64>(), 1);

    let (outcome, rows) = judged(Subject::Source, OLD, Some(&OfFile("sheet.csv")));
    assert_eq!((counts(&outcome), rows.as_slice()), (vec![("waived", 1)], ["sheet.csv waived old 1".to_owned()].as_slice()));
    let (outcome, _) = judged(Subject::Source, OLD, Some(&OfFile("other.csv")));
    assert_eq!(counts(&outcome), [("fail", 1)]);

    for broken in [
        format!("{OLD} WHERE name = 'other.csv'"),
        format!("{OLD} UNION ALL {OLD}"),
        OLD.replace("SELECT source_key", "SELECT source_key + 1"),
        OLD.replace("source_key, 'fail'", "source_key AS token_key, 'fail'"),
    ] {
        let (outcome, rows) = judged(Subject::Source, &broken, None);
        assert_eq!(counts(&outcome), [("error", 1)], "{broken}");
        assert_eq!(rows, ["sheet.csv error not-evaluated 1"], "{broken}");
    }
}
