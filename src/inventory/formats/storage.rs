//! The place where a store keeps a secret, as the one entry of `storage`.

use crate::inventory::field::{Field, STORAGE};
use crate::inventory::record::{Cell, Item, Record, State, Value};

/// What a store says of the secret that it keeps.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// A storage kind of the policy, for example `secret-manager`; any other word leaves it to the policy.
    pub(super) kind: &'static str,
    pub(super) location: String,
    /// Since when it is there; a cell without a value is left out.
    pub(super) since: Cell,
    /// `yes`, `no` or `unknown`; empty where the export does not say it.
    pub(super) encrypted_at_rest: &'static str,
    /// Who can read it; empty where the export does not say it.
    pub(super) readers: Vec<String>,
}

/// Sets the storage of a record.
pub(super) fn set(record: &mut Record, place: Place) {
    let Place { kind, location, since, encrypted_at_rest, readers } = place;
    let stated = |text: &str| if text.is_empty() { Cell::default() } else { Cell::text(text) };
    let parts = STORAGE.iter().map(|part| match part.name {
        "kind" => Cell::text(kind),
        "location" => stated(&location),
        "since" if since.state == State::Value => since.clone(),
        "encrypted_at_rest" => stated(encrypted_at_rest),
        "readers" if !readers.is_empty() => Cell::value(Value::Words(readers.clone())),
        _ => Cell::default(),
    });
    let entry = Item { parts: parts.collect() };
    record.set(Field::Storage, Cell::value(Value::Items(vec![entry])));
}
