//! Text and numbers → dates (catalogue 2.2; inventory formats, section 4).
//!
//! A million rows hold several million dates, so the common forms are read byte by byte, without allocation. What is not
//! listed here is unreadable: nothing is guessed, a date in another order of day and month least of all.

use super::record::{Date, Precision};
use chrono::format::{Item as FormatItem, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde_json::Value as Json;

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// 9999-12-31T00:00:00Z, from which on `expires_at` means that there is no expiry.
pub const END_OF_TIME: i64 = 253_402_214_400;

/// From this on an epoch number is milliseconds.
const MILLISECONDS_FROM: i64 = 100_000_000_000;
/// Numbers below are no epoch seconds but something else, a year or a compact date.
const SECONDS_FROM: i64 = 100_000_000;
/// Numbers of 14 digits and more are no epoch milliseconds but a compact date, or microseconds.
const MILLISECONDS_TO: i64 = 10_000_000_000_000;

/// What became of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Date(Date),
    /// A placeholder: 0001-01-01 or 1970-01-01T00:00:00Z.
    Sentinel,
    Unreadable,
}

impl Reading {
    /// The date, if there is one.
    pub fn date(self) -> Option<Date> {
        if let Reading::Date(date) = self { Some(date) } else { None }
    }
}

/// Reads RFC 3339 with 0 to 9 digits of fraction (cut), `T` or a blank, `Z`, `UTC`, `±hh:mm`, `±hhmm`, `±hh` or no zone
/// (read as UTC), `YYYY/MM/DD`, a date alone, and epoch seconds or milliseconds in digits.
pub fn parse(text: &str) -> Reading {
    let text = text.trim_ascii().as_bytes();
    if !text.is_empty() && text.iter().take(5).all(u8::is_ascii_digit) {
        epoch_text(text)
    } else {
        calendar(text).unwrap_or(Reading::Unreadable)
    }
}

/// Reads a date in a notation of strftime; with a zone in it, that zone, else UTC.
pub fn parse_as(text: &str, format: &str) -> Reading {
    let text = text.trim();
    let (seconds, precision, assumed_utc) = if let Ok(instant) = DateTime::parse_from_str(text, format) {
        (instant.timestamp(), Precision::Second, false)
    } else if let Ok(instant) = NaiveDateTime::parse_from_str(text, format) {
        (instant.and_utc().timestamp(), Precision::Second, true)
    } else if let Ok(date) = NaiveDate::parse_from_str(text, format) {
        (days_from_civil(date) * DAY, Precision::Date, false)
    } else {
        return Reading::Unreadable;
    };
    checked(Date { seconds, precision, assumed_utc })
}

/// True if the text is a notation that [`parse_as`] understands.
pub fn is_format(format: &str) -> bool {
    !format.is_empty() && StrftimeItems::new(format).all(|item| !matches!(item, FormatItem::Error))
}

/// Reads a JSON string or number.
pub fn from_json(value: &Json) -> Reading {
    match value {
        Json::String(text) => parse(text),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => from_epoch(whole),
            // Casts cut towards zero and saturate; what lies outside the range is refused there.
            None => number.as_f64().map_or(Reading::Unreadable, |seconds| from_epoch(seconds as i64)),
        },
        _ => Reading::Unreadable,
    }
}

/// Reads epoch seconds, or milliseconds from 10^11 on.
pub fn from_epoch(number: i64) -> Reading {
    let seconds = match number {
        0 => return Reading::Sentinel,
        SECONDS_FROM..MILLISECONDS_FROM => number,
        MILLISECONDS_FROM..MILLISECONDS_TO => number / 1000,
        _ => return Reading::Unreadable,
    };
    checked(Date { seconds, precision: Precision::Second, assumed_utc: false })
}

/// An instant as RFC 3339 in UTC, whole seconds.
pub fn rfc3339(seconds: i64) -> String {
    match DateTime::from_timestamp(seconds, 0) {
        Some(instant) => instant.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        None => seconds.to_string(),
    }
}

/// A date as it would be written: with its time of day only if that is known.
pub fn written(date: Date) -> String {
    let mut text = rfc3339(date.seconds);
    if date.precision == Precision::Date
        && let Some(end) = text.find('T')
    {
        text.truncate(end);
    }
    text
}

fn checked(date: Date) -> Reading {
    const YEAR_ONE: i64 = -62_135_596_800;
    const YEAR_TEN_THOUSAND: i64 = END_OF_TIME + DAY;
    match date.seconds {
        0 => Reading::Sentinel,
        // Offsets move the placeholder by up to a day.
        seconds if seconds < YEAR_ONE + 2 * DAY => Reading::Sentinel,
        seconds if seconds >= YEAR_TEN_THOUSAND => Reading::Unreadable,
        _ => Reading::Date(date),
    }
}

