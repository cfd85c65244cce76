//! `countersign inspect FILE…`: how files are read, before anything is audited.

mod tally;

use super::text::{columns, labelled};
use crate::as_of::{self, AsOf};
use crate::cli::InspectArgs;
use crate::console::Console;
use crate::error::Error;
use crate::exit::ExitStatus;
use crate::inventory::detect::{DetectError, Detected, detect};
use crate::inventory::exported_at::ExportedAt;
use crate::inventory::field::FIELDS;
use crate::inventory::format::{Role, SourceContext};
use crate::inventory::formats::FORMATS;
use crate::inventory::formats::mapping::{Mapping, MappingError, Seen, suggest};
use crate::inventory::guard::Guard;
use crate::inventory::input::{self, Input};
use crate::inventory::read::{self, Source, SourceFacts};
use crate::inventory::record::State;
use crate::inventory::registry::Registry;
use crate::inventory::sight;
use crate::inventory::source_settings::SourceSettings;
use crate::inventory::{format::Sight, record::Record};
use crate::render::clean;
use crate::report::words;
use crate::settings::{FILE_NAME, Settings, source_date_epoch};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tally::Tally;

/// Longest value that is shown, in characters.
const LONGEST: usize = 120;
/// Width of the line between two files.
const RULE: usize = 80;

/// Shows how files are recognised, which fields they fill and their first records; for a table that no format recognises, a
/// column mapping to paste. Of a folder or an archive every file is shown, the settings file excepted.
///
/// # Errors
/// If a file that was named cannot be read, or no format recognises it and it is no table; the others are shown before.
pub fn run(args: &InspectArgs, console: &Console) -> Result<ExitStatus, Error> {
    let found = input::find(&args.files)?;
    let as_of = AsOf::resolve(args.as_of, None, source_date_epoch().as_deref(), as_of::clock)?;
    let registry = Settings::registry_near(Path::new(""))?;
    let run = Run { args, as_of: as_of.seconds, registry: &registry };
    let mut refused = None;
    let mut parts = 0;
    let mut show = |text: &str| {
        parts += 1;
        let text = if parts > 1 { format!("\n{}\n{text}", "─".repeat(RULE)) } else { text.to_owned() };
        console.data(&Guard::built_in().without_tokens(&text))
    };
    for input in found.inputs.iter().filter(|input| input.named || !is_settings(input)) {
        match run.shown(input) {
            Ok(text) => show(&text)?,
            Err(error) if input.named => {
                if let Some(earlier) = refused.replace(error) {
                    show(&format!("{}\n", not_read(&earlier)))?;
                }
            }
            Err(error) => show(&format!("{}\n{}\n", clean::line(&input.name), not_read(&error)))?,
        }
    }
    for passed in &found.passed_over {
        show(&format!("{}\nnot read: {}\n", clean::line(&passed.name), clean::line(&passed.reason)))?;
    }
    refused.map_or(Ok(ExitStatus::Clean), Err)
}

/// The settings are of no interest in a folder of exports.
fn is_settings(input: &Input) -> bool {
    input.name.rsplit('/').next() == Some(FILE_NAME)
}

/// An error with everything behind it and what to do about it, where it does not end the command.
fn not_read(error: &Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    let mut text = labelled("not read", &clean::line(&causes.join(": ")));
    if let Some(hint) = error.hint() {
        text.push_str(&labelled("hint", &clean::line(&hint)));
    }
    text.trim_end().to_owned()
}

/// What is the same for all files.
struct Run<'a> {
    args: &'a InspectArgs,
    as_of: i64,
    registry: &'a Registry,
}

impl Run<'_> {
    /// The settings of a file: those of the working folder, of the folder that it is in, or of the folder that was named.
    fn about(&self, input: &Input) -> Result<SourceSettings, Error> {
        let path = input.container().unwrap_or(Path::new(""));
        let named = self.args.files.iter().filter(|argument| argument.is_dir()).map(PathBuf::as_path);
        for folder in std::iter::once(Path::new("")).chain(named) {
            if let Some(about) = Settings::source_near(folder, &input.name, path)? {
                return Ok(about);
            }
        }
        Ok(SourceSettings::default())
    }

    /// All that is shown of one file.
    fn shown(&self, input: &Input) -> Result<String, Error> {
        let about = self.about(input)?;
        let mapping = mapping(&about, input).transpose().map_err(|error| unusable(input, &error))?;
        let detected = match &mapping {
            Some((mapping, sight)) => Ok(Detected { format: mapping, sight: sight.clone() }),
            None => detect(input, FORMATS, self.args.format.as_deref().or(about.format.as_deref())),
        };
        let detected = match detected {
            Ok(detected) => detected,
            Err(error @ DetectError::Unrecognised { .. }) => {
                return Seen::look(input).map(|seen| suggest(&input.name, &seen)).ok_or_else(|| error.into());
            }
            Err(error) => return Err(error.into()),
        };
        let context = SourceContext {
            name: input.name.clone(),
            provider: about.provider.clone(),
            account: about.account.clone(),
            owner_keys: about.owner_keys.clone(),
            environment_keys: about.environment_keys.clone(),
            as_of: self.as_of,
            exported_at: None,
        };
        let exported_at = about.exported_at.map(|instant| instant.0);
        let source = Source { input, detected: &detected, context: &context, exported_at, registry: self.registry };
        let mut tally = Tally::default();
        tally.complete = about.complete.iter().map(|name| name.0).collect();
        let facts = read::read(&source, &mut tally)?;
        let mut text = format!("{}\n{}\n\n", clean::line(&facts.name), detected.format.title());
        text.push_str(&labelled("format", detected.format.id()));
        text.push_str(&labelled("recognised", detected.format.signature()));
        text.push_str(&of_source(&facts));
        text.push_str(&lists(&tally));
        if facts.role == Role::Inventory {
            text.push_str(&fields(&tally, &facts));
            text.push_str(&records(&tally, &facts));
        } else {
            text.push_str(&entries(&tally, &facts));
        }
        Ok(text)
    }
}

