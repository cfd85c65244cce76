//! `countersign init`: what somebody needs to start an inventory of their own.

use crate::cli::InitArgs;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::inventory::field::FIELDS;
use crate::output;
use std::fmt::Write;

/// Files that are written, and their text.
fn files() -> [(&'static str, String); 3] {
    let settings = include_str!("init/countersign.toml").replace("{{columns}}\n", &columns());
    [
        ("countersign.toml", settings),
        ("tokens.csv", include_str!("init/tokens.csv").to_owned()),
        ("waivers.toml", include_str!("init/waivers.toml").to_owned()),
    ]
}

/// The columns of the sheet, explained by the table of fields.
fn columns() -> String {
    let mut text = String::new();
    for spec in FIELDS {
        let _infallible = writeln!(text, "#   {:<28} {}", spec.name, spec.help);
    }
    text
}

/// Writes the files, or none of them if one is there already and may not be replaced.
///
/// # Errors
/// If a file is there already, or cannot be written.
pub fn run(args: &InitArgs, console: &Console) -> Result<ExitStatus, Error> {
    let files = files();
    if let (false, Some(path)) =
        (args.force, files.iter().map(|(name, _)| args.folder.join(name)).find(|path| path.symlink_metadata().is_ok()))
    {
        return Err(Error::Exists { path });
    }
    output::create_folder(&args.folder)?;
    for (name, text) in &files {
        let path = args.folder.join(name);
        output::write_file(&path, args.force, |out| out.write_all(text.as_bytes()))?;
        console.note(&format!("wrote {}", path.display()));
    }
    console.note("next: put provider exports beside tokens.csv, or fill in tokens.csv; then run `countersign audit` there");
    Ok(ExitStatus::Clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::target::Target;
    use crate::settings::{Settings, Typed};

    fn file(wanted: &str) -> String {
        files().into_iter().find(|(name, _)| *name == wanted).map(|(_, text)| text).unwrap()
    }

    fn resolve(text: &str) -> Result<Settings, crate::settings::SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("countersign.toml"), text).unwrap();
        Settings::resolve(Typed::default(), folder.path(), None, || 1_800_000_000)
    }

    #[test]
    fn the_settings_file_is_good_as_it_is() {
        let settings = resolve(&file("countersign.toml")).unwrap();
        assert_eq!(settings.inventories.len(), 1);
        assert_eq!(settings.policy, "baseline");
    }

    #[test]
    fn every_setting_that_is_commented_out_is_good_too() {
        // prose has a blank after the `#`, settings have none
        let text = file("countersign.toml");
        let uncommented: Vec<&str> = text
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.is_empty() && !rest.starts_with(' ')).unwrap_or(line))
            .collect();
        let settings = resolve(&uncommented.join("\n")).unwrap();
        assert_eq!(settings.sources.len(), 2);
        assert_eq!(settings.accounts.len(), 1);
        assert!(
            settings.fail_on.is_some() && settings.period.is_some() && settings.waivers.is_some() && !settings.checks.is_empty()
        );
    }

    #[test]
    fn every_column_of_the_sheet_is_known() {
        let sheet = file("tokens.csv");
        let mut lines = sheet.lines();
        let header: Vec<&str> = lines.next().unwrap().split(',').collect();
        for column in &header {
            assert!(Target::parse(column).is_some(), "{column}");
        }
        assert_eq!(lines.next().unwrap().split(',').count(), header.len());
        assert_eq!(lines.next(), None);
    }

    #[test]
    fn the_waiver_file_is_good_and_empty() {
        let table: toml::Table = file("waivers.toml").parse().unwrap();
        assert!(table.is_empty());
    }
}
