//! Telling words from random characters.

/// Fewest letters or digits that a stretch of one kind has on average in something written by people.
const LEAST_STRETCH: usize = 3;
/// Numbers in a name: a year, a version, a region.
const MOST_NUMBERS: usize = 3;
/// Digits of a year.
const LONGEST_NUMBER: usize = 4;
/// Consonants in a row that words have (`lengths`), and vowels.
const MOST_CONSONANTS: usize = 4;
const MOST_VOWELS: usize = 3;

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

/// True if a run that could be random is made of words: `GitHubActionsDeployKey2026`, `svc_Terraform-CI_v2-Prod`.
///
/// Names of people and systems have stretches of several letters that can be spoken, few numbers, and hardly a letter alone.
/// Of random values of 20 and more characters 2 in 1000 read like this, of longer ones fewer (a test counts them).
pub(super) fn reads_as_words(run: &str) -> bool {
    let (mut length, mut letters, mut words, mut numbers, mut alone) = (0, 0, 0, 0, 0);
    for piece in run.split(|character: char| !character.is_ascii_alphanumeric()).filter(|piece| !piece.is_empty()) {
        length += piece.len();
        if is_abbreviation(piece.as_bytes()) {
            letters += piece.len();
            words += 1;
            continue;
        }
        for stretch in stretches(piece.as_bytes()) {
            words += 1;
            if stretch.iter().all(u8::is_ascii_digit) {
                numbers += 1;
                if stretch.len() > LONGEST_NUMBER {
                    return false;
                }
                continue;
            }
            letters += stretch.len();
            alone += usize::from(stretch.len() == 1);
            if !can_be_spoken(stretch) {
                return false;
            }
        }
    }
    length >= LEAST_STRETCH * words && letters * 5 >= run.len() * 3 && numbers <= MOST_NUMBERS && alone <= 1
}

/// Short pieces that stand between separators: `prod`, `EU`, `svc`, `v2`, `Q3`.
fn is_abbreviation(piece: &[u8]) -> bool {
    let (first, rest) = piece.split_first().map_or((b'0', piece), |(first, rest)| (*first, rest));
    let one_case = piece.iter().all(u8::is_ascii_lowercase) || piece.iter().all(u8::is_ascii_uppercase);
    piece.len() <= 4 && (one_case || (first.is_ascii_alphabetic() && !rest.is_empty() && rest.iter().all(u8::is_ascii_digit)))
}

/// A piece cut where its kind changes; one capital goes with the small letters after it.
fn stretches(piece: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        let first = *rest.first()?;
        let capitals = rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        let after = rest.get(capitals..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let length = match (capitals, after) {
            (0, 0) => rest.iter().take_while(|byte| kind(**byte) == kind(first)).count(),
            (0 | 1, _) => capitals + after,
            (_, 0) => capitals,
            _ => capitals - 1,
        };
        let (stretch, remaining) = rest.split_at(length.max(1));
        rest = remaining;
        Some(stretch)
    })
}

/// True for letters that have a vowel now and then; short capitals are abbreviations.
fn can_be_spoken(letters: &[u8]) -> bool {
    if letters.len() <= 4 && letters.iter().all(u8::is_ascii_uppercase) {
        return true;
    }
    let vowel = |byte: &u8| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let longest = |wanted: bool| {
        let same = letters.chunk_by(|a, b| vowel(a) == vowel(b));
        same.filter(|chunk| chunk.first().is_some_and(|byte| vowel(byte) == wanted)).map(<[u8]>::len).max().unwrap_or(0)
    };
    (letters.len() < 3 || letters.iter().any(vowel)) && longest(false) <= MOST_CONSONANTS && longest(true) <= MOST_VOWELS
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
    fn names_of_several_words_read_as_words() {
        for text in [
            "GitHubActionsDeployKey2026",
            "MyAWSLambdaFunction2023Prod",
            "OAuth2ClientForPayments",
            "StripeWebhookSigningKeyV2",
            "Mobile-iOS-App-Store-Connect-2024",
            "Backup-Service-Q3-2026-Westeurope-P1",
            "svc_Terraform-CI_v2-Prod-EU-1",
            "payments_Prod_EU_West_1_Key",
            "AzureDevOpsPipeline/Release/Stage3",
        ] {
            assert!(reads_as_words(text), "{text}");
        }
        for text in [
            "wJalrXUtnFEMIK7MDENGbPx",
            "7fJ2kQ9sLmZx3TbVw8Yc",
            "Passw0rdPassw0rdPassw0rd",
            "Kj3-Lm9_Qr5-Tv2_Xz8-Bc4",
            "ThisIsNotARealSecret0123456789",
        ] {
            assert!(!reads_as_words(text), "{text}");
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
