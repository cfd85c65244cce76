//! Any CSV, JSON or NDJSON through the column mapping of a `[[source]]` (design, section 4; decisions, 15).
//!
//! Columns and keys that nothing is mapped to are kept as tags, so that the secret guard sees them and nothing is lost.

use crate::inventory::assemble::{Assembly, Given, Slot, tag_text};
use crate::inventory::field::{FIELDS, Field};
use crate::inventory::format::{Adapter, Format, Layout, Records, Role, Row, Sight, Sink, SourceContext, Standing, TableRow};
use crate::inventory::record::{Record, State};
use crate::inventory::source_settings::{SourceSettings, TargetName};
use crate::inventory::target::Target;
use crate::inventory::time;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// Why a `[[source]]` is no mapping.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("[[source]] `{0}` has no `columns`")]
    NoColumns(String),
    #[error("[[source]] `{path}`: `columns` go with format `csv`, `json` or `ndjson`, not `{format}`")]
    Format { path: String, format: String },
    #[error("[[source]] `{path}`: `{date_format}` is no date format; write for example `%d/%m/%Y`")]
    DateFormat { path: String, date_format: String },
    #[error("[[source]] `{path}`: `{name}` is under `{under}`, but nothing is mapped to it")]
    Unmapped { path: String, under: &'static str, name: String },
}

/// Where a mapped value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum From {
    /// A column, or a dotted path into a JSON record.
    Column(String),
    Constant(String),
}

/// A mapping, as a format of its own.
#[derive(Debug)]
pub struct Mapping {
    layout: Layout,
    records: String,
    mapped: Vec<(Slot, From)>,
}

impl Mapping {
    /// Reads the mapping of a source. `sight` tells the layout if the settings do not.
    pub fn new(settings: &SourceSettings, sight: &Sight) -> Result<Mapping, MappingError> {
        let path = || settings.path.clone();
        if settings.columns.is_empty() {
            return Err(MappingError::NoColumns(path()));
        }
        let layout = match (settings.format.as_deref(), sight) {
            (Some("csv"), _) | (None, Sight::Table { .. }) => Layout::Table,
            (Some("json" | "ndjson"), _) | (None, Sight::Json { .. }) => Layout::Json(Records::Array),
            (None, Sight::Parquet { .. }) => Layout::Parquet,
            (Some(format), _) => return Err(MappingError::Format { path: path(), format: format.to_owned() }),
        };
        if let Some(date_format) = settings.date_format.as_deref().filter(|format| !time::is_format(format)) {
            return Err(MappingError::DateFormat { path: path(), date_format: date_format.to_owned() });
        }
        let known = |name: &TargetName| settings.columns.contains_key(name) || settings.constants.contains_key(name);
        let stray = |under, mut names: Box<dyn Iterator<Item = &TargetName> + '_>| match names.find(|name| !known(name)) {
            Some(name) => Err(MappingError::Unmapped { path: path(), under, name: name.name.clone() }),
            None => Ok(()),
        };
        stray("values", Box::new(settings.values.keys()))?;
        stray("split", Box::new(settings.split.keys()))?;

        let columns = settings.columns.iter().map(|(name, column)| (name, From::Column(column.clone())));
        let constants = settings.constants.iter().map(|(name, value)| (name, From::Constant(value.clone())));
        let mapped = columns.chain(constants).map(|(name, from)| {
            let constant = matches!(from, From::Constant(_));
            let slot = Slot {
                target: name.target.clone(),
                words: settings.values.get(name).cloned().unwrap_or_default(),
                date_format: settings.date_format.clone().filter(|_| !constant),
                separator: settings.split.get(name).cloned(),
                constant,
            };
            (slot, from)
        });
        Ok(Mapping { layout, records: settings.records.clone().unwrap_or_default(), mapped: mapped.collect() })
    }
}

