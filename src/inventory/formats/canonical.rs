//! The canonical sheet, JSON and Parquet: the names of the design, section 4, as columns or keys.

use crate::inventory::assemble::{Assembly, Given, Slot, tag_text};
use crate::inventory::cell::{self, Notation};
use crate::inventory::field::{FIELD_COUNT, FIELDS, Field, Kind};
use crate::inventory::format::{
    Adapter, Format, Layout, Paging, Records, Role, Row, Sight, Sink, SourceContext, Standing, TableRow,
};
use crate::inventory::formats::registers::is_accounts;
use crate::inventory::record::{Record, State};
use crate::inventory::target::Target;
use crate::inventory::time;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// Unknown columns that the report names.
const COLUMNS_NAMED: usize = 20;
/// The key of the list in a canonical JSON object.
const TOKENS: &str = "tokens";

/// One of the canonical layouts.
#[derive(Debug)]
pub struct Canonical {
    id: &'static str,
    title: &'static str,
    layout: Layout,
}

/// CSV or TSV.
pub const CSV: Canonical = Canonical { id: "canonical-csv", title: "Countersign inventory sheet (CSV)", layout: Layout::Table };
/// A list of records, or one on each line.
pub const JSON: Canonical = Canonical {
    id: "canonical-json",
    title: "Countersign inventory (JSON list or NDJSON)",
    layout: Layout::Json(Records::Array),
};
/// An object with the records under `tokens`, and `exported_at` beside them.
pub const JSON_OBJECT: Canonical = Canonical {
    id: "canonical-json-object",
    title: "Countersign inventory (JSON object)",
    layout: Layout::Json(Records::Under(TOKENS)),
};
/// Parquet with the columns of the sheet.
pub const PARQUET: Canonical =
    Canonical { id: "canonical-parquet", title: "Countersign inventory (Parquet)", layout: Layout::Parquet };

impl Format for Canonical {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn how_to_export(&self) -> &'static str {
        "written by hand or by your own tools; `countersign init` writes a sheet to fill in"
    }

    fn role(&self) -> Role {
        Role::Inventory
    }

    fn standing(&self) -> Standing {
        Standing::Canonical
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn recognises(&self, sight: &Sight) -> bool {
        match (sight, self.layout) {
            (Sight::Table { header: names }, Layout::Table) | (Sight::Parquet { columns: names }, Layout::Parquet) => {
                is_canonical(names.iter().map(String::as_str))
            }
            (Sight::Json { .. }, Layout::Json(Records::Under(key))) => has_canonical_keys(sight, key),
            (Sight::Json { array, envelope, .. }, Layout::Json(_)) => {
                (*array || !envelope.contains_key(TOKENS)) && has_canonical_keys(sight, "")
            }
            _ => false,
        }
    }

    /// A list and an object around it are two shapes of one file.
    fn export(&self) -> &str {
        if self.id == JSON_OBJECT.id { JSON.id } else { self.id }
    }

    fn signature(&self) -> &'static str {
        match self.layout {
            Layout::Json(Records::Under(_)) => {
                "object with `tokens`, a list of objects with `token_id` or `provider` and other field names"
            }
            Layout::Json(_) => "objects with `token_id` or `provider` and other field names as keys",
            Layout::Table | Layout::Parquet => "columns `token_id` or `provider` and other field names",
        }
    }

    fn collects(&self) -> Option<&'static [Field]> {
        None
    }

    fn exported_at(&self, sight: &Sight) -> Option<i64> {
        let Sight::Json { envelope, .. } = sight else { return None };
        let Layout::Json(Records::Under(_)) = self.layout else { return None };
        time::from_json(envelope.get("exported_at")?).date().map(|date| date.seconds)
    }

    fn open<'a>(&'a self, _context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        match self.layout {
            Layout::Json(_) => Box::new(Keys { seen: [false; FIELD_COUNT], unknown: BTreeSet::new() }),
            Layout::Table | Layout::Parquet => Box::new(Sheet::default()),
        }
    }
}

/// True if the names are those of an inventory: one of the identity, and enough others that it cannot be chance.
fn is_canonical<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let names: Vec<&str> = names.collect();
    if is_accounts(&names) {
        return false;
    }
    let (mut all, mut known, mut token_id, mut provider) = (0, 0, false, false);
    for name in names {
        let name = column_name(name);
        all += 1;
        known += usize::from(is_known(&name));
        token_id |= name == Field::TokenId.name();
        provider |= name == Field::Provider.name();
    }
    // Providers have `token_id` among columns of their own.
    (token_id && (provider || known * 2 >= all)) || (provider && known >= 3)
}

fn has_canonical_keys(sight: &Sight, key: &str) -> bool {
    let names: BTreeSet<&str> =
        sight.elements_under(key).filter_map(Json::as_object).flat_map(|element| element.keys().map(String::as_str)).collect();
    is_canonical(names.into_iter())
}

fn is_known(name: &str) -> bool {
    // JSON nests what the sheet writes with dots.
    Target::parse(name).is_some() || is_group(name) || name == "tags"
}

