//! The IAM credential report: one row for each user, up to two access keys and two certificates in it.
//!
//! Columns are found by name: 22 of them, 23 with `additional_credentials_info`, and more are tolerated. The report comes as CSV,
//! or in base64 inside the answer of the command line.

use super::{PROVIDER, USE_RECORDED_SINCE, USER_NAME, account_of};
use crate::inventory::cell;
use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element;
use crate::inventory::formats::export::{Export, Reading};
use crate::inventory::identity::share_secrets;
use crate::inventory::record::{Cell, ProblemKind, Record, Scope, ScopeClass, State, Value};
use crate::inventory::time;
use base64::Engine;
use serde_json::Value as Json;

/// The `user` of the root row.
const ROOT: &str = "<root_account>";

const COLLECTS: &[Field] = &[
    Field::TokenId,
    Field::Provider,
    Field::Account,
    Field::Name,
    Field::TokenKind,
    Field::State,
    Field::Owner,
    Field::CreatedAt,
    Field::LastRotatedAt,
    Field::LastUsedAt,
    Field::UsageObservedSince,
    Field::ActiveSecretCount,
    Field::Secrets,
];

/// The report as CSV.
pub const CREDENTIAL_REPORT: Export = Export {
    id: "aws-iam-credential-report",
    title: "AWS IAM credential report (CSV)",
    how_to_export: "aws iam generate-credential-report; aws iam get-credential-report --query Content --output text | base64 -d > report.csv",
    layout: Layout::Table,
    signature: "CSV with the columns user, arn, user_creation_time, and access_key_1_active or cert_1_active",
    recognises: is_report,
    collects: Some(COLLECTS),
    reading: Reading::Together(|_: &SourceContext| Box::new(Reader)),
    ..Export::OF_PROVIDER
};

/// The report as `aws iam get-credential-report` prints it: `{Content, ReportFormat, GeneratedTime}`.
pub const CREDENTIAL_REPORT_CLI: Export = Export {
    id: "aws-iam-credential-report-cli",
    title: "AWS IAM credential report (JSON of the command line)",
    how_to_export: "aws iam generate-credential-report; aws iam get-credential-report > report.json",
    layout: Layout::Json(Records::Documents),
    signature: "JSON object with Content and ReportFormat text/csv",
    recognises: |sight| sight.envelope_has("Content") && text_in(sight, "ReportFormat") == Some("text/csv"),
    export: Some(CREDENTIAL_REPORT.id),
    // AWS rebuilds the report at most every four hours, so this is the age of the evidence, not the time of the call.
    exported_at: |sight| {
        value_in(sight, "GeneratedTime").and_then(|value| time::from_json(value).date()).map(|date| date.seconds)
    },
    ..CREDENTIAL_REPORT
};

fn is_report(sight: &Sight) -> bool {
    let Sight::Table { header } = sight else { return false };
    // Tools that load the report into a table move and drop columns.
    let has = |name: &str| header.iter().any(|column| column == name);
    ["user", "arn", "user_creation_time"].into_iter().all(has) && ["access_key_1_active", "cert_1_active"].into_iter().any(has)
}

fn value_in<'s>(sight: &'s Sight, key: &str) -> Option<&'s Json> {
    if let Sight::Json { envelope, .. } = sight { envelope.get(key) } else { None }
}

fn text_in<'s>(sight: &'s Sight, key: &str) -> Option<&'s str> {
    value_in(sight, key).and_then(Json::as_str)
}

struct Reader;

impl Adapter for Reader {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        if let Row::Table(row) = row {
            user(row.line, &|column| row.get(column), sink);
            return;
        }
        let Some((line, document)) = element::object(row, sink) else { return };
        let Some(content) = document.get("Content").and_then(Json::as_str) else {
            return sink.reject(line, "the answer has no Content".to_owned());
        };
        let compact: String = content.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        match base64::engine::general_purpose::STANDARD.decode(compact) {
            Ok(report) => decoded(line, &report, sink),
            Err(_) => sink.reject(line, "Content is not base64".to_owned()),
        }
    }
}

/// Reads the report out of an answer; lines are those of the report inside.
fn decoded(document_line: u64, report: &[u8], sink: &mut dyn Sink) {
    let mut report = report.strip_prefix(b"\xef\xbb\xbf").unwrap_or(report).to_vec();
    // With carriage returns the reader would count lines from the wrong end of each.
    report.retain(|byte| *byte != b'\r');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(report.as_slice());
    let header = match reader.headers() {
        Ok(header) if header.get(1) == Some("arn") => header.clone(),
        _ => return sink.reject(document_line, "Content is no credential report: its header does not start user,arn".to_owned()),
    };
    for row in reader.records() {
        match row {
            Ok(row) if row.len() == header.len() => {
                let line = row.position().map_or(document_line, csv::Position::line);
                let get = |column: &str| row.get(header.iter().position(|name| name == column)?);
                user(line, &get, sink);
            }
            Ok(row) => {
                let line = row.position().map_or(document_line, csv::Position::line);
                sink.reject(line, format!("the row has {} cells where the header has {}", row.len(), header.len()));
            }
            Err(error) => {
                let line = error.position().map_or(document_line, csv::Position::line);
                sink.reject(line, "the row is no UTF-8 text".to_owned());
            }
        }
    }
}

