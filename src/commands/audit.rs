//! `countersign audit`: the main job. Read, store, check, report, render; each stage is called once, in this order.

mod classes;
mod facts;
mod identity;
mod load;
mod registers;
mod sources;
mod value_sources;
mod waive;
mod write;

use crate::checks::catalog::{self, Catalog};
use crate::checks::own;
use crate::checks::runner::{self, Job, Outcome};
use crate::console::{Console, RunSummary};
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::inventory::registry::Registry;
use crate::output::{OutputFolder, RunLock};
use crate::policy::Policy;
use crate::policy::waivers::{Effect, Waivers};
use crate::report::fail_condition::{self, FailCondition};
use crate::report::input::{PolicyFacts, RunFacts};
use crate::report::model::{self, Report};
use crate::report::words;
use crate::settings::{FailOn, Settings};
use crate::store::{CheckRecord, NewRun, OpenRun, Parameter, Store};
use crate::toml_reader::TomlFile;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The version in reports and in the id of a run.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a run is judged by, read before anything is stored.
struct Rules {
    /// The checks of the program and the user's own.
    catalog: Catalog,
    policy: Policy,
    policy_digest: String,
    waivers: Waivers,
    fail_condition: FailCondition,
    /// What is known of providers, the user's entries included.
    registry: Registry,
}

/// Runs an audit and replaces the report.
///
/// # Errors
/// Wrong settings, policy, waivers or inputs before anything is written; faults of the database or the output folder. The
/// earlier report stays as it was.
pub fn run(settings: &Settings, console: &Console) -> Result<ExitStatus, Error> {
    for note in &settings.notes {
        console.note(note);
    }
    let rules = rules(settings)?;
    let sources = sources::find(settings, console)?;
    if !sources.hold_inventory() {
        return Ok(nothing_audited(settings, console));
    }
    let out = OutputFolder::open(&settings.out)?;
    let _lock = RunLock::take(&lock_path(&settings.database), &settings.database)?;
    let mut store = Store::open(&settings.database)?;
    let open = store.begin(&NewRun {
        run_id: run_id(settings, &rules, &sources)?,
        as_of: settings.as_of.seconds,
        as_of_origin: settings.as_of.origin.words(),
        period: settings.period.as_ref().map(|period| period.name.clone()),
        tool_version: TOOL_VERSION.to_owned(),
        policy: rules.policy.name.clone(),
        policy_digest: rules.policy_digest.clone(),
    })?;
    load::load(&mut store, &open, settings, (&rules.policy, &rules.registry), &sources, console)?;
    if store.is_empty(&open)? {
        return Ok(nothing_audited(settings, console));
    }
    store.set_implied_scopes(&open, &|provider, scope| rules.registry.implied(provider, scope))?;
    classes::set_limits(&mut store, &open, &rules.catalog, &rules.policy)?;
    let progress = console.progress("checking");
    let outcome = check(&store, &open, &rules)?;
    drop(progress);
    let values = value_sources::ValueSources::read(&store, &open)?;
    let reader = facts::Reader { store: &store, run: &open, catalog: &rules.catalog, policy: &rules.policy, values };
    let report = crate::report::build::build(run_facts(&reader, settings, &rules, &outcome)?);
    let progress = console.progress("rendering");
    let (mut files, missing_glyphs) = write::write(&out, settings, &report, &reader.checks(&outcome)?, &reader)?;
    drop(progress);
    store.finish(&open)?;
    files.push(settings.database.clone());
    if missing_glyphs > 0 {
        console.warn(&format!("{missing_glyphs} characters have no glyph in the fonts at hand and show as boxes in the PDF"));
    }
    conclude(&report, &rules, &files, console)
}

/// An audit of nothing is not a pass, and replaces no report. A run that was begun for it goes with the next start.
fn nothing_audited(settings: &Settings, console: &Console) -> ExitStatus {
    let named: Vec<String> = settings.inventories.iter().map(|path| format!("`{}`", path.display())).collect();
    console.warn(&format!("there is no token in {}: nothing was audited and no report replaced", named.join(", ")));
    ExitStatus::NotEnough
}

fn rules(settings: &Settings) -> Result<Rules, Error> {
    let catalog = own::catalog(&settings.checks)?;
    let policy = Policy::open(&settings.policy, &catalog)?;
    let waivers = match &settings.waivers {
        Some(path) => Waivers::parse(&TomlFile::read(path)?, &catalog, policy.max_waiver_days, settings.as_of.seconds)?,
        None => Waivers::default(),
    };
    let fail_condition = match settings.fail_on {
        Some(FailOn::Severity(severity)) => FailCondition::fail_on(severity),
        Some(FailOn::Never) => FailCondition::NEVER,
        None => policy.fail_run_on,
    };
    let registry = settings.registry()?;
    Ok(Rules { policy_digest: policy.digest(&catalog), catalog, policy, waivers, fail_condition, registry })
}

/// A file beside the database, so that two runs with one database and two output folders do not meet either.
fn lock_path(database: &std::path::Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(database.file_name().unwrap_or_default());
    name.push(".lock");
    database.with_file_name(name)
}

fn run_id(settings: &Settings, rules: &Rules, sources: &sources::Sources) -> Result<String, Error> {
    let mut digests = sources.digests();
    if let Some(path) = &settings.waivers {
        digests.push(crate::inventory::input::Input::file(path).digest()?);
    }
    let decisive = identity::Decisive {
        tool_version: TOOL_VERSION,
        policy_digest: &rules.policy_digest,
        as_of: &settings.as_of,
        period: settings.period.as_ref(),
        settings: &settings.decisive(),
        inputs: &digests,
    };
    Ok(decisive.run_id())
}

