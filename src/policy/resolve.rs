//! Which limit applies to a token (catalogue 2.1, "Overrides").
//!
//! An override replaces the plain limit; of several that match the strictest wins. Where a source collects an attribute and this
//! token's is missing, the strictest of the plain limit and of every override that might match applies: a gap in the record must not
//! buy a looser limit. Where no source collects it, the plain limit applies.

use super::{Override, Policy};
use crate::checks::Check;
use crate::checks::parameter::{Parameter, ParameterValue, Setting};
use std::collections::{BTreeMap, BTreeSet};

/// What a token says of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    Value(String),
    /// A source collects it, and this token has none.
    Missing,
    /// No source collects it.
    NotCollected,
}

/// The attributes of a class of tokens, for every name of [`Policy::attributes`]; an absent name counts as not collected.
pub type ClassAttributes = BTreeMap<String, Attribute>;

/// The limit in force for a class of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// As a person wrote it, in the parameter's unit.
    pub value: i64,
    /// The first number of days (seconds for a limit in hours) that is a violation.
    pub fails_from: i64,
    /// `default`, `profile`, `policy`, or the override that gave it: `sensitivity high`.
    pub origin: String,
}

enum Match {
    Yes,
    No,
    /// An attribute that it looks at is missing.
    Perhaps(Vec<String>),
}

impl Policy {
    /// Names of the attributes that overrides of selected checks look at: tokens that agree in them have the same limits.
    pub fn attributes(&self) -> BTreeSet<String> {
        let rules = self.overrides.iter().filter(|rule| self.selects(&rule.check));
        rules.flat_map(|rule| rule.when.keys().cloned()).collect()
    }

    /// The limit of a per-token parameter for a class of tokens; none if the parameter is no number.
    pub fn resolve(&self, check: &Check, parameter: &Parameter, attributes: &ClassAttributes) -> Option<Resolved> {
        let (plain, plain_origin) = self.plain(check, parameter);
        let mut certain: Vec<(&Setting, String)> = Vec::new();
        let mut perhaps: Vec<(&Setting, String)> = Vec::new();
        for rule in self.overrides_of(check, parameter) {
            match rule.matches(attributes) {
                Match::Yes => certain.push((&rule.setting, rule.condition())),
                Match::No => {}
                Match::Perhaps(missing) => {
                    perhaps.push((&rule.setting, format!("{}, because {} is missing", rule.condition(), missing.join(" and "))));
                }
            }
        }
        let mut candidates = certain;
        if candidates.is_empty() || !perhaps.is_empty() {
            candidates.insert(0, (&plain, plain_origin.to_owned()));
        }
        candidates.append(&mut perhaps);

        let mut candidates = candidates.into_iter();
        let (mut setting, mut origin) = candidates.next()?;
        for (other, from) in candidates {
            if parameter.is_stricter(other, setting) {
                (setting, origin) = (other, from);
            }
        }
        let ParameterValue::Number(value) = setting.value else { return None };
        Some(Resolved { value, fails_from: parameter.fails_from(setting)?, origin })
    }
}

impl Override {
    fn matches(&self, attributes: &ClassAttributes) -> Match {
        let mut missing = Vec::new();
        for (name, values) in &self.when {
            match attributes.get(name) {
                Some(Attribute::Value(value)) if values.contains(value) => {}
                Some(Attribute::Value(_) | Attribute::NotCollected) | None => return Match::No,
                Some(Attribute::Missing) => missing.push(name.clone()),
            }
        }
        if missing.is_empty() { Match::Yes } else { Match::Perhaps(missing) }
    }
}
