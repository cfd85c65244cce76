//! `team.integrationLogs`: who added, widened, disabled and removed apps. The latest row of an app says how it stands.
//!
//! The owner is whoever last gave the app its rights; whoever switched it off is not. A row names scopes only when it changes
//! them, so the scopes are those of the latest row that names any.

use super::{KIND, PROVIDER, has_list};
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Layout, Paging, Records, Row, Sink};
use crate::inventory::formats::element::{SILENT, Token, granted, object};
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::formats::paging;
use crate::inventory::record::{Cell, Scope, State};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Changes to integrations.
pub const INTEGRATION_LOGS: Export = Export {
    id: "slack-team-integration-logs",
    title: "Slack integration logs",
    how_to_export: "GET https://slack.com/api/team.integrationLogs?count=1000 with a token that has admin, every page",
    layout: Layout::Json(Records::Under("logs")),
    signature: "JSON object with ok and logs, whose entries have change_type",
    recognises: |sight| has_list(sight, "logs") && sight.has_keys("logs", &["change_type", "date"]),
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::Owner,
        Field::CreatedAt,
        Field::ScopeModel,
        Field::ScopesGranted,
        Field::ChangedAt,
    ]),
    reading: Reading::Together(|_| Box::new(Logs::default())),
    ..Export::OF_PROVIDER
};

/// The same rows in a bare list.
pub const INTEGRATION_LOGS_LIST: Export = Export {
    id: "slack-team-integration-logs-list",
    title: "Slack integration logs, joined pages",
    how_to_export: "the pages of slack-team-integration-logs, joined: jq -s 'map(.logs[])' page-*.json > logs.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with change_type, date, user_id and app_id",
    recognises: |sight| sight.has_keys("", &["change_type", "date", "user_id", "app_id"]),
    export: Some(INTEGRATION_LOGS.id),
    ..INTEGRATION_LOGS
};

/// A row of the log that counts for something; the later one counts, and of equal dates the greater text, so that the order of
/// the rows does not matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    seconds: i64,
    text: String,
    line: u64,
}

#[derive(Debug, Default)]
struct App {
    first_line: u64,
    latest: Option<Change>,
    /// The latest row that names scopes.
    scopes: Option<Change>,
    /// The latest row that gave rights.
    grant: Option<Change>,
    /// The latest row that added the app.
    added: Option<Change>,
}

#[derive(Default)]
struct Logs {
    apps: BTreeMap<String, App>,
}

impl Adapter for Logs {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Some((line, entry)) = object(row, sink) else { return };
        let token = Token::of(line, entry, PROVIDER, KIND);
        let text = |key: &str| token.scalar(key).map(|text| text.trim().to_owned()).unwrap_or_default();
        // Integrations of before apps have a number only.
        let id = match (text("app_id"), text("service_id")) {
            (app, _) if !app.is_empty() => app,
            (_, service) if !service.is_empty() => format!("service:{service}"),
            _ => return sink.reject(line, "the row names no app".to_owned()),
        };
        let Some(date) = token.date_of("date") else {
            return sink.reject(line, "the row has no readable date".to_owned());
        };
        let change = Change { seconds: date.seconds, text: Json::Object(entry.clone()).to_string(), line };
        let app = self.apps.entry(id).or_insert_with(|| App { first_line: line, ..App::default() });
        app.first_line = app.first_line.min(line);
        let kind = text("change_type").to_lowercase();
        if !text("scope").is_empty() {
            keep_later(&mut app.scopes, &change);
        }
        if matches!(kind.as_str(), "added" | "expanded" | "enabled") {
            keep_later(&mut app.grant, &change);
        }
        if kind == "added" {
            keep_later(&mut app.added, &change);
        }
        if let Some(latest) = &app.latest {
            let earlier = if (latest.seconds, &latest.text) < (change.seconds, &change.text) { latest.line } else { line };
            sink.skip(earlier, "an earlier change of an app that a later row states");
        }
        keep_later(&mut app.latest, &change);
    }

    fn envelope(&mut self, envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
        let number = |path: &str| paging::at(envelope, path).and_then(Json::as_u64);
        let more = number("paging.page").zip(number("paging.pages")).map(|(page, pages)| page < pages);
        Paging { declared: number("paging.total"), more }
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        for (id, app) in std::mem::take(&mut self.apps) {
            reduce(&id, &app, sink);
        }
    }
}

fn keep_later(kept: &mut Option<Change>, change: &Change) {
    if kept.as_ref().is_none_or(|kept| (kept.seconds, &kept.text) < (change.seconds, &change.text)) {
        *kept = Some(change.clone());
    }
}

/// The row that was kept as text.
fn entry(change: Option<&Change>) -> Map<String, Json> {
    change.and_then(|change| serde_json::from_str(&change.text).ok()).unwrap_or_default()
}

