//! Styled text before it has lines. Whatever reaches a page comes through [`Span::new`] and is cleaned there.

use super::font::Weight;
use super::item::Mark;
use super::style::Tone;
use crate::render::clean::line as clean_line;
use crate::report::Severity;

/// A stretch of text in one weight and colour, cleaned of control and bidirectional characters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Span {
    pub(super) text: String,
    pub(super) weight: Weight,
    pub(super) tone: Tone,
    pub(super) mark: Option<Mark>,
}

/// Text of one paragraph, cell or heading.
pub type Text = Vec<Span>;

impl Span {
    /// Plain text; everything that reaches a page comes through here and is cleaned.
    pub fn new(text: &str) -> Span {
        Span { text: clean_line(text).replace('\u{a0}', " "), ..Span::default() }
    }

    pub fn bold(mut self) -> Span {
        self.weight = Weight::Bold;
        self
    }

    pub fn italic(mut self) -> Span {
        self.weight = Weight::Italic;
        self
    }

    pub fn tone(mut self, tone: Tone) -> Span {
        self.tone = tone;
        self
    }

    pub fn muted(self) -> Span {
        self.tone(Tone::Muted)
    }

    /// The same look with other words.
    pub fn with_text(self, text: &str) -> Span {
        Span { text: Span::new(text).text, ..self }
    }

    /// The severity's sign and word in its colour.
    pub fn severity(severity: Severity) -> Span {
        let mark = match severity {
            Severity::Critical => Mark::Diamond,
            Severity::High => Mark::Triangle,
            Severity::Medium => Mark::Disc,
            Severity::Low => Mark::Ring,
        };
        Span { mark: Some(mark), ..Span::new(severity.word()).bold().tone(Tone::Severity(severity)) }
    }
}

impl From<Span> for Text {
    fn from(span: Span) -> Text {
        vec![span]
    }
}

/// Plain text in one span.
pub fn plain(text: &str) -> Text {
    vec![Span::new(text)]
}

/// Two texts, the second on lines of its own.
pub fn stacked(mut first: Text, second: Text) -> Text {
    if !second.is_empty() {
        first.push(Span { text: "\n".to_owned(), ..Span::default() });
        first.extend(second);
    }
    first
}
