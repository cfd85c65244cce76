//! `countersign man`

use crate::cli::Cli;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use clap::CommandFactory;
use clap_mangen::Man;

/// Prints the manual page: the program, then each command in full.
///
/// # Errors
/// If it cannot be written.
pub fn run(console: &Console) -> Result<ExitStatus, Error> {
    let mut page = Vec::new();
    render(&mut page).map_err(Error::Stdout)?;
    console.data_bytes(&page)?;
    Ok(ExitStatus::Clean)
}

fn render(page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut program = Cli::command();
    // resolves the global flags into each command
    program.build();
    let commands: Vec<clap::Command> =
        program.get_subcommands().filter(|command| command.get_name() != "help").cloned().collect();
    // without a date, which would differ from build to build
    let man = Man::new(program).date("").manual("Countersign");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    for command in commands {
        let name = command.get_name().to_owned();
        let man = Man::new(command);
        page.extend_from_slice(format!(".SH \"COUNTERSIGN {}\"\n", name.to_uppercase()).as_bytes());
        man.render_description_section(page)?;
        man.render_synopsis_section(page)?;
        man.render_options_section(page)?;
    }
    Man::new(Cli::command()).render_extra_section(page)
}
