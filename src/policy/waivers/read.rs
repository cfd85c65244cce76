//! Reading one waiver and judging it against the rules.

use super::{ENDING_DAYS, SUBJECT_KEYS, Standing, Waiver};
use crate::checks::{Catalog, Check};
use crate::toml_reader::{Entry, Placed, Section, TomlError, TomlFile};
use chrono::{DateTime, NaiveDate, NaiveTime};
use std::collections::BTreeSet;

/// Reads the waiver that is the `number`th of its file.
pub fn read(
    mut section: Section<'_>,
    number: usize,
    catalog: &Catalog,
    max_waiver_days: i64,
    as_of: i64,
) -> Result<Waiver, TomlError> {
    let mut missing = Vec::new();
    let id = section.text("id")?.map(|id| id.value).filter(|id| !id.trim().is_empty());
    if id.is_none() {
        missing.push("id");
    }
    let named = section.text("check")?;
    let check = match &named {
        None => None,
        Some(name) => Some(find_check(section.file(), name, catalog)?),
    };
    if check.is_none() {
        missing.push("check");
    }
    let reason_code = section.text("reason_code")?;
    if let (Some(code), Some(check)) = (&reason_code, check) {
        let known = check.reasons.iter().map(|reason| reason.code.as_str());
        if !check.reasons.is_empty() && check.reason(&code.value).is_none() {
            return Err(section.file().unknown_at(code.offset, &format!("reason of {}", check.id), &code.value, known));
        }
    }
    let subject = subject(&mut section)?;
    if subject.is_empty() {
        missing.push("subject");
    }
    let mut text = |key| -> Result<String, TomlError> {
        let text = section.text(key)?.map(|text| text.value.trim().to_owned()).unwrap_or_default();
        if text.is_empty() {
            missing.push(key);
        }
        Ok(text)
    };
    let (reason, owner, approver) = (text("reason")?, text("owner")?, text("approver")?);
    let mut date = |key| -> Result<String, TomlError> {
        let date = match section.entry(key)? {
            None => String::new(),
            Some(entry) => match entry.date().or_else(|| entry.text().map(|text| text.trim().to_owned())) {
                Some(date) => date,
                None => return Err(entry.wrong("a date, YYYY-MM-DD")),
            },
        };
        if date.is_empty() {
            missing.push(key);
        }
        Ok(date)
    };
    let (approved_at, valid_through) = (date("approved_at")?, date("valid_through")?);
    let mut waiver = Waiver {
        id: id.unwrap_or_else(|| format!("(waiver {number} of the file)")),
        check: check.map(|check| check.id.clone()).unwrap_or_default(),
        subject,
        reason,
        owner,
        approver,
        approved_at,
        valid_through,
        ticket: section.text("ticket")?.map(|ticket| ticket.value),
        reason_code: reason_code.map(|code| code.value),
        covers_unknown: section.flag("covers_unknown")?.unwrap_or(false),
        standing: Standing::Active,
        end: None,
    };
    section.finish()?;
    for key in missing {
        waiver.break_rule(format!("`{key}` is missing"));
    }
    if !waiver.owner.is_empty() && waiver.owner.to_lowercase() == waiver.approver.to_lowercase() {
        waiver.break_rule("the owner alone approved it".to_owned());
    }
    if let Some(check) = check.filter(|check| !check.waivable) {
        waiver.break_rule(format!("{} cannot be waived", check.id));
    }
    judge_dates(&mut waiver, max_waiver_days, as_of);
    Ok(waiver)
}

fn judge_dates(waiver: &mut Waiver, max_waiver_days: i64, as_of: i64) {
    let begin = instant(&waiver.approved_at);
    let end = NaiveDate::parse_from_str(&waiver.valid_through, "%Y-%m-%d").ok();
    if begin.is_none() && !waiver.approved_at.is_empty() {
        waiver.break_rule(format!("`approved_at` is not a date: {}", waiver.approved_at));
    }
    if end.is_none() && !waiver.valid_through.is_empty() {
        waiver.break_rule(format!("`valid_through` is not a date: {}", waiver.valid_through));
    }
    let (Some(begin), Some(end), Some(today)) = (begin, end, DateTime::from_timestamp(as_of, 0)) else { return };
    waiver.end = Some(end);
    let days = end.signed_duration_since(begin.date_naive()).num_days();
    if days < 0 {
        waiver.break_rule("it ends before it was approved".to_owned());
    } else if days > max_waiver_days {
        waiver.break_rule(format!("it runs for {days} days, and the policy allows {max_waiver_days}"));
    }
    if matches!(waiver.standing, Standing::Invalid(_)) {
        return;
    }
    let left = end.signed_duration_since(today.date_naive()).num_days();
    waiver.standing = match left {
        _ if today < begin => Standing::NotYet,
        ..0 => Standing::Expired,
        0..=ENDING_DAYS => Standing::Ending(left),
        _ => Standing::Active,
    };
}

/// A date (its first instant, UTC), or an instant; without an offset it is UTC.
fn instant(text: &str) -> Option<DateTime<chrono::Utc>> {
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) => Some(date.and_time(NaiveTime::MIN).and_utc()),
        Err(_) => {
            let offset = DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc());
            offset.or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")).map(|instant| instant.to_utc())).ok()
        }
    }
}

fn find_check<'c>(file: &TomlFile, name: &Placed<String>, catalog: &'c Catalog) -> Result<&'c Check, TomlError> {
    catalog.find(&name.value).ok_or_else(|| file.unknown_at(name.offset, "check", &name.value, catalog.names()))
}

/// `{ provider = "github", "tag.team" = "payments" }`; `tag.team` without quotes is the same.
fn subject(section: &mut Section<'_>) -> Result<Vec<(String, String)>, TomlError> {
    let Some(mut keys) = section.section("subject")? else { return Ok(Vec::new()) };
    let mut subject = BTreeSet::new();
    let mut add = |key: String, entry: &Entry<'_>| match entry.text() {
        Some(pattern) if !pattern.is_empty() => {
            subject.insert((key, pattern.to_owned()));
            Ok(())
        }
        Some(_) => Err(entry.file().error_at(entry.offset(), "an empty pattern matches nothing; `*` stands for any letters")),
        None => Err(entry.wrong("a text in quotes")),
    };
    for entry in keys.entries() {
        let key = entry.name.value.clone();
        if key == "tag" && entry.is_table() {
            for entry in entry.section()?.entries() {
                add(format!("tag.{}", entry.name.value), &entry)?;
            }
        } else if SUBJECT_KEYS.contains(&key.as_str()) || key.strip_prefix("tag.").is_some_and(|tag| !tag.is_empty()) {
            add(key, &entry)?;
        } else {
            return Err(entry.unknown("subject key", SUBJECT_KEYS.iter().copied().chain(["tag.NAME"])));
        }
    }
    Ok(subject.into_iter().collect())
}
