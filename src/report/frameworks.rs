//! Results by the controls of published frameworks. A control is broader than our checks, so no word says that it is met.

use super::input::{ControlFacts, FrameworkFacts};
use super::model::*;
use std::collections::BTreeMap;

/// A check and whether it only supports the control.
type Mapped<'a> = (&'a CheckSummary, bool);

/// One entry per framework in the order given, each with every control, also those that no check looks at.
pub fn summarise(frameworks: &[FrameworkFacts], checks: &[CheckSummary]) -> Vec<FrameworkSummary> {
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
            note: framework.note.clone(),
            controls: framework.controls.iter().map(|facts| control(framework, facts, &mapped)).collect(),
        })
        .collect()
}

fn control(framework: &FrameworkFacts, facts: &ControlFacts, mapped: &BTreeMap<(&str, &str), Vec<Mapped<'_>>>) -> ControlSummary {
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
    let ids = |selected: bool| {
        on_it
            .iter()
            .filter(|(check, _)| check.selected == selected)
            .map(|(check, supports)| format!("{}{}", if *supports { "~" } else { "" }, check.id))
            .collect()
    };
    ControlSummary {
        id: facts.id.clone(),
        title: facts.title.clone(),
        checks: ids(true),
        checks_off: ids(false),
        results,
        status: status(&results).to_owned(),
        note: facts.note.clone(),
    }
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
