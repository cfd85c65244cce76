//! Amazon Web Services: the IAM credential report, lists of access keys, Secrets Manager.

mod access_keys;
mod credential_report;
mod key_match;
mod secrets_manager;

pub use access_keys::AccessKeys;
pub use credential_report::{CredentialReport, CredentialReportCli};
pub use key_match::{AwsKey, same_aws_key};
pub use secrets_manager::SecretsManager;

use crate::inventory::field::{Field, SECRET};
use crate::inventory::record::{Cell, Item, Record, State, Value};

/// Provider of every record here.
const PROVIDER: &str = "aws";

/// Name of the tag that holds the IAM user name; the join of report and key list looks at it.
const USER_NAME: &str = "user_name";

/// The account inside an ARN.
fn account_of(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (arn.starts_with("arn:") && !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// Writes on each record of one user how many of the user's secrets are active, and all of them (decisions, 25). Secrets of
/// different kinds do not replace each other, so each kind is counted by itself.
fn share_secrets(records: &mut [Record]) {
    let secrets: Vec<Item> = records
        .iter()
        .map(|record| {
            let state = record.get(Field::State).clone();
            Item { parts: vec![record.get(Field::CreatedAt).clone(), state] }
        })
        .collect();
    debug_assert!(secrets.iter().all(|secret| secret.parts.len() == SECRET.len()));
    let active = records.iter().filter(|record| record.text(Field::State) == Some("enabled")).count();
    // A secret whose state cannot be read may be active: then the count is not known.
    let known = records.iter().all(|record| record.get(Field::State).state == State::Value);
    for record in records {
        let count = if known { Cell::value(Value::Count(active.try_into().unwrap_or(i64::MAX))) } else { Cell::of(State::Empty) };
        record.set(Field::ActiveSecretCount, count);
        record.set(Field::Secrets, Cell::value(Value::Items(secrets.clone())));
    }
}
