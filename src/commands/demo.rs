//! `countersign demo`: a realistic inventory of any size, for trying out and for measuring.
//!
//! [`Organisation`] says what the token of each number is; every file is written from that, so that the files agree with each
//! other, and streamed, so that the size does not matter. Nothing random is asked of the system.

mod organisation;
mod people;
mod practice;
mod provider;
mod settings;
mod sheet;

use crate::cli::DemoArgs;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::output;
use organisation::Organisation;
use std::io::{self, Write};

/// Writes one file of the inventory.
type Writer = fn(&Organisation, &mut dyn Write) -> io::Result<()>;

/// Every file, in the order in which they are written.
const FILES: &[(&str, Writer)] = &[
    ("countersign.toml", settings::write),
    ("people.csv", people::write),
    ("gitlab-personal-access-tokens.json", provider::write_gitlab),
    ("cloudflare-user-tokens.json", provider::write_cloudflare),
    ("tokens.csv", sheet::write),
];

/// Writes the files.
///
/// # Errors
/// If a file is there already and may not be replaced, or cannot be written.
pub fn run(args: &DemoArgs, console: &Console) -> Result<ExitStatus, Error> {
    let present = FILES.iter().map(|(name, _)| args.out.join(name)).find(|path| path.symlink_metadata().is_ok());
    if let (false, Some(path)) = (args.force, present) {
        return Err(Error::Exists { path });
    }
    output::create_folder(&args.out)?;
    let organisation = Organisation::new(args.tokens, args.seed);
    let progress = console.progress("writing");
    for (name, write) in FILES {
        progress.on(name);
        output::write_file(&args.out.join(name), args.force, |out| write(&organisation, out))?;
    }
    drop(progress);
    console.note(&format!("wrote {} tokens to {}", args.tokens, args.out.display()));
    Ok(ExitStatus::Clean)
}

#[cfg(test)]
mod tests;