/// Looks a column up by its name.
type Get<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// One row: a user with up to two keys and two certificates. A console password is no token.
fn user(line: u64, get: Get<'_>, sink: &mut dyn Sink) {
    let (name, arn) = (get("user").unwrap_or_default(), get("arn").unwrap_or_default());
    if name.is_empty() || arn.is_empty() {
        return sink.reject(line, "the row names no user or no arn".to_owned());
    }
    if flag(get("password_enabled")) == Some(true) {
        sink.skip(line, "a console password is no token");
    }
    for (kind, slots) in [("access-key", ["access_key_1", "access_key_2"]), ("certificate", ["cert_1", "cert_2"])] {
        let mut records: Vec<Record> = Vec::new();
        for slot in slots {
            match credential(line, kind, slot, get) {
                Some(record) => records.push(record),
                None if kind == "access-key" => sink.skip(line, "an empty access key slot is no token"),
                // Hardly anybody has certificates, and an empty slot for one tells nothing.
                None => {}
            }
        }
        share_secrets(&mut records, name);
        let more = get("additional_credentials_info").unwrap_or_default();
        for mut record in records {
            if !is_absent(more) && matches!(record.get(Field::ActiveSecretCount).value, Value::Count(0 | 1)) {
                // The user has more than the report shows, so only "several" is certain here.
                record.set(Field::ActiveSecretCount, Cell::of(State::Empty));
            }
            identify(&mut record, name, arn, get);
            sink.token(record);
        }
    }
}

/// One slot; none if there is nothing in it.
fn credential(line: u64, kind: &str, slot: &str, get: Get<'_>) -> Option<Record> {
    let active = get(&format!("{slot}_active")).unwrap_or_default();
    let created = get(&format!("{slot}_last_rotated")).unwrap_or_default();
    if is_absent(created) && flag(Some(active)) != Some(true) {
        return None;
    }
    let mut record = Record::new(line);
    record.set_text(Field::TokenKind, kind);
    record.tags.insert("slot".to_owned(), slot.to_owned());
    let state = match flag(Some(active)) {
        Some(true) => Cell::text("enabled"),
        Some(false) => Cell::text("disabled"),
        None if active.is_empty() => Cell::of(State::Empty),
        None => {
            record.problems.push(cell::problem(Field::State.name().to_owned(), ProblemKind::Unreadable, active));
            Cell::of(State::Unreadable)
        }
    };
    record.set(Field::State, state);

    // "Last rotated" is the time the key was created; switching it off and on does not move it.
    let created = date(&mut record, Field::CreatedAt, created);
    record.set(Field::LastRotatedAt, created.clone());
    record.set(Field::CreatedAt, created);
    if kind == "access-key" {
        let used = get(&format!("{slot}_last_used_date")).unwrap_or_default();
        // The key exists, so `N/A` is "never", or before AWS began to record.
        let used =
            if used.eq_ignore_ascii_case("n/a") { Cell::of(State::None) } else { date(&mut record, Field::LastUsedAt, used) };
        record.set(Field::LastUsedAt, used);
        record.set(Field::UsageObservedSince, Cell::value(Value::Date(USE_RECORDED_SINCE)));
        for part in ["last_used_region", "last_used_service"] {
            tag(&mut record, part, get(&format!("{slot}_{part}")));
        }
    }
    Some(record)
}

fn identify(record: &mut Record, name: &str, arn: &str, get: Get<'_>) {
    let slot = record.tags.get("slot").cloned().unwrap_or_default();
    record.set_text(Field::Provider, PROVIDER);
    record.set_text(Field::TokenId, format!("{arn}/{slot}"));
    record.set_text(Field::Account, account_of(arn).unwrap_or_default());
    record.set_text(Field::Name, name);
    record.tags.insert(USER_NAME.to_owned(), name.to_owned());
    if name == ROOT {
        // Root belongs to nobody in particular, and may do everything.
        record.set(Field::Owner, Cell::of(State::Empty));
        record.set_text(Field::ScopeModel, "unscoped");
        let scope = Scope { name: "root account".to_owned(), class: Some(ScopeClass::Admin) };
        record.set(Field::ScopesGranted, Cell::value(Value::Scopes(vec![scope])));
    } else {
        record.set_text(Field::Owner, name);
    }
    for (tag_name, column) in [("mfa_active", "mfa_active"), ("additional_credentials_info", "additional_credentials_info")] {
        tag(record, tag_name, get(column));
    }
    if let Some(date) = get("user_creation_time").and_then(|text| time::parse(text).date()) {
        record.tags.insert("user_created_at".to_owned(), time::written(date));
    }
}

fn date(record: &mut Record, field: Field, text: &str) -> Cell {
    if text.is_empty() || is_absent(text) {
        return Cell::of(State::Empty);
    }
    cell::from_reading(time::parse(text), || field.name().to_owned(), text, &mut record.problems)
}

fn tag(record: &mut Record, name: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty() && !is_absent(text)) {
        record.tags.insert(name.to_owned(), text.to_owned());
    }
}

/// `N/A` and its like: there is nothing that could have a value.
fn is_absent(text: &str) -> bool {
    ["", "n/a", "not_supported", "no_information"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// `true` or `false`; `TRUE` and `FALSE` in the user guide; `not_supported` for root is neither.
fn flag(text: Option<&str>) -> Option<bool> {
    let text = text?;
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

#[cfg(test)]
mod tests;
