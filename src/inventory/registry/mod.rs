//! The provider registry: names, facts and scopes of the services that issue tokens.
//!
//! The data is one file for each provider in `providers/`; users add to it in the same form (`[[provider]]` in
//! `countersign.toml`). The registry is applied to every record once, after its adapter: [`Registry::classify`] folds the
//! provider's name and gives scopes their class, [`Registry::apply_facts`] states what follows from a fact.
//!
//! | Table | Holds |
//! |---|---|
//! | `[[provider]]` | `id`, `title` and `aliases`, which all name the provider (letter case, blanks, `_` and `-` do not count); `same_words`, words that mean the same in names of scopes |
//! | `[[provider.facts]]` | facts of all tokens, or of `kinds`; a later entry wins. Names and meaning: [`ProviderFacts`] |
//! | `[[provider.scopes]]` | the class of scopes: `admin` (can grant rights, mint credentials, take over), `high` (below admin, and worth the same attention), `write`, `read`. `*` in a name stands for any text, unless `literal = true`. Whole names win over patterns, earlier entries over later ones |
//! | `[[provider.implied]]` | who has `scope` has all of `implies`; `*` stands for the same text on both sides |
//! | `[[provider.widened]]` | a tag of the record raises classes |
//! | `[[provider.limited]]` | a tag of the record limits classes |
//!
//! Every entry names its source. A fact that nobody has published is left out: unknown is better than wrong.

mod built_in;
mod facts;
mod scopes;

use super::facts::ProviderFacts;
use super::field::Field;
use super::record::{Record, ScopeClass, State, Value};
use facts::{FactsEntry, Sourced};
use scopes::{ImpliedEntry, LimitedEntry, Scopes, ScopesEntry, WidenedEntry};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// A registry that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("cannot read the providers")]
    Toml(#[from] toml::de::Error),
    #[error("provider `{0}` has no id, or one that is not lower case letters, digits, `.` and `-`")]
    Id(String),
    #[error("`{name}` names both provider `{first}` and provider `{second}`")]
    SharedName { name: String, first: String, second: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    provider: Vec<ProviderEntry>,
}

/// One `[[provider]]` table, as in `providers/` and in the user's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderEntry {
    id: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    same_words: BTreeMap<String, String>,
    #[serde(default)]
    facts: Vec<FactsEntry>,
    #[serde(default)]
    scopes: Vec<ScopesEntry>,
    #[serde(default)]
    implied: Vec<ImpliedEntry>,
    #[serde(default)]
    widened: Vec<WidenedEntry>,
    #[serde(default)]
    limited: Vec<LimitedEntry>,
}

#[derive(Debug, Clone, Default)]
struct Provider {
    title: String,
    entries: Vec<FactsEntry>,
    general: Sourced,
    by_kind: HashMap<String, Sourced>,
    scopes: Scopes,
}

/// What is known of the services that issue tokens.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    providers: BTreeMap<String, Provider>,
    /// Folded name or alias → id.
    names: HashMap<String, String>,
    unknown: ProviderFacts,
}

static BUILT_IN: LazyLock<Registry> = LazyLock::new(|| {
    let mut registry = Registry::default();
    for text in built_in::FILES {
        #[expect(clippy::expect_used, reason = "the tables are part of the program, and a test reads them")]
        registry.add_toml(text, false).expect("a sound table of a provider");
    }
    registry
});

