//! The policy: which checks run, with which limits, for whom they differ, and when a run counts as failed.
//!
//! A policy is one of the [`PROFILES`] or a user's file that extends one. Everything that a file does not state comes from what it
//! extends, and in the end from the headers of the checks. [`waivers`] holds the exceptions that people approved.

pub mod frameworks;
pub mod lists;
mod read;
mod resolve;
#[cfg(test)]
mod tests;
pub mod waivers;

pub use read::PolicyError;
pub use resolve::{Attribute, ClassAttributes, Resolved};

use crate::checks::parameter::{Parameter, ParameterValue, Setting};
use crate::checks::result::Severity;
use crate::checks::{Catalog, Check};
use crate::report::fail_condition::FailCondition;
use crate::report::model::ParameterInForce;
use crate::store::Parameter as Bound;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Name and text of the policies that come with the program; the first is the default.
pub const PROFILES: &[(&str, &str)] = &[
    ("baseline", include_str!("profiles/baseline.toml")),
    ("strict", include_str!("profiles/strict.toml")),
    ("impact-com", include_str!("profiles/impact-com.toml")),
];

/// The attributes that an override may look at, besides `tag.NAME`.
pub const ATTRIBUTES: &[&str] = &["environment", "sensitivity", "provider", "account", "owner"];

/// A policy in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub name: String,
    pub title: String,
    /// The profile that a user's file extends; none for a profile itself.
    pub profile: Option<Box<Policy>>,
    /// Evidence coverage below this many percent reads "not enough evidence".
    pub min_coverage_percent: u32,
    /// Longest time from approval to end of a waiver, in days.
    pub max_waiver_days: i64,
    /// Which plain results make a run fail; an error always does.
    pub fail_run_on: FailCondition,
    /// Ids of the checks that run.
    selected: BTreeSet<String>,
    /// What differs from the headers, by check id and parameter.
    parameters: BTreeMap<(String, String), Stated>,
    /// Sorted by check, parameter and condition.
    overrides: Vec<Override>,
    lists: BTreeMap<String, Vec<String>>,
}

/// A value that a policy states.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stated {
    setting: Setting,
    /// `profile` or `policy`.
    origin: &'static str,
}

/// A limit that differs for some tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Override {
    check: String,
    parameter: String,
    /// Every attribute must have one of its values.
    when: BTreeMap<String, Vec<String>>,
    setting: Setting,
}

impl Override {
    /// `sensitivity high`, `environment production or staging and owner …`.
    fn condition(&self) -> String {
        let parts: Vec<String> = self.when.iter().map(|(name, values)| format!("{name} {}", values.join(" or "))).collect();
        parts.join(" and ")
    }
}

impl Policy {
    /// Whether a check runs.
    pub fn selects(&self, check_id: &str) -> bool {
        self.selected.contains(check_id)
    }

    /// The checks that run, in catalogue order.
    pub fn selected<'c>(&'c self, catalog: &'c Catalog) -> impl Iterator<Item = &'c Check> {
        catalog.all().iter().filter(|check| self.selects(&check.id))
    }

    /// The plain value of a parameter, before overrides.
    pub fn setting(&self, check: &Check, parameter: &Parameter) -> Setting {
        self.plain(check, parameter).0
    }

    /// The values to bind as `:name` for a check, apart from `:as_of`.
    pub fn bound_values(&self, check: &Check) -> BTreeMap<String, Bound> {
        let mut values = BTreeMap::new();
        for parameter in check.bound_parameters() {
            let (setting, origin) = self.plain(check, parameter);
            let fails_from = parameter.fails_from(&setting).map_or(Bound::Null, Bound::Integer);
            let bound = [setting.value.bound(), fails_from, Bound::Text(origin.to_owned())];
            values.extend(parameter.bound_names().into_iter().zip(bound));
        }
        values
    }

