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
//! ```

use super::{ATTRIBUTES, Override, PROFILES, Policy, Stated, lists};
use crate::checks::header::value;
use crate::checks::parameter::{Boundary, Parameter, ParameterValue, Setting, Type};
use crate::checks::result::Severity;
use crate::checks::{Catalog, Check};
use crate::report::fail_condition::FailCondition;
use crate::toml_reader::{Entry, Section, TomlError, TomlFile};
use std::collections::{BTreeMap, BTreeSet};
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
    let origin = if path.is_some() { "policy" } else { "profile" };

    if let Some(section) = top.section("run")? {
        run(section, &mut policy)?;
    }
    if let Some(section) = top.section("checks")? {
        selection(section, &mut policy, catalog)?;
    }
    if let Some(section) = top.section("lists")? {
        shared_lists(section, &mut policy)?;
    }
    if let Some(mut section) = top.section("parameters")? {
        for (check, parameter, setting) in settings(section.entries(), catalog)? {
            state(&mut policy, check, parameter, setting, origin);
        }
    }
    for section in top.sections("overrides")? {
        overrides(section, &mut policy, catalog)?;
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

fn run(mut section: Section<'_>, policy: &mut Policy) -> Result<(), TomlError> {
    let file = section.file();
    if let Some(percent) = section.whole("min_coverage_percent")? {
        policy.min_coverage_percent = u32::try_from(percent.value)
            .ok()
            .filter(|percent| *percent <= 100)
            .ok_or_else(|| file.error_at(percent.offset, "`min_coverage_percent` must be from 0 to 100"))?;
    }
    if let Some(days) = section.whole("max_waiver_days")? {
        if days.value < 0 {
            return Err(file.error_at(days.offset, "`max_waiver_days` must not be negative"));
        }
        policy.max_waiver_days = days.value;
    }
    if let Some(mut conditions) = section.section("fail_run_on")? {
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
    let mut ids = |key| -> Result<Option<BTreeSet<String>>, TomlError> {
        let Some(words) = section.words(key)? else { return Ok(None) };
        let id = |word: crate::toml_reader::Placed<String>| match catalog.find(&word.value) {
            Some(check) => Ok(check.id.clone()),
            None => Err(file.unknown_at(word.offset, "check", &word.value, catalog.names())),
        };
        words.into_iter().map(id).collect::<Result<_, _>>().map(Some)
    };
    if let Some(only) = ids("only")? {
        policy.selected = only;
    }
    policy.selected.extend(ids("on")?.unwrap_or_default());
    for id in ids("off")?.unwrap_or_default() {
        policy.selected.remove(&id);
    }
    section.finish()
}

fn shared_lists(mut section: Section<'_>, policy: &mut Policy) -> Result<(), TomlError> {
    for entry in section.entries() {
        if !lists::built_in().contains_key(&entry.name.value) {
            return Err(entry.unknown("list", lists::built_in().keys().map(String::as_str)));
        }
        let Some(words) = entry.words() else { return Err(entry.wrong("a list of texts")) };
        policy.lists.insert(entry.name.value.clone(), words.into_iter().map(|word| word.value).collect());
    }
    Ok(())
}

/// `CHECK.parameter = value` of a table.
fn settings<'c>(entries: Vec<Entry<'_>>, catalog: &'c Catalog) -> Result<Vec<(&'c Check, &'c Parameter, Setting)>, TomlError> {
    let mut settings = Vec::new();
    for entry in entries {
        let Some(check) = catalog.find(&entry.name.value) else { return Err(entry.unknown("check", catalog.names())) };
        for entry in entry.section()?.entries() {
            let Some(parameter) = check.parameter(&entry.name.value) else {
                let known = check.parameters.iter().map(|parameter| parameter.name.as_str());
                return Err(entry.unknown(&format!("parameter of {}", check.id), known));
            };
            settings.push((check, parameter, setting(entry, parameter)?));
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
        let words: &[String] = match &value {
            ParameterValue::Word(word) => std::slice::from_ref(word),
            ParameterValue::Words(words) => words,
            _ => &[],
        };
        if let Some(word) = words.iter().find(|word| !parameter.choices.contains(word)) {
            let what = format!("value of `{}`", parameter.name);
            return Err(entry.file().unknown_at(entry.offset(), &what, word, parameter.choices.iter().map(String::as_str)));
        }
    }
    Ok(Setting { value, boundary })
}

/// States a plain value. An inherited override that tightened the inherited value goes when it no longer tightens: it was made to
/// be stricter than that, and must not loosen a limit that is now stricter still.
fn state(policy: &mut Policy, check: &Check, parameter: &Parameter, setting: Setting, origin: &'static str) {
    let before = policy.setting(check, parameter);
    policy.overrides.retain(|rule| {
        rule.check != check.id
            || rule.parameter != parameter.name
            || !parameter.is_stricter(&rule.setting, &before)
            || parameter.is_stricter(&rule.setting, &setting)
    });
    policy.parameters.insert((check.id.clone(), parameter.name.clone()), Stated { setting, origin });
}

fn overrides(mut section: Section<'_>, policy: &mut Policy, catalog: &Catalog) -> Result<(), TomlError> {
    let Some(mut conditions) = section.section("when")? else { return Err(section.error("an override needs `when`")) };
    let mut when = BTreeMap::new();
    for entry in conditions.entries() {
        let name = entry.name.value.clone();
        let tag = name.strip_prefix("tag.").is_some_and(|tag| !tag.is_empty());
        if !tag && !ATTRIBUTES.contains(&name.as_str()) {
            return Err(entry.unknown("attribute", ATTRIBUTES.iter().copied().chain(["tag.NAME"])));
        }
        let mut values = match (entry.text(), entry.words()) {
            (Some(text), _) => vec![text.to_owned()],
            (None, Some(words)) if !words.is_empty() => words.into_iter().map(|word| word.value).collect(),
            _ => return Err(entry.wrong("a text or a list of texts")),
        };
        values.sort_unstable();
        values.dedup();
        when.insert(name, values);
    }
    if when.is_empty() {
        return Err(section.error("an override needs an attribute in `when`"));
    }
    let Some(mut parameters) = section.section("parameters")? else {
        return Err(section.error("an override needs `parameters`"));
    };
    let entries = parameters.entries();
    let offset = parameters.offset();
    for (check, parameter, setting) in settings(entries, catalog)? {
        if !parameter.per_token || parameter.kind != Type::Number {
            let message = format!("`{}` of {} is the same for every token and cannot be overridden", parameter.name, check.id);
            return Err(section.file().error_at(offset, message));
        }
        policy.overrides.retain(|rule| rule.check != check.id || rule.parameter != parameter.name || rule.when != when);
        policy.overrides.push(Override {
            check: check.id.clone(),
            parameter: parameter.name.clone(),
            when: when.clone(),
            setting,
        });
    }
    section.finish()
}
