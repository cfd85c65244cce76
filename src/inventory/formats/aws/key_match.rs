//! Telling that records of several exports are about the same access key (decisions, 26).
//!
//! The credential report names a slot, `<arn>/access_key_1`; the list names the `AccessKeyId` and no account. User name and
//! creation time bring them together; the joined record keeps the `AccessKeyId` and takes the account from the report. The answer
//! about the last use of a key names the user alone: it is about the user's only key, or cannot be used.

use super::{PROVIDER, USER_NAME};
use crate::inventory::field::Field;
use crate::inventory::join::UNSTATED;
use crate::inventory::record::Record;
use std::collections::{BTreeMap, BTreeSet};

/// Tag of a record that says by what it names its key, if not by an id.
pub(super) const NAMED_BY: &str = "key_named_by";
/// Value of that tag on an answer about the only key of a user.
pub(super) const BY_USER: &str = "user";

/// The user of an access key, of any kind of source; none for anything else. Records of one user must come together so that
/// [`name_aws_keys`] sees all of the user's keys.
pub fn aws_key_user(record: &Record) -> Option<&str> {
    let is_key = record.text(Field::Provider) == Some(PROVIDER) && record.text(Field::TokenKind) == Some("access-key");
    let is_known = record.text(Field::TokenId).is_some() || is_about_only_key(record);
    let user = record.tags.get(USER_NAME)?;
    (is_key && is_known && !user.is_empty()).then_some(user)
}

/// True for the answer about the last use of a key that it does not name.
fn is_about_only_key(record: &Record) -> bool {
    record.text(Field::TokenId).is_none() && record.tags.get(NAMED_BY).is_some_and(|by| by == BY_USER)
}

/// A user, and the creation of a key in UTC seconds.
type UserAndCreation<'r> = (&'r str, i64);

fn user_and_creation(record: &Record) -> Option<UserAndCreation<'_>> {
    Some((aws_key_user(record)?, record.get(Field::CreatedAt).as_date()?.seconds))
}

fn is_slot(record: &Record) -> bool {
    record.text(Field::TokenId).is_some_and(|id| id.contains("/access_key_"))
}

/// Gives slots of credential reports the `AccessKeyId` that an entry states for the same user and second, in the same account as far as
/// both name one, and then gives answers about a user's only key the id of that key. Where several ids fit, nothing changes. Over time
/// a slot holds several keys; it is named after the newest, whose report speaks.
pub fn name_aws_keys(records: &mut [&mut Record]) {
    let mut entries: BTreeMap<UserAndCreation<'_>, Vec<&Record>> = BTreeMap::new();
    let mut newest: BTreeMap<&str, (i64, &Record)> = BTreeMap::new();
    for record in records.iter() {
        let Some(key) = user_and_creation(record) else { continue };
        match record.text(Field::TokenId) {
            Some(slot) if is_slot(record) => {
                let (seconds, held) = newest.entry(slot).or_insert((key.1, record));
                if key.1 > *seconds {
                    (*seconds, *held) = (key.1, record);
                }
            }
            Some(_) => entries.entry(key).or_default().push(record),
            None => {}
        }
    }
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (slot, (_, record)) in newest {
        let fitting = user_and_creation(record).and_then(|key| entries.get(&key)).into_iter().flatten();
        let fitting = fitting.filter(|entry| accounts_agree(record, entry));
        let ids: BTreeSet<&str> = fitting.filter_map(|entry| entry.text(Field::TokenId)).collect();
        if let (1, Some(id)) = (ids.len(), ids.first()) {
            names.insert(slot.to_owned(), (*id).to_owned());
        }
    }
    for record in records.iter_mut().filter(|record| is_slot(record)) {
        if let Some(id) = record.text(Field::TokenId).and_then(|slot| names.get(slot)).cloned() {
            record.set_text(Field::TokenId, id);
        }
    }
    let only: BTreeMap<String, Option<String>> = only_keys(records.iter().map(|record| &**record))
        .into_iter()
        .map(|(user, id)| (user.to_owned(), id.map(str::to_owned)))
        .collect();
    for record in records.iter_mut().filter(|record| is_about_only_key(record)) {
        if let Some(Some(id)) = aws_key_user(record).and_then(|user| only.get(user)).cloned() {
            record.set_text(Field::TokenId, id);
        }
    }
}

/// For each user with keys the id of the only one; none for a user with several.
fn only_keys<'r>(records: impl Iterator<Item = &'r Record>) -> BTreeMap<&'r str, Option<&'r str>> {
    let mut only: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for record in records {
        if let (Some(user), Some(id)) = (aws_key_user(record), record.text(Field::TokenId)) {
            let held = only.entry(user).or_insert(Some(id));
            if *held != Some(id) {
                *held = None;
            }
        }
    }
    only
}

