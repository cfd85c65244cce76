//! Which limits apply to which tokens: the attributes of a token that overrides look at, and the limits of every class of tokens.

use crate::checks::catalog::Catalog;
use crate::checks::header::Check;
use crate::inventory::field::Field;
use crate::inventory::record::{Record, State};
use crate::policy::{Attribute, ClassAttributes, Policy};
use crate::store::{LimitRow, OpenRun, Parameter, Store, StoreError};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The class of a record: the attributes that are collected, as a JSON object; null where this record has none.
pub fn class_of(record: &Record, attributes: &BTreeSet<String>) -> String {
    let mut class = Map::new();
    for name in attributes {
        let attribute = match name.strip_prefix("tag.") {
            Some(tag) => record.tags.get(tag).map(|value| Json::String(value.clone())),
            None => Field::from_name(name).and_then(|field| {
                let cell = record.get(field);
                let text = cell.as_text().map(|text| Json::String(text.to_owned()));
                if cell.state == State::NotCollected { None } else { Some(text.unwrap_or(Json::Null)) }
            }),
        };
        if let Some(value) = attribute {
            class.insert(name.clone(), value);
        }
    }
    Json::Object(class).to_string()
}

/// Writes the limits in force for every class of a loaded run.
pub fn set_limits(store: &mut Store, run: &OpenRun, catalog: &Catalog, policy: &Policy) -> Result<(), StoreError> {
    let mut limits = Vec::new();
    for (class_key, attributes) in store.token_classes(run)? {
        let attributes = parse(&attributes);
        for check in policy.selected(catalog) {
            limits.extend(of_class(check, policy, class_key, &attributes));
        }
    }
    store.set_limits(run, &limits)
}

fn of_class<'c>(
    check: &'c Check,
    policy: &'c Policy,
    class_key: i64,
    attributes: &'c ClassAttributes,
) -> impl Iterator<Item = LimitRow> + 'c {
    check.per_token_parameters().filter_map(move |parameter| {
        let resolved = policy.resolve(check, parameter, attributes)?;
        Some(LimitRow {
            check_id: check.id.clone(),
            parameter: parameter.name.clone(),
            class_key,
            value: Parameter::Integer(resolved.value),
            fails_from: Some(resolved.fails_from),
            origin: resolved.origin,
        })
    })
}

fn parse(attributes: &str) -> ClassAttributes {
    let object: Map<String, Json> = serde_json::from_str(attributes).unwrap_or_default();
    let attribute = |value: Json| match value {
        Json::String(text) => Attribute::Value(text),
        _ => Attribute::Missing,
    };
    object.into_iter().map(|(name, value)| (name, attribute(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::record::Cell;

    #[test]
    fn a_class_tells_missing_from_not_collected() {
        let names = ["environment", "owner", "sensitivity", "tag.team", "tag.cost"].map(str::to_owned).into();
        let mut record = Record::new(1);
        record.set_text(Field::Environment, "production");
        record.set(Field::Sensitivity, Cell::of(State::Empty));
        record.tags.insert("team".to_owned(), "payments".to_owned());
        let class = class_of(&record, &names);
        assert_eq!(class, r#"{"environment":"production","sensitivity":null,"tag.team":"payments"}"#);
        let parsed = parse(&class);
        assert_eq!(parsed.get("environment"), Some(&Attribute::Value("production".to_owned())));
        assert_eq!(parsed.get("sensitivity"), Some(&Attribute::Missing));
        assert_eq!(parsed.get("owner"), None);
    }
}
