//! Rows and JSON records of a mapped file → records.

use super::{Mapping, Origin, Place, is_plain_list};
use crate::inventory::assemble::{Assembly, Given, Slot, tag_text};
use crate::inventory::cell::{self, Notation};
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Row, Sink, SourceContext, TableRow};
use crate::inventory::json::path;
use crate::inventory::record::{Record, State};
use crate::inventory::target::Target;
use crate::nearest::nearest;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Names of keys that are remembered, to name the one that was probably meant.
const KEYS_REMEMBERED: usize = 1000;
/// Letters of a name that a message shows.
const LETTERS_SHOWN: usize = 60;

/// Where a slot's value is.
#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Column(usize),
    Constant(&'a str),
    /// The file has no such column.
    Nowhere,
}

/// Reads the rows of a table.
pub(super) struct Sheet<'a> {
    mapping: &'a Mapping,
    context: &'a SourceContext,
    assembly: Assembly,
    /// By slot.
    sources: Vec<Source<'a>>,
    collected: BTreeSet<Field>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(mapping: &'a Mapping, context: &'a SourceContext) -> Sheet<'a> {
        Sheet { mapping, context, assembly: Assembly::default(), sources: Vec::new(), collected: BTreeSet::new() }
    }

    /// Finds a column, without regard to letter case if there is none of exactly this name. Of several the first counts, which
    /// is a problem.
    fn place(&self, column: &str, header: &[String], sink: &mut dyn Sink) -> Option<usize> {
        // A header's cells come without blanks around them.
        let column = column.trim();
        let places = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
            header.iter().enumerate().filter(|(_, name)| same(name)).map(|(index, _)| index).collect()
        };
        let mut found = places(&|name| name == column);
        if found.is_empty() {
            found = places(&|name| name.to_lowercase() == column.to_lowercase());
        }
        if found.len() > 1 {
            sink.problem(format!("column `{}` occurs several times; the first one is read", shown(column)));
        }
        found.first().copied()
    }
}

impl Adapter for Sheet<'_> {
    fn header(&mut self, header: &[String], sink: &mut dyn Sink) {
        let mut slots = Vec::with_capacity(header.len());
        let mut mapped = BTreeSet::new();
        let mut tags = BTreeSet::new();
        for place in &self.mapping.places {
            let source = match &place.origin {
                Origin::Constant(text) => Source::Constant(text),
                Origin::Named(column) => match self.place(column, header, sink) {
                    Some(index) => Source::Column(index),
                    None => {
                        sink.problem(missing("there is no column", column, place, header.iter().map(String::as_str)));
                        Source::Nowhere
                    }
                },
            };
            if let Source::Column(index) = source {
                mapped.insert(index);
            }
            if let Target::Tag(name) = &place.slot.target {
                tags.insert(name.clone());
            }
            slots.push(place.slot.clone());
            self.sources.push(source);
        }
        let is_there: Vec<bool> = self.sources.iter().map(|source| !matches!(source, Source::Nowhere)).collect();
        self.collected = collected(&self.mapping.places, &is_there);
        for (index, name) in header.iter().enumerate().filter(|(index, _)| !mapped.contains(index)) {
            let mut name = if name.is_empty() { format!("column {}", index + 1) } else { name.clone() };
            if tags.contains(&name) {
                name = format!("{name} ({})", index + 1);
            }
            tags.insert(name.clone());
            slots.push(Slot::canonical(Target::Tag(name)));
            self.sources.push(Source::Column(index));
        }
        for (field, keys) in by_tag(self.context) {
            if tags.iter().any(|tag| keys.iter().any(|key| names(key, tag))) {
                self.collected.insert(field);
            }
        }
        self.assembly = Assembly::new(slots);
    }

    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Row::Table(TableRow { line, cells, .. }) = row else { return };
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            sink.skip(line, "an empty row");
            return;
        }
        let mut record = Record::new(line);
        self.assembly.fill(&mut record, |slot| match self.sources.get(slot) {
            Some(Source::Column(index)) => cells.get(*index).map_or(Given::Absent, |cell| Given::Text(cell)),
            Some(Source::Constant(text)) => Given::Text(text),
            Some(Source::Nowhere) | None => Given::Absent,
        });
        name_by_tag(&mut record, self.context);
        sink.token(record);
    }

    fn collected(&self) -> Vec<Field> {
        self.collected.iter().copied().collect()
    }
}

/// Reads JSON records. Which of the mapped paths a file has shows only at its end.
pub(super) struct Elements<'a> {
    mapping: &'a Mapping,
    context: &'a SourceContext,
    assembly: Assembly,
    records: u64,
    /// By place: some record has it.
    seen: Vec<bool>,
    named_by_tag: BTreeSet<Field>,
    keys: BTreeSet<String>,
}

impl<'a> Elements<'a> {
    pub(super) fn new(mapping: &'a Mapping, context: &'a SourceContext) -> Elements<'a> {
        Elements {
            mapping,
            context,
            assembly: Assembly::new(mapping.places.iter().map(|place| place.slot.clone()).collect()),
            records: 0,
            seen: mapping.places.iter().map(|place| matches!(place.origin, Origin::Constant(_))).collect(),
            named_by_tag: BTreeSet::new(),
            keys: BTreeSet::new(),
        }
    }

    /// Keeps what is not mapped.
    fn tags(&mut self, element: &Json, record: &mut Record) {
        let places = &self.mapping.places;
        let keys = &mut self.keys;
        path::leaves(element, &mut |path, value| {
            if keys.len() < KEYS_REMEMBERED && !keys.contains(path) {
                keys.insert(path.to_owned());
            }
            if places.iter().any(|place| is_mapped(place, path)) {
                return;
            }
            let text = tag_text(value);
            if !text.is_empty() {
                // Two values may have one name: `a.b` is a key, or a key within a key. Both stay.
                let mut name = path.to_owned();
                while record.tags.contains_key(&name) {
                    name.push('\'');
                }
                record.tags.insert(name, text.into_owned());
            }
        });
    }
}