/// True for the first part of dotted field names: `compromise`, `secret_scan`.
fn is_group(name: &str) -> bool {
    FIELDS.iter().any(|spec| spec.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// Letter case, blanks around a name and blanks in place of underscores are forgiven.
fn column_name(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace(' ', "_")
}

/// Reads rows; what to do with the columns is worked out at the header.
#[derive(Default)]
struct Sheet {
    assembly: Assembly,
}

impl Adapter for Sheet {
    fn header(&mut self, header: &[String], sink: &mut dyn Sink) {
        let mut unknown = Vec::new();
        let mut used: BTreeMap<Target, &str> = BTreeMap::new();
        let mut slots = Vec::with_capacity(header.len());
        for (index, column) in header.iter().enumerate() {
            let known = Target::parse(&column_name(column));
            let target = match known {
                Some(target) if !used.contains_key(&target) => target,
                Some(_) => {
                    sink.problem(format!("column {} repeats `{column}` and is kept as a tag", index + 1));
                    Target::Tag(format!("{column} ({})", index + 1))
                }
                None => {
                    unknown.push(column.clone());
                    let name = if column.is_empty() { format!("column {}", index + 1) } else { column.clone() };
                    let free = !used.contains_key(&Target::Tag(name.clone()));
                    Target::Tag(if free { name } else { format!("{name} ({})", index + 1) })
                }
            };
            used.insert(target.clone(), column);
            slots.push(Slot::canonical(target));
        }
        name_unknown(&unknown, "columns", sink);
        self.assembly = Assembly::new(slots);
    }

    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Row::Table(TableRow { line, cells, .. }) = row else { return };
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            sink.skip(line, "an empty row");
            return;
        }
        let mut record = Record::new(line);
        self.assembly.fill(&mut record, |index| cells.get(index).map_or(Given::Absent, |cell| Given::Text(cell)));
        sink.token(record);
    }

    fn collected(&self) -> Vec<Field> {
        self.assembly.fields()
    }
}

/// Reads JSON records; which fields the file collects shows only at its end.
struct Keys {
    seen: [bool; FIELD_COUNT],
    unknown: BTreeSet<String>,
}

impl Adapter for Keys {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Row::Json { number, element, line } = row else { return };
        let Json::Object(element) = element else {
            sink.reject(line, "is not an object".to_owned());
            return;
        };
        let mut record = Record::new(number);
        let mut spread = Vec::new();
        self.take(element, "", &mut record, &mut spread);
        if !spread.is_empty() {
            let (slots, values): (Vec<Slot>, Vec<&Json>) = spread.into_iter().unzip();
            Assembly::new(slots).fill(&mut record, |index| values.get(index).map_or(Given::Absent, |value| Given::Json(value)));
        }
        if record.tags.is_empty() && record.cells().iter().all(|cell| matches!(cell.state, State::NotCollected | State::Empty)) {
            sink.skip(line, "an empty record");
            return;
        }
        sink.token(record);
    }

    fn envelope(&mut self, _envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
        Paging::default()
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        name_unknown(&self.unknown.iter().cloned().collect::<Vec<_>>(), "keys", sink);
    }

    fn collected(&self) -> Vec<Field> {
        FIELDS.iter().zip(self.seen).filter(|(_, seen)| *seen).map(|(spec, _)| spec.field).collect()
    }
}

impl Keys {
    /// Takes the values of an object; `prefix` is the dotted name that leads to it.
    fn take<'e>(&mut self, object: &'e Map<String, Json>, prefix: &str, record: &mut Record, spread: &mut Vec<(Slot, &'e Json)>) {
        for (key, value) in object {
            let dotted;
            let name = if prefix.is_empty() {
                key.as_str()
            } else {
                dotted = format!("{prefix}.{key}");
                dotted.as_str()
            };
            let nested = value
                .as_object()
                .filter(|_| name == "tags" || is_group(name) && Field::from_name(name).is_none_or(|field| !takes_object(field)));
            if let Some(nested) = nested {
                self.take(nested, name, record, spread);
                continue;
            }
            match Target::parse(name) {
                Some(Target::Field(field)) => {
                    self.see(field);
                    let cell = cell::from_json(field, value, Notation::default(), &mut record.problems);
                    record.set(field, cell);
                }
                Some(Target::Tag(tag)) => keep_tag(record, &tag, value),
                Some(target) => {
                    if let Some(field) = target.field() {
                        self.see(field);
                    }
                    spread.push((Slot::canonical(target), value));
                }
                None => {
                    if self.unknown.len() <= COLUMNS_NAMED && !self.unknown.contains(name) {
                        self.unknown.insert(name.to_owned());
                    }
                    keep_tag(record, name, value);
                }
            }
        }
    }

    fn see(&mut self, field: Field) {
        if let Some(seen) = self.seen.get_mut(field as usize) {
            *seen = true;
        }
    }
}

fn takes_object(field: Field) -> bool {
    matches!(field.spec().kind, Kind::Dates | Kind::Items(_))
}

fn keep_tag(record: &mut Record, name: &str, value: &Json) {
    let text = tag_text(value);
    if !text.is_empty() {
        record.tags.insert(name.to_owned(), text.into_owned());
    }
}

fn name_unknown(names: &[String], what: &str, sink: &mut dyn Sink) {
    if names.is_empty() {
        return;
    }
    let shown: Vec<String> = names.iter().take(COLUMNS_NAMED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > COLUMNS_NAMED { " and more" } else { "" };
    sink.problem(format!("{what} that are no fields are kept as tags: {}{more}", shown.join(", ")));
}