impl Format for Mapping {
    fn id(&self) -> &'static str {
        match self.layout {
            Layout::Table => "mapped-csv",
            Layout::Json(_) => "mapped-json",
            Layout::Parquet => "mapped-parquet",
        }
    }

    fn title(&self) -> &'static str {
        "file with a column mapping"
    }

    fn how_to_export(&self) -> &'static str {
        "any CSV, JSON or NDJSON; `columns` of its [[source]] in countersign.toml say what is what"
    }

    fn role(&self) -> Role {
        Role::Inventory
    }

    fn standing(&self) -> Standing {
        Standing::Mapped
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn records_path(&self) -> Option<&str> {
        Some(&self.records)
    }

    /// The settings say that the file is of this format.
    fn recognises(&self, _sight: &Sight) -> bool {
        true
    }

    fn signature(&self) -> &'static str {
        "named by a [[source]] with `columns`"
    }

    fn collects(&self) -> Option<&'static [Field]> {
        None
    }

    fn open<'a>(&'a self, _context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        match self.layout {
            Layout::Json(_) => Box::new(Elements {
                mapping: self,
                assembly: Assembly::new(self.mapped.iter().map(|(slot, _)| slot.clone()).collect()),
                top_keys: self.top_keys(),
                seen: vec![false; self.mapped.len()],
            }),
            Layout::Table | Layout::Parquet => {
                Box::new(Rows { mapping: self, assembly: Assembly::default(), sources: Vec::new() })
            }
        }
    }
}

impl Mapping {
    /// First keys of the paths, whose values are not kept as tags.
    fn top_keys(&self) -> BTreeSet<&str> {
        self.mapped
            .iter()
            .filter_map(|(_, from)| if let From::Column(path) = from { Some(path) } else { None })
            .flat_map(|path| [path.as_str(), path.split('.').next().unwrap_or(path)])
            .collect()
    }
}

/// Where the value of a slot stands in a row.
#[derive(Debug)]
enum Place<'a> {
    Cell(usize),
    Constant(&'a str),
}

struct Rows<'a> {
    mapping: &'a Mapping,
    assembly: Assembly,
    sources: Vec<Place<'a>>,
}

impl Adapter for Rows<'_> {
    fn header(&mut self, header: &[String], sink: &mut dyn Sink) {
        let by_exact = |column: &str| header.iter().position(|name| name == column);
        let by_fold = |column: &str| header.iter().position(|name| name.trim().to_lowercase() == column.trim().to_lowercase());
        let mut slots = Vec::new();
        let mut used = BTreeSet::new();
        for (slot, from) in &self.mapping.mapped {
            match from {
                From::Constant(value) => self.sources.push(Place::Constant(value)),
                From::Column(column) => match by_exact(column).or_else(|| by_fold(column)) {
                    Some(index) => {
                        used.insert(index);
                        self.sources.push(Place::Cell(index));
                    }
                    None => {
                        sink.problem(format!("the file has no column `{column}`, which its mapping names"));
                        continue;
                    }
                },
            }
            slots.push(slot.clone());
        }
        for (index, name) in header.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
            let name = if name.is_empty() { format!("column {}", index + 1) } else { name.clone() };
            slots.push(Slot::canonical(Target::Tag(name)));
            self.sources.push(Place::Cell(index));
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
            Some(Place::Cell(index)) => cells.get(*index).map_or(Given::Absent, |cell| Given::Text(cell)),
            Some(Place::Constant(value)) => Given::Text(value),
            None => Given::Absent,
        });
        sink.token(record);
    }

    fn collected(&self) -> Vec<Field> {
        self.assembly.fields()
    }
}

struct Elements<'a> {
    mapping: &'a Mapping,
    assembly: Assembly,
    top_keys: BTreeSet<&'a str>,
    /// Slots whose key occurred.
    seen: Vec<bool>,
}

