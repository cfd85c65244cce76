//! `countersign policy show|validate`

use super::text::{columns, labelled};
use crate::checks::{Catalog, own};
use crate::cli::{PolicyAction, PolicyArgs};
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::policy::Policy;
use crate::settings::Settings;
use std::path::Path;

/// Shows or validates a policy.
///
/// # Errors
/// If it cannot be used; the error names line and column.
pub fn run(args: &PolicyArgs, console: &Console) -> Result<ExitStatus, Error> {
    let (PolicyAction::Show(named) | PolicyAction::Validate(named)) = &args.action;
    let catalog = own::catalog(&Settings::own_checks(&named.checks, Path::new(""))?)?;
    let policy = Policy::open(&Settings::policy_name(named.policy.as_deref(), Path::new(""))?, &catalog)?;
    let text = match args.action {
        PolicyAction::Show(_) => shown(&policy, &catalog),
        PolicyAction::Validate(_) => {
            format!("policy {} can be used: {} checks on\n", policy.name, policy.selected(&catalog).count())
        }
    };
    console.data(&text)?;
    Ok(ExitStatus::Clean)
}

fn shown(policy: &Policy, catalog: &Catalog) -> String {
    let mut text = format!("{}\n{}\n\n", policy.name, policy.title);
    if let Some(profile) = &policy.profile {
        text.push_str(&labelled("extends", &profile.name));
    }
    text.push_str(&labelled("digest", &policy.digest(catalog)));
    text.push_str(&labelled("run fails on", &policy.fail_run_on_text()));
    text.push_str(&labelled("coverage", &format!("at least {} %", policy.min_coverage_percent)));
    text.push_str(&labelled("waivers", &format!("at most {} days", policy.max_waiver_days)));
    let mut rows = Vec::new();
    for check in policy.selected(catalog) {
        rows.push(vec![check.id.clone(), check.name.clone(), check.severity.word().to_owned()]);
        for parameter in policy.parameters_in_force(check) {
            let relaxed = if parameter.relaxed { " (relaxed)" } else { "" };
            rows.push(vec![String::new(), format!("  {} = {}{relaxed}", parameter.name, parameter.text)]);
        }
    }
    // a long parameter would push the severities far to the right, so only the lines of checks are aligned
    let aligned = columns(&rows.iter().filter(|row| row.len() == 3).cloned().collect::<Vec<_>>());
    let mut aligned = aligned.lines();
    text.push('\n');
    for row in &rows {
        match row.as_slice() {
            [_, parameter] => text.push_str(&format!("       {parameter}\n")),
            _ => text.push_str(&format!("{}\n", aligned.next().unwrap_or_default())),
        }
    }
    let off: Vec<&str> = catalog.all().iter().filter(|check| !policy.selects(&check.id)).map(|check| check.id.as_str()).collect();
    if !off.is_empty() {
        text.push('\n');
        text.push_str(&labelled("off", &off.join(", ")));
    }
    text
}
