//! A glance at a text that tells cheaply that nothing in it can be a secret.
//!
//! Inventories hold tens of millions of short cells, and hardly one of them is a secret, so what the guard costs is what it
//! costs to look at names, words and addresses.

/// Shortest run of token characters that a shape without a label has.
const SHORTEST_RUN: usize = 15;

/// What a text has that a secret needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    /// A run of token characters of some length with a digit or a capital in it.
    pub(super) long_run: bool,
    /// Something that stands between a label and its value, or opens a key block.
    pub(super) label: bool,
    /// Length of the longest run of token characters.
    pub(super) longest_run: usize,
}

impl Glance {
    /// Looks at each byte once.
    pub(super) fn at(text: &str) -> Glance {
        let (mut long_run, mut label, mut longest_run) = (false, false, 0);
        let (mut run, mut dashes, mut telling) = (0_usize, 0_usize, false);
        for byte in text.bytes() {
            match byte {
                b'a'..=b'z' | b'_' | b'.' | b'/' | b'+' | b'~' | b'%' => run += 1,
                b'0'..=b'9' | b'A'..=b'Z' => {
                    run += 1;
                    telling = true;
                }
                b'-' => {
                    run += 1;
                    dashes += 1;
                    label |= dashes >= 5;
                    long_run |= telling && run >= SHORTEST_RUN;
                    continue;
                }
                b'=' => {
                    run += 1;
                    label = true;
                }
                b':' | b'>' => {
                    label = true;
                    longest_run = run.max(longest_run);
                    (run, telling) = (0, false);
                }
                _ => {
                    longest_run = run.max(longest_run);
                    (run, telling) = (0, false);
                }
            }
            dashes = 0;
            long_run |= telling && run >= SHORTEST_RUN;
        }
        Glance { long_run, label, longest_run: run.max(longest_run) }
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
        for text in ["a: b", "a=b", "a => b", "-----BEGIN"] {
            assert!(Glance::at(text).label, "{text}");
        }
    }
}
