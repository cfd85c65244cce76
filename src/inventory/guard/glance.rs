//! A glance at a text that tells cheaply that nothing in it can be a secret.
//!
//! Inventories hold tens of millions of short cells, and hardly one of them is a secret, so what the guard costs is what it
//! costs to look at names, words, instants and addresses.

/// Shortest run of token characters that a shape without a label has.
const SHORTEST_RUN: usize = 15;
/// Shortest text that holds a secret of any shape, or a label and a secret.
const SHORTEST_TEXT: usize = 12;
/// Letters of the shortest label and of the secret beside it; instants have fewer.
const FEWEST_LETTERS: usize = 5;

/// Stands in a run of token characters.
const RUN: u8 = 1;
/// A digit or a capital: most words have none, secrets have some.
const TELLING: u8 = 2;
const LETTER: u8 = 4;
/// Stands between a label and its value.
const LABEL: u8 = 8;
const DASH: u8 = 16;
/// Ends the user information of a URL.
const AT: u8 = 32;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "it is below 256")]
        let letter = byte as u8;
        classes[byte] = match letter {
            b'a'..=b'z' => RUN | LETTER,
            b'A'..=b'Z' => RUN | LETTER | TELLING,
            b'0'..=b'9' => RUN | TELLING,
            b'_' | b'.' | b'/' | b'+' | b'~' | b'%' => RUN,
            b'-' => RUN | DASH,
            b'=' => RUN | LABEL,
            b':' | b'>' => LABEL,
            b'@' => AT,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// What a text has that a secret needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Glance {
    /// A run of token characters of some length with a digit or a capital in it.
    pub(super) long_run: bool,
    /// A label and its value, or the opening of a key block.
    pub(super) label: bool,
    /// Length of the longest run of token characters.
    pub(super) longest_run: usize,
}

impl Glance {
    /// Looks at each byte once.
    pub(super) fn at(text: &str) -> Glance {
        if text.len() < SHORTEST_TEXT {
            return Glance::default();
        }
        let (mut long_run, mut longest_run, mut letters) = (false, 0, 0);
        let (mut run, mut in_run, mut anywhere) = (0_usize, 0, 0);
        for byte in text.bytes() {
            let class = CLASSES[usize::from(byte)];
            anywhere |= class;
            letters += usize::from(class & LETTER != 0);
            if class & RUN == 0 {
                long_run |= run >= SHORTEST_RUN && in_run & TELLING != 0;
                longest_run = run.max(longest_run);
                (run, in_run) = (0, 0);
            } else {
                run += 1;
                in_run |= class;
            }
        }
        long_run |= run >= SHORTEST_RUN && in_run & TELLING != 0;
        // What stands beside a label has a digit or a capital, but a password in a URL need not.
        let label = anywhere & LABEL != 0 && anywhere & (TELLING | AT) != 0 && letters >= FEWEST_LETTERS;
        let opens_block = anywhere & DASH != 0 && text.contains("-----");
        Glance { long_run, label: label || opens_block, longest_run: run.max(longest_run) }
    }

    /// True if nothing in the text can be a secret.
    pub(super) fn is_harmless(self) -> bool {
        !self.long_run && !self.label
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_cells_are_passed_over() {
        for text in [
            "",
            "production",
            "alice.nguyen@example.com",
            "prod/payments/stripe-restricted-key",
            "Reads catalogs nightly",
            "2026-06-01T00:00:00+02:00",
            "read:catalogs write:orders",
            "a=b",
            "令牌 生产环境 令牌 生产环境",
        ] {
            assert!(Glance::at(text).is_harmless(), "{text}");
        }
    }

    #[test]
    fn runs_with_digits_or_capitals_labels_and_key_blocks_are_looked_at() {
        let run = |longest_run| Glance { long_run: true, label: false, longest_run };
        assert_eq!(Glance::at("abcdefghijklmn1"), run(15));
        assert_eq!(Glance::at("see Abcdefghijklmno"), run(15));
        assert_eq!(Glance::at("A-bcdefghijklmn-"), run(16));
        assert!(Glance::at("abcdefghijklmn 1").is_harmless());
        for text in ["pwd: Summer26", "token=Abcdef", "secret => ab1", "x://user:word@host", "-----BEGIN it"] {
            assert!(Glance::at(text).label, "{text}");
        }
    }
}
