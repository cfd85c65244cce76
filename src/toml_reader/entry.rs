//! Tables whose keys are names rather than known words, such as the parameters of a check.

use super::{Placed, Section, TomlError, TomlFile};
use std::ops::Range;
use toml::de::DeValue;

/// One `name = value` of such a table.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The key and where it stands.
    pub name: Placed<String>,
    file: &'a TomlFile,
    span: Range<usize>,
    value: DeValue<'a>,
}

impl<'a> Section<'a> {
    /// Takes every entry that is left, in the order of the file.
    pub fn entries(&mut self) -> Vec<Entry<'a>> {
        let mut entries: Vec<Entry<'a>> = std::mem::take(&mut self.table)
            .into_iter()
            .map(|(key, value)| Entry {
                name: Placed { offset: key.span().start, value: key.into_inner().into_owned() },
                file: self.file,
                span: value.span(),
                value: value.into_inner(),
            })
            .collect();
        entries.sort_by_key(|entry| entry.name.offset);
        entries
    }

    /// Takes one entry of any type.
    pub fn entry(&mut self, key: &'static str) -> Result<Option<Entry<'a>>, TomlError> {
        let taken = self.take(key)?;
        Ok(taken.map(|(span, value)| Entry {
            name: Placed { offset: span.start, value: key.to_owned() },
            file: self.file,
            span,
            value,
        }))
    }

    /// Where the table stands.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl<'a> Entry<'a> {
    /// Where the value stands.
    pub fn offset(&self) -> usize {
        self.span.start
    }

    /// The value as text, if it is one.
    pub fn text(&self) -> Option<&str> {
        self.value.as_str()
    }

    /// The value as a whole number, if it is one of 64 bits.
    pub fn whole(&self) -> Option<i64> {
        self.value.as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok())
    }

    /// The value as true or false, if it is one.
    pub fn flag(&self) -> Option<bool> {
        self.value.as_bool()
    }

    /// The value as a date written without quotes.
    pub fn date(&self) -> Option<String> {
        self.value.as_datetime().map(ToString::to_string)
    }

    /// The value as a list of texts, each with its place.
    pub fn words(&self) -> Option<Vec<Placed<String>>> {
        let word = |item: &toml::Spanned<DeValue<'a>>| {
            let value = item.get_ref().as_str()?.to_owned();
            Some(Placed { value, offset: item.span().start })
        };
        self.value.as_array()?.iter().map(word).collect()
    }

    /// Whether the value is a table.
    pub fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// The value as a table.
    ///
    /// # Errors
    /// If it is something else.
    pub fn section(self) -> Result<Section<'a>, TomlError> {
        let Entry { name, file, span, value } = self;
        match value {
            DeValue::Table(table) => {
                Ok(Section { file, title: format!("[{}]", name.value), offset: span.start, table, asked: Vec::new() })
            }
            other => {
                Err(file.error_at(span.start, format!("`{}` must be a table, and is of type {}", name.value, other.type_str())))
            }
        }
    }

    /// A complaint about the value.
    pub fn wrong(&self, expected: &str) -> TomlError {
        let message = format!("`{}` must be {expected}, and is of type {}", self.name.value, self.value.type_str());
        self.file.error_at(self.span.start, message)
    }

    /// A complaint about the key.
    pub fn unknown<'n>(&self, what: &str, known: impl IntoIterator<Item = &'n str>) -> TomlError {
        self.file.unknown_at(self.name.offset, what, &self.name.value, known)
    }

    /// The file it stands in.
    pub fn file(&self) -> &'a TomlFile {
        self.file
    }
}
