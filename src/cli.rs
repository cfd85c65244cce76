//! What can be typed. The doc comments are the help.

use crate::as_of::{self, Period};
use crate::console::Color;
use crate::settings::{FailOn, OutputFormat, Settings, SettingsError, Typed, source_date_epoch};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};

/// Shown at the end of every `--help`.
const EXIT_CODES: &str = "\
Exit codes:
  0  clean: every check ran, and nothing meets the fail condition
  1  findings: results meet the fail condition
  2  wrong usage, settings, policy or waiver file
  3  not enough evidence: no tokens, coverage below the minimum, or an incomplete source
  4  the run failed; existing reports are untouched";

/// Audits inventories of API and access tokens and writes the compliance report
///
/// Reads the token inventories that providers export, checks each token against a policy, and writes HTML, PDF and JSON
/// reports with the evidence. Works offline; never needs, stores or prints the value of a token.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = EXIT_CODES, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub manner: Manner,
    #[command(subcommand)]
    pub command: Command,
}

/// How a command talks.
#[derive(Debug, Args)]
pub struct Manner {
    /// Say nothing unless something is wrong
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_parser = color())]
    pub color: Color,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Audit(Box<AuditArgs>),
    Checks(ChecksArgs),
    Explain(ExplainArgs),
    Formats(FormatsArgs),
    Inspect(InspectArgs),
    Policy(PolicyArgs),
    Init(InitArgs),
    Demo(DemoArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Read inventories, check every token, and write the report
///
/// Settings come from `countersign.toml` in the working folder, or the file named with --config; flags win. A
/// `countersign.toml` in the one inventory folder named gives facts about its files, and nothing else.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = EXIT_CODES)]
pub struct AuditArgs {
    /// Files and folders to read; `-` is standard input
    #[arg(value_name = "INVENTORY")]
    pub inventories: Vec<PathBuf>,
    /// A built-in policy (baseline, strict, impact-com) or a policy file [default: baseline]
    #[arg(long, value_name = "NAME|FILE")]
    pub policy: Option<String>,
    /// Measure all ages to this instant, for example 2026-10-01T00:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub as_of: Option<i64>,
    /// Report on 2026, 2026-Q3, 2026-09 or 2026-07-01..2026-09-30, as of its end
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    pub period: Option<Period>,
    /// Database that keeps the evidence [default: countersign.db]
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// Folder for the reports [default: report]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What to write [default: html,pdf,json]
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = output_format())]
    pub format: Vec<OutputFormat>,
    /// Format of a file that is not recognised by itself; `countersign formats` lists the ids
    #[arg(long, value_name = "PATH=ID", value_parser = named_format)]
    pub source_format: Vec<(PathBuf, String)>,
    /// People register, for owners and holders who have left
    #[arg(long, value_name = "FILE")]
    pub people: Vec<PathBuf>,
    /// Account register, for the contacts of provider accounts
    #[arg(long, value_name = "FILE")]
    pub accounts: Vec<PathBuf>,
    /// Purpose register, for the scopes that a purpose needs
    #[arg(long, value_name = "FILE")]
    pub purposes: Vec<PathBuf>,
    /// Waivers in force
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
    /// Folder with checks of your own, AREA/NAME.sql; may be given several times
    #[arg(long, value_name = "DIR")]
    pub checks: Vec<PathBuf>,
    /// End with exit code 1 for a fail of this severity or a higher one, in place of the policy's condition
    #[arg(long, value_name = "SEVERITY|never", value_parser = fail_on())]
    pub fail_on: Option<FailOn>,
    /// Settings file, in place of `countersign.toml` in the working folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl AuditArgs {
    /// The settings of a run: what was typed, joined with the settings file, measured at one instant.
    ///
    /// # Errors
    /// See [`Settings::resolve`].
    pub fn settings(&self) -> Result<Settings, SettingsError> {
        let typed = Typed {
            inventories: self.inventories.clone(),
            policy: self.policy.clone(),
            as_of: self.as_of,
            period: self.period.clone(),
            database: self.db.clone(),
            out: self.out.clone(),
            formats: self.format.clone(),
            people: self.people.clone(),
            accounts: self.accounts.clone(),
            purposes: self.purposes.clone(),
            waivers: self.waivers.clone(),
            checks: self.checks.clone(),
            fail_on: self.fail_on,
            named_formats: self.source_format.clone(),
            config: self.config.clone(),
        };
        Settings::resolve(typed, Path::new(""), source_date_epoch().as_deref(), as_of::clock)
    }
}

/// List the checks of a policy
#[derive(Debug, Args)]
pub struct ChecksArgs {
    /// A built-in policy or a policy file [default: the one of countersign.toml, else baseline]
    #[arg(long, value_name = "NAME|FILE")]
    pub policy: Option<String>,
    /// Folder with checks of your own, AREA/NAME.sql; may be given several times
    #[arg(long, value_name = "DIR")]
    pub checks: Vec<PathBuf>,
    /// Describe every check in full, as a page of Markdown
    #[arg(long)]
    pub markdown: bool,
}

/// Show one check in full: rule, limits in force, remedy, controls, query
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Id or name, for example ROT-001 or rotation-age
    #[arg(value_name = "CHECK")]
    pub check: String,
    /// The policy whose limits are shown [default: the one of countersign.toml, else baseline]
    #[arg(long, value_name = "NAME|FILE")]
    pub policy: Option<String>,
    /// Folder with checks of your own, AREA/NAME.sql; may be given several times
    #[arg(long, value_name = "DIR")]
    pub checks: Vec<PathBuf>,
    /// Print the query of a stored run as it was decided by, to paste into the sqlite3 shell on the database
    #[arg(long)]
    pub sql: bool,
    /// Number or id of the run [default: the latest]
    #[arg(long, value_name = "N", requires = "sql")]
    pub run: Option<String>,
    /// Database that holds the run [default: the one of countersign.toml, else countersign.db]
    #[arg(long, visible_alias = "database", value_name = "FILE", requires = "sql")]
    pub db: Option<PathBuf>,
}

