//! The policy: which checks run, with which limits, for whom they differ, and when a run counts as failed.
//!
//! A policy is one of the [`PROFILES`] or a user's file that extends one. Everything that a file does not state comes from what it
//! extends, and in the end from the headers of the checks. [`waivers`] holds the exceptions that people approved.

pub mod frameworks;
pub mod lists;
mod origins;
mod read;
mod relaxed;
mod resolve;
#[cfg(test)]
mod tests;
pub mod waivers;

pub use origins::InForce;
pub use read::PolicyError;
pub use resolve::{Attribute, ClassAttributes, Resolved};

use crate::checks::header::Control;
use crate::checks::parameter::{Parameter, ParameterValue, Setting};
use crate::checks::result::Severity;
use crate::checks::{Catalog, Check};
use crate::report::fail_condition::FailCondition;
use crate::report::model::ParameterInForce;
use crate::store::Parameter as Bound;
use frameworks::Framework;
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
    /// Where the settings of `[run]` and the lists stand that a file states.
    places: BTreeMap<String, String>,
    /// Every framework by id: those that come with the program and those of the file.
    frameworks: BTreeMap<String, Framework>,
    /// Controls that the file maps to a check, by its id, besides those of its header.
    mapped: BTreeMap<String, Vec<Control>>,
}

/// A value that a policy states.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stated {
    setting: Setting,
    /// `profile` or `policy`.
    origin: &'static str,
    /// `profile strict`, or the line of the user's file.
    place: String,
}

/// A limit that differs for some tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Override {
    check: String,
    parameter: String,
    /// Every attribute must have one of its values.
    when: BTreeMap<String, Vec<String>>,
    setting: Setting,
    /// `profile strict`, or the line of the user's file.
    place: String,
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

    /// Ids of the checks that run.
    pub fn selected_ids(&self) -> &BTreeSet<String> {
        &self.selected
    }

    /// The providers that some framework is about.
    pub fn framework_providers(&self) -> Vec<String> {
        let named: BTreeSet<&String> = self.frameworks.values().filter_map(|framework| framework.provider.as_ref()).collect();
        named.into_iter().cloned().collect()
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
                ParameterInForce {
                    name: parameter.name.clone(),
                    value: setting.value.json(),
                    text: self.parameter_text(check, parameter),
                    relaxed: self.is_relaxed(check, parameter),
                }
            })
            .collect()
    }

    /// `90 days, over; 60 for sensitivity high`.
    fn parameter_text(&self, check: &Check, parameter: &Parameter) -> String {
        let setting = self.setting(check, parameter);
        let mut text = parameter.text(&setting);
        for rule in self.overrides_of(check, parameter) {
            let shown =
                if rule.setting.boundary == setting.boundary { rule.setting.value.text() } else { parameter.text(&rule.setting) };
            text.push_str(&format!("; {shown} for {}", rule.condition()));
        }
        text
    }

    fn overrides_of(&self, check: &Check, parameter: &Parameter) -> impl Iterator<Item = &Override> {
        self.overrides.iter().filter(|rule| rule.check == check.id && rule.parameter == parameter.name)
    }

    /// Every framework by id.
    pub fn frameworks(&self) -> &BTreeMap<String, Framework> {
        &self.frameworks
    }

    /// The controls that a check serves: those of its header, then those that the policy maps.
    pub fn controls<'p>(&'p self, check: &'p Check) -> impl Iterator<Item = &'p Control> {
        check.controls.iter().chain(self.mapped.get(&check.id).into_iter().flatten())
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
            "frameworks": self.frameworks_of_file(),
        })
    }
}

impl Policy {
    /// What the file adds to the frameworks that come with the program: it decides what the report's control view says.
    fn frameworks_of_file(&self) -> Json {
        let own: Vec<Json> = self
            .frameworks
            .iter()
            .filter(|(id, framework)| frameworks::by_id(id) != Some(framework))
            .map(|(id, framework)| json!([id, framework.name, framework.version, framework.provider, framework.controls]))
            .collect();
        let mapped: Vec<Json> = self
            .mapped
            .iter()
            .map(|(check, controls)| json!([check, controls.iter().map(ToString::to_string).collect::<Vec<_>>()]))
            .collect();
        json!([own, mapped])
    }
}

fn canonical_setting(setting: &Setting) -> Json {
    json!([setting.value.json(), setting.boundary.map(|boundary| boundary.word())])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
