//! The same results seen by owner, by provider, by waiver and by framework control.

use super::figures::{Counts, ResultView, cell};
use crate::report::{Report, ResultWord};
use serde::Serialize;
use tera::{Context, Error};

#[derive(Serialize)]
struct Owner {
    owner: Option<String>,
    tokens: u64,
    results: Counts,
    fails: [u64; 4],
}

pub fn owners(report: &Report) -> Result<Context, Error> {
    let owners: Vec<Owner> = report
        .owners
        .iter()
        .map(|owner| Owner {
            owner: owner.owner.as_deref().map(cell),
            tokens: owner.tokens,
            results: Counts::from(&owner.results),
            fails: owner.fails_by_severity,
        })
        .collect();
    let mut context = Context::new();
    context.insert("owners", &owners);
    Ok(context)
}

#[derive(Serialize)]
struct Provider<'a> {
    provider: &'a str,
    account: &'a str,
    tokens: u64,
    by_token: Counts,
    results: Counts,
}

pub fn providers(report: &Report) -> Result<Context, Error> {
    let providers: Vec<Provider<'_>> = report
        .providers
        .iter()
        .map(|row| Provider {
            provider: &row.provider,
            account: &row.account,
            tokens: row.tokens,
            by_token: Counts::from(&row.tokens_by_result),
            results: Counts::from(&row.results),
        })
        .collect();
    let mut context = Context::new();
    context.insert("providers", &providers);
    Ok(context)
}

#[derive(Serialize)]
struct Waiver<'a> {
    id: &'a str,
    check: &'a str,
    selector: &'a str,
    reason: &'a str,
    owner: &'a str,
    approver: &'a str,
    approved_at: &'a str,
    valid_through: &'a str,
    ticket: Option<&'a str>,
    status: &'a str,
    note: Option<&'a str>,
    matched: u64,
}

pub fn waivers(report: &Report) -> Result<Context, Error> {
    let waivers: Vec<Waiver<'_>> = report
        .waivers
        .iter()
        .map(|waiver| Waiver {
            id: &waiver.id,
            check: &waiver.check,
            selector: &waiver.selector,
            reason: &waiver.reason,
            owner: &waiver.owner,
            approver: &waiver.approver,
            approved_at: &waiver.approved_at,
            valid_through: &waiver.valid_through,
            ticket: waiver.ticket.as_deref(),
            status: &waiver.status,
            note: waiver.note.as_deref(),
            matched: waiver.matched,
        })
        .collect();
    let mut context = Context::new();
    context.insert("waivers", &waivers);
    Ok(context)
}

#[derive(Serialize)]
struct Framework<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
    note: Option<&'a str>,
    controls: Vec<Control<'a>>,
}

#[derive(Serialize)]
struct Control<'a> {
    id: &'a str,
    title: &'a str,
    checks: &'a [String],
    /// Checks that would look at it, if the policy did not leave them off.
    checks_off: &'a [String],
    results: Counts,
    status: &'a str,
    note: Option<&'a str>,
    /// The result whose shape and colour the status borrows.
    tone: &'static str,
    mark: &'static str,
}

pub fn frameworks(report: &Report) -> Result<Context, Error> {
    let frameworks: Vec<Framework<'_>> = report
        .frameworks
        .iter()
        .map(|framework| Framework {
            id: &framework.id,
            name: &framework.name,
            version: &framework.version,
            note: framework.note.as_deref(),
            controls: framework
                .controls
                .iter()
                .map(|control| {
                    let tone = ResultView::from(tone(&control.status));
                    Control {
                        id: &control.id,
                        title: &control.title,
                        checks: &control.checks,
                        checks_off: &control.checks_off,
                        results: Counts::from(&control.results),
                        status: &control.status,
                        note: control.note.as_deref(),
                        tone: tone.word,
                        mark: tone.mark,
                    }
                })
                .collect(),
        })
        .collect();
    let mut context = Context::new();
    context.insert("frameworks", &frameworks);
    Ok(context)
}

/// The result that a control's status stands for (catalogue 1.1).
fn tone(status: &str) -> ResultWord {
    match status {
        "findings" => ResultWord::Fail,
        "tool error" => ResultWord::Error,
        "evidence gap" => ResultWord::Unknown,
        "accepted risk" => ResultWord::Waived,
        "no findings" => ResultWord::Pass,
        _ => ResultWord::NotApplicable,
    }
}
