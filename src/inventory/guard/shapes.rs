//! The table of token shapes, and how a text is searched for all of them in one pass.
//!
//! One automaton looks for the anchors of all shapes; only a shape whose anchor occurs, in a text that is long enough, is tried
//! as a regular expression. Expressions are compiled at their first use, so a run over clean files compiles none.

use super::words::{entropy, is_mixed, is_words};
use super::{GuardError, Span};
use aho_corasick::automaton::Automaton;
use aho_corasick::{Anchored, dfa::DFA};
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use std::sync::OnceLock;

/// The table as it stands in `patterns.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    pattern: Vec<Entry>,
    #[serde(default)]
    identifier: Vec<Identifier>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    #[serde(default)]
    anchors: Vec<String>,
    #[serde(default)]
    min_run: usize,
    #[serde(rename = "match")]
    expression: String,
    min_length: usize,
    #[serde(default)]
    contains: String,
    #[serde(default)]
    needs: Vec<Need>,
    sample: Vec<String>,
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identifier {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "match")]
    expression: String,
    #[serde(rename = "source")]
    _source: String,
}

/// A further condition on what is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Need {
    #[serde(rename = "mixed")]
    Mixed,
    #[serde(rename = "letter-and-digit")]
    LetterAndDigit,
    #[serde(rename = "entropy-3.0")]
    Entropy30,
    #[serde(rename = "entropy-3.5")]
    Entropy35,
    #[serde(rename = "entropy-4.0")]
    Entropy40,
    #[serde(rename = "no-mask")]
    NoMask,
    #[serde(rename = "no-word")]
    NoWord,
    #[serde(rename = "no-identifier")]
    NoIdentifier,
}

/// A known shape of a token value.
#[derive(Debug)]
pub struct Shape {
    /// Shown in findings and in place of the value.
    pub id: String,
    /// Who publishes the shape.
    pub source: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests assemble values from it"))]
    pub(super) sample: Vec<String>,
    min_length: usize,
    contains: String,
    needs: Vec<Need>,
    expression: String,
    compiled: OnceLock<Option<Regex>>,
}

/// All shapes, ready to search.
#[derive(Debug)]
pub(super) struct Shapes {
    pub(super) shapes: Vec<Shape>,
    anchors: DFA,
    /// For each anchor the index of its shape.
    shape_of_anchor: Vec<usize>,
    /// Shapes without an anchor, with the run that they need.
    by_run: Vec<(usize, usize)>,
    shortest: usize,
    identifier_expression: String,
    identifier: OnceLock<Option<Regex>>,
}

impl Shapes {
    pub(super) fn from_toml(text: &str) -> Result<Shapes, GuardError> {
        let table: Table = toml::from_str(text)?;
        let mut anchors = Vec::new();
        let mut shape_of_anchor = Vec::new();
        let mut by_run = Vec::new();
        for (index, entry) in table.pattern.iter().enumerate() {
            if (entry.anchors.is_empty() && entry.min_run == 0) || entry.anchors.iter().any(String::is_empty) {
                return Err(GuardError::NoAnchor(entry.id.clone()));
            }
            if entry.anchors.is_empty() {
                by_run.push((entry.min_run, index));
            }
            anchors.extend(entry.anchors.iter().cloned());
            shape_of_anchor.extend(entry.anchors.iter().map(|_| index));
        }
        let anchors = DFA::builder().ascii_case_insensitive(true).build(anchors).map_err(|_| GuardError::TooMany)?;
        let identifiers: Vec<&str> = table.identifier.iter().map(|identifier| identifier.expression.as_str()).collect();
        Ok(Shapes {
            anchors,
            shape_of_anchor,
            by_run,
            shortest: table.pattern.iter().map(|entry| entry.min_length).min().unwrap_or(usize::MAX),
            identifier_expression: format!("^(?:{})$", identifiers.join("|")),
            identifier: OnceLock::new(),
            shapes: table
                .pattern
                .into_iter()
                .map(|entry| Shape {
                    id: entry.id,
                    source: entry.source,
                    sample: entry.sample,
                    min_length: entry.min_length,
                    contains: entry.contains,
                    needs: entry.needs,
                    expression: entry.expression,
                    compiled: OnceLock::new(),
                })
                .collect(),
        })
    }

