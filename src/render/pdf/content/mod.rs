//! What the PDF report says, section by section, as blocks. Words and order only; places are the layout's.

mod annex;
mod cover;
mod findings;
mod frameworks;
mod owners;
mod registers;
mod results;
mod scope;
mod summary;
mod unknown;

use super::block::{Block, Level, Paragraph};
use super::font::FontBook;
use super::item::Page;
use super::layout::{HeadingEntry, Layout};
use super::page::{Running, Sheet};
use super::span::{Span, Text, plain};
use super::style::{Size, Tone};
use crate::report::Report;
use crate::report::words::{instant_for_people, number};

/// The document's title.
pub const TITLE: &str = "Access token compliance report";

/// How long lists may become; what is left out is announced with the file that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Findings of one severity, unknown results, waived results, owners: rows of each list.
    pub rows: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { rows: 300 }
    }
}

/// The whole report as blocks, ready to be laid out.
#[derive(Debug)]
pub struct Script {
    /// Laid out by itself: its blocks fill the page from both ends.
    pub cover: Page,
    pub blocks: Vec<Block>,
    pub headings: Vec<HeadingEntry>,
    pub running: Running,
}

/// Writes the sections in the order of the report.
pub fn script(report: &Report, limits: &Limits, sheet: &Sheet, book: &FontBook) -> Script {
    let mut writer = Writer { report, limits, blocks: Vec::new(), headings: Vec::new(), sections: 0 };
    let cover = cover::page(report, sheet, book);
    summary::write(&mut writer, |blocks| fits(blocks, sheet, book));
    contents(&mut writer);
    scope::write(&mut writer);
    results::write(&mut writer);
    findings::write(&mut writer);
    unknown::write(&mut writer);
    owners::write(&mut writer);
    registers::write(&mut writer);
    frameworks::write(&mut writer);
    annex::write(&mut writer);
    Script { cover, blocks: writer.blocks, headings: writer.headings, running: running(report) }
}

/// Whether blocks need no more than one page.
fn fits(blocks: &[Block], sheet: &Sheet, book: &FontBook) -> bool {
    let mut layout = Layout::new(book, sheet.frame, &[]);
    for block in blocks {
        layout.add(block);
    }
    layout.finish().len() == 1
}

fn contents(writer: &mut Writer<'_>) {
    writer.add(Block::PageBreak);
    let title = vec![Span::new("Contents").bold().tone(Tone::Accent)];
    writer.add(Paragraph::new(title).size(Size::SECTION).after(6.0).keep_with_next());
    writer.add(Block::Contents);
}

fn running(report: &Report) -> Running {
    let organisation = report.branding.organisation.as_ref().map_or_else(String::new, |name| format!(" · {name}"));
    let period = report.run.period.as_ref().map_or_else(String::new, |period| format!(" {}", period.name));
    let classification = report.branding.classification.as_deref().unwrap_or_default();
    let foot = format!("Run {} · as of {}", report.run.id, instant_for_people(report.run.as_of));
    Running {
        classification: vec![Span::new(classification).bold().tone(Tone::Accent)],
        title: vec![Span::new(&format!("{TITLE}{period}{organisation}")).muted()],
        run: vec![Span::new(&foot).muted()],
    }
}

/// Collects blocks and headings.
struct Writer<'a> {
    report: &'a Report,
    limits: &'a Limits,
    blocks: Vec<Block>,
    headings: Vec<HeadingEntry>,
    sections: usize,
}

impl Writer<'_> {
    fn add(&mut self, block: impl Into<Block>) {
        self.blocks.push(block.into());
    }

    /// A numbered section; it does not begin on the last lines of a page.
    fn section(&mut self, title: &str) {
        self.add(Block::Need(170.0));
        let heading = self.section_heading(title);
        self.add(heading);
    }

    fn section_heading(&mut self, title: &str) -> Block {
        self.sections += 1;
        let title = format!("{}  {title}", self.sections);
        let text = vec![Span::new(&title).bold().tone(Tone::Accent)];
        self.heading(Level::Section, &title, text)
    }

    fn subsection(&mut self, title: &str) {
        let heading = self.heading(Level::Subsection, title, vec![Span::new(title).bold()]);
        self.add(heading);
    }

    fn heading(&mut self, level: Level, title: &str, text: Text) -> Block {
        let number = self.headings.len();
        let title = brief(&crate::render::clean::line(title), 120);
        self.headings.push(HeadingEntry { level, title });
        Block::Heading { level, text, number }
    }

    /// What to say when a list of findings ends before its rows do.
    fn announce_findings(&mut self, shown: usize, all: usize, what: &str) {
        self.announce_in(shown, all, what, self.report.findings_file.as_deref().unwrap_or("report.json"));
    }

    /// What to say when another list ends before its rows do.
    fn announce(&mut self, shown: usize, all: usize, what: &str) {
        self.announce_in(shown, all, what, "report.json");
    }

    fn announce_in(&mut self, shown: usize, all: usize, what: &str, file: &str) {
        if shown < all {
            let words = format!("{} of {} {what} are shown here; all are in {file}.", number(shown as u64), number(all as u64));
            self.add(Paragraph::new(vec![Span::new(&words).bold()]));
        }
    }
}

/// A text of at most `most` characters; a longer one ends in an ellipsis. Only where the full text stands elsewhere.
fn brief(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A text of at most about `most` characters; what is left out is announced. For cells in which something follows it.
fn bounded(text: &str, most: usize) -> String {
    let all = text.chars().count();
    if all <= most {
        return text.to_owned();
    }
    let shown: String = text.chars().take(most).collect();
    format!("{shown}… ({} characters more in report.json)", number((all - most) as u64))
}

/// A count for a table cell; nothing is shown as a dash, so that numbers stand out.
fn count(value: u64) -> Text {
    if value == 0 { vec![Span::new("–").muted()] } else { plain(&number(value)) }
}

/// `1 token`, `2 tokens`.
fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}
