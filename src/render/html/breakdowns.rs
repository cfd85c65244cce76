//! The same results seen by owner, by provider, by waiver and by framework control.

use super::figures::{Counts, ResultView, Share, cell};
use crate::report::{GroupSummary, Report, ResultWord, Score};
use serde::Serialize;
use tera::{Context, Error};

#[derive(Serialize)]
struct Owner {
    owner: Option<String>,
    tokens: u64,
    results: Counts,
    fails: [u64; 4],
    scores: Scores,
}

/// The figures of one row.
#[derive(Serialize)]
struct Scores {
    compliance: Share,
    coverage: Share,
    possible: Share,
    accepted_risk: Share,
    weighted: Share,
}

impl From<&Score> for Scores {
    fn from(score: &Score) -> Scores {
        Scores {
            compliance: score.compliance.into(),
            coverage: score.coverage.into(),
            possible: score.possible.into(),
            accepted_risk: score.accepted_risk.into(),
            weighted: score.weighted.into(),
        }
    }
}

/// One area, provider or environment.
#[derive(Serialize)]
struct Group {
    name: Option<String>,
    tokens: Option<u64>,
    results: Counts,
    scores: Scores,
}

fn groups(groups: &[GroupSummary]) -> Vec<Group> {
    let group = |group: &GroupSummary| Group {
        name: group.name.as_deref().map(cell),
        tokens: group.tokens,
        results: Counts::from(&group.results),
        scores: Scores::from(&group.score),
    };
    groups.iter().map(group).collect()
}

pub fn scores(report: &Report) -> Result<Context, Error> {
    #[derive(Serialize)]
    struct Table {
        title: &'static str,
        /// What stands for a group without a name.
        unnamed: &'static str,
        groups: Vec<Group>,
    }
    let table = |title, unnamed, of: &[GroupSummary]| Table { title, unnamed, groups: groups(of) };
    let tables = [
        table("By area", "", &report.areas),
        table("By provider", "", &report.provider_totals),
        table("By environment", "no environment on record", &report.environments),
    ];
    let mut context = Context::new();
    context.insert("tables", &tables);
    Ok(context)
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
            scores: Scores::from(&owner.score),
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
    scores: Scores,
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
            scores: Scores::from(&row.score),
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
    relabelled: u64,
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
            relabelled: waiver.relabelled,
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
    provider: Option<&'a str>,
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
    /// For a framework about one provider: how many of the results are about its tokens.
    of_provider: Option<u64>,
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
            provider: framework.provider.as_deref(),
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
                        of_provider: control.of_provider.map(|counts| counts.assessed()),
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