impl Adapter for Elements<'_> {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Row::Json { line, number, element } = row else { return };
        let Json::Object(object) = element else {
            sink.reject(line, "is not an object".to_owned());
            return;
        };
        let values: Vec<Option<Given<'_>>> = self
            .mapping
            .mapped
            .iter()
            .map(|(_, from)| match from {
                From::Constant(value) => Some(Given::Text(value)),
                From::Column(path) => at(object, path).map(Given::Json),
            })
            .collect();
        for (seen, value) in self.seen.iter_mut().zip(&values) {
            *seen |= value.is_some();
        }
        let mut record = Record::new(number);
        self.assembly.fill(&mut record, |slot| values.get(slot).copied().flatten().unwrap_or(Given::Absent));
        for (key, value) in object.iter().filter(|(key, _)| !self.top_keys.contains(key.as_str())) {
            let text = tag_text(value);
            if !text.is_empty() {
                record.tags.insert(key.clone(), text.into_owned());
            }
        }
        if record.tags.is_empty() && record.cells().iter().all(|cell| matches!(cell.state, State::NotCollected | State::Empty)) {
            sink.skip(line, "an empty record");
            return;
        }
        sink.token(record);
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        let unseen: BTreeMap<&str, ()> = self
            .mapping
            .mapped
            .iter()
            .zip(&self.seen)
            .filter_map(|((_, from), seen)| match from {
                From::Column(path) if !seen => Some((path.as_str(), ())),
                _ => None,
            })
            .collect();
        for path in unseen.into_keys() {
            sink.problem(format!("no record has `{path}`, which the mapping names"));
        }
    }

    fn collected(&self) -> Vec<Field> {
        let fields: BTreeSet<Field> = self
            .mapping
            .mapped
            .iter()
            .zip(&self.seen)
            .filter(|((_, from), seen)| **seen || matches!(from, From::Constant(_)))
            .filter_map(|((slot, _), _)| slot.target.field())
            .collect();
        FIELDS.iter().map(|spec| spec.field).filter(|field| fields.contains(field)).collect()
    }
}

/// The value at a dotted path: a key of that whole name first, since keys may hold dots; numbers count in lists.
fn at<'j>(object: &'j Map<String, Json>, path: &str) -> Option<&'j Json> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    path.match_indices('.').find_map(|(dot, _)| {
        let (first, rest) = (path.get(..dot)?, path.get(dot + 1..)?);
        inside(object.get(first)?, rest)
    })
}