fn reduce(id: &str, app: &App, sink: &mut dyn Sink) {
    let (latest, scopes, grant, added) =
        (entry(app.latest.as_ref()), entry(app.scopes.as_ref()), entry(app.grant.as_ref()), entry(app.added.as_ref()));
    let of = |entry| Token::of(app.first_line, entry, PROVIDER, KIND);
    let mut token = of(&latest);
    token.record.set_text(Field::TokenId, id);
    let name =
        ["app_name", "app_type", "service_type"].into_iter().find_map(|key| token.scalar(key).filter(|name| !name.is_empty()));
    token.record.set_text(Field::Name, name.unwrap_or_default());
    token.date(Field::ChangedAt, "date", SILENT);
    let written = token.scalar("change_type").unwrap_or_default();
    token.state(state(&written), &written);
    token.tag("latest_change", "change_type");
    token.tag("changed_by", "user_id");
    token.tag("reason", "reason");
    token.record.set_text(Field::Owner, of(&grant).scalar("user_id").unwrap_or_default().trim());
    let mut created = of(&added);
    created.date(Field::CreatedAt, "date", SILENT);
    token.record.set(Field::CreatedAt, created.record.get(Field::CreatedAt).clone());
    token.record.set_text(Field::ScopeModel, "scoped");
    token.record.set(Field::ScopesGranted, granted_by(&of(&scopes)));
    sink.token(token.record);
}

/// The scopes of a row, separated by commas.
fn granted_by(row: &Token<'_>) -> Cell {
    let text = row.scalar("scope").unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    if names.is_empty() {
        return Cell::of(State::Empty);
    }
    granted(names.into_iter().map(|name| Scope { name, class: None }).collect())
}

fn state(change: &str) -> Option<&'static str> {
    match change.trim().to_lowercase().as_str() {
        "added" | "enabled" | "expanded" | "updated" | "reissued" => Some("enabled"),
        "disabled" => Some("disabled"),
        "removed" => Some("deleted"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{Read, at, read};
    use crate::inventory::record::Value;

    const LOGS: &str = include_str!("../../../../tests/fixtures/formats/slack-team-integration-logs.json");

    fn words(read: &Read, field: Field) -> Vec<&str> {
        read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
    }

    #[test]
    fn the_latest_row_says_how_an_app_stands() {
        let read = read(&INTEGRATION_LOGS, LOGS);
        assert_eq!(words(&read, Field::TokenId), ["A0ACME001", "A0ACME002", "A0ACME003", "A0ACME004", "service:1007"]);
        assert_eq!(words(&read, Field::State), ["enabled", "disabled", "deleted", "-", "enabled"]);
        assert_eq!(read.tokens[3].get(Field::State).state, State::Unreadable);
        assert_eq!(read.tokens[0].get(Field::ChangedAt), &at("2026-10-31T00:00:00Z"));
        assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2019-11-21T00:38:27Z"));
        assert_eq!(read.tokens[1].get(Field::CreatedAt).state, State::Empty);
        assert_eq!(words(&read, Field::Name)[4], "Incoming WebHooks");
    }

    #[test]
    fn whoever_gave_the_rights_is_the_owner() {
        let read = read(&INTEGRATION_LOGS, LOGS);
        assert_eq!(words(&read, Field::Owner), ["U0ACME02", "U0ACME02", "-", "U0ACME01", "U0ACME01"]);
        assert_eq!(read.tokens[1].tags.get("changed_by").map(String::as_str), Some("U0ACME09"));
    }

    #[test]
    fn scopes_are_those_of_the_latest_row_that_names_any() {
        let read = read(&INTEGRATION_LOGS, LOGS);
        let names = |cell: &Cell| match &cell.value {
            Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>().join(" "),
            _ => format!("{:?}", cell.state),
        };
        let scopes: Vec<_> = read.tokens.iter().map(|token| names(token.get(Field::ScopesGranted))).collect();
        assert_eq!(scopes, ["chat:write channels:history files:read", "admin.users:write", "Empty", "bot", "Empty"]);
    }

    #[test]
    fn joined_pages_say_the_same() {
        let document: Json = serde_json::from_str(LOGS).unwrap();
        let list = read(&INTEGRATION_LOGS_LIST, &document["logs"].to_string());
        assert_eq!(list.tokens, read(&INTEGRATION_LOGS, LOGS).tokens);
        // Rows of one app on two pages are still one app.
        assert_eq!(read(&INTEGRATION_LOGS, &format!("{LOGS}\n{LOGS}")).tokens, list.tokens);
    }

    #[test]
    fn pages_and_rows_without_an_app_are_told() {
        let seen = read(&INTEGRATION_LOGS, LOGS);
        assert_eq!(seen.paging, [Paging { declared: Some(9), more: Some(false) }]);
        assert_eq!(seen.rejects.len(), 1);
        // Rows that an app has before its latest one.
        let skipped: Vec<_> = seen.skips.iter().map(|(line, _)| *line).collect();
        assert_eq!(skipped, [2, 3, 6]);
        let first = LOGS.replace("\"pages\": 1", "\"pages\": 2");
        assert_eq!(read(&INTEGRATION_LOGS, &first).paging[0].more, Some(true));
    }
}
