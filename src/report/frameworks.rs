//! Results by the controls of published frameworks. A control is broader than our checks, so no word says that it is met.

use super::input::{CheckFacts, ControlFacts, FrameworkFacts};
use super::model::*;
use super::score;
use std::collections::BTreeMap;

/// A check and whether it only supports the control.
type Mapped<'a> = (&'a CheckSummary, bool);

/// One entry per framework in the order given, each with every control, also those that no check looks at.
pub fn summarise(frameworks: &[FrameworkFacts], checks: &[CheckSummary], facts: &[CheckFacts]) -> Vec<FrameworkSummary> {
    let of_provider: BTreeMap<&str, &BTreeMap<String, ResultCounts>> =
        facts.iter().map(|check| (check.id.as_str(), &check.of_provider)).collect();
    let mut mapped: BTreeMap<(&str, &str), Vec<Mapped<'_>>> = BTreeMap::new();
    for check in checks {
        for control in &check.controls {
            let Some((framework, control)) = control.split_once(':') else { continue };
            let (control, supports) = control.strip_prefix('~').map_or((control, false), |control| (control, true));
            mapped.entry((framework, control)).or_default().push((check, supports));
        }
    }
    frameworks
        .iter()
        .map(|framework| FrameworkSummary {
            id: framework.id.clone(),
            name: framework.name.clone(),
            version: framework.version.clone(),
            provider: framework.provider.clone(),
            note: framework.note.clone(),
            controls: framework.controls.iter().map(|facts| control(framework, facts, &mapped, &of_provider)).collect(),
        })
        .collect()
}

fn control(
    framework: &FrameworkFacts,
    facts: &ControlFacts,
    mapped: &BTreeMap<(&str, &str), Vec<Mapped<'_>>>,
    of_provider: &BTreeMap<&str, &BTreeMap<String, ResultCounts>>,
) -> ControlSummary {
    let mut on_it = mapped.get(&(framework.id.as_str(), facts.id.as_str())).cloned().unwrap_or_default();
    if on_it.is_empty() {
        // A heading such as IMP-1 is judged by its parts.
        let parts = format!("{}.", facts.id);
        for ((id, control), checks) in mapped {
            if *id == framework.id && control.starts_with(&parts) {
                on_it.extend(checks);
            }
        }
    }
    // A check that serves several parts of a heading counts once, as the stronger of its mappings.
    on_it.sort_by(|(a, a_supports), (b, b_supports)| (&a.id, a_supports).cmp(&(&b.id, b_supports)));
    on_it.dedup_by(|(a, _), (b, _)| a.id == b.id);

    let mut results = ResultCounts::default();
    on_it.iter().for_each(|(check, _)| results.add(&check.results));
    // Of a framework about one provider: what its tokens came to. For tokens of others the same checks only support the control.
    let theirs = |check: &CheckSummary| {
        let provider = framework.provider.as_ref()?;
        Some(of_provider.get(check.id.as_str()).and_then(|counts| counts.get(provider)).copied().unwrap_or_default())
    };
    let of_provider = framework.provider.as_ref().map(|_| {
        let mut counts = ResultCounts::default();
        on_it.iter().filter_map(|(check, _)| theirs(check)).for_each(|more| counts.add(&more));
        counts
    });
    let supports_only = |check: &CheckSummary| theirs(check).is_some_and(|counts| counts.assessed() < check.results.assessed());
    let ids = |selected: bool| {
        on_it
            .iter()
            .filter(|(check, _)| check.selected == selected)
            .map(|(check, supports)| format!("{}{}", if *supports || supports_only(check) { "~" } else { "" }, check.id))
            .collect()
    };
    ControlSummary {
        id: facts.id.clone(),
        title: facts.title.clone(),
        checks: ids(true),
        checks_off: ids(false),
        results,
        of_provider,
        score: score::of_checks(on_it.iter().map(|(check, _)| *check)),
        status: status(&results).to_owned(),
        note: note(facts, &on_it),
    }
}

