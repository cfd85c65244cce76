//! Puts the values of columns, or of JSON keys, into a record: whole fields, parts of nested entries, dates by name, tags.
//!
//! The canonical sheet and column mappings differ only in where a value comes from and how it is written.

use super::cell::{self, Notation};
use super::field::{FIELD_COUNT, FIELDS, Field, Kind, Part};
use super::record::{Cell, Item, Record, State, Value};
use super::target::Target;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A value as the source has it.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    /// The source has no such key here.
    Absent,
    Text(&'a str),
    Json(&'a Json),
}

/// Where a value goes and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub target: Target,
    /// Words of the source → canonical words.
    pub words: BTreeMap<String, String>,
    pub date_formats: Vec<String>,
    pub separator: Option<String>,
    /// The same for every record, so that it alone makes no entry of a list.
    pub constant: bool,
}

impl Slot {
    /// A slot for values that are written as the canonical sheet has them.
    pub fn canonical(target: Target) -> Slot {
        Slot { target, words: BTreeMap::new(), date_formats: Vec::new(), separator: None, constant: false }
    }

    fn notation(&self) -> Notation<'_> {
        Notation { date_formats: &self.date_formats, separator: self.separator.as_deref() }
    }

    fn word<'a>(&'a self, text: &'a str) -> &'a str {
        let text = text.trim();
        let found = self.words.get(text).or_else(|| {
            self.words.iter().find(|(word, _)| word.to_lowercase() == text.to_lowercase()).map(|(_, canonical)| canonical)
        });
        found.map_or(text, String::as_str)
    }

    /// The text to read in place of a value. Words translate values of any type, `null` is the empty word, and a date in a
    /// notation of its own may be a number (20260331). None for what only the rules of JSON can read.
    fn text<'a>(&'a self, given: Given<'a>) -> Option<Cow<'a, str>> {
        match given {
            Given::Text(text) => Some(Cow::Borrowed(self.word(text))),
            Given::Json(Json::String(text)) => Some(Cow::Borrowed(self.word(text))),
            Given::Json(Json::Null) if !self.words.is_empty() => Some(Cow::Borrowed(self.word(""))),
            Given::Json(value @ (Json::Bool(_) | Json::Number(_))) if !self.words.is_empty() || !self.date_formats.is_empty() => {
                Some(Cow::Owned(self.word(&value.to_string()).to_owned()))
            }
            Given::Json(_) | Given::Absent => None,
        }
    }
}

/// A nested list that is spread over columns.
#[derive(Debug)]
struct Spread {
    field: Field,
    parts: &'static [Part],
    /// By number of the entry: slot and part.
    entries: BTreeMap<usize, Vec<(usize, usize)>>,
}

/// What to do with the values of every row, worked out once.
#[derive(Debug, Default)]
pub struct Assembly {
    slots: Vec<Slot>,
    plain: Vec<(usize, Field)>,
    spread: Vec<Spread>,
    named: BTreeMap<Field, Vec<(usize, String)>>,
    tags: Vec<(usize, String)>,
}

impl Assembly {
    /// Works out where the values of the slots go; a slot is known by its index.
    pub fn new(slots: Vec<Slot>) -> Assembly {
        let mut assembly = Assembly::default();
        let mut spread: BTreeMap<Field, Spread> = BTreeMap::new();
        for (index, slot) in slots.iter().enumerate() {
            match &slot.target {
                Target::Field(field) => assembly.plain.push((index, *field)),
                Target::Tag(name) => assembly.tags.push((index, name.clone())),
                Target::Named { field, name } => assembly.named.entry(*field).or_default().push((index, name.clone())),
                Target::Part { field, entry, part } => {
                    if let Kind::Items(parts) = field.spec().kind {
                        let spread =
                            spread.entry(*field).or_insert_with(|| Spread { field: *field, parts, entries: BTreeMap::new() });
                        spread.entries.entry(*entry).or_default().push((index, *part));
                    }
                }
            }
        }
        assembly.spread = spread.into_values().collect();
        assembly.slots = slots;
        assembly
    }

