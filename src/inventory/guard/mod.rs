//! The secret guard: nothing that looks like a token value passes this door (design, hard rule 2; catalogue, INV-005).
//!
//! At the [`Door`] every text of a row or JSON record is searched for the token shapes of `patterns.toml`, before an adapter sees
//! it. Behind the adapter free text (name, purpose, owner, tags, locations) is also searched for random-looking runs (decisions,
//! 27). What is found is cut out of the text and replaced by its kind and length, and the record gets a
//! [`super::record::Problem`] that names the field. The value itself is not kept, logged or hashed anywhere. Fields that hold
//! secrets by their meaning are cut before that, unread.
//!
//! The shapes are no single `RegexSet`. Over the cells of a sheet (19 bytes on average, one core, optimised) a set of all shapes
//! takes 55 ns for each cell to say that nothing matches and 260 ns to say which shapes do, without where and without the
//! conditions that no expression can state. A glance, one automaton of anchors and then the few expressions that they call for
//! take 75 ns for all of it, and are ready in 3 ms against 10.
//!
//! The guard knows shapes; absence of a match is no proof.

mod base64;
mod door;
mod glance;
#[cfg(test)]
mod known_values;
mod named;
mod random_text;
mod record;
mod secret_fields;
mod shapes;
#[cfg(test)]
pub(crate) mod test_values;
mod words;

pub use door::Door;
pub use random_text::RULE as RANDOM_TEXT;
pub use record::token_id_was_cut;
pub use secret_fields::RULE as SECRET_FIELD;
#[cfg(test)]
pub(crate) use secret_fields::put as put_in_secret_field;

use glance::Glance;
use shapes::{Shape, Shapes};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What stands in place of a value begins with this.
const CUT_MARK: &str = "[cut: ";

/// Which rules a text is searched with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// None: what came through the door and is no free text.
    Nothing,
    /// The entropy rule only: free text that came through the door.
    Randomness,
    /// Token shapes only: identifiers, addresses, words.
    Shapes,
    /// Token shapes and the entropy rule: what people write freely.
    FreeText,
}

/// A part of a text that looks like a token value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Id of the shape, or [`RANDOM_TEXT`].
    pub id: String,
}

/// What was cut out of a text: its kind and length, nothing of the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    /// Id of the shape, or [`RANDOM_TEXT`].
    pub id: String,
    /// Length in characters.
    pub characters: usize,
}

impl Cut {
    /// As problems name it: `github-token, 40 characters`.
    pub fn describe(&self) -> String {
        format!("{}, {} characters", self.id, self.characters)
    }
}

/// A table of patterns that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    #[error("cannot read the table of secret patterns")]
    Toml(#[from] toml::de::Error),
    #[error("secret pattern `{0}` has no anchor, or an empty one")]
    NoAnchor(String),
    #[error("secret pattern `{id}` is no regular expression")]
    Expression { id: String, source: regex::Error },
    #[error("the table of secret patterns has too many anchors")]
    TooMany,
}

/// Finds and cuts what looks like a token value.
#[derive(Debug)]
pub struct Guard {
    shapes: Shapes,
    /// The shapes are those that a glance knows what to look for; a table of the user may hold any.
    glances: bool,
}

static BUILT_IN: LazyLock<Guard> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the table is part of the program, and a test reads it")]
    Guard { shapes: Shapes::from_toml(include_str!("patterns.toml")).expect("a sound table of patterns"), glances: true }
});

