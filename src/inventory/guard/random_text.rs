//! The entropy rule for free text (decisions, 27).
//!
//! First everything is taken out that looks random and is not secret: URLs without user information or query, e-mail
//! addresses, UUIDs, ARNs, resource paths, digests with the name of their algorithm. What is left is searched for runs of 20
//! or more of `A-Za-z0-9+/_=-` that hold upper case, lower case and a digit and have the entropy of a random value. A run that
//! is made of words, such as `GitHubActionsDeployKey2026`, has that too and is left alone: ordinary text must be.

use super::Span;
use super::words::{entropy, is_mixed, is_words, reads_as_words};
use regex::bytes::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// Id that findings of this rule carry.
pub const RULE: &str = "random-text";

/// Shortest run that is judged.
const SHORTEST_RUN: usize = 20;
/// Bits for each character from which on a run is a match.
const LEAST_ENTROPY: f64 = 3.5;
/// The same for a run with `-` or `_`, which names of several words also have.
const LEAST_ENTROPY_JOINED: f64 = 4.0;

/// Adds the random-looking runs of `text` to `found`; what is in `found` already is not looked at again.
pub(super) fn find(text: &str, is_identifier: impl Fn(&str) -> bool, found: &mut Vec<Span>) {
    if !runs(text.as_bytes()).any(|(start, end)| is_candidate(text, start, end)) {
        return;
    }
    let mut rest = text.as_bytes().to_vec();
    for span in found.iter() {
        blank(&mut rest, span.start, span.end);
    }
    remove_harmless(text, &mut rest);
    let matches: Vec<(usize, usize)> = runs(&rest)
        .filter(|&(start, end)| {
            is_candidate(text, start, end)
                && text.get(start..end).is_some_and(|run| is_random(run) && !reads_as_words(run) && !is_identifier(run))
        })
        .collect();
    found.extend(matches.into_iter().map(|(start, end)| Span { start, end, id: RULE.to_owned() }));
}

fn is_candidate(text: &str, start: usize, end: usize) -> bool {
    end - start >= SHORTEST_RUN && text.as_bytes().get(start..end).is_some_and(is_mixed)
}

fn is_random(run: &str) -> bool {
    let joined = run.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    entropy(run.as_bytes()) >= if joined { LEAST_ENTROPY_JOINED } else { LEAST_ENTROPY }
}

/// Start and end of every longest run of the characters that secrets are written with.
fn runs(text: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut position = 0;
    std::iter::from_fn(move || {
        let start = position + text.get(position..)?.iter().position(|byte| is_run_byte(*byte))?;
        let length = text.get(start..)?.iter().take_while(|byte| is_run_byte(**byte)).count();
        position = start + length;
        Some((start, position))
    })
}

fn is_run_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'=' | b'-')
}

fn blank(text: &mut [u8], start: usize, end: usize) {
    if let Some(span) = text.get_mut(start..end) {
        span.fill(b' ');
    }
}

fn expression(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns are those of this file, and a test compiles each")]
    RegexBuilder::new(pattern).unicode(false).build().expect("a sound pattern")
}

