//! Slack: approved apps of an Enterprise, the log of changes to integrations, and members as people.
//!
//! No export lists single tokens, so an app stands for the tokens that it holds.

mod apps;
mod logs;
mod members;

pub(super) use apps::{APPROVED_APPS, APPROVED_APPS_LIST};
pub(super) use logs::{INTEGRATION_LOGS, INTEGRATION_LOGS_LIST};
pub(super) use members::{MEMBERS, MEMBERS_LIST};

use crate::inventory::format::Sight;

const PROVIDER: &str = "slack";
const KIND: &str = "app";

/// True if a successful answer has this list. `ok: false` comes with an error in its place.
fn has_list(sight: &Sight, key: &str) -> bool {
    sight.envelope_has("ok") && sight.envelope_has(key)
}
