//! What a run needs, validated once: flags and `countersign.toml` together (decisions, 14). Flags win.
//!
//! The file is the one named with `--config`, else `countersign.toml` in the working folder, else the one in the single
//! inventory folder that was named. From an inventory folder only facts about the inventory are taken (sources, registers,
//! waivers, branding): a folder that somebody handed in decides neither the policy nor what is true of a provider nor where results
//! go.
//!
//! Nothing after this looks at flags or the environment.

mod file;

pub use crate::inventory::formats::registers::tables::{AccountEntry, PurposeEntry};
pub use file::RegisterSettings;

use crate::as_of::{AsOf, AsOfError, Period};
use crate::inventory::registry::{ProviderEntry, Registry, RegistryError};
use crate::inventory::source_settings::SourceSettings;
use crate::report::model::{Branding, PageSize, Severity};
use crate::toml_reader::TomlError;
use file::{BrandingTable, SettingsFile};
use std::path::{Path, PathBuf};

/// Name of the settings file.
pub const FILE_NAME: &str = "countersign.toml";

/// The database of a run that names none.
const DATABASE: &str = "countersign.db";

/// The policy of a run that names none (decisions, 7).
const DEFAULT_POLICY: &str = "baseline";

/// Everything that decides a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Files and folders to read, as named; `-` is standard input.
    pub inventories: Vec<PathBuf>,
    /// Name of a built-in policy or path of a policy file.
    pub policy: String,
    pub as_of: AsOf,
    pub period: Option<Period>,
    pub database: PathBuf,
    pub out: PathBuf,
    /// Outputs to write, each once, in the order of [`OutputFormat::ALL`].
    pub formats: Vec<OutputFormat>,
    pub people: RegisterSettings,
    pub account_register: RegisterSettings,
    pub purposes: RegisterSettings,
    /// Accounts declared in the settings file itself.
    pub accounts: Vec<AccountEntry>,
    /// Purposes declared there.
    pub declared_purposes: Vec<PurposeEntry>,
    pub waivers: Option<PathBuf>,
    /// Folders with checks of the user's own.
    pub checks: Vec<PathBuf>,
    /// Replaces the policy's own fail condition.
    pub fail_on: Option<FailOn>,
    pub branding: Branding,
    /// What the user knows of providers.
    pub providers: Vec<ProviderEntry>,
    pub sources: Vec<SourceSettings>,
    /// Formats named on the command line, by path.
    pub named_formats: Vec<(PathBuf, String)>,
    /// The settings file in force.
    pub file: Option<PathBuf>,
    /// What the user should hear about the settings.
    pub notes: Vec<String>,
}

/// An output that a run can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutputFormat {
    Html,
    Pdf,
    Json,
    Csv,
}

impl OutputFormat {
    pub const ALL: [OutputFormat; 4] = [OutputFormat::Html, OutputFormat::Pdf, OutputFormat::Json, OutputFormat::Csv];
    /// What is written if nobody says otherwise.
    pub const DEFAULT: [OutputFormat; 3] = [OutputFormat::Html, OutputFormat::Pdf, OutputFormat::Json];

    /// The word for `--format`; also the name of the renderer.
    pub fn word(self) -> &'static str {
        match self {
            OutputFormat::Html => "html",
            OutputFormat::Pdf => "pdf",
            OutputFormat::Json => "json",
            OutputFormat::Csv => "csv",
        }
    }

    pub fn parse(word: &str) -> Option<OutputFormat> {
        OutputFormat::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// What makes a run end with exit code 1, in place of the policy's condition (decisions, 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Any plain fail of this severity or a higher one.
    Severity(Severity),
    /// No fail; an error still does.
    Never,
}

impl FailOn {
    pub fn parse(word: &str) -> Option<FailOn> {
        if word == "never" { Some(FailOn::Never) } else { Severity::parse(word).map(FailOn::Severity) }
    }
}

/// What was typed for a run; [`crate::cli`] fills it from the command line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Typed {
    pub inventories: Vec<PathBuf>,
    pub policy: Option<String>,
    pub as_of: Option<i64>,
    pub period: Option<Period>,
    pub database: Option<PathBuf>,
    pub out: Option<PathBuf>,
    pub formats: Vec<OutputFormat>,
    pub people: Vec<PathBuf>,
    pub accounts: Vec<PathBuf>,
    pub purposes: Vec<PathBuf>,
    pub waivers: Option<PathBuf>,
    pub checks: Vec<PathBuf>,
    pub fail_on: Option<FailOn>,
    pub named_formats: Vec<(PathBuf, String)>,
    pub config: Option<PathBuf>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error(transparent)]
    File(#[from] TomlError),
    #[error("no inventory was named")]
    NoInventory,
    #[error(transparent)]
    AsOf(#[from] AsOfError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl SettingsError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            SettingsError::File(error) => error.hint(),
            SettingsError::NoInventory => Some(format!(
                "name files or folders: `countersign audit exports/`, or `inventory = [\"exports\"]` in {FILE_NAME}"
            )),
            SettingsError::AsOf(error) => error.hint(),
            SettingsError::Registry(error) => error.hint(),
        }
    }
}

