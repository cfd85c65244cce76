//! Dates as HR systems and spreadsheets write them.

use super::super::header::fold;
use crate::inventory::record::Date;
use crate::inventory::time::{self, Reading};

/// 1900-01-01T00:00:00Z; nobody on a roster left before.
const YEAR_1900: i64 = -2_208_988_800;

/// Cells that say that there is no date.
pub(super) fn is_no_date(text: &str) -> bool {
    matches!(fold(text).as_str(), "" | "none" | "never" | "na" | "unknown" | "null")
}

/// The first two numbers of `31/03/2026` and the year; also with hyphens, and with a time of day behind it.
pub(super) fn numbers(text: &str) -> Option<(u32, u32, i32)> {
    let day = day_part(text);
    let separator = if day.contains('/') { '/' } else { '-' };
    let mut parts = day.split(separator);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let short = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_year = year.len() == 4 || separator == '/' && short(year) && year.len() == 2;
    let sound = short(first) && short(second) && is_year && parts.next().is_none();
    if !sound {
        return None;
    }
    Some((first.parse().ok()?, second.parse().ok()?, year.parse().ok()?))
}

/// A date in one of the forms of HR files.
pub(super) fn date(text: &str, month_first: bool) -> Option<Date> {
    let text = text.trim();
    if let Reading::Date(date) = time::parse(text) {
        return Some(date);
    }
    let forms: &[&str] = match (numbers(text).is_some(), month_first) {
        (true, true) => &["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"],
        (true, false) => &["%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y"],
        _ => &["%d.%m.%Y", "%Y-%m-%d", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%y", "%d.%m.%y"],
    };
    // A year of two digits is one of this century, and not the year 26.
    let read = |text: &str, form: &str| time::parse_as(text, form).date().filter(|date| date.seconds > YEAR_1900);
    [text, day_part(text)].into_iter().find_map(|text| forms.iter().find_map(|form| read(text, form)))
}

/// What stands before a time of day, which spreadsheets add as midnight.
fn day_part(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(' ') {
        Some((day, time)) if time.contains(':') => day,
        _ => text,
    }
}
