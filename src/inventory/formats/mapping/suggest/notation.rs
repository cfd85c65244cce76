//! How a file writes dates, words and lists, told from its values.

use crate::inventory::cell::{self, Notation};
use crate::inventory::field::{Field, Kind, Vocabulary};
use crate::inventory::record::State;
use crate::inventory::time::{self, Reading};
use crate::inventory::word;
use std::collections::BTreeSet;

/// Notations of days, in pairs that a value can fit both of.
const DAYS: &[&str] = &[
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%Y.%m.%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%Y%m%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%a, %d %b %Y",
    "%a %b %d %Y",
];
/// What may follow a day.
const TIMES: &[&str] = &[
    "",
    " %H:%M",
    " %H:%M:%S",
    " %I:%M %p",
    " %I:%M:%S %p",
    ", %H:%M",
    ", %H:%M:%S",
    ", %I:%M %p",
    ", %I:%M:%S %p",
    " %H:%M:%S %z",
    " at %I:%M %p",
];
/// UTC seconds of the years in which tokens are made and end; another year is another notation.
const YEARS: std::ops::Range<i64> = 631_152_000..4_102_444_800;
/// Different words of one column beyond which it holds no vocabulary.
const MOST_WORDS: usize = 20;

/// Letters of the longest word.
const LONGEST_WORD: usize = 40;

/// What people write for "there is none" in a date, and for "not known".
const NO_DATE: &[(&str, &str)] = &[
    ("never expires", "never"),
    ("no expiry", "never"),
    ("no expiration", "never"),
    ("does not expire", "never"),
    ("non expiring", "never"),
    ("unlimited", "never"),
    ("permanent", "never"),
    ("perpetual", "never"),
    ("indefinite", "never"),
    ("never used", "never"),
    ("not used", "never"),
    ("unused", "never"),
    ("not used yet", "never"),
    ("never rotated", "never"),
    ("not rotated", "never"),
    ("no", "never"),
    ("n/a", "unknown"),
    ("na", "unknown"),
    ("-", "unknown"),
    ("–", "unknown"),
    ("?", "unknown"),
    ("tbd", "unknown"),
    ("tbc", "unknown"),
    ("not known", "unknown"),
    ("null", "unknown"),
    ("nil", "unknown"),
];
/// What people write for the states of a token.
const STATES: &[(&str, &str)] = &[
    ("live", "enabled"),
    ("valid", "enabled"),
    ("in use", "enabled"),
    ("on", "enabled"),
    ("ok", "enabled"),
    ("yes", "enabled"),
    ("true", "enabled"),
    ("1", "enabled"),
    ("current", "enabled"),
    ("issued", "enabled"),
    ("allowed", "enabled"),
    ("operational", "enabled"),
    ("granted", "enabled"),
    ("approved", "enabled"),
    ("suspended", "disabled"),
    ("paused", "disabled"),
    ("off", "disabled"),
    ("no", "disabled"),
    ("false", "disabled"),
    ("0", "disabled"),
    ("locked", "disabled"),
    ("blocked", "disabled"),
    ("deactivated", "disabled"),
    ("on hold", "disabled"),
    ("cancelled", "revoked"),
    ("canceled", "revoked"),
    ("withdrawn", "revoked"),
    ("terminated", "revoked"),
    ("retired", "revoked"),
    ("invalidated", "revoked"),
    ("removed", "deleted"),
    ("destroyed", "deleted"),
    ("archived", "deleted"),
    ("lapsed", "expired"),
    ("ended", "expired"),
];

/// How the dates of a file are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Dates {
    /// As the canonical forms; nothing need be said.
    Canonical,
    /// In these notations.
    As(Vec<String>),
    /// In either of these: no value tells which.
    Either(Vec<Vec<String>>),
}

/// The notations in which the dates can be read that the canonical forms cannot. Columns differ, one may mix days and instants,
/// and a file may hold a broken date: ways of writing a day are taken in turn, each time the one that reads most of the rest.
pub(super) fn dates<'a>(values: impl Iterator<Item = &'a str>) -> Dates {
    let mut odd: BTreeSet<&str> = values.filter(|value| time::parse(value) == Reading::Unreadable && has_digit(value)).collect();
    let mut certain: Vec<String> = Vec::new();
    let mut choices: Vec<Vec<String>> = Vec::new();
    loop {
        let by_day: Vec<ReadBy<'_>> = DAYS.iter().map(|day| ReadBy::day(day, &odd)).collect();
        // Of days that read equally many the first of the table, so that the result is one.
        let Some(best) = by_day.iter().rev().max_by_key(|read| read.values.len()).filter(|read| !read.values.is_empty()) else {
            break;
        };
        let same = by_day.iter().filter(|read| read.values == best.values).map(|read| read.notations.clone());
        let same: Vec<Vec<String>> = same.collect();
        if same.len() > 1 && choices.is_empty() {
            choices = same;
        } else {
            certain.extend(best.notations.iter().cloned());
        }
        let read = best.values.clone();
        odd.retain(|value| !read.contains(value));
    }
    if !choices.is_empty() {
        return Dates::Either(choices.into_iter().map(|choice| [choice, certain.clone()].concat()).collect());
    }
    if certain.is_empty() { Dates::Canonical } else { Dates::As(certain) }
}

/// What one way of writing a day reads.
struct ReadBy<'a> {
    values: BTreeSet<&'a str>,
    notations: Vec<String>,
}

