//! A setting of a fixture as a database: tokens, registers and limits.

use super::case::{self, Case, Wanted};
use super::{list, seconds};
use countersign::checks::catalog;
use countersign::inventory::cell::{self, Notation};
use countersign::inventory::facts::{ScopeFacts, SourcedFacts};
use countersign::inventory::field::Field;
use countersign::inventory::finish::Tolerance;
use countersign::inventory::format::{Account, Person, PersonKind, PersonStatus, Purpose, Standing};
use countersign::inventory::join::SourceWord;
use countersign::inventory::record::{Cell, Date, Record, Scope, State, Value};
use countersign::inventory::registry::Registry;
use countersign::inventory::time;
use countersign::policy::{Attribute, ClassAttributes, Policy};
use countersign::store::{LimitRow, NewRun, OpenRun, Parameter, RegisterFacts, Settlement, Store, StoredSource, TokenExtras};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What the fixture says of a token besides its record.
#[derive(Default)]
pub struct Extras<'a> {
    cases: &'a [Case],
    /// What a setting says that scopes allow, in place of the registry.
    capabilities: BTreeMap<String, Vec<String>>,
    attributes: BTreeSet<String>,
}

impl TokenExtras for Extras<'_> {
    fn facts(&self, record: &Record) -> Arc<SourcedFacts> {
        let case = self.cases.iter().find(|case| case.record.line == record.line);
        case.map(|case| Arc::new(case.facts.clone().into())).unwrap_or_default()
    }

    fn scope(&self, provider: Option<&str>, scope: &Scope) -> ScopeFacts {
        let facts = Registry::built_in().scope_facts(provider, scope);
        match self.capabilities.get(&scope.name) {
            Some(can) => ScopeFacts { capabilities: Some(can.clone()), ..facts },
            None => facts,
        }
    }

    fn class(&self, record: &Record) -> String {
        let mut class = Map::new();
        for name in &self.attributes {
            let cell = Field::from_name(name).map(|field| record.get(field));
            match cell.map(|cell| (cell.state, cell.as_text())) {
                Some((_, Some(text))) => class.insert(name.clone(), json!(text)),
                Some((State::NotCollected, None)) | None => None,
                Some((_, None)) => class.insert(name.clone(), Json::Null),
            };
        }
        Json::Object(class).to_string()
    }

    fn kin(&self, _: &Record) -> Option<String> {
        None
    }
}

/// Stores the tokens, registers and limits of a setting; what is wanted of each token by its key.
pub fn load(folder: &Path, setting: &Json, policy: &Policy) -> (Store, OpenRun, BTreeMap<i64, Wanted>) {
    let as_of = seconds(&setting["as_of"]);
    let tolerance = Tolerance::new(as_of, setting.get("exported_at").map(seconds));
    let tokens = list(setting, "token").iter().enumerate();
    let cases: Vec<Case> = tokens.map(|(index, token)| case::case(index, token, tolerance)).collect();
    let mut store = Store::open(&folder.join("test.db")).unwrap();
    let run = store.begin(&new_run(as_of)).unwrap();
    let capabilities = setting.get("capabilities").map(|can| serde_json::from_value(can.clone()).unwrap()).unwrap_or_default();
    let extras = Extras { cases: &cases, capabilities, attributes: policy.attributes() };
    let mut loader = store.loader(&run, &extras).unwrap();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.source.as_str()).collect();
    let mut stored = Vec::new();
    for name in names {
        let source_key = loader.add_source(name, "canonical-csv", "inventory", name).unwrap();
        for case in cases.iter().filter(|case| case.source == name) {
            loader.add(source_key, &case.record).unwrap();
        }
        let word = SourceWord {
            export: "canonical-csv".to_owned(),
            rank: None,
            standing: Standing::Canonical,
            exported_at: setting.get("exports").and_then(|exports| exports.get(name)).map(seconds),
            sha256: name.to_owned(),
        };
        stored.push(StoredSource { source_key, word });
    }
    for role in ["people", "purposes", "accounts"] {
        if setting.get(role).is_some() {
            let complete = list(setting, "complete").iter().any(|named| named == role);
            loader.add_register(role, RegisterFacts { complete, ..RegisterFacts::default() }).unwrap();
        }
    }
    for person in list(setting, "people") {
        loader.add_person(&self::person(person)).unwrap();
    }
    for purpose in list(setting, "purposes") {
        loader.add_purpose(&self::purpose(purpose)).unwrap();
    }
    for account in list(setting, "accounts") {
        loader.add_account(&self::account(account)).unwrap();
    }
    loader.finish(&stored, &Settlement::default()).unwrap();
    store.set_implied_scopes(&run, &|provider, scope| Registry::built_in().implied(provider, scope)).unwrap();
    set_limits(&mut store, &run, policy);
    let wanted = cases.into_iter().map(|case| case.wanted).filter(|wanted| wanted.expect.is_some());
    let wanted = (run.first_token_key..).zip(wanted).collect();
    (store, run, wanted)
}

