//! Fixtures of checks: records in, results out.
//!
//! `tests/fixtures/checks/NAME.toml` holds tokens as canonical fields. A field that a token does not name is not collected for it; an
//! empty text is a field that is collected and empty. `expect`, `reason` and `basis` say what the check must come to, `observed` what
//! its sentence must contain, `evidence` what its columns hold. A setting may have registers (`people`, `purposes`, `accounts`;
//! `complete` names those that are), say what scopes allow (`capabilities`), and be exported after its `as_of` (`exported_at`).
//! A token may be of another file (`source`), whose date `exports` gives. `facts` are what the registry knows, `absent` takes
//! away a field that every token has here. Tokens without `expect` repeat an earlier one. Words between `@` stand for secrets, which
//! are put together here. The fixture of a check of sources holds sources in place of tokens, each with `role`, `exported_at`,
//! `exported_at_basis` or `implausible`.

mod case;
mod load;
mod sources;

use case::Wanted;
use countersign::checks::catalog;
use countersign::checks::header::Check;
use countersign::checks::result::Subject;
use countersign::checks::runner::COLUMNS;
use countersign::policy::Policy;
use countersign::store::{CheckSqlError, Confined, Parameter, Store};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Put together here, so that no file of the repository looks as if it held a live secret.
const SECRETS: &[(&str, &[&str])] = &[("@github-token@", &["gh", "p_", "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"])];

/// The settings of one check's fixture, each in a database of its own.
pub struct Fixture {
    pub settings: Vec<Setting>,
}

/// Tokens or sources with one policy and one set of registers.
pub struct Setting {
    as_of: i64,
    /// By the key of the subject.
    wanted: BTreeMap<i64, Wanted>,
    parameters: BTreeMap<String, Parameter>,
    /// The connection on which the check runs.
    pub connection: Confined,
    _store: Store,
    _folder: tempfile::TempDir,
}

/// What a check said of one token.
struct Said {
    result: String,
    reason: String,
    basis: String,
    evidence: BTreeMap<String, Json>,
}

impl Fixture {
    /// Reads the fixture of a check and loads its settings.
    pub fn open(check: &Check) -> Fixture {
        let whole = read(check);
        // the file is a setting; it may hold more, each with its own policy and registers
        let more = list(&whole, "setting").iter().cloned();
        let has_subjects = whole.get("token").or(whole.get("source")).is_some();
        let settings = has_subjects.then(|| whole.clone()).into_iter().chain(more);
        let settings = settings.map(|mut setting| {
            if let (Some(setting), Some(as_of)) = (setting.as_object_mut(), whole.get("as_of")) {
                setting.entry("as_of").or_insert_with(|| as_of.clone());
            }
            Setting::load(check, &setting)
        });
        Fixture { settings: settings.collect() }
    }

    /// Every case in which the SQL does not say what the fixture does, up to a number.
    pub fn problems(&self, check: &Check, sql: &str, at_most: usize) -> Result<Vec<String>, CheckSqlError> {
        let mut problems = Vec::new();
        let mut seen = BTreeSet::new();
        for setting in &self.settings {
            setting.judge(check, sql, &mut seen, &mut problems, at_most)?;
            if problems.len() >= at_most {
                return Ok(problems);
            }
        }
        for reason in &check.reasons {
            if !seen.contains(&reason.code) {
                problems.push(format!(
                    "{}: no token of the fixture comes to {} {}",
                    check.name,
                    reason.result.word(),
                    reason.code
                ));
            }
        }
        Ok(problems)
    }
}

