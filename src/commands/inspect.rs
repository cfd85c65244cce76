//! `countersign inspect FILE`: how a file is read, before anything is audited.

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
use crate::inventory::input::Input;
use crate::inventory::read::{self, Source, SourceFacts};
use crate::inventory::record::State;
use crate::inventory::sight;
use crate::inventory::source_settings::SourceSettings;
use crate::inventory::{format::Sight, record::Record};
use crate::render::clean;
use crate::report::words;
use crate::settings::{Settings, source_date_epoch};
use std::fmt::Write;
use std::path::Path;
use tally::Tally;

/// Longest value that is shown, in characters.
const LONGEST: usize = 120;

/// Shows how a file is recognised, which fields it fills and its first records; for a table that no format recognises, a column
/// mapping to paste.
///
/// # Errors
/// If the file cannot be read, or no format recognises it and it is no table.
pub fn run(args: &InspectArgs, console: &Console) -> Result<ExitStatus, Error> {
    let input = Input::file(&args.file);
    let about = Settings::source_near(Path::new(""), &input.name, &args.file)?.unwrap_or_default();
    let mapping = match mapping(&about, &input) {
        Some(Err(error)) => return Err(unusable(&input, &error)),
        Some(Ok(mapping)) => Some(mapping),
        None => None,
    };
    let detected = match &mapping {
        Some((mapping, sight)) => Ok(Detected { format: mapping, sight: sight.clone() }),
        None => detect(&input, FORMATS, args.format.as_deref().or(about.format.as_deref())),
    };
    let detected = match detected {
        Ok(detected) => detected,
        Err(error @ DetectError::Unrecognised { .. }) => {
            let Some(seen) = Seen::look(&input) else { return Err(error.into()) };
            console.data(&Guard::built_in().without_tokens(&suggest(&input.name, &seen)))?;
            return Ok(ExitStatus::Clean);
        }
        Err(error) => return Err(error.into()),
    };
    let as_of = AsOf::resolve(args.as_of, None, source_date_epoch().as_deref(), as_of::clock)?;
    let context = SourceContext {
        name: input.name.clone(),
        provider: about.provider.clone(),
        account: about.account.clone(),
        owner_keys: about.owner_keys.clone(),
        environment_keys: about.environment_keys.clone(),
        as_of: as_of.seconds,
        exported_at: None,
    };
    let exported_at = about.exported_at.map(|instant| instant.0);
    let registry = Settings::registry_near(Path::new(""))?;
    let source = Source { input: &input, detected: &detected, context: &context, exported_at, registry: &registry };
    let mut tally = Tally::default();
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
    console.data(&Guard::built_in().without_tokens(&text))?;
    Ok(ExitStatus::Clean)
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
