//! Fields of an export that hold secrets by their meaning (inventory formats, section 6): they are cut unread.
//!
//! A path names a field relative to one record, as [`crate::inventory::format::Format::secret_fields`] describes it. What is
//! there becomes `null`, or an empty cell, before the adapter sees the record. A record that held a value fails INV-005, because
//! the file holds the secret whatever it looks like; parts of values (`~`) are only told of, unless one is a whole token.

use super::base64;
use super::{Depth, Guard};
use crate::inventory::record::{Problem, ProblemKind};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Id that findings of this rule carry.
pub const RULE: &str = "secret-field";

/// Keys below `*` that hold no secret: certificates, names, settings (Kubernetes documentation, types of Secret).
const PUBLIC_KEYS: &[&str] = &[
    "ca.crt",
    "service-ca.crt",
    "tls.crt",
    "namespace",
    "username",
    "token-id",
    "expiration",
    "description",
    "auth-extra-groups",
    "usage-bootstrap-authentication",
    "usage-bootstrap-signing",
];

/// One step from a value to what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    AnyKey,
    EachEntry,
}

#[derive(Debug)]
struct Path {
    /// As written, without the mark for a part.
    written: &'static str,
    keeps: Keeps,
    steps: Vec<Step>,
}

/// How many records held something at a path.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    values: u64,
    parts: u64,
    around: bool,
}

/// The secret fields of one source, and what was found there.
#[derive(Debug)]
pub struct SecretFields {
    guard: &'static Guard,
    paths: Vec<Path>,
    /// By path.
    seen: Vec<Seen>,
    /// Of a table: the path of each secret column, by its index.
    columns: BTreeMap<usize, usize>,
}

/// What a field is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Values,
    /// Parts of values, or encrypted ones.
    Parts,
    /// What stands beside the values under [`PUBLIC_KEYS`].
    PublicText,
}

/// What a field held.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    values: usize,
    parts: usize,
}

impl SecretFields {
    /// The fields of a format.
    pub fn new(written: &'static [&'static str]) -> SecretFields {
        let paths: Vec<Path> = written.iter().map(|path| Path::parse(path)).collect();
        let seen = vec![Seen::default(); paths.len()];
        SecretFields { guard: Guard::built_in(), paths, seen, columns: BTreeMap::new() }
    }

    /// The record without its secrets, and what to note on it; none if it has no secret field.
    pub fn cut(&mut self, element: &Json) -> Option<(Json, Vec<Problem>)> {
        if !self.paths.iter().any(|path| reaches(element, &path.steps)) {
            return None;
        }
        let mut element = element.clone();
        let mut problems = Vec::new();
        for (path, seen) in self.paths.iter().zip(&mut self.seen) {
            let mut held = Held::default();
            cut(&mut element, &path.steps, &mut |value, public| held.add_copy(value, path.kept(public), &self.paths, self.guard));
            seen.values += u64::from(held.values > 0);
            seen.parts += u64::from(held.parts > 0);
            problems.extend(held.problem(path));
        }
        Some((element, problems))
    }

    /// What stands around the records, without secrets: objects there may be records themselves (the answer to a creation, or
    /// what JSON:API includes). None if there are none.
    pub fn cut_around(&mut self, envelope: &Map<String, Json>) -> Option<Map<String, Json>> {
        if self.paths.is_empty() {
            return None;
        }
        let mut whole = Json::Object(envelope.clone());
        for (path, seen) in self.paths.iter().zip(&mut self.seen) {
            let mut held = Held::default();
            cut_everywhere(&mut whole, &path.steps, &mut |value, public| held.add(value, path.kept(public), self.guard));
            seen.around |= held.values + held.parts > 0;
        }
        if let Json::Object(envelope) = whole { Some(envelope) } else { None }
    }

    /// Finds the secret columns of a table.
    pub fn header(&mut self, header: &[String]) {
        let path_of = |name: &String| self.paths.iter().position(|path| is_column(name, path.written));
        self.columns = header.iter().enumerate().filter_map(|(index, name)| Some((index, path_of(name)?))).collect();
    }

    /// The cells without secrets, and what to note on the row; none if the table has no secret column.
    pub fn cut_cells<'a>(&mut self, cells: &[&'a str]) -> Option<(Vec<&'a str>, Vec<Problem>)> {
        if self.columns.is_empty() {
            return None;
        }
        let mut cells = cells.to_vec();
        let mut problems = Vec::new();
        for (index, path) in &self.columns {
            let (Some(cell), Some(path), Some(seen)) = (cells.get_mut(*index), self.paths.get(*path), self.seen.get_mut(*path))
            else {
                continue;
            };
            let mut held = Held::default();
            held.add_text(std::mem::take(cell), path.keeps, self.guard);
            seen.values += u64::from(held.values > 0);
            seen.parts += u64::from(held.parts > 0);
            problems.extend(held.problem(path));
        }
        Some((cells, problems))
    }

    /// The fields that held secrets, or parts of them, by their dotted names.
    pub fn found(&self) -> Vec<String> {
        let held = |seen: &Seen| seen.values > 0 || seen.parts > 0 || seen.around;
        self.paths.iter().zip(&self.seen).filter(|(_, seen)| held(seen)).map(|(path, _)| path.written.to_owned()).collect()
    }

    /// What to say of the source, in sentences with advice.
    pub fn sentences(&self) -> Vec<String> {
        let told = self.paths.iter().zip(&self.seen).flat_map(|(path, seen)| {
            let name = path.written;
            let values = (seen.values > 0).then(|| {
                format!(
                    "`{name}` held secret values in {}, which were cut unread: export again without this field, and reset \
                     these secrets if the file lay where others could read it",
                    records(seen.values)
                )
            });
            let parts = (seen.parts > 0).then(|| {
                format!(
                    "`{name}` held parts of secret values, or encrypted ones, in {}, which were cut unread: better export \
                     without this field",
                    records(seen.parts)
                )
            });
            let around = seen.around.then(|| {
                format!(
                    "`{name}` held a secret value beside the records, which was cut unread: export the list without it, and \
                     reset the secret if the file lay where others could read it"
                )
            });
            [values, parts, around]
        });
        told.flatten().collect()
    }
}

