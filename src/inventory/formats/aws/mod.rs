//! Amazon Web Services: the IAM credential report, lists of access keys and their last use, service-specific credentials, Secrets
//! Manager.

mod access_keys;
mod credential_report;
mod key_match;
mod last_used;
mod secret_value;
mod secrets_manager;
mod service_credentials;

pub use access_keys::{ACCESS_KEYS, ACCESS_KEYS_LIST};
pub use credential_report::{CREDENTIAL_REPORT, CREDENTIAL_REPORT_CLI};
pub use key_match::{aws_key_user, name_aws_keys, unusable_aws_answers};
pub use last_used::LAST_USED;
pub use secret_value::{BATCH_SECRET_VALUES, SECRET_VALUE};
pub use secrets_manager::{SECRETS, SECRETS_LIST};
pub use service_credentials::SERVICE_CREDENTIALS;

use crate::inventory::formats::element::{Token, scalar};
use crate::inventory::record::{Date, Precision};
use serde_json::Value as Json;

/// Provider of every record here.
const PROVIDER: &str = "aws";

/// Name of the tag that holds the IAM user name; the join of report and key list looks at it.
const USER_NAME: &str = "user_name";

/// 2015-04-22T00:00:00Z, since when AWS records the use of access keys.
const USE_RECORDED_SINCE: Date = Date { seconds: 1_429_660_800, precision: Precision::Second, assumed_utc: false };

/// The account inside an ARN.
fn account_of(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (arn.starts_with("arn:") && !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// Sets the state of a key or credential from its `Status`; `Expired` is newer than most tools.
fn status(token: &mut Token<'_>) {
    let status = token.scalar("Status").unwrap_or_default();
    let state = match status.to_ascii_lowercase().as_str() {
        "active" => Some("enabled"),
        "inactive" => Some("disabled"),
        "expired" => Some("expired"),
        _ => None,
    };
    token.state(state, &status);
}

/// Keeps region and service of the last use; `N/A` is no name of either.
fn last_used_where(token: &mut Token<'_>, answer: &Json) {
    for (tag, key) in [("last_used_region", "Region"), ("last_used_service", "ServiceName")] {
        if let Some(value) =
            answer.get(key).and_then(scalar).filter(|value| !value.is_empty() && !value.eq_ignore_ascii_case("n/a"))
        {
            token.record.tags.insert(tag.to_owned(), value);
        }
    }
}
