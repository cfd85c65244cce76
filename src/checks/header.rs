//! A check file: everything about a check stands in the TOML header of its SQL.
//!
//! Area and name of a check are its path, so they are written once. Unknown keys are errors with their line. The one CASE that
//! decides writes result and reason as one text, such as `'fail too-old'`; what it can say is therefore read from the SQL and
//! compared with the reasons that the header explains.

use super::parameter::{Boundary, Parameter, ParameterValue, Setting, Stricter, Type, Unit};
use super::result::{ResultWord, Severity};
use super::sentence::Sentence;
use crate::policy::{frameworks, lists};
use crate::toml_reader::{Entry, Section, TomlError, TomlFile};
use regex::Regex;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
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
        let Some((header, select)) = body else {
            return Err(whole.error_at(0, format!("a check begins with its header between `{OPENING}` and `{CLOSING}`")));
        };
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
        let parameters = parameters(&mut top)?;
        let required_text = required(&mut top, "required")?;
        let check = Check {
            area: area.to_owned(),
            name: name.to_owned(),
            title,
            severity,
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
        check.compare_with(select).map_err(|message| whole.error_at(0, message))?;
        Ok(check)
    }

    /// The declared parameters against those of the SELECT, and the declared reasons against what it can say.
    fn compare_with(&self, select: &str) -> Result<(), String> {
        let select = without_comments(select);
        let read = parameters_of(&select);
        let bound: BTreeSet<String> = self.bound_parameters().map(|parameter| parameter.name.clone()).collect();
        if let Some(name) = read.difference(&bound).next() {
            return Err(format!("the SQL reads `:{name}`, which the header does not declare as a parameter to bind"));
        }
        if let Some(name) = bound.difference(&read).next() {
            return Err(format!("the parameter `{name}` is declared, and the SQL does not read `:{name}`"));
        }
        for parameter in self.parameters.iter().filter(|parameter| parameter.per_token) {
            if !select.contains("parameter_value") || !select.contains(&format!("'{}'", parameter.name)) {
                return Err(format!(
                    "`{}` may change per token, and the SQL does not read it from `parameter_value`",
                    parameter.name
                ));
            }
        }
        let said = outcomes_of(&select);
        if said.is_empty() && self.reasons.is_empty() {
            // a user's own check that decides in another way: its reasons are shown as codes
            return Ok(());
        }
        let explained: BTreeSet<(String, String)> =
            self.reasons.iter().map(|reason| (reason.result.word().to_owned(), reason.code.clone())).collect();
        if let Some((result, code)) = said.difference(&explained).next() {
            return Err(format!("the SQL can say '{result} {code}': explain it under [reasons.{result}]"));
        }
        if let Some((result, code)) = explained.difference(&said).next() {
            return Err(format!("[reasons.{result}] explains `{code}`, which the SQL never says"));
        }
        Ok(())
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
            Some(reason) => {
                reason.sentence.fill(&|name| if name == "as_of" { Some(Json::from(as_of)) } else { evidence.get(name).cloned() })
            }
        }
    }

    /// What the policy asks for, in a sentence. The limit of the token, where the evidence has one, goes before the plain value.
    pub fn requirement(&self, evidence: &BTreeMap<String, Json>, parameters: &BTreeMap<String, Json>) -> String {
        self.required.fill(&|name| {
            let per_token = self.parameter(name).is_some_and(|parameter| parameter.per_token);
            let limit = if per_token { evidence.get("limit_value") } else { None };
            limit.or_else(|| parameters.get(name)).cloned()
        })
    }
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

fn parameters(top: &mut Section<'_>) -> Result<Vec<Parameter>, TomlError> {
    let Some(mut section) = top.section("parameters")? else { return Ok(Vec::new()) };
    section.entries().into_iter().map(parameter).collect()
}