impl Settings {
    /// Joins what was typed and the settings file, looked for below `working_folder` unless it was named.
    ///
    /// # Errors
    /// If the file cannot be read or has unknown keys or wrong values, if there is no inventory, or if no instant can be fixed.
    pub fn resolve(
        typed: Typed,
        working_folder: &Path,
        source_date_epoch: Option<&str>,
        now: impl FnOnce() -> i64,
    ) -> Result<Settings, SettingsError> {
        let found = find(&typed, working_folder);
        let mut notes = Vec::new();
        let mut file = match &found {
            None => SettingsFile::default(),
            Some(Found { path, from_inventory }) => {
                let mut file = SettingsFile::read(path)?;
                if *from_inventory && let Some(ignored) = file.keep_facts_only() {
                    notes
                        .push(format!("{ignored} in `{}` does not count: name the file with --config to use it", path.display()));
                }
                file
            }
        };
        let providers = file.providers();
        let period = match (typed.period, file.period) {
            (Some(period), _) => Some(period),
            (None, Some(name)) => Some(Period::parse(&name)?),
            (None, None) => None,
        };
        let inventories = if typed.inventories.is_empty() { file.inventory.0 } else { typed.inventories };
        if inventories.is_empty() {
            return Err(SettingsError::NoInventory);
        }
        let chosen = if typed.formats.is_empty() { file.format.unwrap_or_default() } else { typed.formats };
        let chosen = if chosen.is_empty() { OutputFormat::DEFAULT.to_vec() } else { chosen };
        Ok(Settings {
            inventories,
            policy: typed.policy.or(file.policy).unwrap_or_else(|| DEFAULT_POLICY.to_owned()),
            as_of: AsOf::resolve(typed.as_of, period.as_ref(), source_date_epoch, now)?,
            period,
            database: typed.database.or(file.db).unwrap_or_else(|| PathBuf::from(DATABASE)),
            out: typed.out.or(file.out).unwrap_or_else(|| PathBuf::from("report")),
            formats: OutputFormat::ALL.into_iter().filter(|format| chosen.contains(format)).collect(),
            people: file.people.with_typed(typed.people),
            account_register: file.accounts.with_typed(typed.accounts),
            purposes: file.purposes.with_typed(typed.purposes),
            accounts: file.account,
            declared_purposes: file.purpose,
            waivers: typed.waivers.or(file.waivers),
            checks: if typed.checks.is_empty() { file.checks.0 } else { typed.checks },
            fail_on: typed.fail_on.or(file.fail_on),
            branding: branding(file.branding),
            providers,
            sources: file.source,
            named_formats: typed.named_formats,
            file: found.map(|found| found.path),
            notes,
        })
    }

    /// The policy that a run would use: the one named, else that of the settings file in the working folder, else baseline.
    ///
    /// # Errors
    /// If the settings file cannot be used.
    pub fn policy_name(named: Option<&str>, working_folder: &Path) -> Result<String, SettingsError> {
        if let Some(name) = named {
            return Ok(name.to_owned());
        }
        let path = working_folder.join(FILE_NAME);
        let stated = if path.is_file() { SettingsFile::read(&path)?.policy } else { None };
        Ok(stated.unwrap_or_else(|| DEFAULT_POLICY.to_owned()))
    }

    /// The folders with checks of the user's own that a run would use: those named, else those of the settings file in the working
    /// folder.
    ///
    /// # Errors
    /// If the settings file cannot be used.
    pub fn own_checks(named: &[PathBuf], working_folder: &Path) -> Result<Vec<PathBuf>, SettingsError> {
        let path = working_folder.join(FILE_NAME);
        if !named.is_empty() || !path.is_file() {
            return Ok(named.to_vec());
        }
        Ok(SettingsFile::read(&path)?.checks.0)
    }

    /// The database that a run would use: the one named, else that of the settings file in the working folder, else the usual one.
    ///
    /// # Errors
    /// If the settings file cannot be used.
    pub fn database_near(named: Option<&Path>, working_folder: &Path) -> Result<PathBuf, SettingsError> {
        if let Some(path) = named {
            return Ok(path.to_owned());
        }
        let path = working_folder.join(FILE_NAME);
        let stated = if path.is_file() { SettingsFile::read(&path)?.db } else { None };
        Ok(stated.unwrap_or_else(|| PathBuf::from(DATABASE)))
    }

    /// What is known of providers: what comes with the program and what the user adds.
    ///
    /// # Errors
    /// If an entry cannot be used; one of a settings file was refused when the file was read.
    pub fn registry(&self) -> Result<Registry, SettingsError> {
        registry_with(&self.providers)
    }

