//! GitLab: access tokens of people, projects and groups, deploy tokens, SSH keys.

mod access_tokens;
mod deploy_tokens;
mod ssh_keys;

pub use access_tokens::{GROUP_WIDE_TOKENS, PERSONAL_TOKENS, RESOURCE_TOKENS};
pub use deploy_tokens::DEPLOY_TOKENS;
pub use ssh_keys::SSH_KEYS;

use super::element::Token;

/// Provider of every record here.
const PROVIDER: &str = "gitlab";

/// The user of a record as the people register spells it: a bare number could be anybody's number in another register.
fn user(token: &Token<'_>) -> String {
    token.scalar("user_id").map(|user| format!("{PROVIDER}:{user}")).unwrap_or_default()
}
