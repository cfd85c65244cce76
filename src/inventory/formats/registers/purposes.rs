//! The purpose register: one row for each purpose that tokens name by `purpose_id`.

use super::super::export::{Export, Reading, no_pages};
use super::super::header::fold;
use super::{fill, has_any};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Purpose, Records, Role, Row, Sight, Sink, SourceContext, Standing};
use crate::inventory::record::{Record, State, Value};
use crate::inventory::target::Target;

/// The array of tables in TOML.
const TABLES: &str = "purpose";
/// Headers that an inventory of tokens has.
const OF_TOKENS: &[&str] = &["tokenid", "provider", "createdat"];

/// As CSV.
pub const PURPOSES: Export = Export {
    id: "purposes-csv",
    title: "Purposes: register (CSV)",
    how_to_export: "kept by hand: purpose_id, text, scopes_required, status, ends_at, authorized_readers",
    role: Role::Purposes,
    standing: Standing::Canonical,
    layout: Layout::Table,
    signature: "CSV with purpose_id and one of text, purpose, status, scopes_required; no token_id",
    recognises: |sight| {
        let Sight::Table { header } = sight else { return false };
        is_purposes(&header.iter().map(String::as_str).collect::<Vec<_>>())
    },
    collects: Some(&[]),
    reading: Reading::Each { record: purpose, page: no_pages },
    ..Export::OF_PROVIDER
};

/// As TOML, and as JSON of the same shape.
pub const PURPOSES_TABLES: Export = Export {
    id: "purposes-toml",
    title: "Purposes: register (TOML or JSON)",
    how_to_export: "kept by hand: [[purpose]] tables with purpose_id, text, scopes_required, status, ends_at, authorized_readers",
    layout: Layout::Json(Records::Under(TABLES)),
    signature: "[[purpose]] tables in TOML, or a JSON object with the list `purpose`, whose entries have purpose_id",
    recognises: |sight| sight.has_keys(TABLES, &["purpose_id"]),
    export: Some("purposes-csv"),
    ..PURPOSES
};

fn is_purposes(names: &[&str]) -> bool {
    let known =
        ["text", "purpose", "purposetext", "description", "status", "purposestatus", "scopesrequired", "endsat", "purposeendsat"];
    has_any(names, &["purposeid"]) && has_any(names, &known) && !has_any(names, OF_TOKENS)
}

/// Where a column goes: names of the register, and those that the canonical sheet has for the same.
fn place(name: &str) -> Option<Target> {
    let field = match fold(name).as_str() {
        "purposeid" => Field::PurposeId,
        "text" | "purpose" | "purposetext" | "description" => Field::Purpose,
        "scopesrequired" => Field::ScopesRequired,
        "status" | "purposestatus" => Field::PurposeStatus,
        "endsat" | "purposeendsat" => Field::PurposeEndsAt,
        "authorizedreaders" => Field::AuthorizedReaders,
        _ => return None,
    };
    Some(Target::Field(field))
}

fn purpose(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(record) = fill(row, place, sink) else { return };
    let Some(purpose_id) = record.text(Field::PurposeId) else {
        return sink.reject(record.line, "the row has no purpose_id".to_owned());
    };
    let text = |field| record.text(field).map(str::to_owned);
    sink.purpose(Purpose {
        purpose_id: purpose_id.to_owned(),
        text: text(Field::Purpose),
        scopes_required: words(&record, Field::ScopesRequired),
        status: text(Field::PurposeStatus),
        ends_at: record.get(Field::PurposeEndsAt).as_date(),
        authorized_readers: words(&record, Field::AuthorizedReaders),
        line: record.line,
    });
}

/// A list; an explicit `none` is an empty one.
fn words(record: &Record, field: Field) -> Option<Vec<String>> {
    let cell = record.get(field);
    match (&cell.value, cell.state) {
        (Value::Words(words), _) => Some(words.clone()),
        (_, State::None) => Some(Vec::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{on, read};

    const CSV: &str = include_str!("../../../../tests/fixtures/formats/purposes-csv.csv");
    const TOML: &str = include_str!("../../../../tests/fixtures/formats/purposes-toml.json");

    #[test]
    fn rows_and_tables_say_the_same() {
        let (rows, tables) = (read(&PURPOSES, CSV), read(&PURPOSES_TABLES, TOML));
        let without_line = |purpose: &Purpose| Purpose { line: 0, ..purpose.clone() };
        let said: Vec<Purpose> = rows.purposes.iter().map(without_line).collect();
        assert_eq!(said, tables.purposes.iter().map(without_line).collect::<Vec<_>>());
        let ids: Vec<_> = said.iter().map(|purpose| purpose.purpose_id.as_str()).collect();
        assert_eq!(ids, ["P-ORDERS", "P-LEGACY", "P-EMPTY"]);
        assert_eq!(said[0].scopes_required.as_deref(), Some(["orders:read".to_owned(), "orders:write".to_owned()].as_slice()));
        assert_eq!(said[1].ends_at, on("2026-06-30").as_date());
        assert_eq!(said[1].status.as_deref(), Some("ended"));
        assert_eq!(said[1].scopes_required.as_deref(), Some([].as_slice()), "none is a statement");
        assert_eq!((&said[2].text, &said[2].scopes_required), (&None, &None), "an empty cell is none");
        assert_eq!(rows.rejects.len(), 1);
        assert!(rows.problems.iter().any(|problem| problem.contains("purpose_ends_at")), "{:?}", rows.problems);
    }

    #[test]
    fn an_inventory_of_tokens_is_no_register() {
        let header = |text: &str| Sight::Table { header: text.split(',').map(str::to_owned).collect() };
        assert!((PURPOSES.recognises)(&header("Purpose ID,Description,Status")));
        assert!(!(PURPOSES.recognises)(&header("provider,token_id,purpose_id,purpose,status")));
        assert!(!(PURPOSES.recognises)(&header("purpose_id,owner")));
    }
}
