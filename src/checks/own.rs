//! The checks that users bring: files `NAME.sql` or `AREA/NAME.sql` of a folder, with the same header and contract as ours.
//!
//! Their authors are not trusted further than their results: a text is tried on an empty store before anything is read, may look at
//! nothing but the run that it judges, and is stopped when it does not end (see [`crate::store::Confined`]). Every mistake names file,
//! line and column.

use super::catalog::{self, Catalog};
use super::header::Check;
use super::runner;
use super::sql_text::{self, Kind, Token};
use crate::store::{CheckSqlError, Confined, Relations, StoreError};
use crate::toml_reader::{TomlError, TomlFile};
use std::io;
use std::path::{Path, PathBuf};

/// Area of a check that lies directly in the folder.
pub const AREA: &str = "own";

/// Largest file that is read, in bytes; a check is a page or two.
const LARGEST: u64 = 1 << 20;

/// Why the user's own checks cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OwnCheckError {
    #[error(transparent)]
    File(#[from] TomlError),
    #[error("cannot read the folder `{}`", path.display())]
    Folder { path: PathBuf, source: io::Error },
    /// Neither a check nor a folder of checks.
    #[error("`{}` {problem}", path.display())]
    Misplaced { path: PathBuf, problem: &'static str },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OwnCheckError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            OwnCheckError::File(error) => error.hint(),
            OwnCheckError::Folder { .. } => Some("name a folder that holds checks".to_owned()),
            OwnCheckError::Misplaced { .. } => Some(
                "a check is a file NAME.sql or AREA/NAME.sql of the folder; names are words in small letters with hyphens"
                    .to_owned(),
            ),
            OwnCheckError::Store(_) => None,
        }
    }
}

/// A file of a folder of checks.
struct Found {
    /// `AREA/NAME.sql`.
    place: String,
    path: PathBuf,
}

/// The checks of this program and those of the folders.
///
/// # Errors
/// The first mistake, in the order of folders and names.
pub fn catalog(folders: &[PathBuf]) -> Result<Catalog, OwnCheckError> {
    let mut catalog = catalog::built_in().clone();
    if folders.is_empty() {
        return Ok(catalog);
    }
    let trial = Confined::on_nothing()?;
    for folder in folders {
        for Found { place, path } in find(folder)? {
            let file = read(&path)?;
            let shown = path.display().to_string();
            let check = Check::parse(&place, &shown, file.text())?;
            accept(&check, &file, &catalog, &trial)?;
            catalog.add(check);
        }
    }
    Ok(catalog)
}

