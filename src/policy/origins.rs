//! Where each value of a policy comes from: the header of a check, a profile, or a line of the user's file.

use super::Policy;
use crate::checks::Check;
use crate::checks::parameter::{Parameter, Unit};

/// A value in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// `90 days, over`, with `for sensitivity high` behind it if it is an override.
    pub value: String,
    /// `default of the check`, `shared list placeholders`, `profile strict`, or `acme.toml:12`.
    pub origin: String,
}

impl Policy {
    /// The values of a parameter, the plain one first.
    pub fn origins(&self, check: &Check, parameter: &Parameter) -> Vec<InForce> {
        let (plain, _) = self.plain(check, parameter);
        let stated = self.parameters.get(&(check.id.clone(), parameter.name.clone()));
        let origin = match (stated, &parameter.list) {
            (Some(stated), _) => stated.place.clone(),
            (None, Some(list)) => self.places.get(list).cloned().unwrap_or_else(|| format!("shared list {list}")),
            (None, None) => "default of the check".to_owned(),
        };
        let mut values = vec![InForce { value: parameter.text(&plain), origin }];
        values.extend(self.overrides_of(check, parameter).map(|rule| InForce {
            value: format!("{} for {}", parameter.text(&rule.setting), rule.condition()),
            origin: rule.place.clone(),
        }));
        values
    }

    /// What is said of the run as a whole, each with the words that introduce it.
    pub fn run_origins(&self) -> [(&'static str, InForce); 3] {
        let from = |key: &str, value: String| {
            let origin = self.places.get(key).cloned().unwrap_or_else(|| "default of the program".to_owned());
            InForce { value, origin }
        };
        [
            ("run fails on", from("fail_run_on", self.fail_run_on_text())),
            ("coverage", from("min_coverage_percent", format!("at least {} %", self.min_coverage_percent))),
            ("waivers", from("max_waiver_days", format!("at most {}", Unit::Days.counted(self.max_waiver_days)))),
        ]
    }
}