impl Setting {
    /// A database that holds what the setting says.
    pub fn load(check: &Check, setting: &Json) -> Setting {
        let as_of = seconds(&setting["as_of"]);
        let policy = match setting.get("policy").and_then(Json::as_str) {
            Some(text) => {
                Policy::parse(&check.name, text, catalog::built_in()).unwrap_or_else(|error| panic!("{}: {error}", check.name))
            }
            None => Policy::open("baseline", catalog::built_in()).unwrap(),
        };
        let folder = tempfile::tempdir().unwrap();
        let (store, run, wanted) = match check.subject {
            Subject::Token => load::load(folder.path(), setting, &policy),
            Subject::Source => sources::load(folder.path(), setting),
        };
        let mut parameters = policy.bound_values(check);
        parameters.insert("as_of".to_owned(), Parameter::Integer(as_of));
        let connection = store.confined(&run).unwrap();
        Setting { as_of, wanted, parameters, connection, _store: store, _folder: folder }
    }

    /// Runs a check's SQL and compares what it says with what the cases expect, up to a number of problems.
    fn judge(
        &self,
        check: &Check,
        sql: &str,
        seen: &mut BTreeSet<String>,
        problems: &mut Vec<String>,
        at_most: usize,
    ) -> Result<(), CheckSqlError> {
        let mut said: BTreeMap<i64, Said> = BTreeMap::new();
        self.connection
            .run(sql, &self.parameters, &mut |row| {
                let text = |column| row.text(column).unwrap_or_default().to_owned();
                let evidence = row.evidence(COLUMNS).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                let one = Said { result: text(1), reason: text(2), basis: text(3), evidence };
                if said.insert(row.integer(0).unwrap_or_default(), one).is_some() {
                    problems.push(format!("{}: two rows for one token", check.name));
                }
                if problems.len() >= at_most { Err(CheckSqlError::Stopped) } else { Ok(()) }
            })
            .or_else(|error| if matches!(error, CheckSqlError::Stopped) { Ok(()) } else { Err(error) })?;
        if !said.keys().eq(self.wanted.keys()) {
            problems.push(format!("{}: not one row per subject", check.name));
        }
        for (key, wanted) in &self.wanted {
            if problems.len() >= at_most {
                return Ok(());
            }
            if let Some(said) = said.get(key) {
                seen.insert(said.reason.clone());
                let problem = self.problem(check, wanted, said);
                problems.extend(problem.map(|problem| format!("{}: {}: {problem}", check.name, wanted.name)));
            }
        }
        Ok(())
    }

    fn problem(&self, check: &Check, wanted: &Wanted, said: &Said) -> Option<String> {
        let Said { result, reason, basis, evidence } = said;
        let observed = check.observed(reason, evidence, self.as_of);
        let fits = wanted.expect.as_ref() == Some(result)
            && wanted.reason.as_ref().is_none_or(|expected| expected == reason)
            && wanted.basis.as_ref().is_none_or(|expected| expected == basis)
            && wanted.observed.as_ref().is_none_or(|part| observed.contains(part))
            && wanted.evidence.iter().all(|(name, value)| evidence.get(name).unwrap_or(&Json::from("")) == value);
        if !fits {
            let evidence = serde_json::to_string(evidence).unwrap_or_default();
            return Some(format!("{result} {reason} {basis}: {observed} {evidence}"));
        }
        if reason == "not-collected" && !evidence.contains_key("missing") {
            return Some("does not say what is missing".to_owned());
        }
        let fact = evidence.get("fact").and_then(Json::as_str);
        let declared = |fact: &str| fact == "scope_class" || check.evidence.contains(&format!("fact:{fact}"));
        if basis == "provider-fact" && !fact.is_some_and(declared) {
            return Some(format!("rests on a fact and names {fact:?}"));
        }
        observed.contains("not given").then(|| format!("an empty place in `{observed}`"))
    }
}

/// The folder of the fixtures.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checks")
}

fn read(check: &Check) -> Json {
    let path = folder().join(format!("{}.toml", check.name));
    let mut text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for (mark, pieces) in SECRETS {
        text = text.replace(mark, &pieces.concat());
    }
    let whole: toml::Value = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", check.name));
    serde_json::to_value(whole).unwrap()
}

fn list<'a>(setting: &'a Json, key: &str) -> &'a [Json] {
    setting.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn seconds(instant: &Json) -> i64 {
    load::date(instant).expect("an instant").seconds
}
