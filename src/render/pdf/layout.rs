//! Blocks become pieces, pieces become pages.
//!
//! A piece is the smallest thing that has a place: a line of a paragraph, a row of a table. Pieces that must stay
//! together are held back until the one that ends their chain, so headings are never left alone at the foot of a page.

use super::block::{Block, Level};
use super::chart;
use super::font::FontBook;
use super::item::{Item, Page};
use super::prose;
use super::span::Span;
use super::style::{Size, Tone, space};
use super::text::single;
use std::rc::Rc;

/// The part of a page that blocks may fill, in points from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub bottom: f32,
}

/// Something of a known height that is never split.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Piece {
    /// Space above, left out at the top of a page.
    pub before: f32,
    pub height: f32,
    /// Space below, left out at the foot of a page.
    pub after: f32,
    /// Places count from the piece's upper left corner.
    pub items: Vec<Item>,
    pub keep_with_next: bool,
    /// Set above the piece when it begins a page: the heading of its table.
    pub repeat: Option<Rc<Piece>>,
    /// The piece begins a new page.
    pub breaks: bool,
    /// The piece begins a new page unless this much height is left.
    pub need: f32,
}

impl Piece {
    /// Only says where a page begins, and takes no space.
    fn is_marker(&self) -> bool {
        self.breaks || self.need > 0.0
    }
}

/// A heading of the document: a bookmark, and a line of the contents.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadingEntry {
    pub level: Level,
    pub title: String,
}

/// Places blocks one after the other on as many pages as they need.
#[derive(Debug)]
pub struct Layout<'a> {
    book: &'a FontBook,
    frame: Frame,
    headings: &'a [HeadingEntry],
    pages: Vec<Page>,
    /// Where the next piece begins, and the space owed above it.
    y: f32,
    owed: f32,
    chain: Vec<Piece>,
}

