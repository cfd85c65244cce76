//! What is known of a provider's kind of token, for checks that rest on it (catalogue 2.1, "provider facts").

use super::record::ScopeClass;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Facts of one provider and kind; none where the registry knows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ProviderFacts {
    /// The provider is on the registry at all.
    pub provider_known: bool,
    /// Workload identity: no secret is stored.
    pub keyless: Option<bool>,
    pub supports_expiry: Option<bool>,
    /// Each use moves the expiry, so it is no hard end.
    pub sliding_expiry: Option<bool>,
    /// A reset makes the previous value useless at once.
    pub reset_invalidates_old: Option<bool>,
    pub https_only: Option<bool>,
    /// The value cannot be changed in place, so creation is rotation (decisions, 23).
    pub value_fixed_at_creation: Option<bool>,
    /// The provider changes the secret by itself at least this often, in days.
    pub auto_rotates_within_days: Option<i64>,
    /// A store that keeps every value encrypted, whatever its settings.
    pub encrypts_at_rest: Option<bool>,
    /// A recorded last use may lie this many seconds before the true one.
    pub last_used_precision_seconds: Option<i64>,
    /// The zone of a last use that is stated without one, or as a date alone.
    pub last_used_zone: Option<Zone>,
    /// Use is remembered for this many days only.
    pub last_used_window_days: Option<i64>,
    /// What an empty last use says.
    pub last_used_missing: Option<MissingUse>,
}

/// A zone that a provider documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    Utc,
}

/// What a token without a last use says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingUse {
    /// Use is tracked from creation: never used.
    Never,
    /// Not used in the window that the provider remembers.
    NotInWindow,
    /// It proves nothing.
    Unknown,
}

impl MissingUse {
    pub fn word(self) -> &'static str {
        match self {
            MissingUse::Never => "never",
            MissingUse::NotInWindow => "not-in-window",
            MissingUse::Unknown => "unknown",
        }
    }
}

/// A fact as checks and people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactValue {
    Flag(bool),
    Number(i64),
    Word(&'static str),
}

/// A kind of fact.
#[derive(Debug)]
pub struct Fact {
    /// Its name in `[[provider.facts]]`, in the evidence of results, and with `fact_` before it in SQL.
    pub name: &'static str,
    /// What it says, for people.
    pub help: &'static str,
    pub of: fn(&ProviderFacts) -> Option<FactValue>,
}

/// Every fact, in the order of the columns of the store.
pub const FACTS: [Fact; 12] = [
    Fact { name: "keyless", help: "nothing is stored: the identity has no secret", of: |facts| flag(facts.keyless) },
    Fact { name: "supports_expiry", help: "a token can have an expiry date", of: |facts| flag(facts.supports_expiry) },
    Fact { name: "sliding_expiry", help: "each use moves the expiry date", of: |facts| flag(facts.sliding_expiry) },
    Fact {
        name: "reset_invalidates_old",
        help: "a reset makes the previous value useless at once",
        of: |facts| flag(facts.reset_invalidates_old),
    },
    Fact { name: "https_only", help: "the provider answers encrypted connections only", of: |facts| flag(facts.https_only) },
    Fact {
        name: "value_fixed_at_creation",
        help: "the value cannot change, so creation is the last rotation",
        of: |facts| flag(facts.value_fixed_at_creation),
    },
    Fact {
        name: "auto_rotates_within_days",
        help: "the provider changes the secret by itself at least this often, in days",
        of: |facts| facts.auto_rotates_within_days.map(FactValue::Number),
    },
    Fact { name: "encrypts_at_rest", help: "every stored value is encrypted", of: |facts| flag(facts.encrypts_at_rest) },
    Fact {
        name: "last_used_precision_seconds",
        help: "a recorded last use may lie this many seconds before the true one",
        of: |facts| facts.last_used_precision_seconds.map(FactValue::Number),
    },
    Fact {
        name: "last_used_zone",
        help: "zone of a last use that states none (utc)",
        of: |facts| facts.last_used_zone.map(|Zone::Utc| FactValue::Word("utc")),
    },
    Fact {
        name: "last_used_window_days",
        help: "use is remembered for this many days only",
        of: |facts| facts.last_used_window_days.map(FactValue::Number),
    },
    Fact {
        name: "last_used_missing",
        help: "what an empty last use says: never, not-in-window or unknown",
        of: |facts| facts.last_used_missing.map(|missing| FactValue::Word(missing.word())),
    },
];

fn flag(fact: Option<bool>) -> Option<FactValue> {
    fact.map(FactValue::Flag)
}

/// Facts and where each comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourcedFacts {
    pub facts: ProviderFacts,
    /// Source by the name of the fact.
    pub sources: BTreeMap<&'static str, String>,
}

impl From<ProviderFacts> for SourcedFacts {
    /// Facts without a source, as tests state them.
    fn from(facts: ProviderFacts) -> SourcedFacts {
        SourcedFacts { facts, sources: BTreeMap::new() }
    }
}

/// What the registry says of a granted scope besides its class on the record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeFacts {
    /// Where the class comes from; none where the registry does not know the scope.
    pub class_source: Option<String>,
    /// For a scope that the registry does not know: what its name suggests. A result that rests on it is name-based.
    pub class_by_name: Option<ScopeClass>,
    /// What the scope lets its holder do, such as `secret.read`; none where the registry does not know the scope.
    pub capabilities: Option<Vec<String>>,
}
