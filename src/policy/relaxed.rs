//! Where a policy asks for less than the profile that it extends. Every report marks that.

use super::Policy;
use crate::checks::parameter::{Parameter, Setting, Unit};
use crate::checks::{Catalog, Check};
use crate::report::fail_condition::FailCondition;
use std::collections::BTreeMap;

impl Policy {
    /// Looser, for some token, than the profile that the policy extends.
    pub(super) fn is_relaxed(&self, check: &Check, parameter: &Parameter) -> bool {
        let Some(profile) = &self.profile else { return false };
        let (mine, theirs) = (self.setting(check, parameter), profile.setting(check, parameter));
        let of_condition = |policy: &Policy, when: &BTreeMap<String, Vec<String>>, plain: &Setting| {
            let rule = policy.overrides_of(check, parameter).find(|rule| rule.when == *when);
            rule.map_or_else(|| plain.clone(), |rule| rule.setting.clone())
        };
        // Both sides' conditions, each with the value that the other side has for the same tokens.
        let mut conditions =
            self.overrides_of(check, parameter).chain(profile.overrides_of(check, parameter)).map(|rule| &rule.when);
        parameter.is_relaxed(&mine, &theirs)
            || conditions
                .any(|when| parameter.is_relaxed(&of_condition(self, when, &mine), &of_condition(profile, when, &theirs)))
    }

    /// Everything that the policy relaxes, a sentence each: limits, checks that are off, and when a run fails.
    pub fn relaxations(&self, catalog: &Catalog) -> Vec<String> {
        let Some(profile) = &self.profile else { return Vec::new() };
        let than = format!("profile {} ", profile.name);
        let mut all = Vec::new();
        for check in catalog.all() {
            if profile.selects(&check.id) && !self.selects(&check.id) {
                all.push(format!("{} is off; {than}has it on", check.id));
            } else if self.selects(&check.id) && profile.selects(&check.id) {
                for parameter in check.parameters.iter().filter(|parameter| self.is_relaxed(check, parameter)) {
                    let (mine, theirs) = (self.parameter_text(check, parameter), profile.parameter_text(check, parameter));
                    all.push(format!("{} {}: {mine}; {than}has {theirs}", check.id, parameter.name));
                }
            }
        }
        if self.min_coverage_percent < profile.min_coverage_percent {
            all.push(format!(
                "evidence coverage: at least {} %; {than}asks for {} %",
                self.min_coverage_percent, profile.min_coverage_percent
            ));
        }
        if self.max_waiver_days > profile.max_waiver_days {
            let (mine, theirs) = (Unit::Days.counted(self.max_waiver_days), Unit::Days.counted(profile.max_waiver_days));
            all.push(format!("waivers: at most {mine}; {than}allows {theirs}"));
        }
        if lets_through_more(self.fail_run_on, profile.fail_run_on) {
            all.push(format!("a run fails on {}; by {than}on {}", self.fail_run_on_text(), profile.fail_run_on_text()));
        }
        all
    }
}

/// Whether something fails a run under `theirs` and not under `mine`.
fn lets_through_more(mine: FailCondition, theirs: FailCondition) -> bool {
    // severities are ordered critical first; none lets everything through
    let looser = |mine: Option<_>, theirs: Option<_>| match (mine, theirs) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(mine), Some(theirs)) => mine < theirs,
    };
    looser(mine.fail_from, theirs.fail_from) || looser(mine.unknown_from, theirs.unknown_from)
}