impl<'a> ReadBy<'a> {
    fn day(day: &str, odd: &BTreeSet<&'a str>) -> ReadBy<'a> {
        let mut read = ReadBy { values: BTreeSet::new(), notations: Vec::new() };
        for value in odd {
            if let Some(notation) = TIMES.iter().map(|time| format!("{day}{time}")).find(|notation| reads(value, notation)) {
                read.values.insert(*value);
                if !read.notations.contains(&notation) {
                    read.notations.push(notation);
                }
            }
        }
        read
    }
}

fn has_digit(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
}

fn reads(value: &str, notation: &str) -> bool {
    time::parse_as(value, notation).date().is_some_and(|date| YEARS.contains(&date.seconds))
}

/// Words of a column that its field does not know, each with the canonical word that is probably meant.
pub(super) fn words<'a>(field: Field, values: impl Iterator<Item = &'a str>) -> Vec<(&'a str, Option<&'static str>)> {
    let known: &[(&str, &'static str)] = match field.spec().kind {
        Kind::PastDate | Kind::AnyDate => NO_DATE,
        Kind::Word(Vocabulary::TokenState) => STATES,
        Kind::Word(_) => &[],
        _ => return Vec::new(),
    };
    let is_date = matches!(field.spec().kind, Kind::PastDate | Kind::AnyDate);
    let mut odd = BTreeSet::new();
    for value in values {
        let mut problems = Vec::new();
        let cell = cell::from_text(field, value, Notation::default(), &mut problems);
        let is_odd = !problems.is_empty() || cell.state == State::Unreadable;
        // A long text is no word, whatever it is.
        if is_odd && value.chars().count() <= LONGEST_WORD && !(is_date && has_digit(value)) {
            odd.insert(value);
        }
        if odd.len() > MOST_WORDS {
            return Vec::new();
        }
    }
    let meant = |word: &str| {
        let word = word::fold(word).replace('-', " ");
        let word = word.trim();
        known.iter().find(|(said, _)| *said == word || *said == "-" && word.is_empty()).map(|(_, canonical)| *canonical)
    };
    odd.into_iter().map(|word| (word, meant(word))).collect()
}

/// What stands between the values of a list, if it is neither `;` nor a blank.
pub(super) fn separator<'a>(values: impl Iterator<Item = &'a str> + Clone) -> Option<&'static str> {
    let some_have = |sign: &str| values.clone().any(|value| value.contains(sign) && !value.starts_with('['));
    ["|", ",", "\n"].into_iter().find(|sign| some_have(sign) && !some_have(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_notation_that_fits_all_of_them() {
        let told = |values: &[&str]| dates(values.iter().copied());
        assert_eq!(told(&["2026-01-31", "never", "1793491200"]), Dates::Canonical);
        assert_eq!(told(&["31/01/2026", "01/02/2026"]), Dates::As(vec!["%d/%m/%Y".into()]));
        assert_eq!(told(&["01/31/2026", "2026-01-31"]), Dates::As(vec!["%m/%d/%Y".into()]));
        assert_eq!(told(&["03/04/2026"]), Dates::Either(vec![vec!["%d/%m/%Y".into()], vec!["%m/%d/%Y".into()]]));
        assert_eq!(told(&["31.01.2026 14:05"]), Dates::As(vec!["%d.%m.%Y %H:%M".into()]));
        assert_eq!(told(&["8/19/2026 1:25:31 PM"]), Dates::As(vec!["%m/%d/%Y %I:%M:%S %p".into()]));
        assert_eq!(told(&["31/01/2026", "14/10/2026 09:30"]), Dates::As(vec!["%d/%m/%Y %H:%M".into(), "%d/%m/%Y".into()]));
        assert_eq!(told(&["31/01/26"]), Dates::As(vec!["%d/%m/%y".into()]));
        assert!(matches!(told(&["Jan 31, 2026"]), Dates::As(_) | Dates::Either(_)));
        assert_eq!(told(&["Q3 2026", "soon"]), Dates::Canonical);
    }

    #[test]
    fn every_notation_is_one() {
        for day in DAYS {
            for time in TIMES {
                assert!(time::is_format(&format!("{day}{time}")), "{day}{time}");
            }
        }
    }

    #[test]
    fn words_get_the_meaning_they_probably_have() {
        let told = |field, values: &'static [&str]| words(field, values.iter().copied());
        assert_eq!(
            told(Field::State, &["Active", "Live", "On hold", "weird"]),
            [("Live", Some("enabled")), ("On hold", Some("disabled")), ("weird", None)]
        );
        assert_eq!(
            told(Field::ExpiresAt, &["never", "N/A", "No expiry", "31/01/2026", "2026-01-31"]),
            [("N/A", Some("unknown")), ("No expiry", Some("never"))]
        );
        assert_eq!(told(Field::Name, &["anything"]), []);
    }

    #[test]
    fn every_meaning_is_a_word_of_its_field() {
        for (field, table) in [(Field::State, STATES), (Field::LastUsedAt, NO_DATE)] {
            for (said, canonical) in table {
                let mut problems = Vec::new();
                cell::from_text(field, canonical, Notation::default(), &mut problems);
                assert!(problems.is_empty(), "{said} → {canonical}");
            }
        }
    }

    #[test]
    fn lists_are_split_where_their_values_show() {
        let told = |values: &[&str]| separator(values.iter().copied());
        assert_eq!(told(&["read,write", "read"]), Some(","));
        assert_eq!(told(&["read|write"]), Some("|"));
        assert_eq!(told(&["a, b; c"]), None);
        assert_eq!(told(&["read write", "[\"a\",\"b\"]"]), None);
    }
}
