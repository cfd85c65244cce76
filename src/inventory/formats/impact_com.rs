//! impact.com: no endpoint lists access tokens, so the sheet is kept by hand from the account page.
//!
//! The page shows a token under its name and knows no other id: the name is the id, within the Account SID. Scopes are
//! `Category: GET|POST`, one scope for each category and method (`Catalogs:GET`). Accounts made before April 2025 also have two
//! legacy tokens without finer scopes.

mod place;

use super::header::{cell as column, fold, has};
use crate::inventory::cell::{self, Notation};
use crate::inventory::field::{CONTACT, FIELDS, Field, INTEGRATION, Kind, Part};
use crate::inventory::format::{Adapter, Format, Layout, Role, Row, Sight, Sink, SourceContext, Standing, TableRow};
use crate::inventory::record::{Cell, Date, Item, Precision, Problem, Record, Scope, State, Value};
use crate::inventory::time::{self, DAY};

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
        // Twilio has an Account SID too, so a third column must speak of this service.
        has(header, NAME) && has(header, &["accountsid"]) && has(header, &["accessscopes", "tokentype", "apiversion"])
    }
    fn signature(&self) -> &'static str {
        "CSV with the columns Token Name, Account SID, and Access Scopes, Token Type or API Version"
    }
    fn collects(&self) -> Option<&'static [Field]> {
        // A sheet has the columns that somebody gave it; each record tells by itself.
        None
    }
    fn open<'a>(&'a self, _context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        Box::new(Sheet)
    }
}

/// Headers, folded; the first that occurs counts.
const ID: &[&str] = &["tokenid"];
const NAME: &[&str] = &["tokenname"];
const TYPE: &[&str] = &["tokentype"];
const SCOPES: &[&str] = &["accessscopes", "scopes"];
const PRIMARY_CONTACT: &[&str] = &["primarycontact", "primarycontactemail"];
const DEVELOPERS: &[&str] = &["developeremails", "developeremail", "developers"];
const INTEGRATIONS: &[&str] = &["integrationsupdated", "integrations"];
const STORED_IN: &[&str] = &["storedin", "storage", "storageplace"];
const CREATED_ON: &[&str] = &["createdon", "created", "creationdate", "datecreated"];

/// Columns with one plain value.
const PLAIN: &[(Field, &[&str])] = &[
    (Field::Account, &["accountsid"]),
    (Field::Purpose, &["description", "tokendescription"]),
    (Field::State, &["state", "status"]),
    (Field::Owner, PRIMARY_CONTACT),
    (Field::CreatedAt, CREATED_ON),
    (Field::LastRotatedAt, &["lastreseton", "lastreset", "reseton", "lastresetdate"]),
    (Field::LastUsedAt, &["lastusedon", "lastused"]),
    (Field::ExpiresAt, &["expireson", "expires", "expirydate"]),
];

/// Columns that become something else than one plain value.
const NESTED: &[&[&str]] = &[ID, NAME, TYPE, SCOPES, DEVELOPERS, INTEGRATIONS, STORED_IN];

struct Sheet;

impl Adapter for Sheet {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        let Row::Table(row) = row else { return };
        let name = column(&row, NAME).unwrap_or_default();
        if name.is_empty() && column(&row, ID).unwrap_or_default().is_empty() {
            return sink.reject(row.line, "the row names no token".to_owned());
        }
        let mut record = Record::new(row.line);
        record.set_text(Field::Provider, "impact.com");
        let id = column(&row, ID).filter(|id| !id.is_empty()).unwrap_or(name);
        record.set_text(Field::TokenId, id);
        record.set_text(Field::Name, name);
        for (field, headers) in PLAIN {
            if let Some(text) = column(&row, headers) {
                let cell = cell::from_text(*field, text, Notation::default(), &mut record.problems);
                record.set(*field, cell);
            }
        }
        rights(&row, &mut record);
        contacts(&row, &mut record);
        unchanged_since(&row, &mut record);
        if let Some(text) = column(&row, INTEGRATIONS) {
            let cell = integrations(text, &mut record.problems);
            record.set(Field::Integrations, cell);
        }
        if let Some(text) = column(&row, STORED_IN) {
            let cell = place::storage(text, &mut record.problems);
            record.set(Field::Storage, cell);
        }
        others(&row, &mut record);
        sink.token(record);
    }
}