fn records(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}

impl Path {
    /// Reads `metadata.annotations."a.key/with.dots"`, `fields[].value`, `data.*`, `~last4`.
    fn parse(path: &'static str) -> Path {
        let written = path.strip_prefix('~').unwrap_or(path);
        let mut steps = Vec::new();
        let mut rest = written;
        while !rest.is_empty() {
            let (key, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
            };
            match key {
                "" => {}
                "*" => steps.push(Step::AnyKey),
                _ => steps.push(Step::Key(key.to_owned())),
            }
            rest = after;
            while let Some(after) = rest.strip_prefix("[]") {
                steps.push(Step::EachEntry);
                rest = after;
            }
            rest = rest.strip_prefix('.').unwrap_or(rest.trim_start_matches(['[', ']']));
        }
        Path { written, keeps: if path.starts_with('~') { Keeps::Parts } else { Keeps::Values }, steps }
    }
}

impl Path {
    /// What the field keeps at a place that is public or not.
    fn kept(&self, public: bool) -> Keeps {
        if public { Keeps::PublicText } else { self.keeps }
    }
}

impl Held {
    /// Adds a value, which may be a whole manifest as Kubernetes keeps it in annotations: that holds what its fields hold.
    fn add_copy(&mut self, value: &Json, keeps: Keeps, paths: &[Path], guard: &Guard) {
        let manifest = value.as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
        match manifest.filter(|manifest| manifest.get("apiVersion").is_some() && manifest.get("kind").is_some()) {
            Some(mut manifest) => {
                for path in paths {
                    cut(&mut manifest, &path.steps, &mut |value, public| {
                        self.add(value, if keeps == Keeps::Parts { keeps } else { path.kept(public) }, guard)
                    });
                }
            }
            None => self.add(value, keeps, guard),
        }
    }

    fn add(&mut self, value: &Json, keeps: Keeps, guard: &Guard) {
        match value {
            Json::Null | Json::Bool(_) => {}
            Json::Number(number) => self.add_text(&number.to_string(), keeps, guard),
            Json::String(text) => self.add_text(text, keeps, guard),
            Json::Array(entries) => entries.iter().for_each(|entry| self.add(entry, keeps, guard)),
            Json::Object(entries) => entries.values().for_each(|entry| self.add(entry, keeps, guard)),
        }
    }

    /// Empty texts and masks hold nothing, nor does what everybody may read. Whatever is a token by its shape is a value.
    fn add_text(&mut self, text: &str, keeps: Keeps, guard: &Guard) {
        if !guard.find(text, Depth::Shapes).is_empty() {
            self.values += 1;
        } else if !holds_nothing(text) {
            match keeps {
                Keeps::Values => self.values += 1,
                Keeps::Parts => self.parts += 1,
                Keeps::PublicText => {}
            }
        }
    }

    fn problem(self, path: &Path) -> Option<Problem> {
        let values = if self.values == 1 { "1 value".to_owned() } else { format!("{} values", self.values) };
        (self.values > 0).then(|| Problem {
            field: path.written.to_owned(),
            kind: ProblemKind::Secret,
            text: format!("{RULE}, {values}"),
        })
    }
}

/// True for what stands where there is no value, or where one was taken out, also in base64.
pub(super) fn holds_nothing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || is_blanked(text) || base64::decode(text).is_some_and(|decoded| is_blanked(decoded.trim()))
}

