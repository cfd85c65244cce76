//! Exit codes: an interface, so few, documented in `--help`, and chosen in one place.

use crate::error::Error;
use crate::inventory::input::InputError;
use std::process::{ExitCode, Termination};

/// How a command ended. The lead text of `--help` explains the numbers in the same words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ExitStatus {
    /// Every check ran, and nothing meets the fail condition.
    Clean = 0,
    /// Results meet the fail condition.
    Findings = 1,
    /// Arguments, settings, policy or waiver file are wrong.
    Usage = 2,
    /// Nothing, or too little, could be judged: no tokens, coverage below the minimum, or an incomplete source.
    NotEnough = 3,
    /// The run could not finish; no report was replaced.
    Failed = 4,
}

impl ExitStatus {
    /// The status of a command's outcome. Exhaustive, so that a new error does not compile until somebody decides.
    pub fn of(outcome: &Result<ExitStatus, Error>) -> ExitStatus {
        match outcome {
            Ok(status) => *status,
            Err(error) => match error {
                Error::AsOf(_)
                | Error::Settings(_)
                | Error::Checks(_)
                | Error::Policy(_)
                | Error::Unknown { .. }
                | Error::Waivers(_)
                | Error::Detect(_)
                | Error::Inventory { .. }
                | Error::Input(InputError::Missing(_) | InputError::NoFile(_))
                | Error::Exists { .. } => ExitStatus::Usage,
                Error::Input(_) | Error::Read(_) | Error::Output(_) | Error::Store(_) | Error::Render(_) | Error::Stdout(_) => {
                    ExitStatus::Failed
                }
            },
        }
    }
}

impl Termination for ExitStatus {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}
