//! What is looked at of a file that no format recognises: its columns, with some of their values.

use crate::inventory::format::Sight;
use crate::inventory::guard::Guard;
use crate::inventory::input::Input;
use crate::inventory::json::path;
use crate::inventory::sight;
use crate::inventory::split::Splitter;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Rows whose values are looked at.
const ROWS: usize = 500;
/// How deep a list of records is searched for.
const DEPTH: usize = 4;

/// A file as far as it matters for a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `csv`, `json` or `ndjson`.
    pub layout: &'static str,
    /// Dotted path to the list of records.
    pub records: Option<String>,
    pub columns: Vec<Column>,
}

/// A column of a table, or a dotted path into JSON records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Values, without empty ones; of JSON without lists.
    pub values: Vec<String>,
}

impl Seen {
    /// Looks at an input; none if it is neither a table nor a list of JSON records.
    pub fn look(input: &Input) -> Option<Seen> {
        sight::look(input).ok()?.into_iter().find_map(|sight| match sight {
            Sight::Table { header } => Some(Seen::of_table(input, &header)),
            Sight::Json { .. } => Seen::of_json(&sight),
            Sight::Parquet { .. } => None,
        })
    }

    fn of_table(input: &Input, header: &[String]) -> Seen {
        let mut columns: Vec<Column> = header.iter().map(|name| Column { name: clean(name), values: Vec::new() }).collect();
        for row in rows(input).unwrap_or_default() {
            for (column, value) in columns.iter_mut().zip(&row) {
                column.take(value);
            }
        }
        Seen { layout: "csv", records: None, columns }
    }

    fn of_json(sight: &Sight) -> Option<Seen> {
        let Sight::Json { array, envelope, elements } = sight else { return None };
        if sight.only_empty_list().is_some() {
            return None;
        }
        let mut lists: BTreeMap<&str, Vec<&Json>> = BTreeMap::new();
        for (list, element) in elements.iter().filter(|(_, element)| element.is_object()) {
            lists.entry(list).or_default().push(element);
        }
        let documents = lists.remove("").unwrap_or_default();
        let longest = lists.into_iter().max_by_key(|(_, elements)| elements.len());
        let (layout, records, elements) = match longest {
            _ if *array => ("json", None, documents),
            Some((list, elements)) => ("json", Some(list.to_owned()), elements),
            None => match envelope.iter().find_map(|(key, value)| list_within(value, key, DEPTH)) {
                Some((list, elements)) => ("json", Some(list), elements),
                None => ("ndjson", None, documents),
            },
        };
        let mut columns: Vec<Column> = Vec::new();
        for element in &elements {
            path::leaves(element, &mut |path, value| {
                let name = clean(path);
                let place = columns.iter().position(|column| column.name == name).unwrap_or_else(|| {
                    columns.push(Column { name, values: Vec::new() });
                    columns.len() - 1
                });
                if let (Some(column), Some(text)) = (columns.get_mut(place), text(value)) {
                    column.take(&text);
                }
            });
        }
        (!columns.is_empty()).then_some(Seen { layout, records, columns })
    }
}

impl Column {
    fn take(&mut self, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.values.push(clean(value));
        }
    }
}

fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// A file without a header starts with a row, and any value may be a token's.
fn clean(text: &str) -> String {
    Guard::built_in().clean_text(text).into_owned()
}

/// The first sound rows of a table.
fn rows(input: &Input) -> Option<Vec<Vec<String>>> {
    let (mut splitter, _) = Splitter::open(input.open().ok()?).ok()?;
    let slice = splitter.next_slice(&mut Vec::new()).ok()??;
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).delimiter(splitter.delimiter()).flexible(true);
    let rows = reader.from_reader(slice.bytes.as_slice()).into_records().take(ROWS);
    Some(rows.flatten().map(|row| row.iter().map(str::to_owned).collect()).collect())
}

/// The first list of objects inside a value, with its dotted path.
fn list_within<'a>(value: &'a Json, path: &str, depth: usize) -> Option<(String, Vec<&'a Json>)> {
    match value {
        Json::Array(elements) => {
            let objects: Vec<&Json> = elements.iter().filter(|element| element.is_object()).take(ROWS).collect();
            (!objects.is_empty()).then(|| (path.to_owned(), objects))
        }
        Json::Object(object) if depth > 0 => {
            object.iter().find_map(|(key, value)| list_within(value, &format!("{path}.{key}"), depth - 1))
        }
        _ => None,
    }
}
