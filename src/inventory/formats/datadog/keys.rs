//! The records of all three lists, which differ in a few fields.
//!
//! `included` may stand before or behind the keys, so a key waits for the end of its page, and if its owner is not there, for
//! the end of the file.

use super::included::Included;
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Paging, Row, Sink, SourceContext};
use crate::inventory::formats::element::{NULL_IS_NONE, SILENT, Token, object, truth};
use crate::inventory::formats::json_api::{related, resource};
use crate::inventory::formats::paging;
use crate::inventory::record::{Cell, Date, Precision, Record, State, Value};
use crate::inventory::time::DAY;
use serde_json::{Map, Value as Json};

/// Records that may wait for their owner; Datadog itself allows some thousand keys.
const MOST_WAITING: usize = 50_000;
/// Days for which Datadog remembers the use of an API key.
const DAYS_REMEMBERED: i64 = 90;

/// What differs between the lists.
pub(super) struct Kind {
    /// `type` of the resource.
    pub(super) resource: &'static str,
    kind: &'static str,
    /// The relationship that names the owner.
    owner: &'static str,
    fields: fn(&mut Token<'_>, &SourceContext),
}

pub(super) const API_KEY: Kind = Kind { resource: "api_keys", kind: "api-key", owner: "created_by", fields: api_key };
pub(super) const APPLICATION_KEY: Kind =
    Kind { resource: "application_keys", kind: "application-key", owner: "owned_by", fields: application_key };
pub(super) const PERSONAL_ACCESS_TOKEN: Kind =
    Kind { resource: "personal_access_tokens", kind: "personal-access-token", owner: "owned_by", fields: personal_access_token };

/// A record and what it points to.
struct Waiting {
    record: Record,
    owner: Option<String>,
    leak: Option<String>,
}

/// Reads one file.
pub(super) struct Keys<'a> {
    kind: &'static Kind,
    context: &'a SourceContext,
    included: Included,
    waiting: Vec<Waiting>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(kind: &'static Kind, context: &'a SourceContext) -> Keys<'a> {
        Keys { kind, context, included: Included::default(), waiting: Vec::new() }
    }

    /// Hands over what waits: all of it, or only what is complete.
    fn hand_over(&mut self, all: bool, sink: &mut dyn Sink) {
        let known = |id: &Option<String>, has: &dyn Fn(&str) -> bool| id.as_deref().is_none_or(has);
        let mut still = Vec::new();
        for Waiting { mut record, owner, leak } in std::mem::take(&mut self.waiting) {
            let complete = known(&owner, &|id| self.included.has_user(id)) && known(&leak, &|id| self.included.has_leak(id));
            if !all && !complete {
                still.push(Waiting { record, owner, leak });
                continue;
            }
            if let Some(owner) = owner {
                self.included.set_owner(&mut record, &owner);
            }
            if let Some(leak) = leak {
                self.included.set_leak(&mut record, &leak);
            }
            sink.token(record);
        }
        self.waiting = still;
    }
}

impl Adapter for Keys<'_> {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        // A single answer brings what it includes along.
        if let Row::Json { element, .. } = row {
            self.included.take(element.get("included"));
        }
        let Some((line, key)) = object(resource(row), sink) else { return };
        if key.get("type").and_then(Json::as_str).is_some_and(|kind| kind != self.kind.resource) {
            return sink.reject(line, format!("the record is not of type {}", self.kind.resource));
        }
        let mut token = Token::of(line, key, "datadog", self.kind.kind);
        token.text(Field::TokenId, "id");
        let owner = related(&token, self.kind.owner);
        let leak_asked_for = token.get("relationships").is_some_and(|related| related.get("leak_information").is_some());
        let leak = related(&token, "leak_information");
        if leak_asked_for && leak.is_none() {
            // That Datadog has found none is not that nobody suspects one.
            token.record.set(Field::Compromise, Cell::of(State::Empty));
        }
        if let Some(editor) = related(&token, "modified_by") {
            token.record.tags.insert("modified_by".to_owned(), editor);
        }
        token.enter("attributes");
        token.text(Field::Name, "name");
        token.date(Field::CreatedAt, "created_at", SILENT);
        (self.kind.fields)(&mut token, self.context);
        self.waiting.push(Waiting { record: token.record, owner, leak });
        if self.waiting.len() >= MOST_WAITING {
            self.hand_over(true, sink);
        }
    }

    fn envelope(&mut self, envelope: &Map<String, Json>, sink: &mut dyn Sink) -> Paging {
        self.included.take(envelope.get("included"));
        self.hand_over(false, sink);
        let Paging { declared, .. } = paging::total(envelope, "meta.page.total_filtered_count");
        Paging { declared, ..paging::stated_cursor(envelope, "links.next") }
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        self.hand_over(true, sink);
    }
}

/// An API key may only send data; the list has no scopes for it.
fn api_key(token: &mut Token<'_>, context: &SourceContext) {
    token.date(Field::ChangedAt, "modified_at", SILENT);
    token.tag("category", "category");
    token.tag("remote_config_read_enabled", "remote_config_read_enabled");
    // The date was first stated as such, later with a description beside it.
    let stated = token.get("date_last_used").or_else(|| token.get("last_used_date").and_then(|date| date.get("timestamp")));
    let used_today = token.get("used_in_last_24_hours").and_then(truth) == Some(true);
    match stated {
        Some(Json::Null) if !used_today => {
            // Not "never", but not since Datadog began to remember.
            let seconds = context.exported_at.unwrap_or(context.as_of) - DAYS_REMEMBERED * DAY;
            let since = Date { seconds, precision: Precision::Second, assumed_utc: false };
            token.record.set(Field::LastUsedAt, Cell::of(State::None));
            token.record.set(Field::UsageObservedSince, Cell::value(Value::Date(since)));
            token.record.tags.insert("last_used".to_owned(), "not in the 90 days before the export".to_owned());
        }
        Some(Json::Null) => token.record.set(Field::LastUsedAt, Cell::of(State::Empty)),
        _ if token.has("date_last_used") => token.date(Field::LastUsedAt, "date_last_used", SILENT),
        Some(_) => {
            token.enter("last_used_date");
            token.date(Field::LastUsedAt, "timestamp", SILENT);
        }
        None => token.record.set(Field::LastUsedAt, Cell::of(State::Empty)),
    }
}

fn application_key(token: &mut Token<'_>, _context: &SourceContext) {
    scopes(token);
    token.date(Field::LastUsedAt, "last_used_at", NULL_IS_NONE);
}

fn personal_access_token(token: &mut Token<'_>, _context: &SourceContext) {
    scopes(token);
    token.date(Field::LastUsedAt, "last_used_at", NULL_IS_NONE);
    token.date(Field::ExpiresAt, "expires_at", NULL_IS_NONE);
    token.newer_date(Field::ChangedAt, "modified_at", State::Empty);
}

/// `null` is all rights of the owner; an empty list is none.
fn scopes(token: &mut Token<'_>) {
    match token.get("scopes") {
        Some(Json::Null) => token.record.set_text(Field::ScopeModel, "unscoped"),
        Some(Json::Array(_)) => token.record.set_text(Field::ScopeModel, "scoped"),
        _ => {}
    }
    token.scopes("scopes");
}
