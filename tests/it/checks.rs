//! Every check against its fixture: records in, results out.
//!
//! `tests/fixtures/checks/NAME.toml` holds tokens as canonical fields. A field that a token does not name is not collected for it; an
//! empty text is a field that is collected and empty. `expect`, `reason` and `basis` say what the check must come to, `observed` what
//! its sentence must contain. A setting may have registers (`people`, `purposes`, `accounts`; `complete` names those that are) and say
//! what scopes allow (`capabilities`). `facts` are what the registry knows, `absent` takes away a field that every token has here.
//! Tokens without `expect` repeat an earlier one. Words between `@` stand for secrets, which are put together here. The fixture of a
//! check of sources holds sources in place of tokens, each with `role`, `exported_at`, `exported_at_basis` or `implausible`.

use countersign::checks::catalog;
use countersign::checks::header::Check;
use countersign::checks::result::Subject;
use countersign::checks::runner::{self, COLUMNS};
use countersign::inventory::cell::{self, Notation};
use countersign::inventory::facts::{ProviderFacts, ScopeFacts, SourcedFacts};
use countersign::inventory::field::{FIELDS, Field};
use countersign::inventory::finish::{Finish, Tolerance};
use countersign::inventory::format::{Account, Person, PersonKind, PersonStatus, Purpose, Standing};
use countersign::inventory::guard::Guard;
use countersign::inventory::join::SourceWord;
use countersign::inventory::record::{Cell, Record, Scope, State, Value};
use countersign::inventory::registry::Registry;
use countersign::inventory::time;
use countersign::policy::{Attribute, ClassAttributes, Policy};
use countersign::store::{
    LimitRow, NewRun, OpenRun, Parameter, RegisterFacts, Settlement, SourceRow, Store, StoredSource, TokenExtras,
};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Put together here, so that no file of the repository looks as if it held a live secret.
const SECRETS: &[(&str, &[&str])] = &[("@github-token@", &["gh", "p_", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"])];

/// What a fixture says that a check must come to.
struct Wanted {
    name: String,
    expect: Option<String>,
    reason: Option<String>,
    basis: Option<String>,
    observed: Option<String>,
}

struct Case {
    wanted: Wanted,
    facts: ProviderFacts,
    record: Record,
}

/// What a check said of one token.
struct Said {
    result: String,
    reason: String,
    basis: String,
    evidence: BTreeMap<String, Json>,
}

#[test]
fn every_check_comes_to_what_its_fixture_says() {
    let mut problems = Vec::new();
    for check in catalog::all() {
        let path = fixture_of(check);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        judge(check, &text, &mut problems);
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn every_fixture_belongs_to_a_check() {
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(catalog::by_name(&name).is_some_and(|check| check.name == name), "no check is called {name}");
    }
}

#[test]
fn every_check_returns_the_columns_it_promises() {
    let scratch = tempfile::tempdir().unwrap();
    let (store, run) = load(scratch.path(), &json!({ "as_of": "2026-06-15T13:30:00Z" }), &[], &baseline());
    let connection = store.confined(&run).unwrap();
    for check in catalog::all() {
        let (columns, read) = connection.describe(&check.sql).unwrap_or_else(|error| panic!("{}: {error}", check.id));
        runner::promises(&columns, check.subject).unwrap_or_else(|problem| panic!("{}: {problem}", check.id));
        let columns: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
        let bound = baseline().bound_values(check);
        for name in read {
            assert!(name == "as_of" || bound.contains_key(&name), "{} reads :{name}", check.id);
        }
        for reason in &check.reasons {
            for name in reason.sentence.names() {
                assert!(name == "as_of" || columns.contains(name), "{} {} uses {{{name}}}", check.id, reason.code);
            }
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checks")
}

fn fixture_of(check: &Check) -> PathBuf {
    folder().join(format!("{}.toml", check.name))
}

fn baseline() -> Policy {
    Policy::open("baseline", catalog::built_in()).unwrap()
}

fn judge(check: &Check, text: &str, problems: &mut Vec<String>) {
    let mut text = text.to_owned();
    for (mark, pieces) in SECRETS {
        text = text.replace(mark, &pieces.concat());
    }
    let whole: toml::Value = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", check.name));
    let whole = serde_json::to_value(whole).unwrap();
    // a fixture may hold several settings, each with its own policy and registers
    let settings = match whole.get("setting").and_then(Json::as_array) {
        Some(settings) => settings.clone(),
        None => vec![whole.clone()],
    };
    let mut seen = BTreeSet::new();
    for mut setting in settings {
        if let (Some(setting), Some(as_of)) = (setting.as_object_mut(), whole.get("as_of")) {
            setting.entry("as_of").or_insert_with(|| as_of.clone());
        }
        judge_setting(check, &setting, &mut seen, problems);
    }
    for reason in &check.reasons {
        if !seen.contains(&reason.code) {
            problems.push(format!("{}: no token of the fixture comes to {} {}", check.name, reason.result.word(), reason.code));
        }
    }
}

fn judge_setting(check: &Check, setting: &Json, seen: &mut BTreeSet<String>, problems: &mut Vec<String>) {
    let as_of = seconds(&setting["as_of"]);
    let policy = match setting.get("policy").and_then(Json::as_str) {
        Some(text) => {
            Policy::parse(&check.name, text, catalog::built_in()).unwrap_or_else(|error| panic!("{}: {error}", check.name))
        }
        None => baseline(),
    };
    if check.subject == Subject::Source {
        return judge_sources(check, setting, &policy, seen, problems);
    }
    let cases: Vec<Case> = list(setting, "token").iter().enumerate().map(|(index, token)| case(index, token, as_of)).collect();
    let scratch = tempfile::tempdir().unwrap();
    let (store, run) = load(scratch.path(), setting, &cases, &policy);

    let said = said_by(check, &policy, &store, &run);
    let mut key = run.first_token_key;
    for case in &cases {
        if case.wanted.expect.is_none() {
            continue;
        }
        let Some(said) = said.get(&key) else {
            problems.push(format!("{}: {}: no row", check.name, case.wanted.name));
            continue;
        };
        key += 1;
        compare(check, &case.wanted, said, as_of, problems);
        seen.insert(said.reason.clone());
    }
    assert_eq!(said.len(), cases.iter().filter(|case| case.wanted.expect.is_some()).count(), "{}: one row per token", check.name);
}

/// Runs a check over everything that is stored.
fn said_by(check: &Check, policy: &Policy, store: &Store, run: &OpenRun) -> BTreeMap<i64, Said> {
    let mut parameters = policy.bound_values(check);
    parameters.insert("as_of".to_owned(), Parameter::Integer(run.as_of));
    let mut said: BTreeMap<i64, Said> = BTreeMap::new();
    let connection = store.confined(run).unwrap();
    let outcome = connection.run(&check.sql, &parameters, &mut |row| {
        let text = |column| row.text(column).unwrap_or_default().to_owned();
        let evidence = row.evidence(COLUMNS).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let one = Said { result: text(1), reason: text(2), basis: text(3), evidence };
        let twice = said.insert(row.integer(0).unwrap_or_default(), one);
        assert!(twice.is_none(), "{}: two rows for one subject", check.name);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{}: {error}", check.name));
    said
}

/// What was wanted of one subject against what was said.
fn compare(check: &Check, wanted: &Wanted, said: &Said, as_of: i64, problems: &mut Vec<String>) {
    let observed = check.observed(&said.reason, &said.evidence, as_of);
    let fits = wanted.expect.as_ref() == Some(&said.result)
        && wanted.reason.as_ref().is_none_or(|reason| *reason == said.reason)
        && wanted.basis.as_ref().is_none_or(|basis| *basis == said.basis)
        && wanted.observed.as_ref().is_none_or(|part| observed.contains(part));
    if !fits {
        let Said { result, reason, basis, evidence } = said;
        let evidence = serde_json::to_string(evidence).unwrap_or_default();
        problems.push(format!("{}: {}: {result} {reason} {basis}: {observed} {evidence}", check.name, wanted.name));
    }
    if said.reason == "not-collected" && !said.evidence.contains_key("missing") {
        problems.push(format!("{}: {}: does not say what is missing", check.name, wanted.name));
    }
    let fact = said.evidence.get("fact").and_then(Json::as_str);
    let declared = |fact: &str| fact == "scope_class" || check.evidence.contains(&format!("fact:{fact}"));
    if said.basis == "provider-fact" && !fact.is_some_and(declared) {
        problems.push(format!("{}: {}: rests on a fact and names {fact:?}", check.name, wanted.name));
    }
    if observed.contains("not given") {
        problems.push(format!("{}: {}: an empty place in `{observed}`", check.name, wanted.name));
    }
}

/// A setting of a check whose subject is a source.
fn judge_sources(check: &Check, setting: &Json, policy: &Policy, seen: &mut BTreeSet<String>, problems: &mut Vec<String>) {
    let as_of = seconds(&setting["as_of"]);
    let scratch = tempfile::tempdir().unwrap();
    let (store, run, keys) = load_sources(scratch.path(), setting);
    let said = said_by(check, policy, &store, &run);
    assert_eq!(said.keys().copied().collect::<Vec<_>>(), keys, "{}: one row per source", check.name);
    for ((index, source), key) in list(setting, "source").iter().enumerate().zip(keys) {
        let text = |key: &str| source.get(key).and_then(Json::as_str).map(str::to_owned);
        let wanted = Wanted {
            name: text("case").unwrap_or_else(|| format!("source {}", index + 1)),
            expect: text("expect"),
            reason: text("reason"),
            basis: text("basis"),
            observed: text("observed"),
        };
        compare(check, &wanted, &said[&key], as_of, problems);
        seen.insert(said[&key].reason.clone());
    }
}

/// Stores the sources of a setting, which list nothing; their keys.
fn load_sources(folder: &Path, setting: &Json) -> (Store, OpenRun, Vec<i64>) {
    let mut store = Store::open(&folder.join("test.db")).unwrap();
    let run = store.begin(&new_run(seconds(&setting["as_of"]))).unwrap();
    let extras = Extras { cases: &[], capabilities: BTreeMap::new(), attributes: BTreeSet::new() };
    let mut loader = store.loader(&run, &extras).unwrap();
    let mut keys = Vec::new();
    for (index, source) in list(setting, "source").iter().enumerate() {
        let text = |key: &str| source.get(key).and_then(Json::as_str).map(str::to_owned);
        let role = text("role").unwrap_or_else(|| "inventory".to_owned());
        let key = loader.add_source(&format!("source-{index}.csv"), "canonical-csv", &role, &index.to_string()).unwrap();
        let row = SourceRow {
            exported_at: source.get("exported_at").map(seconds),
            exported_at_basis: text("exported_at_basis"),
            exported_at_implausible: source.get("implausible").is_some(),
            ..SourceRow::default()
        };
        loader.describe_source(key, &row).unwrap();
        keys.push(key);
    }
    loader.finish(&[], &Settlement::default()).unwrap();
    (store, run, keys)
}

fn new_run(as_of: i64) -> NewRun {
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

/// A token of the fixture as a finished record.
fn case(index: usize, token: &Json, as_of: i64) -> Case {
    let mut token = flat(token);
    let mut take = |key: &str| token.remove(key).and_then(|value| value.as_str().map(str::to_owned));
    let name = take("case").unwrap_or_else(|| format!("token {}", index + 1));
    let (expect, reason, basis, observed) = (take("expect"), take("reason"), take("basis"), take("observed"));
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
        let field = Field::from_name(key).unwrap_or_else(|| panic!("{name}: no field is called {key}"));
        let cell = cell::from_json(field, value, Notation::default(), &mut record.problems);
        record.set(field, cell);
    }
    let finish = Finish {
        guard: Guard::built_in(),
        registry: Registry::built_in(),
        tolerance: Tolerance::new(as_of, None),
        collected: &[],
        provider: None,
        account: None,
    };
    finish.record(&mut record);
    Case { wanted: Wanted { name, expect, reason, basis, observed }, facts: provider_facts(&facts), record }
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

/// What the fixture says of a token besides its record.
struct Extras<'a> {
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

fn load(folder: &Path, setting: &Json, cases: &[Case], policy: &Policy) -> (Store, OpenRun) {
    let as_of = seconds(&setting["as_of"]);
    let mut store = Store::open(&folder.join("test.db")).unwrap();
    let run = store.begin(&new_run(as_of)).unwrap();
    let capabilities = setting.get("capabilities").map(|can| serde_json::from_value(can.clone()).unwrap()).unwrap_or_default();
    let extras = Extras { cases, capabilities, attributes: policy.attributes() };
    let mut loader = store.loader(&run, &extras).unwrap();
    let source_key = loader.add_source("sheet.csv", "canonical-csv", "inventory", "0").unwrap();
    for case in cases {
        loader.add(source_key, &case.record).unwrap();
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
    let word = SourceWord {
        export: "canonical-csv".to_owned(),
        rank: None,
        standing: Standing::Canonical,
        exported_at: None,
        sha256: "0".to_owned(),
    };
    loader.finish(&[StoredSource { source_key, word }], &Settlement::default()).unwrap();
    store.set_implied_scopes(&run, &|provider, scope| Registry::built_in().implied(provider, scope)).unwrap();
    set_limits(&mut store, &run, policy);
    (store, run)
}

fn set_limits(store: &mut Store, run: &OpenRun, policy: &Policy) {
    let mut limits = Vec::new();
    for (class_key, attributes) in store.token_classes(run).unwrap() {
        let object: Map<String, Json> = serde_json::from_str(&attributes).unwrap();
        let attribute = |value: Json| value.as_str().map_or(Attribute::Missing, |text| Attribute::Value(text.to_owned()));
        let attributes: ClassAttributes = object.into_iter().map(|(name, value)| (name, attribute(value))).collect();
        for check in catalog::all() {
            for parameter in check.per_token_parameters() {
                let limit = policy.resolve(check, parameter, &attributes).unwrap();
                limits.push(LimitRow {
                    check_id: check.id.clone(),
                    parameter: parameter.name.clone(),
                    class_key,
                    value: Parameter::Integer(limit.value),
                    fails_from: Some(limit.fails_from),
                    origin: limit.origin,
                });
            }
        }
    }
    store.set_limits(run, &limits).unwrap();
}

fn list<'a>(setting: &'a Json, key: &str) -> &'a [Json] {
    setting.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn seconds(instant: &Json) -> i64 {
    date(instant).expect("an instant").seconds
}

fn date(value: &Json) -> Option<countersign::inventory::record::Date> {
    time::parse(value.as_str()?).date()
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
