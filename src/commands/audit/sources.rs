//! Which files a run reads, and as what: found, told apart by their content, and detected before anything is written.

use super::load::causes;
use crate::console::Console;
use crate::error::Error;
use crate::inventory::detect::{self, DetectError, Detected};
use crate::inventory::format::{Format, Role, Sight};
use crate::inventory::formats::FORMATS;
use crate::inventory::formats::mapping::Mapping;
use crate::inventory::formats::registers::tables;
use crate::inventory::input::{self, Input, PassedOver};
use crate::inventory::sight;
use crate::inventory::source_settings::SourceSettings;
use crate::settings::Settings;
use crate::toml_reader::TomlFile;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file that will be read.
pub struct Planned {
    pub input: Input,
    pub sha256: String,
    /// The `[[source]]` table about it.
    pub settings: Option<SourceSettings>,
    pub format: Chosen,
    /// What was seen of the file when its format was found.
    pub sight: Sight,
}

/// The format of a file: one of the list, or the mapping of its `[[source]]` table.
pub enum Chosen {
    Listed(&'static dyn Format),
    Mapped(Box<Mapping>),
}

impl Chosen {
    pub fn format(&self) -> &dyn Format {
        match self {
            Chosen::Listed(format) => *format,
            Chosen::Mapped(mapping) => mapping.as_ref(),
        }
    }
}

impl Planned {
    /// The file's format with what was seen of the file.
    pub fn detected(&self) -> Detected<'_> {
        Detected { format: self.format.format(), sight: self.sight.clone() }
    }
}

/// Everything that a run reads, sorted by name and content.
pub struct Sources {
    pub planned: Vec<Planned>,
    /// Files of a folder that nothing recognised: name and reason. They make the run incomplete.
    pub skipped: Vec<(String, String)>,
}

impl Sources {
    /// True if there is anything to audit; registers alone are not.
    pub fn hold_inventory(&self) -> bool {
        self.planned.iter().any(|planned| planned.format.format().role() == Role::Inventory)
    }

    /// SHA-256 of every file.
    pub fn digests(&self) -> Vec<String> {
        self.planned.iter().map(|planned| planned.sha256.clone()).collect()
    }
}

