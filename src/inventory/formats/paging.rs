//! The ways in which an answer says that there is more of it (inventory formats, section 5). Paths are dotted.

use crate::inventory::format::Paging;
use serde_json::{Map, Value as Json};

/// A cursor, link or token of the next page: empty, `null` or missing on the last one.
pub(super) fn cursor(envelope: &Map<String, Json>, path: &str) -> Paging {
    let more = at(envelope, path).is_some_and(|next| !next.is_null() && next.as_str() != Some(""));
    Paging { declared: None, more: Some(more) }
}

/// A cursor, link or token of the next page that the service always states: where the object around it is missing (or, for a
/// key at the top, the key itself), somebody has cut the answer down and nothing is said.
pub(super) fn stated_cursor(envelope: &Map<String, Json>, path: &str) -> Paging {
    let place = path.rsplit_once('.').map_or(path, |(around, _)| around);
    if at(envelope, place).is_none() { Paging::default() } else { cursor(envelope, path) }
}

/// A flag such as `has_more`; without it nothing is said.
pub(super) fn flag(envelope: &Map<String, Json>, path: &str) -> Paging {
    Paging { declared: None, more: at(envelope, path).and_then(Json::as_bool) }
}

/// How many records there are in all.
pub(super) fn total(envelope: &Map<String, Json>, path: &str) -> Paging {
    Paging { declared: at(envelope, path).and_then(Json::as_u64), more: None }
}

/// The value at a dotted path of an envelope.
pub(super) fn at<'a>(envelope: &'a Map<String, Json>, path: &str) -> Option<&'a Json> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    rest.into_iter().flat_map(|rest| rest.split('.')).try_fold(envelope.get(first)?, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn envelope(value: &Json) -> Map<String, Json> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_last_page_is_told_from_the_others() {
        for (value, more) in [
            (json!({"links": {"next": "https://x.example/2"}}), true),
            (json!({"links": {"next": null}}), false),
            (json!({"links": {"next": ""}}), false),
            (json!({"links": {}}), false),
            (json!({}), false),
        ] {
            assert_eq!(cursor(&envelope(&value), "links.next").more, Some(more), "{value}");
        }
        for (value, more) in
            [(json!({"links": {}}), Some(false)), (json!({"links": {"next": "/2"}}), Some(true)), (json!({}), None)]
        {
            assert_eq!(stated_cursor(&envelope(&value), "links.next").more, more, "{value}");
        }
        for (value, more) in [(json!({"next": null}), Some(false)), (json!({"next": "/2"}), Some(true)), (json!({}), None)] {
            assert_eq!(stated_cursor(&envelope(&value), "next").more, more, "{value}");
        }
        assert_eq!(flag(&envelope(&json!({"has_more": true})), "has_more").more, Some(true));
        assert_eq!(flag(&envelope(&json!({})), "has_more").more, None);
        assert_eq!(total(&envelope(&json!({"meta": {"page": {"total": 7}}})), "meta.page.total").declared, Some(7));
        assert_eq!(total(&envelope(&json!({"total": "7"})), "total").declared, None);
    }
}
