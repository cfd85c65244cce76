//! Makes text from an inventory safe to show as one line: in a PDF, on a terminal, in a CSV cell.
//!
//! Control characters can move a terminal's cursor, and invisible or direction-changing ones can make a name read as another.
//! They are shown by their number, `<U+202E>`, as `less` does: an auditor sees that something is there and what, and plain ASCII
//! is in every font. Tabs and line breaks become blanks, because they carry meaning and no danger. Everything else stays,
//! joiners and variation selectors included, since emoji and several scripts need them.

use std::borrow::Cow;
use std::fmt::Write;

/// The text as one line without characters that act instead of being seen. Borrowed if nothing had to change.
pub fn line(text: &str) -> Cow<'_, str> {
    let Some(first) = text.char_indices().find(|(_, c)| is_break(*c) || acts_unseen(*c)).map(|(at, _)| at) else {
        return Cow::Borrowed(text);
    };
    let (sound, rest) = text.split_at_checked(first).unwrap_or(("", text));
    let mut clean = String::with_capacity(text.len() + 16);
    clean.push_str(sound);
    let mut after_return = false;
    for c in rest.chars() {
        if c == '\n' && after_return {
            // One line break, one blank.
        } else if is_break(c) {
            clean.push(' ');
        } else if acts_unseen(c) {
            // Writing to a string cannot fail.
            let _ = write!(clean, "<U+{:04X}>", u32::from(c));
        } else {
            clean.push(c);
        }
        after_return = c == '\r';
    }
    Cow::Owned(clean)
}

/// Tab and line breaks.
fn is_break(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Controls, direction marks and overrides, and characters without width or form that can hide text.
pub fn acts_unseen(c: char) -> bool {
    (c.is_control() && !is_break(c))
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_of_any_script_is_borrowed_unchanged() {
        for text in ["", "release bot 7", "訪問令牌", "Ελληνικά", "עברית", "👩‍👩‍👧‍👦", "e\u{301}", "a\u{a0}b"]
        {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_acts_unseen_is_shown_by_its_number() {
        assert_eq!(line("invoice\u{202e}gpj.exe"), "invoice<U+202E>gpj.exe");
        assert_eq!(line("\u{1b}[31mred\u{9b}2J\u{0}\u{7f}"), "<U+001B>[31mred<U+009B>2J<U+0000><U+007F>");
        assert_eq!(line("\u{feff}a\u{200b}b\u{2066}\u{e0041}"), "<U+FEFF>a<U+200B>b<U+2066><U+E0041>");
    }

    #[test]
    fn breaks_become_one_blank_each() {
        assert_eq!(line("a\r\nb\tc\u{2028}d\n\ne"), "a b c d  e");
    }

    #[test]
    fn cleaning_twice_changes_nothing_more() {
        for text in crate::report::sample::hostile_texts() {
            let once = line(&text).into_owned();
            assert_eq!(line(&once), once);
            assert!(!once.chars().any(|c| is_break(c) || acts_unseen(c)));
        }
    }
}