    /// The fields that get a value, in the order of the table.
    pub fn fields(&self) -> Vec<Field> {
        let mut found = [false; FIELD_COUNT];
        for field in self.slots.iter().filter_map(|slot| slot.target.field()) {
            if let Some(found) = found.get_mut(field as usize) {
                *found = true;
            }
        }
        FIELDS.iter().zip(found).filter(|(_, found)| *found).map(|(spec, _)| spec.field).collect()
    }

    /// Makes a record; `given` tells the value for the index of a slot.
    pub fn fill<'a>(&self, record: &mut Record, given: impl Fn(usize) -> Given<'a>) {
        for &(index, field) in &self.plain {
            let Some(slot) = self.slots.get(index) else { continue };
            let cell = read_field(slot, field, given(index), record);
            if cell.state >= record.get(field).state {
                record.set(field, cell);
            }
        }
        for spread in &self.spread {
            let cell = self.entries(spread, record, &given);
            if cell.state > record.get(spread.field).state {
                record.set(spread.field, cell);
            }
        }
        for (&field, names) in &self.named {
            let cell = self.dates(field, names, record, &given);
            if cell.state > record.get(field).state {
                record.set(field, cell);
            }
        }
        for (index, name) in &self.tags {
            let text = match given(*index) {
                Given::Absent => continue,
                Given::Text(text) => Cow::Borrowed(text.trim()),
                Given::Json(value) => tag_text(value),
            };
            if !text.is_empty() {
                record.tags.insert(name.clone(), text.into_owned());
            }
        }
    }

    fn entries<'a>(&self, spread: &Spread, record: &mut Record, given: &impl Fn(usize) -> Given<'a>) -> Cell {
        let mut items = Vec::new();
        let mut weakest = State::NotCollected;
        for (number, columns) in &spread.entries {
            let mut parts = vec![Cell::default(); spread.parts.len()];
            let mut says = State::NotCollected;
            let mut all_constant = true;
            for &(index, part_index) in columns {
                let (Some(slot), Some(part)) = (self.slots.get(index), spread.parts.get(part_index)) else { continue };
                let path = || format!("{}.{number}.{}", spread.field.name(), part.name);
                let problems = &mut record.problems;
                // A constant beside a key that is absent makes no entry either.
                all_constant &= slot.constant;
                let given = given(index);
                let cell = match (slot.text(given), given) {
                    (Some(text), _) => cell::part_from_text(part, path, &text, slot.notation(), problems),
                    (None, Given::Json(value)) => cell::part_from_json(part, path, value, slot.notation(), problems),
                    (None, Given::Absent | Given::Text(_)) => continue,
                };
                if !slot.constant {
                    says = says.max(cell.state);
                }
                if let Some(place) = parts.get_mut(part_index) {
                    *place = cell;
                }
            }
            let has_entry = all_constant || parts_say_something(&parts, columns, &self.slots);
            if has_entry && parts.iter().any(|part| part.state != State::NotCollected) {
                items.push(Item { parts });
            } else {
                weakest = weakest.max(says);
            }
        }
        if items.is_empty() { Cell::of(weakest) } else { Cell::value(Value::Items(items)) }
    }

    fn dates<'a>(
        &self,
        field: Field,
        names: &[(usize, String)],
        record: &mut Record,
        given: &impl Fn(usize) -> Given<'a>,
    ) -> Cell {
        let mut dates = BTreeMap::new();
        let mut present = false;
        for (index, name) in names {
            let Some(slot) = self.slots.get(*index) else { continue };
            let given = given(*index);
            let text;
            let value = match (slot.text(given), given) {
                (Some(given), _) => {
                    text = Json::String(given.into_owned());
                    &text
                }
                (None, Given::Json(value)) => value,
                (None, Given::Absent | Given::Text(_)) => continue,
            };
            present = true;
            let path = || format!("{}.{name}", field.name());
            if let Some(date) = cell::named_date(path, value, slot.notation(), &mut record.problems) {
                dates.insert(name.clone(), date);
            }
        }
        match (dates.is_empty(), present) {
            (false, _) => Cell::value(Value::Dates(dates)),
            (true, true) => Cell::of(State::Empty),
            (true, false) => Cell::default(),
        }
    }
}

