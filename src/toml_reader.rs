//! A TOML file read key by key, so that every complaint names its place and the nearest valid name.
//!
//! The names a [`Section`] was asked for are the names it knows: [`Section::finish`] refuses every other key. There is
//! therefore no second list of valid keys to keep in step.

mod entry;

pub use entry::Entry;

use crate::inventory::guard::Guard;
use crate::nearest::did_you_mean;
use chrono::{NaiveDate, TimeDelta};
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

/// Why a TOML file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TomlError {
    #[error("cannot read `{}`", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Line and column count from 1, columns in characters.
    #[error("{file}:{line}:{column}: {message}")]
    Place { file: String, line: usize, column: usize, message: String, hint: Option<String> },
}

impl TomlError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            TomlError::Read { .. } => None,
            TomlError::Place { hint, .. } => hint.clone(),
        }
    }
}

/// A value and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    pub value: T,
    /// Byte offset, for [`TomlFile::error_at`].
    pub offset: usize,
}

/// The text of a TOML file and the name it goes by in messages.
#[derive(Debug, Clone)]
pub struct TomlFile {
    name: String,
    text: String,
}

impl TomlFile {
    /// Reads a file; its name in messages is the path as given. A token value in it is cut, because reports quote what waivers and
    /// settings say.
    pub fn read(path: &Path) -> Result<TomlFile, TomlError> {
        let file = TomlFile::read_uncut(path)?;
        Ok(TomlFile { text: Guard::built_in().without_tokens(&file.text).into_owned(), ..file })
    }

    /// Reads a file that goes through the secret guard later, as every source does, and is told of there.
    pub fn read_uncut(path: &Path) -> Result<TomlFile, TomlError> {
        let text = std::fs::read_to_string(path).map_err(|source| TomlError::Read { path: path.to_owned(), source })?;
        Ok(TomlFile { name: path.display().to_string(), text })
    }

    /// A text that is at hand already.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> TomlFile {
        TomlFile { name: name.into(), text: text.into() }
    }

    /// What it goes by in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line of a byte offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.text.get(..offset).unwrap_or(&self.text).matches('\n').count() + 1
    }

    /// The text as read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole file as a section.
    pub fn parse(&self) -> Result<Section<'_>, TomlError> {
        let table = DeTable::parse(&self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            self.error_at(offset, error.message().trim().replace('\n', ", "))
        })?;
        Ok(Section { file: self, title: String::new(), offset: 0, table: table.into_inner(), asked: Vec::new() })
    }

    /// A complaint about the text at a byte offset.
    pub fn error_at(&self, offset: usize, message: impl Into<String>) -> TomlError {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        TomlError::Place {
            file: self.name.clone(),
            line: self.line(offset),
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            message: message.into(),
            hint: None,
        }
    }

    /// A complaint about a word that is none of the known ones.
    pub fn unknown_at<'a>(&self, offset: usize, what: &str, word: &str, known: impl IntoIterator<Item = &'a str>) -> TomlError {
        let mut error = self.error_at(offset, format!("unknown {what} `{word}`"));
        if let TomlError::Place { hint, .. } = &mut error {
            *hint = did_you_mean(word, known);
        }
        error
    }
}

