//! Telling words from random characters.

/// Fewest letters or digits that a stretch of one kind has on average in something written by people.
const LEAST_STRETCH: usize = 3;

/// True if a piece without separators reads like words: one case and digits, or camel case in stretches of some length.
pub(super) fn is_word(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    let has_upper = bytes.iter().any(u8::is_ascii_uppercase);
    let has_lower = bytes.iter().any(u8::is_ascii_lowercase);
    if !(has_upper && has_lower) {
        return true;
    }
    let mut stretches = 1;
    let mut capitals = 0;
    for pair in bytes.windows(2) {
        if let [before, after] = pair {
            capitals = if before.is_ascii_uppercase() { capitals + 1 } else { 0 };
            // `Read` is one stretch, `APIRead` two: one capital goes with the small letters after it.
            let opens_word = before.is_ascii_uppercase() && after.is_ascii_lowercase();
            stretches += usize::from(if opens_word { capitals > 1 } else { kind(*before) != kind(*after) });
        }
    }
    bytes.len() >= LEAST_STRETCH * stretches
}

/// True if every piece of a text between its separators is a word.
pub(super) fn is_words(text: &str) -> bool {
    text.split(|character: char| !character.is_ascii_alphanumeric()).all(is_word)
}

/// True for a text that has letters of both cases and a digit.
pub(super) fn is_mixed(text: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| text.iter().any(test);
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

fn kind(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// Shannon entropy of the characters, in bits for each.
pub(super) fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    let length = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_random_characters() {
        for text in ["payments", "ReadOnlyAccess", "serviceAccounts", "v14", "EU", "prod-2026", "Customer_Export_Q3", ""] {
            assert!(is_words(text), "{text}");
        }
        for text in ["wJalrXUtnFEMI", "xK9dQ2pLm", "aB3-cD4"] {
            assert!(!is_words(text), "{text}");
        }
    }

    #[test]
    fn entropy_counts_bits_for_each_character() {
        assert_eq!(entropy(b"aaaa"), 0.0);
        assert_eq!(entropy(b"abab"), 1.0);
        assert_eq!(entropy(b"abcdefgh"), 3.0);
        assert_eq!(entropy(b""), 0.0);
    }
}
