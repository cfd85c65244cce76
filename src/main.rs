//! The `countersign` binary: parse, run, exit code.

use clap::Parser;
use countersign::cli::Cli;
use countersign::commands;
use countersign::console::Console;
use countersign::exit::ExitStatus;

fn main() -> ExitStatus {
    let Cli { manner, command } = Cli::parse();
    let console = Console::new(manner.color, manner.quiet);
    let outcome = commands::run(&command, &console);
    if let Err(error) = &outcome {
        console.error(error);
    }
    ExitStatus::of(&outcome)
}