/// Further columns: those named after a field are that field, the others are kept as tags.
fn others(row: &TableRow<'_>, record: &mut Record) {
    for (header, text) in row.header.iter().zip(row.cells) {
        let folded = fold(header);
        let known =
            NESTED.iter().copied().chain(PLAIN.iter().map(|(_, headers)| *headers)).any(|names| names.contains(&folded.as_str()));
        if known {
            continue;
        }
        let plain = |kind: Kind| matches!(kind, Kind::Text | Kind::Word(_) | Kind::PastDate | Kind::AnyDate | Kind::Words);
        match FIELDS.iter().find(|spec| plain(spec.kind) && fold(spec.name) == folded) {
            Some(spec) if record.get(spec.field).state == State::NotCollected => {
                let cell = cell::from_text(spec.field, text, Notation::default(), &mut record.problems);
                record.set(spec.field, cell);
            }
            _ if text.trim().is_empty() => {}
            _ => drop(record.tags.insert(header.clone(), text.trim().to_owned())),
        }
    }
}

/// A token that was never reset and is older than a time in words (`before April 2025`) has a secret that is older as well. When
/// it was made stays unreadable.
fn unchanged_since(row: &TableRow<'_>, record: &mut Record) {
    let created = column(row, CREATED_ON).unwrap_or_default();
    if record.get(Field::LastRotatedAt).state == State::None
        && let Some(date) = last_day_before(created)
    {
        record.set(Field::ChangedAt, Cell::value(Value::Date(date)));
    }
}

/// The last day of `before April 2025`, `before 2025-04-01` or `before 2025`.
fn last_day_before(text: &str) -> Option<Date> {
    let lower = text.trim().to_lowercase();
    let end = ["before ", "prior to "].iter().find_map(|word| lower.strip_prefix(word))?.trim();
    let month = |form: &str| time::parse_as(&format!("1 {end}"), form).date();
    let year = || time::parse_as(&format!("1 1 {end}"), "%d %m %Y").date();
    let date = time::parse(end).date().or_else(|| month("%d %B %Y")).or_else(|| month("%d %b %Y")).or_else(year)?;
    Some(Date { seconds: date.seconds.div_euclid(DAY) * DAY - DAY, precision: Precision::Date, assumed_utc: false })
}

/// Kind, scope model and scopes.
fn rights(row: &TableRow<'_>, record: &mut Record) {
    let said = column(row, TYPE).unwrap_or_default();
    let folded = fold(if said.is_empty() { column(row, NAME).unwrap_or_default() } else { said });
    let kind = match folded.starts_with("legacy") {
        true if folded.contains("readwrite") => "legacy-read-write",
        true if folded.contains("readonly") => "legacy-read-only",
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
            if let Some(text) = column(row, SCOPES) {
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
    // With several categories between commas a comma parts categories, else methods.
    let commas = text.split([';', '\n']).any(|entry| entry.matches(':').count() > 1);
    let ends = |character: char| matches!(character, ';' | '\n') || commas && character == ',';
    for entry in text.split(ends).map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.rsplit_once(':') {
            Some((category, methods)) => {
                for method in methods.split(['|', ',', '/']).map(str::trim).filter(|method| !method.is_empty()) {
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
    let lists = [("token", column(row, PRIMARY_CONTACT)), ("technical", column(row, DEVELOPERS))];
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

/// `name=date; name=`: which integration took over the new value when. With nothing or a word such as `pending` behind the sign
/// it has not yet, which is known; a name alone says nothing about it.
fn integrations(text: &str, problems: &mut Vec<Problem>) -> Cell {
    match text.to_lowercase().as_str() {
        "" => return Cell::of(State::Empty),
        "none" => return Cell::of(State::None),
        _ => {}
    }
    let mut items = Vec::new();
    for entry in text.split([';', '\n']).map(str::trim).filter(|entry| !entry.is_empty()) {
        let (name, updated) = entry.split_once('=').map_or((entry, None), |(name, updated)| (name, Some(updated.trim())));
        let path = || format!("{}.credential_updated_at", Field::Integrations.name());
        let part = INTEGRATION.iter().find(|part| part.name == "credential_updated_at");
        let updated = match (updated, part) {
            (Some(updated), _) if matches!(fold(updated).as_str(), "" | "pending" | "open" | "notyet" | "no" | "todo") => {
                Cell::of(State::None)
            }
            (Some(updated), Some(part)) => cell::part_from_text(part, path, updated, Notation::default(), problems),
            _ => Cell::of(State::Empty),
        };
        items.push(item(INTEGRATION, &[("name", Cell::text(name.trim())), ("credential_updated_at", updated)]));
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