/// The files of a folder, sorted; hidden files and those that are no SQL are none of ours.
fn find(folder: &Path) -> Result<Vec<Found>, OwnCheckError> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            let area = word(path.file_name());
            for inner in entries(&path)? {
                if inner.is_dir() {
                    return Err(OwnCheckError::Misplaced { path: inner, problem: "lies too deep" });
                }
                found.extend(file(area.as_deref(), inner)?);
            }
        } else {
            found.extend(file(Some(AREA), path)?);
        }
    }
    if found.is_empty() {
        return Err(OwnCheckError::Misplaced { path: folder.to_owned(), problem: "holds no check" });
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, OwnCheckError> {
    let failed = |source| OwnCheckError::Folder { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn file(area: Option<&str>, path: PathBuf) -> Result<Option<Found>, OwnCheckError> {
    if path.extension().is_none_or(|end| end != "sql") {
        return Ok(None);
    }
    match (area, word(path.file_stem())) {
        (Some(area), Some(name)) => Ok(Some(Found { place: format!("{area}/{name}.sql"), path })),
        _ => Err(OwnCheckError::Misplaced { path, problem: "does not have the name of a check" }),
    }
}

/// The name, if it is one that a check may have.
fn word(name: Option<&std::ffi::OsStr>) -> Option<String> {
    let name = name?.to_str()?;
    let letters = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    (letters && name.starts_with(|letter: char| letter.is_ascii_lowercase())).then(|| name.to_owned())
}

/// Reads a file; what it holds goes to terminals and reports, so no character of it may act unseen.
fn read(path: &Path) -> Result<TomlFile, OwnCheckError> {
    if path.metadata().is_ok_and(|facts| facts.len() > LARGEST) {
        return Err(OwnCheckError::Misplaced { path: path.to_owned(), problem: "is too large for a check" });
    }
    let file = TomlFile::read(path)?;
    let unseen = |letter: char| {
        (letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    match file.text().char_indices().find(|(_, letter)| unseen(*letter)) {
        None => Ok(file),
        Some((at, letter)) => {
            Err(file.error_at(at, format!("the character U+{:04X} acts unseen: leave it out", u32::from(letter))).into())
        }
    }
}

/// Whether a check keeps the rules for those that users bring.
fn accept(check: &Check, file: &TomlFile, catalog: &Catalog, trial: &Confined) -> Result<(), TomlError> {
    let at = |words: &str| file.text().find(words).unwrap_or_default();
    if catalog::is_ours(&check.id) {
        let message = format!("ids that begin with {} are ours: use another prefix", catalog::PREFIXES.join(", "));
        return Err(file.error_at(at(&check.id), message));
    }
    for name in [&check.id, &check.name].into_iter().chain(&check.aliases) {
        if let Some(other) = catalog.find(name) {
            let message = format!("`{name}` is taken by the check {} {}", other.id, other.name);
            // the file's own name stands nowhere in it
            return Err(file.error_at(if *name == check.name { 0 } else { at(name) }, message));
        }
    }
    stays_inside(file, &trial.relations())?;
    let (columns, read) = trial.describe(&check.sql).map_err(|error| unusable(file, &error))?;
    // compared with the header already, except for forms that the header cannot declare
    if let Some(name) = read.iter().find(|name| name.starts_with(['?', '@', '$'])) {
        return Err(file.error_at(at(name), format!("a parameter is written `:name`, and not `{name}`")));
    }
    let select = sql_text::tokens(file.text()).first().map_or(0, |token| token.offset);
    runner::promises(&columns, check.subject).map_err(|problem| file.error_at(select, problem))
}

fn unusable(file: &TomlFile, error: &CheckSqlError) -> TomlError {
    let (message, offset) = match error {
        CheckSqlError::Sql { message, offset } => (message.clone(), *offset),
        other => (other.to_string(), None),
    };
    let tokens = sql_text::tokens(file.text());
    // SQLite tells the place of some mistakes only; of the others it names the last word that is also in the text
    let named = || {
        let mut words = message.split(|letter: char| !letter.is_alphanumeric() && letter != '_').rev();
        words.find_map(|word| tokens.iter().find(|token| token.kind != Kind::Symbol && token.name() == word.to_lowercase()))
    };
    let place = offset.or_else(|| named().or(tokens.first()).map(|token| token.offset)).unwrap_or_default();
    file.error_at(place, message)
}

/// The views of the run are what a check reads. The confined connection tells by the name of a view who reads a table, so the text
/// must not give that name to something else, nor name a table, nor reach past the views of the run to those of the file.
fn stays_inside(file: &TomlFile, relations: &Relations) -> Result<(), TomlError> {
    let tokens = sql_text::tokens(file.text());
    for (index, token) in tokens.iter().enumerate() {
        let name = token.name();
        let schema = ["main", "temp"].contains(&name.as_str()) && tokens.get(index + 1).is_some_and(|next| next.text == ".");
        let inner = token.kind != Kind::Text && (name.starts_with("sqlite_") || name.starts_with("pragma_"));
        if schema || inner || relations.hidden.contains(&name) {
            let message = format!("a check reads the views of its run and what belongs to them: leave `{}` out", token.text);
            return Err(file.error_at(token.offset, message));
        }
        if token.is("AS")
            && let Some(named) = named_query(&tokens, index).filter(|named| relations.open.contains(&named.name()))
        {
            let message = format!("`{}` is what a view is called: give the query another name", named.name());
            return Err(file.error_at(named.offset, message));
        }
    }
    Ok(())
}

/// The name before an `AS (`, `AS MATERIALIZED (` or `AS NOT MATERIALIZED (`, with or without a list of columns between.
fn named_query<'t>(tokens: &'t [Token<'t>], place: usize) -> Option<&'t Token<'t>> {
    let opening = tokens.get(place + 1..)?.iter().find(|token| !token.is("NOT") && !token.is("MATERIALIZED"))?;
    if opening.text != "(" {
        return None;
    }
    let mut before = tokens.get(..place)?.iter().rev();
    let last = before.next()?;
    if last.text != ")" {
        return Some(last);
    }
    let mut depth = 1;
    while depth > 0 {
        match before.next()?.text {
            ")" => depth += 1,
            "(" => depth -= 1,
            _ => {}
        }
    }
    before.next()
}

#[cfg(test)]
mod tests;
