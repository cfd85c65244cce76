//! The parameters that a header declares.

use super::{required, texts};
use crate::checks::parameter::{Boundary, Parameter, ParameterValue, Setting, Stricter, Type, Unit};
use crate::policy::lists;
use crate::toml_reader::{Entry, Section, TomlError};

/// Reads `[parameters]`; none if the header has no such table.
pub fn read(top: &mut Section<'_>) -> Result<Vec<Parameter>, TomlError> {
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
        Some("number-or-none") => Type::NumberOrNone,
        Some("word") => Type::Word,
        Some("words") => Type::Words,
        Some("flag") => Type::Flag,
        Some("date") => Type::Date,
        _ => return Err(error("`type` must be number, number-or-none, word, words, flag or date".to_owned())),
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
    if !matches!(kind, Type::Number | Type::NumberOrNone) && (boundary.is_some() || unit.is_some()) {
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
        Type::NumberOrNone => match entry.text() {
            Some("none") => Some(ParameterValue::None),
            _ => entry.whole().filter(|number| *number >= 0).map(ParameterValue::Number),
        },
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
