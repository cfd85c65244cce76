//! The error of a command, and how it is told: what, where, and what next.

use crate::as_of::AsOfError;
use crate::checks::own::OwnCheckError;
use crate::inventory::detect::DetectError;
use crate::inventory::input::InputError;
use crate::inventory::read::ReadError;
use crate::output::OutputError;
use crate::policy::PolicyError;
use crate::render::RenderError;
use crate::settings::SettingsError;
use crate::store::StoreError;
use crate::toml_reader::TomlError;
use std::io;
use std::path::PathBuf;

/// Why a command did not do what was asked. One variant for each stage; [`crate::exit`] gives each its exit code.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot fix the instant to judge at")]
    AsOf(#[from] AsOfError),
    #[error("cannot use the settings")]
    Settings(#[from] SettingsError),
    #[error("cannot use the checks")]
    Checks(#[from] OwnCheckError),
    #[error("cannot use the policy")]
    Policy(#[from] PolicyError),
    /// `what` is "check" or "format".
    #[error("there is no {what} `{name}`")]
    Unknown { what: &'static str, name: String, hint: Option<String> },
    #[error("cannot read the file")]
    Read(#[from] ReadError),
    #[error("cannot write the output")]
    Output(#[from] OutputError),
    #[error("cannot use the waivers")]
    Waivers(#[from] TomlError),
    #[error("cannot read an input")]
    Input(#[from] InputError),
    #[error("cannot tell what an input is")]
    Detect(#[from] DetectError),
    /// An input that was named cannot be used at all.
    #[error("cannot use `{name}`: {problem}")]
    Inventory { name: String, problem: String, hint: String },
    #[error("cannot keep the run")]
    Store(#[from] StoreError),
    #[error("cannot render the report")]
    Render(#[from] RenderError),
    #[error("cannot write to standard output")]
    Stdout(#[source] io::Error),
    #[error("`{}` is there already", path.display())]
    Exists { path: PathBuf },
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::AsOf(error) => error.hint(),
            Error::Settings(error) => error.hint(),
            Error::Checks(error) => error.hint(),
            Error::Policy(error) => error.hint(),
            Error::Unknown { hint, .. } => hint.clone(),
            Error::Output(error) => error.hint(),
            Error::Waivers(error) => error.hint(),
            Error::Inventory { hint, .. } => Some(hint.clone()),
            Error::Detect(error) => Some(error.hint()),
            Error::Store(error) => Some(error.hint().to_owned()),
            Error::Input(error) => error.hint().map(str::to_owned),
            Error::Read(_) | Error::Render(_) | Error::Stdout(_) => None,
            Error::Exists { .. } => Some("use --force to replace it, or choose another folder".to_owned()),
        }
    }
}
