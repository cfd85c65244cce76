//! The catalogue page: every check in full, made from the headers.

use crate::checks::parameter::Parameter;
use crate::checks::result::{ResultWord, Subject};
use crate::checks::{Catalog, Check};
use crate::error::Error;
use crate::policy::{PROFILES, Policy, frameworks};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The page as Markdown. Every profile stands beside the defaults.
///
/// # Errors
/// If a profile cannot be read.
pub fn page(catalog: &Catalog) -> Result<String, Error> {
    let profiles = PROFILES.iter().map(|(name, _)| Policy::profile(name, catalog)).collect::<Result<Vec<_>, _>>()?;
    let mut text = String::from(
        "# The checks\n\n\
         This page is written by `countersign checks --markdown` from the headers of the checks; `countersign explain ID` shows one of\n\
         them with the limits of a policy and its query. [queries/README.md](../queries/README.md) tells how to write one.\n\n\
         Limits are whole days or hours. With the boundary *over* the limit itself passes, with *reached* it fails.\n\n",
    );
    let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
    line(&mut text, &format!("| Id | Name | Severity | What holds when it passes | {} |", names.join(" | ")));
    line(&mut text, &format!("|---|---|---|---|{}", "---|".repeat(profiles.len())));
    for check in catalog.all() {
        let on = profiles.iter().map(|profile| if profile.selects(&check.id) { "on" } else { "off" });
        let on = on.collect::<Vec<_>>().join(" | ");
        let link = format!("[{}](#{})", check.id, anchor(check));
        line(&mut text, &format!("| {link} | `{}` | {} | {} | {on} |", check.name, check.severity.word(), cell(&check.title)));
    }
    let mut area = "";
    for check in catalog.all() {
        if check.area != area {
            area = &check.area;
            line(&mut text, &format!("\n## {}", capital(area)));
        }
        section(&mut text, check, &profiles);
    }
    Ok(text)
}

fn section(text: &mut String, check: &Check, profiles: &[Policy]) {
    line(text, &format!("\n### {} `{}`\n\n{}.\n", check.id, check.name, check.title.trim_end_matches('.')));
    let mut facts = vec![("Severity", check.severity.word().to_owned())];
    if check.subject == Subject::Source {
        facts.push(("Judges", "each source file, registers included".to_owned()));
    }
    let defaults = check.parameters.iter().map(|parameter| (parameter.name.clone(), parameter.default.value.json())).collect();
    facts.push(("Asks for", check.requirement(&BTreeMap::new(), &defaults)));
    facts.push(("Why", check.rationale.clone()));
    facts.push(("Remedy", check.remediation.clone()));
    if !check.evidence.is_empty() {
        facts.push(("Evidence", check.evidence.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")));
    }
    if !check.waivable {
        facts.push(("Waivers", "have no effect on it".to_owned()));
    }
    facts.push(("Since", check.since.clone()));
    if !check.aliases.is_empty() {
        facts.push(("Formerly", check.aliases.join(", ")));
    }
    if let Some(why) = &check.deprecated {
        facts.push(("Deprecated", why.clone()));
    }
    for (label, fact) in facts {
        line(text, &format!("- **{label}** {}", markup(&fact)));
    }
    if !check.parameters.is_empty() {
        line(text, "\n| Parameter | Default | Profiles | Meaning |\n|---|---|---|---|");
        for parameter in &check.parameters {
            let default = cell(&parameter.text(&parameter.default));
            let differing = cell(&differing(check, parameter, profiles));
            line(text, &format!("| `{}` | {default} | {differing} | {} |", parameter.name, cell(&parameter.help)));
        }
    }
    if !check.reasons.is_empty() {
        line(text, "\n| Result | Reason | Said of it |\n|---|---|---|");
        for word in ResultWord::ALL {
            for reason in check.reasons.iter().filter(|reason| reason.result == word) {
                line(text, &format!("| {} | `{}` | {} |", word.word(), reason.code, cell(&reason.sentence.to_string())));
            }
        }
    }
    let controls: Vec<String> = controls(check);
    if !controls.is_empty() {
        line(text, &format!("\nControls: {}.", markup(&controls.join(" · "))));
    }
}

/// Framework by framework; `~` marks a control that the check only supports.
fn controls(check: &Check) -> Vec<String> {
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    for control in &check.controls {
        let framework = frameworks::by_id(&control.framework);
        let name = framework.map_or_else(|| control.framework.clone(), |known| format!("{} {}", known.name, known.version));
        let id = format!("{}{}", if control.supporting { "~" } else { "" }, control.id);
        match named.iter_mut().find(|(known, _)| *known == name) {
            Some((_, ids)) => ids.push(id),
            None => named.push((name, vec![id])),
        }
    }
    named.into_iter().map(|(name, ids)| format!("{name}: {}", ids.join(", "))).collect()
}

/// What profiles set in place of the default: `strict: 30 days, over`.
fn differing(check: &Check, parameter: &Parameter, profiles: &[Policy]) -> String {
    let default = parameter.text(&parameter.default);
    let set = profiles.iter().filter_map(|profile| {
        let shown = profile.parameters_in_force(check).into_iter().find(|shown| shown.name == parameter.name)?;
        (shown.text != default).then(|| format!("{}: {}", profile.name, shown.text))
    });
    set.collect::<Vec<_>>().join(" · ")
}

fn anchor(check: &Check) -> String {
    format!("{}-{}", check.id, check.name).to_lowercase()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Text in which nothing is markup.
fn markup(text: &str) -> String {
    text.replace('<', "&lt;").replace('*', "\\*")
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    markup(text).replace('|', "\\|").replace('\n', " ")
}

fn line(text: &mut String, words: &str) {
    let _infallible = writeln!(text, "{words}");
}