impl Guard {
    /// The guard with the shapes that come with the program.
    pub fn built_in() -> &'static Guard {
        &BUILT_IN
    }

    /// A guard with the shapes of another table, written as `patterns.toml` is.
    pub fn from_toml(text: &str) -> Result<Guard, GuardError> {
        let shapes = Shapes::from_toml(text)?;
        shapes.shapes.iter().try_for_each(Shape::check)?;
        Ok(Guard { shapes, glances: false })
    }

    /// Ids of the shapes with who publishes each, in the order of the table.
    pub fn shapes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.shapes.shapes.iter().map(|shape| (shape.id.as_str(), shape.source.as_str()))
    }

    /// The pieces of a value of each shape.
    #[cfg(test)]
    pub(crate) fn samples(&self) -> impl Iterator<Item = &[String]> {
        self.shapes.shapes.iter().map(|shape| shape.sample.as_slice())
    }

    /// The parts of a text that look like token values, in order and without overlap.
    pub fn find(&self, text: &str, depth: Depth) -> Vec<Span> {
        let mut found = Vec::new();
        if depth == Depth::Nothing {
            return found;
        }
        let glance = Glance::at(text);
        if self.glances && glance.is_harmless() {
            return found;
        }
        if matches!(depth, Depth::Shapes | Depth::FreeText) {
            self.shapes.find(text, glance.longest_run, &mut found);
        }
        if matches!(depth, Depth::Randomness | Depth::FreeText) && glance.long_run {
            random_text::find(text, |run| self.shapes.is_identifier(run), &mut found);
        }
        merged(found)
    }

    /// Cuts what looks like a token value out of a text; none if there is nothing to cut.
    pub fn cut(&self, text: &str, depth: Depth) -> Option<(String, Vec<Cut>)> {
        let spans = self.find(text, depth);
        if spans.is_empty() {
            return None;
        }
        let mut cleaned = String::with_capacity(text.len());
        let mut cuts = Vec::new();
        let mut kept = 0;
        for span in spans {
            let characters = text.get(span.start..span.end).map_or(0, |value| value.chars().count());
            let cut = Cut { id: span.id, characters };
            cleaned.push_str(text.get(kept..span.start).unwrap_or_default());
            cleaned.push_str(&format!("{CUT_MARK}{}]", cut.describe()));
            kept = span.end;
            cuts.push(cut);
        }
        cleaned.push_str(text.get(kept..).unwrap_or_default());
        Some((cleaned, cuts))
    }

    /// A text without the token values that have a known shape: messages, settings. What only looks random stays, for paths do.
    pub fn without_tokens<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.cut(text, Depth::Shapes) {
            Some((cleaned, _)) => Cow::Owned(cleaned),
            None => Cow::Borrowed(text),
        }
    }

    /// A text that may be shown anywhere: reasons of rejected rows, excerpts, file names.
    pub fn clean_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.cut(text, Depth::FreeText) {
            Some((cleaned, _)) => Cow::Owned(cleaned),
            None => Cow::Borrowed(text),
        }
    }
}

