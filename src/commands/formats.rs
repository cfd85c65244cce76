//! `countersign formats`

mod providers;

use super::text::{columns, labelled};
use crate::cli::FormatsArgs;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::inventory::field::FIELDS;
use crate::inventory::format::{Format, Role};
use crate::inventory::formats::{FORMATS, by_id};
use crate::nearest::did_you_mean;
use crate::settings::Settings;
use std::path::Path;

/// Lists the formats, or shows one.
///
/// # Errors
/// If there is no such format or provider, or the settings file cannot be used.
pub fn run(args: &FormatsArgs, console: &Console) -> Result<ExitStatus, Error> {
    let text = match &args.id {
        _ if args.providers => providers::text(&Settings::registry_near(Path::new(""))?, args.id.as_deref())?,
        None => list(),
        Some(id) => match by_id(id) {
            Some(format) => described(format),
            None => {
                let hint = did_you_mean(id, FORMATS.iter().map(|format| format.id()));
                return Err(Error::Unknown { what: "format", name: id.clone(), hint });
            }
        },
    };
    console.data(&text)?;
    Ok(ExitStatus::Clean)
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Inventory => "tokens",
        Role::People => "people",
        Role::Purposes => "purposes",
        Role::Accounts => "accounts",
    }
}

fn list() -> String {
    let mut formats: Vec<&dyn Format> = FORMATS.to_vec();
    formats.sort_by_key(|format| (format.role(), format.id()));
    let mut rows = vec![["ID", "HOLDS", "TITLE"].map(str::to_owned).to_vec()];
    rows.extend(
        formats.iter().map(|format| vec![format.id().to_owned(), role(format.role()).to_owned(), format.title().to_owned()]),
    );
    let fields: Vec<Vec<String>> = FIELDS.iter().map(|spec| vec![format!("  {}", spec.name), spec.help.to_owned()]).collect();
    format!(
        "{}\n`countersign formats ID` says how to export such a file. Any other CSV, JSON or NDJSON is read through `columns` in\n\
         countersign.toml; `countersign inspect FILE` proposes them.\n\nFields of a token\n{}",
        columns(&rows),
        columns(&fields)
    )
}

fn described(format: &dyn Format) -> String {
    let mut text = format!("{}\n{}\n\n", format.id(), format.title());
    text.push_str(&labelled("holds", role(format.role())));
    text.push_str(&labelled("export", format.how_to_export()));
    text.push_str(&labelled("recognised", format.signature()));
    let collected = match format.collects() {
        Some(fields) => fields.iter().map(|field| field.name()).collect::<Vec<_>>().join(", "),
        None => "whatever its columns or keys name".to_owned(),
    };
    text.push_str(&labelled("fields", &collected));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_listed_and_described() {
        let list = list();
        for format in FORMATS {
            assert!(list.contains(format.id()), "{}", format.id());
            assert!(described(*format).contains(format.title()), "{}", format.id());
        }
    }
}