/// Finds the files, passes over what was read under another name already, and detects every format.
///
/// # Errors
/// If a file that was named cannot be used.
pub fn find(settings: &Settings, console: &Console) -> Result<Sources, Error> {
    let own = OwnFiles::of(settings);
    let is_own = |input: &Input| input.container().is_some_and(|path| own.hold(path, input.named));
    let mut inventories = input::find(&settings.inventories)?;
    // The order of the arguments decides nothing, not even which of two equal files gives the name.
    inventories.inputs.sort_by(|a, b| a.name.cmp(&b.name));
    let mut wanted: Vec<(Input, Option<Role>)> = Vec::new();
    for (role, files) in [
        (Role::People, &settings.people.files),
        (Role::Accounts, &settings.account_register.files),
        (Role::Purposes, &settings.purposes.files),
    ] {
        let found = input::find(files)?;
        tell_hidden(&found.passed_over, console);
        wanted.extend(found.inputs.into_iter().map(|input| (input, Some(role))));
    }
    wanted.extend(inventories.inputs.into_iter().filter(|input| !is_own(input)).map(|input| (input, None)));
    let mut sources = Sources { planned: Vec::new(), skipped: Vec::new() };
    tell_hidden(&inventories.passed_over, console);
    for PassedOver { name, reason, .. } in inventories.passed_over.into_iter().filter(|one| one.may_hold_tokens) {
        console.warn(&format!("`{name}` is passed over: it {reason}"));
        sources.skipped.push((name, reason));
    }
    let (mut paths, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for (input, role) in wanted {
        // A register that lies in the inventory folder is found twice and meant once.
        if input.path().and_then(|path| path.canonicalize().ok()).is_some_and(|path| !paths.insert(path)) {
            continue;
        }
        // Of a packed copy the content is compared, so that it is known again beside the file that it was made of.
        let sha256 = match input.digest().and_then(|sha256| Ok((sha256, input.content_digest()?))) {
            Ok((sha256, content)) if seen.insert(content.clone()) => sha256,
            Ok(_) => {
                console.note(&format!("`{}` holds the same content as another file and is read once", input.name));
                continue;
            }
            Err(error) if !input.named && role.is_none() => {
                let reason = causes(&error);
                console.warn(&format!("`{}` is passed over: {reason}", input.name));
                sources.skipped.push((input.name.clone(), reason));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let about = settings.source_about(&input.name, input.path()).cloned();
        let input = register_tables(input, role)?;
        match choose(&input, role, about.as_ref(), settings) {
            Ok((format, sight)) => sources.planned.push(Planned { input, sha256, settings: about, format, sight }),
            Err(Error::Detect(error)) if !input.named && role.is_none() => {
                console.warn(&format!("`{}` is passed over: {error}", input.name));
                sources.skipped.push((input.name.clone(), error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
    sources.planned.sort_by(|a, b| (&a.input.name, &a.sha256).cmp(&(&b.input.name, &b.sha256)));
    Ok(sources)
}

/// Hidden files are none of the user's exports, and yet nothing is left out without a word.
fn tell_hidden(passed_over: &[PassedOver], console: &Console) {
    for PassedOver { name, reason, .. } in passed_over.iter().filter(|one| !one.may_hold_tokens) {
        console.note(&format!("`{name}` {reason}"));
    }
}

/// A register in TOML as the JSON that its format reads; any other file as it is.
fn register_tables(input: Input, role: Option<Role>) -> Result<Input, Error> {
    let is_toml = |path: &&Path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"));
    match input.path().filter(is_toml) {
        Some(path) if matches!(role, Some(Role::Purposes | Role::Accounts)) => {
            let json = tables::as_json(&TomlFile::read_uncut(path)?)?;
            Ok(Input::memory(&input.name, json))
        }
        _ => Ok(input),
    }
}

/// What a run finds in an inventory folder and knows to be its own: settings, database, earlier reports. Other TOML files are
/// settings too, of another policy or register, and no provider exports any.
struct OwnFiles {
    files: BTreeSet<PathBuf>,
    /// With checks of the user's own.
    checks: Vec<PathBuf>,
    out: Option<PathBuf>,
    database: Option<PathBuf>,
}

impl OwnFiles {
    fn of(settings: &Settings) -> OwnFiles {
        OwnFiles {
            files: settings.own_files().filter_map(|path| path.canonicalize().ok()).collect(),
            checks: settings.checks.iter().filter_map(|path| path.canonicalize().ok()).collect(),
            out: settings.out.canonicalize().ok(),
            database: settings.database.canonicalize().ok(),
        }
    }

    fn hold(&self, path: &Path, named: bool) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        let beside_database = |database: &PathBuf| {
            let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            path.parent() == database.parent() && name(&path).starts_with(&name(database))
        };
        self.files.contains(&path)
            || (!named && path.extension().is_some_and(|end| end == "toml"))
            || (!named
                && self.checks.iter().any(|folder| path.starts_with(folder) && path.extension().is_some_and(|end| end == "sql")))
            || self.out.as_ref().is_some_and(|out| path.starts_with(out))
            || self.database.as_ref().is_some_and(beside_database)
    }
}

/// The format of a file, and what was seen of it.
fn choose(
    input: &Input,
    role: Option<Role>,
    about: Option<&SourceSettings>,
    settings: &Settings,
) -> Result<(Chosen, Sight), Error> {
    if let Some(about) = about.filter(|about| about.is_mapping()) {
        return mapped(input, about);
    }
    let typed = settings.named_formats.iter().find(|(path, _)| names(path, input)).map(|(_, id)| id.as_str());
    let named = typed.or_else(|| about.and_then(|about| about.format.as_deref()));
    let formats = role.map_or_else(|| FORMATS.to_vec(), |role| detect::of_role(FORMATS, role));
    let detected = detect::detect(input, &formats, named)?;
    let id = detected.format.id();
    // The list is the one place where formats live for ever.
    let listed = FORMATS.iter().copied().find(|format| format.id() == id).ok_or_else(|| Error::Inventory {
        name: input.name.clone(),
        problem: format!("`{id}` is no format of the list"),
        hint: "`countersign formats` lists the ids".to_owned(),
    })?;
    Ok((Chosen::Listed(listed), detected.sight))
}

/// The mapping of a `[[source]]` table, fitted to what is seen of the file.
fn mapped(input: &Input, about: &SourceSettings) -> Result<(Chosen, Sight), Error> {
    let unusable = |problem: String, hint: &str| Error::Inventory { name: input.name.clone(), problem, hint: hint.to_owned() };
    let sights = sight::look(input).map_err(|source| DetectError::Unseen { name: input.name.clone(), source })?;
    let sight = sights.into_iter().next().ok_or_else(|| unusable("there is nothing to map".to_owned(), "leave the file out"))?;
    let mapping = Mapping::new(about, &sight).map_err(|error| unusable(error.to_string(), error.hint()))?;
    Ok((Chosen::Mapped(Box::new(mapping)), sight))
}

/// `--source-format PATH=ID` names a file by its path or by the name it has everywhere.
fn names(path: &Path, input: &Input) -> bool {
    input.path() == Some(path) || path.to_str() == Some(input.name.as_str())
}
