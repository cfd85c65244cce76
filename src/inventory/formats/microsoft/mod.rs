//! Microsoft: credentials of Entra applications, Key Vault, Azure DevOps, and the users of Entra.
//!
//! The command line prints bare arrays; Graph and the other REST answers have the same records under `value`.

mod applications;
mod credential_list;
mod credentials;
mod devops;
mod graph_permissions;
mod key_vault;
mod portal_users;
mod sign_in_activity;
mod users;

pub use applications::{APPLICATIONS, APPLICATIONS_CLI, SERVICE_PRINCIPALS, SERVICE_PRINCIPALS_CLI};
pub use credential_list::CREDENTIAL_LIST;
pub use devops::{OWN_TOKENS, TOKEN_ADMINISTRATION};
pub use key_vault::{SECRETS, SECRETS_REST};
pub use portal_users::PORTAL_USERS;
pub use sign_in_activity::SIGN_IN_ACTIVITY;
pub use users::{USERS, USERS_CLI};

use crate::inventory::format::{Paging, Sight};
use crate::inventory::formats::paging;
use serde_json::{Map, Value as Json};

/// Provider of the credentials of applications.
const ENTRA: &str = "entra";

/// A page of Graph: the next one has a link.
fn page(envelope: &Map<String, Json>) -> Paging {
    let declared = envelope.get("@odata.count").and_then(Json::as_u64);
    let mut links = ["@odata.nextLink", "odata.nextLink", "nextLink"].into_iter();
    let more = links.any(|key| envelope.get(key).and_then(Json::as_str).is_some_and(|link| !link.is_empty()));
    Paging { declared, more: Some(more) }
}

/// The collection that `@odata.context` names: `applications` in `…/$metadata#applications(id,appId)`. What hangs below one of
/// its members (`#applications('…')/owners`) is another collection. None: the answer has no context.
fn collection(sight: &Sight) -> Option<&str> {
    let Sight::Json { envelope, .. } = sight else { return None };
    let context = envelope.get("@odata.context").or_else(|| envelope.get("odata.metadata"))?.as_str()?;
    let (_, fragment) = context.rsplit_once('#')?;
    let fragment = fragment.strip_suffix("/$delta").unwrap_or(fragment);
    match fragment.split_once('(') {
        Some((name, fields)) if fields.ends_with(')') && !fields.contains(")/") => Some(name),
        Some(_) => Some(""),
        None => Some(fragment),
    }
}

/// The value of the first key that is there.
fn first<'a>(object: &'a Map<String, Json>, keys: &[&str]) -> Option<&'a Json> {
    keys.iter().find_map(|key| object.get(*key))
}

/// True for the word that Azure writes in place of an id.
fn is_placeholder(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

/// The page sign of answers with a `continuationToken`.
fn continuation(envelope: &Map<String, Json>) -> Paging {
    paging::cursor(envelope, "continuationToken")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named(context: &str) -> String {
        let envelope = json!({"@odata.context": context, "value": []}).as_object().unwrap().clone();
        let sight = Sight::Json { array: false, envelope, elements: Vec::new() };
        collection(&sight).unwrap_or("-").to_owned()
    }

    #[test]
    fn the_context_names_the_collection() {
        let base = "https://graph.microsoft.com/v1.0/$metadata#";
        for (fragment, name) in [
            ("applications", "applications"),
            ("applications(id,appId,owners())", "applications"),
            ("servicePrincipals/$delta", "servicePrincipals"),
            ("users(id,mail)/$delta", "users"),
            ("applications('1a')/owners", ""),
            ("servicePrincipals('1a')/appRoleAssignments(id)", ""),
            ("reports/appCredentialSignInActivities", "reports/appCredentialSignInActivities"),
        ] {
            assert_eq!(named(&format!("{base}{fragment}")), name);
        }
        assert_eq!(named("no fragment"), "-");
    }

    #[test]
    fn a_link_to_the_next_page_is_seen_under_any_of_its_names() {
        for (value, more) in [
            (json!({"@odata.nextLink": "https://x.example"}), true),
            (json!({"nextLink": "https://x.example"}), true),
            (json!({"nextLink": null}), false),
            (json!({}), false),
        ] {
            assert_eq!(page(value.as_object().unwrap()).more, Some(more));
        }
    }
}