impl Registry {
    /// The registry that comes with the program.
    pub fn built_in() -> &'static Registry {
        &BUILT_IN
    }

    /// Adds the user's `[[provider]]` tables, written as in `providers/`; they win over what is there.
    pub fn extend_from_toml(&mut self, text: &str) -> Result<(), RegistryError> {
        self.add_toml(text, true)
    }

    /// Adds entries that are read already; they win over what is there.
    pub fn extend(&mut self, entries: Vec<ProviderEntry>) -> Result<(), RegistryError> {
        entries.into_iter().try_for_each(|entry| self.add(entry, true))
    }

    fn add_toml(&mut self, text: &str, in_front: bool) -> Result<(), RegistryError> {
        let table: Table = toml::from_str(text)?;
        table.provider.into_iter().try_for_each(|entry| self.add(entry, in_front))
    }

    fn add(&mut self, entry: ProviderEntry, in_front: bool) -> Result<(), RegistryError> {
        let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        if entry.id.is_empty() || !entry.id.bytes().all(sound) {
            return Err(RegistryError::Id(entry.id));
        }
        for name in entry.aliases.iter().chain(&entry.title).chain([&entry.id]) {
            let owner = self.names.entry(fold(name)).or_insert_with(|| entry.id.clone());
            if *owner != entry.id {
                return Err(RegistryError::SharedName { name: name.clone(), first: owner.clone(), second: entry.id.clone() });
            }
        }
        let provider = self.providers.entry(entry.id.clone()).or_default();
        if let Some(title) = entry.title {
            provider.title = title;
        } else if provider.title.is_empty() {
            provider.title = entry.id;
        }
        provider.scopes.add_same_words(entry.same_words);
        provider.scopes.add(&entry.scopes, &entry.implied, in_front);
        provider.scopes.add_tag_rules(entry.widened, entry.limited);
        provider.entries.extend(entry.facts);
        provider.resolve_facts();
        Ok(())
    }

    /// Ids and titles of all providers, in the order of the ids.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.providers.iter().map(|(id, provider)| (id.as_str(), provider.title.as_str()))
    }

    /// The id of a provider, after alias lookup and case folding; none if the registry does not hold it.
    pub fn provider(&self, name: &str) -> Option<&str> {
        // Adapters write the id itself, so folding is rare.
        let exact = self.providers.get_key_value(name).map(|(id, _)| id);
        exact.or_else(|| self.names.get(&fold(name))).map(String::as_str)
    }

    /// What is known of a kind of token; a provider that is not in the registry has no facts.
    pub fn facts(&self, provider: &str, kind: Option<&str>) -> &ProviderFacts {
        self.sourced(provider, kind).map_or(&self.unknown, |sourced| &sourced.facts)
    }

    /// Where a fact comes from; `fact` is the name of its field.
    pub fn fact_source(&self, provider: &str, kind: Option<&str>, fact: &str) -> Option<&str> {
        self.sourced(provider, kind)?.source(fact)
    }

    fn sourced(&self, provider: &str, kind: Option<&str>) -> Option<&Sourced> {
        let provider = self.provider(provider).and_then(|id| self.providers.get(id))?;
        Some(kind.and_then(|kind| provider.by_kind.get(kind)).unwrap_or(&provider.general))
    }

    /// The class of a scope by its name; none if the registry does not know it.
    pub fn class(&self, provider: &str, scope: &str) -> Option<ScopeClass> {
        self.scopes(provider)?.class(scope)
    }

    /// Every scope that a scope of the provider implies, directly or through others, without itself; lower case, in order.
    pub fn implied(&self, provider: &str, scope: &str) -> Vec<String> {
        self.scopes(provider).map_or_else(Vec::new, |scopes| scopes.implied(scope))
    }

    fn scopes(&self, provider: &str) -> Option<&Scopes> {
        self.provider(provider).and_then(|id| self.providers.get(id)).map(|provider| &provider.scopes)
    }

    /// Replaces the provider's name by its id, or by its lower case if it is not known, and gives each granted scope that has
    /// no class yet the one the registry knows.
    pub fn classify(&self, record: &mut Record) {
        let Some(name) = record.text(Field::Provider) else { return };
        let id = self.provider(name).map_or_else(|| name.trim().to_lowercase(), str::to_owned);
        if id != name {
            record.set_text(Field::Provider, id.as_str());
        }
        let Some(provider) = self.providers.get(&id) else { return };
        let mut cell = std::mem::take(record.cell_mut(Field::ScopesGranted));
        if let Value::Scopes(scopes) = &mut cell.value {
            for scope in scopes.iter_mut().filter(|scope| scope.class.is_none()) {
                scope.class = provider.scopes.class_on(&scope.name, &record.tags);
            }
        }
        record.set(Field::ScopesGranted, cell);
    }

    /// States what follows from the provider's facts: where a value is fixed at creation, creation is the last rotation, unless
    /// the source states one (decisions, 23). The basis of such a date is known by the fact `value_fixed_at_creation`, which
    /// the store keeps beside the token, together with the two dates being equal. Call after [`Registry::classify`].
    pub fn apply_facts(&self, record: &mut Record) {
        let Some(provider) = record.text(Field::Provider) else { return };
        let facts = self.facts(provider, record.text(Field::TokenKind));
        let says_nothing =
            matches!(record.get(Field::LastRotatedAt).state, State::NotCollected | State::Empty | State::UnknownWord);
        if facts.value_fixed_at_creation == Some(true) && says_nothing && record.get(Field::CreatedAt).state == State::Value {
            let created = record.get(Field::CreatedAt).clone();
            record.set(Field::LastRotatedAt, created);
        }
    }
}

impl Provider {
    fn resolve_facts(&mut self) {
        let mut general = Sourced::default();
        general.facts.provider_known = true;
        self.entries.iter().filter(|entry| entry.kinds.is_empty()).for_each(|entry| general.apply(entry));
        let kinds: Vec<String> = self.entries.iter().flat_map(|entry| entry.kinds.iter().cloned()).collect();
        self.by_kind = kinds
            .into_iter()
            .map(|kind| {
                let mut facts = general.clone();
                self.entries.iter().filter(|entry| entry.kinds.contains(&kind)).for_each(|entry| facts.apply(entry));
                (kind, facts)
            })
            .collect();
        self.general = general;
    }
}

/// The form in which names of providers are compared: lower case, without blanks, `_` and `-`.
fn fold(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_', '-'], "")
}

#[cfg(test)]
mod tests;
