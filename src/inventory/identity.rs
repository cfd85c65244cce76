//! Facts of an identity that has several secrets: an AWS user, an Entra application, a GCP service account (decisions, 25).
//!
//! Each record of the identity carries how many of its secrets are active, and all of them, so that a check sees from one token that
//! an old secret was not retired. An adapter counts what its file holds ([`share_secrets`]); where the secrets of one identity
//! come from several files the store counts again once the records are joined ([`active_and_all`]).

use super::field::{Field, SECRET};
use super::record::{Cell, Item, Record, State, Value};

/// Writes on each record of one identity how many of its secrets are active, and all of them. `identity` is the provider's own
/// name or id of the user, application or service account; secrets of other kinds do not replace these and are shared apart.
pub fn share_secrets(records: &mut [Record], identity: &str) {
    let (active, secrets) = active_and_all(records.iter().map(|record| (record.get(Field::CreatedAt), record.get(Field::State))));
    for record in records {
        record.set(
            Field::ActiveSecretCount,
            active.map_or_else(|| Cell::of(State::Empty), |count| Cell::value(Value::Count(count))),
        );
        record.set(Field::Secrets, Cell::value(Value::Items(secrets.clone())));
        record.identity = Some(identity.to_owned()).filter(|identity| !identity.is_empty());
    }
}

/// How many of the secrets with these creation dates and states are active, and the list of them in an order of its own. None: a
/// secret whose state cannot be read may be active, so the number is not known.
pub fn active_and_all<'c>(secrets: impl Iterator<Item = (&'c Cell, &'c Cell)>) -> (Option<i64>, Vec<Item>) {
    let (mut active, mut known, mut list) = (0, true, Vec::new());
    for (created_at, state) in secrets {
        known &= state.state == State::Value;
        active += i64::from(state.as_text() == Some("enabled"));
        list.push(Item { parts: vec![created_at.clone(), state.clone()] });
    }
    debug_assert!(list.iter().all(|secret: &Item| secret.parts.len() == SECRET.len()));
    list.sort();
    (known.then_some(active), list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(state: &str) -> Record {
        let mut record = Record::new(1);
        record.set_text(Field::State, state);
        record
    }

    #[test]
    fn every_record_tells_of_all() {
        let mut keys = [key("enabled"), key("disabled"), key("enabled")];
        share_secrets(&mut keys, "ci");
        for key in &keys {
            assert_eq!(key.get(Field::ActiveSecretCount).value, Value::Count(2));
            assert!(matches!(&key.get(Field::Secrets).value, Value::Items(secrets) if secrets.len() == 3));
            assert_eq!(key.identity.as_deref(), Some("ci"));
        }
    }

    #[test]
    fn a_state_that_cannot_be_read_leaves_the_number_open() {
        let mut keys = [key("enabled"), key("")];
        share_secrets(&mut keys, "");
        assert_eq!(keys[0].get(Field::ActiveSecretCount), &Cell::of(State::Empty));
        assert_eq!(keys[0].identity, None);
    }
}
