//! `countersign explain ID`

use super::text::labelled;
use crate::checks::{Check, own};
use crate::cli::ExplainArgs;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::nearest::did_you_mean;
use crate::policy::{Policy, frameworks};
use crate::settings::Settings;
use std::fmt::Write;
use std::path::Path;

/// Shows one check in full.
///
/// # Errors
/// If there is no such check, or the policy cannot be used.
pub fn run(args: &ExplainArgs, console: &Console) -> Result<ExitStatus, Error> {
    let catalog = own::catalog(&Settings::own_checks(&args.checks, Path::new(""))?)?;
    let Some(check) = catalog.find(&args.check) else {
        let hint = did_you_mean(&args.check, catalog.names());
        return Err(Error::Unknown { what: "check", name: args.check.clone(), hint });
    };
    let policy = Policy::open(&Settings::policy_name(args.policy.as_deref(), Path::new(""))?, &catalog)?;
    console.data(&explanation(check, &policy))?;
    Ok(ExitStatus::Clean)
}

fn explanation(check: &Check, policy: &Policy) -> String {
    let mut text = format!("{} {}\n{}\n\n", check.id, check.name, check.title);
    let state = if policy.selects(&check.id) { "on" } else { "off" };
    text.push_str(&labelled("severity", check.severity.word()));
    text.push_str(&labelled("policy", &format!("{state} in {}", policy.name)));
    text.push_str(&labelled("why", &check.rationale));
    text.push_str(&labelled("remedy", &check.remediation));
    text.push_str(&labelled("evidence", &check.evidence.join(", ")));
    text.push_str(&labelled("waivable", if check.waivable { "yes" } else { "no" }));
    if let Some(why) = &check.deprecated {
        text.push_str(&labelled("deprecated", why));
    }
    section(
        &mut text,
        "Parameters in force",
        policy.parameters_in_force(check).iter().zip(&check.parameters),
        |(set, declared)| format!("  {} = {}\n      {}", set.name, set.text, declared.help),
    );
    section(&mut text, "Results by reason", &check.reasons, |reason| format!("  {:<15} {}", reason.result.word(), reason.code));
    section(&mut text, "Controls", &check.controls, |control| {
        let framework = frameworks::by_id(&control.framework);
        let name = framework.map_or_else(|| control.framework.clone(), |known| format!("{} {}", known.name, known.version));
        let title = frameworks::title(&control.framework, &control.id).unwrap_or_default();
        let supporting = if control.supporting { " (supporting)" } else { "" };
        format!("  {name}: {} {title}{supporting}", control.id)
    });
    let _infallible = write!(text, "\nQuery\n\n{}\n", check.sql.trim_end());
    text
}

/// A heading and a line for each item; nothing if there are none.
fn section<T>(text: &mut String, heading: &str, items: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) {
    let lines: Vec<String> = items.into_iter().map(line).collect();
    if !lines.is_empty() {
        let _infallible = write!(text, "\n{heading}\n{}\n", lines.join("\n"));
    }
}
