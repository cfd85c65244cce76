//! Google: service account keys, API keys, Secret Manager, and the users of Workspace.
//!
//! `gcloud` prints bare arrays; the REST answers have the same records under a key.

mod api_keys;
mod secrets;
mod service_account_keys;
mod workspace_users;

pub use api_keys::{API_KEYS, API_KEYS_REST};
pub use secrets::{SECRETS, SECRETS_REST};
pub use service_account_keys::{SERVICE_ACCOUNT_KEYS, SERVICE_ACCOUNT_KEYS_REST};
pub use workspace_users::WORKSPACE_USERS;
pub(super) use workspace_users::is_user_list;

use crate::inventory::format::{Paging, Sight};
use crate::inventory::formats::element::scalar;
use crate::inventory::formats::paging;
use serde_json::{Map, Value as Json};

/// Provider of every token here.
const PROVIDER: &str = "gcp";

/// The part of a resource name after a collection: `keys` in `projects/P/serviceAccounts/E/keys/K` gives `K`.
fn part_of<'a>(name: &'a str, collection: &str) -> Option<&'a str> {
    let mut parts = name.trim_start_matches('/').split('/');
    parts.find(|part| *part == collection)?;
    parts.next().filter(|part| !part.is_empty())
}

/// True if some record under `key` is a resource with all these collections in its name.
fn has_resource(sight: &Sight, key: &str, collections: &[&str]) -> bool {
    sight.elements_under(key).any(|element| {
        let name = element.get("name").and_then(Json::as_str).unwrap_or_default();
        collections.iter().all(|collection| part_of(name, collection).is_some())
    })
}

/// The pairs of an object of texts.
fn pairs(object: Option<&Json>) -> impl Iterator<Item = (String, String)> {
    let pairs = object.and_then(Json::as_object).into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), scalar(value)?)))
}

/// A REST answer: a further page has a token, and some answers say how many records there are.
fn page(envelope: &Map<String, Json>) -> Paging {
    Paging { declared: paging::total(envelope, "totalSize").declared, ..paging::cursor(envelope, "nextPageToken") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_resources_are_read_by_their_collections() {
        let name = "projects/acme:web/serviceAccounts/ci@web.acme.iam.gserviceaccount.com/keys/0a11";
        assert_eq!(part_of(name, "projects"), Some("acme:web"));
        assert_eq!(part_of(name, "keys"), Some("0a11"));
        assert_eq!(part_of("projects/keys/keys/7", "keys"), Some("keys"));
        assert_eq!(part_of("projects/", "projects"), None);
        assert_eq!(part_of("", "projects"), None);
    }
}