/// What a reader must know beside a control: its own note, and what it does not say because the policy leaves a check off.
fn note(facts: &ControlFacts, on_it: &[Mapped<'_>]) -> Option<String> {
    let off = on_it.iter().filter(|(check, _)| !check.selected).filter_map(|(check, _)| facts.notes_when_off.get(&check.id));
    let all: Vec<&str> = facts.note.iter().chain(off).map(String::as_str).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// The word for a control (catalogue 1.1). Where every result is not-applicable, nothing was assessed.
fn status(results: &ResultCounts) -> &'static str {
    match results.strongest() {
        Some(ResultWord::Fail) => "findings",
        Some(ResultWord::Error) => "tool error",
        Some(ResultWord::Unknown) => "evidence gap",
        Some(ResultWord::Waived) => "accepted risk",
        Some(ResultWord::Pass) => "no findings",
        Some(ResultWord::NotApplicable) | None => "not assessed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn control<'a>(report: &'a Report, framework: &str, id: &str) -> &'a ControlSummary {
        let framework = report.frameworks.iter().find(|entry| entry.id == framework).unwrap();
        framework.controls.iter().find(|entry| entry.id == id).unwrap()
    }

    #[test]
    fn results_are_those_of_the_checks_beside_the_control() {
        let report = sample::sample();
        let results = |id: &str| report.checks.iter().find(|check| check.id == id).unwrap().results;
        let shown = control(&report, "impact-com", "IMP-1.3");
        let mut sum = results("ENC-001");
        sum.add(&results("ENC-002"));
        assert_eq!(shown.checks, ["ENC-001", "ENC-002"]);
        assert_eq!((shown.results, shown.status.as_str()), (sum, "findings"));
        assert_eq!(control(&report, "owasp-nhi-2025", "NHI1").checks, ["~EXP-002", "REV-002", "REV-003"]);
    }

    #[test]
    fn controls_without_checks_are_not_assessed_and_those_left_off_are_named() {
        let report = sample::sample();
        assert_eq!(control(&report, "impact-com", "IMP-1.1").status, "not assessed");
        assert_eq!(control(&report, "owasp-nhi-2025", "NHI8").status, "not assessed");
        assert_eq!(control(&report, "impact-com", "IMP-4.1").checks_off, ["ROT-002"]);
        let note = &control(&report, "impact-com", "IMP-4.1").note;
        assert!(note.as_ref().is_some_and(|note| note.contains("ROT-002 is off")));
        let mut facts = sample::sample_facts();
        facts.checks.iter_mut().for_each(|check| check.selected = true);
        let report = super::super::build::build(facts);
        assert_eq!(control(&report, "impact-com", "IMP-4.1").note, None, "what is on needs no excuse");
    }

    #[test]
    fn a_heading_takes_the_results_of_its_parts_once() {
        let report = sample::sample();
        let heading = control(&report, "impact-com", "IMP-4");
        assert_eq!(heading.checks, ["REV-001", "~REV-002", "ROT-003"]);
        let rotation = report.checks.iter().find(|check| check.id == "ROT-003").unwrap().results;
        assert!(heading.results.total() == rotation.total() * 3);
    }

    #[test]
    fn the_strongest_result_gives_the_word() {
        let with = |fill: fn(&mut ResultCounts)| {
            let mut counts = ResultCounts { not_applicable: 9, ..Default::default() };
            fill(&mut counts);
            status(&counts)
        };
        assert_eq!(with(|_| {}), "not assessed");
        assert_eq!(with(|counts| counts.pass = 1), "no findings");
        assert_eq!(with(|counts| (counts.pass, counts.waived_unknown) = (5, 1)), "accepted risk");
        assert_eq!(with(|counts| (counts.waived_fail, counts.unknown) = (5, 1)), "evidence gap");
        assert_eq!(with(|counts| (counts.unknown, counts.error) = (5, 1)), "tool error");
        assert_eq!(with(|counts| (counts.error, counts.fail) = (5, 1)), "findings");
    }
}
