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
//! | `[[provider.capabilities]]` | what `names` let their holder do, in tags (`can`) such as `secret.read` or `permission.grant` |
//! | `[[provider.implied]]` | who has `scope` has all of `implies`; `*` stands for the same text on both sides |
//! | `[[provider.widened]]` | a tag of the record raises classes |
//! | `[[provider.limited]]` | a tag of the record limits classes |
//!
//! Every entry names its source. A fact that nobody has published is left out: unknown is better than wrong.

mod built_in;
mod facts;
mod generic_names;
mod scopes;

use super::facts::{ProviderFacts, ScopeFacts, SourcedFacts};
use super::field::Field;
use super::record::{Record, Scope, ScopeClass, State, Value};
use facts::FactsEntry;
use scopes::{CapabilitiesEntry, ImpliedEntry, LimitedEntry, Scopes, ScopesEntry, WidenedEntry};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

/// Where the entries of a user come from, in the evidence of results.
const OF_USER: &str = "countersign.toml";

/// A registry that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("cannot read the providers")]
    Toml(#[from] toml::de::Error),
    #[error("provider `{0}` has no id, or one that is not lower case letters, digits, `.` and `-`")]
    Id(String),
    #[error("`{name}` names both provider `{first}` and provider `{second}`")]
    SharedName { name: String, first: String, second: String },
    #[error("`{0}` is no capability: write lower case letters, digits, `.` and `-`")]
    Capability(String),
}

impl RegistryError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            RegistryError::Toml(_) => None,
            RegistryError::Id(_) => Some("for example id = \"acme-gateway\", title = \"Acme Gateway\"".to_owned()),
            RegistryError::SharedName { first, .. } => {
                Some(format!("leave the name out, or write id = \"{first}\" to say more of that provider"))
            }
            RegistryError::Capability(_) => Some("for example can = [\"secret.read\"]".to_owned()),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    provider: Vec<ProviderEntry>,
}

/// One `[[provider]]` table, as in `providers/` and in the user's settings.
#[derive(Debug, Clone, PartialEq, Deserialize)]
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
    capabilities: Vec<CapabilitiesEntry>,
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
    aliases: Vec<String>,
    /// Ours, then the user's; of each, those about all kinds go before those about some.
    entries: [Vec<FactsEntry>; 2],
    general: Arc<SourcedFacts>,
    by_kind: BTreeMap<String, Arc<SourcedFacts>>,
    scopes: Scopes,
}

/// What is known of one provider.
#[derive(Debug)]
pub struct Known<'r> {
    pub id: &'r str,
    pub title: &'r str,
    pub aliases: &'r [String],
    /// Names and patterns of scopes of each class.
    pub scopes: Vec<(ScopeClass, usize)>,
    general: &'r SourcedFacts,
    by_kind: &'r BTreeMap<String, Arc<SourcedFacts>>,
}

impl Known<'_> {
    /// The facts of every token, then those of each kind of token that has facts of its own.
    pub fn facts(&self) -> impl Iterator<Item = (Option<&str>, &SourcedFacts)> {
        let by_kind = self.by_kind.iter().map(|(kind, facts)| (Some(kind.as_str()), facts.as_ref()));
        std::iter::once((None, self.general)).chain(by_kind)
    }
}

