//! impact.com: no endpoint lists access tokens, so the sheet is kept by hand from the account page.
//!
//! The page shows a token under its name and knows no other id: the name is the id, within the Account SID. Scopes are
//! `Category: GET|POST`, one scope for each category and method (`Catalogs:GET`). Accounts made before April 2025 also have two
//! legacy tokens without finer scopes.

use super::header::{cell as column, fold, has};
use crate::inventory::cell::{self, Notation};
use crate::inventory::field::{CONTACT, Field, INTEGRATION, Part, STORAGE};
use crate::inventory::format::{Adapter, Format, Layout, Role, Row, Sight, Sink, SourceContext, Standing, TableRow};
use crate::inventory::record::{Cell, Item, Problem, ProblemKind, Record, Scope, State, Value};

/// The hand-kept sheet.
pub struct AccessTokens;

impl Format for AccessTokens {
    fn id(&self) -> &'static str {
        "impact-com-access-tokens"
    }
    fn title(&self) -> &'static str {
        "impact.com access tokens (sheet kept by hand)"
    }
    fn how_to_export(&self) -> &'static str {
        "by hand from Settings > Technical > API; columns: Token Name, Account SID, Access Scopes, State, Last Reset On and so on"
    }
    fn role(&self) -> Role {
        Role::Inventory
    }
    fn standing(&self) -> Standing {
        // It is typed, not exported: an export of another service about the same token would count more.
        Standing::Canonical
    }
    fn layout(&self) -> Layout {
        Layout::Table
    }
    fn recognises(&self, sight: &Sight) -> bool {
        let Sight::Table { header } = sight else { return false };
        ["tokenname", "accountsid", "accessscopes"].iter().all(|name| has(header, &[name]))
    }
    fn signature(&self) -> &'static str {
        "CSV with the columns Token Name, Account SID and Access Scopes"
    }
    fn collects(&self) -> Option<&'static [Field]> {
        // A sheet has the columns that somebody gave it; each record tells by itself.
        None
    }
    fn open<'a>(&'a self, _context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        Box::new(Sheet)
    }
}

/// Columns that become fields; every other one is kept as a tag.
const KNOWN: &[&str] = &[
    "tokenid",
    "tokenname",
    "description",
    "tokentype",
    "state",
    "accountsid",
    "accessscopes",
    "primarycontact",
    "developeremails",
    "createdon",
    "lastreseton",
    "lastusedon",
    "expireson",
    "integrationsupdated",
    "storedin",
];

struct Sheet;

impl Adapter for Sheet {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Row::Table(row) = row else { return };
        let name = column(&row, &["tokenname"]).unwrap_or_default();
        if name.is_empty() && column(&row, &["tokenid"]).unwrap_or_default().is_empty() {
            return sink.reject(row.line, "the row names no token".to_owned());
        }
        let mut record = Record::new(row.line);
        record.set_text(Field::Provider, "impact.com");
        let id = column(&row, &["tokenid"]).filter(|id| !id.is_empty()).unwrap_or(name);
        record.set_text(Field::TokenId, id);
        record.set_text(Field::Name, name);
        for (field, header) in [
            (Field::Account, "accountsid"),
            (Field::Purpose, "description"),
            (Field::State, "state"),
            (Field::Owner, "primarycontact"),
            (Field::CreatedAt, "createdon"),
            (Field::LastRotatedAt, "lastreseton"),
            (Field::LastUsedAt, "lastusedon"),
            (Field::ExpiresAt, "expireson"),
        ] {
            if let Some(text) = column(&row, &[header]) {
                let cell = cell::from_text(field, text, Notation::default(), &mut record.problems);
                record.set(field, cell);
            }
        }
        rights(&row, &mut record);
        contacts(&row, &mut record);
        if let Some(text) = column(&row, &["integrationsupdated"]) {
            let cell = integrations(text, &mut record.problems);
            record.set(Field::Integrations, cell);
        }
        if let Some(text) = column(&row, &["storedin"]) {
            let cell = storage(text, &mut record.problems);
            record.set(Field::Storage, cell);
        }
        for (header, text) in row.header.iter().zip(row.cells) {
            if !KNOWN.contains(&fold(header).as_str()) && !text.trim().is_empty() {
                record.tags.insert(header.clone(), text.trim().to_owned());
            }
        }
        sink.token(record);
    }
}

/// Kind, scope model and scopes.
fn rights(row: &TableRow<'_>, record: &mut Record) {
    let said = column(row, &["tokentype"]).unwrap_or_default();
    let kind = match fold(said).as_str() {
        "legacyreadwrite" => "legacy-read-write",
        "legacyreadonly" => "legacy-read-only",
        _ => "access-token",
    };
    record.set_text(Field::TokenKind, kind);
    let legacy = |name: &str| Cell::value(Value::Scopes(vec![Scope { name: name.to_owned(), class: None }]));
    match kind {
        // All endpoints, reading and writing.
        "legacy-read-write" => {
            record.set_text(Field::ScopeModel, "unscoped");
            record.set(Field::ScopesGranted, legacy("Legacy Read/Write"));
        }
        "legacy-read-only" => {
            record.set(Field::ScopeModel, Cell::of(State::Empty));
            record.set(Field::ScopesGranted, legacy("Legacy Read-Only"));
        }
        _ => {
            let model = if fold(said) == "scoped" { Cell::text("scoped") } else { Cell::of(State::Empty) };
            record.set(Field::ScopeModel, model);
            if let Some(text) = column(row, &["accessscopes"]) {
                record.set(Field::ScopesGranted, scopes(text));
            }
        }
    }
}

