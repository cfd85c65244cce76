//! Datadog: API keys, application keys and personal access tokens, in JSON:API.
//!
//! Owners and found leaks stand beside the keys, under `included`, if the call asked for them; without them the owner is the
//! id of the user.

mod included;
mod keys;
#[cfg(test)]
mod tests;

use super::export::{Export, Reading};
use super::json_api::has_type;
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records};
use keys::{API_KEY, APPLICATION_KEY, Keys, PERSONAL_ACCESS_TOKEN};

/// A value on answers to a creation and on single keys, and parts of it on lists.
const SECRET_FIELDS: &[&str] = &[
    "attributes.key",
    "~attributes.last4",
    "~attributes.public_portion",
    "data.attributes.key",
    "~data.attributes.last4",
    "~data.attributes.public_portion",
];

// The compromise is left out: it is asked for by name, and each record tells whether it was.
const OF_API_KEYS: &[Field] = &[
    Field::TokenId,
    Field::Provider,
    Field::Name,
    Field::TokenKind,
    Field::Owner,
    Field::CreatedAt,
    Field::LastUsedAt,
    Field::ChangedAt,
];

const OF_APPLICATION_KEYS: &[Field] = &[
    Field::TokenId,
    Field::Provider,
    Field::Name,
    Field::TokenKind,
    Field::Owner,
    Field::CreatedAt,
    Field::LastUsedAt,
    Field::ScopeModel,
    Field::ScopesGranted,
];

const OF_PERSONAL_ACCESS_TOKENS: &[Field] = &[
    Field::TokenId,
    Field::Provider,
    Field::Name,
    Field::TokenKind,
    Field::Owner,
    Field::CreatedAt,
    Field::ExpiresAt,
    Field::LastUsedAt,
    Field::ScopeModel,
    Field::ScopesGranted,
];

/// `GET /api/v2/api_keys`.
pub const API_KEYS: Export = Export {
    id: "datadog-api-keys",
    title: "Datadog API keys",
    how_to_export: "GET /api/v2/api_keys?include=created_by,leak_information&page[size]=100 of the Datadog API, every page",
    layout: Layout::Json(Records::Under("data")),
    signature: "JSON object with data, whose entries are of type api_keys",
    recognises: |sight| has_type(sight, "data", API_KEY.resource),
    collects: Some(OF_API_KEYS),
    secret_fields: SECRET_FIELDS,
    reading: Reading::Together(|context| Box::new(Keys::new(&API_KEY, context))),
    ..Export::OF_PROVIDER
};

/// The same keys in a bare list, or single answers one after the other.
pub const API_KEYS_LIST: Export = Export {
    id: "datadog-api-keys-list",
    title: "Datadog API keys, a bare list or single answers",
    how_to_export: "the pages of datadog-api-keys, joined: jq -s 'map(.data[])' page-*.json > keys.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers of type api_keys",
    recognises: |sight| has_type(sight, "", API_KEY.resource),
    export: Some(API_KEYS.id),
    ..API_KEYS
};

/// `GET /api/v2/application_keys`.
pub const APPLICATION_KEYS: Export = Export {
    id: "datadog-application-keys",
    title: "Datadog application keys",
    how_to_export: "GET /api/v2/application_keys?include=owned_by,leak_information&page[size]=100 of the Datadog API, every page",
    signature: "JSON object with data, whose entries are of type application_keys",
    recognises: |sight| has_type(sight, "data", APPLICATION_KEY.resource),
    collects: Some(OF_APPLICATION_KEYS),
    reading: Reading::Together(|context| Box::new(Keys::new(&APPLICATION_KEY, context))),
    ..API_KEYS
};

/// The same keys in a bare list, or single answers one after the other.
pub const APPLICATION_KEYS_LIST: Export = Export {
    id: "datadog-application-keys-list",
    title: "Datadog application keys, a bare list or single answers",
    how_to_export: "the pages of datadog-application-keys, joined: jq -s 'map(.data[])' page-*.json > keys.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers of type application_keys",
    recognises: |sight| has_type(sight, "", APPLICATION_KEY.resource),
    export: Some(APPLICATION_KEYS.id),
    ..APPLICATION_KEYS
};

/// `GET /api/v2/personal_access_tokens`.
pub const PERSONAL_ACCESS_TOKENS: Export = Export {
    id: "datadog-personal-access-tokens",
    title: "Datadog personal access tokens",
    how_to_export: "GET /api/v2/personal_access_tokens?include=owned_by of the Datadog API, every page",
    signature: "JSON object with data, whose entries are of type personal_access_tokens",
    recognises: |sight| has_type(sight, "data", PERSONAL_ACCESS_TOKEN.resource),
    collects: Some(OF_PERSONAL_ACCESS_TOKENS),
    reading: Reading::Together(|context| Box::new(Keys::new(&PERSONAL_ACCESS_TOKEN, context))),
    ..API_KEYS
};

/// The same tokens in a bare list, or single answers one after the other.
pub const PERSONAL_ACCESS_TOKENS_LIST: Export = Export {
    id: "datadog-personal-access-tokens-list",
    title: "Datadog personal access tokens, a bare list or single answers",
    how_to_export: "the pages of datadog-personal-access-tokens, joined: jq -s 'map(.data[])' page-*.json > tokens.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array or single answers of type personal_access_tokens",
    recognises: |sight| has_type(sight, "", PERSONAL_ACCESS_TOKEN.resource),
    export: Some(PERSONAL_ACCESS_TOKENS.id),
    ..PERSONAL_ACCESS_TOKENS
};
