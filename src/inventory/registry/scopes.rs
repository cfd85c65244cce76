//! Privilege classes of scopes, and which scope implies which (inventory formats, section 12).
//!
//! Names are compared without regard to letter case: providers and people differ in it, and no two scopes of a provider differ
//! in it alone. A scope that no entry names has no class, which is unknown and never "read". What such a name suggests stands
//! apart ([`super::generic_names`]).

use crate::inventory::record::ScopeClass;
use serde::Deserialize;
use serde::de::{self, Deserializer};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// One `[[provider.scopes]]` table: scopes of one class. Whole names win over patterns; among patterns the first entry of the
/// file wins.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopesEntry {
    #[serde(deserialize_with = "class")]
    class: ScopeClass,
    /// Whole names, or patterns if they hold `*` and `literal` is not set.
    names: Vec<String>,
    /// `*` in a name is that character.
    #[serde(default)]
    literal: bool,
    #[serde(default)]
    pub(super) source: String,
}

/// One `[[provider.capabilities]]` table: what scopes let their holder do, in tags such as `secret.read`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CapabilitiesEntry {
    pub(super) can: Vec<String>,
    /// As in [`ScopesEntry`].
    names: Vec<String>,
    #[serde(default)]
    literal: bool,
    #[serde(default)]
    pub(super) source: String,
}

/// One `[[provider.implied]]` table: whoever has `scope` has all of `implies`. One `*` stands for the same text on both sides.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImpliedEntry {
    scope: String,
    implies: Vec<String>,
    #[serde(default)]
    pub(super) source: String,
}

/// One `[[provider.widened]]` table: a tag of the record raises the class of scopes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WidenedEntry {
    pub(super) tag: String,
    pub(super) value: String,
    /// Pattern of the scopes that are raised.
    scopes: String,
    /// Patterns of those that are not.
    #[serde(default)]
    except: Vec<String>,
    #[serde(deserialize_with = "class_map")]
    raise: BTreeMap<String, ScopeClass>,
    #[serde(default)]
    pub(super) source: String,
}

/// One `[[provider.limited]]` table: a tag of the record limits the class of all its scopes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitedEntry {
    pub(super) tag: String,
    /// Value of the tag → the highest class that a scope can have.
    #[serde(deserialize_with = "class_map")]
    pub(super) limits: BTreeMap<String, ScopeClass>,
    #[serde(default)]
    pub(super) source: String,
}

fn class<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ScopeClass, D::Error> {
    parse_class(&String::deserialize(deserializer)?)
}

fn class_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, ScopeClass>, D::Error> {
    let words = BTreeMap::<String, String>::deserialize(deserializer)?;
    words.into_iter().map(|(key, word)| Ok((key, parse_class(&word)?))).collect()
}

fn parse_class<E: de::Error>(word: &str) -> Result<ScopeClass, E> {
    ScopeClass::parse(word).ok_or_else(|| E::custom(format!("`{word}` is no class; write admin, high, write or read")))
}

/// What an entry says of a scope.
#[derive(Debug, Clone)]
struct Classed {
    class: ScopeClass,
    source: Arc<str>,
}

/// Names and patterns of scopes, each with what is said of it.
#[derive(Debug, Clone)]
struct Named<T> {
    exact: HashMap<String, T>,
    patterns: Vec<(String, T)>,
}

impl<T> Default for Named<T> {
    fn default() -> Named<T> {
        Named { exact: HashMap::new(), patterns: Vec::new() }
    }
}

/// The scopes of one provider.
#[derive(Debug, Clone, Default)]
pub(super) struct Scopes {
    classes: Named<Classed>,
    capabilities: Named<Vec<String>>,
    implied: Vec<(String, Vec<String>)>,
    widened: Vec<WidenedEntry>,
    limited: Vec<LimitedEntry>,
    /// Words that mean the same in a scope's name, lower case: said → canonical.
    same_words: BTreeMap<String, String>,
}

impl Scopes {
    /// Adds entries behind those there are, or in front of them, where they win.
    pub(super) fn add(&mut self, entries: &[ScopesEntry], implied: &[ImpliedEntry], in_front: bool) {
        let mut patterns = Vec::new();
        for entry in entries {
            let classed = Classed { class: entry.class, source: Arc::from(entry.source.as_str()) };
            for name in &entry.names {
                let key = self.key(name);
                if name.contains('*') && !entry.literal {
                    patterns.push((key, classed.clone()));
                } else if in_front {
                    self.classes.exact.insert(key, classed.clone());
                } else {
                    self.classes.exact.entry(key).or_insert_with(|| classed.clone());
                }
            }
        }
        if in_front {
            // A pattern of the user goes before every name of ours that it covers, too.
            let covered = |key: &str| patterns.iter().any(|(pattern, _)| matches(pattern, key).is_some());
            let stated: BTreeSet<String> = entries.iter().flat_map(|entry| &entry.names).map(|name| self.key(name)).collect();
            self.classes.exact.retain(|key, _| stated.contains(key) || !covered(key));
            patterns.append(&mut self.classes.patterns);
            self.classes.patterns = patterns;
        } else {
            self.classes.patterns.append(&mut patterns);
        }
        for entry in implied {
            let implies = entry.implies.iter().map(|name| self.key(name)).collect();
            self.implied.push((self.key(&entry.scope), implies));
        }
    }

    /// Adds what scopes let their holder do; a scope has the tags of every entry that names it.
    pub(super) fn add_capabilities(&mut self, entries: &[CapabilitiesEntry]) {
        for entry in entries {
            for name in &entry.names {
                let key = self.key(name);
                if name.contains('*') && !entry.literal {
                    self.capabilities.patterns.push((key, entry.can.clone()));
                } else {
                    self.capabilities.exact.entry(key).or_default().extend(entry.can.iter().cloned());
                }
            }
        }
    }

