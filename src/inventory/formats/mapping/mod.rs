//! Any table or JSON file, through the column mapping of a `[[source]]` (design, section 4; decisions, 15).
//!
//! Values are read by the canonical rules, after the mapping's own words, separators and date notation. Columns and keys that
//! are not mapped become tags. What the mapping names and the file does not have is a problem of the source, and the field
//! counts as not collected.

mod rows;
mod suggest;
#[cfg(test)]
mod tests;

pub use suggest::{Seen, suggest};

use crate::inventory::assemble::Slot;
use crate::inventory::cell::{self, Notation};
use crate::inventory::field::{Field, Kind, Part, PartKind};
use crate::inventory::format::{Adapter, Format, Layout, Records, Role, Sight, SourceContext, Standing};
use crate::inventory::json::path;
use crate::inventory::source_settings::{SourceSettings, TargetName};
use crate::inventory::target::Target;
use crate::inventory::time;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with the mapping of a `[[source]]`. Every variant has a [`MappingError::hint`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("there are no `columns`")]
    NoColumns,
    #[error("`format = \"{format}\"` does not go with `columns`")]
    Format { format: String },
    #[error("the settings say `{said}`, and the file is {seen}")]
    Layout { said: String, seen: &'static str },
    #[error("`records` is for JSON, and the file is {seen}")]
    RecordsOfTable { seen: &'static str },
    #[error("`date_format = \"{format}\"` is no notation of dates")]
    DateFormat { format: String },
    #[error("`{first}` and `{second}` are the same place")]
    Twice { first: String, second: String },
    #[error("`{key}` has `{name}`, and `columns` does not")]
    NotMapped { key: &'static str, name: String },
    #[error("`split` has `{name}`, which is no plain list")]
    NoList { name: String },
    #[error("`split` of `{name}` is empty")]
    NoSeparator { name: String },
    #[error("`const` of `{name}` is no value of that field: \"{text}\"")]
    Constant { name: String, text: String },
}

impl MappingError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            MappingError::NoColumns => "name the columns of the file: `columns = { token_id = \"Key ID\" }`",
            MappingError::Format { .. } => "use `csv`, `tsv`, `json`, `ndjson` or `parquet`, or leave `format` out",
            MappingError::Layout { .. } => "correct `format`, or leave it out",
            MappingError::RecordsOfTable { .. } => "leave `records` out",
            MappingError::DateFormat { .. } => "use the notation of strftime, for example \"%d/%m/%Y %H:%M\"",
            MappingError::Twice { .. } => "keep one of them",
            MappingError::NotMapped { .. } => "map a column to it, or leave it out",
            MappingError::NoList { .. } => "`split` is for scopes and readers; leave it out here",
            MappingError::NoSeparator { .. } => "write what stands between the values, for example \"|\"",
            MappingError::Constant { .. } => "write the value as in the canonical sheet",
        }
    }
}

/// The mapping of one `[[source]]`, for one file.
#[derive(Debug)]
pub struct Mapping {
    layout: Layout,
    records: Option<String>,
    places: Vec<Place>,
    /// What the files of this mapping are an export of; two mappings are two exports.
    export: String,
    /// A list of the file whose elements have what the file itself has not.
    list_elsewhere: Option<String>,
}

/// Where a value comes from and where it goes.
#[derive(Debug)]
struct Place {
    /// The canonical name, as in the settings.
    name: String,
    slot: Slot,
    origin: Origin,
}

#[derive(Debug, PartialEq, Eq)]
enum Origin {
    /// A column, or a dotted path into the record.
    Named(String),
    Constant(String),
}

impl Mapping {
    /// The mapping for a file that was looked at; of several sights the first.
    pub fn new(settings: &SourceSettings, sight: &Sight) -> Result<Mapping, MappingError> {
        let places = places(settings)?;
        let layout = layout(settings, sight)?;
        let records = settings.records.clone().filter(|path| !path.is_empty());
        let list_elsewhere = if records.is_none() { list_with(&places, sight) } else { None };
        let export = format!("mapped {}", settings.path);
        Ok(Mapping { layout, records, places, export, list_elsewhere })
    }

    /// Checks a mapping before any file is opened.
    pub fn check(settings: &SourceSettings) -> Result<(), MappingError> {
        if let Some(format) = &settings.format
            && laid_out(format).is_none()
        {
            return Err(MappingError::Format { format: format.clone() });
        }
        places(settings).map(|_| ())
    }

    /// The fields that the mapping names, those of constants included, in the order of the table. A file that lacks some of the
    /// columns collects fewer.
    pub fn fields(&self) -> Vec<Field> {
        let fields: BTreeSet<Field> = self.places.iter().filter_map(|place| place.slot.target.field()).collect();
        fields.into_iter().collect()
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
        "File with a column mapping"
    }

    fn export(&self) -> &str {
        &self.export
    }

    fn how_to_export(&self) -> &'static str {
        "any CSV, JSON or NDJSON; name its columns in `[[source]] columns` of countersign.toml"
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
        self.records.as_deref()
    }

    fn recognises(&self, sight: &Sight) -> bool {
        matches!(
            (self.layout, sight),
            (Layout::Table, Sight::Table { .. })
                | (Layout::Json(_), Sight::Json { .. })
                | (Layout::Parquet, Sight::Parquet { .. })
        )
    }

    fn signature(&self) -> &'static str {
        "a `[[source]]` with `columns` names the file"
    }

    fn collects(&self) -> Option<&'static [Field]> {
        None
    }

    fn open<'a>(&'a self, context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        match self.layout {
            Layout::Json(_) => Box::new(rows::Elements::new(self, context)),
            Layout::Table | Layout::Parquet => Box::new(rows::Sheet::new(self, context)),
        }
    }
}

