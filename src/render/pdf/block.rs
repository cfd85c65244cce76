//! What a report says, block by block, before anything has a place on a page.

use super::span::{Span, Text};
use super::style::{Size, Tone, space};
use super::table::Table;

/// One building block of the report.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Heading number in the script's list of headings; it is a bookmark and may be a line of the contents.
    Heading {
        level: Level,
        text: Text,
        number: usize,
    },
    Paragraph(Paragraph),
    Bullets(Vec<Text>),
    /// Labels and values side by side.
    KeyValues {
        rows: Vec<(String, Text)>,
        label_width: f32,
    },
    Table(Table),
    /// Large numbers side by side.
    Figures(Vec<Figure>),
    /// One bar for each row, all on one scale.
    Bars(Vec<Bar>),
    /// One bar of several parts, with a legend.
    Parts(Vec<Part>),
    /// Blocks with a coloured bar on their left.
    Panel {
        tone: Tone,
        blocks: Vec<Block>,
    },
    /// Blocks that stay on one page if a page can hold them.
    Together(Vec<Block>),
    /// The list of headings with their pages.
    Contents,
    Rule,
    Space(f32),
    PageBreak,
    /// Begins a new page unless this much of the current one is left.
    Need(f32),
}

/// Depth of a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Section,
    Subsection,
    Group,
}

/// Running text.
#[derive(Debug, Clone, PartialEq)]
pub struct Paragraph {
    pub text: Text,
    pub size: Size,
    /// Space below.
    pub after: f32,
    /// Stays with the block that follows.
    pub keep_with_next: bool,
    /// Longest allowed number of lines; the rest is announced.
    pub most_lines: usize,
}

impl Paragraph {
    pub fn new(text: Text) -> Paragraph {
        Paragraph { text, size: Size::BODY, after: space::AFTER_PARAGRAPH, keep_with_next: false, most_lines: usize::MAX }
    }

    pub fn size(mut self, size: Size) -> Paragraph {
        self.size = size;
        self
    }

    pub fn after(mut self, after: f32) -> Paragraph {
        self.after = after;
        self
    }

    pub fn keep_with_next(mut self) -> Paragraph {
        self.keep_with_next = true;
        self
    }

    /// At least three, so that an announcement has room.
    pub fn most_lines(mut self, lines: usize) -> Paragraph {
        self.most_lines = lines.max(3);
        self
    }
}

impl From<Paragraph> for Block {
    fn from(paragraph: Paragraph) -> Block {
        Block::Paragraph(paragraph)
    }
}

/// A paragraph of body text.
pub fn paragraph(text: &str) -> Block {
    Paragraph::new(vec![Span::new(text)]).into()
}

/// A large number with what it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub value: String,
    pub label: String,
    pub tone: Tone,
}

/// A bar with its label on the left and its number behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub label: Text,
    pub value: u64,
    /// Spelled behind the bar.
    pub note: String,
    pub tone: Tone,
}

/// A part of a divided bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub label: String,
    pub value: u64,
    pub tone: Tone,
}
