//! Registers that organisations keep by hand: what tokens are for, and whom to reach about an account at a provider.
//!
//! Both come as CSV, or as TOML with `[[purpose]]` and `[[account]]` tables, which [`tables`] checks and hands on as JSON. Columns and
//! keys have the names of the canonical sheet, so the values are read by its rules.

mod accounts;
mod purposes;
pub mod tables;

pub use accounts::{ACCOUNTS, ACCOUNTS_TABLES, is_accounts};
pub use purposes::{PURPOSES, PURPOSES_TABLES};

use super::header::fold;
use crate::inventory::assemble::{Assembly, Given, Slot};
use crate::inventory::format::{Row, Sink};
use crate::inventory::record::Record;
use crate::inventory::target::Target;
use serde_json::Value as Json;

/// Where a column of a register goes; none for one that means nothing there.
type Places = fn(&str) -> Option<Target>;

/// Reads a row or element into a record that holds nothing but the register's fields; none for an empty row.
fn fill(row: Row<'_>, places: Places, sink: &mut dyn Sink) -> Option<Record> {
    let (line, pairs): (u64, Vec<(&str, Given<'_>)>) = match row {
        Row::Table(row) => {
            if row.cells.iter().all(|cell| cell.trim().is_empty()) {
                sink.skip(row.line, "an empty row");
                return None;
            }
            (row.line, row.header.iter().map(String::as_str).zip(row.cells.iter().map(|cell| Given::Text(cell))).collect())
        }
        Row::Json { line, element: Json::Object(element), .. } => {
            (line, element.iter().map(|(key, value)| (key.as_str(), Given::Json(value))).collect())
        }
        Row::Json { line, .. } => {
            sink.reject(line, "is not an object".to_owned());
            return None;
        }
    };
    let placed = pairs.into_iter().filter_map(|(name, given)| places(name.trim()).map(|target| (Slot::canonical(target), given)));
    let (slots, values): (Vec<Slot>, Vec<Given<'_>>) = placed.unzip();
    let mut record = Record::new(line);
    Assembly::new(slots).fill(&mut record, |index| values.get(index).copied().unwrap_or(Given::Absent));
    for problem in &record.problems {
        sink.problem(format!("line {line}: `{}` cannot be used: {}", problem.field, problem.text));
    }
    Some(record)
}

/// True if some column is called one of these names, letter case and punctuation aside.
fn has_any(names: &[&str], wanted: &[&str]) -> bool {
    names.iter().any(|name| wanted.contains(&fold(name).as_str()))
}
