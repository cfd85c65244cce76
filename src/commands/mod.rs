//! The commands, one file each: its function, given what was typed and somewhere to say it.

pub mod audit;
pub mod checks;
pub mod completions;
pub mod demo;
pub mod explain;
pub mod formats;
pub mod init;
pub mod inspect;
pub mod man;
pub mod policy;
mod text;

use crate::cli::Command;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;

/// Runs a command.
///
/// # Errors
/// Whatever kept it from doing what was asked; [`ExitStatus::of`] turns that into an exit code.
pub fn run(command: &Command, console: &Console) -> Result<ExitStatus, Error> {
    match command {
        Command::Audit(args) => audit::run(&args.settings()?, console),
        Command::Checks(args) => checks::run(args, console),
        Command::Explain(args) => explain::run(args, console),
        Command::Formats(args) => formats::run(args, console),
        Command::Inspect(args) => inspect::run(args, console),
        Command::Policy(args) => policy::run(args, console),
        Command::Init(args) => init::run(args, console),
        Command::Demo(args) => demo::run(args, console),
        Command::Completions(args) => completions::run(args, console),
        Command::Man(_) => man::run(console),
    }
}
