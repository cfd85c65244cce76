//! Every check against its fixture.

use crate::check_fixture::{Fixture, Setting, folder};
use countersign::checks::catalog;
use countersign::checks::runner;
use countersign::policy::Policy;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn every_check_comes_to_what_its_fixture_says() {
    let mut problems = Vec::new();
    for check in catalog::all() {
        let found = Fixture::open(check).problems(check, &check.sql, usize::MAX);
        problems.extend(found.unwrap_or_else(|error| panic!("{}: {error}", check.name)));
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
    let baseline = Policy::open("baseline", catalog::built_in()).unwrap();
    let first = catalog::all().first().unwrap();
    let setting = Setting::load(first, &json!({ "as_of": "2026-06-15T13:30:00Z" }));
    for check in catalog::all() {
        let (columns, read) = setting.connection.describe(&check.sql).unwrap_or_else(|error| panic!("{}: {error}", check.id));
        runner::promises(&columns, check.subject).unwrap_or_else(|problem| panic!("{}: {problem}", check.id));
        let columns: BTreeSet<&str> = columns.iter().map(String::as_str).collect();
        let bound = baseline.bound_values(check);
        for name in read {
            assert!(name == "as_of" || bound.contains_key(&name), "{} reads :{name}", check.id);
        }
        for reason in &check.reasons {
            for name in reason.sentence.names() {
                // for whom an override set the limit is read from where the limit comes from
                let column = if name == "limit_for" { "limit_origin" } else { name };
                assert!(name == "as_of" || columns.contains(column), "{} {} uses {{{name}}}", check.id, reason.code);
            }
        }
    }
}