/// List the formats that are recognised, and the fields of a token
///
/// With a format's id: how to export such a file, how it is recognised, and which fields it fills. With --providers: what is
/// known of the services that issue tokens, `[[provider]]` of the countersign.toml here included.
#[derive(Debug, Args)]
pub struct FormatsArgs {
    /// Id of a format; with --providers, of a provider
    #[arg(value_name = "ID")]
    pub id: Option<String>,

    /// List the providers and what is known of them
    #[arg(long)]
    pub providers: bool,
}

/// Show how a file is recognised, which fields it fills, and its first records
///
/// For a table that no format recognises: a column mapping to paste into countersign.toml.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// Files, folders, ZIP archives, or `-` for standard input; several are shown one after the other
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Id of a format, for files that are not recognised by themselves
    #[arg(long, value_name = "ID")]
    pub format: Option<String>,
    /// Read dates as seen from this instant
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub as_of: Option<i64>,
}

/// Show the policy in force, or validate a policy file
#[derive(Debug, Args)]
pub struct PolicyArgs {
    #[command(subcommand)]
    pub action: PolicyAction,
}

#[derive(Debug, Subcommand)]
pub enum PolicyAction {
    /// Print the checks, limits and fail condition in force, after overrides
    Show(PolicyName),
    /// Say whether a policy can be used, and what is wrong with it, by line and column
    Validate(PolicyName),
}

#[derive(Debug, Args)]
pub struct PolicyName {
    /// A built-in policy or a policy file [default: the one of countersign.toml, else baseline]
    #[arg(value_name = "NAME|FILE")]
    pub policy: Option<String>,
    /// Folder with checks of your own, AREA/NAME.sql; may be given several times
    #[arg(long, value_name = "DIR")]
    pub checks: Vec<PathBuf>,
}

/// Write a commented countersign.toml, a token sheet to fill in, and a waiver file
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder to write to; created if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Replace files that are there already
    #[arg(long)]
    pub force: bool,
}

/// Write a realistic sample inventory of any size
///
/// A token sheet, two exports of providers that describe part of the same tokens, a people roster and a settings file. The
/// same number and seed always give the same files.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// How many tokens
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub tokens: u64,
    /// Folder to write to; created if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Another seed gives another organisation
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Replace files that are there already
    #[arg(long)]
    pub force: bool,
}

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    pub shell: clap_complete::Shell,
}

/// Print the manual page
#[derive(Debug, Args)]
pub struct ManArgs {}

fn color() -> impl TypedValueParser<Value = Color> {
    PossibleValuesParser::new(["auto", "always", "never"]).map(|word| match word.as_str() {
        "always" => Color::Always,
        "never" => Color::Never,
        _ => Color::Auto,
    })
}

fn output_format() -> impl TypedValueParser<Value = OutputFormat> {
    PossibleValuesParser::new(OutputFormat::ALL.map(OutputFormat::word))
        .try_map(|word| OutputFormat::parse(&word).ok_or(UnknownWord))
}

fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    PossibleValuesParser::new(["critical", "high", "medium", "low", "never"])
        .try_map(|word| FailOn::parse(&word).ok_or(UnknownWord))
}

/// A word that the list of possible values let through; cannot happen while both lists are the same.
#[derive(Debug, thiserror::Error)]
#[error("unknown word")]
struct UnknownWord;

fn instant(text: &str) -> Result<i64, String> {
    as_of::parse_instant(text).map_err(|error| with_hint(&error))
}

fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).map_err(|error| with_hint(&error))
}

fn with_hint(error: &as_of::AsOfError) -> String {
    error.hint().map_or_else(|| error.to_string(), |hint| format!("{error}; {hint}"))
}

fn named_format(text: &str) -> Result<(PathBuf, String), String> {
    match text.rsplit_once('=') {
        Some((path, id)) if !path.is_empty() && !id.is_empty() => Ok((PathBuf::from(path), id.to_owned())),
        _ => Err("write PATH=ID, for example exports/tokens.json=gitlab-tokens".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[derive(Debug, Parser)]
    struct Audit {
        #[command(flatten)]
        args: AuditArgs,
    }

    fn audit(line: &str) -> Result<AuditArgs, clap::Error> {
        Audit::try_parse_from(std::iter::once("audit").chain(line.split(' '))).map(|parsed| parsed.args)
    }

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
        Audit::command().debug_assert();
    }

    #[test]
    fn the_words_of_audit_are_read() {
        let args = audit(
            "exports - --as-of 2026-10-01 --period 2026-Q3 --format csv,json --format pdf --fail-on high \
             --source-format a=b.json=gitlab-tokens --people p.csv --people q.csv",
        )
        .unwrap();
        assert_eq!(args.inventories, [PathBuf::from("exports"), PathBuf::from("-")]);
        assert_eq!(args.as_of, args.period.as_ref().map(|period| period.to));
        assert_eq!(args.format, [OutputFormat::Csv, OutputFormat::Json, OutputFormat::Pdf]);
        assert_eq!(args.source_format, [(PathBuf::from("a=b.json"), "gitlab-tokens".to_owned())]);
        assert_eq!((args.fail_on, args.people.len()), (Some(FailOn::parse("high").unwrap()), 2));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in
            ["--as-of soon", "--period 2026-Q5", "--format doc", "--fail-on often", "--source-format x.json", "--no-such-flag"]
        {
            assert!(audit(line).is_err(), "{line}");
        }
    }
}
