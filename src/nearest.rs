//! The name somebody probably meant.

/// The candidate most like `word`, if one is near enough to be worth proposing.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let likeness = strsim::jaro_winkler(&word, &candidate.to_lowercase());
        // Of equally near names the alphabetically first, so that the order of the candidates does not show.
        let better = best.is_none_or(|(most, name)| likeness > most || (likeness == most && candidate < name));
        if likeness >= 0.75 && better {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// "did you mean `exported_at`?", or the list of names if none is near and there are few.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut names: Vec<&str> = candidates.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    match nearest(word, names.iter().copied()) {
        Some(name) => Some(format!("did you mean `{name}`?")),
        None if names.is_empty() || names.len() > 40 => None,
        None => Some(format!("known are {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_is_recognised() {
        assert_eq!(nearest("exportd_at", ["exported_at", "expires_at", "account"]), Some("exported_at"));
        assert_eq!(nearest("ROT-01", ["ROT-001", "REV-001"]), Some("ROT-001"));
        assert_eq!(nearest("zebra", ["exported_at", "path"]), None);
    }

    #[test]
    fn a_word_like_no_other_gets_the_list() {
        assert_eq!(did_you_mean("zebra", ["rank", "path"]).as_deref(), Some("known are `path`, `rank`"));
        assert_eq!(did_you_mean("zebra", []), None);
    }
}
