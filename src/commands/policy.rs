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
        PolicyAction::Validate(_) => validated(&policy, &catalog),
    };
    console.data(&text)?;
    Ok(ExitStatus::Clean)
}

fn validated(policy: &Policy, catalog: &Catalog) -> String {
    let mut text = format!("policy {} can be used: {} checks on\n", policy.name, policy.selected(catalog).count());
    for relaxation in policy.relaxations(catalog) {
        text.push_str(&labelled("relaxed", &relaxation));
    }
    text
}

fn shown(policy: &Policy, catalog: &Catalog) -> String {
    let mut text = format!("{}\n{}\n\n", policy.name, policy.title);
    if let Some(profile) = &policy.profile {
        text.push_str(&labelled("extends", &profile.name));
    }
    text.push_str(&labelled("digest", &policy.digest(catalog)));
    for (label, setting) in policy.run_origins() {
        text.push_str(&labelled(label, &format!("{}  [{}]", setting.value, setting.origin)));
    }
    for relaxation in policy.relaxations(catalog) {
        text.push_str(&labelled("relaxed", &relaxation));
    }
    let checks: Vec<Vec<String>> = policy
        .selected(catalog)
        .map(|check| vec![check.id.clone(), check.name.clone(), check.severity.word().to_owned()])
        .collect();
    let lines = columns(&checks);
    text.push('\n');
    for (check, line) in policy.selected(catalog).zip(lines.lines()) {
        text.push_str(&format!("{line}\n"));
        for (parameter, in_force) in check.parameters.iter().zip(policy.parameters_in_force(check)) {
            let relaxed = if in_force.relaxed { " (relaxed)" } else { "" };
            for (place, value) in policy.origins(check, parameter).iter().enumerate() {
                let name = if place == 0 { format!("{} =", parameter.name) } else { "  or".to_owned() };
                let relaxed = if place == 0 { relaxed } else { "" };
                text.push_str(&format!("         {name} {}{relaxed}  [{}]\n", value.value, value.origin));
            }
        }
    }
    let off: Vec<&str> = catalog.all().iter().filter(|check| !policy.selects(&check.id)).map(|check| check.id.as_str()).collect();
    if !off.is_empty() {
        text.push('\n');
        text.push_str(&labelled("off", &off.join(", ")));
    }
    text
}