/// True for masks (`***`, `npm_***`), for a word that says so, and for the name of a place to fill in.
fn is_blanked(text: &str) -> bool {
    let bare = text.trim_matches(['<', '>', '[', ']', '(', ')', '{', '}', '$', '%', '"', '_']).to_ascii_lowercase();
    let is_mask = |character| matches!(character, '*' | '•' | '●' | '·' | '.' | '…' | '-' | 'x');
    bare.chars().all(is_mask)
        || bare.contains("***")
        || ["redacted", "omitted", "masked", "hidden", "removed", "filtered", "scrubbed", "sensitive", "enc[omitted"]
            .iter()
            .any(|word| bare.starts_with(word))
        || matches!(bare.as_str(), "null" | "nil" | "none" | "n/a" | "undefined")
}

/// Headers differ in letter case and in notes such as `Password [Required]`.
fn is_column(name: &str, written: &str) -> bool {
    let bare = name.split(['[', '(']).next().unwrap_or_default().trim();
    name.trim().eq_ignore_ascii_case(written) || bare.eq_ignore_ascii_case(written)
}

fn reaches(value: &Json, steps: &[Step]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return true };
    match (step, value) {
        (Step::Key(key), Json::Object(entries)) => {
            entries.iter().any(|(name, value)| name.eq_ignore_ascii_case(key) && reaches(value, rest))
        }
        (Step::AnyKey, Json::Object(entries)) => entries.values().any(|value| reaches(value, rest)),
        (Step::EachEntry, Json::Array(entries)) => entries.iter().any(|entry| reaches(entry, rest)),
        // One version's list is another's single object, and the other way round.
        (Step::EachEntry, Json::Object(_)) => reaches(value, rest),
        (Step::Key(_) | Step::AnyKey, Json::Array(entries)) => entries.iter().any(|entry| reaches(entry, steps)),
        _ => false,
    }
}

/// Takes what is at the end of the steps, wherever they lead, and shows it to `taken`, with whether it is public.
fn cut(value: &mut Json, steps: &[Step], taken: &mut dyn FnMut(&Json, bool)) {
    let Some((step, rest)) = steps.split_first() else {
        taken(&value.take(), false);
        return;
    };
    match (step, value) {
        (Step::Key(key), Json::Object(entries)) => {
            let same = entries.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(key));
            same.for_each(|(_, value)| cut(value, rest, taken));
        }
        (Step::AnyKey, Json::Object(entries)) => {
            for (name, value) in entries {
                if PUBLIC_KEYS.contains(&name.as_str()) {
                    cut(value, rest, &mut |value, _| taken(value, true));
                } else {
                    cut(value, rest, taken);
                }
            }
        }
        (Step::EachEntry, Json::Array(entries)) => entries.iter_mut().for_each(|entry| cut(entry, rest, taken)),
        (Step::EachEntry, value @ Json::Object(_)) => cut(value, rest, taken),
        (Step::Key(_) | Step::AnyKey, Json::Array(entries)) => entries.iter_mut().for_each(|entry| cut(entry, steps, taken)),
        _ => {}
    }
}

/// Takes the steps from every object at any depth.
fn cut_everywhere(value: &mut Json, steps: &[Step], taken: &mut dyn FnMut(&Json, bool)) {
    if value.is_object() {
        cut(value, steps, taken);
    }
    match value {
        Json::Object(entries) => entries.values_mut().for_each(|value| cut_everywhere(value, steps, taken)),
        Json::Array(entries) => entries.iter_mut().for_each(|value| cut_everywhere(value, steps, taken)),
        _ => {}
    }
}