pub fn new_run(as_of: i64) -> NewRun {
    let text = |text: &str| text.to_owned();
    NewRun {
        run_id: text("0"),
        as_of,
        as_of_origin: text("--as-of"),
        period: None,
        tool_version: text("0"),
        policy: text("test"),
        policy_digest: text("0"),
    }
}

/// The key of a class that has no token.
const NO_CLASS: i64 = -1;

fn set_limits(store: &mut Store, run: &OpenRun, policy: &Policy) {
    let mut limits = BTreeMap::new();
    let mut add = |check_id: String, parameter: &str, class_key: i64, value: i64, fails_from: i64, origin: &str| {
        let (key, parameter) = ((check_id.clone(), parameter.to_owned(), class_key), parameter.to_owned());
        let (value, fails_from, origin) = (Parameter::Integer(value), Some(fails_from), origin.to_owned());
        limits.insert(key, LimitRow { check_id, parameter, class_key, value, fails_from, origin });
    };
    for (class_key, attributes) in store.token_classes(run).unwrap() {
        let object: Map<String, Json> = serde_json::from_str(&attributes).unwrap();
        let attribute = |value: Json| value.as_str().map_or(Attribute::Missing, |text| Attribute::Value(text.to_owned()));
        let attributes: ClassAttributes = object.into_iter().map(|(name, value)| (name, attribute(value))).collect();
        for check in catalog::all() {
            for parameter in check.per_token_parameters() {
                let limit = policy.resolve(check, parameter, &attributes).unwrap();
                add(check.id.clone(), &parameter.name, class_key, limit.value, limit.fails_from, &limit.origin);
                // no check may read a limit of another check, of another parameter or of other tokens
                add(format!("ACME-{}", check.id), &parameter.name, class_key, 0, 0, "another check");
                add(check.id.clone(), "another", class_key, 0, 0, "another parameter");
                add(check.id.clone(), &parameter.name, NO_CLASS, 0, 0, "other tokens");
            }
        }
    }
    store.set_limits(run, &limits.into_values().collect::<Vec<_>>()).unwrap();
}

fn person(person: &Json) -> Person {
    let text = |key: &str| person.get(key).and_then(Json::as_str).map(str::to_owned);
    Person {
        id: None,
        name: text("name"),
        addresses: text("email").into_iter().collect(),
        kind: match text("kind").as_deref() {
            Some("team") => PersonKind::Team,
            Some("service") => PersonKind::Service,
            _ => PersonKind::Person,
        },
        status: text("status").map(|status| match status.as_str() {
            "active" => PersonStatus::Active,
            "leave" => PersonStatus::Leave,
            "suspended" => PersonStatus::Suspended,
            "left" => PersonStatus::Left,
            other => panic!("{other} is no status"),
        }),
        left_at: person.get("left_at").and_then(date),
        line: 1,
    }
}

fn purpose(purpose: &Json) -> Purpose {
    let words = |key: &str| {
        let words = purpose.get(key)?.as_array()?;
        Some(words.iter().filter_map(Json::as_str).map(str::to_owned).collect())
    };
    Purpose {
        purpose_id: purpose["purpose_id"].as_str().unwrap().to_owned(),
        scopes_required: words("scopes_required"),
        authorized_readers: words("authorized_readers"),
        status: purpose["status"].as_str().map(str::to_owned),
        ends_at: purpose.get("ends_at").and_then(date),
        ..Purpose::default()
    }
}

fn account(account: &Json) -> Account {
    let text = |key: &str| account[key].as_str().unwrap().to_owned();
    let contacts: Cell = cell::from_json(Field::Contacts, &account["contacts"], Notation::default(), &mut Vec::new());
    let Value::Items(contacts) = contacts.value else { panic!("contacts are a list") };
    Account { provider: text("provider"), account: text("account"), contacts, line: 1 }
}

pub fn date(value: &Json) -> Option<Date> {
    time::parse(value.as_str()?).date()
}
