//! Renderers: one per output format, each turning a finished [`crate::report::Report`] into bytes and nothing else.

pub mod clean;
#[cfg(test)]
mod contract;
pub mod csv;
pub mod html;
pub mod json;
pub mod pdf;

use crate::report::Report;
use std::io::{self, Write};

/// Turns a finished report into one file format.
pub trait Renderer: Sync {
    /// Word for `--format`.
    fn name(&self) -> &'static str;
    /// Name of the file in the output folder.
    fn file_name(&self) -> &'static str;
    /// Writes the report. The same report gives the same bytes.
    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Rendered, RenderError>;
}

/// Every output format, in the order in which they are listed.
pub const RENDERERS: &[&dyn Renderer] = &[&html::Html, &pdf::Pdf, &json::Json, &csv::Csv];

/// What a reader of the summary must know about the output.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    /// Characters that no font at hand can draw; each is shown as a visible box.
    pub missing_glyphs: u64,
}

/// Why an output could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("cannot write the output")]
    Io(#[from] io::Error),
    #[error("cannot fill the template {name}: {message}")]
    Template { name: String, message: String },
    #[error("the report holds only {held} of {total} findings, and the output needs all of them")]
    FindingsCut { held: u64, total: u64 },
    #[error("cannot make the PDF: {0}")]
    Pdf(String),
}
