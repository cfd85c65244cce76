//! Reading a policy file.
//!
//! ```toml
//! name = "acme"
//! extends = "baseline"                       # the default
//!
//! [run]
//! min_coverage_percent = 80
//! max_waiver_days = 365
//! fail_run_on = { fail = "high", unknown = "never" }
//!
//! [checks]
//! on = ["EXP-001"]                           # besides those of the profile
//! off = ["has-owner"]                        # or `only = [...]`
//!
//! [parameters.ROT-001]
//! max_age_days = 60                          # or { value = 60, boundary = "reached" }
//!
//! [[overrides]]
//! when = { sensitivity = "high" }            # environment, sensitivity, provider, account, owner, "tag.NAME"
//! parameters.ROT-001.max_age_days = 30
//!
//! [lists]
//! placeholders = ["tbd"]                     # replaces the list
//!
//! [frameworks.acme-rules]                    # besides those that come with the program; see `mapping`
//! name = "Acme rules for credentials"
//! version = "2026"
//! controls."T-1" = { title = "Secrets are changed", checks = ["ROT-001", "~EXP-001"] }
//! ```

mod mapping;
mod overrides;

use super::{PROFILES, Policy, Stated, frameworks, lists};
use crate::checks::header::value;
use crate::checks::parameter::{Boundary, Parameter, ParameterValue, Setting};
use crate::checks::result::Severity;
use crate::checks::{Catalog, Check};
use crate::report::fail_condition::FailCondition;
use crate::toml_reader::{Entry, Placed, Section, TomlError, TomlFile};
use std::collections::BTreeMap;
use std::path::Path;

/// Why there is no policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// Neither a profile nor a file.
    #[error("there is no policy `{name}`")]
    Unknown { name: String, hint: String },
}

impl PolicyError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            PolicyError::Toml(error) => error.hint(),
            PolicyError::Unknown { hint, .. } => Some(hint.clone()),
        }
    }
}

impl Policy {
    /// A profile by name, or else the file of that path.
    ///
    /// # Errors
    /// If there is neither, or the file has a fault; that names line, column and the nearest valid name.
    pub fn open(name: &str, catalog: &Catalog) -> Result<Policy, PolicyError> {
        if PROFILES.iter().any(|(profile, _)| *profile == name) {
            return Policy::profile(name, catalog);
        }
        let path = Path::new(name);
        if !path.exists() {
            let known: Vec<String> = PROFILES.iter().map(|(name, _)| format!("`{name}`")).collect();
            return Err(PolicyError::Unknown {
                name: name.to_owned(),
                hint: format!("give the path of a policy file or one of {}", known.join(", ")),
            });
        }
        Ok(read(&TomlFile::read(path)?, Some(path), catalog)?)
    }

    /// One of the [`PROFILES`].
    pub fn profile(name: &str, catalog: &Catalog) -> Result<Policy, PolicyError> {
        let Some((name, text)) = PROFILES.iter().find(|(profile, _)| *profile == name) else {
            let known: Vec<&str> = PROFILES.iter().map(|(name, _)| *name).collect();
            return Err(PolicyError::Unknown { name: name.to_owned(), hint: format!("there are {}", known.join(", ")) });
        };
        Ok(read(&TomlFile::new(format!("profile {name}"), *text), None, catalog)?)
    }

    /// A user's policy from its text; `shown` is its name in messages.
    pub fn parse(shown: &str, text: &str, catalog: &Catalog) -> Result<Policy, PolicyError> {
        Ok(read(&TomlFile::new(shown, text), Some(Path::new(shown)), catalog)?)
    }
}

/// The file whose values are being laid over what it extends.
struct Layer<'f> {
    file: &'f TomlFile,
    /// `profile` or `policy`.
    origin: &'static str,
}

impl Layer<'_> {
    /// Where a value of this file stands: `profile strict`, or `acme.toml:12` for a user's file.
    fn place(&self, offset: usize) -> String {
        match self.origin {
            "profile" => self.file.name().to_owned(),
            _ => format!("{}:{}", self.file.name(), self.file.line(offset)),
        }
    }
}

/// A value of a parameter and where it stands.
struct Found<'c> {
    check: &'c Check,
    parameter: &'c Parameter,
    setting: Setting,
    offset: usize,
}