    /// What is known of providers where nothing but the settings file of the working folder is at hand.
    ///
    /// # Errors
    /// If the settings file cannot be used.
    pub fn registry_near(working_folder: &Path) -> Result<Registry, SettingsError> {
        let path = working_folder.join(FILE_NAME);
        let providers = if path.is_file() { SettingsFile::read(&path)?.providers() } else { Vec::new() };
        registry_with(&providers)
    }

    /// What changes how inputs are read or judged, in canonical form, for the id of the run (decisions, 4). Paths count by the
    /// name of the file, so that moving an inventory does not make another run of it.
    pub fn decisive(&self) -> String {
        let file_name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let register = |register: &RegisterSettings| (register.complete, register.includes_leavers, register.aliases.clone());
        let named: Vec<_> = self.named_formats.iter().map(|(path, format)| (file_name(path), format)).collect();
        let accounts: Vec<String> = self.accounts.iter().map(|account| format!("{account:?}")).collect();
        let providers: Vec<String> = self.providers.iter().map(|provider| format!("{provider:?}")).collect();
        serde_json::json!({
            "people": register(&self.people),
            "accounts": [register(&self.account_register)],
            "purposes": register(&self.purposes),
            "account": accounts,
            "purpose": self.declared_purposes,
            "provider": providers,
            "source": self.sources,
            "formats": named,
            "fail_on": self.fail_on.map(|fail_on| format!("{fail_on:?}")),
        })
        .to_string()
    }

    /// The first `[[source]]` about a file. Its `path` is compared with the file's path below the folder of the settings file,
    /// and with its name in the inventory; so it holds wherever the run is started.
    pub fn source_about(&self, name: &str, path: Option<&Path>) -> Option<&SourceSettings> {
        let folder = self.file.as_ref().and_then(|file| file.parent());
        source_about(&self.sources, folder, name, path)
    }

    /// The `[[source]]` about a file that is looked at by itself: from the settings file in the working folder, else beside it.
    ///
    /// # Errors
    /// If the settings file cannot be used.
    pub fn source_near(working_folder: &Path, name: &str, path: &Path) -> Result<Option<SourceSettings>, SettingsError> {
        let beside = path.parent().unwrap_or(Path::new(""));
        let Some(folder) = [working_folder, beside].into_iter().find(|folder| folder.join(FILE_NAME).is_file()) else {
            return Ok(None);
        };
        let file = SettingsFile::read(&folder.join(FILE_NAME))?;
        Ok(source_about(&file.source, Some(folder), name, Some(path)).cloned())
    }

    /// Files that belong to the run's settings, so that an inventory folder that holds them does not report them as
    /// unrecognised.
    pub fn own_files(&self) -> impl Iterator<Item = &Path> {
        self.file.iter().chain(&self.waivers).chain([&self.database]).map(PathBuf::as_path)
    }
}

/// `SOURCE_DATE_EPOCH`, the only setting that comes from the environment.
#[expect(clippy::disallowed_methods, reason = "the one place that looks at the environment")]
pub fn source_date_epoch() -> Option<String> {
    std::env::var("SOURCE_DATE_EPOCH").ok()
}

fn registry_with(providers: &[ProviderEntry]) -> Result<Registry, SettingsError> {
    let mut registry = Registry::built_in().clone();
    registry.extend(providers)?;
    Ok(registry)
}

fn source_about<'a>(
    sources: &'a [SourceSettings],
    folder: Option<&Path>,
    name: &str,
    path: Option<&Path>,
) -> Option<&'a SourceSettings> {
    let absolute = |path: &Path| std::path::absolute(if path.as_os_str().is_empty() { Path::new(".") } else { path }).ok();
    let below = || absolute(path?)?.strip_prefix(absolute(folder?)?).ok()?.to_str().map(|below| below.replace('\\', "/"));
    let below = below();
    sources.iter().find(|source| source.matches(name) || below.as_deref().is_some_and(|below| source.matches(below)))
}

struct Found {
    path: PathBuf,
    from_inventory: bool,
}

fn find(typed: &Typed, working_folder: &Path) -> Option<Found> {
    if let Some(path) = &typed.config {
        return Some(Found { path: path.clone(), from_inventory: false });
    }
    let here = working_folder.join(FILE_NAME);
    if here.is_file() {
        return Some(Found { path: here, from_inventory: false });
    }
    let mut folders = typed.inventories.iter().filter(|path| path.is_dir());
    match (folders.next(), folders.next()) {
        (Some(folder), None) => {
            let path = folder.join(FILE_NAME);
            path.is_file().then_some(Found { path, from_inventory: true })
        }
        _ => None,
    }
}

fn branding(table: BrandingTable) -> Branding {
    let BrandingTable { organisation, classification, prepared_by, page, language } = table;
    let page = match page {
        Some(file::Page::Letter) => PageSize::Letter,
        Some(file::Page::A4) | None => PageSize::A4,
    };
    Branding { organisation, classification, prepared_by, page, language: language.unwrap_or_else(|| "en".to_owned()) }
}

#[cfg(test)]
mod tests;
