//! `countersign.toml` as it is written.
//!
//! Unknown keys and wrong types are errors with file, line and column; an unknown key gets the nearest valid name. Relative
//! paths are relative to the folder of the file, so that it can be read from anywhere.

use super::{FailOn, OutputFormat};
use crate::inventory::formats::registers::tables::{AccountEntry, PurposeEntry};
use crate::inventory::registry::{ProviderEntry, Registry};
use crate::inventory::source_settings::SourceSettings;
use crate::nearest::did_you_mean;
use crate::toml_reader::{TomlError, TomlFile};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SettingsFile {
    pub inventory: Paths,
    pub policy: Option<String>,
    pub period: Option<String>,
    pub db: Option<PathBuf>,
    pub out: Option<PathBuf>,
    #[serde(deserialize_with = "formats")]
    pub format: Option<Vec<OutputFormat>>,
    pub people: RegisterSettings,
    pub accounts: RegisterSettings,
    pub purposes: RegisterSettings,
    pub waivers: Option<PathBuf>,
    pub checks: Paths,
    #[serde(deserialize_with = "fail_on")]
    pub fail_on: Option<FailOn>,
    pub branding: BrandingTable,
    pub source: Vec<SourceSettings>,
    pub account: Vec<AccountEntry>,
    pub purpose: Vec<PurposeEntry>,
    /// What the user knows of providers.
    pub provider: Vec<Spanned<ProviderEntry>>,
}

/// `[branding]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BrandingTable {
    pub organisation: Option<String>,
    pub classification: Option<String>,
    pub prepared_by: Option<String>,
    pub page: Option<Page>,
    pub language: Option<String>,
}

/// `page` of `[branding]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Page {
    A4,
    Letter,
}

/// A register: `people = "people.csv"`, a list of files, or a table that also says what the register holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegisterSettings {
    pub files: Vec<PathBuf>,
    /// The register lists everybody (or every account, every purpose) there is.
    pub complete: bool,
    /// It also lists people who have left, so that somebody who is missing never belonged.
    pub includes_leavers: bool,
    /// Login or other name at a provider → address on the register.
    pub aliases: BTreeMap<String, String>,
}

impl SettingsFile {
    /// Reads and checks a file, and makes its paths relative to its folder.
    pub fn read(path: &Path) -> Result<SettingsFile, TomlError> {
        let mut file = SettingsFile::parse(&TomlFile::read(path)?)?;
        file.settle(path.parent().unwrap_or(Path::new("")));
        Ok(file)
    }

    /// Checks the text of a file.
    pub fn parse(file: &TomlFile) -> Result<SettingsFile, TomlError> {
        let refused = |offset: usize, message: String, advice: Option<String>| {
            let mut placed = file.error_at(offset, message);
            if let TomlError::Place { hint, .. } = &mut placed {
                *hint = advice;
            }
            placed
        };
        let settings: SettingsFile = toml::from_str(file.text()).map_err(|error| {
            let (message, advice) = explained(error.message());
            refused(error.span().map_or(0, |span| span.start), message, advice)
        })?;
        // Tried on the registry here, where the place of an entry is known.
        if !settings.provider.is_empty() {
            let mut registry = Registry::built_in().clone();
            for entry in &settings.provider {
                registry
                    .extend(std::slice::from_ref(entry.get_ref()))
                    .map_err(|error| refused(entry.span().start, error.to_string(), error.hint()))?;
            }
        }
        Ok(settings)
    }

    /// The entries about providers.
    pub fn providers(&mut self) -> Vec<ProviderEntry> {
        std::mem::take(&mut self.provider).into_iter().map(Spanned::into_inner).collect()
    }

    /// Drops what an inventory folder may not decide; returns the names of dropped keys, if there were any.
    pub fn keep_facts_only(&mut self) -> Option<String> {
        let mut dropped = Vec::new();
        let mut drop_key = |name: &str, there: bool| {
            if there {
                dropped.push(format!("`{name}`"));
            }
        };
        drop_key("inventory", !std::mem::take(&mut self.inventory).0.is_empty());
        drop_key("policy", self.policy.take().is_some());
        drop_key("period", self.period.take().is_some());
        drop_key("db", self.db.take().is_some());
        drop_key("out", self.out.take().is_some());
        drop_key("format", self.format.take().is_some());
        drop_key("checks", !std::mem::take(&mut self.checks).0.is_empty());
        drop_key("fail_on", self.fail_on.take().is_some());
        drop_key("provider", !self.providers().is_empty());
        (!dropped.is_empty()).then(|| dropped.join(", "))
    }

