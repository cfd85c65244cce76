//! The formats of inventory files, one file for each service.
//!
//! # Adding a format
//!
//! A new format costs one file here, one line in [`FORMATS`] and one fixture; nothing under `queries/` or `src/report/` changes.
//!
//! 1. Copy `grafana.rs` (JSON) or `hr_roster.rs` (a table). A format is one constant of [`export::Export`]: names, where the
//!    records are, how the file is recognised, the fields that it states, the fields that can hold secrets, and one function that
//!    turns a record into a token. What a missing key, `null` and an empty value mean is said field by field, with the words of
//!    `element.rs`: "none", "empty" and "not collected" are three different things, and checks decide on them.
//! 2. Leave what is the same for all formats alone. After the adapter come the secret guard, plausibility of dates, provider
//!    names, scope classes, provider facts and joining (`read.rs`, `finish.rs`); an adapter only says what the export says.
//! 3. Add the constant to [`FORMATS`]. Files that are two shapes of one export (command line and REST) share an `export`.
//! 4. Write `tests/fixtures/formats/<id>.json` (`.csv`, `.ndjson`) with every awkward value of the export, and beside the adapter
//!    tests of what each of them becomes.
//! 5. Run `cargo test`. The tests over the whole list (`contract.rs`, `wrappers.rs`, `planted.rs`, `tests/it/permutations.rs`,
//!    `registry/contract.rs`) then say what is missing: another format that recognises the file too, a wrapper that is not read,
//!    a result that depends on the order of rows, a secret that passes, a scope or a kind of token that the registry does not know.

mod anthropic;
mod atlassian;
mod aws;
pub mod canonical;
mod cloudflare;
#[cfg(test)]
mod contract;
mod databricks;
mod datadog;
mod digitalocean;
mod docker_hub;
mod doppler;
mod element;
mod export;
mod github;
mod gitlab;
mod google;
mod grafana;
mod header;
mod hr_roster;
mod impact_com;
mod infisical;
mod json_api;
mod kubernetes;
pub mod mapping;
mod microsoft;
mod npm;
mod okta;
mod onepassword;
mod openai;
mod owner_keys;
mod pagerduty;
mod paging;
#[cfg(test)]
mod planted;
pub mod registers;
mod scim;
mod slack;
mod snyk;
mod sops;
mod storage;
mod terraform_cloud;
#[cfg(test)]
pub(crate) mod test_reader;
mod vault;
#[cfg(test)]
mod wrappers;

pub use aws::{name_aws_keys, unusable_aws_answers};

use super::field::Field;
use super::format::Format;
use super::record::Record;

