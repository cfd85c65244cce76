//! What the registry and the formats keep together: every scope that a fixture grants has a class, and every kind of token has
//! facts, or it stands here why not.

use super::Registry;
use crate::inventory::detect::detect;
use crate::inventory::field::Field;
use crate::inventory::format::{Role, SourceContext};
use crate::inventory::formats::FORMATS;
use crate::inventory::input::Input;
use crate::inventory::read::{self, Collected, Source};
use crate::inventory::record::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Scopes of fixtures that the registry may not know: provider, beginning of the name, why.
const UNKNOWN: &[(&str, &str, &str)] = &[
    ("vault", "", "what a policy allows stands in its text, which the export does not carry; only root and default are known"),
    ("snyk", "5b000000-", "the id of a role, which only the list of roles explains"),
    ("entra", "1d990000-", "a permission of an application that is not Microsoft Graph, by its id"),
    ("gcp", "translate.", "what an API lets the holder of a key do depends on the API"),
    ("gcp", "maps-backend.", "what an API lets the holder of a key do depends on the API"),
    ("slack", "bot", "the scope of classic apps, which stands for more than its name says and is ranked nowhere"),
    ("cloudflare", "strange thing", "a name that the fixture invented to show an unknown one"),
];

/// Formats whose fixtures name no provider of the registry, on purpose: the hand-kept sheets.
const SHEETS: &[&str] = &["canonical-csv", "canonical-json", "canonical-json-object", "canonical-ndjson", "canonical-parquet"];

/// Every token of every fixture, with the format's id.
fn tokens() -> Vec<(&'static str, crate::inventory::record::Record)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    let mut tokens = Vec::new();
    for format in FORMATS.iter().filter(|format| format.role() == Role::Inventory && !SHEETS.contains(&format.id())) {
        let path = ["csv", "json", "ndjson", "parquet"].map(|end| folder.join(format!("{}.{end}", format.id())));
        let path = path.into_iter().find(|path| path.exists()).expect("every format has a fixture");
        let input = Input::file(&path);
        let detected = detect(&input, FORMATS, Some(format.id())).expect("is of its format");
        let context = SourceContext { name: input.name.clone(), as_of: 1_793_491_200, ..SourceContext::default() };
        let registry = Registry::built_in();
        let source = Source { input: &input, detected: &detected, context: &context, exported_at: None, registry };
        let mut sink = Collected::default();
        read::read(&source, &mut sink).expect("is read");
        tokens.extend(sink.tokens.into_iter().map(|record| (format.id(), record)));
    }
    tokens
}

#[test]
fn every_scope_of_the_fixtures_has_a_class_or_a_reason() {
    let (mut missing, mut used) = (BTreeSet::new(), BTreeSet::new());
    for (format, record) in tokens() {
        let provider = record.text(Field::Provider).unwrap_or_default().to_owned();
        let Value::Scopes(scopes) = &record.get(Field::ScopesGranted).value else { continue };
        for scope in scopes.iter().filter(|scope| scope.class.is_none()) {
            let reason =
                UNKNOWN.iter().position(|(of, start, _)| *of == provider && scope.name.to_lowercase().starts_with(start));
            match reason {
                Some(index) => drop(used.insert(index)),
                None => drop(missing.insert(format!("{format}: {provider}: {}", scope.name))),
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.into_iter().collect::<Vec<_>>().join("\n"));
    assert_eq!(used.len(), UNKNOWN.len(), "a scope on the list of unknown ones is known or gone");
}

#[test]
fn every_kind_of_token_of_the_fixtures_has_facts() {
    let mut missing = BTreeSet::new();
    for (format, record) in tokens() {
        let (provider, kind) = (record.text(Field::Provider).unwrap_or_default(), record.text(Field::TokenKind));
        // Of what people put into these, the store knows nothing.
        if matches!((provider, kind), ("sops", _) | ("kubernetes", Some("secret" | "registry-credential"))) {
            continue;
        }
        let known = Registry::built_in().sourced(provider, kind);
        if known.sources.is_empty() {
            missing.insert(format!("{format}: {provider} {}", kind.unwrap_or("without a kind")));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.into_iter().collect::<Vec<_>>().join("\n"));
}
