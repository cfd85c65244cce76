//! Who owns a stored secret, where the organisation writes it in tags, labels or custom metadata (inventory formats, section 8).

use super::element::Token;
use crate::inventory::cell::{self, Notation};
use crate::inventory::field::Field;
use crate::inventory::format::SourceContext;

/// Keys that name the owner where the settings say nothing.
const OWNER_KEYS: &[&str] = &["owner", "contact", "team"];
/// Keys that name the environment where the settings say nothing.
const ENVIRONMENT_KEYS: &[&str] = &["environment", "env", "stage"];

/// Sets owner and environment from the organisation's own key-value pairs, and keeps all of them as tags.
pub(super) fn read(token: &mut Token<'_>, pairs: Vec<(String, String)>, context: &SourceContext) {
    let owner = find(&pairs, &context.owner_keys, OWNER_KEYS);
    token.record.set_text(Field::Owner, owner.trim());
    let environment = find(&pairs, &context.environment_keys, ENVIRONMENT_KEYS);
    let cell = cell::from_text(Field::Environment, environment, Notation::default(), &mut token.record.problems);
    token.record.set(Field::Environment, cell);
    token.record.tags.extend(pairs);
}

/// The value of the first key that is there; letter case does not count.
fn find<'p>(pairs: &'p [(String, String)], told: &[String], usual: &[&str]) -> &'p str {
    let value = |key: &str| pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str());
    let found = if told.is_empty() { usual.iter().find_map(|key| value(key)) } else { told.iter().find_map(|key| value(key)) };
    found.unwrap_or_default()
}
