//! Figures and bars, drawn from rectangles. Every bar carries its number in words; colour alone says nothing.

use super::block::{Bar, Figure, Part};
use super::font::FontBook;
use super::item::Item;
use super::layout::Piece;
use super::span::{Span, plain};
use super::style::{HEADING_LINE, Size, Tone, space};
use super::text::{lines, natural_width, single};
use crate::report::words::number;

/// Large numbers in columns of equal width.
pub fn figures(figures: &[Figure], width: f32, book: &FontBook) -> Piece {
    let gap = 14.0;
    let count = figures.len().max(1) as f32;
    let column = (width - gap * (count - 1.0)) / count;
    let mut items = Vec::new();
    let mut tallest: f32 = 0.0;
    for (index, figure) in figures.iter().enumerate() {
        let x = index as f32 * (column + gap);
        items.push(Item::Line { from: (x, 0.0), to: (x + column, 0.0), width: 1.6, tone: figure.tone });
        let value = vec![Span::new(&figure.value).bold().tone(figure.tone)];
        // Ten-digit counts are set smaller instead of being cut.
        let size = if natural_width(&value, Size::FIGURE, book) > column { Size::SUBSECTION } else { Size::FIGURE };
        items.extend(single(&value, size, column, book).placed(x, 6.0 + Size::FIGURE.leading - size.leading));
        let mut y = 6.0 + Size::FIGURE.leading;
        for line in lines(&[Span::new(&figure.label).muted()], Size::TABLE, column, book) {
            items.extend(line.placed(x, y));
            y += Size::TABLE.leading;
        }
        tallest = tallest.max(y);
    }
    Piece { height: tallest, items, after: 10.0, ..Piece::default() }
}

/// Bars on one scale, each a piece of its own.
pub fn bars(bars: &[Bar], width: f32, book: &FontBook, out: &mut Vec<Piece>) {
    let label_width =
        bars.iter().map(|bar| natural_width(&bar.label, Size::TABLE, book)).fold(0.0, f32::max).min(width * 0.4) + space::COLUMN;
    let note_width =
        bars.iter().map(|bar| natural_width(&plain(&bar.note), Size::TABLE, book)).fold(0.0, f32::max).min(width * 0.3) + 6.0;
    let scale = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1) as f64;
    let room = width - label_width - note_width;
    for (index, bar) in bars.iter().enumerate() {
        let mut items = Vec::new();
        items.extend(single(&bar.label, Size::TABLE, label_width - space::COLUMN, book).placed(0.0, 1.0));
        let mut length = (bar.value as f64 / scale) as f32 * room;
        if bar.value > 0 {
            // The smallest count is still seen.
            length = length.max(1.5);
            items.push(Item::Rect { x: label_width, y: 2.2, width: length, height: 8.4, tone: bar.tone });
        }
        let note = single(&plain(&bar.note), Size::TABLE, note_width, book);
        items.extend(note.placed(label_width + length + 5.0, 1.0));
        let last = index + 1 == bars.len();
        let after = if last { space::AFTER_TABLE } else { 0.0 };
        out.push(Piece { height: 13.6, items, keep_with_next: !last, after, ..Piece::default() });
    }
}

/// One divided bar with a legend below it, in the order of the parts.
pub fn parts(parts: &[Part], width: f32, book: &FontBook) -> Piece {
    let total = parts.iter().map(|part| part.value).sum::<u64>();
    let mut items = Vec::new();
    let height = 11.0;
    if total == 0 {
        items.push(Item::Rect { x: 0.0, y: 0.0, width, height, tone: Tone::Wash });
    }
    let mut before = 0u64;
    for part in parts.iter().filter(|part| part.value > 0 && total > 0) {
        let start = (before as f64 / total as f64) as f32 * width;
        before += part.value;
        let end = (before as f64 / total as f64) as f32 * width;
        // White gaps keep neighbours apart without colour.
        let gap = if before < total { 1.2 } else { 0.0 };
        // The smallest part is still seen.
        let length = (end - start - gap).max(0.8);
        items.push(Item::Rect { x: start.min(width - length), y: 0.0, width: length, height, tone: part.tone });
    }
    let mut x = 0.0;
    let mut y = height + 4.0;
    for part in parts {
        let words = vec![Span::new(&number(part.value)).bold(), Span::new(&format!(" {}", part.label)).muted()];
        let entry = natural_width(&words, Size::TABLE, book) + 11.0;
        if x > 0.0 && x + entry > width {
            x = 0.0;
            y += Size::TABLE.leading;
        }
        items.push(Item::Rect { x, y: y + 2.4, width: 6.0, height: 6.0, tone: part.tone });
        items.extend(single(&words, Size::TABLE, width - 11.0, book).placed(x + 9.5, y));
        x += entry + 12.0;
    }
    Piece { height: y + Size::TABLE.leading, items, after: space::AFTER_TABLE, ..Piece::default() }
}

/// A strong line across the text.
pub fn rule(width: f32) -> Piece {
    let items = vec![Item::Line { from: (0.0, 4.0), to: (width, 4.0), width: HEADING_LINE, tone: Tone::Accent }];
    Piece { height: 8.0, items, ..Piece::default() }
}
