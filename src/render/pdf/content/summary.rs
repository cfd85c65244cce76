//! The executive summary: one page that a security lead can act on.

use super::super::block::{Bar, Block, Figure, Paragraph, Part};
use super::super::span::{Span, Text, plain};
use super::super::style::{Size, Tone};
use super::super::table::{Column, Table};
use super::{Writer, brief, count, counted};
use crate::report::words::number;
use crate::report::{Report, ResultCounts, Verdict};

/// The verdict as a heading.
pub fn verdict_words(report: &Report) -> &'static str {
    match report.summary.verdict {
        Verdict::Error => "The tool could not evaluate everything",
        Verdict::Findings => "Findings",
        Verdict::NotEnoughEvidence => "Not enough evidence",
        Verdict::NoApplicableResults => "No applicable results",
        Verdict::NoFindings => "No findings",
    }
}

pub fn verdict_tone(report: &Report) -> Tone {
    match report.summary.verdict {
        Verdict::Error | Verdict::Findings => Tone::Fail,
        Verdict::NotEnoughEvidence | Verdict::NoApplicableResults => Tone::Unknown,
        Verdict::NoFindings => Tone::Pass,
    }
}

/// How much the lists of the page may say.
#[derive(Debug, Clone, Copy)]
struct Detail {
    risks: usize,
    lines: usize,
    owner: usize,
}

/// From the fullest form to one that fits whatever the inventory holds.
const DETAILS: [Detail; 4] = [
    Detail { risks: 5, lines: 4, owner: 44 },
    Detail { risks: 5, lines: 3, owner: 30 },
    Detail { risks: 4, lines: 1, owner: 20 },
    Detail { risks: 0, lines: 0, owner: 0 },
];

/// Writes the summary in the fullest form that fits one page.
pub fn write(writer: &mut Writer<'_>, fits: impl Fn(&[Block]) -> bool) {
    let heading = writer.section_heading("Executive summary");
    let mut page = Vec::new();
    for detail in DETAILS {
        page = vec![heading.clone()];
        page.extend(blocks(writer.report, detail));
        if fits(&page) {
            break;
        }
    }
    writer.blocks.extend(page);
}

fn lead(words: &str) -> Block {
    Paragraph::new(vec![Span::new(words).bold()]).size(Size::GROUP).after(3.0).keep_with_next().into()
}

fn blocks(report: &Report, detail: Detail) -> Vec<Block> {
    let summary = &report.summary;
    let tone = verdict_tone(report);
    let verdict = Paragraph::new(vec![Span::new(verdict_words(report)).bold().tone(tone)]).size(Size::SUBSECTION).after(1.0);
    let sentence = Paragraph::new(plain(&summary.verdict_sentence)).most_lines(4);
    let mut blocks = vec![
        Block::Panel { tone, blocks: vec![verdict.into(), sentence.into()] },
        Block::Space(8.0),
        Block::Figures(figures(report)),
    ];
    blocks.extend(beside_the_figures(report));
    blocks.push(lead("Compliance"));
    blocks.push(Block::Parts(parts(&summary.results)));
    blocks.push(Block::KeyValues { label_width: 92.0, rows: scores(report) });
    if summary.results.fail > 0 {
        blocks.push(lead("Fails by severity"));
        blocks.push(Block::Bars(severity_bars(report)));
    }
    blocks.extend(risks(report, detail));
    blocks.extend(not_measured(report, detail));
    blocks
}

/// Tokens, each counted once by the strongest of its results.
fn figures(report: &Report) -> Vec<Figure> {
    let tokens = &report.summary.tokens_by_result;
    let figure = |value: u64, label: &str, tone| Figure { value: number(value), label: label.to_owned(), tone };
    vec![
        figure(report.summary.tokens, "tokens in scope", Tone::Ink),
        figure(tokens.pass, "compliant", Tone::Pass),
        figure(tokens.fail, "non-compliant", Tone::Fail),
        figure(tokens.unknown, "unknown", Tone::Unknown),
        figure(tokens.waived(), "waived", Tone::Waived),
    ]
}

/// Tokens that are in none of the five numbers, so that they add up.
fn beside_the_figures(report: &Report) -> Option<Block> {
    let tokens = &report.summary.tokens_by_result;
    let mut words = Vec::new();
    if tokens.error > 0 {
        words.push(format!("{} with a tool error", counted(tokens.error, "token", "tokens")));
    }
    if tokens.not_applicable > 0 {
        words.push(format!("{} to which no check applies", counted(tokens.not_applicable, "token", "tokens")));
    }
    let unjudged = report.summary.tokens.saturating_sub(tokens.total());
    if unjudged > 0 {
        words.push(format!("{} without a result", counted(unjudged, "token", "tokens")));
    }
    if report.summary.not_yet_existing > 0 {
        let later = counted(report.summary.not_yet_existing, "token", "tokens");
        words.push(format!("outside the scope, {later} created after the as-of instant"));
    }
    if words.is_empty() {
        return None;
    }
    let words = format!("Each token is counted once, by its strongest result. Besides: {}.", words.join("; "));
    Some(Paragraph::new(vec![Span::new(&words).muted()]).size(Size::SMALL).after(8.0).into())
}

