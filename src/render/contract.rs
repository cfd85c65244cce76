//! What every renderer must keep, whichever it is.

use super::{RENDERERS, Renderer, clean};
use crate::report::{Report, sample};
use std::collections::{BTreeMap, BTreeSet};

fn rendered(renderer: &dyn Renderer, report: &Report) -> Vec<u8> {
    let mut bytes = Vec::new();
    renderer.render(report, &mut bytes).unwrap_or_else(|error| panic!("{}: {error}", renderer.name()));
    bytes
}

/// The text of an output as a reader finds it, with everything but letters and digits left out, because outputs may break
/// identifiers at separators.
fn text_of(renderer: &dyn Renderer, report: &Report) -> String {
    let bytes = rendered(renderer, report);
    match renderer.name() {
        "json" | "csv" => letters(&String::from_utf8(bytes).unwrap_or_else(|error| panic!("{}: {error}", renderer.name()))),
        "html" => letters(&page_text(&String::from_utf8(bytes).unwrap_or_else(|error| panic!("html: {error}")))),
        "pdf" => letters(&super::pdf::text_of_pages(report)),
        other => panic!("say here how the text of `{other}` is read"),
    }
}

/// What a browser would show of a page, entities resolved.
fn page_text(html: &str) -> String {
    let shown = html.split('<').filter_map(|part| part.split_once('>').map(|(_, text)| text)).collect::<Vec<_>>().join(" ");
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(shown, |text, (entity, character)| text.replace(entity, character))
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn names_and_files_are_unique() {
    let names: BTreeSet<_> = RENDERERS.iter().map(|renderer| renderer.name()).collect();
    let files: BTreeSet<_> = RENDERERS.iter().map(|renderer| renderer.file_name()).collect();
    assert_eq!((names.len(), files.len()), (RENDERERS.len(), RENDERERS.len()));
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for renderer in RENDERERS {
        for report in [sample::sample(), sample::hostile(), sample::empty(), sample::all_clean()] {
            let once = rendered(*renderer, &report);
            assert!(once == rendered(*renderer, &report.clone()), "{} gives different bytes", renderer.name());
        }
    }
}

#[test]
fn every_output_accounts_for_every_finding() {
    let report = sample::sample();
    // A subject must occur at least as often as it has findings, and so must a check.
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    let mut checks: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &report.findings {
        *checks.entry(letters(&finding.check)).or_default() += 1;
        *expected.entry(letters(finding.token_id.as_deref().unwrap_or(&finding.source))).or_default() += 1;
    }
    for renderer in RENDERERS {
        let text = text_of(*renderer, &report);
        // The PDF names a check once above all its rows.
        let least = if renderer.name() == "pdf" { 1 } else { usize::MAX };
        let checks = checks.iter().map(|(id, findings)| (id, findings.min(&least)));
        for (words, findings) in expected.iter().chain(checks) {
            let found = text.matches(words.as_str()).count();
            assert!(found >= *findings, "{}: `{words}` occurs {found} times for {findings} findings", renderer.name());
        }
    }
}

#[test]
fn every_output_names_run_policy_and_instant() {
    let report = sample::sample();
    for renderer in RENDERERS {
        let text = text_of(*renderer, &report);
        for words in [report.run.id.as_str(), report.run.policy.digest.as_str(), "2026-10-01"] {
            assert!(text.contains(&letters(words)), "{}: {words}", renderer.name());
        }
    }
}

#[test]
fn no_output_but_json_holds_characters_that_act_unseen() {
    let report = sample::hostile();
    for renderer in RENDERERS.iter().filter(|renderer| matches!(renderer.name(), "csv")) {
        let text = String::from_utf8(rendered(*renderer, &report)).unwrap();
        assert!(!text.chars().any(clean::acts_unseen), "{}", renderer.name());
    }
}