/// True if a column of the entry, constants left out, says more than that there is none.
fn parts_say_something(parts: &[Cell], columns: &[(usize, usize)], slots: &[Slot]) -> bool {
    columns.iter().filter(|(index, _)| slots.get(*index).is_some_and(|slot| !slot.constant)).any(|(_, part)| {
        let state = parts.get(*part).map_or(State::NotCollected, |part| part.state);
        !matches!(state, State::NotCollected | State::Empty | State::None)
    })
}

fn read_field(slot: &Slot, field: Field, given: Given<'_>, record: &mut Record) -> Cell {
    let problems = &mut record.problems;
    let mut cell = match (slot.text(given), given) {
        (Some(text), _) => cell::from_text(field, &text, slot.notation(), problems),
        (None, Given::Json(value)) => cell::from_json(field, value, slot.notation(), problems),
        (None, Given::Absent | Given::Text(_)) => return Cell::default(),
    };
    if !slot.words.is_empty() {
        match &mut cell.value {
            Value::Words(words) => words.iter_mut().for_each(|word| *word = slot.word(word).to_owned()),
            Value::Scopes(scopes) => scopes.iter_mut().for_each(|scope| scope.name = slot.word(&scope.name).to_owned()),
            _ => {}
        }
    }
    cell
}

/// The text of a tag.
pub fn tag_text(value: &Json) -> Cow<'_, str> {
    match value {
        Json::Null => Cow::Borrowed(""),
        Json::String(text) => Cow::Borrowed(text.trim()),
        other => Cow::Owned(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::record::ProblemKind;

    fn assembly(names: &[&str]) -> Assembly {
        Assembly::new(names.iter().map(|name| Slot::canonical(Target::parse(name).unwrap())).collect())
    }

    fn filled(columns: &[(&str, &str)]) -> Record {
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let mut record = Record::new(2);
        assembly(&names).fill(&mut record, |index| Given::Text(columns[index].1));
        record
    }

    fn items(record: &Record, field: Field) -> Vec<Vec<Option<&str>>> {
        let Value::Items(items) = &record.get(field).value else { return Vec::new() };
        items.iter().map(|item| item.parts.iter().map(Cell::as_text).collect()).collect()
    }

    #[test]
    fn columns_become_fields_entries_dates_and_tags() {
        let record = filled(&[
            ("token_id", "t-1"),
            ("storage.kind", "HSM"),
            ("storage.encrypted_at_rest", "yes"),
            ("contacts.0.role", "token"),
            ("contacts.0.address", "a@example.com"),
            ("contacts.1.role", "technical"),
            ("contacts.1.address", ""),
            ("contacts.2.role", ""),
            ("scope_last_used.repo", "2026-01-02"),
            ("scope_last_used.user", ""),
            ("tags.team", "core"),
            ("tags.empty", " "),
        ]);
        assert_eq!(record.text(Field::TokenId), Some("t-1"));
        assert_eq!(items(&record, Field::Storage), [[Some("hsm"), None, None, Some("yes"), None]]);
        assert_eq!(items(&record, Field::Contacts).len(), 2);
        let Value::Dates(dates) = &record.get(Field::ScopeLastUsed).value else { panic!() };
        assert_eq!(dates.len(), 1);
        assert_eq!(record.tags.into_iter().collect::<Vec<_>>(), [("team".to_owned(), "core".to_owned())]);
    }

    #[test]
    fn a_list_without_entries_is_empty_or_none() {
        assert_eq!(filled(&[("storage.kind", ""), ("storage.location", "")]).get(Field::Storage), &Cell::of(State::Empty));
        assert_eq!(filled(&[("storage.kind", "none"), ("storage.location", "")]).get(Field::Storage), &Cell::of(State::None));
        assert_eq!(items(&filled(&[("storage.kind", "unknown")]), Field::Storage).len(), 1);
        assert_eq!(filled(&[("scope_last_used.a", "")]).get(Field::ScopeLastUsed), &Cell::of(State::Empty));
    }

    #[test]
    fn a_whole_list_goes_before_its_columns() {
        let record = filled(&[("storage.kind", "plain-file"), ("storage", r#"[{"kind":"hsm"},{"kind":"wiki"}]"#)]);
        assert_eq!(items(&record, Field::Storage).len(), 2);
        let record = filled(&[("storage.kind", "plain-file"), ("storage", "")]);
        assert_eq!(items(&record, Field::Storage)[0][0], Some("plain-file"));
    }

    #[test]
    fn problems_name_the_entry() {
        let record = filled(&[("contacts.0.address", "x"), ("contacts.1.verified_at", "soon")]);
        assert_eq!(record.problems[0].field, "contacts.1.verified_at");
        assert_eq!(record.problems[0].kind, ProblemKind::Unreadable);
    }

    #[test]
    fn constants_and_words_are_those_of_the_mapping() {
        let mut role = Slot::canonical(Target::parse("contacts.0.role").unwrap());
        role.constant = true;
        let address = Slot::canonical(Target::parse("contacts.0.address").unwrap());
        let mut state = Slot::canonical(Target::parse("state").unwrap());
        state.words = BTreeMap::from([("On".to_owned(), "enabled".to_owned())]);
        let mut scopes = Slot::canonical(Target::parse("scopes_granted").unwrap());
        scopes.words = BTreeMap::from([("r".to_owned(), "read".to_owned())]);
        let assembly = Assembly::new(vec![role, address, state, scopes]);
        let mut record = Record::new(1);
        assembly.fill(&mut record, |index| Given::Text(["token", "", " ON ", "r;w"][index]));
        assert_eq!(record.get(Field::Contacts), &Cell::of(State::Empty));
        assert_eq!(record.text(Field::State), Some("enabled"));
        let Value::Scopes(scopes) = &record.get(Field::ScopesGranted).value else { panic!() };
        assert_eq!(scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>(), ["read", "w"]);
    }

    #[test]
    fn values_of_any_type_are_translated() {
        let mut state = Slot::canonical(Target::parse("state").unwrap());
        state.words = [("true", "enabled"), ("0", "revoked"), ("", "disabled")]
            .map(|(word, canonical)| (word.to_owned(), canonical.to_owned()))
            .into();
        let mut created = Slot::canonical(Target::parse("created_at").unwrap());
        created.date_formats = vec!["%Y%m%d".to_owned()];
        let since = Slot { target: Target::parse("storage.since").unwrap(), ..created.clone() };
        let used = Slot { target: Target::parse("scope_last_used.a").unwrap(), ..created.clone() };
        let assembly = Assembly::new(vec![state, created, since, used]);
        let day = Json::from(20_260_331);
        for (value, expected) in [(Json::Bool(true), "enabled"), (Json::from(0), "revoked"), (Json::Null, "disabled")] {
            let mut record = Record::new(1);
            assembly.fill(&mut record, |index| Given::Json(if index == 0 { &value } else { &day }));
            assert_eq!(record.text(Field::State), Some(expected));
            let date = record.get(Field::CreatedAt).as_date();
            assert!(date.is_some() && record.problems.is_empty(), "{record:?}");
            assert!(matches!(&record.get(Field::Storage).value, Value::Items(items) if items[0].parts[2].as_date() == date));
            assert!(matches!(&record.get(Field::ScopeLastUsed).value, Value::Dates(dates) if dates.get("a").copied() == date));
        }
    }

    #[test]
    fn a_constant_beside_an_absent_key_makes_no_entry() {
        let role = Slot { constant: true, ..Slot::canonical(Target::parse("contacts.0.role").unwrap()) };
        let address = Slot::canonical(Target::parse("contacts.0.address").unwrap());
        let mut record = Record::new(1);
        Assembly::new(vec![role, address])
            .fill(&mut record, |index| if index == 0 { Given::Text("token") } else { Given::Absent });
        assert_eq!(record.get(Field::Contacts), &Cell::default());
    }

    #[test]
    fn absent_keys_leave_the_field_uncollected() {
        let mut record = Record::new(1);
        assembly(&["owner", "storage.kind", "scope_last_used.a"]).fill(&mut record, |_| Given::Absent);
        assert!(record.cells().iter().all(|cell| cell.state == State::NotCollected));
    }
}
