//! `countersign checks`

mod page;

use super::text;
use crate::checks::{Catalog, own};
use crate::cli::ChecksArgs;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::policy::Policy;
use crate::settings::Settings;
use std::path::Path;

/// Lists the checks in catalogue order, each with whether the policy has it on.
///
/// # Errors
/// If the policy cannot be used.
pub fn run(args: &ChecksArgs, console: &Console) -> Result<ExitStatus, Error> {
    let catalog = own::catalog(&Settings::own_checks(&args.checks, Path::new(""))?)?;
    if args.markdown {
        console.data(&page::page(&catalog)?)?;
        return Ok(ExitStatus::Clean);
    }
    let policy = Policy::open(&Settings::policy_name(args.policy.as_deref(), Path::new(""))?, &catalog)?;
    console.data(&list(&policy, &catalog))?;
    Ok(ExitStatus::Clean)
}

fn list(policy: &Policy, catalog: &Catalog) -> String {
    let mut rows = vec![["ID", "NAME", "SEVERITY", "POLICY", "TITLE"].map(str::to_owned).to_vec()];
    rows.extend(catalog.all().iter().map(|check| {
        let on = if policy.selects(&check.id) { "on" } else { "off" };
        vec![check.id.clone(), check.name.clone(), check.severity.word().to_owned(), on.to_owned(), check.title.clone()]
    }));
    let selected = policy.selected(catalog).count();
    let total = catalog.all().len();
    format!("{}\n{selected} of {total} checks are on in policy {}.\n", text::columns(&rows), policy.name)
}
