//! The word lists that checks share (decisions, 19): one data file, replaced list by list under `[lists]` of a policy.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const TEXT: &str = include_str!("lists.toml");

static LISTS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| toml::from_str(TEXT).unwrap_or_default());

/// Every list by name.
pub fn built_in() -> &'static BTreeMap<String, Vec<String>> {
    &LISTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_file_is_sound() {
        let lists: BTreeMap<String, Vec<String>> = toml::from_str(TEXT).unwrap();
        for (name, words) in &lists {
            assert!(!words.is_empty(), "{name}");
            assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{name} repeats a word");
            assert!(words.iter().all(|word| *word == word.to_lowercase()), "{name} is in lower case");
        }
        assert_eq!(built_in(), &lists);
    }
}
