//! Tables: weighted columns, a heading that is repeated on every page, rows that are never split.

use super::font::FontBook;
use super::item::Item;
use super::layout::Piece;
use super::span::{Span, Text};
use super::style::{HAIRLINE, HEADING_LINE, Size, Tone, space};
use super::text::{Line, clamped, natural_width, single};
use std::rc::Rc;

/// A cell shows at most this many lines; what is left out is announced in the cell. Bounds a row below a page.
const MOST_CELL_LINES: usize = 14;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Width {
    /// As wide as the widest cell, up to a limit in points.
    Fit(f32),
    /// A share of what the fitted columns leave.
    Share(f32),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub heading: String,
    pub width: Width,
    pub align: Align,
}

impl Column {
    /// Text that takes a share of the width.
    pub fn share(heading: &str, weight: f32) -> Column {
        Column { heading: heading.to_owned(), width: Width::Share(weight), align: Align::Left }
    }

    /// Short text, as wide as it needs.
    pub fn fit(heading: &str, limit: f32) -> Column {
        Column { heading: heading.to_owned(), width: Width::Fit(limit), align: Align::Left }
    }

    /// Numbers, aligned at their last digit.
    pub fn number(heading: &str) -> Column {
        Column { heading: heading.to_owned(), width: Width::Fit(72.0), align: Align::Right }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    Cells(Vec<Text>),
    /// A line across all columns that names the rows below it; repeated when they go on on a new page.
    Group(Text),
    /// Sums, under a stronger line.
    Total(Vec<Text>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// What the rows belong to, said again above the heading where they go on on a new page.
    pub belongs_to: Text,
}

/// A column with its place.
struct Placed<'a> {
    column: &'a Column,
    x: f32,
    width: f32,
}

impl Table {
    pub fn new(columns: Vec<Column>) -> Table {
        Table { columns, rows: Vec::new(), belongs_to: Text::new() }
    }

    pub fn row(&mut self, cells: Vec<Text>) {
        self.rows.push(Row::Cells(cells));
    }

    /// One piece for the heading and one for each row.
    pub fn pieces(&self, width: f32, book: &FontBook, out: &mut Vec<Piece>) {
        let columns = self.placed(width, book);
        let heading = heading_piece(&columns, width, book);
        out.push(heading.clone());
        let heading = Rc::new(match continued(&self.belongs_to) {
            Some(text) => stack(caption_piece(&text, width, book), heading),
            None => heading,
        });
        let mut repeated = Rc::clone(&heading);
        let last = self.rows.len().saturating_sub(1);
        for (index, row) in self.rows.iter().enumerate() {
            let mut piece = match row {
                Row::Cells(cells) => row_piece(cells, &columns, width, false, book),
                Row::Total(cells) => row_piece(cells, &columns, width, true, book),
                Row::Group(text) => {
                    let again = continued(text).unwrap_or_default();
                    repeated = Rc::new(stack(Piece::clone(&heading), group_piece(&again, width, book)));
                    group_piece(text, width, book)
                }
            };
            // A group's own line does not need its continuation above it.
            piece.repeat = Some(Rc::clone(if matches!(row, Row::Group(_)) { &heading } else { &repeated }));
            if index == last {
                piece.after = space::AFTER_TABLE;
            }
            // The first two rows stay together, and the last two, so that no page holds a single one.
            if index < last && (index == 0 || index + 1 == last) {
                piece.keep_with_next = true;
            }
            out.push(piece);
        }
    }

    /// The gap behind each column; numbers keep more distance from text that follows them.
    fn gaps(&self) -> Vec<f32> {
        let next = self.columns.iter().skip(1).map(Some).chain([None]);
        let gap = |(column, next): (&Column, Option<&Column>)| match next {
            None => 0.0,
            Some(next) if column.align == Align::Right && next.align == Align::Left => space::NUMBERS,
            Some(_) => space::COLUMN,
        };
        self.columns.iter().zip(next).map(gap).collect()
    }

    fn widest_cell(&self, index: usize, book: &FontBook) -> f32 {
        let cells = self.rows.iter().filter_map(|row| match row {
            Row::Cells(cells) | Row::Total(cells) => cells.get(index),
            Row::Group(_) => None,
        });
        cells.map(|cell| natural_width(cell, Size::TABLE, book)).fold(0.0, f32::max) + 0.2
    }

