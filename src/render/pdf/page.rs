//! The sheet, its margins, and what runs at the head and foot of every page.

use super::font::FontBook;
use super::item::{Item, Page};
use super::layout::Frame;
use super::span::{Span, Text};
use super::style::{HAIRLINE, Size, Tone};
use super::text::{Line, single};
use crate::report::PageSize;
use std::collections::BTreeMap;

/// Width and height of the sheet and the frame of its text, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sheet {
    pub width: f32,
    pub height: f32,
    pub frame: Frame,
}

/// Distance of text and lines from the left and right edge.
pub const SIDE: f32 = 56.0;
const TOP: f32 = 76.0;
const BOTTOM: f32 = 64.0;

impl Sheet {
    pub fn new(size: PageSize) -> Sheet {
        let (width, height) = match size {
            PageSize::A4 => (595.28, 841.89),
            PageSize::Letter => (612.0, 792.0),
        };
        let frame = Frame { left: SIDE, top: TOP, width: width - 2.0 * SIDE, bottom: height - BOTTOM };
        Sheet { width, height, frame }
    }
}

/// The words at the head and foot of the pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    pub classification: Text,
    pub title: Text,
    pub run: Text,
}

/// Adds head and foot to every page; the first page, the cover, has no head but its classification.
pub fn decorate(pages: &mut [Page], running: &Running, sheet: &Sheet, book: &FontBook) {
    let total = pages.len();
    let frame = sheet.frame;
    let right = frame.left + frame.width;
    let half = frame.width / 2.0 - 8.0;
    for (index, page) in pages.iter_mut().enumerate() {
        let head = 38.0;
        page.items.extend(single(&running.classification, Size::SMALL, half, book).placed(frame.left, head));
        if index > 0 {
            let title = single(&running.title, Size::SMALL, half, book);
            place_right(page, &title, right, head);
            hairline(page, frame, head + 14.0);
        }
        let foot = sheet.height - 46.0;
        hairline(page, frame, foot - 4.0);
        let number = vec![Span::new(&format!("Page {} of {total}", index + 1)).muted()];
        let number = single(&number, Size::SMALL, 90.0, book);
        page.items.extend(single(&running.run, Size::SMALL, frame.width - 100.0, book).placed(frame.left, foot));
        place_right(page, &number, right, foot);
    }
}

fn place_right(page: &mut Page, line: &Line, right: f32, y: f32) {
    page.items.extend(line.placed(right - line.width, y));
}

fn hairline(page: &mut Page, frame: Frame, y: f32) {
    let (from, to) = ((frame.left, y), (frame.left + frame.width, y));
    page.items.push(Item::Line { from, to, width: HAIRLINE, tone: Tone::Hairline });
}

/// Page (counted from 0) and distance from its top of every heading.
pub fn anchors(pages: &[Page]) -> BTreeMap<usize, (usize, f32)> {
    let mut found = BTreeMap::new();
    for (index, page) in pages.iter().enumerate() {
        for item in &page.items {
            if let Item::Anchor { heading, y } = item {
                found.insert(*heading, (index, *y));
            }
        }
    }
    found
}

/// Writes the page numbers into the contents.
pub fn number_contents(pages: &mut [Page], anchors: &BTreeMap<usize, (usize, f32)>, book: &FontBook) {
    for page in pages {
        if !page.items.iter().any(|item| matches!(item, Item::PageOf { .. })) {
            continue;
        }
        let mut items = Vec::with_capacity(page.items.len());
        for item in page.items.drain(..) {
            match item {
                Item::PageOf { heading, right, baseline } => {
                    let text = anchors.get(&heading).map_or_else(String::new, |(page, _)| (page + 1).to_string());
                    let line = single(&[Span::new(&text)], Size::BODY, 60.0, book);
                    let top = baseline - Size::BODY.leading / 2.0 - 0.357 * Size::BODY.points;
                    items.extend(line.placed(right - line.width, top));
                }
                other => items.push(other),
            }
        }
        page.items = items;
    }
}