fn epoch_text(text: &[u8]) -> Reading {
    let (whole, fraction) = match text.iter().position(|byte| *byte == b'.') {
        Some(point) => text.split_at(point),
        None => (text, &[][..]),
    };
    let fraction_is_sound = fraction.is_empty() || fraction.len() > 1 && fraction.iter().skip(1).all(u8::is_ascii_digit);
    if whole.len() > 13 || !fraction_is_sound {
        return Reading::Unreadable;
    }
    number(whole).map_or(Reading::Unreadable, from_epoch)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Takes `count` digits off the front.
fn take(text: &mut &[u8], count: usize) -> Option<i64> {
    let (digits, rest) = text.split_at_checked(count)?;
    *text = rest;
    number(digits)
}

/// Takes one of `wanted` off the front.
fn take_one(text: &mut &[u8], wanted: &[u8]) -> Option<u8> {
    let (first, rest) = text.split_first()?;
    if !wanted.contains(first) {
        return None;
    }
    *text = rest;
    Some(*first)
}

fn calendar(text: &[u8]) -> Option<Reading> {
    let mut rest = text;
    let year = take(&mut rest, 4)?;
    let separator = take_one(&mut rest, b"-/")?;
    let month = take(&mut rest, 2)?;
    take_one(&mut rest, &[separator])?;
    let day = take(&mut rest, 2)?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    if (year, month, day) == (1, 1, 1) {
        return Some(Reading::Sentinel);
    }
    let days = days_from_civil(date);
    if rest.is_empty() {
        return Some(checked(Date { seconds: days * DAY, precision: Precision::Date, assumed_utc: false }));
    }

    take_one(&mut rest, b"Tt ")?;
    let hour = take(&mut rest, 2)?;
    take_one(&mut rest, b":")?;
    let minute = take(&mut rest, 2)?;
    let mut second = 0;
    if take_one(&mut rest, b":").is_some() {
        second = take(&mut rest, 2)?;
        if take_one(&mut rest, b".").is_some() {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            rest = rest.get(digits..)?;
        }
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (offset, assumed_utc) = zone(rest)?;
    // A leap second is read as the second before it.
    let seconds = days * DAY + hour * 3600 + minute * 60 + second.min(59) - offset;
    Some(checked(Date { seconds, precision: Precision::Second, assumed_utc }))
}

/// Seconds east of UTC, and whether that had to be assumed.
fn zone(text: &[u8]) -> Option<(i64, bool)> {
    let mut rest = text.trim_ascii_start();
    match rest {
        b"" => return Some((0, true)),
        b"Z" | b"z" | b"UTC" => return Some((0, false)),
        _ => {}
    }
    let sign = if take_one(&mut rest, b"+-")? == b'+' { 1 } else { -1 };
    let hours = take(&mut rest, 2)?;
    let minutes = if rest.is_empty() {
        0
    } else {
        let _ = take_one(&mut rest, b":");
        take(&mut rest, 2)?
    };
    (rest.is_empty() && hours <= 23 && minutes <= 59).then_some((sign * (hours * 3600 + minutes * 60), false))
}

/// Days since 1970-01-01.
fn days_from_civil(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const NOON: i64 = 1_781_524_800; // 2026-06-15T12:00:00Z

    fn second(seconds: i64) -> Reading {
        Reading::Date(Date { seconds, precision: Precision::Second, assumed_utc: false })
    }

    #[test]
    fn one_instant_in_every_form() {
        for text in [
            "2026-06-15T12:00:00Z",
            "2026-06-15t12:00:00z",
            "2026-06-15 12:00:00Z",
            "2026-06-15 12:00:00 UTC",
            "2026-06-15T12:00Z",
            "2026-06-15T12:00:00.5Z",
            "2026-06-15T12:00:00.999999999Z",
            "2026-06-15T12:00:00+00:00",
            "2026-06-15T14:00:00+02:00",
            "2026-06-15T14:00:00.123+0200",
            "2026-06-15T05:00:00-07:00",
            "2026-06-15T05:00:00 -0700",
            "2026-06-15T14:00:00+02",
            "2026-06-16T02:00:00+14:00",
            "1781524800",
            "1781524800.52",
            "1781524800520",
            "  2026-06-15T12:00:00Z ",
        ] {
            assert_eq!(parse(text), second(NOON), "{text}");
        }
        for value in [json!(NOON), json!(1_781_524_800.52), json!(1_781_524_800_520_i64), json!("1781524800")] {
            assert_eq!(from_json(&value), second(NOON), "{value}");
        }
    }

    #[test]
    fn what_the_text_leaves_open_is_noted() {
        let zoneless = Reading::Date(Date { seconds: NOON, precision: Precision::Second, assumed_utc: true });
        for text in ["2026-06-15T12:00:00", "2026-06-15 12:00:00", "2026/06/15 12:00:00", "2026-06-15T12:00:00.123"] {
            assert_eq!(parse(text), zoneless, "{text}");
        }
        let date = Reading::Date(Date { seconds: NOON - 43_200, precision: Precision::Date, assumed_utc: false });
        assert_eq!((parse("2026-06-15"), parse("2026/06/15")), (date, date));
    }

    #[test]
    fn leap_seconds_are_the_second_before() {
        assert_eq!(parse("2016-12-31T23:59:60Z"), parse("2016-12-31T23:59:59Z"));
        assert_eq!(parse("2016-12-31T23:59:61Z"), Reading::Unreadable);
    }

    #[test]
    fn placeholders_are_no_dates() {
        for text in [
            "0001-01-01",
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+02:00",
            "1970-01-01T00:00:00Z",
            "1970-01-01",
            "00000",
            "0000000000",
        ] {
            assert_eq!(parse(text), Reading::Sentinel, "{text}");
        }
        assert_eq!(from_json(&json!(0)), Reading::Sentinel);
    }

    #[test]
    fn everything_else_is_unreadable() {
        for text in [
            "",
            "soon",
            "before April 2025",
            "2026-02-30",
            "2025-02-29",
            "2026-13-01",
            "2026-6-15",
            "15.06.2026",
            "31/03/2026",
            "8/19/2021 1:25:31 PM",
            "2026-06-15T",
            "2026-06-15T24:00:00Z",
            "2026-06-15T12:60:00Z",
            "2026-06-15T12:00:00.Z",
            "2026-06-15T12:00:00.1234567890Z",
            "2026-06-15T12:00:00+2:00",
            "2026-06-15T12:00:00+25:00",
            "2026-06-15T12:00:00ZZ",
            "2026-06/15",
            "20260615",
            "20260615120000",
            "1781524800520520",
            "-1",
            "1781524800.",
            "99999999999999999999",
            "２０２６-06-15",
            "P30D",
        ] {
            assert_eq!(parse(text), Reading::Unreadable, "{text}");
        }
        for value in [json!(-1), json!(2026), json!(1e300), json!(null), json!(true), json!(u64::MAX)] {
            assert_eq!(from_json(&value), Reading::Unreadable, "{value}");
        }
    }

    #[test]
    fn the_end_of_time_is_a_date() {
        assert_eq!(
            parse("9999-12-31"),
            Reading::Date(Date { seconds: END_OF_TIME, precision: Precision::Date, assumed_utc: false })
        );
        assert_eq!(parse("9999-12-31T23:59:59-12:00"), Reading::Unreadable);
    }

    #[test]
    fn other_notations_are_read_as_told() {
        assert_eq!(parse_as("31/03/2026", "%d/%m/%Y"), parse("2026-03-31"));
        assert_eq!(parse_as("8/19/2021 1:25:31 PM", "%m/%d/%Y %I:%M:%S %p"), parse("2021-08-19T13:25:31"));
        assert_eq!(parse_as("15.06.2026 14:00 +0200", "%d.%m.%Y %H:%M %z"), second(NOON));
        assert_eq!(parse_as("31/02/2026", "%d/%m/%Y"), Reading::Unreadable);
        assert_eq!(parse_as("anything", "%Q"), Reading::Unreadable);
        assert!(is_format("%d/%m/%Y") && !is_format("%Q") && !is_format(""));
    }

    #[test]
    fn dates_are_written_as_exactly_as_they_are_known() {
        assert_eq!(parse("2026-06-15").date().map(written).as_deref(), Some("2026-06-15"));
        assert_eq!(parse("2026-06-15T14:00:00+02:00").date().map(written).as_deref(), Some("2026-06-15T12:00:00Z"));
        assert_eq!(rfc3339(i64::MAX), i64::MAX.to_string());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in ".{0,40}", format in "[%a-zA-Z/ :.]{0,12}") {
            let _ = parse(&text);
            let _ = parse_as(&text, &format);
        }

        #[test]
        fn what_is_written_is_read_back(seconds in 1_i64..END_OF_TIME) {
            prop_assert_eq!(parse(&rfc3339(seconds)), second(seconds));
        }
    }
}
