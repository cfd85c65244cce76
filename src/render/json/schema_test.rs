//! The committed JSON Schema describes what is written: every key, no more and no less.

use super::Json;
use crate::render::Renderer;
use crate::report::{Report, sample};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../../docs/report-v1.schema.json");

/// The part of JSON Schema that the file uses. Stricter in one point: a key that `properties` does not describe is a problem.
fn check(root: &Value, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/$defs/").unwrap();
        let target = root["$defs"].get(name).unwrap_or_else(|| panic!("{name} is not in $defs"));
        check(root, target, value, place, problems);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let fits = |kind: &&str| match *kind {
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    };
    if !types.is_empty() && !types.iter().any(fits) {
        problems.push(format!("{place} is not {types:?}: {value}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        problems.push(format!("{place} is none of {words:?}: {value}"));
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
        && !regex::Regex::new(pattern).unwrap().is_match(text)
    {
        problems.push(format!("{place} does not match {pattern}: {text}"));
    }
    if let (Some(items), Some(entries)) = (schema.get("items"), value.as_array()) {
        for (index, entry) in entries.iter().enumerate() {
            check(root, items, entry, &format!("{place}[{index}]"), problems);
        }
    }
    let Some(object) = value.as_object() else { return };
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(key) {
            problems.push(format!("{place} lacks `{key}`"));
        }
    }
    for (key, entry) in object {
        let place = format!("{place}.{key}");
        if let Some(described) = schema["properties"].get(key).or(schema.get("additionalProperties")) {
            check(root, described, entry, &place, problems);
        } else if schema.get("properties").is_some() {
            problems.push(format!("{place} is not described"));
        }
    }
}

fn problems_of(report: &Report, spoil: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut bytes = Vec::new();
    Json.render(report, &mut bytes).unwrap();
    let mut value: Value = serde_json::from_slice(&bytes).unwrap();
    spoil(&mut value);
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut problems = Vec::new();
    check(&schema, &schema, &value, "report", &mut problems);
    problems
}

#[test]
fn every_report_fits_the_schema() {
    for report in [sample::sample(), sample::hostile(), sample::empty(), sample::all_clean(), sample::sample_sized(50)] {
        let problems = problems_of(&report, |_| {});
        assert!(problems.is_empty(), "change docs/report-v1.schema.json to describe what is written: {problems:#?}");
    }
}

#[test]
fn a_report_that_does_not_fit_is_noticed() {
    let report = sample::sample();
    type Spoil = fn(&mut Value);
    let spoiled: [(&str, Spoil); 5] = [
        ("is none of", |json| json["findings"][0]["result"] = "pass".into()),
        ("is not [", |json| json["summary"]["tokens"] = "many".into()),
        ("is not described", |json| json["run"]["host"] = "x".into()),
        ("does not match", |json| json["run"]["as_of"] = "2026-10-01".into()),
        ("lacks `method`", |json| drop(json.as_object_mut().map(|report| report.remove("method")))),
    ];
    for (words, spoil) in spoiled {
        let problems = problems_of(&report, spoil);
        assert!(problems.len() == 1 && problems[0].contains(words), "{words}: {problems:?}");
    }
}