/// Puts a value at a path, and makes what leads there.
#[cfg(test)]
pub(crate) fn put(record: &mut Json, path: &'static str, text: &str) {
    let mut place = record;
    for step in Path::parse(path).steps {
        if step == Step::EachEntry {
            if place.as_array().is_none_or(Vec::is_empty) {
                *place = serde_json::json!([{}]);
            }
            place = &mut place[0];
            continue;
        }
        if !place.is_object() {
            *place = serde_json::json!({});
        }
        let key = if let Step::Key(key) = step { key } else { "planted".to_owned() };
        place = &mut place[key];
    }
    *place = Json::from(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::guard::test_values::mixed;
    use serde_json::json;

    fn fields(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(|problem| format!("{} {}", problem.field, problem.text)).collect()
    }

    #[test]
    fn paths_lead_through_objects_lists_and_quoted_keys() {
        let mut secret = SecretFields::new(&["data.*", "fields[].value", "metadata.annotations.\"a.io/last\"", "attributes.key"]);
        let record = json!({
            "data": {"user": "u", "password": "p"},
            "fields": [{"id": 1, "value": "v"}, {"id": 2}],
            "metadata": {"annotations": {"a.io/last": "{\"a\":1}", "b": "kept"}},
            "attributes": {"Key": 7, "name": "kept"},
            "key": "kept"
        });
        let (cut, problems) = secret.cut(&record).unwrap();
        assert_eq!(
            cut,
            json!({
                "data": {"user": null, "password": null},
                "fields": [{"id": 1, "value": null}, {"id": 2}],
                "metadata": {"annotations": {"a.io/last": null, "b": "kept"}},
                "attributes": {"Key": null, "name": "kept"},
                "key": "kept"
            })
        );
        assert_eq!(
            fields(&problems),
            [
                "data.* secret-field, 2 values",
                "fields[].value secret-field, 1 value",
                "metadata.annotations.\"a.io/last\" secret-field, 1 value",
                "attributes.key secret-field, 1 value"
            ]
        );
    }

    #[test]
    fn a_list_in_place_of_an_object_and_the_reverse_are_cut_too() {
        let mut secret = SecretFields::new(&["fields[].value", "credential.secret"]);
        let (cut, _) = secret.cut(&json!({"fields": {"value": "v"}, "credential": [{"secret": "s"}]})).unwrap();
        assert_eq!(cut, json!({"fields": {"value": null}, "credential": [{"secret": null}]}));
    }

    #[test]
    fn what_holds_nothing_is_not_told() {
        let mut secret = SecretFields::new(&["token", "data.*"]);
        for nothing in [
            json!(null),
            json!(""),
            json!("***"),
            json!("****"),
            json!("••••••"),
            json!("<redacted>"),
            json!("REDACTED"),
            json!(false),
        ] {
            let (cut, problems) = secret.cut(&json!({"token": nothing})).unwrap();
            assert_eq!((cut, problems), (json!({"token": null}), vec![]));
        }
        let masked = json!({"data": {"token": "UkVEQUNURUQ=", "ca.crt": "abc", "namespace": "cGF5bWVudHM="}});
        assert_eq!(secret.cut(&masked).unwrap().1, []);
        assert_eq!(secret.cut(&json!({"name": "x"})), None);
        assert!(secret.sentences().is_empty());
    }

    #[test]
    fn a_copy_of_the_record_holds_what_its_fields_hold() {
        let mut secret = SecretFields::new(&["data.*", "last"]);
        let manifest = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "data": {"key": value}}).to_string();
        assert_eq!(secret.cut(&json!({"last": manifest("UkVEQUNURUQ=")})).unwrap(), (json!({"last": null}), vec![]));
        assert_eq!(secret.cut(&json!({"last": manifest("aHVudGVyMg==")})).unwrap().1.len(), 1);
        assert_eq!(secret.cut(&json!({"last": "{\"password\":\"hunter2\"}"})).unwrap().1.len(), 1);
    }

    #[test]
    fn parts_are_told_and_a_whole_token_among_them_is_a_finding() {
        let mut secret = SecretFields::new(&["~token"]);
        assert_eq!(secret.cut(&json!({"token": "npm_aB"})).unwrap().1, []);
        let whole = format!("np{}{}", "m_", mixed(36));
        assert_eq!(fields(&secret.cut(&json!({"token": whole})).unwrap().1), ["token secret-field, 1 value"]);
        let sentences = secret.sentences();
        assert!(sentences[0].starts_with("`token` held secret values in 1 record,"), "{sentences:?}");
        assert!(
            sentences[1].starts_with("`token` held parts of secret values, or encrypted ones, in 1 record,"),
            "{sentences:?}"
        );
    }

    #[test]
    fn columns_are_cut_whatever_their_letter_case() {
        let mut secret = SecretFields::new(&["Password"]);
        secret.header(&["Email".to_owned(), "password [Required]".to_owned(), "Password hint".to_owned()]);
        let (cells, problems) = secret.cut_cells(&["a@acme.example", "Summer1", "dog"]).unwrap();
        assert_eq!((cells, problems.len()), (vec!["a@acme.example", "", "dog"], 1));
        assert_eq!(secret.cut_cells(&["a", "****", ""]).unwrap().1, []);
        assert_eq!(SecretFields::new(&[]).cut_cells(&["a"]), None);
    }

    #[test]
    fn what_stands_around_the_records_is_cut_at_any_depth() {
        let mut secret = SecretFields::new(&["attributes.key"]);
        let envelope =
            json!({"data": {"attributes": {"key": "k"}}, "included": [{"attributes": {"key": "l", "name": "n"}}], "n": 1});
        let Json::Object(envelope) = envelope else { panic!() };
        let cut = Json::Object(secret.cut_around(&envelope).unwrap());
        assert_eq!(
            cut,
            json!({"data": {"attributes": {"key": null}}, "included": [{"attributes": {"key": null, "name": "n"}}], "n": 1})
        );
        assert_eq!(secret.sentences().len(), 1);
    }
}
