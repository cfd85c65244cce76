//! `countersign completions SHELL`

use crate::cli::{Cli, CompletionsArgs};
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use clap::CommandFactory;

/// Prints the script for a shell, made from the definitions of the command line.
///
/// # Errors
/// If it cannot be written.
pub fn run(args: &CompletionsArgs, console: &Console) -> Result<ExitStatus, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "countersign", &mut script);
    console.data_bytes(&script)?;
    Ok(ExitStatus::Clean)
}