impl<'a> Layout<'a> {
    pub fn new(book: &'a FontBook, frame: Frame, headings: &'a [HeadingEntry]) -> Layout<'a> {
        Layout { book, frame, headings, pages: vec![Page::default()], y: frame.top, owed: 0.0, chain: Vec::new() }
    }

    /// Lays out a block below what is there.
    pub fn add(&mut self, block: &Block) {
        let mut pieces = Vec::new();
        self.pieces(block, self.frame.width, &mut pieces);
        for piece in pieces {
            let more = piece.keep_with_next;
            self.chain.push(piece);
            if !more {
                self.place_chain();
            }
        }
    }

    /// All pages; there is at least one.
    pub fn finish(mut self) -> Vec<Page> {
        self.place_chain();
        self.pages
    }

    fn at_top(&self) -> bool {
        self.y <= self.frame.top
    }

    fn new_page(&mut self) {
        self.pages.push(Page::default());
        self.y = self.frame.top;
        self.owed = 0.0;
    }

    fn place_chain(&mut self) {
        let chain = std::mem::take(&mut self.chain);
        let Some(first) = chain.first() else { return };
        if !self.at_top() && (first.breaks || self.frame.bottom - self.y - self.owed < first.need) {
            self.new_page();
        }
        let mut height = 0.0;
        let mut gap = self.owed;
        for piece in chain.iter().filter(|piece| !piece.is_marker()) {
            height += gap.max(piece.before) + piece.height;
            gap = piece.after;
        }
        let whole = self.frame.bottom - self.frame.top;
        if !self.at_top() && self.y + height > self.frame.bottom && height <= whole {
            self.new_page();
        }
        for piece in chain.into_iter().filter(|piece| !piece.is_marker()) {
            self.place(piece);
        }
    }

    fn place(&mut self, piece: Piece) {
        let gap = if self.at_top() { 0.0 } else { self.owed.max(piece.before) };
        if !self.at_top() && self.y + gap + piece.height > self.frame.bottom {
            self.new_page();
        } else {
            self.y += gap;
        }
        if self.at_top()
            && let Some(repeat) = &piece.repeat
        {
            self.put(repeat.items.clone(), repeat.height);
        }
        self.owed = piece.after;
        self.put(piece.items, piece.height);
    }

    fn put(&mut self, items: Vec<Item>, height: f32) {
        let (left, y) = (self.frame.left, self.y);
        if let Some(page) = self.pages.last_mut() {
            page.items.extend(items.into_iter().map(|mut item| {
                item.shift(left, y);
                item
            }));
        }
        self.y += height;
    }

    fn pieces(&self, block: &Block, width: f32, out: &mut Vec<Piece>) {
        match block {
            Block::Heading { level, text, number } => out.push(prose::heading(*level, text, *number, width, self.book)),
            Block::Paragraph(paragraph) => prose::paragraph(paragraph, width, self.book, out),
            Block::Bullets(entries) => prose::bullets(entries, width, self.book, out),
            Block::KeyValues { rows, label_width } => prose::key_values(rows, *label_width, width, self.book, out),
            Block::Table(table) => table.pieces(width, self.book, out),
            Block::Figures(figures) => out.push(chart::figures(figures, width, self.book)),
            Block::Bars(bars) => chart::bars(bars, width, self.book, out),
            Block::Parts(parts) => out.push(chart::parts(parts, width, self.book)),
            Block::Panel { tone, blocks } => self.panel(*tone, blocks, width, out),
            Block::Together(blocks) => {
                let start = out.len();
                for block in blocks {
                    self.pieces(block, width, out);
                }
                let end = out.len().saturating_sub(1);
                for piece in out.get_mut(start..end).unwrap_or_default() {
                    piece.keep_with_next = true;
                }
            }
            Block::Contents => self.contents(width, out),
            Block::Rule => out.push(chart::rule(width)),
            Block::Space(height) => out.push(Piece { after: *height, ..Piece::default() }),
            Block::PageBreak => out.push(Piece { breaks: true, keep_with_next: true, ..Piece::default() }),
            Block::Need(need) => out.push(Piece { need: *need, keep_with_next: true, ..Piece::default() }),
        }
    }

    fn panel(&self, tone: Tone, blocks: &[Block], width: f32, out: &mut Vec<Piece>) {
        const INDENT: f32 = 13.0;
        let start = out.len();
        for block in blocks {
            self.pieces(block, width - INDENT, out);
        }
        let end = out.len();
        for (index, piece) in out.get_mut(start..end).unwrap_or_default().iter_mut().enumerate() {
            for item in &mut piece.items {
                item.shift(INDENT, 0.0);
            }
            // The bar covers the space between pieces too; there is none above the first and below the last.
            let last = start + index + 1 == end;
            let gap = if last { 0.0 } else { std::mem::take(&mut piece.after) };
            piece.height += gap;
            piece.keep_with_next = !last || piece.keep_with_next;
            piece.items.push(Item::Rect { x: 0.0, y: 0.0, width: 3.0, height: piece.height, tone });
        }
        if let Some(piece) = out.last_mut() {
            piece.after = piece.after.max(space::AFTER_TABLE);
        }
    }

    /// Sections and subsections; the pages are filled in when they are known.
    fn contents(&self, width: f32, out: &mut Vec<Piece>) {
        let listed = self.headings.iter().enumerate().filter(|(_, heading)| heading.level < Level::Group);
        for (number, heading) in listed {
            let section = heading.level == Level::Section;
            let (indent, before) = if section { (0.0, 2.6) } else { (20.0, 0.0) };
            let span = Span::new(&heading.title);
            let span = if section { span.bold() } else { span };
            let line = single(&[span], Size::BODY, width - indent - 50.0, self.book);
            let height = Size::BODY.leading;
            let baseline = height / 2.0 + 0.357 * Size::BODY.points;
            let mut items: Vec<Item> = line.placed(indent, 0.0).collect();
            if section {
                let (from, to) = ((indent + line.width + 6.0, baseline), (width - 26.0, baseline));
                items.push(Item::Line { from, to, width: 0.4, tone: Tone::Hairline });
            }
            items.push(Item::PageOf { heading: number, right: width, baseline });
            items.push(Item::Link { x: 0.0, y: 0.0, width, height, heading: number });
            out.push(Piece { before, height, items, ..Piece::default() });
        }
        if let Some(piece) = out.last_mut() {
            piece.after = space::AFTER_TABLE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::paragraph;
    use super::super::span::plain;
    use super::super::table::{Column, Table};
    use super::*;

    const FRAME: Frame = Frame { left: 50.0, top: 50.0, width: 300.0, bottom: 250.0 };

    fn pages(blocks: &[Block]) -> Vec<String> {
        let book = FontBook::bundled();
        let mut layout = Layout::new(&book, FRAME, &[]);
        for block in blocks {
            layout.add(block);
        }
        layout.finish().iter().map(Page::text).collect()
    }

    fn heading() -> Block {
        Block::Heading { level: Level::Subsection, text: plain("Heading"), number: 0 }
    }

    #[test]
    fn a_heading_moves_with_what_follows_it() {
        for space in 0..200 {
            let pages = pages(&[paragraph("Before"), Block::Space(space as f32), heading(), paragraph("After")]);
            let with = pages.iter().find(|page| page.contains("Heading")).cloned().unwrap_or_default();
            assert!(with.contains("After"), "{space}: {pages:?}");
        }
    }

    #[test]
    fn blocks_that_belong_together_move_together_unless_no_page_holds_them() {
        let lines = |count: usize| Block::Together((0..count).map(|line| paragraph(&format!("line {line}"))).collect());
        let kept = pages(&[paragraph("Before"), lines(10)]);
        assert_eq!(kept.len(), 2);
        assert!(kept.last().is_some_and(|page| page.starts_with("line 0")));
        let split = pages(&[paragraph("Before"), lines(40)]);
        assert!(split.len() >= 3);
        assert_eq!(split.join("\n").matches("line ").count(), 40);
    }

    #[test]
    fn a_table_begins_every_page_with_its_heading_and_loses_no_row() {
        let mut table = Table::new(vec![Column::share("Name", 1.0), Column::number("Number")]);
        table.belongs_to = plain("Of something");
        for row in 0..60 {
            table.row(vec![plain(&format!("row-{row}")), plain(&row.to_string())]);
        }
        let pages = pages(&[heading(), Block::Table(table)]);
        assert!(pages.len() > 4);
        for (number, page) in pages.iter().enumerate() {
            let start = if number == 0 { "Heading\nName Number\nrow-0 0" } else { "Of something (continued)\nName Number\nrow-" };
            assert!(page.starts_with(start), "{page}");
            assert!(page.matches("row-").count() >= 2, "{page}");
        }
        let all: Vec<&str> = pages.iter().flat_map(|page| page.lines()).filter(|line| line.starts_with("row-")).collect();
        let expected: Vec<String> = (0..60).map(|row| format!("row-{row} {row}")).collect();
        assert_eq!(all, expected);
    }

    #[test]
    fn a_needed_height_begins_a_new_page_only_where_it_is_missing() {
        assert_eq!(pages(&[paragraph("One"), Block::Need(100.0), paragraph("Two")]).len(), 1);
        assert_eq!(pages(&[paragraph("One"), Block::Space(120.0), Block::Need(100.0), paragraph("Two")]).len(), 2);
    }
}
