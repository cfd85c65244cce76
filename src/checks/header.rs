//! A check file: everything about a check stands in the TOML header of its SQL.
//!
//! Area and name of a check are its path, so they are written once. Unknown keys are errors with their line. The one CASE that
//! decides writes result and reason as one text, such as `'fail too-old'`; what it can say is therefore read from the SQL and
//! compared with the reasons that the header explains.

mod contract;
mod parameters;

pub use parameters::value;

use super::parameter::Parameter;
use super::result::{ResultWord, Severity, Subject};
use super::sentence::Sentence;
use crate::policy::frameworks;
use crate::toml_reader::{Section, TomlError, TomlFile};
use regex::Regex;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

const OPENING: &str = "/*---";
const CLOSING: &str = "---*/";

/// A check: what its file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// For example `ROT-001`; never reused, never given another meaning.
    pub id: String,
    /// The file's name, for example `rotation-age`.
    pub name: String,
    /// The file's folder, for example `rotation`.
    pub area: String,
    /// What holds when the check passes, as a sentence.
    pub title: String,
    pub severity: Severity,
    /// What it gives one result for each.
    pub subject: Subject,
    /// First version of the program that had it.
    pub since: String,
    /// Earlier names.
    pub aliases: Vec<String>,
    /// Why it should no longer be used.
    pub deprecated: Option<String>,
    pub controls: Vec<Control>,
    pub rationale: String,
    pub remediation: String,
    /// Fields that it reads, by their dotted names; provider facts as `fact:NAME`, registers as `register:NAME`.
    pub evidence: Vec<String>,
    /// What the policy asks for.
    pub required: Sentence,
    /// False: no waiver has an effect on it.
    pub waivable: bool,
    /// In the order of the header.
    pub parameters: Vec<Parameter>,
    /// In the order of the header.
    pub reasons: Vec<Reason>,
    /// The whole file: header, comments and the SELECT.
    pub sql: String,
}

/// A published control that a check serves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Control {
    /// For example `nist-800-53-r5`.
    pub framework: String,
    /// For example `IA-5(7)`.
    pub id: String,
    /// The check gives evidence towards a control that is about something wider or slightly different.
    pub supporting: bool,
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}{}", self.framework, if self.supporting { "~" } else { "" }, self.id)
    }
}

/// Why a check came to a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// For example `too-old`.
    pub code: String,
    /// The result it leads to.
    pub result: ResultWord,
    /// What was seen, for the owner of the token.
    pub sentence: Sentence,
}

/// Results that the SQL of a check can return.
const RESULTS: [ResultWord; 4] = [ResultWord::Fail, ResultWord::Unknown, ResultWord::Pass, ResultWord::NotApplicable];

impl Check {
    /// Reads a check file. `path` is `AREA/NAME.sql`; `shown` is the file's name in messages.
    ///
    /// # Errors
    /// The place in the file and what is wrong there.
    pub fn parse(path: &str, shown: &str, sql: &str) -> Result<Check, TomlError> {
        let whole = TomlFile::new(shown, sql);
        let place = path.strip_suffix(".sql").and_then(|path| path.rsplit_once('/'));
        let Some((area, name)) = place.map(|(area, name)| (area.rsplit('/').next().unwrap_or(area), name)) else {
            return Err(whole.error_at(0, "a check is a file AREA/NAME.sql"));
        };
        let body = sql.strip_prefix(OPENING).and_then(|rest| rest.split_once(CLOSING));
        let Some((header, _)) = body else {
            return Err(whole.error_at(0, format!("a check begins with its header between `{OPENING}` and `{CLOSING}`")));
        };
        if let Some(at) = header.find("*/") {
            return Err(whole.error_at(OPENING.len() + at, "`*/` in the header ends the comment that it stands in"));
        }
        // Blanks in the place of the opening keep every line and column of the header as in the file.
        let file = TomlFile::new(shown, format!("{}{header}", " ".repeat(OPENING.len())));
        let mut top = file.parse()?;

        let id = required(&mut top, "id")?;
        static ID: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("^[A-Z]{2,8}-[0-9]{3}$").ok());
        if !ID.as_ref().is_some_and(|form| form.is_match(&id)) {
            return Err(top.error(format!("`id` must look like `ROT-001`, and is `{id}`")));
        }
        let title = required(&mut top, "title")?;
        let severity = required(&mut top, "severity")?;
        let severity = Severity::parse(&severity)
            .ok_or_else(|| top.error(format!("`severity` must be critical, high, medium or low, and is `{severity}`")))?;
        let subject = match top.text("subject")? {
            None => Subject::Token,
            Some(word) => Subject::parse(&word.value)
                .ok_or_else(|| file.unknown_at(word.offset, "subject", &word.value, Subject::ALL.map(Subject::word)))?,
        };
        let parameters = parameters::read(&mut top)?;
        let required_text = required(&mut top, "required")?;
        let check = Check {
            area: area.to_owned(),
            name: name.to_owned(),
            title,
            severity,
            subject,
            since: required(&mut top, "since")?,
            aliases: texts(&mut top, "aliases")?,
            deprecated: top.text("deprecated")?.map(|text| text.value),
            controls: controls(&mut top)?,
            rationale: required(&mut top, "rationale")?,
            remediation: required(&mut top, "remediation")?,
            evidence: texts(&mut top, "evidence")?,
            required: sentence(&top, "required", &required_text)?,
            waivable: top.flag("waivable")?.unwrap_or(true),
            parameters,
            reasons: reasons(&mut top)?,
            sql: sql.to_owned(),
            id,
        };
        top.finish()?;
        contract::compare(&check).map_err(|problem| whole.error_at(problem.offset, problem.message))?;
        Ok(check)
    }

    /// A parameter by name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// Parameters to bind as `:name`; the others are read per token.
    pub fn bound_parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| !parameter.per_token)
    }

    /// Parameters that overrides may change from token to token.
    pub fn per_token_parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.per_token)
    }

    /// A reason by its code.
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.code == code)
    }

    /// What was seen, in a sentence. Instants in the evidence are UTC seconds or RFC 3339. A code that the header does not explain
    /// is returned as it is.
    pub fn observed(&self, code: &str, evidence: &BTreeMap<String, Json>, as_of: i64) -> String {
        match self.reason(code) {
            None => code.to_owned(),
            Some(reason) => reason.sentence.fill(&|name| match name {
                "as_of" => Some(Json::from(as_of)),
                LIMIT_FOR => limit_for(evidence),
                _ => evidence.get(name).cloned(),
            }),
        }
    }

    /// What the policy asks for, in a sentence. The limit of the token, where the evidence has one, goes before the plain value.
    pub fn requirement(&self, evidence: &BTreeMap<String, Json>, parameters: &BTreeMap<String, Json>) -> String {
        let filled = self.required.fill(&|name| {
            let per_token = self.parameter(name).is_some_and(|parameter| parameter.per_token);
            let limit = if per_token { evidence.get("limit_value") } else { None };
            limit.or_else(|| parameters.get(name)).cloned()
        });
        without_zero(filled)
    }
}

