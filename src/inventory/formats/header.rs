//! Finding columns of hand-kept sheets: people spell headers as they like.

use crate::inventory::format::TableRow;

/// The form in which headers are compared: lower-case letters and digits alone.
pub(super) fn fold(header: &str) -> String {
    header.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The first cell whose header is one of `names` (folded), without blanks around it; none if there is no such column.
pub(super) fn cell<'a>(row: &TableRow<'a>, names: &[&str]) -> Option<&'a str> {
    let index = names.iter().find_map(|name| row.header.iter().position(|header| fold(header) == *name))?;
    row.cells.get(index).map(|cell| cell.trim())
}

/// True if the header has one of `names` (folded).
pub(super) fn has(header: &[String], names: &[&str]) -> bool {
    header.iter().any(|column| names.contains(&fold(column).as_str()))
}
