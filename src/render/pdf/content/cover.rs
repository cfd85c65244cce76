//! The cover: whose report, of what, when, by which rules, with which verdict; and the lines to sign.

use super::super::block::{Block, Paragraph};
use super::super::font::FontBook;
use super::super::item::{Item, Page};
use super::super::layout::{Frame, Layout};
use super::super::page::Sheet;
use super::super::span::{Span, Text, plain, stacked};
use super::super::style::{HAIRLINE, Size, Tone};
use super::super::text::single;
use super::summary::{verdict_tone, verdict_words};
use super::{TITLE, brief};
use crate::report::words::{date, instant_for_people};
use crate::report::{Period, Report};

/// Height of the lines to sign, at the foot of the page.
const SIGN_OFF: f32 = 150.0;

/// The finished page. Texts of any length are shortened until the page holds them; the report has them in full elsewhere.
pub fn page(report: &Report, sheet: &Sheet, book: &FontBook) -> Page {
    let frame = Frame { top: 120.0, bottom: sheet.frame.bottom - SIGN_OFF, ..sheet.frame };
    let mut page = Page::default();
    for most in [200, 80, 30] {
        let mut layout = Layout::new(book, frame, &[]);
        for block in blocks(report, most) {
            layout.add(&block);
        }
        let pages = layout.finish();
        let fits = pages.len() == 1;
        page = pages.into_iter().next().unwrap_or_default();
        if fits {
            break;
        }
    }
    page.items.extend(sign_off(report, sheet, book));
    page
}

fn blocks(report: &Report, most: usize) -> Vec<Block> {
    let run = &report.run;
    let organisation = brief(report.branding.organisation.as_deref().unwrap_or_default(), most);
    let verdict = Paragraph::new(vec![Span::new(verdict_words(report)).bold().tone(verdict_tone(report))]);
    let sentence = Paragraph::new(plain(&brief(&report.summary.verdict_sentence, most * 2)));
    let period = run.period.as_ref().map_or_else(String::new, period_words);
    vec![
        Paragraph::new(vec![Span::new(&organisation).bold().tone(Tone::Accent)]).size(Size::SUBSECTION).most_lines(3).into(),
        Block::Rule,
        Block::Space(8.0),
        Paragraph::new(vec![Span::new(TITLE).bold()]).size(Size::TITLE).after(4.0).into(),
        Paragraph::new(vec![Span::new(&period).muted()]).size(Size::SUBSECTION).most_lines(3).after(26.0).into(),
        Block::Panel {
            tone: verdict_tone(report),
            blocks: vec![verdict.size(Size::SECTION).after(2.0).into(), sentence.most_lines(5).into()],
        },
        Block::Space(22.0),
        Block::KeyValues { label_width: 92.0, rows: facts(report, most) },
    ]
}

fn facts(report: &Report, most: usize) -> Vec<(String, Text)> {
    let run = &report.run;
    let mut as_of = plain(&instant_for_people(run.as_of));
    as_of.push(Span::new(&format!("  (from: {})", brief(&run.as_of_origin, most.min(80)))).muted());
    let policy = vec![
        Span::new(&brief(&run.policy.name, most.min(80))).bold(),
        Span::new(&format!("  {}", brief(&run.policy.title, most))),
    ];
    let mut rows = vec![
        ("Evaluated as of".to_owned(), as_of),
        ("Run".to_owned(), plain(&run.id)),
        ("Tool".to_owned(), plain(&format!("countersign {}", brief(&run.tool_version, 40)))),
        ("Policy".to_owned(), stacked(policy, vec![Span::new(&format!("SHA-256 {}", run.policy.digest)).muted()])),
    ];
    if let Some(classification) = &report.branding.classification {
        rows.push(("Classification".to_owned(), plain(&brief(classification, most))));
    }
    rows
}

/// `Period 2026-Q3: 2026-07-01 to 2026-09-30`, the last day included.
fn period_words(period: &Period) -> String {
    const DAY: i64 = 86_400;
    format!(
        "Period {}: {} to {}",
        brief(&period.name, 60),
        date(period.from),
        date(period.to.saturating_sub(DAY).max(period.from))
    )
}

/// Three lines to sign, at the foot of the page.
fn sign_off(report: &Report, sheet: &Sheet, book: &FontBook) -> Vec<Item> {
    let frame = sheet.frame;
    let gap = 18.0;
    let columns = [("Name", 0.38), ("Date", 0.18), ("Signature", 0.44)];
    let (role_width, row) = (82.0, 34.0);
    let room = frame.width - role_width - gap * 2.0;
    let prepared = report.branding.prepared_by.as_deref().unwrap_or_default();
    let roles = [("Prepared by", prepared), ("Reviewed by", ""), ("Approved by", "")];
    let top = frame.bottom - row * roles.len() as f32 - 26.0;
    let mut items = Vec::new();
    let title = single(&[Span::new("Sign-off").bold()], Size::SUBSECTION, frame.width, book);
    items.extend(title.placed(frame.left, top - 14.0));
    for (index, (role, name)) in roles.iter().enumerate() {
        let line = top + 8.0 + row * (index + 1) as f32;
        let text = line - Size::BODY.leading - 1.0;
        items.extend(single(&[Span::new(role).muted()], Size::BODY, role_width, book).placed(frame.left, text));
        let mut x = frame.left + role_width;
        for (label, share) in columns {
            let width = room * share;
            items.push(Item::Line { from: (x, line), to: (x + width, line), width: HAIRLINE, tone: Tone::Muted });
            if label == "Name" {
                items.extend(single(&[Span::new(name)], Size::BODY, width, book).placed(x, text));
            }
            if index + 1 == roles.len() {
                items.extend(single(&[Span::new(label).muted()], Size::SMALL, width, book).placed(x, line + 1.5));
            }
            x += width + gap;
        }
    }
    items
}