/// The layout that a word of the settings stands for.
fn laid_out(format: &str) -> Option<Layout> {
    Some(match format {
        "csv" | "tsv" => Layout::Table,
        "json" => Layout::Json(Records::Array),
        "ndjson" => Layout::Json(Records::Documents),
        "parquet" => Layout::Parquet,
        _ => return None,
    })
}

fn layout(settings: &SourceSettings, sight: &Sight) -> Result<Layout, MappingError> {
    let (layout, seen) = match sight {
        Sight::Table { .. } => (Layout::Table, "a table"),
        Sight::Json { array: true, .. } => (Layout::Json(Records::Array), "JSON"),
        Sight::Json { .. } => (Layout::Json(Records::Documents), "JSON"),
        Sight::Parquet { .. } => (Layout::Parquet, "Parquet"),
    };
    if let Some(format) = &settings.format {
        let said = laid_out(format).ok_or_else(|| MappingError::Format { format: format.clone() })?;
        // Lists and single documents are both read wherever they stand.
        if std::mem::discriminant(&said) != std::mem::discriminant(&layout) {
            return Err(MappingError::Layout { said: format.clone(), seen });
        }
    }
    if settings.records.is_some() && !matches!(layout, Layout::Json(_)) {
        return Err(MappingError::RecordsOfTable { seen });
    }
    Ok(layout)
}

/// What the settings say, checked.
fn places(settings: &SourceSettings) -> Result<Vec<Place>, MappingError> {
    if settings.columns.is_empty() {
        return Err(MappingError::NoColumns);
    }
    if let Some(format) = settings.date_format.iter().find(|format| !time::is_format(format)) {
        return Err(MappingError::DateFormat { format: format.clone() });
    }
    for (key, names) in [("values", settings.values.keys().collect::<Vec<_>>()), ("split", settings.split.keys().collect())] {
        if let Some(name) = names.into_iter().find(|name| lookup(&settings.columns, name).is_none()) {
            return Err(MappingError::NotMapped { key, name: name.name.clone() });
        }
    }
    for (name, separator) in &settings.split {
        if separator.is_empty() {
            return Err(MappingError::NoSeparator { name: name.name.clone() });
        }
        if !is_plain_list(&name.target) {
            return Err(MappingError::NoList { name: name.name.clone() });
        }
    }
    let mut places = Vec::with_capacity(settings.columns.len() + settings.constants.len());
    for (name, column) in &settings.columns {
        let slot = Slot {
            words: lookup(&settings.values, name).cloned().unwrap_or_default(),
            date_formats: settings.date_format.clone(),
            separator: lookup(&settings.split, name).cloned(),
            ..Slot::canonical(name.target.clone())
        };
        places.push(Place { name: name.name.clone(), slot, origin: Origin::Named(column.clone()) });
    }
    for (name, text) in &settings.constants {
        check_constant(name, text)?;
        let slot = Slot { constant: true, ..Slot::canonical(name.target.clone()) };
        places.push(Place { name: name.name.clone(), slot, origin: Origin::Constant(text.clone()) });
    }
    let mut known: BTreeMap<&Target, &str> = BTreeMap::new();
    for place in &places {
        if let Some(first) = known.insert(&place.slot.target, &place.name) {
            return Err(MappingError::Twice { first: first.to_owned(), second: place.name.clone() });
        }
    }
    Ok(places)
}

/// What is said of a target, whichever of its names was used.
fn lookup<'a, T>(map: &'a BTreeMap<TargetName, T>, name: &TargetName) -> Option<&'a T> {
    map.iter().find(|(known, _)| known.target == name.target).map(|(_, value)| value)
}

fn check_constant(name: &TargetName, text: &str) -> Result<(), MappingError> {
    const DATE: Part = Part { name: "", kind: PartKind::PastDate };
    let mut problems = Vec::new();
    let notation = Notation::default();
    match &name.target {
        Target::Field(field) => {
            cell::from_text(*field, text, notation, &mut problems);
        }
        Target::Part { field, part, .. } => {
            if let Some(part) = part_of(*field, *part) {
                cell::part_from_text(part, String::new, text, notation, &mut problems);
            }
        }
        Target::Named { .. } => {
            cell::part_from_text(&DATE, String::new, text, notation, &mut problems);
        }
        Target::Tag(_) => {}
    }
    if problems.is_empty() { Ok(()) } else { Err(MappingError::Constant { name: name.name.clone(), text: text.to_owned() }) }
}

fn part_of(field: Field, part: usize) -> Option<&'static Part> {
    if let Kind::Items(parts) = field.spec().kind { parts.get(part) } else { None }
}

/// True for a list of plain values: scopes, readers.
fn is_plain_list(target: &Target) -> bool {
    match target {
        Target::Field(field) => matches!(field.spec().kind, Kind::Words | Kind::Scopes),
        Target::Part { field, part, .. } => part_of(*field, *part).is_some_and(|part| part.kind == PartKind::Words),
        Target::Named { .. } | Target::Tag(_) => false,
    }
}

/// The list of an object whose elements have most of the mapped paths, if the object itself has none of them.
fn list_with(places: &[Place], sight: &Sight) -> Option<String> {
    let Sight::Json { elements, .. } = sight else { return None };
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (list, element) in elements {
        let paths = places.iter().filter_map(|place| if let Origin::Named(path) = &place.origin { Some(path) } else { None });
        found.entry(list).or_default().extend(paths.filter(|path| path::find(element, path).is_some()).map(String::as_str));
    }
    let (list, paths) = found.into_iter().max_by_key(|(_, paths)| paths.len())?;
    (!list.is_empty() && !paths.is_empty()).then(|| list.to_owned())
}
