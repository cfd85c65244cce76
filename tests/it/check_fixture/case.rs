//! One token of a fixture: its record, and what a check must say of it.

use countersign::inventory::cell::{self, Notation};
use countersign::inventory::facts::ProviderFacts;
use countersign::inventory::field::{FIELDS, Field};
use countersign::inventory::finish::{Finish, Tolerance};
use countersign::inventory::guard::Guard;
use countersign::inventory::record::Record;
use countersign::inventory::registry::Registry;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// What a fixture says that a check must come to.
pub struct Wanted {
    pub name: String,
    pub expect: Option<String>,
    pub reason: Option<String>,
    pub basis: Option<String>,
    /// A part of the sentence.
    pub observed: Option<String>,
    /// Evidence columns that have exactly these values; an empty text stands for a column without a value.
    pub evidence: BTreeMap<String, Json>,
}

/// A token of a fixture.
pub struct Case {
    pub wanted: Wanted,
    /// The name of the file that lists it.
    pub source: String,
    pub facts: ProviderFacts,
    pub record: Record,
}

impl Wanted {
    /// Takes what is said of the subject out of its other keys.
    pub fn take(subject: &mut Map<String, Json>, unnamed: impl FnOnce() -> String) -> Wanted {
        let evidence = subject.remove("evidence").and_then(|columns| serde_json::from_value(columns).ok()).unwrap_or_default();
        let mut text = |key: &str| subject.remove(key).and_then(|value| value.as_str().map(str::to_owned));
        Wanted {
            name: text("case").unwrap_or_else(unnamed),
            expect: text("expect"),
            reason: text("reason"),
            basis: text("basis"),
            observed: text("observed"),
            evidence,
        }
    }
}

/// A token of the fixture as a finished record.
pub fn case(index: usize, token: &Json, tolerance: Tolerance) -> Case {
    let mut token = flat(token);
    let wanted = Wanted::take(&mut token, || format!("token {}", index + 1));
    let source = token.remove("source").and_then(|name| name.as_str().map(str::to_owned));
    let source = source.unwrap_or_else(|| "sheet.csv".to_owned());
    let facts = token.remove("facts").unwrap_or_default();
    let absent = token.remove("absent").unwrap_or_default();
    for (key, value) in [("provider", "acme"), ("state", "enabled")] {
        token.entry(key).or_insert_with(|| json!(value));
    }
    token.entry("token_id").or_insert_with(|| json!(format!("token-{}", index + 1)));
    for field in absent.as_array().into_iter().flatten().filter_map(Json::as_str) {
        token.remove(field);
    }
    let mut record = Record::new(index as u64 + 1);
    if let Some(tags) = token.remove("tags").as_ref().and_then(Json::as_object) {
        record.tags = tags.iter().map(|(tag, value)| (tag.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
    }
    for (key, value) in &token {
        let field = Field::from_name(key).unwrap_or_else(|| panic!("{}: no field is called {key}", wanted.name));
        let cell = cell::from_json(field, value, Notation::default(), &mut record.problems);
        record.set(field, cell);
    }
    let finish = Finish {
        cells: false,
        guard: Guard::built_in(),
        registry: Registry::built_in(),
        tolerance,
        collected: &[],
        provider: None,
        account: None,
    };
    finish.record(&mut record);
    Case { wanted, source, facts: provider_facts(&facts), record }
}

/// Keys of tables inside, such as `compromise = { state = … }`, as dotted names.
fn flat(token: &Json) -> Map<String, Json> {
    let mut fields = Map::new();
    for (key, value) in token.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(inner) if FIELDS.iter().any(|spec| spec.name.starts_with(&format!("{key}."))) => {
                fields.extend(inner.iter().map(|(part, value)| (format!("{key}.{part}"), value.clone())));
            }
            _ => {
                fields.insert(key.clone(), value.clone());
            }
        }
    }
    fields
}

fn provider_facts(facts: &Json) -> ProviderFacts {
    let flag = |name: &str| facts.get(name).and_then(Json::as_bool);
    ProviderFacts {
        provider_known: flag("provider_known").unwrap_or(true),
        keyless: flag("keyless"),
        supports_expiry: flag("supports_expiry"),
        sliding_expiry: flag("sliding_expiry"),
        reset_invalidates_old: flag("reset_invalidates_old"),
        https_only: flag("https_only"),
        value_fixed_at_creation: flag("value_fixed_at_creation"),
        auto_rotates_within_days: facts.get("auto_rotates_within_days").and_then(Json::as_i64),
        last_used_window_days: facts.get("last_used_window_days").and_then(Json::as_i64),
        ..ProviderFacts::default()
    }
}
