//! GitHub: fine-grained tokens, credentials authorised for SAML SSO, deploy keys, secrets of its stores, app installations.
//!
//! Enterprise Server and Enterprise Cloud answer in the same forms. Owners are logins: no list states an e-mail address.

mod app_installations;
mod credential_authorizations;
mod deploy_keys;
mod fine_grained_pats;
mod secrets;

pub use app_installations::{APP_INSTALLATIONS, APP_INSTALLATIONS_LIST};
pub use credential_authorizations::CREDENTIAL_AUTHORIZATIONS;
pub use deploy_keys::DEPLOY_KEYS;
pub use fine_grained_pats::FINE_GRAINED_PATS;
pub use secrets::{SECRETS, SECRETS_LIST};

use crate::inventory::record::Scope;
use serde_json::Value as Json;

/// Provider of every record here.
const PROVIDER: &str = "github";

/// `{permission: level}` as scopes `group.permission:level`, which is how the registry spells fine-grained permissions.
fn permissions(group: &str, permissions: &Json) -> Vec<Scope> {
    let permissions = permissions.as_object().into_iter().flatten();
    permissions
        .map(|(permission, level)| {
            let level = level.as_str().unwrap_or("unknown");
            Scope { name: format!("{group}.{permission}:{level}"), class: None }
        })
        .collect()
}

/// What stands behind a mark in the path of an address: `https://HOST/api/v3/repos/ORG/REPO/keys/1` → `ORG/REPO/keys/1`.
fn path_after<'a>(address: &'a str, mark: &str) -> Option<&'a str> {
    address.split_once(mark).map(|(_, rest)| rest)
}
