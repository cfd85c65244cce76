//! Which column is which field.

use super::synonyms::SYNONYMS;
use crate::inventory::field::Kind;
use crate::inventory::target::Target;
use std::collections::{BTreeMap, BTreeSet};

/// Words that make no difference: `Created`, `Created at`, `Creation date (UTC)`.
const FILLERS: &[&str] = &["at", "on", "date", "time", "timestamp", "datetime", "day", "utc", "gmt", "the", "of"];
/// What all columns of a token inventory are about.
const SUBJECTS: &[&str] = &["token", "tokens", "key", "keys", "api", "access", "credential", "credentials", "secret", "secrets"];
/// What stands beside a token in its record, with names, ids and dates of its own.
const OTHERS: &[&str] = &[
    "owner",
    "user",
    "creator",
    "author",
    "by",
    "account",
    "organization",
    "organisation",
    "org",
    "team",
    "group",
    "project",
    "repository",
    "app",
    "application",
    "client",
    "service",
];
/// Columns that may hold token values themselves, whatever they are called besides.
const VALUES: &[&str] = &[
    "token",
    "key",
    "api key",
    "access key",
    "access token",
    "api token",
    "secret",
    "client secret",
    "secret key",
    "password",
    "value",
    "token value",
    "key value",
];

/// Canonical name and index of its column: exact names, then the guesses in the order of [`SYNONYMS`].
pub(super) fn guess(header: &[String]) -> Vec<(String, usize)> {
    let phrases: Vec<Vec<String>> = header.iter().map(|name| phrases_of(name)).collect();
    let mut taken = BTreeSet::new();
    let mut exact: Vec<(String, usize)> = Vec::new();
    let mut targets = BTreeSet::new();
    for (index, name) in header.iter().enumerate() {
        // A column with the name of a whole list holds single values more often than JSON.
        let target = Target::parse(name).filter(
            |target| !matches!(target, Target::Field(field) if matches!(field.spec().kind, Kind::Items(_) | Kind::Dates)),
        );
        if let Some(target) = target
            && targets.insert(target)
        {
            taken.insert(index);
            exact.push((name.clone(), index));
        }
    }
    let mut guessed = BTreeMap::new();
    // An exact name of any field goes before a loose one, so `Owner` is not lost to `Contact`.
    for form in 0..4 {
        for (order, (target, synonyms)) in SYNONYMS.iter().enumerate() {
            if guessed.contains_key(&order) || Target::parse(target).is_some_and(|target| targets.contains(&target)) {
                continue;
            }
            let found = synonyms.iter().map(|synonym| without(&words(synonym), FILLERS)).find_map(|synonym| {
                (0..header.len()).find(|index| {
                    !taken.contains(index) && phrases.get(*index).and_then(|forms| forms.get(form)) == Some(&synonym)
                })
            });
            if let Some(index) = found {
                taken.insert(index);
                guessed.insert(order, ((*target).to_owned(), index));
            }
        }
    }
    exact.into_iter().chain(guessed.into_values()).collect()
}

/// What a header may mean: without fillers, and without the words for tokens as well; then the same of the last part of its path.
fn phrases_of(name: &str) -> Vec<String> {
    if holds_values(name) {
        return Vec::new();
    }
    let forms = |name: &str| {
        let plain = without(&words(name), FILLERS);
        let subjectless = without(&words(&plain), SUBJECTS);
        [plain, subjectless]
    };
    // Of a dotted path the whole says more than its last part; that of something beside the token says nothing of the token.
    let (around, last) = name.rsplit_once('.').unwrap_or(("", name));
    let around = words(around.rsplit('.').next().unwrap_or(around));
    let is_other = around.last().is_some_and(|word| OTHERS.contains(&word.as_str()));
    if is_other {
        return forms(name).into_iter().collect();
    }
    forms(name).into_iter().chain(forms(last)).collect()
}

/// True for columns that may hold token values.
pub(super) fn holds_values(name: &str) -> bool {
    let holds = |name: &str| VALUES.contains(&words(name).join(" ").as_str());
    holds(name) || name.rsplit('.').next().is_some_and(holds)
}

/// The words of a name in lower case: `Last used (UTC)`, `last_used` and `lastUsed` alike.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        let is_word = letter.is_alphanumeric();
        if (!is_word || (letter.is_uppercase() && after_small)) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if is_word && let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
        after_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn without(words: &[String], left_out: &[&str]) -> String {
    let kept: Vec<&str> = words.iter().map(String::as_str).filter(|word| !left_out.contains(word)).collect();
    // A column called `Date` means something too.
    if kept.is_empty() { words.join(" ") } else { kept.join(" ") }
}