/// The place of a sentence for the tokens that a limit is meant for; none for a limit that is meant for all.
const LIMIT_FOR: &str = "limit_for";

/// The override that gave the limit, from the evidence.
fn limit_for(evidence: &BTreeMap<String, Json>) -> Option<Json> {
    let origin = evidence.get("limit_origin")?;
    (!matches!(origin.as_str()?, "default" | "profile" | "policy")).then(|| origin.clone())
}

/// A limit of nothing in words: hours are compared to the second, and days begin to count when one is whole.
fn without_zero(sentence: String) -> String {
    sentence
        .replace(" within 0 hours of a ", " at once after a ")
        .replace(" within 0 hours", " at once")
        .replace(" within 0 days", " within a day")
        .replace(" more than 0 days ago", " more than a day ago")
}

fn required(top: &mut Section<'_>, key: &'static str) -> Result<String, TomlError> {
    match top.text(key)? {
        Some(text) if !text.value.trim().is_empty() => Ok(text.value),
        _ => Err(top.error(format!("the header has no `{key}`"))),
    }
}

fn texts(top: &mut Section<'_>, key: &'static str) -> Result<Vec<String>, TomlError> {
    Ok(top.words(key)?.unwrap_or_default().into_iter().map(|word| word.value).collect())
}

fn sentence(top: &Section<'_>, key: &str, text: &str) -> Result<Sentence, TomlError> {
    Sentence::parse(text).map_err(|problem| top.error(format!("`{key}`: {problem}")))
}

fn controls(top: &mut Section<'_>) -> Result<Vec<Control>, TomlError> {
    let file = top.file();
    let mut controls = Vec::new();
    for word in top.words("controls")?.unwrap_or_default() {
        let Some((framework, id)) = word.value.split_once(':') else {
            return Err(file.error_at(word.offset, format!("a control is `framework:id`, and not `{}`", word.value)));
        };
        let (id, supporting) = id.strip_prefix('~').map_or((id, false), |id| (id, true));
        let Some(known) = frameworks::by_id(framework) else {
            return Err(file.unknown_at(word.offset, "framework", framework, frameworks::all().keys().map(String::as_str)));
        };
        if !known.controls.contains_key(id) {
            return Err(file.unknown_at(
                word.offset,
                &format!("control of {framework}"),
                id,
                known.controls.keys().map(String::as_str),
            ));
        }
        controls.push(Control { framework: framework.to_owned(), id: id.to_owned(), supporting });
    }
    Ok(controls)
}

fn reasons(top: &mut Section<'_>) -> Result<Vec<Reason>, TomlError> {
    let Some(mut section) = top.section("reasons")? else { return Ok(Vec::new()) };
    let mut reasons: Vec<Reason> = Vec::new();
    for entry in section.entries() {
        let Some(result) = RESULTS.into_iter().find(|result| result.word() == entry.name.value) else {
            return Err(entry.unknown("result", RESULTS.map(ResultWord::word)));
        };
        for entry in entry.section()?.entries() {
            let Some(text) = entry.text() else { return Err(entry.wrong("a sentence in quotes")) };
            let sentence = Sentence::parse(text).map_err(|problem| entry.file().error_at(entry.offset(), problem))?;
            let code = entry.name.value.clone();
            if reasons.iter().any(|reason| reason.code == code) {
                return Err(entry.file().error_at(entry.name.offset, format!("`{code}` stands under two results")));
            }
            reasons.push(Reason { code, result, sentence });
        }
    }
    Ok(reasons)
}
