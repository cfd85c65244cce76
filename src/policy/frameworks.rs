//! The published frameworks that checks serve: names, versions and the controls that are referred to, with their titles.
//!
//! The data file holds only controls whose id was read in the framework or in a library that carries it; its `source` says
//! where. An id never stands without its framework's version, because publishers renumber.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("frameworks.json");

/// One framework in one version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    pub name: String,
    pub version: String,
    /// Where the ids and titles were read.
    pub source: String,
    /// The provider that it is about; for tokens of others its controls are supported only.
    #[serde(default)]
    pub provider: Option<String>,
    /// What a reader must know beside the whole framework.
    #[serde(default)]
    pub note: Option<String>,
    /// The same beside one control, by its id.
    #[serde(default)]
    pub notes: BTreeMap<String, String>,
    /// What a reader must know beside a control if the policy leaves a check off, by control and check.
    #[serde(default)]
    pub notes_when_off: BTreeMap<String, BTreeMap<String, String>>,
    /// Title by control id; the order of the data file does not matter.
    pub controls: BTreeMap<String, String>,
}

static FRAMEWORKS: LazyLock<BTreeMap<String, Framework>> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());

/// Every framework by id, for example `nist-800-53-r5`.
pub fn all() -> &'static BTreeMap<String, Framework> {
    &FRAMEWORKS
}

/// A framework by id.
pub fn by_id(id: &str) -> Option<&'static Framework> {
    FRAMEWORKS.get(id)
}

/// The title of a control.
pub fn title(framework: &str, control: &str) -> Option<&'static str> {
    FRAMEWORKS.get(framework)?.controls.get(control).map(String::as_str)
}

/// Sorts control ids as people count: `IA-5(2)` before `IA-5(10)`, `8.6.3` before `8.10`.
pub fn order(control: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let (mut word, mut digits) = (String::new(), String::new());
    for letter in control.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
        } else {
            if !digits.is_empty() {
                parts.push((std::mem::take(&mut word), digits.parse().unwrap_or(u64::MAX)));
                digits.clear();
            }
            word.push(letter);
        }
    }
    parts.push((word, digits.parse().unwrap_or(0)));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_sound() {
        let frameworks: BTreeMap<String, Framework> = serde_json::from_str(TEXT).unwrap();
        for (id, framework) in &frameworks {
            assert!(!framework.name.is_empty() && !framework.version.is_empty(), "{id}");
            assert!(!framework.controls.is_empty(), "{id}");
            for control in framework.notes.keys().chain(framework.notes_when_off.keys()) {
                assert!(framework.controls.contains_key(control), "{id} has a note beside {control}, which it does not list");
            }
        }
        assert_eq!(title("nist-800-53-r5", "IA-5"), Some("Authenticator Management"));
        assert_eq!(title("nist-800-53-r5", "IA-99"), None);
    }

    #[test]
    fn controls_are_ordered_as_people_count() {
        let mut ids = vec!["IA-5(10)", "IA-5", "AC-2", "IA-5(2)"];
        ids.sort_by_key(|id| order(id));
        assert_eq!(ids, ["AC-2", "IA-5", "IA-5(2)", "IA-5(10)"]);
        let mut ids = vec!["8.10", "8.6.3", "8.6"];
        ids.sort_by_key(|id| order(id));
        assert_eq!(ids, ["8.6", "8.6.3", "8.10"]);
    }
}
