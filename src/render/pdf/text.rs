//! The breaking of styled text into lines.
//!
//! Lines break after spaces and between CJK characters. A word too long for a line of its own is an identifier or
//! a hostile name: it breaks after a separator if it has one, else anywhere.

use super::font::{FaceId, FontBook, Weight};
use super::item::{Item, Mark, TextRun};
use super::span::Span;
use super::style::{Size, Tone};
use crate::report::words::number;

/// One line, ready to be placed; positions count from its left end and its top.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    pub width: f32,
    items: Vec<Item>,
}

impl Line {
    /// The line's items with its upper left corner at a point.
    pub fn placed(&self, x: f32, y: f32) -> impl Iterator<Item = Item> + '_ {
        self.items.iter().cloned().map(move |mut item| {
            item.shift(x, y);
            item
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    Never,
    /// After a separator inside a word.
    Separator,
    /// After a space or at a CJK character.
    Free,
    Forced,
}

#[derive(Debug, Clone, Copy)]
struct Unit {
    character: char,
    /// Thousandths of an em.
    advance: u32,
    face: FaceId,
    span: usize,
    mark: Option<Mark>,
    after: Break,
}

/// Width of a drawn sign with the gap behind it, in thousandths of an em.
const MARK_ADVANCE: u32 = 1050;

/// Characters that are set without space between words, and may be parted anywhere.
fn is_ideographic(character: char) -> bool {
    matches!(u32::from(character), 0x2E80..=0x9FFF | 0xA960..=0xA97F | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F
        | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}

/// Joiners and variation selectors choose a form and have none themselves.
fn has_no_form(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Closing marks that may not begin a line.
fn clings_to_the_left(character: char) -> bool {
    "、。，．！？：；）」』】〕〉》ー…）".contains(character)
}

fn units(spans: &[Span], book: &FontBook) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::with_capacity(spans.iter().map(|span| span.text.len() + 1).sum());
    for (index, span) in spans.iter().enumerate() {
        if let Some(mark) = span.mark {
            let face = FaceId::Bundled(span.weight);
            let (span, mark) = (index, Some(mark));
            units.push(Unit { character: ' ', advance: MARK_ADVANCE, face, span, mark, after: Break::Never });
        }
        for character in span.text.chars() {
            let after = match character {
                '\n' => Break::Forced,
                ' ' | '\u{2002}'..='\u{200a}' | '\u{3000}' => Break::Free,
                '/' | '-' | '_' | '.' | ':' | '@' | '=' | ',' | ';' | '&' | '?' | '|' | '\\' | '+' => Break::Separator,
                _ if is_ideographic(character) => Break::Free,
                _ => Break::Never,
            };
            if let Some(before) = units.last_mut() {
                if clings_to_the_left(character) && before.after == Break::Free {
                    before.after = Break::Never;
                } else if is_ideographic(character) && before.after == Break::Never && before.mark.is_none() {
                    before.after = Break::Free;
                }
            }
            let glyph = match character {
                '\n' => book.glyph(' ', span.weight),
                _ => book.glyph(character, span.weight),
            };
            if glyph.face == FaceId::Missing && has_no_form(character) {
                continue;
            }
            let advance = if character == '\n' { 0 } else { u32::from(glyph.advance) };
            units.push(Unit { character, advance, face: glyph.face, span: index, mark: None, after });
        }
    }
    units
}

/// Where the line that starts at `start` ends: the index behind its last unit.
fn line_end(units: &[Unit], start: usize, limit: u32) -> usize {
    let mut width = 0;
    let (mut free, mut separator) = (None, None);
    let rest = units.get(start..).unwrap_or_default();
    for (offset, unit) in rest.iter().enumerate() {
        // Spaces at the end of a line hang over its edge.
        if width + unit.advance > limit && unit.character != ' ' && offset > 0 {
            return start + overflow(rest, offset, free, separator, limit);
        }
        width += unit.advance;
        match unit.after {
            Break::Forced => return start + offset + 1,
            Break::Free => free = Some(offset + 1),
            Break::Separator => separator = Some(offset + 1),
            Break::Never => {}
        }
    }
    units.len()
}

/// Where to break a line that overflows at `offset`.
fn overflow(rest: &[Unit], offset: usize, free: Option<usize>, separator: Option<usize>, limit: u32) -> usize {
    if let Some(free) = free {
        let word =
            rest.get(free..).unwrap_or_default().iter().take_while(|unit| unit.character != ' ' && unit.after != Break::Free);
        let mut width = 0;
        let too_long = word.map(|unit| unit.advance).any(|advance| {
            width += advance;
            width > limit
        });
        return match separator {
            Some(separator) if too_long && separator > free => separator,
            _ => free,
        };
    }
    if let Some(separator) = separator {
        return separator;
    }
    // Never part a letter from the accents that follow it.
    (1..=offset).rev().find(|end| rest.get(*end).is_none_or(|unit| unit.advance > 0)).unwrap_or(offset)
}

/// Breaks text into lines of at most `width` points.
pub fn lines(spans: &[Span], size: Size, width: f32, book: &FontBook) -> Vec<Line> {
    clamped(spans, size, width, usize::MAX, book)
}

/// Breaks text into at most `most` lines (three or more); what is left out is announced with its length and the
/// file that has it all.
pub fn clamped(spans: &[Span], size: Size, width: f32, most: usize, book: &FontBook) -> Vec<Line> {
    let units = units(spans, book);
    let limit = (f64::from(width) / f64::from(size.points) * 1000.0) as u32;
    let mut ends = Vec::new();
    let mut start = 0;
    while start < units.len() && ends.len() <= most {
        let end = line_end(&units, start, limit);
        ends.push(end);
        start = end;
    }
    let mut result = Vec::with_capacity(ends.len().max(1));
    if ends.len() > most {
        let announce = |from: usize| {
            let left = u64::try_from(units.len().saturating_sub(from)).unwrap_or(u64::MAX);
            let words = format!("… ({} characters more in report.json)", number(left));
            lines(&[Span::new(&words).italic().muted()], size, width, book)
        };
        let shown = most.saturating_sub(announce(0).len()).max(1);
        let mut from = 0;
        for end in ends.into_iter().take(shown) {
            result.push(set(&units, from, end, spans, size));
            from = end;
        }
        result.extend(announce(from));
        return result;
    }
    let mut from = 0;
    for end in ends {
        result.push(set(&units, from, end, spans, size));
        from = end;
    }
    if result.is_empty() {
        result.push(Line::default());
    }
    result
}

/// One line that fits, shortened with a visible ellipsis if need be: for running heads, whose full text is elsewhere.
pub fn single(spans: &[Span], size: Size, width: f32, book: &FontBook) -> Line {
    let mut units = units(spans, book);
    units.retain(|unit| unit.after != Break::Forced);
    let limit = (f64::from(width) / f64::from(size.points) * 1000.0) as u32;
    let total: u32 = units.iter().map(|unit| unit.advance).sum();
    if total > limit {
        let weight = spans.first().map_or(Weight::Regular, |span| span.weight);
        let dots = book.glyph('…', weight);
        let dots =
            Unit {
                character: '…', advance: u32::from(dots.advance), face: dots.face, span: 0, mark: None, after: Break::Never
            };
        let mut width = dots.advance;
        let kept = units.iter().take_while(|unit| {
            width += unit.advance;
            width <= limit
        });
        let kept = kept.count();
        units.truncate(kept);
        units.push(dots);
    }
    set(&units, 0, units.len(), spans, size)
}

/// Natural width of text on one line, in points; of the widest line if it has several.
pub fn natural_width(spans: &[Span], size: Size, book: &FontBook) -> f32 {
    let (mut widest, mut width) = (0, 0);
    for unit in units(spans, book) {
        width = if unit.after == Break::Forced { 0 } else { width + unit.advance };
        widest = widest.max(width);
    }
    points(widest, size)
}

fn points(thousandths: u32, size: Size) -> f32 {
    thousandths as f32 * size.points / 1000.0
}

/// Turns units into runs: neighbours of one span and face become one.
fn set(units: &[Unit], start: usize, end: usize, spans: &[Span], size: Size) -> Line {
    let mut line = units.get(start..end).unwrap_or_default();
    while let Some((last, rest)) = line.split_last() {
        if last.mark.is_some() || !(last.character == ' ' || last.character == '\n') {
            break;
        }
        line = rest;
    }
    // Half the leading above and below the middle of the capitals.
    let baseline = size.leading / 2.0 + 0.357 * size.points;
    let mut items: Vec<Item> = Vec::new();
    let mut x = 0;
    let mut open: Option<(usize, FaceId)> = None;
    for unit in line {
        let tone = spans.get(unit.span).map_or(Tone::Ink, |span| span.tone);
        if let Some(mark) = unit.mark {
            let edge = 0.78 * size.points;
            let top = baseline - 0.357 * size.points - edge / 2.0;
            items.push(Item::Mark { mark, x: points(x, size), y: top, size: edge, tone });
            open = None;
        } else if open == Some((unit.span, unit.face)) {
            if let Some(Item::Text(run)) = items.last_mut() {
                run.text.push(unit.character);
                run.width += points(unit.advance, size);
            }
        } else {
            let (x, width) = (points(x, size), points(unit.advance, size));
            let (face, text) = (unit.face, unit.character.to_string());
            items.push(Item::Text(TextRun { x, baseline, width, size: size.points, face, tone, text }));
            open = Some((unit.span, unit.face));
        }
        x += unit.advance;
    }
    Line { width: points(x, size), items }
}

#[cfg(test)]
mod tests {
    use super::super::span::plain;
    use super::*;

    fn broken(text: &str, width: f32) -> Vec<String> {
        let book = FontBook::bundled();
        lines(&plain(text), Size::BODY, width, &book).iter().map(words).collect()
    }

    fn words(line: &Line) -> String {
        let runs = line.items.iter().filter_map(|item| match item {
            Item::Text(run) => Some(run.text.as_str()),
            _ => None,
        });
        runs.collect()
    }

    #[test]
    fn words_move_whole_and_keep_their_hyphens() {
        assert_eq!(broken("ROT-001 fails for ROT-001", 48.0), ["ROT-001", "fails for", "ROT-001"]);
    }

    #[test]
    fn identifiers_break_at_separators() {
        assert_eq!(
            broken("arn:aws:iam::123456789012:user/deploy-bot", 80.0),
            ["arn:aws:iam::", "123456789012:", "user/deploy-bot"]
        );
    }

    #[test]
    fn a_name_without_separators_breaks_anywhere_and_loses_nothing() {
        let name = "x".repeat(500);
        let lines = broken(&name, 50.0);
        assert!(lines.len() > 10);
        assert_eq!(lines.concat(), name);
    }

    #[test]
    fn ideographs_break_between_each_other_but_not_before_closing_marks() {
        let lines = broken("生産環境の展開、用トークン", 24.0);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| !line.starts_with('、')), "{lines:?}");
        assert_eq!(lines.concat(), "生産環境の展開、用トークン");
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        let book = FontBook::bundled();
        let text =
            "Some words and https://example.com/a/very/long/path?with=queries&more=of-them followed by 文字文字文字文字文字 end";
        for width in [12.0, 30.0, 61.0, 200.0] {
            for line in lines(&plain(text), Size::TABLE, width, &book) {
                assert!(line.width <= width, "{} > {width}: {}", line.width, words(&line));
            }
        }
    }

    #[test]
    fn a_clamped_text_says_how_much_is_left_out() {
        let book = FontBook::bundled();
        let text = plain(&"ab-".repeat(3334));
        let lines = clamped(&text, Size::TABLE, 90.0, 6, &book);
        assert_eq!(lines.len(), 6);
        let all: String = lines.iter().map(words).collect::<Vec<_>>().join(" ");
        let shown = all.split('…').next().unwrap_or_default().replace(' ', "").chars().count();
        assert!(all.contains(&format!("… ({} characters more in report.json)", number(10_002 - shown as u64))), "{all}");
    }

    #[test]
    fn a_running_head_ends_in_an_ellipsis() {
        let book = FontBook::bundled();
        let line = single(&plain(&"Confidential ".repeat(40)), Size::SMALL, 120.0, &book);
        assert!(line.width <= 120.0);
        assert!(words(&line).ends_with('…'));
    }
}