/// The column mapping that the settings hold for the file, with the sight it is for.
fn mapping(about: &SourceSettings, input: &Input) -> Option<Result<(Mapping, Sight), MappingError>> {
    let sight = about.is_mapping().then(|| sight::look(input).ok()?.into_iter().next())??;
    Some(Mapping::new(about, &sight).map(|mapping| (mapping, sight)))
}

fn unusable(input: &Input, error: &MappingError) -> Error {
    Error::Inventory { name: input.name.clone(), problem: error.to_string(), hint: error.hint().to_owned() }
}

fn of_source(facts: &SourceFacts) -> String {
    let exported = match facts.exported_at {
        ExportedAt::At(seconds, basis) => format!("{} (from the {})", words::instant(seconds), basis.word()),
        ExportedAt::Implausible(basis) => format!("implausible (from the {})", basis.word()),
        ExportedAt::Unknown => "not known; set exported_at under [[source]] in countersign.toml".to_owned(),
    };
    let mut text = labelled("exported", &exported);
    let declared = facts.declared.map(|declared| format!(" of {} declared", words::number(declared))).unwrap_or_default();
    text.push_str(&labelled(
        "rows",
        &format!(
            "{} read{declared}, {} rejected, {} skipped; {} records",
            words::number(facts.rows),
            words::number(facts.rejected),
            words::number(facts.skipped),
            words::number(facts.records)
        ),
    ));
    text.push_str(&labelled("paging", facts.paging.word()));
    for problem in &facts.problems {
        text.push_str(&labelled("problem", &clean::line(problem)));
    }
    text
}

/// Rows that are no records, and values that could not be used.
fn lists(tally: &Tally) -> String {
    let mut text = String::new();
    for (heading, lines) in [("Rejected rows", &tally.rejected), ("Values that cannot be used", &tally.problems)] {
        if !lines.is_empty() {
            let _infallible = writeln!(text, "\n{heading}");
            for (line, what) in lines {
                let _infallible = writeln!(text, "  line {line}: {}", shown(what));
            }
        }
    }
    for (reason, count) in &tally.skipped {
        let _infallible = writeln!(text, "\nSkipped {}: {reason}", words::number(*count));
    }
    text
}

/// How many records fill each field; the fields that the file does not state are named below.
fn fields(tally: &Tally, facts: &SourceFacts) -> String {
    let mut rows = vec![["  FIELD", "FILLED", "NONE", "EMPTY", "NOT USABLE"].map(str::to_owned).to_vec()];
    let mut missing = Vec::new();
    for spec in FIELDS {
        let count = |states: &[State]| states.iter().map(|state| tally.count(spec.field, *state)).sum::<u64>();
        if !facts.collected.contains(&spec.field) && count(&[State::Value, State::None, State::Empty]) == 0 {
            missing.push(spec.name);
            continue;
        }
        let empty = count(&[State::Empty, State::UnknownWord, State::NotCollected]);
        let unusable = count(&[State::Unreadable, State::Implausible]);
        let mut row = vec![format!("  {}", spec.name)];
        row.extend([count(&[State::Value]), count(&[State::None]), empty, unusable].map(words::number));
        rows.push(row);
    }
    format!("\nFields\n{}\n{}", columns(&rows), labelled("not collected", &missing.join(", ")))
}

fn records(tally: &Tally, facts: &SourceFacts) -> String {
    let mut text = String::new();
    for record in &tally.first {
        let _infallible = writeln!(text, "\nRecord at line {}", record.line);
        text.push_str(&columns(&values(record)));
    }
    if facts.records > tally.first.len() as u64 {
        text.push_str("\nFurther records are not shown.\n");
    }
    text
}

/// The first entries of a register, and how many of its people are still here.
fn entries(tally: &Tally, facts: &SourceFacts) -> String {
    let mut text = String::new();
    if !tally.statuses.is_empty() {
        let counts: Vec<String> =
            tally.statuses.iter().map(|(status, count)| format!("{status} {}", words::number(*count))).collect();
        text.push_str(&labelled("people", &counts.join(", ")));
    }
    for (line, parts) in &tally.entries {
        let _infallible = writeln!(text, "\nEntry at line {line}");
        let rows: Vec<Vec<String>> = parts.iter().map(|(name, value)| vec![format!("  {name}"), shown(value)]).collect();
        text.push_str(&columns(&rows));
    }
    if facts.records > tally.entries.len() as u64 {
        text.push_str("\nFurther entries are not shown.\n");
    }
    text
}

fn values(record: &Record) -> Vec<Vec<String>> {
    let filled = FIELDS.iter().filter_map(|spec| {
        let cell = record.get(spec.field);
        let text = match cell.state {
            State::NotCollected | State::Empty => return None,
            State::Value => tally::spelled(&cell.value, spec.kind),
            other => format!("({})", other.word()),
        };
        Some(vec![format!("  {}", spec.name), shown(&text)])
    });
    let tags = record.tags.iter().map(|(name, value)| vec![format!("  tags.{}", shown(name)), shown(value)]);
    filled.chain(tags).collect()
}

/// On one line, without what steers a terminal, and not longer than a reader follows.
fn shown(text: &str) -> String {
    let line = clean::line(text);
    match line.char_indices().nth(LONGEST) {
        None => line.into_owned(),
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
    }
}
