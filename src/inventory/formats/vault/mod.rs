//! HashiCorp Vault (and OpenBao): service and batch tokens, and the metadata of secrets in a KV store of version 2.
//!
//! Vault answers for one token or secret at a time, so people collect the answers in a file: one on a line, or in a row. The
//! answer may stand in its wrapper (`request_id`, `data` …) or be `data` alone, as `jq .data` leaves it.

mod kv;
mod tokens;

pub(super) use kv::KV_METADATA;
pub(super) use tokens::TOKENS;

use serde_json::{Map, Value as Json};

const PROVIDER: &str = "vault";

/// The answer's `data`, or the answer itself if it came without its wrapper.
fn data(answer: &Map<String, Json>) -> &Map<String, Json> {
    answer.get("data").and_then(Json::as_object).unwrap_or(answer)
}

/// What Vault says in place of an answer.
fn is_error(answer: &Map<String, Json>) -> bool {
    answer.get("errors").is_some_and(Json::is_array)
}