impl Adapter for Elements<'_> {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Row::Json { line, number, element } = row else { return };
        if !element.is_object() {
            sink.reject(line, "is not an object".to_owned());
            return;
        }
        self.records += 1;
        let mut any = false;
        let mut values: Vec<Option<Cow<'_, Json>>> = Vec::with_capacity(self.mapping.places.len());
        for (place, seen) in self.mapping.places.iter().zip(&mut self.seen) {
            let value = match &place.origin {
                Origin::Named(path) => path::find(element, path).map(|value| single(value, &place.slot.target)),
                Origin::Constant(_) => None,
            };
            any |= value.is_some();
            *seen |= value.is_some();
            values.push(value);
        }
        let mut record = Record::new(number);
        self.assembly.fill(&mut record, |slot| match (values.get(slot), self.mapping.places.get(slot)) {
            (Some(Some(value)), _) => Given::Json(value),
            (_, Some(Place { origin: Origin::Constant(text), .. })) => Given::Text(text),
            _ => Given::Absent,
        });
        self.tags(element, &mut record);
        if !any {
            sink.reject(line, "has none of the keys that `columns` names".to_owned());
            return;
        }
        for (field, keys) in by_tag(self.context) {
            if record.tags.keys().any(|tag| keys.iter().any(|key| names(key, tag))) {
                self.named_by_tag.insert(field);
            }
        }
        name_by_tag(&mut record, self.context);
        sink.token(record);
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        if self.records == 0 {
            return;
        }
        let any =
            self.mapping.places.iter().zip(&self.seen).any(|(place, seen)| *seen && matches!(place.origin, Origin::Named(_)));
        if let (false, Some(list)) = (any, &self.mapping.list_elsewhere) {
            let list = shown(list);
            sink.problem(format!(
                "no record has any of the mapped keys; the elements of `{list}` have: set `records = \"{list}\"`"
            ));
            return;
        }
        for (place, _) in self.mapping.places.iter().zip(&self.seen).filter(|(_, seen)| !**seen) {
            if let Origin::Named(path) = &place.origin {
                sink.problem(missing("no record has", path, place, self.keys.iter().map(String::as_str)));
            }
        }
    }

    fn collected(&self) -> Vec<Field> {
        let mut fields = collected(&self.mapping.places, &self.seen);
        fields.extend(&self.named_by_tag);
        fields.into_iter().collect()
    }
}

/// The fields for which a column was found, and those that are constants alone.
fn collected(places: &[Place], is_there: &[bool]) -> BTreeSet<Field> {
    let named = |field: Field| {
        places.iter().any(|place| place.slot.target.field() == Some(field) && matches!(place.origin, Origin::Named(_)))
    };
    places
        .iter()
        .zip(is_there)
        .filter(|(_, is_there)| **is_there)
        // A role that is the same for all contacts says nothing where the file has no contacts.
        .filter_map(|(place, _)| {
            let field = place.slot.target.field()?;
            (matches!(place.origin, Origin::Named(_)) || !named(field)).then_some(field)
        })
        .collect()
}

/// True if a mapped path reads this value, or something around it.
fn is_mapped(place: &Place, path: &str) -> bool {
    let Origin::Named(mapped) = &place.origin else { return false };
    path.strip_prefix(mapped.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A list of one value, gathered over the elements of a list, is that value where no list is wanted.
fn single<'a>(value: Cow<'a, Json>, target: &Target) -> Cow<'a, Json> {
    match value {
        Cow::Owned(Json::Array(mut values)) if values.len() == 1 && !is_plain_list(target) => {
            values.pop().map_or(Cow::Owned(Json::Null), Cow::Owned)
        }
        other => other,
    }
}

/// The fields that tags can name, and the tags that do.
fn by_tag(context: &SourceContext) -> [(Field, &[String]); 2] {
    [(Field::Owner, &context.owner_keys), (Field::Environment, &context.environment_keys)]
}

/// True if `key` names the tag: by its whole name or by the last part of its path.
fn names(key: &str, tag: &str) -> bool {
    tag.eq_ignore_ascii_case(key) || tag.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(key))
}

/// Takes owner and environment from tags, where no column states them.
fn name_by_tag(record: &mut Record, context: &SourceContext) {
    for (field, keys) in by_tag(context) {
        if !matches!(record.get(field).state, State::NotCollected | State::Empty) {
            continue;
        }
        let tagged = keys.iter().find_map(|key| record.tags.iter().find(|(tag, _)| names(key, tag)).map(|(_, text)| text));
        if let Some(text) = tagged {
            let cell = cell::from_text(field, text, Notation::default(), &mut record.problems);
            record.set(field, cell);
        }
    }
}

fn missing<'n>(what: &str, name: &str, place: &Place, known: impl Iterator<Item = &'n str>) -> String {
    let meant = nearest(name, known).map(|near| format!("; did you mean `{}`?", shown(near)));
    format!("{what} `{}`, which is mapped to `{}`{}", shown(name), shown(&place.name), meant.unwrap_or_default())
}

/// A name from a file, fit for a message.
fn shown(name: &str) -> String {
    let hidden = |letter: char| {
        letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut letters = name.chars().filter(|letter| !hidden(*letter));
    let mut short: String = letters.by_ref().take(LETTERS_SHOWN).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}
