//! Dotted paths into a JSON record.

use serde_json::Value as Json;
use std::borrow::Cow;

/// The value at a dotted path; none if there is no such key.
///
/// In a list a number names an element, counted from 0; any other name is looked up in every element, and the values found
/// make up a list: `scopes.name` of `{"scopes": [{"name": "a"}, {"name": "b"}]}` is `["a", "b"]`. A key that holds dots itself
/// is found too.
pub fn find<'a>(value: &'a Json, path: &str) -> Option<Cow<'a, Json>> {
    match value {
        Json::Object(object) => match object.get(path) {
            Some(found) => Some(Cow::Borrowed(found)),
            None => path.match_indices('.').find_map(|(dot, _)| {
                let (key, rest) = (path.get(..dot)?, path.get(dot + 1..)?);
                find(object.get(key)?, rest)
            }),
        },
        Json::Array(elements) => {
            let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
            if let Ok(index) = first.parse::<usize>() {
                let element = elements.get(index)?;
                return rest.map_or(Some(Cow::Borrowed(element)), |rest| find(element, rest));
            }
            let found: Vec<Json> = elements.iter().filter_map(|element| find(element, path)).map(Cow::into_owned).collect();
            (elements.is_empty() || !found.is_empty()).then(|| Cow::Owned(Json::Array(found)))
        }
        _ => None,
    }
}

/// Calls `visit` with the dotted path and the value of everything in a record that is no object; lists are one value.
pub fn leaves<'a>(value: &'a Json, visit: &mut dyn FnMut(&str, &'a Json)) {
    let mut path = String::new();
    walk(value, &mut path, visit);
}

fn walk<'a>(value: &'a Json, path: &mut String, visit: &mut dyn FnMut(&str, &'a Json)) {
    let Json::Object(object) = value else {
        visit(path, value);
        return;
    };
    let length = path.len();
    for (key, inner) in object {
        if length > 0 {
            path.push('.');
        }
        path.push_str(key);
        walk(inner, path, visit);
        path.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn found(value: &Json, path: &str) -> Option<Json> {
        find(value, path).map(Cow::into_owned)
    }

    #[test]
    fn paths_lead_through_objects_and_lists() {
        let record = json!({
            "id": 7, "none": null, "meta": {"times": {"made": "2026-01-02"}},
            "owners": [{"mail": "a@x.org"}, {"mail": "b@x.org"}, {}], "empty": [],
            "app.kubernetes.io/name": "edge", "meta.times": 1
        });
        for (path, value) in [
            ("id", Some(json!(7))),
            ("none", Some(Json::Null)),
            ("meta.times.made", Some(json!("2026-01-02"))),
            ("owners.1.mail", Some(json!("b@x.org"))),
            ("owners.mail", Some(json!(["a@x.org", "b@x.org"]))),
            ("owners.0", Some(json!({"mail": "a@x.org"}))),
            ("empty.mail", Some(json!([]))),
            ("app.kubernetes.io/name", Some(json!("edge"))),
            ("meta.times", Some(json!(1))),
            ("owners.name", None),
            ("owners.9", None),
            ("id.x", None),
            ("", None),
            (".", None),
            ("Id", None),
        ] {
            assert_eq!(found(&record, path), value, "{path}");
        }
    }

    #[test]
    fn leaves_are_all_that_is_no_object() {
        let record = json!({"a": 1, "b": {"c": [1, 2], "d": {"e": null}}, "f": {}});
        let mut seen = Vec::new();
        leaves(&record, &mut |path, value| seen.push(format!("{path}={value}")));
        assert_eq!(seen, ["a=1", "b.c=[1,2]", "b.d.e=null"]);
    }

    proptest! {
        #[test]
        fn any_path_is_followed_without_harm(path in "[ab.0é]{0,12}") {
            let record = json!({"a": {"a": [{"b": 1}, [2]], "a.b": {"0": 3}}, "a.a": {"b": 4}, "é": {"é": 5}, "": {"": 6}});
            let _ = find(&record, &path);
        }
    }
}
