//! `countersign explain ID`

mod stored;

use super::text::labelled;
use crate::checks::result::Subject;
use crate::checks::{Catalog, Check, own};
use crate::cli::ExplainArgs;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::nearest::did_you_mean;
use crate::policy::{PROFILES, Policy, frameworks};
use crate::settings::Settings;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Shows one check in full.
///
/// # Errors
/// If there is no such check, or the policy cannot be used.
pub fn run(args: &ExplainArgs, console: &Console) -> Result<ExitStatus, Error> {
    let catalog = own::catalog(&Settings::own_checks(&args.checks, Path::new(""))?)?;
    if args.sql {
        let database = Settings::database_near(args.db.as_deref(), Path::new(""))?;
        console.data(&stored::query(&database, args.run.as_deref(), &args.check, &catalog)?)?;
        return Ok(ExitStatus::Clean);
    }
    let Some(check) = catalog.find(&args.check) else {
        let hint = did_you_mean(&args.check, catalog.names());
        return Err(Error::Unknown { what: "check", name: args.check.clone(), hint });
    };
    let policy = Policy::open(&Settings::policy_name(args.policy.as_deref(), Path::new(""))?, &catalog)?;
    console.data(&explanation(check, &policy, &catalog)?)?;
    Ok(ExitStatus::Clean)
}

fn explanation(check: &Check, policy: &Policy, catalog: &Catalog) -> Result<String, Error> {
    let mut text = format!("{} {}\n{}\n\n", check.id, check.name, check.title);
    let state = if policy.selects(&check.id) { "on" } else { "off" };
    text.push_str(&labelled("area", &check.area));
    text.push_str(&labelled("severity", check.severity.word()));
    if check.subject == Subject::Source {
        text.push_str(&labelled("judges", "each source file, registers included"));
    }
    text.push_str(&labelled("policy", &format!("{state} in {}", policy.name)));
    text.push_str(&labelled("profiles", &profiles(check, catalog)?));
    let in_force = policy.parameters_in_force(check);
    let values = in_force.iter().map(|parameter| (parameter.name.clone(), parameter.value.clone())).collect();
    text.push_str(&labelled("asks for", &check.requirement(&BTreeMap::new(), &values)));
    text.push_str(&labelled("why", &check.rationale));
    text.push_str(&labelled("remedy", &check.remediation));
    text.push_str(&labelled("evidence", &check.evidence.join(", ")));
    text.push_str(&labelled("waivable", if check.waivable { "yes" } else { "no" }));
    text.push_str(&labelled("since", &check.since));
    if !check.aliases.is_empty() {
        text.push_str(&labelled("formerly", &check.aliases.join(", ")));
    }
    if let Some(why) = &check.deprecated {
        text.push_str(&labelled("deprecated", why));
    }
    section(&mut text, "Parameters in force", in_force.iter().zip(&check.parameters), |(set, declared)| {
        let default = declared.text(&declared.default);
        let default = if default == set.text { String::new() } else { format!(" [default: {default}]") };
        let relaxed = if set.relaxed { " (relaxed)" } else { "" };
        format!("  {} = {}{relaxed}\n      {}{default}", set.name, set.text, declared.help)
    });
    section(&mut text, "Results by reason", &check.reasons, |reason| {
        format!("  {:<15} {}\n                  {}", reason.result.word(), reason.code, reason.sentence)
    });
    section(&mut text, "Controls", &check.controls, |control| {
        let framework = frameworks::by_id(&control.framework);
        let name = framework.map_or_else(|| control.framework.clone(), |known| format!("{} {}", known.name, known.version));
        let title = frameworks::title(&control.framework, &control.id).unwrap_or_default();
        let supporting = if control.supporting { " (supporting)" } else { "" };
        format!("  {name}: {} {title}{supporting}", control.id)
    });
    let _infallible = write!(text, "\nQuery\n\n{}\n", check.sql.trim_end());
    Ok(text)
}

/// `on in baseline and strict, off in impact-com`.
fn profiles(check: &Check, catalog: &Catalog) -> Result<String, Error> {
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for (name, _) in PROFILES {
        let selected = Policy::profile(name, catalog)?.selects(&check.id);
        if selected { on.push(*name) } else { off.push(*name) }
    }
    let listed = [("on", on), ("off", off)].into_iter().filter(|(_, names)| !names.is_empty());
    Ok(listed.map(|(word, names)| format!("{word} in {}", names.join(", "))).collect::<Vec<_>>().join("; "))
}

/// A heading and a line for each item; nothing if there are none.
fn section<T>(text: &mut String, heading: &str, items: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) {
    let lines: Vec<String> = items.into_iter().map(line).collect();
    if !lines.is_empty() {
        let _infallible = write!(text, "\n{heading}\n{}\n", lines.join("\n"));
    }
}
