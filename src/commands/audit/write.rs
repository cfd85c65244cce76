//! Writing the outputs: each renderer into a staged file, and all of them put in place together.

use super::facts::Reader;
use crate::error::Error;
use crate::output::OutputFolder;
use crate::render::csv::FindingRows;
use crate::render::{self, RENDERERS};
use crate::report::build;
use crate::report::input::CheckFacts;
use crate::report::{Finding, Report};
use crate::settings::{OutputFormat, Settings};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Writes what the settings ask for; the paths of the files, and how many characters had no glyph.
pub fn write(
    out: &OutputFolder,
    settings: &Settings,
    report: &Report,
    checks: &[CheckFacts],
    reader: &Reader<'_>,
) -> Result<(Vec<PathBuf>, u64), Error> {
    let wanted = |name: &str| settings.formats.iter().any(|format| format.word() == name);
    let chosen: Vec<_> = RENDERERS.iter().filter(|renderer| wanted(renderer.name())).collect();
    let names: Vec<&str> = chosen.iter().map(|renderer| renderer.file_name()).collect();
    let staging = out.stage(&names)?;
    let mut missing_glyphs = 0;
    for renderer in chosen {
        let mut file = staging.file(renderer.file_name())?;
        if renderer.name() == OutputFormat::Csv.word() {
            let mut rows = Stored { reader, checks: checks.iter().map(|check| (check.id.as_str(), check)).collect() };
            render::csv::write(&report.run, &mut rows, &mut file)?;
        } else {
            missing_glyphs += renderer.render(report, &mut file)?.missing_glyphs;
        }
        file.finish()?;
    }
    Ok((staging.commit()?, missing_glyphs))
}

/// Every finding of the store, one by one, however many there are.
struct Stored<'a> {
    reader: &'a Reader<'a>,
    checks: BTreeMap<&'a str, &'a CheckFacts>,
}

impl FindingRows for Stored<'_> {
    fn visit(&mut self, each: &mut dyn FnMut(&Finding) -> io::Result<()>) -> io::Result<()> {
        let mut written = Ok(());
        let read = self.reader.every_finding(&mut |row| {
            if written.is_ok() {
                written = each(&build::finding(row, &self.checks));
            }
        });
        written.and(read.map_err(io::Error::other))
    }
}