fn check(store: &Store, open: &OpenRun, rules: &Rules) -> Result<Outcome, Error> {
    let jobs: Vec<Job> = rules
        .policy
        .selected(&rules.catalog)
        .map(|check| {
            let mut parameters: BTreeMap<String, Parameter> = rules.policy.bound_values(check);
            parameters.insert("as_of".to_owned(), Parameter::Integer(open.as_of));
            Job {
                check_id: check.id.clone(),
                severity: check.severity,
                subject: check.subject,
                own: !catalog::is_ours(&check.id),
                sql: check.sql.clone(),
                parameters,
                has_waivers: rules.waivers.concern(&check.id),
            }
        })
        .collect();
    store.add_checks(open, &records(rules, &jobs))?;
    let outcome = runner::run_apart(store, open, &jobs, &waive::InForce(&rules.waivers), &rules.policy.framework_providers())?;
    let relabelled = store.waived_counts(open)?;
    store.add_waivers(open, &rules.waivers.records(&effect(rules, &outcome, &relabelled)))?;
    Ok(outcome)
}

/// What the waivers came to in a run.
fn effect<'e>(rules: &'e Rules, outcome: &'e Outcome, relabelled: &'e BTreeMap<String, u64>) -> Effect<'e> {
    Effect { matched: &outcome.named, relabelled, selected: rules.policy.selected_ids() }
}

/// What the store keeps of every check, also of those that the policy leaves off.
fn records(rules: &Rules, jobs: &[Job]) -> Vec<CheckRecord> {
    let bound = |check_id: &str| -> serde_json::Map<String, Json> {
        let job = jobs.iter().find(|job| job.check_id == check_id);
        let parameters = job.into_iter().flat_map(|job| &job.parameters);
        parameters
            .map(|(name, value)| {
                let value = match value {
                    Parameter::Integer(number) => Json::from(*number),
                    Parameter::Real(number) => Json::from(*number),
                    Parameter::Text(text) => Json::from(text.as_str()),
                    Parameter::Null => Json::Null,
                };
                (name.clone(), value)
            })
            .collect()
    };
    let record = |(position, check): (usize, &crate::checks::Check)| CheckRecord {
        position,
        check_id: check.id.clone(),
        severity: check.severity.word().to_owned(),
        selected: rules.policy.selects(&check.id),
        parameters: Json::Object(bound(&check.id)).to_string(),
        sql: check.sql.clone(),
    };
    rules.catalog.all().iter().enumerate().map(record).collect()
}

fn run_facts(reader: &facts::Reader<'_>, settings: &Settings, rules: &Rules, outcome: &Outcome) -> Result<RunFacts, Error> {
    let (findings, findings_total) = reader.findings()?;
    let (tallies, not_yet_existing) = reader.tallies(outcome)?;
    let (rejected_rows, rejected_total) = reader.rejected_rows()?;
    let (contradictions, contradictions_total) = reader.contradictions()?;
    let unknowns = reader.unknowns(outcome)?;
    let skipped = reader.store.skipped_files(reader.run)?;
    Ok(RunFacts {
        branding: settings.branding.clone(),
        run: model::Run {
            id: reader.store.run_id(reader.run)?,
            as_of: settings.as_of.seconds,
            as_of_origin: settings.as_of.origin.words(),
            period: settings.period.as_ref().map(|period| model::Period {
                name: period.name.clone(),
                from: period.from,
                to: period.to,
            }),
            tool_version: TOOL_VERSION.to_owned(),
            policy: model::PolicyRef {
                name: rules.policy.name.clone(),
                title: rules.policy.title.clone(),
                digest: rules.policy_digest.clone(),
                profile: rules.policy.profile.as_ref().map(|profile| profile.name.clone()),
                relaxed: rules.policy.relaxations(&rules.catalog),
            },
        },
        policy: PolicyFacts { minimum_coverage_percent: rules.policy.min_coverage_percent, fail_condition: rules.fail_condition },
        tokens: tallies.iter().map(|tally| tally.tokens).sum(),
        not_yet_existing,
        sources: reader.sources()?,
        skipped_files: skipped.into_iter().map(|(name, reason)| model::SkippedFile { name, reason }).collect(),
        checks: reader.checks(outcome)?,
        findings,
        findings_total,
        supply_hints: reader.supply_hints(&unknowns)?,
        unknowns,
        tallies,
        rejected_rows,
        rejected_total,
        contradictions,
        contradictions_total,
        waivers: rules.waivers.summaries(&effect(rules, outcome, &reader.store.waived_counts(reader.run)?)),
        frameworks: facts::framework_facts(&rules.policy),
    })
}

fn conclude(report: &Report, rules: &Rules, files: &[PathBuf], console: &Console) -> Result<ExitStatus, Error> {
    let status = match fail_condition::outcome(report, rules.fail_condition) {
        fail_condition::Outcome::Clean => ExitStatus::Clean,
        fail_condition::Outcome::Findings => ExitStatus::Findings,
        fail_condition::Outcome::NotEnough => ExitStatus::NotEnough,
    };
    let as_of = words::instant_for_people(report.run.as_of);
    let summary = RunSummary {
        summary: &report.summary,
        sources: report.sources.len(),
        rejected_rows: report.rejected_total,
        as_of: &as_of,
        files,
    };
    console.summary(&summary, status)?;
    Ok(status)
}
