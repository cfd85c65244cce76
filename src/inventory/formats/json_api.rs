//! Records in the form of JSON:API: `{type, id, attributes, relationships}`, alone under `data` or in a list there.

use super::element::Token;
use crate::inventory::format::{Row, Sight};
use serde_json::Value as Json;

/// The resource of a row: what stands under `data`, where somebody saved single answers one after the other, else the row.
pub(super) fn resource(row: Row<'_>) -> Row<'_> {
    if let Row::Json { line, number, element } = row
        && let Some(inner @ Json::Object(_)) = element.get("data")
    {
        return Row::Json { line, number, element: inner };
    }
    row
}

/// True if some resource under a key (empty for a bare list and single answers) is of this type.
pub(super) fn has_type(sight: &Sight, key: &str, kind: &str) -> bool {
    let is_type = |resource: &Json| resource.get("type").and_then(Json::as_str) == Some(kind);
    sight.elements_under(key).any(|element| is_type(element) || element.get("data").is_some_and(is_type))
}

/// The id of a related resource; none if there is none, or none is named.
pub(super) fn related(token: &Token<'_>, name: &str) -> Option<String> {
    let id = token.get("relationships")?.get(name)?.get("data")?.get("id")?.as_str()?.trim();
    (!id.is_empty()).then(|| id.to_owned())
}