    /// Adds what matches a shape to `found`; `longest_run` is that of the text's glance.
    pub(super) fn find(&self, text: &str, longest_run: usize, found: &mut Vec<Span>) {
        if text.len() < self.shortest {
            return;
        }
        for &(least, index) in &self.by_run {
            if longest_run >= least
                && let Some(shape) = self.shapes.get(index)
            {
                self.try_shape(shape, text, found);
            }
        }
        // Stepping by hand costs a third of what the iterator over overlapping matches does on short texts.
        let Ok(mut state) = self.anchors.start_state(Anchored::No) else { return };
        let mut tried = Vec::new();
        for byte in text.bytes() {
            state = self.anchors.next_state(Anchored::No, state, byte);
            if !self.anchors.is_match(state) {
                continue;
            }
            for number in 0..self.anchors.match_len(state) {
                let anchor = self.anchors.match_pattern(state, number).as_usize();
                let Some(&index) = self.shape_of_anchor.get(anchor) else { continue };
                if let Some(shape) = self.shapes.get(index)
                    && text.len() >= shape.min_length
                    && text.contains(&shape.contains)
                    && !tried.contains(&index)
                {
                    tried.push(index);
                    self.try_shape(shape, text, found);
                }
            }
        }
    }

    fn try_shape(&self, shape: &Shape, text: &str, found: &mut Vec<Span>) {
        let Some(expression) = shape.expression() else { return };
        for groups in expression.captures_iter(text.as_bytes()) {
            let Some(cut) = groups.get(1).or_else(|| groups.get(0)) else { continue };
            let (start, end) = (text.floor_char_boundary(cut.start()), text.ceil_char_boundary(cut.end()));
            if text.get(start..end).is_some_and(|value| shape.needs.iter().all(|need| self.holds(*need, value))) {
                found.push(Span { start, end, id: shape.id.clone() });
            }
        }
    }

    /// True if the whole text is an identifier that looks like a secret.
    pub(super) fn is_identifier(&self, text: &str) -> bool {
        let expression = self.identifier.get_or_init(|| compile(&self.identifier_expression).ok());
        expression.as_ref().is_some_and(|expression| expression.is_match(text.as_bytes()))
    }

    fn holds(&self, need: Need, value: &str) -> bool {
        let bytes = value.as_bytes();
        match need {
            Need::Mixed => is_mixed(bytes),
            Need::LetterAndDigit => bytes.iter().any(u8::is_ascii_alphabetic) && bytes.iter().any(u8::is_ascii_digit),
            Need::Entropy30 => entropy(bytes) >= 3.0,
            Need::Entropy35 => entropy(bytes) >= 3.5,
            Need::Entropy40 => entropy(bytes) >= 4.0,
            Need::NoMask => !is_mask(value),
            Need::NoWord => !is_words(value),
            Need::NoIdentifier => !self.is_identifier(value),
        }
    }
}

impl Shape {
    #[cfg(test)]
    pub(super) fn min_length(&self) -> usize {
        self.min_length
    }

    fn expression(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&self.expression).ok()).as_ref()
    }

    /// Compiles the expression, to tell what is wrong with it.
    pub(super) fn check(&self) -> Result<(), GuardError> {
        compile(&self.expression).map(drop).map_err(|source| GuardError::Expression { id: self.id.clone(), source })
    }
}

fn compile(expression: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(expression).unicode(false).build()
}

/// True for what stands where a value was taken out.
fn is_mask(value: &str) -> bool {
    let first = value.bytes().next();
    value.bytes().all(|byte| Some(byte) == first)
        || value.contains("***")
        || value.starts_with(['<', '$', '{', '%', '['])
        || ["redacted", "masked", "hidden", "xxxx"].iter().any(|word| value.to_ascii_lowercase().starts_with(word))
}