fn parts(results: &ResultCounts) -> Vec<Part> {
    let part = |value, label: &str, tone| Part { label: label.to_owned(), value, tone };
    vec![
        part(results.pass, "pass", Tone::Pass),
        part(results.fail, "fail", Tone::Fail),
        part(results.unknown, "unknown", Tone::Unknown),
        part(results.waived(), "waived", Tone::Waived),
        part(results.error, "error", Tone::Ink),
    ]
}

fn scores(report: &Report) -> Vec<(String, Text)> {
    let summary = &report.summary;
    let (results, score, coverage) = (&summary.results, &summary.score, &summary.coverage);
    let row = |label: &str, figure: String, words: String| {
        (label.to_owned(), vec![Span::new(&figure).bold(), Span::new(&format!("   {words}"))])
    };
    let compliance = format!(
        "{} of {} applicable results are a pass. Unknown ({}), waived ({}) and error ({}) stay in the denominator and earn nothing.",
        number(score.compliance.numerator),
        number(score.compliance.denominator),
        number(results.unknown),
        number(results.waived()),
        number(results.error)
    );
    let sufficient = if coverage.sufficient { "reached" } else { "not reached" };
    let covered = format!(
        "{} of {} results rest on evidence; the policy's minimum of {} % is {sufficient}.",
        number(coverage.fraction.numerator),
        number(coverage.fraction.denominator),
        coverage.minimum_percent
    );
    let range = format!("{} to {}", score.compliance.percent_text(), score.possible.percent_text());
    let accepted = format!(
        "{} waived and never compliant; passes and accepted risk together are {}.",
        if score.accepted_risk.numerator == 1 {
            "1 result is".to_owned()
        } else {
            format!("{} results are", number(score.accepted_risk.numerator))
        },
        score.with_accepted_risk.percent_text()
    );
    let mut rows = vec![row("Compliance", score.compliance.percent_text(), compliance)];
    if score.compliance.denominator > 0 {
        rows.push(row("Evidence coverage", coverage.fraction.percent_text(), covered));
        rows.push(row("Possible range", range, "is what the missing evidence could still make of it.".to_owned()));
        rows.push(row("Accepted risk", score.accepted_risk.percent_text(), accepted));
        let weights = "where critical counts 8, high 4, medium 2, low 1.".to_owned();
        rows.push(row("Weighted", score.weighted.percent_text(), weights));
    }
    rows
}

fn severity_bars(report: &Report) -> Vec<Bar> {
    let bars = report.summary.by_severity.iter().map(|counts| Bar {
        label: vec![Span::severity(counts.severity)],
        value: counts.results.fail,
        note: number(counts.results.fail),
        tone: Tone::Severity(counts.severity),
    });
    bars.collect()
}

fn risks(report: &Report, detail: Detail) -> Vec<Block> {
    let risks = report.top_risks();
    if risks.is_empty() || detail.risks == 0 {
        return Vec::new();
    }
    let mut table = Table::new(vec![
        Column::fit("Severity", 60.0),
        Column::share("Check", 1.5),
        Column::number("Fails"),
        Column::share("Owners", 1.0),
    ]);
    for risk in risks.iter().take(detail.risks) {
        let owners: Vec<String> = risk
            .owners
            .iter()
            .map(|owner| owner.map_or_else(|| "no owner".to_owned(), |owner| brief(owner, detail.owner)))
            .collect();
        let mut owners = owners.join(", ");
        if risk.more_owners > 0 {
            owners.push_str(&format!(" and {}", counted(risk.more_owners, "other", "others")));
        }
        table.row(vec![
            Span::severity(risk.severity).into(),
            vec![Span::new(risk.check).bold(), Span::new(&format!("  {}", brief(risk.title, 120)))],
            count(risk.fails),
            plain(&owners),
        ]);
    }
    vec![lead("Highest risks"), Block::Table(table)]
}

/// What keeps the run from being complete, and what evidence would help most.
fn not_measured(report: &Report, detail: Detail) -> Vec<Block> {
    let mut lines: Vec<Text> = Vec::new();
    let reasons = &report.summary.incomplete_because;
    for reason in reasons.iter().take(detail.lines) {
        lines.push(plain(&brief(reason, 160)));
    }
    if reasons.len() > detail.lines {
        let more = counted((reasons.len() - detail.lines) as u64, "more reason", "more reasons");
        lines.push(plain(&format!("{more} why this run is incomplete, listed with the sources.")));
    }
    for supply in report.supply_next.iter().take(detail.lines.min(3)) {
        let words = format!(
            "of {} would let the checks decide {}.",
            brief(&supply.source, 60),
            counted(supply.unknowns, "unknown result", "unknown results")
        );
        lines.push(vec![Span::new(&brief(&supply.field, 60)).bold(), Span::new(&format!(" {words}"))]);
    }
    let attention = report.waivers_needing_attention().count() as u64;
    if attention > 0 && detail.lines > 0 {
        let needs = if attention == 1 { "needs" } else { "need" };
        lines.push(plain(&format!(
            "{} {needs} attention: ending, expired, unused or invalid.",
            counted(attention, "waiver", "waivers")
        )));
    }
    if lines.is_empty() {
        return Vec::new();
    }
    vec![Block::Space(4.0), lead("What could not be measured, and what to supply next"), Block::Bullets(lines)]
}