/// Spans in order; of several that overlap one, from the first byte to the last, under the id of the longest.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)).then(a.id.cmp(&b.id)));
    let mut result: Vec<Span> = Vec::with_capacity(spans.len());
    let mut longest = 0;
    for span in spans {
        match result.last_mut() {
            Some(last) if span.start < last.end => {
                if span.end - span.start > longest {
                    longest = span.end - span.start;
                    last.id = span.id;
                }
                last.end = last.end.max(span.end);
            }
            _ => {
                longest = span.end - span.start;
                result.push(span);
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::test_values::{assemble, mixed};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_shape_finds_its_own_value_and_cuts_all_of_it() {
        let guard = Guard::built_in();
        for shape in &guard.shapes.shapes {
            shape.check().unwrap_or_else(|error| panic!("{error}"));
            let value = assemble(&shape.sample);
            let spans = guard.find(&value, Depth::Shapes);
            assert_eq!(spans.len(), 1, "{}: correct `match`, `needs` or `sample` in patterns.toml: {spans:?}", shape.id);
            let (cleaned, cuts) = guard.cut(&format!("see {value}"), Depth::FreeText).unwrap_or_default();
            assert_eq!(cuts.len(), 1, "{}: {cleaned}", shape.id);
            let cut = spans.first().and_then(|span| value.get(span.start..span.end)).unwrap_or_default();
            assert!(cleaned.starts_with("see ") && !cut.is_empty() && !cleaned.contains(cut), "{}: {cleaned}", shape.id);
            assert_eq!(guard.cut(&cleaned, Depth::FreeText), None, "{}: what replaces it is clean", shape.id);
        }
    }

    #[test]
    fn every_shape_is_found_under_its_own_id_alone() {
        let guard = Guard::built_in();
        for shape in &guard.shapes.shapes {
            let mut found = Vec::new();
            let value = assemble(&shape.sample);
            guard.shapes.find(&value, value.len(), &mut found);
            assert!(found.iter().any(|span| span.id == shape.id), "{}: {found:?}", shape.id);
        }
    }

    #[test]
    fn a_text_as_short_as_the_table_says_is_still_tried() {
        for shape in &Guard::built_in().shapes.shapes {
            let value = assemble(&shape.sample);
            assert!(value.len() >= shape.min_length(), "{}: min_length is above its own sample", shape.id);
        }
    }

    #[test]
    fn ids_are_unique_and_sourced() {
        let guard = Guard::built_in();
        let ids: BTreeSet<_> = guard.shapes().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), guard.shapes().count());
        assert!(ids.len() >= 60);
        assert!(guard.shapes().all(|(id, source)| !source.is_empty() && id != RANDOM_TEXT));
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "",
            "prod",
            "Reads catalogs nightly",
            "payments-api-prod-eu-west-1",
            "alice.nguyen@example.com",
            "AKIAIOSFODNN7EXAMPLE",
            "arn:aws:iam::123456789012:user/service/svc-ci/access_key_1",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/payments/acquirer-Ac01Me",
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "10000000000000000000000000000001",
            "00usample00000000001",
            "00u1aBcDeFgHiJkLmNo7",
            "SKaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb",
            "SHA256:n3PwXb0zYp4uQ7tV9cR2sK5mL8jH1gF6dS3aZ0qW1eE",
            "https://example.com/wiki/Access_Tokens#rotation",
            "token: payments-service-production",
            "password: in the password manager",
            "secret: projects/acme/secrets/stripe-key-2",
            "Bearer of the payments role",
            "https://deploy:***@db.example.com/",
            "https://api.example.com/v1/tokens?key=catalog-reader",
            "s.o.s.",
            "pat-office, sk-eleton, key-value",
            "Chloé – local testing 🔑",
            "令牌 生产环境",
        ] {
            assert_eq!(Guard::built_in().cut(text, Depth::FreeText), None, "{text}");
        }
    }

    #[test]
    fn only_the_value_is_cut() {
        let value = format!("gh{}{}", "p_", mixed(36));
        let text = format!("é {value} and {value}, 令牌");
        let cleaned = Guard::built_in().clean_text(&text);
        assert_eq!(cleaned, "é [cut: github-token, 40 characters] and [cut: github-token, 40 characters], 令牌");
    }

    #[test]
    fn identifier_fields_are_not_judged_by_entropy() {
        let id = mixed(24);
        assert_eq!(Guard::built_in().cut(&id, Depth::Shapes), None);
        assert_eq!(Guard::built_in().clean_text(&id), "[cut: random-text, 24 characters]");
    }

    #[test]
    fn a_table_of_the_user_is_checked() {
        let table = |expression: &str, anchor: &str| {
            format!(
                "[[pattern]]\nid = \"acme\"\nanchors = [\"{anchor}\"]\nmatch = '{expression}'\nmin_length = 8\nsample = []\nsource = \"x\"\n"
            )
        };
        let guard = Guard::from_toml(&table("acme-[0-9]{8}", "acme-")).unwrap();
        assert_eq!(guard.clean_text("ACME-1 acme-12345678"), "ACME-1 [cut: acme, 13 characters]");
        assert!(matches!(Guard::from_toml(&table("(", "acme-")), Err(GuardError::Expression { .. })));
        assert!(matches!(Guard::from_toml(&table("x", "")), Err(GuardError::NoAnchor(_))));
        assert!(matches!(Guard::from_toml("pattern = 1"), Err(GuardError::Toml(_))));
    }
}