/// A table of the file. Take what is known, then call [`Section::finish`].
#[derive(Debug)]
pub struct Section<'a> {
    file: &'a TomlFile,
    /// As in the file, for messages: `[[source]]`; empty for the top.
    title: String,
    offset: usize,
    table: DeTable<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The file it is part of.
    pub fn file(&self) -> &'a TomlFile {
        self.file
    }

    /// A complaint about the section as a whole.
    pub fn error(&self, message: impl Into<String>) -> TomlError {
        self.file.error_at(self.offset, message)
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Result<Option<Placed<String>>, TomlError> {
        self.take(key)?.map(|(span, value)| self.as_text(key, span, value)).transpose()
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str) -> Result<Option<bool>, TomlError> {
        match self.take(key)? {
            None => Ok(None),
            Some((_, DeValue::Boolean(flag))) => Ok(Some(flag)),
            Some((span, other)) => Err(self.wrong_type(key, "true or false", &span, &other)),
        }
    }

    /// A whole number.
    pub fn whole(&mut self, key: &'static str) -> Result<Option<Placed<i64>>, TomlError> {
        match self.take(key)? {
            None => Ok(None),
            Some((span, DeValue::Integer(number))) => {
                let value = i64::from_str_radix(number.as_str(), number.radix())
                    .map_err(|_| self.file.error_at(span.start, format!("`{key}` is too large a number")))?;
                Ok(Some(Placed { value, offset: span.start }))
            }
            Some((span, other)) => Err(self.wrong_type(key, "a whole number", &span, &other)),
        }
    }

    /// An instant as UTC seconds: a TOML date-time, a date (00:00 UTC), or either as text.
    pub fn instant(&mut self, key: &'static str) -> Result<Option<Placed<i64>>, TomlError> {
        let expected = "a date or an instant, for example 2026-09-30T22:00:00Z";
        match self.take(key)? {
            None => Ok(None),
            Some((span, DeValue::Datetime(datetime))) => match utc_seconds(&datetime) {
                Some(value) => Ok(Some(Placed { value, offset: span.start })),
                None => Err(self.file.error_at(span.start, format!("`{key}` is not {expected}"))),
            },
            Some((span, DeValue::String(text))) => match text.parse::<Datetime>().ok().as_ref().and_then(utc_seconds) {
                Some(value) => Ok(Some(Placed { value, offset: span.start })),
                None => Err(self.file.error_at(span.start, format!("`{key}` is not {expected}"))),
            },
            Some((span, other)) => Err(self.wrong_type(key, expected, &span, &other)),
        }
    }

    /// A text or a list of texts.
    pub fn words(&mut self, key: &'static str) -> Result<Option<Vec<Placed<String>>>, TomlError> {
        let Some((span, value)) = self.take(key)? else { return Ok(None) };
        let items = match value {
            DeValue::Array(items) => items.into_iter().map(|item| (item.span(), item.into_inner())).collect(),
            single => vec![(span, single)],
        };
        items.into_iter().map(|(span, item)| self.as_text(key, span, item)).collect::<Result<_, _>>().map(Some)
    }

    /// A table of texts. Numbers and truth values are taken as they are written.
    pub fn map(&mut self, key: &'static str) -> Result<Option<BTreeMap<String, Placed<String>>>, TomlError> {
        let Some((span, value)) = self.take(key)? else { return Ok(None) };
        let DeValue::Table(table) = value else { return Err(self.wrong_type(key, "a table", &span, &value)) };
        let mut map = BTreeMap::new();
        for (name, value) in table {
            let offset = name.span().start;
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                DeValue::Boolean(flag) => flag.to_string(),
                other => return Err(self.wrong_type(name.get_ref(), "a text", &value.span(), other)),
            };
            map.insert(name.into_inner().into_owned(), Placed { value: text, offset });
        }
        Ok(Some(map))
    }

    /// True if the key holds a table, so that a key may be either a plain value or a section.
    pub fn is_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_table())
    }

    /// A table with keys of its own.
    pub fn section(&mut self, key: &'static str) -> Result<Option<Section<'a>>, TomlError> {
        match self.take(key)? {
            None => Ok(None),
            Some((span, DeValue::Table(table))) => Ok(Some(self.inner(format!("[{key}]"), span.start, table))),
            Some((span, other)) => Err(self.wrong_type(key, "a table", &span, &other)),
        }
    }

    /// A list of tables, `[[key]]`.
    pub fn sections(&mut self, key: &'static str) -> Result<Vec<Section<'a>>, TomlError> {
        let Some((span, value)) = self.take(key)? else { return Ok(Vec::new()) };
        let DeValue::Array(items) = value else {
            return Err(self.wrong_type(key, &format!("a list of tables, written `[[{key}]]`"), &span, &value));
        };
        let mut sections = Vec::new();
        for item in items {
            let span = item.span();
            match item.into_inner() {
                DeValue::Table(table) => sections.push(self.inner(format!("[[{key}]]"), span.start, table)),
                other => return Err(self.wrong_type(key, "a list of tables", &span, &other)),
            }
        }
        Ok(sections)
    }

    /// Every table of a table, by name: `[key.NAME]`.
    pub fn named_sections(&mut self, key: &'static str) -> Result<Vec<(Placed<String>, Section<'a>)>, TomlError> {
        let Some((span, value)) = self.take(key)? else { return Ok(Vec::new()) };
        let DeValue::Table(table) = value else { return Err(self.wrong_type(key, "a table", &span, &value)) };
        let mut sections = Vec::new();
        for (name, value) in table {
            let placed = Placed { value: name.get_ref().to_string(), offset: name.span().start };
            let span = value.span();
            match value.into_inner() {
                DeValue::Table(inner) => {
                    let title = format!("[{key}.{}]", placed.value);
                    sections.push((placed, self.inner(title, span.start, inner)));
                }
                other => return Err(self.wrong_type(&placed.value, "a table", &span, &other)),
            }
        }
        Ok(sections)
    }

    /// Refuses keys that nothing asked for.
    pub fn finish(self) -> Result<(), TomlError> {
        let mut strangers: Vec<_> = self.table.keys().collect();
        strangers.sort_by_key(|key| key.span().start);
        match strangers.first() {
            None => Ok(()),
            Some(key) => {
                let what = if self.title.is_empty() { "key".to_owned() } else { format!("key of {}:", self.title) };
                Err(self.file.unknown_at(key.span().start, &what, key.get_ref(), self.asked.iter().copied()))
            }
        }
    }

    fn inner(&self, title: String, offset: usize, table: DeTable<'a>) -> Section<'a> {
        Section { file: self.file, title, offset, table, asked: Vec::new() }
    }

    fn take(&mut self, key: &'static str) -> Result<Option<(Range<usize>, DeValue<'a>)>, TomlError> {
        self.asked.push(key);
        Ok(self.table.remove(key).map(|value: Spanned<DeValue<'a>>| (value.span(), value.into_inner())))
    }

    fn as_text(&self, key: &str, span: Range<usize>, value: DeValue<'a>) -> Result<Placed<String>, TomlError> {
        match value {
            DeValue::String(text) => Ok(Placed { value: text.into_owned(), offset: span.start }),
            other => Err(self.wrong_type(key, "a text in quotes", &span, &other)),
        }
    }

    fn wrong_type(&self, key: &str, expected: &str, span: &Range<usize>, found: &DeValue<'_>) -> TomlError {
        self.file.error_at(span.start, format!("`{key}` must be {expected}, and is of type {}", found.type_str()))
    }
}

/// UTC seconds of a TOML date or date-time; a time without an offset is read as UTC, a bare time of day is none.
fn utc_seconds(datetime: &Datetime) -> Option<i64> {
    let date = datetime.date?;
    let day = NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))?;
    let (hour, minute, second) =
        datetime.time.map_or((0, 0, 0), |time| (time.hour, time.minute, time.second.unwrap_or_default().min(59)));
    let instant = day.and_hms_opt(u32::from(hour), u32::from(minute), u32::from(second))?;
    let offset = match datetime.offset {
        Some(toml::value::Offset::Custom { minutes }) => TimeDelta::minutes(i64::from(minutes)),
        Some(toml::value::Offset::Z) | None => TimeDelta::zero(),
    };
    Some((instant - offset).and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, read: impl FnOnce(&mut Section<'_>) -> Result<(), TomlError>) -> (String, Option<String>) {
        let file = TomlFile::new("countersign.toml", text);
        let result = file.parse().and_then(|mut section| {
            read(&mut section)?;
            section.finish()
        });
        match result {
            Ok(()) => panic!("accepted: {text}"),
            Err(error) => (error.to_string(), error.hint()),
        }
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_name() {
        let text = "out = \"report\"\n\n  exportd_at = 2026-09-30\n";
        let (message, hint) = refused(text, |top| {
            top.text("out")?;
            top.instant("exported_at").map(|_| ())
        });
        assert_eq!(message, "countersign.toml:3:3: unknown key `exportd_at`");
        assert_eq!(hint.as_deref(), Some("did you mean `exported_at`?"));
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place() {
        let (message, _) = refused("rank = \"first\"", |top| top.whole("rank").map(|_| ()));
        assert_eq!(message, "countersign.toml:1:8: `rank` must be a whole number, and is of type string");
    }

    #[test]
    fn broken_toml_is_named_with_its_place() {
        let (message, _) = refused("a = 1\nb = [", |_| Ok(()));
        assert!(message.starts_with("countersign.toml:2:"), "{message}");
    }

    #[test]
    fn columns_count_characters() {
        let (message, _) = refused("a = { \"ä\" = 1, b = [] }", |top| top.map("a").map(|_| ()));
        assert_eq!(message, "countersign.toml:1:20: `b` must be a text, and is of type array");
    }

    #[test]
    fn instants_are_read_in_every_form() -> Result<(), TomlError> {
        for text in
            ["2026-10-01T00:00:00Z", "2026-10-01", "2026-10-01T02:00:00+02:00", "\"2026-10-01T00:00:00Z\"", "2026-10-01T00:00:00"]
        {
            let file = TomlFile::new("t", format!("at = {text}"));
            let at = file.parse()?.instant("at")?.map(|placed| placed.value);
            assert_eq!(at, Some(1_790_812_800), "{text}");
        }
        Ok(())
    }
}
