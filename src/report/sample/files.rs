//! The check of the sample whose subject is a source.

use super::Outcome;
use crate::report::input::*;
use crate::report::model::*;
use std::collections::BTreeMap;

const ID: &str = "INV-006";
const REQUIRED: &str = "Every source was exported at most 30 days before the instant of the report.";

/// The check without results.
pub fn check() -> CheckFacts {
    CheckFacts {
        id: ID.to_owned(),
        name: "source-fresh".to_owned(),
        area: "inventory".to_owned(),
        title: "The source data is recent enough to judge from".to_owned(),
        severity: Severity::Medium,
        subject: Subject::Source,
        selected: true,
        rationale: "A clean report from last quarter's export is not evidence for this quarter.".to_owned(),
        remediation: "Export the source again and rerun; automate the export.".to_owned(),
        parameters: vec![ParameterInForce {
            name: "max_source_age_days".to_owned(),
            value: 30.into(),
            text: "30 days, over".to_owned(),
            relaxed: false,
        }],
        controls: vec!["nist-800-53-r5:~CM-8".to_owned()],
        counts: Vec::new(),
        of_provider: BTreeMap::new(),
    }
}

/// Judges every source of the facts, in their order; counts, rows and groups go where those of a run are.
pub fn judge(facts: &mut RunFacts, outcome: impl Fn(usize) -> Outcome) {
    let Some(place) = facts.checks.iter().position(|check| check.id == ID) else { return };
    let mut counts: BTreeMap<(String, ResultWord, ResultWord), u64> = BTreeMap::new();
    for (number, source) in facts.sources.iter().enumerate() {
        let outcome = outcome(number);
        let (result, plain_result) = outcome.words();
        *counts.entry((source.name.clone(), result, plain_result)).or_default() += 1;
        if matches!(outcome, Outcome::Pass | Outcome::NotApplicable) {
            continue;
        }
        let row = row(source, outcome);
        if row.result == ResultWord::Unknown {
            facts.unknowns.extend(UnknownFacts::of_findings(std::slice::from_ref(&row)));
        }
        for waiver in facts.waivers.iter_mut().filter(|waiver| row.waiver.as_ref() == Some(&waiver.id)) {
            waiver.matched += 1;
            waiver.relabelled += 1;
        }
        facts.findings.push(row);
        facts.findings_total += 1;
    }
    if let Some(check) = facts.checks.get_mut(place) {
        let count = |((source, result, plain_result), count)| CountFacts { source, result, plain_result, count };
        check.counts = counts.into_iter().map(count).collect();
    }
}

fn row(source: &Source, outcome: Outcome) -> FindingRow {
    let (result, plain_result) = outcome.words();
    let unknown = plain_result == ResultWord::Unknown;
    let evidence = if unknown { r#"{"missing":"exported_at"}"# } else { r#"{"exported_at":"2026-07-02T08:00:00Z","days":90}"# };
    FindingRow {
        check: ID.to_owned(),
        subject: Subject::Source,
        source: source.name.clone(),
        provider: None,
        account: None,
        token_id: None,
        name: None,
        owner: None,
        environment: None,
        result,
        plain_result,
        reason: if unknown { "no-export-date" } else { "too-old" }.to_owned(),
        basis: "direct".to_owned(),
        evidence: serde_json::from_str(evidence).unwrap_or_default(),
        observed: if unknown {
            "Neither its content nor the settings nor its name say when it was exported."
        } else {
            "Exported 2026-07-02 08:00 UTC, 90 days before 2026-10-01; at most 30 days are allowed."
        }
        .to_owned(),
        required: REQUIRED.to_owned(),
        limit: Some(Limit { value: 30.into(), origin: "default".to_owned() }),
        waiver: (result == ResultWord::Waived).then(|| "W-2026-009".to_owned()),
        blanket: false,
        count: 1,
        value_sources: BTreeMap::from([("source:exported_at".to_owned(), source.name.clone())]),
    }
}