/// `path` is none for a profile, which extends nothing but the headers of the checks.
fn read(file: &TomlFile, path: Option<&Path>, catalog: &Catalog) -> Result<Policy, TomlError> {
    let mut top = file.parse()?;
    let name = top.text("name")?.map(|name| name.value);
    let title = top.text("title")?.map(|title| title.value);
    let mut policy = match path {
        None => headers_alone(catalog),
        Some(path) => {
            let mut policy = extended(&mut top, catalog)?;
            policy.profile = Some(Box::new(policy.clone()));
            policy.name = path.file_stem().map_or_else(|| "policy".to_owned(), |stem| stem.to_string_lossy().into_owned());
            policy.title = policy.name.clone();
            policy
        }
    };
    policy.name = name.unwrap_or(policy.name);
    policy.title = title.unwrap_or_else(|| policy.name.clone());
    let layer = Layer { file, origin: if path.is_some() { "policy" } else { "profile" } };

    if let Some(section) = top.section("run")? {
        run(section, &mut policy, &layer)?;
    }
    if let Some(section) = top.section("checks")? {
        selection(section, &mut policy, catalog)?;
    }
    if let Some(section) = top.section("lists")? {
        shared_lists(section, &mut policy, &layer)?;
    }
    if let Some(mut section) = top.section("parameters")? {
        for found in settings(section.entries(), catalog)? {
            state(&mut policy, found, &layer);
        }
    }
    overrides::read(top.sections("overrides")?, &mut policy, catalog, &layer)?;
    for (id, section) in top.named_sections("frameworks")? {
        mapping::read(&id, section, &mut policy, catalog)?;
    }
    top.finish()?;
    policy
        .overrides
        .sort_by(|left, right| (&left.check, &left.parameter, &left.when).cmp(&(&right.check, &right.parameter, &right.when)));
    Ok(policy)
}

fn headers_alone(catalog: &Catalog) -> Policy {
    Policy {
        name: String::new(),
        title: String::new(),
        profile: None,
        min_coverage_percent: 80,
        max_waiver_days: 365,
        fail_run_on: FailCondition::BASELINE,
        selected: catalog.all().iter().map(|check| check.id.clone()).collect(),
        parameters: BTreeMap::new(),
        overrides: Vec::new(),
        lists: lists::built_in().clone(),
        places: BTreeMap::new(),
        frameworks: frameworks::all().clone(),
        mapped: BTreeMap::new(),
    }
}

/// The profile that a user's file starts from.
fn extended(top: &mut Section<'_>, catalog: &Catalog) -> Result<Policy, TomlError> {
    let name = top.text("extends")?;
    let wanted = name.as_ref().map_or("baseline", |name| name.value.as_str());
    match PROFILES.iter().find(|(profile, _)| *profile == wanted) {
        Some((profile, text)) => read(&TomlFile::new(format!("profile {profile}"), *text), None, catalog),
        None => {
            let offset = name.as_ref().map_or(0, |name| name.offset);
            Err(top.file().unknown_at(offset, "profile", wanted, PROFILES.iter().map(|(profile, _)| *profile)))
        }
    }
}

fn run(mut section: Section<'_>, policy: &mut Policy, layer: &Layer<'_>) -> Result<(), TomlError> {
    let file = section.file();
    let mut placed = |key: &str, offset| policy.places.insert(key.to_owned(), layer.place(offset));
    if let Some(percent) = section.whole("min_coverage_percent")? {
        policy.min_coverage_percent = u32::try_from(percent.value)
            .ok()
            .filter(|percent| *percent <= 100)
            .ok_or_else(|| file.error_at(percent.offset, "`min_coverage_percent` must be from 0 to 100"))?;
        placed("min_coverage_percent", percent.offset);
    }
    if let Some(days) = section.whole("max_waiver_days")? {
        if days.value < 0 {
            return Err(file.error_at(days.offset, "`max_waiver_days` must not be negative"));
        }
        policy.max_waiver_days = days.value;
        placed("max_waiver_days", days.offset);
    }
    if let Some(mut conditions) = section.section("fail_run_on")? {
        placed("fail_run_on", conditions.offset());
        for (key, target) in [("fail", &mut policy.fail_run_on.fail_from), ("unknown", &mut policy.fail_run_on.unknown_from)] {
            let Some(word) = conditions.text(key)? else { continue };
            *target = match word.value.as_str() {
                "never" => None,
                severity => Some(Severity::parse(severity).ok_or_else(|| {
                    file.unknown_at(word.offset, "severity", severity, ["critical", "high", "medium", "low", "never"])
                })?),
            };
        }
        conditions.finish()?;
    }
    section.finish()
}

fn selection(mut section: Section<'_>, policy: &mut Policy, catalog: &Catalog) -> Result<(), TomlError> {
    let file = section.file();
    let mut ids = |key| -> Result<Option<Vec<Placed<String>>>, TomlError> {
        let Some(words) = section.words(key)? else { return Ok(None) };
        let id = |word: Placed<String>| match catalog.find(&word.value) {
            Some(check) => Ok(Placed { value: check.id.clone(), offset: word.offset }),
            None => Err(file.unknown_at(word.offset, "check", &word.value, catalog.names())),
        };
        words.into_iter().map(id).collect::<Result<_, _>>().map(Some)
    };
    let (only, on, off) = (ids("only")?, ids("on")?.unwrap_or_default(), ids("off")?.unwrap_or_default());
    if let Some(twice) = off.iter().find(|off| on.iter().chain(only.iter().flatten()).any(|on| on.value == off.value)) {
        return Err(file.error_at(twice.offset, format!("{} is switched on and off", twice.value)));
    }
    if let Some(only) = only {
        policy.selected = only.into_iter().map(|id| id.value).collect();
    }
    policy.selected.extend(on.into_iter().map(|id| id.value));
    for id in off {
        policy.selected.remove(&id.value);
    }
    if policy.selected.is_empty() {
        return Err(section.error("no check is left on"));
    }
    section.finish()
}

