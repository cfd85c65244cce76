//! Telling that a slot of the credential report and an entry of `list-access-keys` are the same key (decisions, 26).
//!
//! The report names a slot, `<arn>/access_key_1`; the list names the `AccessKeyId` and no account. User name and creation time
//! bring them together; the joined record keeps the `AccessKeyId` and takes the account from the report.

use super::{PROVIDER, USER_NAME};
use crate::inventory::field::Field;
use crate::inventory::record::Record;

/// What a slot and an entry have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AwsKey {
    pub user_name: String,
    /// UTC seconds.
    pub created_at: i64,
}

impl AwsKey {
    /// The key of an AWS access key record, of either kind of source; none for anything else.
    pub fn of(record: &Record) -> Option<AwsKey> {
        let is_key = record.text(Field::Provider) == Some(PROVIDER) && record.text(Field::TokenKind) == Some("access-key");
        let user_name = record.tags.get(USER_NAME)?;
        let created_at = record.get(Field::CreatedAt).as_date()?.seconds;
        (is_key && !user_name.is_empty()).then(|| AwsKey { user_name: user_name.clone(), created_at })
    }
}

/// True if a slot of a credential report and an entry with an `AccessKeyId` are the same key: same user, created in the same
/// second, and in the same account as far as both name one. Two keys of one user cannot be created in the same second by
/// accident of reading: IAM lets a user have two, and the slots would then both match, so the caller must find exactly one.
pub fn same_aws_key(report: &Record, entry: &Record) -> bool {
    let is_slot = |record: &Record| record.text(Field::TokenId).is_some_and(|id| id.contains("/access_key_"));
    let accounts_agree = match (report.text(Field::Account), entry.text(Field::Account)) {
        (Some(a), Some(b)) => a == b || b == crate::inventory::join::UNSTATED,
        _ => true,
    };
    is_slot(report) && !is_slot(entry) && accounts_agree && AwsKey::of(report).is_some_and(|key| Some(key) == AwsKey::of(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::record::{Cell, Date, Precision, Value};

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

    #[test]
    fn user_and_creation_make_the_match_and_the_account_can_break_it() {
        let slot = key("arn:aws:iam::123456789012:user/ci/access_key_1", Some("123456789012"), "ci", 100);
        assert!(same_aws_key(&slot, &key("AKIAACME0001EXAMPLE0", None, "ci", 100)));
        assert!(same_aws_key(&slot, &key("AKIAACME0001EXAMPLE0", Some("unstated"), "ci", 100)));
        assert!(same_aws_key(&slot, &key("AKIAACME0001EXAMPLE0", Some("123456789012"), "ci", 100)));
        assert!(!same_aws_key(&slot, &key("AKIAACME0001EXAMPLE0", Some("999999999999"), "ci", 100)));
        assert!(!same_aws_key(&slot, &key("AKIAACME0001EXAMPLE0", None, "ci", 101)));
        assert!(!same_aws_key(&slot, &key("AKIAACME0001EXAMPLE0", None, "CI", 100)));
        assert!(!same_aws_key(&slot, &slot));
        assert!(!same_aws_key(&key("AKIAACME0001EXAMPLE0", None, "ci", 100), &slot));
    }
}
