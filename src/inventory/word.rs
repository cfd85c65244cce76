//! The vocabularies of single words (decisions, 16 to 18).
//!
//! A word is compared in lower case with hyphens between its parts, so `Read Only`, `read_only` and `READ-ONLY` are one word.

use super::field::Vocabulary;
use std::borrow::Cow;

/// What a word turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A word of the vocabulary, in its own spelling.
    Known(&'static str),
    /// On no list; kept as it is, which is a problem of kind unknown-word.
    Kept(String),
    /// On no list, but what it stands for is certain enough: also a problem of kind unknown-word.
    ReadAs(&'static str),
    /// On no list, and as good as missing.
    Missing,
    /// On no list where only listed words make sense.
    Unreadable,
    /// It says that there is none.
    Denied,
}

/// Lower case, with hyphens for blanks and underscores.
pub fn fold(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let plain =
        text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase() && !byte.is_ascii_whitespace() && byte != b'_');
    if plain {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.to_lowercase().split(|letter: char| letter.is_whitespace() || letter == '_').collect::<Vec<_>>().join("-"))
}

/// Reads a word of a vocabulary.
pub fn read(vocabulary: Vocabulary, text: &str) -> Meaning {
    let word = fold(text);
    if let Some(known) = known(vocabulary, &word) {
        return Meaning::Known(known);
    }
    match vocabulary {
        Vocabulary::Environment => Meaning::Kept(word.into_owned()),
        Vocabulary::Sensitivity => Meaning::Missing,
        Vocabulary::TokenState | Vocabulary::PurposeStatus | Vocabulary::ScopeModel => Meaning::Unreadable,
        // A plain denial is none; whoever writes anything else has a suspicion.
        Vocabulary::Compromise if matches!(word.as_ref(), "no" | "false") => Meaning::Denied,
        Vocabulary::Compromise => Meaning::ReadAs("suspected"),
    }
}

fn known(vocabulary: Vocabulary, word: &str) -> Option<&'static str> {
    let found = match vocabulary {
        Vocabulary::Environment => match word {
            "production" | "prod" | "prd" | "live" => "production",
            "staging" | "stg" | "stage" | "preprod" | "uat" => "staging",
            "test" | "qa" => "test",
            "development" | "dev" => "development",
            "sandbox" => "sandbox",
            _ => return None,
        },
        Vocabulary::Sensitivity => match word {
            "high" => "high",
            "medium" => "medium",
            "low" => "low",
            _ => return None,
        },
        Vocabulary::TokenState => match word {
            "enabled" | "active" => "enabled",
            "disabled" | "inactive" => "disabled",
            "revoked" => "revoked",
            "deleted" => "deleted",
            "expired" => "expired",
            _ => return None,
        },
        Vocabulary::PurposeStatus => match word {
            "active" => "active",
            "ended" => "ended",
            _ => return None,
        },
        Vocabulary::ScopeModel => match word {
            "scoped" => "scoped",
            "unscoped" => "unscoped",
            _ => return None,
        },
        Vocabulary::Compromise => match word {
            "suspected" => "suspected",
            _ => return None,
        },
    };
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_joints() {
        assert_eq!(fold(" Read_Only Access "), "read-only-access");
        assert_eq!(fold("vault"), "vault");
        assert_eq!(fold("ÉTÉ"), "été");
    }

    #[test]
    fn environments_have_synonyms_and_keep_other_words() {
        for (text, meaning) in [
            ("PROD", "production"),
            ("live", "production"),
            ("UAT", "staging"),
            ("qa", "test"),
            ("Dev", "development"),
            ("sandbox", "sandbox"),
        ] {
            assert_eq!(read(Vocabulary::Environment, text), Meaning::Known(meaning));
        }
        assert_eq!(read(Vocabulary::Environment, "Blue Green"), Meaning::Kept("blue-green".into()));
    }

    #[test]
    fn unlisted_words_do_what_their_vocabulary_says() {
        assert_eq!(read(Vocabulary::Sensitivity, "secret"), Meaning::Missing);
        assert_eq!(read(Vocabulary::TokenState, "zombie"), Meaning::Unreadable);
        assert_eq!(read(Vocabulary::TokenState, "Active"), Meaning::Known("enabled"));
        assert_eq!(read(Vocabulary::PurposeStatus, "finished"), Meaning::Unreadable);
        assert_eq!(read(Vocabulary::ScopeModel, "roles"), Meaning::Unreadable);
        assert_eq!(read(Vocabulary::Compromise, "No"), Meaning::Denied);
        assert_eq!(read(Vocabulary::Compromise, "yes"), Meaning::ReadAs("suspected"));
        assert_eq!(read(Vocabulary::Compromise, "Suspected"), Meaning::Known("suspected"));
    }
}
