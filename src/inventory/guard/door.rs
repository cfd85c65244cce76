//! The door: what a row or a record of a file is cleaned of before an adapter sees it.
//!
//! Adapters take texts apart, look some up and drop others. A token value is therefore cut out of the whole text that it stands
//! in, wherever that is, also where no adapter looks: the file holds it all the same. What adapters hand over goes through the
//! guard once more ([`Guard::clean_record`]), for free text is judged more strictly and only they know what is free text.

use super::secret_fields::SecretFields;
use super::{Cut, Depth, Guard};
use crate::inventory::record::{Problem, ProblemKind};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;

/// The door of one source.
#[derive(Debug)]
pub struct Door {
    guard: &'static Guard,
    secret_fields: SecretFields,
    /// The header without secrets.
    header: Vec<String>,
    /// What was cut out of the header.
    header_cuts: Vec<Problem>,
}

impl Door {
    /// The door of a source whose format names these secret fields.
    pub fn new(secret_fields: &'static [&'static str]) -> Door {
        Door {
            guard: Guard::built_in(),
            secret_fields: SecretFields::new(secret_fields),
            header: Vec::new(),
            header_cuts: Vec::new(),
        }
    }

    /// The header of a table without secrets.
    pub fn header(&mut self, header: &[String]) -> &[String] {
        self.secret_fields.header(header);
        self.header = header.to_vec();
        for name in &mut self.header {
            clean(self.guard, name, || "header".to_owned(), &mut self.header_cuts);
        }
        &self.header
    }

    /// The header as [`Door::header`] left it.
    pub fn clean_header(&self) -> &[String] {
        &self.header
    }

    /// The cells of a row without secrets, and what to note on the row; none if there was nothing to cut.
    pub fn cells<'a>(&mut self, cells: &[&'a str]) -> Option<(Vec<Cow<'a, str>>, Vec<Problem>)> {
        let without_fields = self.secret_fields.cut_cells(cells);
        let kept = without_fields.as_ref().map_or(cells, |(cells, _)| cells);
        let is_clean = |cell: &&str| self.guard.find(cell, Depth::Shapes).is_empty();
        if self.header_cuts.is_empty() && without_fields.is_none() && kept.iter().all(is_clean) {
            return None;
        }
        let mut cleaned: Vec<Cow<'a, str>> = kept.iter().copied().map(Cow::Borrowed).collect();
        let mut cuts: Vec<Problem> = without_fields.into_iter().flat_map(|(_, cuts)| cuts).collect();
        cuts.extend(self.header_cuts.iter().cloned());
        for (index, cell) in cleaned.iter_mut().enumerate() {
            if let Some((text, found)) = self.guard.cut(cell, Depth::Shapes) {
                *cell = Cow::Owned(text);
                let name = self.header.get(index).filter(|name| !name.is_empty());
                let field = name.cloned().unwrap_or_else(|| format!("column {}", index + 1));
                cuts.extend(found.iter().map(|cut| problem(field.clone(), cut)));
            }
        }
        Some((cleaned, cuts))
    }

    /// A record without secrets, and what to note on it; none if there was nothing to cut.
    pub fn element(&mut self, element: &Json) -> Option<(Json, Vec<Problem>)> {
        let without_fields = self.secret_fields.cut(element);
        let kept = without_fields.as_ref().map_or(element, |(element, _)| element);
        if is_clean(self.guard, kept) {
            return without_fields;
        }
        let (mut element, mut cuts) = without_fields.unwrap_or_else(|| (element.clone(), Vec::new()));
        clean_json(self.guard, &mut element, "", &mut cuts);
        Some((element, cuts))
    }

    /// What stands around the records, without secrets; none if there was nothing to cut.
    pub fn envelope(&mut self, envelope: &Map<String, Json>) -> Option<Map<String, Json>> {
        let without_fields = self.secret_fields.cut_around(envelope);
        let kept = without_fields.as_ref().unwrap_or(envelope);
        if is_clean_object(self.guard, kept) {
            return without_fields;
        }
        let mut envelope = Json::Object(without_fields.unwrap_or_else(|| envelope.clone()));
        // A cursor to the next page may look like a token and ends with the session, so nothing is told.
        clean_json(self.guard, &mut envelope, "", &mut Vec::new());
        if let Json::Object(envelope) = envelope { Some(envelope) } else { None }
    }

    /// The fields that held secrets, or parts of them, by their dotted names.
    pub fn dropped_fields(&self) -> Vec<String> {
        self.secret_fields.found()
    }

    /// What to say of the source, in sentences with advice.
    pub fn sentences(&self) -> Vec<String> {
        self.secret_fields.sentences()
    }
}

