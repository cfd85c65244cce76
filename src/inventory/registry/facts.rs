//! What the registry says of a provider's kind of token, with where each fact comes from.

use crate::inventory::facts::ProviderFacts;
use serde::Deserialize;

/// The facts of a kind of token, with their sources.
#[derive(Debug, Clone, Default)]
pub(super) struct Sourced {
    pub(super) facts: ProviderFacts,
    /// Name of the fact, source.
    sources: Vec<(&'static str, String)>,
}

/// One `[[provider.facts]]` table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactsEntry {
    /// Kinds of token that the entry is about; without, all.
    #[serde(default)]
    pub(super) kinds: Vec<String>,
    keyless: Option<bool>,
    supports_expiry: Option<bool>,
    sliding_expiry: Option<bool>,
    reset_invalidates_old: Option<bool>,
    https_only: Option<bool>,
    value_fixed_at_creation: Option<bool>,
    auto_rotates_within_days: Option<i64>,
    pub(super) source: String,
}

impl Sourced {
    /// Takes over what an entry states; a later entry replaces an earlier one.
    pub(super) fn apply(&mut self, entry: &FactsEntry) {
        let (facts, source) = (&mut self.facts, &mut self.sources);
        state(&mut facts.keyless, entry.keyless, "keyless", &entry.source, source);
        state(&mut facts.supports_expiry, entry.supports_expiry, "supports_expiry", &entry.source, source);
        state(&mut facts.sliding_expiry, entry.sliding_expiry, "sliding_expiry", &entry.source, source);
        state(&mut facts.reset_invalidates_old, entry.reset_invalidates_old, "reset_invalidates_old", &entry.source, source);
        state(&mut facts.https_only, entry.https_only, "https_only", &entry.source, source);
        state(
            &mut facts.value_fixed_at_creation,
            entry.value_fixed_at_creation,
            "value_fixed_at_creation",
            &entry.source,
            source,
        );
        state(
            &mut facts.auto_rotates_within_days,
            entry.auto_rotates_within_days,
            "auto_rotates_within_days",
            &entry.source,
            source,
        );
    }

    /// Where a fact comes from.
    pub(super) fn source(&self, fact: &str) -> Option<&str> {
        self.sources.iter().find(|(name, _)| *name == fact).map(|(_, source)| source.as_str())
    }
}

fn state<T: Copy>(
    fact: &mut Option<T>,
    stated: Option<T>,
    name: &'static str,
    source: &str,
    sources: &mut Vec<(&'static str, String)>,
) {
    if stated.is_some() {
        *fact = stated;
        sources.retain(|(known, _)| *known != name);
        sources.push((name, source.to_owned()));
    }
}