    fn settle(&mut self, folder: &Path) {
        let here = |path: &mut PathBuf| {
            if path.is_relative() && path.as_os_str() != "-" {
                *path = folder.join(&*path);
            }
        };
        self.inventory.0.iter_mut().chain(&mut self.checks.0).for_each(here);
        [&mut self.db, &mut self.out, &mut self.waivers].into_iter().flatten().for_each(here);
        for register in [&mut self.people, &mut self.accounts, &mut self.purposes] {
            register.files.iter_mut().for_each(here);
        }
    }
}

impl RegisterSettings {
    /// Files from the command line replace those of the settings file; what is declared about the register stays.
    pub(super) fn with_typed(mut self, files: Vec<PathBuf>) -> RegisterSettings {
        if !files.is_empty() {
            self.files = files;
        }
        self
    }
}

/// The parser's message in our words, with the nearest name for an unknown key.
fn explained(message: &str) -> (String, Option<String>) {
    let message = message.trim().replace('\n', ", ");
    for (start, what) in [("unknown field `", "unknown key"), ("unknown variant `", "unknown word")] {
        if let Some((name, rest)) = message.strip_prefix(start).and_then(|rest| rest.split_once('`')) {
            let known = rest.split('`').skip(1).step_by(2);
            return (format!("{what} `{name}`"), did_you_mean(name, known));
        }
    }
    match message.split_once("; did you mean ") {
        Some((message, name)) => (message.to_owned(), Some(format!("did you mean {name}"))),
        None => (message, None),
    }
}

/// One path or several.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Paths(pub Vec<PathBuf>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Paths, D::Error> {
        deserializer.deserialize_any(RegisterVisitor { table: false }).map(|register| Paths(register.files))
    }
}

impl<'de> Deserialize<'de> for RegisterSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RegisterSettings, D::Error> {
        deserializer.deserialize_any(RegisterVisitor { table: true })
    }
}

/// Reads a path, a list of paths or, for a register, a table.
struct RegisterVisitor {
    table: bool,
}

impl<'de> Visitor<'de> for RegisterVisitor {
    type Value = RegisterSettings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.table { "a path, a list of paths or a table" } else { "a path or a list of paths" })
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<RegisterSettings, E> {
        Ok(RegisterSettings { files: vec![PathBuf::from(path)], ..RegisterSettings::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RegisterSettings, A::Error> {
        let mut files = Vec::new();
        while let Some(path) = items.next_element::<PathBuf>()? {
            files.push(path);
        }
        Ok(RegisterSettings { files, ..RegisterSettings::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<RegisterSettings, A::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Table {
            file: Paths,
            complete: bool,
            includes_leavers: bool,
            aliases: BTreeMap<String, String>,
        }
        if !self.table {
            return Err(de::Error::invalid_type(de::Unexpected::Map, &self));
        }
        let Table { file, complete, includes_leavers, aliases } = Table::deserialize(MapAccessDeserializer::new(entries))?;
        Ok(RegisterSettings { files: file.0, complete, includes_leavers, aliases })
    }
}

fn formats<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<OutputFormat>>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    let format = |word: &String| {
        OutputFormat::parse(word)
            .ok_or_else(|| de::Error::custom(format!("unknown variant `{word}`, expected `html`, `pdf`, `json`, `csv`")))
    };
    words.iter().map(format).collect::<Result<_, _>>().map(Some)
}

fn fail_on<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<FailOn>, D::Error> {
    let word = String::deserialize(deserializer)?;
    let known = "`critical`, `high`, `medium`, `low`, `never`";
    FailOn::parse(&word).map(Some).ok_or_else(|| de::Error::custom(format!("unknown variant `{word}`, expected {known}")))
}