    fn placed(&self, width: f32, book: &FontBook) -> Vec<Placed<'_>> {
        let gaps = self.gaps();
        let free = width - gaps.iter().sum::<f32>();
        let least: Vec<f32> = self.columns.iter().map(|column| heading_width(column, book)).collect();
        let mut wanted: Vec<f32> = Vec::with_capacity(self.columns.len());
        for (index, column) in self.columns.iter().enumerate() {
            wanted.push(match column.width {
                Width::Share(_) => 0.0,
                Width::Fit(limit) => self.widest_cell(index, book).min(limit),
            });
        }
        let shares: f32 = self.columns.iter().map(share).sum();
        let fits = |column: &&Column| share(column) == 0.0;
        let needed: f32 = self.columns.iter().zip(&least).filter(|(column, _)| fits(column)).map(|(_, least)| least).sum();
        let extra: f32 = self
            .columns
            .iter()
            .zip(least.iter().zip(&wanted))
            .filter(|(column, _)| fits(column))
            .map(|(_, (least, wanted))| (wanted - least).max(0.0))
            .sum();
        // Fitted columns may not starve the others; their headings are never broken inside a word.
        let most = (if shares > 0.0 { free * 0.66 } else { free } - needed).max(0.0);
        let scale = if extra > most { most / extra } else { 1.0 };
        let rest = free - needed - extra * scale;
        let mut x = 0.0;
        let mut placed = Vec::with_capacity(self.columns.len());
        for (column, ((least, wanted), gap)) in self.columns.iter().zip(least.into_iter().zip(wanted).zip(gaps)) {
            let width = match column.width {
                Width::Fit(_) => least + (wanted - least).max(0.0) * scale,
                Width::Share(weight) => rest * weight / shares,
            };
            placed.push(Placed { column, x, width });
            x += width + gap;
        }
        placed
    }
}

/// Width of the longest word of a column's heading.
fn heading_width(column: &Column, book: &FontBook) -> f32 {
    let words = column.heading.split(' ').map(|word| natural_width(&heading_text(word), Size::SMALL, book));
    // A little more, so that rounding never breaks the widest word.
    words.fold(0.0, f32::max) + 0.2
}

fn share(column: &Column) -> f32 {
    match column.width {
        Width::Share(weight) => weight,
        Width::Fit(_) => 0.0,
    }
}

fn heading_text(words: &str) -> Text {
    vec![Span::new(words).bold().muted()]
}

fn put(line: &Line, column: &Placed<'_>, y: f32, items: &mut Vec<Item>) {
    let x = match column.column.align {
        Align::Left => column.x,
        Align::Right => column.x + column.width - line.width,
    };
    items.extend(line.placed(x, y));
}

fn heading_piece(columns: &[Placed<'_>], width: f32, book: &FontBook) -> Piece {
    let set: Vec<Vec<Line>> = columns
        .iter()
        .map(|column| clamped(&heading_text(&column.column.heading), Size::SMALL, column.width, MOST_CELL_LINES, book))
        .collect();
    let tallest = set.iter().map(Vec::len).max().unwrap_or(1);
    let mut items = Vec::new();
    for (column, lines) in columns.iter().zip(&set) {
        // Headings of several lines stand on the line below them.
        let first = tallest - lines.len();
        for (index, line) in lines.iter().enumerate() {
            put(line, column, (first + index) as f32 * Size::SMALL.leading, &mut items);
        }
    }
    let height = tallest as f32 * Size::SMALL.leading + space::CELL;
    items.push(Item::Line { from: (0.0, height), to: (width, height), width: HEADING_LINE, tone: Tone::Ink });
    Piece { height: height + 0.6, items, keep_with_next: true, ..Piece::default() }
}

fn row_piece(cells: &[Text], columns: &[Placed<'_>], width: f32, total: bool, book: &FontBook) -> Piece {
    let mut items = Vec::new();
    let mut tallest = 1;
    let top = space::CELL;
    for (cell, column) in cells.iter().zip(columns) {
        let set = clamped(cell, Size::TABLE, column.width, MOST_CELL_LINES, book);
        tallest = tallest.max(set.len());
        for (index, line) in set.iter().enumerate() {
            put(line, column, top + index as f32 * Size::TABLE.leading, &mut items);
        }
    }
    let height = tallest as f32 * Size::TABLE.leading + 2.0 * space::CELL;
    if total {
        items.push(Item::Line { from: (0.0, 0.0), to: (width, 0.0), width: HEADING_LINE, tone: Tone::Muted });
    } else {
        items.push(Item::Line { from: (0.0, height), to: (width, height), width: HAIRLINE, tone: Tone::Hairline });
    }
    Piece { height, items, ..Piece::default() }
}

fn continued(text: &Text) -> Option<Text> {
    let mark = (!text.is_empty()).then(|| Span::new(" (continued)").muted())?;
    Some(text.iter().cloned().chain([mark]).collect())
}

fn caption_piece(text: &Text, width: f32, book: &FontBook) -> Piece {
    let items = single(text, Size::TABLE, width, book).placed(0.0, 0.0).collect();
    Piece { height: Size::TABLE.leading + 2.0 * space::CELL, items, ..Piece::default() }
}

fn group_piece(text: &Text, width: f32, book: &FontBook) -> Piece {
    let mut items = Vec::new();
    let top = 2.0 * space::CELL;
    items.extend(single(text, Size::TABLE, width, book).placed(0.0, top));
    let height = top + Size::TABLE.leading + space::CELL;
    items.push(Item::Line { from: (0.0, height), to: (width, height), width: HAIRLINE, tone: Tone::Hairline });
    Piece { height, items, keep_with_next: true, ..Piece::default() }
}

/// Two pieces as one, the second below the first.
fn stack(mut first: Piece, mut second: Piece) -> Piece {
    for item in &mut second.items {
        item.shift(0.0, first.height);
    }
    first.items.append(&mut second.items);
    first.height += second.height;
    first
}