/// Every format that is recognised by itself. The order means nothing: exactly one of them must recognise a file.
pub const FORMATS: &[&dyn Format] = &[
    &aws::CREDENTIAL_REPORT,
    &aws::CREDENTIAL_REPORT_CLI,
    &aws::ACCESS_KEYS,
    &aws::ACCESS_KEYS_LIST,
    &aws::LAST_USED,
    &aws::SERVICE_CREDENTIALS,
    &aws::SECRETS,
    &aws::SECRETS_LIST,
    &aws::SECRET_VALUE,
    &aws::BATCH_SECRET_VALUES,
    &canonical::CSV,
    &canonical::JSON,
    &canonical::JSON_OBJECT,
    &canonical::PARQUET,
    &cloudflare::API_TOKENS,
    &cloudflare::API_TOKENS_LIST,
    &datadog::API_KEYS,
    &datadog::API_KEYS_LIST,
    &datadog::APPLICATION_KEYS,
    &datadog::APPLICATION_KEYS_LIST,
    &datadog::PERSONAL_ACCESS_TOKENS,
    &datadog::PERSONAL_ACCESS_TOKENS_LIST,
    &github::FINE_GRAINED_PATS,
    &github::CREDENTIAL_AUTHORIZATIONS,
    &github::DEPLOY_KEYS,
    &github::SECRETS,
    &github::SECRETS_LIST,
    &github::APP_INSTALLATIONS,
    &github::APP_INSTALLATIONS_LIST,
    &gitlab::PERSONAL_TOKENS,
    &gitlab::RESOURCE_TOKENS,
    &gitlab::GROUP_WIDE_TOKENS,
    &gitlab::DEPLOY_TOKENS,
    &gitlab::SSH_KEYS,
    &impact_com::AccessTokens,
    &kubernetes::SECRETS,
    &kubernetes::SECRETS_LIST,
    &npm::TOKENS,
    &npm::TOKEN_PAGES,
    &npm::TOKEN_TABLE,
    &okta::API_TOKENS,
    &atlassian::ORG_TOKENS,
    &atlassian::ORG_TOKENS_LIST,
    &atlassian::USER_TOKENS,
    &digitalocean::SPACES_KEYS,
    &digitalocean::SPACES_KEYS_LIST,
    &slack::APPROVED_APPS,
    &slack::APPROVED_APPS_LIST,
    &slack::INTEGRATION_LOGS,
    &slack::INTEGRATION_LOGS_LIST,
    &snyk::SERVICE_ACCOUNTS,
    &snyk::SERVICE_ACCOUNTS_LIST,
    &terraform_cloud::TEAM_TOKENS,
    &terraform_cloud::TEAM_TOKENS_LIST,
    &onepassword::CONNECT_ITEMS,
    &onepassword::ITEMS,
    &sops::FILES,
    &vault::KV_METADATA,
    &vault::TOKENS,
    &anthropic::API_KEYS,
    &anthropic::API_KEYS_LIST,
    &databricks::TOKENS,
    &databricks::TOKENS_LIST,
    &docker_hub::PERSONAL_TOKENS,
    &docker_hub::PERSONAL_TOKENS_LIST,
    &docker_hub::ORG_TOKENS,
    &docker_hub::ORG_TOKENS_LIST,
    &doppler::SERVICE_TOKENS,
    &doppler::SERVICE_TOKENS_LIST,
    &doppler::SERVICE_ACCOUNT_TOKENS,
    &doppler::SERVICE_ACCOUNT_TOKENS_LIST,
    &grafana::SERVICE_ACCOUNT_TOKENS,
    &grafana::API_KEYS,
    &infisical::CLIENT_SECRETS,
    &infisical::CLIENT_SECRETS_LIST,
    &openai::API_KEYS,
    &openai::API_KEYS_LIST,
    &pagerduty::OAUTH_DELEGATIONS,
    &pagerduty::OAUTH_DELEGATIONS_LIST,
    &google::API_KEYS,
    &google::API_KEYS_REST,
    &google::SECRETS,
    &google::SECRETS_REST,
    &google::SERVICE_ACCOUNT_KEYS,
    &google::SERVICE_ACCOUNT_KEYS_REST,
    &microsoft::APPLICATIONS,
    &microsoft::APPLICATIONS_CLI,
    &microsoft::CREDENTIAL_LIST,
    &microsoft::OWN_TOKENS,
    &microsoft::SECRETS,
    &microsoft::SECRETS_REST,
    &microsoft::SERVICE_PRINCIPALS,
    &microsoft::SERVICE_PRINCIPALS_CLI,
    &microsoft::SIGN_IN_ACTIVITY,
    &microsoft::TOKEN_ADMINISTRATION,
    // people
    &google::WORKSPACE_USERS,
    &hr_roster::HrRoster,
    &okta::USERS,
    &microsoft::PORTAL_USERS,
    &microsoft::USERS,
    &microsoft::USERS_CLI,
    &scim::Users,
    // purposes and accounts
    &registers::PURPOSES,
    &registers::PURPOSES_TABLES,
    &registers::ACCOUNTS,
    &registers::ACCOUNTS_TABLES,
    &slack::MEMBERS,
    &slack::MEMBERS_LIST,
];

/// The format with this id.
pub fn by_id(id: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.id() == id)
}

/// What a record shares with records of the same token that carry another id, or none; none for most.
pub fn kin(record: &Record) -> Option<String> {
    aws::aws_key_user(record).map(|user| format!("aws key of {user}"))
}

/// The series of numbers that a provider's token id is from, where it counts several kinds of token apart: number 5 of one series is
/// another token than number 5 of another one. None where ids are unique, and for what is no number.
pub fn series(record: &Record) -> Option<&str> {
    let (id, kind) = (record.text(Field::TokenId)?, record.text(Field::TokenKind)?);
    if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match (record.text(Field::Provider)?, kind) {
        // Lists of one project and of one group do not say which they are, and one series counts both and the tokens of people.
        ("gitlab", "personal-access-token" | "project-access-token" | "group-access-token") => Some("access-token"),
        ("gitlab" | "github", kind) => Some(kind),
        _ => None,
    }
}
