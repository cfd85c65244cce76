//! `[[provider.facts]]`: what the registry says of a provider's kind of token, with where each fact comes from.

use crate::inventory::facts::{MissingUse, SourcedFacts, Zone};
use serde::Deserialize;

/// One `[[provider.facts]]` table. The facts are those of [`crate::inventory::facts::ProviderFacts`].
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
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
    encrypts_at_rest: Option<bool>,
    last_used_precision_seconds: Option<i64>,
    last_used_zone: Option<Zone>,
    last_used_window_days: Option<i64>,
    last_used_missing: Option<MissingUse>,
    #[serde(default)]
    pub(super) source: String,
}

impl FactsEntry {
    /// States on the facts what the entry states; a later entry replaces an earlier one.
    pub(super) fn apply(&self, known: &mut SourcedFacts) {
        macro_rules! state {
            ($($name:ident),+) => {
                $(if self.$name.is_some() {
                    known.facts.$name = self.$name;
                    known.sources.insert(stringify!($name), self.source.clone());
                })+
            };
        }
        state!(
            keyless,
            supports_expiry,
            sliding_expiry,
            reset_invalidates_old,
            https_only,
            value_fixed_at_creation,
            auto_rotates_within_days,
            encrypts_at_rest,
            last_used_precision_seconds,
            last_used_zone,
            last_used_window_days,
            last_used_missing
        );
    }
}
