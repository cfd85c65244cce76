//! What an answer of JSON:API puts beside its records: the users and the leaks that they point to.

use crate::inventory::cell;
use crate::inventory::field::Field;
use crate::inventory::formats::element::{scalar, truth};
use crate::inventory::record::{Cell, Record, State};
use crate::inventory::time;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Users and leaks by their id.
#[derive(Debug, Default)]
pub(super) struct Included {
    users: BTreeMap<String, User>,
    leaks: BTreeMap<String, Leak>,
}

#[derive(Debug)]
struct User {
    /// E-mail address, else the handle.
    address: String,
    disabled: bool,
    is_service: bool,
}

#[derive(Debug)]
struct Leak {
    date: Json,
    found_in: String,
}

impl Included {
    /// Takes over the entries of a page's `included`.
    pub(super) fn take(&mut self, entries: Option<&Json>) {
        for entry in entries.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object) {
            let text = |key: &str| entry.get(key).and_then(scalar).unwrap_or_default();
            let empty = Map::new();
            let attributes = entry.get("attributes").and_then(Json::as_object).unwrap_or(&empty);
            let is = |key: &str| attributes.get(key).and_then(truth) == Some(true);
            match text("type").as_str() {
                "users" => {
                    let stated = |key: &str| attributes.get(key).and_then(scalar).filter(|text| !text.trim().is_empty());
                    let address = stated("email").or_else(|| stated("handle")).unwrap_or_else(|| text("id"));
                    let user = User { address, disabled: is("disabled"), is_service: is("service_account") };
                    self.users.insert(text("id"), user);
                }
                "leaked_keys" => {
                    let found_in = attributes.get("leak_source").and_then(scalar).unwrap_or_default();
                    let date = attributes.get("date").cloned().unwrap_or_default();
                    self.leaks.insert(text("id"), Leak { date, found_in });
                }
                _ => {}
            }
        }
    }

    pub(super) fn has_user(&self, id: &str) -> bool {
        self.users.contains_key(id)
    }

    pub(super) fn has_leak(&self, id: &str) -> bool {
        self.leaks.contains_key(id)
    }

    /// Names the owner; a user of whom nothing else is known by the id.
    pub(super) fn set_owner(&self, record: &mut Record, id: &str) {
        let Some(user) = self.users.get(id) else { return record.set_text(Field::Owner, id) };
        record.set_text(Field::Owner, user.address.trim());
        for (tag, is_so) in [("owner_disabled", user.disabled), ("owner_is_service_account", user.is_service)] {
            if is_so {
                record.tags.insert(tag.to_owned(), "true".to_owned());
            }
        }
    }

    /// States a leak that Datadog found; without what it is known of, only that there is one.
    pub(super) fn set_leak(&self, record: &mut Record, id: &str) {
        record.set_text(Field::Compromise, "suspected");
        let mut date = Cell::of(State::Empty);
        if let Some(leak) = self.leaks.get(id) {
            if !leak.date.is_null() {
                let written = scalar(&leak.date).unwrap_or_default();
                let path = || Field::CompromiseSuspectedAt.name().to_owned();
                date = cell::from_reading(time::from_json(&leak.date), path, &written, &mut record.problems);
            }
            if !leak.found_in.is_empty() {
                record.tags.insert("leak_source".to_owned(), leak.found_in.clone());
            }
        }
        record.set(Field::CompromiseSuspectedAt, date);
    }
}