fn inside<'j>(value: &'j Json, path: &str) -> Option<&'j Json> {
    match value {
        Json::Object(object) => at(object, path),
        Json::Array(entries) => {
            let (index, rest) = path.split_once('.').map_or((path, None), |(index, rest)| (index, Some(rest)));
            let entry = entries.get(index.parse::<usize>().ok()?)?;
            rest.map_or(Some(entry), |rest| inside(entry, rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::detect::detect;
    use crate::inventory::input::Input;
    use crate::inventory::read::{self, Collected, SourceFacts};
    use crate::inventory::record::{Cell, Value};
    use crate::inventory::registry::Registry;
    use crate::inventory::sight;

    fn mapping(settings: &str, input: &Input) -> Result<Mapping, MappingError> {
        let settings: SourceSettings = toml::from_str(&format!("path = \"x\"\n{settings}")).unwrap();
        Mapping::new(&settings, &sight::look(input).unwrap()[0])
    }

    fn read(settings: &str, text: &str) -> (SourceFacts, Collected) {
        let input = Input::memory("x", text);
        let mapping = mapping(settings, &input).unwrap();
        let detected = detect(&input, &[&mapping], Some(mapping.id())).unwrap();
        let context =
            SourceContext { provider: Some("internal-gateway".into()), as_of: 1_793_491_200, ..SourceContext::default() };
        let source = read::Source {
            input: &input,
            detected: &detected,
            context: &context,
            exported_at: Some(7),
            registry: Registry::built_in(),
        };
        let mut sink = Collected::default();
        (read::read(&source, &mut sink).unwrap(), sink)
    }

    #[test]
    fn a_sheet_is_read_through_its_mapping() {
        let (facts, sink) = read(
            r#"
            format = "csv"
            date_format = "%d/%m/%Y"
            columns = { token_id = "Key ID", created_at = "issued", owner = "Responsible", scopes_granted = "Rights", "contacts.0.address" = "Contact", purpose = "Why" }
            const = { environment = "prod", "contacts.0.role" = "token" }
            split = { scopes_granted = "|" }
            values = { owner = { nobody = "none" } }
            "#,
            "Key ID;Issued;Responsible;Rights;Contact;Extra\n007;31/03/2026;nobody;read all|write;a@x.org;e\n008;2026-04-01;B@x.org;;;\n",
        );
        assert_eq!((facts.format, facts.standing, facts.exported_at.seconds()), ("mapped-csv", Standing::Mapped, Some(7)));
        assert_eq!(facts.problems, ["the file has no column `Why`, which its mapping names"]);
        let names: Vec<_> = facts.collected.iter().map(|field| field.name()).collect();
        assert_eq!(names, ["token_id", "environment", "owner", "created_at", "scopes_granted", "contacts"]);
        let [first, second] = sink.tokens.as_slice() else { panic!() };
        assert_eq!(first.text(Field::Provider), Some("internal-gateway"));
        assert_eq!(first.get(Field::CreatedAt).as_date(), time::parse("2026-03-31").date());
        assert_eq!(first.get(Field::Owner), &Cell::of(State::None));
        assert_eq!(first.text(Field::Environment), Some("production"));
        assert!(matches!(&first.get(Field::ScopesGranted).value, Value::Scopes(scopes) if scopes[0].name == "read all"));
        assert_eq!(first.tags.get("Extra").map(String::as_str), Some("e"));
        assert_eq!(second.get(Field::CreatedAt).as_date(), time::parse("2026-04-01").date());
        assert_eq!(second.get(Field::Contacts).state, State::Empty);
        assert_eq!(second.get(Field::Purpose).state, State::NotCollected);
    }

    #[test]
    fn json_is_read_through_paths() {
        let settings = r#"
            format = "json"
            records = "result.keys"
            columns = { token_id = "meta.id", name = "a.b", owner = "owners.0.mail", last_used_at = "used", state = "live" }
            values = { state = { true = "enabled", false = "disabled" } }
            "#;
        let text = r#"{"result":{"keys":[
            {"meta":{"id":7},"a.b":"dotted","owners":[{"mail":"A@x.org"}],"live":true,"more":[1]},
            {"meta":{"id":8},"a":{"b":"nested"},"used":null,"live":false}],"next":2}}"#;
        let (facts, sink) = read(settings, text);
        assert_eq!((facts.format, facts.records, facts.problems.len()), ("mapped-json", 2, 0));
        let [first, second] = sink.tokens.as_slice() else { panic!() };
        assert_eq!((first.text(Field::TokenId), second.text(Field::TokenId)), (Some("7"), Some("8")));
        assert_eq!((first.text(Field::Name), second.text(Field::Name)), (Some("dotted"), Some("nested")));
        assert_eq!((first.text(Field::State), second.text(Field::State)), (Some("enabled"), Some("disabled")));
        assert_eq!(first.text(Field::Owner), Some("a@x.org"));
        assert_eq!(first.get(Field::LastUsedAt).state, State::NotCollected);
        assert_eq!(second.get(Field::LastUsedAt).state, State::Empty);
        assert!(facts.collected.contains(&Field::LastUsedAt));
        assert_eq!(first.tags.keys().collect::<Vec<_>>(), ["more"]);
        let (facts, sink) = read("columns = { token_id = \"id\", owner = \"o\" }", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
        assert_eq!((facts.format, sink.tokens.len()), ("mapped-json", 2));
        assert_eq!(facts.problems, ["no record has `o`, which the mapping names"]);
    }

    #[test]
    fn mistakes_are_told_before_a_row_is_read() {
        let input = Input::memory("x", "a,b\n");
        let error = |settings: &str| mapping(settings, &input).unwrap_err().to_string();
        assert!(error("").contains("no `columns`"));
        assert!(error("format = \"okta-api-tokens\"\ncolumns = { owner = \"a\" }").contains("`csv`, `json` or `ndjson`"));
        assert!(error("date_format = \"%Q\"\ncolumns = { owner = \"a\" }").contains("no date format"));
        assert!(error("columns = { owner = \"a\" }\nvalues = { state = { a = \"b\" } }").contains("nothing is mapped"));
    }
}
