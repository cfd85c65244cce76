//! The head of the page, the sign-off block, the method and the foot.

use super::figures::{ResultView, SeverityView};
use super::{LARGE, policy};
use crate::report::{Report, ResultWord, Severity, Verdict, words};
use serde::Serialize;
use tera::{Context, Error};

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    as_of: i64,
    as_of_exact: String,
    as_of_origin: &'a str,
    /// Name, first and last day.
    period: Option<[String; 3]>,
    tool_version: &'a str,
    policy_name: &'a str,
    policy_title: &'a str,
    policy_digest: &'a str,
    profile: Option<&'a str>,
    relaxed: &'a [String],
}

#[derive(Serialize)]
struct Branding<'a> {
    organisation: Option<&'a str>,
    classification: Option<&'a str>,
    prepared_by: Option<&'a str>,
    language: &'a str,
}

/// The facts of the run, which the head, the sign-off, the annex and the foot name.
pub fn run_context(report: &Report) -> Context {
    let run = &report.run;
    let mut context = Context::new();
    context.insert(
        "run",
        &Run {
            id: &run.id,
            as_of: run.as_of,
            as_of_exact: words::instant(run.as_of),
            as_of_origin: &run.as_of_origin,
            // `to` is the first instant after the period; people name its last day.
            period: run.period.as_ref().map(|period| [period.name.clone(), words::date(period.from), words::date(period.to - 1)]),
            tool_version: &run.tool_version,
            policy_name: &run.policy.name,
            policy_title: &run.policy.title,
            policy_digest: &run.policy.digest,
            profile: run.policy.profile.as_deref(),
            relaxed: &run.policy.relaxed,
        },
    );
    let branding = &report.branding;
    context.insert(
        "branding",
        &Branding {
            organisation: branding.organisation.as_deref(),
            classification: branding.classification.as_deref(),
            prepared_by: branding.prepared_by.as_deref(),
            language: if branding.language.is_empty() { "en" } else { &branding.language },
        },
    );
    context
}

/// Everything up to the first section.
pub fn head(report: &Report) -> Result<Context, Error> {
    let mut context = run_context(report);
    context.insert("style", policy::STYLE);
    context.insert("content_security_policy", &policy::content_security_policy());
    context.insert("large", &(report.findings.len() > LARGE));
    context.insert("verdict", report.summary.verdict.word());
    context.insert("verdict_sentence", &report.summary.verdict_sentence);
    context.insert("verdict_tone", verdict_tone(report.summary.verdict));
    context.insert("verdict_mark", ResultView::from(verdict_result(report.summary.verdict)).mark);
    Ok(context)
}

/// The class of the verdict's box.
fn verdict_tone(verdict: Verdict) -> &'static str {
    verdict_result(verdict).word()
}

/// The result whose shape and colour the verdict borrows.
fn verdict_result(verdict: Verdict) -> ResultWord {
    match verdict {
        Verdict::Error => ResultWord::Error,
        Verdict::Findings => ResultWord::Fail,
        Verdict::NotEnoughEvidence => ResultWord::Unknown,
        Verdict::NoApplicableResults => ResultWord::NotApplicable,
        Verdict::NoFindings => ResultWord::Pass,
    }
}

pub fn sign_off(report: &Report) -> Result<Context, Error> {
    Ok(run_context(report))
}

/// For sections whose text depends on nothing.
pub fn nothing(_: &Report) -> Result<Context, Error> {
    Ok(Context::new())
}

#[derive(Serialize)]
struct Note<'a> {
    heading: &'a str,
    text: &'a str,
}

pub fn method(report: &Report) -> Result<Context, Error> {
    let notes: Vec<Note<'_>> = report.method.iter().map(|note| Note { heading: &note.heading, text: &note.text }).collect();
    let mut context = Context::new();
    context.insert("notes", &notes);
    context.insert("results", &ResultWord::ALL.map(|result| (ResultView::from(result), meaning(result))));
    context.insert("severities", &Severity::ALL.map(|severity| (SeverityView::from(severity), weight_of(severity))));
    Ok(context)
}

/// What a result says, for readers who meet the word for the first time (catalogue, section 1).
fn meaning(result: ResultWord) -> &'static str {
    match result {
        ResultWord::Fail => "the evidence shows that the token breaks the policy",
        ResultWord::Error => "the check itself could not finish; it counts against compliance until it is mended",
        ResultWord::Unknown => "the evidence is missing or unusable; never counted as a pass",
        ResultWord::Waived => "a fail or an unknown that somebody accepted until a stated date",
        ResultWord::Pass => "the evidence shows that the token meets the policy",
        ResultWord::NotApplicable => "the check does not concern the token; left out of every percentage",
    }
}

/// What a severity says (catalogue, section 3).
fn weight_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "misuse is possible now; act the same day",
        Severity::High => "a single step or one more failure leads to misuse",
        Severity::Medium => "raises the damage or delays discovery",
        Severity::Low => "hygiene or early warning",
    }
}

/// Everything after the last section.
pub fn foot(report: &Report) -> Context {
    let mut context = run_context(report);
    context.insert("script", policy::SCRIPT);
    context
}
