//! `[[overrides]]`: limits that differ for some tokens.

use super::{Layer, settings};
use crate::checks::Catalog;
use crate::checks::parameter::Type;
use crate::inventory::field::Vocabulary;
use crate::inventory::registry::Registry;
use crate::inventory::word::{self, Meaning};
use crate::policy::{ATTRIBUTES, Override, Policy};
use crate::toml_reader::{Placed, Section, TomlError};
use std::collections::{BTreeMap, BTreeSet};

/// Adds the overrides of a file to those of the profile that it extends. One with the same conditions replaces it.
pub fn read(sections: Vec<Section<'_>>, policy: &mut Policy, catalog: &Catalog, layer: &Layer<'_>) -> Result<(), TomlError> {
    let mut stated = BTreeSet::new();
    for mut section in sections {
        let Some(conditions) = section.section("when")? else { return Err(section.error("an override needs `when`")) };
        let when = conditions_of(conditions)?;
        if when.is_empty() {
            return Err(section.error("an override needs an attribute in `when`"));
        }
        let Some(mut parameters) = section.section("parameters")? else {
            return Err(section.error("an override needs `parameters`"));
        };
        for found in settings(parameters.entries(), catalog)? {
            let (check, parameter) = (found.check, found.parameter);
            if !parameter.per_token || parameter.kind != Type::Number {
                let message =
                    format!("`{}` of {} is the same for every token and cannot be overridden", parameter.name, check.id);
                return Err(section.file().error_at(found.offset, message));
            }
            if !stated.insert((check.id.clone(), parameter.name.clone(), when.clone())) {
                let message = format!("`{}` of {} is overridden twice for the same tokens", parameter.name, check.id);
                return Err(section.file().error_at(found.offset, message));
            }
            policy.overrides.retain(|rule| rule.check != check.id || rule.parameter != parameter.name || rule.when != when);
            policy.overrides.push(Override {
                check: check.id.clone(),
                parameter: parameter.name.clone(),
                when: when.clone(),
                setting: found.setting,
                place: layer.place(found.offset),
            });
        }
        section.finish()?;
    }
    Ok(())
}

/// Attribute and its values, spelled as records spell them.
fn conditions_of(mut section: Section<'_>) -> Result<BTreeMap<String, Vec<String>>, TomlError> {
    let mut when = BTreeMap::new();
    for entry in section.entries() {
        let name = entry.name.value.clone();
        let tag = name.strip_prefix("tag.").is_some_and(|tag| !tag.is_empty());
        if name == "tag" && entry.is_table() {
            // `tag.team` without quotes
            for inner in entry.section()?.entries() {
                let values = inner.text().map(|text| vec![Placed { value: text.to_owned(), offset: inner.offset() }]);
                let values = values.or_else(|| inner.words()).filter(|values| !values.is_empty());
                let values = values.ok_or_else(|| inner.wrong("a text or a list of texts"))?;
                when.insert(format!("tag.{}", inner.name.value), spelled("tag.", values, section.file())?);
            }
            continue;
        }
        if !tag && !ATTRIBUTES.contains(&name.as_str()) {
            return Err(entry.unknown("attribute", ATTRIBUTES.iter().copied().chain(["tag.NAME"])));
        }
        let values = entry.text().map(|text| vec![Placed { value: text.to_owned(), offset: entry.offset() }]);
        let values = values.or_else(|| entry.words()).filter(|values| !values.is_empty());
        let values = values.ok_or_else(|| entry.wrong("a text or a list of texts"))?;
        let values = spelled(&name, values, entry.file())?;
        when.insert(name, values);
    }
    Ok(when)
}

fn spelled(attribute: &str, values: Vec<Placed<String>>, file: &crate::toml_reader::TomlFile) -> Result<Vec<String>, TomlError> {
    let mut spelled = Vec::new();
    for Placed { value, offset } in values {
        if value.trim().is_empty() {
            return Err(file.error_at(offset, "an empty text matches no token"));
        }
        spelled.push(match attribute {
            "environment" => match word::read(Vocabulary::Environment, &value) {
                Meaning::Known(word) => word.to_owned(),
                _ => word::fold(&value).into_owned(),
            },
            "sensitivity" => match word::read(Vocabulary::Sensitivity, &value) {
                Meaning::Known(word) => word.to_owned(),
                _ => return Err(file.unknown_at(offset, "sensitivity", &value, ["high", "medium", "low"])),
            },
            "provider" => Registry::built_in().provider(&value).map_or_else(|| value.trim().to_lowercase(), str::to_owned),
            "owner" if value.contains('@') => value.trim().to_lowercase(),
            _ => value,
        });
    }
    spelled.sort_unstable();
    spelled.dedup();
    Ok(spelled)
}