/// What is known of the services that issue tokens.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    providers: BTreeMap<String, Provider>,
    /// Folded name or alias → id.
    names: HashMap<String, String>,
    unknown: Arc<SourcedFacts>,
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

    /// Adds the user's `[[provider]]` tables; they win over what is there, and are their own source.
    ///
    /// # Errors
    /// If an id or a capability is malformed, or a name already stands for another provider.
    pub fn extend(&mut self, entries: &[ProviderEntry]) -> Result<(), RegistryError> {
        entries.iter().try_for_each(|entry| self.add(entry.clone().of_user(), true))
    }

    fn add_toml(&mut self, text: &str, of_user: bool) -> Result<(), RegistryError> {
        let table: Table = toml::from_str(text)?;
        if of_user {
            self.extend(&table.provider)
        } else {
            table.provider.into_iter().try_for_each(|entry| self.add(entry, false))
        }
    }

    fn add(&mut self, entry: ProviderEntry, of_user: bool) -> Result<(), RegistryError> {
        let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        if entry.id.is_empty() || !entry.id.bytes().all(sound) {
            return Err(RegistryError::Id(entry.id));
        }
        let tag = |tag: &&String| tag.is_empty() || !tag.bytes().all(sound);
        if let Some(tag) = entry.capabilities.iter().flat_map(|entry| &entry.can).find(tag) {
            return Err(RegistryError::Capability(tag.clone()));
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
        provider.aliases.extend(entry.aliases);
        provider.scopes.add(&entry.scopes, &entry.implied, of_user);
        provider.scopes.add_capabilities(&entry.capabilities);
        provider.scopes.add_tag_rules(entry.widened, entry.limited);
        provider.entries[usize::from(of_user)].extend(entry.facts);
        provider.resolve_facts();
        Ok(())
    }

    /// Ids and titles of all providers, in the order of the ids.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.providers.iter().map(|(id, provider)| (id.as_str(), provider.title.as_str()))
    }

    /// What is known of a provider, by any of its names.
    pub fn known(&self, name: &str) -> Option<Known<'_>> {
        let (id, provider) = self.providers.get_key_value(self.provider(name)?)?;
        Some(Known {
            id,
            title: &provider.title,
            aliases: &provider.aliases,
            scopes: provider.scopes.counts().collect(),
            general: &provider.general,
            by_kind: &provider.by_kind,
        })
    }

    /// The id of a provider, after alias lookup and case folding; none if the registry does not hold it.
    pub fn provider(&self, name: &str) -> Option<&str> {
        // Adapters write the id itself, so folding is rare.
        let exact = self.providers.get_key_value(name).map(|(id, _)| id);
        exact.or_else(|| self.names.get(&fold(name))).map(String::as_str)
    }

    /// What is known of a kind of token; a provider that is not in the registry has no facts.
    pub fn facts(&self, provider: &str, kind: Option<&str>) -> &ProviderFacts {
        &self.sourced(provider, kind).facts
    }

    /// What is known of a kind of token, with where each fact comes from. Tokens of one provider and kind share it.
    pub fn sourced(&self, provider: &str, kind: Option<&str>) -> &Arc<SourcedFacts> {
        let Some(provider) = self.provider(provider).and_then(|id| self.providers.get(id)) else { return &self.unknown };
        kind.and_then(|kind| provider.by_kind.get(kind)).unwrap_or(&provider.general)
    }

    /// What the registry says of a scope that a record of the provider grants.
    pub fn scope_facts(&self, provider: Option<&str>, scope: &Scope) -> ScopeFacts {
        let known = provider.and_then(|provider| self.scopes(provider));
        match known.and_then(|known| Some((known, known.class_source(&scope.name)?))) {
            Some((known, source)) => ScopeFacts {
                class_source: Some(source.to_owned()),
                class_by_name: None,
                capabilities: Some(known.capabilities(&scope.name, scope.class)),
            },
            // An adapter knows some classes from elsewhere in the export; then the name adds nothing.
            None if scope.class.is_some() => ScopeFacts::default(),
            None => ScopeFacts { class_by_name: generic_names::class(&scope.name), ..ScopeFacts::default() },
        }
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

impl ProviderEntry {
    /// The entry with the user's settings as its source, before a source that the user names.
    fn of_user(mut self) -> ProviderEntry {
        let sources = (self.facts.iter_mut().map(|entry| &mut entry.source))
            .chain(self.scopes.iter_mut().map(|entry| &mut entry.source))
            .chain(self.capabilities.iter_mut().map(|entry| &mut entry.source))
            .chain(self.implied.iter_mut().map(|entry| &mut entry.source))
            .chain(self.widened.iter_mut().map(|entry| &mut entry.source))
            .chain(self.limited.iter_mut().map(|entry| &mut entry.source));
        for source in sources {
            *source = if source.is_empty() { OF_USER.to_owned() } else { format!("{OF_USER}: {source}") };
        }
        self
    }
}

impl Provider {
    fn resolve_facts(&mut self) {
        let kinds = self.entries.iter().flatten().flat_map(|entry| entry.kinds.iter().cloned());
        self.by_kind = kinds.map(|kind| (kind.clone(), Arc::new(self.resolved(Some(&kind))))).collect();
        self.general = Arc::new(self.resolved(None));
    }

    fn resolved(&self, kind: Option<&String>) -> SourcedFacts {
        let mut known = SourcedFacts::default();
        known.facts.provider_known = true;
        for entries in &self.entries {
            entries.iter().filter(|entry| entry.kinds.is_empty()).for_each(|entry| entry.apply(&mut known));
            let about = |entry: &&FactsEntry| kind.is_some_and(|kind| entry.kinds.contains(kind));
            entries.iter().filter(about).for_each(|entry| entry.apply(&mut known));
        }
        known
    }
}

/// The form in which names of providers are compared: lower case, without blanks, `_` and `-`.
fn fold(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_', '-'], "")
}

#[cfg(test)]
mod contract;
#[cfg(test)]
mod tests;