    /// `any fail of severity high or higher; any error`.
    pub fn fail_run_on_text(&self) -> String {
        let part = |what: &str, severity: Option<Severity>| match severity? {
            Severity::Low => Some(format!("any {what}")),
            Severity::Critical => Some(format!("any {what} of severity critical")),
            severity => Some(format!("any {what} of severity {} or higher", severity.word())),
        };
        let FailCondition { fail_from, unknown_from } = self.fail_run_on;
        let parts = [part("fail", fail_from), part("unknown", unknown_from), Some("any error".to_owned())];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    fn plain(&self, check: &Check, parameter: &Parameter) -> (Setting, &'static str) {
        if let Some(stated) = self.parameters.get(&(check.id.clone(), parameter.name.clone())) {
            return (stated.setting.clone(), stated.origin);
        }
        if let Some(words) = parameter.list.as_ref().and_then(|list| self.lists.get(list)) {
            let origin = if parameter.default.value == ParameterValue::Words(words.clone()) { "default" } else { "policy" };
            return (Setting { value: ParameterValue::Words(words.clone()), boundary: None }, origin);
        }
        (parameter.default.clone(), "default")
    }

    /// Parameters of a check for the report, in the order of its header.
    pub fn parameters_in_force(&self, check: &Check) -> Vec<ParameterInForce> {
        check
            .parameters
            .iter()
            .map(|parameter| {
                let (setting, _) = self.plain(check, parameter);
                let mut text = parameter.text(&setting);
                for rule in self.overrides_of(check, parameter) {
                    let shown = if rule.setting.boundary == setting.boundary {
                        rule.setting.value.text()
                    } else {
                        parameter.text(&rule.setting)
                    };
                    text.push_str(&format!("; {shown} for {}", rule.condition()));
                }
                ParameterInForce {
                    name: parameter.name.clone(),
                    value: setting.value.json(),
                    text,
                    relaxed: self.is_relaxed(check, parameter),
                }
            })
            .collect()
    }

    fn overrides_of(&self, check: &Check, parameter: &Parameter) -> impl Iterator<Item = &Override> {
        self.overrides.iter().filter(|rule| rule.check == check.id && rule.parameter == parameter.name)
    }

    /// Looser, for some token, than the profile that the policy extends.
    fn is_relaxed(&self, check: &Check, parameter: &Parameter) -> bool {
        let Some(profile) = &self.profile else { return false };
        let (mine, theirs) = (self.setting(check, parameter), profile.setting(check, parameter));
        let of_condition = |when: &BTreeMap<String, Vec<String>>| {
            self.overrides_of(check, parameter).find(|rule| rule.when == *when).map(|rule| &rule.setting)
        };
        parameter.is_relaxed(&mine, &theirs)
            || profile
                .overrides_of(check, parameter)
                .any(|rule| parameter.is_relaxed(of_condition(&rule.when).unwrap_or(&mine), &rule.setting))
            || self.overrides_of(check, parameter).any(|rule| {
                let theirs = profile.overrides_of(check, parameter).find(|other| other.when == rule.when);
                parameter.is_relaxed(&rule.setting, theirs.map_or(&profile.setting(check, parameter), |other| &other.setting))
                    && rule.setting != theirs.map_or_else(|| profile.setting(check, parameter), |other| other.setting.clone())
            })
    }

    /// SHA-256 (hex) over everything in the policy that decides a result or the exit code, the text of each check included.
    /// Comments, titles and the order of a file change nothing.
    pub fn digest(&self, catalog: &Catalog) -> String {
        hex(&Sha256::digest(self.canonical(catalog).to_string()))
    }

    fn canonical(&self, catalog: &Catalog) -> Json {
        // built key by key in sorted order, because serde_json keeps the order of insertion
        let mut checks = Map::new();
        let selected: BTreeMap<&str, &Check> = self.selected(catalog).map(|check| (check.id.as_str(), check)).collect();
        for (id, check) in selected {
            let mut parameters = BTreeMap::new();
            for parameter in &check.parameters {
                parameters.insert(&parameter.name, canonical_setting(&self.setting(check, parameter)));
            }
            let parameters: Map<String, Json> = parameters.into_iter().map(|(name, value)| (name.clone(), value)).collect();
            checks.insert(id.to_owned(), json!({ "text": hex(&Sha256::digest(&check.sql)), "parameters": parameters }));
        }
        let overrides: Vec<Json> = self
            .overrides
            .iter()
            .filter(|rule| self.selects(&rule.check))
            .map(|rule| json!([rule.check, rule.parameter, rule.when, canonical_setting(&rule.setting)]))
            .collect();
        json!({
            "name": self.name,
            "min_coverage_percent": self.min_coverage_percent,
            "max_waiver_days": self.max_waiver_days,
            "fail_run_on": [self.fail_run_on.fail_from.map(Severity::word), self.fail_run_on.unknown_from.map(Severity::word)],
            "checks": checks,
            "overrides": overrides,
        })
    }
}

fn canonical_setting(setting: &Setting) -> Json {
    json!([setting.value.json(), setting.boundary.map(|boundary| boundary.word())])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