fn shared_lists(mut section: Section<'_>, policy: &mut Policy, layer: &Layer<'_>) -> Result<(), TomlError> {
    for entry in section.entries() {
        if !lists::built_in().contains_key(&entry.name.value) {
            return Err(entry.unknown("list", lists::built_in().keys().map(String::as_str)));
        }
        let Some(words) = entry.words() else { return Err(entry.wrong("a list of texts")) };
        if let Some(empty) = words.iter().find(|word| word.value.trim().is_empty()) {
            return Err(entry.file().error_at(empty.offset, format!("an empty text in `{}` matches nothing", entry.name.value)));
        }
        policy.places.insert(entry.name.value.clone(), layer.place(entry.name.offset));
        policy.lists.insert(entry.name.value.clone(), words.into_iter().map(|word| word.value).collect());
    }
    Ok(())
}

/// `CHECK.parameter = value` of a table.
fn settings<'c>(entries: Vec<Entry<'_>>, catalog: &'c Catalog) -> Result<Vec<Found<'c>>, TomlError> {
    let mut settings = Vec::new();
    for entry in entries {
        let Some(check) = catalog.find(&entry.name.value) else { return Err(entry.unknown("check", catalog.names())) };
        for entry in entry.section()?.entries() {
            let Some(parameter) = check.parameter(&entry.name.value) else {
                let known = check.parameters.iter().map(|parameter| parameter.name.as_str());
                return Err(entry.unknown(&format!("parameter of {}", check.id), known));
            };
            let offset = entry.name.offset;
            if settings.iter().any(|other: &Found<'_>| other.check.id == check.id && other.parameter.name == parameter.name) {
                return Err(entry.file().error_at(offset, format!("`{}` of {} is stated twice", parameter.name, check.id)));
            }
            settings.push(Found { check, parameter, setting: setting(entry, parameter)?, offset });
        }
    }
    Ok(settings)
}

/// A value, or `{ value = …, boundary = "over" }`.
fn setting(entry: Entry<'_>, parameter: &Parameter) -> Result<Setting, TomlError> {
    let mut boundary = parameter.default.boundary;
    let entry = if entry.is_table() {
        let (file, offset) = (entry.file(), entry.offset());
        let mut section = entry.section()?;
        if let Some(word) = section.text("boundary")? {
            if boundary.is_none() {
                return Err(file.error_at(word.offset, format!("`{}` has no boundary", parameter.name)));
            }
            boundary = Some(
                Boundary::parse(&word.value)
                    .ok_or_else(|| file.unknown_at(word.offset, "boundary", &word.value, ["over", "reached"]))?,
            );
        }
        let inner = section.entry("value")?;
        section.finish()?;
        inner.ok_or_else(|| file.error_at(offset, format!("`{}` has no `value`", parameter.name)))?
    } else {
        entry
    };
    let value = value(&entry, parameter.kind)?;
    if !parameter.choices.is_empty() {
        let words = match (&value, entry.words()) {
            (ParameterValue::Word(word), _) => vec![Placed { value: word.clone(), offset: entry.offset() }],
            (_, words) => words.unwrap_or_default(),
        };
        if let Some(word) = words.iter().find(|word| !parameter.choices.contains(&word.value)) {
            let what = format!("value of `{}`", parameter.name);
            let known = parameter.choices.iter().map(String::as_str);
            return Err(entry.file().unknown_at(word.offset, &what, &word.value, known));
        }
    }
    Ok(Setting { value, boundary })
}

/// States a plain value. An inherited override that tightened the inherited value goes when it no longer tightens: it was made to
/// be stricter than that, and must not loosen a limit that is now stricter still.
fn state(policy: &mut Policy, found: Found<'_>, layer: &Layer<'_>) {
    let Found { check, parameter, setting, offset } = found;
    let before = policy.setting(check, parameter);
    policy.overrides.retain(|rule| {
        rule.check != check.id
            || rule.parameter != parameter.name
            || !parameter.is_stricter(&rule.setting, &before)
            || parameter.is_stricter(&rule.setting, &setting)
    });
    let stated = Stated { setting, origin: layer.origin, place: layer.place(offset) };
    policy.parameters.insert((check.id.clone(), parameter.name.clone()), stated);
}
