//! Amazon Web Services: the IAM credential report, lists of access keys, Secrets Manager.

mod access_keys;
mod credential_report;
mod key_match;
mod secrets_manager;

pub use access_keys::AccessKeys;
pub use credential_report::{CredentialReport, CredentialReportCli};
pub use key_match::{AwsKey, same_aws_key};
pub use secrets_manager::SecretsManager;

/// Provider of every record here.
const PROVIDER: &str = "aws";

/// Name of the tag that holds the IAM user name; the join of report and key list looks at it.
const USER_NAME: &str = "user_name";

/// The account inside an ARN.
fn account_of(arn: &str) -> Option<&str> {
    let account = arn.split(':').nth(4)?;
    (arn.starts_with("arn:") && !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}