/// `Conversions: POST|PUT; Actions: GET` as `Conversions:POST`, `Conversions:PUT`, `Actions:GET`.
fn scopes(text: &str) -> Cell {
    if text.is_empty() {
        return Cell::of(State::Empty);
    }
    if text.eq_ignore_ascii_case("none") {
        return Cell::of(State::None);
    }
    let mut scopes: Vec<Scope> = Vec::new();
    for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.rsplit_once(':') {
            Some((category, methods)) => {
                for method in methods.split(['|', ',']).map(str::trim).filter(|method| !method.is_empty()) {
                    scopes.push(Scope { name: format!("{}:{}", category.trim(), method.to_uppercase()), class: None });
                }
            }
            None => scopes.push(Scope { name: entry.to_owned(), class: None }),
        }
    }
    // The scopes of remote tools are written `mcp:read`, in small letters.
    for scope in &mut scopes {
        if scope.name.to_lowercase().starts_with("mcp:") {
            scope.name.make_ascii_lowercase();
        }
    }
    if scopes.is_empty() { Cell::of(State::Empty) } else { Cell::value(Value::Scopes(scopes)) }
}

/// The primary contact is the token's, the developers are technical.
fn contacts(row: &TableRow<'_>, record: &mut Record) {
    let lists = [("token", column(row, &["primarycontact"])), ("technical", column(row, &["developeremails"]))];
    if lists.iter().all(|(_, text)| text.is_none()) {
        return;
    }
    let mut items = Vec::new();
    for (role, text) in lists {
        for address in text.unwrap_or_default().split([';', ',']).map(str::trim).filter(|address| !address.is_empty()) {
            items.push(item(CONTACT, &[("role", Cell::text(role)), ("address", Cell::text(address))]));
        }
    }
    record.set(Field::Contacts, if items.is_empty() { Cell::of(State::Empty) } else { Cell::value(Value::Items(items)) });
}

/// `name=date; name=`: which integration took over the new value when; without a date it has not yet.
fn integrations(text: &str, problems: &mut Vec<Problem>) -> Cell {
    match text.to_lowercase().as_str() {
        "" => return Cell::of(State::Empty),
        "none" => return Cell::of(State::None),
        _ => {}
    }
    let mut items = Vec::new();
    for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (name, updated) = entry.split_once('=').unwrap_or((entry, ""));
        let path = || format!("{}.credential_updated_at", Field::Integrations.name());
        let updated = match INTEGRATION.iter().find(|part| part.name == "credential_updated_at") {
            Some(part) => cell::part_from_text(part, path, updated, Notation::default(), problems),
            None => Cell::default(),
        };
        items.push(item(INTEGRATION, &[("name", Cell::text(name.trim())), ("credential_updated_at", updated)]));
    }
    if items.is_empty() { Cell::of(State::Empty) } else { Cell::value(Value::Items(items)) }
}

/// Words in a description of a place, and the kind of storage they tell; the first that occurs decides.
const PLACES: &[(&str, &str)] = &[
    ("secrets manager", "secret-manager"),
    ("secret manager", "secret-manager"),
    ("key vault", "secret-manager"),
    ("vault", "secret-manager"),
    ("doppler", "secret-manager"),
    ("infisical", "secret-manager"),
    ("hsm", "hsm"),
    ("ci secret", "ci-secret-store"),
    ("actions secret", "ci-secret-store"),
    ("sops", "encrypted-vault-file"),
    ("keychain", "os-keychain"),
    ("1password", "password-manager"),
    ("lastpass", "password-manager"),
    ("keepass", "password-manager"),
    ("bitwarden", "password-manager"),
    ("password manager", "password-manager"),
    ("wiki", "wiki"),
    ("confluence", "wiki"),
    ("notion", "wiki"),
    ("spreadsheet", "spreadsheet"),
    ("excel", "spreadsheet"),
    ("google sheet", "spreadsheet"),
    ("slack", "chat"),
    ("teams", "chat"),
    ("chat", "chat"),
    ("e-mail", "email"),
    ("email", "email"),
    ("jira", "ticket"),
    ("ticket", "ticket"),
    ("repository", "source-code"),
    ("source code", "source-code"),
    ("github", "source-code"),
    ("gitlab", "source-code"),
    ("log file", "log"),
    ("env file", "config-file"),
    (".env", "config-file"),
    ("config", "config-file"),
    ("environment variable", "environment-variable"),
    ("shared drive", "shared-drive"),
    ("document", "document"),
    ("paper", "paper"),
];

/// A place described in words; `secret-manager: prod/impact` names its kind itself. What tells no kind is `unknown`.
fn storage(text: &str, problems: &mut Vec<Problem>) -> Cell {
    match text.to_lowercase().as_str() {
        "" => return Cell::of(State::Empty),
        "none" => return Cell::of(State::None),
        _ => {}
    }
    let mut items = Vec::new();
    for place in text.split(';').map(str::trim).filter(|place| !place.is_empty()) {
        let lower = place.to_lowercase();
        let kind = PLACES.iter().find(|(word, _)| lower.contains(word)).map(|(_, kind)| *kind);
        if kind.is_none() {
            let field = format!("{}.kind", Field::Storage.name());
            problems.push(cell::problem(field, ProblemKind::UnknownWord, place));
        }
        items.push(item(STORAGE, &[("kind", Cell::text(kind.unwrap_or("unknown"))), ("location", Cell::text(place))]));
    }
    if items.is_empty() { Cell::of(State::Empty) } else { Cell::value(Value::Items(items)) }
}

/// An entry of a nested list with the parts that are known.
fn item(parts: &[Part], known: &[(&str, Cell)]) -> Item {
    let cell = |part: &Part| known.iter().find(|(name, _)| *name == part.name).map(|(_, cell)| cell.clone());
    Item { parts: parts.iter().map(|part| cell(part).unwrap_or_default()).collect() }
}

#[cfg(test)]
mod tests;