fn parameter(entry: Entry<'_>) -> Result<Parameter, TomlError> {
    let name = entry.name.value.clone();
    let mut section = entry.section()?;
    let (file, offset) = (section.file(), section.offset());
    let error = |message: String| file.error_at(offset, format!("parameter `{name}`: {message}"));

    let word = |section: &mut Section<'_>, key| section.text(key).map(|text| text.map(|text| text.value));
    let kind = match word(&mut section, "type")?.as_deref() {
        Some("number") => Type::Number,
        Some("word") => Type::Word,
        Some("words") => Type::Words,
        Some("flag") => Type::Flag,
        Some("date") => Type::Date,
        _ => return Err(error("`type` must be number, word, words, flag or date".to_owned())),
    };
    let unit = match word(&mut section, "unit")? {
        None => None,
        Some(text) => Some(Unit::parse(&text).ok_or_else(|| error(format!("`unit` must be days or hours, and is `{text}`")))?),
    };
    let boundary = match word(&mut section, "boundary")? {
        None => None,
        Some(text) => {
            Some(Boundary::parse(&text).ok_or_else(|| error(format!("`boundary` must be over or reached, and is `{text}`")))?)
        }
    };
    let stricter = match word(&mut section, "stricter")?.as_deref() {
        None => None,
        Some("lower") => Some(Stricter::Lower),
        Some("higher") => Some(Stricter::Higher),
        Some(other) => return Err(error(format!("`stricter` must be lower or higher, and is `{other}`"))),
    };
    let list = section.text("list")?;
    let default = match (section.entry("default")?, &list) {
        (Some(entry), None) => value(&entry, kind)?,
        (None, Some(list)) => match lists::built_in().get(&list.value) {
            Some(words) => ParameterValue::Words(words.clone()),
            None => {
                return Err(file.unknown_at(list.offset, "list", &list.value, lists::built_in().keys().map(String::as_str)));
            }
        },
        _ => return Err(error("one of `default` and `list` is needed".to_owned())),
    };
    let parameter = Parameter {
        help: required(&mut section, "help")?,
        kind,
        default: Setting { value: default, boundary },
        unit,
        stricter,
        per_token: section.flag("per_token")?.unwrap_or(false),
        list: list.map(|list| list.value),
        choices: texts(&mut section, "choices")?,
        name: name.clone(),
    };
    section.finish()?;
    if kind != Type::Number && (boundary.is_some() || unit.is_some()) {
        return Err(error("only a number has a unit and a boundary".to_owned()));
    }
    if parameter.per_token && (kind != Type::Number || boundary.is_none() || stricter.is_none()) {
        return Err(error("a parameter that may change per token is a number with `boundary` and `stricter`".to_owned()));
    }
    Ok(parameter)
}

/// The value of an entry, if it is of the parameter's type.
pub fn value(entry: &Entry<'_>, kind: Type) -> Result<ParameterValue, TomlError> {
    let value = match kind {
        Type::Number => entry.whole().filter(|number| *number >= 0).map(ParameterValue::Number),
        Type::Word => entry.text().map(|text| ParameterValue::Word(text.to_owned())),
        Type::Words => entry.words().map(|words| ParameterValue::Words(words.into_iter().map(|word| word.value).collect())),
        Type::Flag => entry.flag().map(ParameterValue::Flag),
        Type::Date => entry
            .date()
            .or_else(|| entry.text().map(str::to_owned))
            .filter(|text| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok())
            .map(ParameterValue::Date),
    };
    value.ok_or_else(|| entry.wrong(kind.expected()))
}

/// The SQL without its comments, so that words in them count for nothing.
fn without_comments(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    for line in sql.lines() {
        // no literal of a check holds two hyphens
        text.push_str(line.split("--").next().unwrap_or_default());
        text.push('\n');
    }
    text
}

/// Names that the SQL reads as `:name`, apart from `:as_of`, which is bound always.
fn parameters_of(sql: &str) -> BTreeSet<String> {
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("'[^']*'|:([a-z_][a-z0-9_]*)").ok());
    let Some(form) = NAME.as_ref() else { return BTreeSet::new() };
    let names = form.captures_iter(sql).filter_map(|captures| captures.get(1));
    names.map(|name| name.as_str().to_owned()).filter(|name| name != "as_of").collect()
}

/// Pairs of result and reason that stand in the SQL as one text.
fn outcomes_of(sql: &str) -> BTreeSet<(String, String)> {
    static OUTCOME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("'(pass|fail|unknown|not-applicable) ([a-z0-9-]+)'").ok());
    let Some(form) = OUTCOME.as_ref() else { return BTreeSet::new() };
    let pair = |captures: regex::Captures<'_>| Some((captures.get(1)?.as_str().to_owned(), captures.get(2)?.as_str().to_owned()));
    form.captures_iter(sql).filter_map(pair).collect()
}
