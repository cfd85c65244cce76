//! The typography of the report: its few sizes, spacings and colours. Lengths are points.

use crate::report::Severity;

/// One size of text with its distance from line to line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    pub points: f32,
    pub leading: f32,
}

impl Size {
    const fn new(points: f32, leading: f32) -> Size {
        Size { points, leading }
    }

    pub const TITLE: Size = Size::new(29.0, 35.0);
    pub const FIGURE: Size = Size::new(23.0, 27.0);
    pub const SECTION: Size = Size::new(17.0, 22.0);
    pub const SUBSECTION: Size = Size::new(11.5, 15.5);
    pub const GROUP: Size = Size::new(9.5, 13.0);
    pub const BODY: Size = Size::new(9.3, 13.4);
    pub const TABLE: Size = Size::new(8.0, 10.8);
    pub const SMALL: Size = Size::new(7.4, 10.0);
}

/// Distances between things.
pub mod space {
    pub const AFTER_PARAGRAPH: f32 = 6.0;
    pub const BEFORE_SECTION: f32 = 26.0;
    pub const BEFORE_SUBSECTION: f32 = 16.0;
    pub const BEFORE_GROUP: f32 = 12.0;
    pub const AFTER_SECTION: f32 = 8.0;
    pub const AFTER_HEADING: f32 = 5.0;
    pub const AFTER_TABLE: f32 = 8.0;
    pub const CELL: f32 = 2.6;
    pub const COLUMN: f32 = 9.0;
    /// Between numbers and the text to their right.
    pub const NUMBERS: f32 = 16.0;
}

/// Hairline and the line below a table's heading.
pub const HAIRLINE: f32 = 0.4;
pub const HEADING_LINE: f32 = 0.9;

/// What a colour says; the colours themselves are in one place below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Tone {
    #[default]
    Ink,
    Muted,
    Accent,
    Hairline,
    Wash,
    White,
    Severity(Severity),
    Pass,
    Fail,
    Unknown,
    Waived,
}

impl Tone {
    /// Red, green and blue. Text colours keep a contrast of at least 4.5:1 on white.
    pub const fn rgb(self) -> [u8; 3] {
        match self {
            Tone::Ink => [0x1b, 0x21, 0x2b],
            Tone::Muted => [0x59, 0x63, 0x70],
            Tone::Accent => [0x0f, 0x4c, 0x6b],
            Tone::Hairline => [0xc8, 0xce, 0xd6],
            Tone::Wash => [0xf1, 0xf4, 0xf7],
            Tone::White => [0xff, 0xff, 0xff],
            Tone::Severity(Severity::Critical) => [0x8f, 0x12, 0x20],
            Tone::Severity(Severity::High) => [0xb8, 0x3e, 0x0b],
            Tone::Severity(Severity::Medium) => [0x8a, 0x61, 0x05],
            Tone::Severity(Severity::Low) => [0x47, 0x55, 0x69],
            Tone::Pass => [0x1e, 0x6b, 0x52],
            Tone::Fail => [0x8f, 0x12, 0x20],
            Tone::Unknown => [0x59, 0x63, 0x70],
            Tone::Waived => [0x6a, 0x4a, 0x8c],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(tone: Tone) -> f64 {
        let [red, green, blue] = tone.rgb().map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn every_text_colour_keeps_its_contrast_on_white_and_on_the_wash() {
        let severities = Severity::ALL.map(Tone::Severity);
        let others = [Tone::Ink, Tone::Muted, Tone::Accent, Tone::Pass, Tone::Fail, Tone::Unknown, Tone::Waived];
        for tone in severities.into_iter().chain(others) {
            for ground in [Tone::White, Tone::Wash] {
                let contrast = (luminance(ground) + 0.05) / (luminance(tone) + 0.05);
                assert!(contrast >= 4.5, "{tone:?} on {ground:?}: {contrast:.2}");
            }
        }
    }
}