    pub(super) fn add_tag_rules(&mut self, widened: Vec<WidenedEntry>, limited: Vec<LimitedEntry>) {
        self.widened.extend(widened);
        self.limited.extend(limited);
    }

    pub(super) fn add_same_words(&mut self, words: BTreeMap<String, String>) {
        self.same_words.extend(words);
    }

    /// The form in which names are compared.
    fn key(&self, name: &str) -> String {
        let lower = name.trim().to_lowercase();
        if self.same_words.is_empty() {
            return lower;
        }
        let words: Vec<&str> = lower.split(' ').map(|word| self.same_words.get(word).map_or(word, String::as_str)).collect();
        words.join(" ")
    }

    /// The class of a scope by its name alone.
    pub(super) fn class(&self, name: &str) -> Option<ScopeClass> {
        self.classed(&self.key(name)).map(|classed| classed.class)
    }

    /// Where the class of a scope comes from.
    pub(super) fn class_source(&self, name: &str) -> Option<&str> {
        self.classed(&self.key(name)).map(|classed| &*classed.source)
    }

    fn classed(&self, key: &str) -> Option<&Classed> {
        let by_pattern = || self.classes.patterns.iter().find(|(pattern, _)| matches(pattern, key).is_some());
        self.classes.exact.get(key).or_else(|| by_pattern().map(|(_, classed)| classed))
    }

    /// What a scope and those it implies let their holder do, in order. Where something limits it to a class below its own, only
    /// what the implied scopes up to that class allow is left.
    pub(super) fn capabilities(&self, name: &str, limit: Option<ScopeClass>) -> Vec<String> {
        let mut found = BTreeSet::new();
        for key in std::iter::once(self.key(name)).chain(self.implied(name)) {
            let class = self.classed(&key).map(|classed| classed.class);
            if limit.is_some_and(|limit| class.is_some_and(|class| class > limit)) {
                continue;
            }
            found.extend(self.capabilities.exact.get(&key).into_iter().flatten().cloned());
            let patterns = self.capabilities.patterns.iter().filter(|(pattern, _)| matches(pattern, &key).is_some());
            found.extend(patterns.flat_map(|(_, can)| can).cloned());
        }
        found.into_iter().collect()
    }

    /// How many names and patterns there are of each class, the most powerful first.
    pub(super) fn counts(&self) -> impl Iterator<Item = (ScopeClass, usize)> {
        let all = || self.classes.exact.values().chain(self.classes.patterns.iter().map(|(_, classed)| classed));
        [ScopeClass::Admin, ScopeClass::High, ScopeClass::Write, ScopeClass::Read]
            .into_iter()
            .map(move |class| (class, all().filter(|classed| classed.class == class).count()))
    }

    /// The class of a scope on a record with these tags.
    pub(super) fn class_on(&self, name: &str, tags: &BTreeMap<String, String>) -> Option<ScopeClass> {
        let mut class = self.class(name)?;
        let key = self.key(name);
        for entry in &self.widened {
            let applies = tags.get(&entry.tag).is_some_and(|value| value.eq_ignore_ascii_case(&entry.value))
                && matches(&self.key(&entry.scopes), &key).is_some()
                && !entry.except.iter().any(|except| matches(&self.key(except), &key).is_some());
            if applies && let Some(raised) = entry.raise.get(class.word()) {
                class = *raised;
            }
        }
        for entry in &self.limited {
            if let Some(limit) = tags.get(&entry.tag).and_then(|value| entry.limits.get(value.trim())) {
                class = class.min(*limit);
            }
        }
        Some(class)
    }

    /// Every scope that a scope implies, directly or through others, without itself; lower case, in order.
    pub(super) fn implied(&self, name: &str) -> Vec<String> {
        let first = self.key(name);
        let mut found = BTreeSet::new();
        let mut open = vec![first.clone()];
        while let Some(scope) = open.pop() {
            for (pattern, implies) in &self.implied {
                let Some(inside) = matches(pattern, &scope) else { continue };
                for implied in implies {
                    let implied = implied.replacen('*', inside, 1);
                    if implied != first && found.insert(implied.clone()) {
                        open.push(implied);
                    }
                }
            }
        }
        found.into_iter().collect()
    }
}

/// The text that the first `*` of a pattern stands for, empty if it has none; none if the text does not match.
fn matches<'a>(pattern: &str, text: &'a str) -> Option<&'a str> {
    let Some((before, after)) = pattern.split_once('*') else {
        return (pattern == text).then_some("");
    };
    let rest = text.strip_prefix(before)?;
    if let Some((middle, _)) = after.split_once('*') {
        // Several stars: only whether it matches counts.
        let mut starts = rest.match_indices(middle).map(|(at, _)| at);
        return starts.find_map(|at| {
            let tail = rest.get(at..)?;
            matches(after, tail).map(|_| rest.get(..at).unwrap_or_default())
        });
    }
    rest.strip_suffix(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, inside) in [
            ("read:*", "read:org", Some("org")),
            ("*readonlyaccess", "amazons3readonlyaccess", Some("amazons3")),
            ("iam:attach*policy", "iam:attachuserpolicy", Some("user")),
            ("iam:attach*policy", "iam:attachuser", None),
            ("repo", "repo", Some("")),
            ("repo", "repo:status", None),
            ("access: * write", "access: apps write", Some("apps")),
            ("a*b*c", "a1b2c", Some("1")),
            ("a*b*c", "a1c", None),
            ("*", "", Some("")),
        ] {
            assert_eq!(matches(pattern, text), inside, "{pattern} {text}");
        }
    }
}
