//! A report full of text that was written to break outputs.

use super::{facts, judge_sources, realistic, tokens};
use crate::report::build;
use crate::report::model::Report;
use std::collections::BTreeMap;

/// Markup, formulas, template and terminal commands, scripts of the world, control characters, and words without end.
pub fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "<script>alert('name')</script>",
        "</script><script>alert(1)</script><!--",
        "\"><img src=x onerror=alert(1)>",
        "{{ report.run.id }} {% raw %} {# note #}",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "\t=HYPERLINK(\"http://evil.example\")",
        "invoice\u{202e}gpj.exe",
        "\u{2066}isolated\u{2069} \u{200f}mark",
        "🚀🔑 deploy 👩‍👩‍👧‍👦",
        "訪問令牌 アクセストークン 접근 토큰",
        "Ελληνικά Кириллица",
        "العربية עברית",
        "nul\u{0}bell\u{7}escape\u{1b}[31mred\u{1b}[0m\u{9b}2J",
        "line one\r\nline two\u{2028}line three",
        "e\u{301}a\u{308}\u{323} z\u{fe0f}\u{200d}",
        "'; DROP TABLE token; --",
        "(unbalanced \\ parentheses (",
        "\u{feff}\u{fffd}\u{e000}\u{10ffff}",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("x".repeat(10_000));
    texts.push("長".repeat(10_000));
    texts.push(format!("{}<b>", "no-break\u{a0}".repeat(1_250)));
    texts
}

/// The sample with hostile text in every place that an inventory, a settings file or a waiver file can fill.
pub fn hostile() -> Report {
    let texts = texts();
    let text = |number: usize| texts.get(number % texts.len()).cloned().unwrap_or_default();
    let mut tokens = tokens::all(148);
    for token in &mut tokens {
        let number = token.number;
        token.name = Some(text(number));
        token.owner = Some(text(number + 5));
        token.account = text(number / 7);
        token.token_id = format!("{}{number}", text(number + 11));
    }
    let mut facts = facts(&tokens, realistic);
    judge_sources(&mut facts);
    facts.branding.organisation = Some(text(0));
    facts.branding.classification = Some(text(9));
    facts.branding.prepared_by = Some(text(12));
    // One name for one source, wherever it occurs.
    let names: BTreeMap<String, String> = facts
        .sources
        .iter()
        .enumerate()
        .map(|(index, source)| (source.name.clone(), format!("{}-{index}.csv", text(index * 3))))
        .collect();
    let renamed = |name: &mut String| {
        if let Some(new) = names.get(name.as_str()) {
            name.clone_from(new);
        }
    };
    for (index, source) in facts.sources.iter_mut().enumerate() {
        renamed(&mut source.name);
        source.problems.push(text(index));
        source.collected.push(text(index + 2));
    }
    for (index, row) in facts.findings.iter_mut().enumerate() {
        row.source =
            row.source.split(", ").map(|name| names.get(name).map_or(name, String::as_str)).collect::<Vec<_>>().join(", ");
        row.observed = format!("Observed: {}", text(index + 3));
        row.evidence.insert("note".to_owned(), text(index).into());
        row.evidence.insert(text(index + 1), "key".into());
    }
    for group in &mut facts.unknowns {
        renamed(&mut group.source);
        for field in &mut group.missing {
            field.push_str(&text(field.len()));
        }
    }
    for count in facts.checks.iter_mut().flat_map(|check| &mut check.counts) {
        renamed(&mut count.source);
    }
    for (index, row) in facts.rejected_rows.iter_mut().enumerate() {
        renamed(&mut row.source);
        row.reason = text(index + 8);
    }
    for (index, entry) in facts.contradictions.iter_mut().enumerate() {
        entry.used = text(index);
        entry.other = text(index + 13);
    }
    for (index, waiver) in facts.waivers.iter_mut().enumerate() {
        waiver.reason = text(index);
        waiver.owner = text(index + 4);
        waiver.selector = text(index + 9);
    }
    for (index, file) in facts.skipped_files.iter_mut().enumerate() {
        file.name = text(index + 1);
        file.reason = text(index + 15);
    }
    build(facts)
}