/// Why the answer about a key cannot be used, for each that cannot: its user has several keys, or several different answers. Call
/// after [`name_aws_keys`]. The number tells answers of one export from those of an older one.
pub fn unusable_aws_answers(records: &[(&Record, Option<i64>)]) -> BTreeMap<usize, &'static str> {
    let keys = only_keys(records.iter().map(|(record, _)| *record));
    let mut answers: BTreeMap<(&str, Option<i64>), Vec<usize>> = BTreeMap::new();
    for (index, (record, exported_at)) in records.iter().enumerate() {
        if let Some(user) = aws_key_user(record).filter(|_| is_about_only_key(record)) {
            answers.entry((user, *exported_at)).or_default().push(index);
        }
    }
    let mut unusable = BTreeMap::new();
    for ((user, _), indices) in answers {
        let said = |index: &usize| records.get(*index).map(|(record, _)| record.get(Field::LastUsedAt));
        let reason = if keys.get(user) == Some(&None) {
            "the answer does not name its key, and its user has several"
        } else if indices.iter().any(|index| said(index) != indices.first().and_then(said)) {
            "the answer does not name its key, and there are others about the same user"
        } else {
            continue;
        };
        unusable.extend(indices.into_iter().map(|index| (index, reason)));
    }
    unusable
}

fn accounts_agree(slot: &Record, entry: &Record) -> bool {
    match (slot.text(Field::Account), entry.text(Field::Account)) {
        (Some(slot), Some(entry)) => slot == entry || entry == UNSTATED,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::record::{Cell, Date, Precision, Value};

    const SLOT: &str = "arn:aws:iam::123456789012:user/ci/access_key_1";
    const KEY: &str = "AKIAACME0001EXAMPLE0";

    fn key(id: &str, account: Option<&str>, user: &str, created: i64) -> Record {
        let mut record = Record::new(1);
        record.set_text(Field::Provider, "aws");
        record.set_text(Field::TokenKind, "access-key");
        record.set_text(Field::TokenId, id);
        if let Some(account) = account {
            record.set_text(Field::Account, account);
        }
        record.tags.insert("user_name".to_owned(), user.to_owned());
        let date = Date { seconds: created, precision: Precision::Second, assumed_utc: false };
        record.set(Field::CreatedAt, Cell::value(Value::Date(date)));
        record
    }

    fn answer(user: &str, used: i64) -> Record {
        let mut record = key("", None, user, 0);
        record.set(Field::CreatedAt, Cell::default());
        let date = Date { seconds: used, precision: Precision::Second, assumed_utc: false };
        record.set(Field::LastUsedAt, Cell::value(Value::Date(date)));
        record.tags.insert(NAMED_BY.to_owned(), BY_USER.to_owned());
        record
    }

    fn named(mut records: Vec<Record>) -> Vec<String> {
        name_aws_keys(&mut records.iter_mut().collect::<Vec<_>>());
        records.iter().map(|record| record.text(Field::TokenId).unwrap_or("-").to_owned()).collect()
    }

    #[test]
    fn user_and_creation_make_the_match_and_the_account_can_break_it() {
        let slot = || key(SLOT, Some("123456789012"), "ci", 100);
        for (entry, name) in [
            (key(KEY, None, "ci", 100), KEY),
            (key(KEY, Some("unstated"), "ci", 100), KEY),
            (key(KEY, Some("123456789012"), "ci", 100), KEY),
            (key(KEY, Some("999999999999"), "ci", 100), SLOT),
            (key(KEY, None, "ci", 101), SLOT),
            (key(KEY, None, "CI", 100), SLOT),
        ] {
            assert_eq!(named(vec![slot(), entry.clone()])[0], name, "{entry:?}");
        }
    }

    #[test]
    fn a_slot_that_several_keys_fit_keeps_its_name() {
        let keys = vec![key(SLOT, None, "ci", 100), key(KEY, None, "ci", 100), key("AKIAACME0002EXAMPLE0", None, "ci", 100)];
        assert_eq!(named(keys)[0], SLOT);
    }

    #[test]
    fn a_slot_is_named_after_its_newest_key_in_every_report() {
        let keys = vec![key(SLOT, None, "ci", 100), key(SLOT, None, "ci", 200), key(KEY, None, "ci", 200)];
        assert_eq!(named(keys), [KEY; 3]);
    }

    #[test]
    fn an_answer_is_about_the_only_key_of_its_user() {
        let slot = || key(SLOT, Some("123456789012"), "ci", 100);
        assert_eq!(named(vec![answer("ci", 5), slot()]), [SLOT; 2]);
        assert_eq!(named(vec![answer("ci", 5), slot(), key(KEY, None, "ci", 100)]), [KEY; 3]);
        assert_eq!(named(vec![answer("ci", 5), slot(), key(KEY, None, "ci", 200)])[0], "-");
        assert_eq!(named(vec![answer("other", 5), slot()])[0], "-");
    }

    #[test]
    fn answers_that_could_be_about_several_keys_are_told() {
        let unusable = |records: &[(Record, Option<i64>)]| {
            unusable_aws_answers(&records.iter().map(|(record, at)| (record, *at)).collect::<Vec<_>>())
                .into_keys()
                .collect::<Vec<_>>()
        };
        let keys = [(key(KEY, None, "ci", 100), None), (key("AKIAACME0002EXAMPLE0", None, "ci", 200), None)];
        assert_eq!(unusable(&[keys[0].clone(), keys[1].clone(), (answer("ci", 5), None)]), [2]);
        assert_eq!(unusable(&[keys[0].clone(), (answer("ci", 5), None), (answer("ci", 6), None)]), [1, 2]);
        // Answers of two nights, and the same answer twice.
        assert_eq!(unusable(&[(answer("ci", 5), Some(1)), (answer("ci", 6), Some(2)), (answer("ci", 6), Some(2))]), [0; 0]);
    }
}
