//! What a laid-out page is made of. Nothing here knows a PDF: pages are tested as they are.

use super::font::FaceId;
use super::style::Tone;

/// Points from the left edge and from the top edge of the page; y grows downwards.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// One run of text in one face.
    Text(TextRun),
    Line {
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
        tone: Tone,
    },
    Rect {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        tone: Tone,
    },
    /// A drawn sign in a square of `size` whose upper left corner is given.
    Mark {
        mark: Mark,
        x: f32,
        y: f32,
        size: f32,
        tone: Tone,
    },
    /// A place that links and bookmarks point to: number of its heading.
    Anchor {
        heading: usize,
        y: f32,
    },
    /// An area that leads to a heading.
    Link {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        heading: usize,
    },
    /// The page number of a heading, set with its end at `right`; replaced by text when all pages are known.
    PageOf {
        heading: usize,
        right: f32,
        baseline: f32,
    },
}

/// Text on one baseline, in one face, size and colour.
#[derive(Debug, Clone, PartialEq)]
pub struct TextRun {
    pub x: f32,
    pub baseline: f32,
    pub width: f32,
    pub size: f32,
    pub face: FaceId,
    pub tone: Tone,
    pub text: String,
}

#[cfg(test)]
impl TextRun {
    /// Left, top, right and bottom of the visible text, accents and descenders included.
    pub fn bounds(&self) -> (f32, f32, f32, f32) {
        (self.x, self.baseline - 0.8 * self.size, self.x + self.width, self.baseline + 0.22 * self.size)
    }
}

/// Signs drawn as shapes, so that no font has to have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    Diamond,
    Triangle,
    Disc,
    Ring,
    Bullet,
}

impl Item {
    /// Moves the item by a distance.
    pub fn shift(&mut self, dx: f32, dy: f32) {
        match self {
            Item::Text(run) => {
                run.x += dx;
                run.baseline += dy;
            }
            Item::Line { from, to, .. } => {
                *from = (from.0 + dx, from.1 + dy);
                *to = (to.0 + dx, to.1 + dy);
            }
            Item::Rect { x, y, .. } | Item::Mark { x, y, .. } | Item::Link { x, y, .. } => {
                *x += dx;
                *y += dy;
            }
            Item::Anchor { y, .. } => *y += dy,
            Item::PageOf { right, baseline, .. } => {
                *right += dx;
                *baseline += dy;
            }
        }
    }
}

/// One page of placed items, in reading order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub items: Vec<Item>,
}

#[cfg(test)]
impl Page {
    /// The page's text, one line for each baseline, in reading order.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut last: Option<(f32, f32)> = None;
        for item in &self.items {
            let Item::Text(run) = item else { continue };
            if let Some((baseline, end)) = last {
                if (baseline - run.baseline).abs() > 0.5 {
                    text.push('\n');
                } else if run.x - end > 0.5 {
                    text.push(' ');
                }
            }
            text.push_str(&run.text);
            last = Some((run.baseline, run.x + run.width));
        }
        text
    }
}