static URL: LazyLock<Regex> = LazyLock::new(|| expression(r#"(?i)[a-z][a-z0-9+.-]*://[^\s"'<>]+"#));
static PATH: LazyLock<Regex> = LazyLock::new(|| expression(r"[A-Za-z0-9_.@:+=~%!-]*(?:/[A-Za-z0-9_.@:+=~%!-]*)+"));
static HARMLESS: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        expression(r#"(?i)\barn:[a-z0-9-]+:[^\s"',;]+"#),
        expression(r"(?i)\b(?:sha-?(?:1|224|256|384|512)|md5|blake2[bs]|blake3)[:=$-][A-Za-z0-9+/=_-]+"),
        expression(r"(?i)[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}"),
        expression(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    ]
});

fn remove_harmless(text: &str, rest: &mut [u8]) {
    let mut judged_urls = Vec::new();
    for found in URL.find_iter(text.as_bytes()) {
        if is_plain_url(found.as_bytes()) {
            blank(rest, found.start(), found.end());
        } else {
            judged_urls.push(found.range());
        }
    }
    for pattern in HARMLESS.iter() {
        for found in pattern.find_iter(text.as_bytes()) {
            // The user information of a URL together with its host looks like an e-mail address.
            if !judged_urls.iter().any(|url| url.contains(&found.start())) {
                blank(rest, found.start(), found.end());
            }
        }
    }
    let paths: Vec<(usize, usize)> = PATH.find_iter(rest).map(|found| (found.start(), found.end())).collect();
    for (start, end) in paths {
        if let Some(path) = text.get(start..end)
            && let Some(length) = resource_path(path)
        {
            blank(rest, start, start + length);
        }
    }
}

/// True for a URL without user information and without a query.
fn is_plain_url(url: &[u8]) -> bool {
    let after_scheme = url.windows(3).position(|three| three == b"://").and_then(|at| url.get(at + 3..)).unwrap_or_default();
    let authority = after_scheme.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next().unwrap_or_default();
    !authority.contains(&b'@') && !url.contains(&b'?')
}

/// How much of a run with slashes is a resource path. Base64 has slashes too, so a path must be made of words, at least two of
/// them of some length; only its last segment, often an id, may be something else, and is then judged by itself.
fn resource_path(run: &str) -> Option<usize> {
    let (folder, last) = run.trim_end_matches('/').rsplit_once('/')?;
    let long_words = |text: &str| {
        text.split('/')
            .filter(|segment| segment.bytes().filter(u8::is_ascii_alphabetic).count() >= 3 && is_words(segment))
            .count()
    };
    if !folder.split('/').all(is_words) {
        return None;
    }
    if is_words(last) {
        return (long_words(run) >= 2).then_some(run.len());
    }
    (long_words(folder) >= 2).then_some(folder.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::guard::test_values::mixed;

    fn found(text: &str) -> Vec<(usize, usize)> {
        let mut spans = Vec::new();
        find(text, |_| false, &mut spans);
        spans.into_iter().map(|span| (span.start, span.end)).collect()
    }

    #[test]
    fn a_random_run_of_twenty_characters_is_found_and_nothing_around_it() {
        let value = mixed(20);
        assert_eq!(found(&format!("key {value} (old)")), [(4, 24)]);
        assert_eq!(found(&mixed(19)), []);
        assert_eq!(found(&value.to_ascii_lowercase()), []);
        assert_eq!(found("Aa1Aa1Aa1Aa1Aa1Aa1Aa1Aa1"), [], "little entropy");
    }

    /// Numbers that only look random, the same in each run (splitmix64).
    fn numbers(mut seed: u64) -> impl FnMut(usize) -> usize {
        move |below| {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = seed;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from((mixed ^ (mixed >> 31)) % below as u64).unwrap_or(0)
        }
    }

    #[test]
    fn random_values_are_found_although_words_are_spared() {
        const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut number = numbers(27);
        for more in ["", "+/", "-_"] {
            let alphabet: Vec<char> = LETTERS.chars().chain(more.chars()).collect();
            let (mut ruled, mut missed) = (0, 0);
            for _ in 0..4_000 {
                let length = 20 + number(45);
                let value: String = (0..length).map(|_| alphabet[number(alphabet.len())]).collect();
                if is_mixed(value.as_bytes()) && is_random(&value) {
                    ruled += 1;
                    missed += usize::from(found(&value).is_empty());
                }
            }
            assert!(ruled > 3_500 && missed * 200 <= ruled, "{missed} of {ruled} with `{more}`: spare fewer runs in words.rs");
        }
    }

    #[test]
    fn joined_runs_need_four_bits() {
        // 3.6 bits: enough for a solid run, too little for one with a hyphen.
        assert_eq!(found("Ab1cdEf2ghIjAb1cdEf2ghIj").len(), 1);
        assert_eq!(found("Ab1cdEf2ghIj-Ab1cdEf2ghIj"), []);
        assert_eq!(found(&format!("{}-{}", mixed(16), mixed(16))).len(), 1);
    }

    #[test]
    fn a_secret_with_slashes_is_no_path() {
        let secret = format!("{}/{}/{}", mixed(13), "K7MDENG", mixed(18));
        assert_eq!(found(&secret), [(0, secret.len())]);
        let under_path = format!("projects/acme/keys/{}", mixed(24));
        assert_eq!(found(&under_path), [(19, under_path.len())]);
    }

    #[test]
    fn what_looks_random_and_is_not_secret_is_left_alone() {
        for text in [
            "https://Example.com/Projects/0AbCdEfGh1IjKlMnOp2/settings",
            "mail Alice.Nguyen2026Integration@example.com",
            "0C000000-abcd-4000-8000-0123456789aB and 0c0",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/Payments/Stripe2-AbCdE1",
            "SHA256:n3PwXb0zYp4uQ7tV9cR2sK5mL8jH1gF6dS3aZ0qW1eE",
            "sha512-n3PwXb0zYp4uQ7tV9cR2sK5mL8jH1gF6dS3aZ0qW1eE==",
            "projects/acme-prod/serviceAccounts/Exporter2026/keys",
            "secret/data/Payments/Stripe2026/api",
            "AWS Secrets Manager prod/impact",
            "production customer export of the third quarter",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn urls_with_a_query_are_judged() {
        assert_eq!(found(&format!("https://example.com/x?k={}", mixed(32))).len(), 1);
        assert_eq!(found(&format!("https://{}@example.com/x", mixed(32))).len(), 1);
    }
}
