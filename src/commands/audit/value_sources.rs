//! Which file stated each value that a finding rests on.

use crate::checks::Check;
use crate::inventory::field::Field;
use crate::store::{OpenRun, Store, StoreError, StoredFinding};
use std::collections::{BTreeMap, BTreeSet};

/// What the sources of a run state, by the name of the file.
pub struct ValueSources {
    collected: BTreeMap<String, BTreeSet<String>>,
    /// Names of the files of each register: `people`, `purposes`, `accounts`.
    registers: BTreeMap<String, String>,
}

impl ValueSources {
    pub fn read(store: &Store, run: &OpenRun) -> Result<ValueSources, StoreError> {
        let mut collected = BTreeMap::new();
        let mut registers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for source in store.sources(run)? {
            if source.role == "inventory" {
                collected.insert(source.name, source.collected.into_iter().collect());
            } else {
                registers.entry(source.role).or_default().push(source.name);
            }
        }
        let registers = registers
            .into_iter()
            .map(|(role, mut names)| {
                names.sort_unstable();
                (role, names.join(", "))
            })
            .collect();
        Ok(ValueSources { collected, registers })
    }

    /// By field that the check looks at, the file whose value was used. A field that no file of the token states is left out, and so
    /// is everything of an entry that stands for many tokens.
    pub fn of(&self, store: &Store, check: &Check, finding: &StoredFinding) -> Result<BTreeMap<String, String>, StoreError> {
        let Some(first) = finding.sources.first().filter(|_| !finding.row.blanket) else { return Ok(BTreeMap::new()) };
        let joined = finding.sources.len() > 1;
        // A value of the purpose is recorded with its register, also for a token of one source.
        let recorded = match finding.token_key {
            Some(token_key) if joined || self.registers.contains_key("purposes") => store.value_sources(token_key)?,
            _ => BTreeMap::new(),
        };
        let mut stated = BTreeMap::new();
        for name in &check.evidence {
            if name.starts_with("fact:") {
                continue;
            } else if let Some(register) = name.strip_prefix("register:") {
                stated.extend(self.registers.get(register).map(|files| (name.clone(), files.clone())));
            } else if name.starts_with("source:") {
                stated.insert(name.clone(), first.clone());
            } else if let Some(field) = field_of(name) {
                let alone =
                    || self.collected.get(first).filter(|fields| !joined && fields.contains(field)).map(|_| first.clone());
                let source = recorded.get(field).cloned().or_else(alone);
                stated.extend(source.map(|source| (field.to_owned(), source)));
            }
        }
        Ok(stated)
    }
}

/// The field that a name of evidence is a part of: `contacts[].role` of `contacts`.
pub fn field_of(name: &str) -> Option<&'static str> {
    let whole = name.split('[').next().unwrap_or(name);
    Field::from_name(whole).or_else(|| Field::from_name(whole.split('.').next().unwrap_or(whole))).map(Field::name)
}
