//! The PDF report: the document of record.
//!
//! [`content`] says what the report holds as a list of [`block::Block`]s, [`layout`] places them on pages of
//! [`item::Item`]s, [`paint`] writes the pages as PDF. Everything before `paint` is plain data and tested as such.

mod block;
mod chart;
mod content;
mod document;
mod fallback;
mod font;
mod item;
mod layout;
mod page;
mod paint;
mod prose;
mod sfnt;
mod span;
mod style;
mod table;
#[cfg(test)]
mod tests;
mod text;

use crate::render::clean::line;
use crate::render::{RenderError, Rendered, Renderer};
use crate::report::Report;
use content::Limits;
use document::Facts;
use font::{FaceId, FontBook};
use item::{Item, Page};
use layout::{HeadingEntry, Layout};
use page::Sheet;
use std::io::Write;

/// Writes `report.pdf`.
pub struct Pdf;

impl Renderer for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn file_name(&self) -> &'static str {
        "report.pdf"
    }

    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Rendered, RenderError> {
        let book = FontBook::with_system_fonts();
        let document = lay_out(report, &Limits::default(), &book);
        let facts = facts(report, document.headings);
        let bytes = paint::paint(&document.pages, &document.sheet, &facts, &book)?;
        out.write_all(&bytes)?;
        Ok(Rendered { missing_glyphs: missing_glyphs(&document.pages) })
    }
}

/// All pages with everything on them.
#[derive(Debug)]
struct LaidOut {
    pages: Vec<Page>,
    sheet: Sheet,
    headings: Vec<HeadingEntry>,
}

fn lay_out(report: &Report, limits: &Limits, book: &FontBook) -> LaidOut {
    let sheet = Sheet::new(report.branding.page);
    let script = content::script(report, limits, &sheet, book);
    let mut pages = vec![script.cover];
    let mut layout = Layout::new(book, sheet.frame, &script.headings);
    for block in &script.blocks {
        layout.add(block);
    }
    pages.append(&mut layout.finish());
    let anchors = page::anchors(&pages);
    page::number_contents(&mut pages, &anchors, book);
    page::decorate(&mut pages, &script.running, &sheet, book);
    LaidOut { pages, sheet, headings: script.headings }
}

fn facts(report: &Report, headings: Vec<HeadingEntry>) -> Facts {
    let organisation = report.branding.organisation.as_deref().map(|name| line(name).into_owned()).unwrap_or_default();
    let period = report.run.period.as_ref().map_or_else(String::new, |period| format!(" {}", period.name));
    Facts {
        title: format!("{}{period}", content::TITLE),
        author: organisation,
        subject: format!("Run {}, policy {}", report.run.id, line(&report.run.policy.name)),
        creator: format!("countersign {}", report.run.tool_version),
        language: if report.branding.language.is_empty() {
            "en".to_owned()
        } else {
            line(&report.branding.language).into_owned()
        },
        as_of: report.run.as_of,
        headings,
    }
}

/// The text of all pages as a reader finds it, for the rules that every output keeps.
#[cfg(test)]
pub fn text_of_pages(report: &Report) -> String {
    let document = lay_out(report, &Limits::default(), &FontBook::bundled());
    document.pages.iter().map(|page| page.text() + "\n").collect()
}

fn missing_glyphs(pages: &[Page]) -> u64 {
    let runs = pages.iter().flat_map(|page| &page.items).filter_map(|item| match item {
        Item::Text(run) if run.face == FaceId::Missing => Some(run.text.chars().count() as u64),
        _ => None,
    });
    runs.sum()
}