fn problem(field: String, cut: &Cut) -> Problem {
    Problem { field, kind: ProblemKind::Secret, text: cut.describe() }
}

fn clean(guard: &Guard, text: &mut String, field: impl FnOnce() -> String, cuts: &mut Vec<Problem>) {
    if let Some((cleaned, found)) = guard.cut(text, Depth::Shapes) {
        *text = cleaned;
        let field = field();
        cuts.extend(found.iter().map(|cut| problem(field.clone(), cut)));
    }
}

fn is_clean(guard: &Guard, value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => true,
        Json::String(text) => guard.find(text, Depth::Shapes).is_empty(),
        Json::Array(entries) => entries.iter().all(|entry| is_clean(guard, entry)),
        Json::Object(entries) => is_clean_object(guard, entries),
    }
}

fn is_clean_object(guard: &Guard, entries: &Map<String, Json>) -> bool {
    entries.iter().all(|(key, value)| guard.find(key, Depth::Shapes).is_empty() && is_clean(guard, value))
}

fn clean_json(guard: &Guard, value: &mut Json, path: &str, cuts: &mut Vec<Problem>) {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
        Json::String(text) => clean(guard, text, || path.to_owned(), cuts),
        Json::Array(entries) => {
            let path = format!("{path}[]");
            entries.iter_mut().for_each(|entry| clean_json(guard, entry, &path, cuts));
        }
        Json::Object(entries) => {
            let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            if entries.keys().any(|key| !guard.find(key, Depth::Shapes).is_empty()) {
                *entries = std::mem::take(entries).into_iter().fold(Map::new(), |mut cleaned, (mut key, value)| {
                    clean(guard, &mut key, || if path.is_empty() { "keys".to_owned() } else { format!("{path} keys") }, cuts);
                    // Two names may be the same once cut; both values stay.
                    while cleaned.contains_key(&key) {
                        key.push('\'');
                    }
                    cleaned.insert(key, value);
                    cleaned
                });
            }
            for (key, value) in entries {
                clean_json(guard, value, &below(key), cuts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::guard::test_values::mixed;
    use serde_json::json;

    fn token() -> String {
        format!("gl{}{}", "pat-", mixed(20))
    }

    fn fields(cuts: &[Problem]) -> Vec<&str> {
        cuts.iter().map(|cut| cut.field.as_str()).collect()
    }

    #[test]
    fn a_record_is_cleaned_wherever_a_token_stands() {
        let mut door = Door::new(&["secret"]);
        assert_eq!(door.element(&json!({"name": "x", "list": [{"a": 1}]})), None);
        let record = json!({"name": format!("see {}", token()), "list": [{"a": [token()]}], token(): 1, "m": {token(): 2, format!("{} ", token()): 3}, "secret": "s3"});
        let (cleaned, cuts) = door.element(&record).unwrap();
        assert!(!cleaned.to_string().contains(&token()), "{cleaned}");
        assert_eq!(cleaned["name"], json!("see [cut: gitlab-token, 26 characters]"));
        assert_eq!(cleaned["m"].as_object().unwrap().len(), 2);
        let mut fields = fields(&cuts);
        fields.sort_unstable();
        assert_eq!(fields, ["keys", "list[].a[]", "m keys", "m keys", "name", "secret"]);
    }

    #[test]
    fn a_row_and_its_header_are_cleaned() {
        let mut door = Door::new(&["Password"]);
        assert_eq!(door.header(&["id".to_owned(), "Password".to_owned(), String::new()]).len(), 3);
        let token = token();
        let (cells, cuts) = door.cells(&["1", "Summer1", &token]).unwrap();
        assert_eq!(cells, ["1", "", "[cut: gitlab-token, 26 characters]"]);
        assert_eq!(fields(&cuts), ["Password", "column 3"]);
        let mut door = Door::new(&[]);
        assert_eq!(door.header(&["id".to_owned(), token]), ["id", "[cut: gitlab-token, 26 characters]"]);
        assert_eq!(fields(&door.cells(&["1", "2"]).unwrap().1), ["header"]);
        let mut door = Door::new(&[]);
        door.header(&["id".to_owned()]);
        assert_eq!(door.cells(&["1"]), None);
    }

    #[test]
    fn what_stands_around_is_cleaned_without_a_word() {
        let mut door = Door::new(&[]);
        let Json::Object(envelope) = json!({"included": [{"name": token()}], "next": null}) else { panic!() };
        let cleaned = door.envelope(&envelope).unwrap();
        assert_eq!(cleaned["included"][0]["name"], json!("[cut: gitlab-token, 26 characters]"));
        let Json::Object(envelope) = json!({"n": 1}) else { panic!() };
        assert_eq!(door.envelope(&envelope), None);
    }
}
