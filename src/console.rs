//! What a run says: data and the summary on standard output, everything else on standard error.
//!
//! Nothing here is needed to understand a result without colour, and whatever comes from an inventory is shown without the
//! characters that steer a terminal.

mod progress;
mod summary;

pub use progress::Progress;
pub use summary::RunSummary;

use crate::error::Error;
use crate::exit::ExitStatus;
use crate::inventory::guard::Guard;
use crate::render::clean;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::error::Error as StdError;
use std::io::{self, IsTerminal, Write};

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Where a command says what it has to say.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    quiet: bool,
    color: Color,
}

impl Console {
    /// `quiet` leaves only errors, warnings, data that was asked for, and the summary of a run that is not clean.
    pub fn new(color: Color, quiet: bool) -> Console {
        Console { quiet, color }
    }

    /// Writes data that was asked for to standard output, as it is.
    ///
    /// # Errors
    /// If it cannot be written. A reader that has seen enough (`| head`) is no error.
    pub fn data(&self, text: &str) -> Result<(), Error> {
        self.data_bytes(text.as_bytes())
    }

    /// [`Console::data`] for bytes.
    ///
    /// # Errors
    /// As for [`Console::data`].
    pub fn data_bytes(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut out = AutoStream::new(io::stdout().lock(), self.choice());
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdout(error)),
            _ => Ok(()),
        }
    }

    /// A remark, unless quiet.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.talk(&format!("{}\n", clean::line(text)));
        }
    }

    /// Something that a reader must not miss, also when quiet.
    pub fn warn(&self, text: &str) {
        self.talk(&format!("{WARNING}warning:{WARNING:#} {}\n", clean::line(text)));
    }

    /// An error with its causes and what to do about it.
    pub fn error(&self, error: &Error) {
        let mut text = format!("{ERROR}error:{ERROR:#} {}\n", clean::line(&error.to_string()));
        let mut cause = error.source();
        while let Some(inner) = cause {
            for line in inner.to_string().lines().filter(|line| !line.trim().is_empty()) {
                text.push_str(&format!("  caused by: {}\n", clean::line(line)));
            }
            cause = inner.source();
        }
        if let Some(hint) = error.hint() {
            text.push_str(&format!("  {HINT}hint:{HINT:#} {}\n", clean::line(&hint)));
        }
        self.talk(&text);
    }

    /// The few lines that every run ends with, on standard output. Quiet leaves them out of a clean run.
    ///
    /// # Errors
    /// As for [`Console::data`].
    pub fn summary(&self, summary: &RunSummary<'_>, status: ExitStatus) -> Result<(), Error> {
        if self.quiet && status == ExitStatus::Clean {
            return Ok(());
        }
        self.data(&summary.text())
    }

    /// A progress display for a stage; it shows only on a terminal.
    pub fn progress(&self, stage: &'static str) -> Progress {
        Progress::new(stage, !self.quiet && io::stderr().is_terminal())
    }

    /// Standard error that cannot be written is no reason to stop a run.
    fn talk(&self, text: &str) {
        // Names of files and folders are typed and pasted by people, and so are the texts that an error quotes.
        let text = Guard::built_in().without_tokens(text);
        let mut err = AutoStream::new(io::stderr().lock(), self.choice());
        let _nobody_to_tell = err.write_all(text.as_bytes());
    }

    fn choice(&self) -> ColorChoice {
        match self.color {
            // with Auto, anstream looks at NO_COLOR, CLICOLOR, TERM and the terminal itself
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        }
    }
}
