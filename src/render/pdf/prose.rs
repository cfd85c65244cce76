//! Running text: headings, paragraphs, lists, labels with values.

use super::block::{Level, Paragraph};
use super::font::FontBook;
use super::item::{Item, Mark};
use super::layout::Piece;
use super::span::{Span, Text};
use super::style::{Size, Tone, space};
use super::text::{Line, clamped};

fn stacked_lines(set: &[Line], x: f32, leading: f32) -> Vec<Item> {
    set.iter().enumerate().flat_map(|(index, line)| line.placed(x, index as f32 * leading)).collect()
}

/// A heading; it stays with what follows it.
pub fn heading(level: Level, text: &Text, number: usize, width: f32, book: &FontBook) -> Piece {
    let (size, before) = match level {
        Level::Section => (Size::SECTION, space::BEFORE_SECTION),
        Level::Subsection => (Size::SUBSECTION, space::BEFORE_SUBSECTION),
        Level::Group => (Size::GROUP, space::BEFORE_GROUP),
    };
    let set = clamped(text, size, width, 6, book);
    let mut items = vec![Item::Anchor { heading: number, y: 0.0 }];
    items.extend(stacked_lines(&set, 0.0, size.leading));
    let height = set.len() as f32 * size.leading;
    let after = if level == Level::Section { space::AFTER_SECTION } else { space::AFTER_HEADING };
    Piece { before, height, after, items, keep_with_next: true, ..Piece::default() }
}

/// One piece for each line; the first two and the last two lines stay together.
pub fn paragraph(paragraph: &Paragraph, width: f32, book: &FontBook, out: &mut Vec<Piece>) {
    let set = clamped(&paragraph.text, paragraph.size, width, paragraph.most_lines, book);
    let count = set.len();
    for (index, line) in set.iter().enumerate() {
        let last = index + 1 == count;
        out.push(Piece {
            height: paragraph.size.leading,
            after: if last { paragraph.after } else { 0.0 },
            items: line.placed(0.0, 0.0).collect(),
            keep_with_next: if last {
                paragraph.keep_with_next
            } else {
                index == 0 || index + 2 == count || paragraph.keep_with_next
            },
            ..Piece::default()
        });
    }
}

/// A list; each entry begins with a dot.
pub fn bullets(entries: &[Text], width: f32, book: &FontBook, out: &mut Vec<Piece>) {
    const INDENT: f32 = 11.0;
    const MOST_LINES: usize = 8;
    for (position, entry) in entries.iter().enumerate() {
        let set = clamped(entry, Size::BODY, width - INDENT, MOST_LINES, book);
        let count = set.len();
        for (index, line) in set.iter().enumerate() {
            let mut items: Vec<Item> = Vec::new();
            if index == 0 {
                let y = Size::BODY.leading / 2.0 - 1.6;
                items.push(Item::Mark { mark: Mark::Bullet, x: 1.0, y, size: 3.2, tone: Tone::Accent });
            }
            items.extend(line.placed(INDENT, 0.0));
            let last = index + 1 == count;
            let after = match (last, position + 1 == entries.len()) {
                (true, true) => space::AFTER_PARAGRAPH,
                (true, false) => 2.0,
                _ => 0.0,
            };
            let keep_with_next = !last && (index == 0 || index + 2 == count);
            out.push(Piece { height: Size::BODY.leading, after, items, keep_with_next, ..Piece::default() });
        }
    }
}

/// Labels and values side by side.
pub fn key_values(rows: &[(String, Text)], label_width: f32, width: f32, book: &FontBook, out: &mut Vec<Piece>) {
    const MOST_LINES: usize = 12;
    let gap = 12.0;
    for (position, (label, value)) in rows.iter().enumerate() {
        let label = clamped(&[Span::new(label).muted()], Size::BODY, label_width, MOST_LINES, book);
        let value = clamped(value, Size::BODY, width - label_width - gap, MOST_LINES, book);
        let mut items = stacked_lines(&label, 0.0, Size::BODY.leading);
        items.extend(stacked_lines(&value, label_width + gap, Size::BODY.leading));
        let height = label.len().max(value.len()) as f32 * Size::BODY.leading;
        let last = position + 1 == rows.len();
        let after = if last { space::AFTER_TABLE } else { 1.6 };
        out.push(Piece { height, after, items, ..Piece::default() });
    }
}
