//! The one instant that a run is measured to, and the period it reports on (decisions, 1).
//!
//! This is the only place that looks at the clock.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};

/// The instant all ages are measured to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOf {
    /// UTC seconds since 1970.
    pub seconds: i64,
    pub origin: Origin,
}

/// Where the instant came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `--as-of`.
    Flag,
    /// The end of the period of this name.
    Period(String),
    /// The environment variable `SOURCE_DATE_EPOCH`.
    SourceDateEpoch,
    /// The clock, read once when the run started.
    Clock,
}

impl Origin {
    /// In words, for the report.
    pub fn words(&self) -> String {
        match self {
            Origin::Flag => "--as-of".to_owned(),
            Origin::Period(name) => format!("end of period {name}"),
            Origin::SourceDateEpoch => "SOURCE_DATE_EPOCH".to_owned(),
            Origin::Clock => "clock at start".to_owned(),
        }
    }
}

/// A reporting period; `to` is the first instant after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// As the user wrote it, for example `2026-Q3`.
    pub name: String,
    /// UTC seconds of its first instant.
    pub from: i64,
    /// UTC seconds of the first instant after it.
    pub to: i64,
}

/// Why no instant could be fixed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AsOfError {
    #[error("`{0}` is not an instant")]
    Instant(String),
    #[error("`{0}` is not a period")]
    Period(String),
    #[error("the period {0} has not ended")]
    NotEnded(String),
    #[error("the period {period} begins after the as-of instant {as_of}")]
    NotBegun { period: String, as_of: String },
    #[error("SOURCE_DATE_EPOCH is not a number of seconds: `{0}`")]
    SourceDateEpoch(String),
}

impl AsOfError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            AsOfError::Instant(_) => "use RFC 3339, for example 2026-10-01T00:00:00Z, or a date, which means 00:00 UTC",
            AsOfError::Period(_) => "use 2026, 2026-Q3, 2026-09 or 2026-07-01..2026-09-30",
            AsOfError::NotEnded(_) => "give the instant to judge at with --as-of",
            AsOfError::NotBegun { .. } => "choose a later --as-of or an earlier --period",
            AsOfError::SourceDateEpoch(_) => "unset it, or set it to seconds since 1970-01-01T00:00:00Z",
        };
        Some(hint.to_owned())
    }
}

impl AsOf {
    /// Fixes the instant: `--as-of`, else the end of the period, else `SOURCE_DATE_EPOCH`, else the clock.
    ///
    /// `now` is asked for only where it decides: for the instant itself, or whether a period has ended.
    ///
    /// # Errors
    /// If `SOURCE_DATE_EPOCH` is no number, or the period has not ended and no instant was given, or it begins after it.
    pub fn resolve(
        flag: Option<i64>,
        period: Option<&Period>,
        source_date_epoch: Option<&str>,
        now: impl FnOnce() -> i64,
    ) -> Result<AsOf, AsOfError> {
        if let Some(seconds) = flag {
            return match period {
                Some(period) if seconds < period.from => {
                    let as_of = DateTime::from_timestamp(seconds, 0).map_or_else(|| seconds.to_string(), |at| at.to_rfc3339());
                    Err(AsOfError::NotBegun { period: period.name.clone(), as_of })
                }
                _ => Ok(AsOf { seconds, origin: Origin::Flag }),
            };
        }
        let present = match source_date_epoch.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => match text.parse() {
                Ok(seconds) => AsOf { seconds, origin: Origin::SourceDateEpoch },
                Err(_) => return Err(AsOfError::SourceDateEpoch(text.to_owned())),
            },
            None => AsOf { seconds: now(), origin: Origin::Clock },
        };
        match period {
            None => Ok(present),
            Some(period) if period.to > present.seconds => Err(AsOfError::NotEnded(period.name.clone())),
            Some(period) => Ok(AsOf { seconds: period.to, origin: Origin::Period(period.name.clone()) }),
        }
    }
}

/// The clock, in UTC seconds. Called once, when a run starts.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn clock() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Reads an instant: RFC 3339, or a date, which means 00:00:00 UTC.
///
/// # Errors
/// If the text is neither. A time without an offset is refused: whoever types an instant can say which one.
pub fn parse_instant(text: &str) -> Result<i64, AsOfError> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.timestamp());
    }
    parse_date(text).map(midnight).ok_or_else(|| AsOfError::Instant(text.to_owned()))
}

impl Period {
    /// Reads `2026`, `2026-Q3`, `2026-09` or `2026-07-01..2026-09-30` (both days included).
    ///
    /// # Errors
    /// If the text is none of these, or ends before it begins.
    pub fn parse(text: &str) -> Result<Period, AsOfError> {
        let (from, to) = days(text).ok_or_else(|| AsOfError::Period(text.to_owned()))?;
        Ok(Period { name: text.to_owned(), from: midnight(from), to: midnight(to) })
    }
}

/// First day of the period and first day after it.
fn days(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    if let Some((from, to)) = text.split_once("..") {
        let (from, to) = (parse_date(from)?, parse_date(to)?.checked_add_days(Days::new(1))?);
        return (from < to).then_some((from, to));
    }
    let (year, rest) = text.split_at_checked(4)?;
    let year: i32 = all_digits(year)?.parse().ok()?;
    let (month, months) = match rest.strip_prefix('-') {
        None if rest.is_empty() => (1, 12),
        None => return None,
        Some(part) => match part.strip_prefix(['Q', 'q']) {
            Some(quarter @ ("1" | "2" | "3" | "4")) => (quarter.parse::<u32>().ok()? * 3 - 2, 3),
            Some(_) => return None,
            None if part.len() == 2 => (all_digits(part)?.parse().ok()?, 1),
            None => return None,
        },
    };
    let from = NaiveDate::from_ymd_opt(year, month, 1)?;
    Some((from, from.checked_add_months(Months::new(months))?))
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // chrono also takes `2026-7-1` and years of five digits; a period's name should be written one way only
    (text.len() == 10 && (1..=9999).contains(&date.year())).then_some(date)
}

fn all_digits(text: &str) -> Option<&str> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

fn midnight(date: NaiveDate) -> i64 {
    date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    const Q3_START: i64 = 1_782_864_000; // 2026-07-01T00:00:00Z
    const Q3_END: i64 = 1_790_812_800; // 2026-10-01T00:00:00Z

    fn bounds(text: &str) -> Option<(i64, i64)> {
        Period::parse(text).ok().map(|period| (period.from, period.to))
    }

    #[test]
    fn every_form_of_a_period_ends_with_the_first_instant_after_it() {
        assert_eq!(bounds("2026-Q3"), Some((Q3_START, Q3_END)));
        assert_eq!(bounds("2026-07-01..2026-09-30"), Some((Q3_START, Q3_END)));
        assert_eq!(bounds("2026-09").map(|(_, to)| to), Some(Q3_END));
        assert_eq!(bounds("2026"), bounds("2026-01-01..2026-12-31"));
        assert_eq!(bounds("2026-Q4").map(|(_, to)| to), bounds("2026").map(|(_, to)| to));
        assert_eq!(bounds("2024-02"), bounds("2024-02-01..2024-02-29"));
    }

    #[test]
    fn what_is_no_period_is_refused() {
        for text in [
            "",
            "26",
            "2026-",
            "2026-Q5",
            "2026-13",
            "2026-9",
            "2026-09-30",
            "2026-09-30..2026-07-01",
            "20267",
            "２０２６",
            "2026-02-30..2026-03-01",
        ] {
            assert_eq!(Period::parse(text), Err(AsOfError::Period(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn instants_need_an_offset_or_no_time_at_all() {
        assert_eq!(parse_instant("2026-10-01"), Ok(Q3_END));
        assert_eq!(parse_instant("2026-10-01T02:00:00+02:00"), Ok(Q3_END));
        for text in ["2026-10-01T00:00:00", "soon", "", "2026-02-30", "2026-10-1"] {
            assert_eq!(parse_instant(text), Err(AsOfError::Instant(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn the_first_of_flag_period_environment_and_clock_decides() -> Result<(), AsOfError> {
        let period = Period::parse("2026-Q3")?;
        let never = || -> i64 { panic!("the clock was asked") };
        let resolve = |flag, period, epoch| AsOf::resolve(flag, period, epoch, never);
        assert_eq!(resolve(Some(Q3_END + 5), Some(&period), Some("1"))?, AsOf { seconds: Q3_END + 5, origin: Origin::Flag });
        let after = (Q3_END + 1).to_string();
        assert_eq!(
            resolve(None, Some(&period), Some(&after))?,
            AsOf { seconds: Q3_END, origin: Origin::Period("2026-Q3".into()) }
        );
        assert_eq!(resolve(None, None, Some("17"))?, AsOf { seconds: 17, origin: Origin::SourceDateEpoch });
        assert_eq!(AsOf::resolve(None, None, None, || 42)?, AsOf { seconds: 42, origin: Origin::Clock });
        assert_eq!(AsOf::resolve(None, None, Some(""), || 42)?.origin, Origin::Clock);
        Ok(())
    }

    #[test]
    fn a_period_that_has_not_ended_needs_an_instant() -> Result<(), AsOfError> {
        let period = Period::parse("2026-Q3")?;
        let early = AsOf::resolve(None, Some(&period), None, || Q3_END - 1);
        assert_eq!(early, Err(AsOfError::NotEnded("2026-Q3".into())));
        assert_eq!(AsOf::resolve(None, Some(&period), None, || Q3_END)?.seconds, Q3_END);
        assert_eq!(AsOf::resolve(Some(Q3_START), Some(&period), None, || 0)?.seconds, Q3_START);
        assert!(matches!(AsOf::resolve(Some(Q3_START - 1), Some(&period), None, || 0), Err(AsOfError::NotBegun { .. })));
        assert!(matches!(AsOf::resolve(None, None, Some("soon"), || 0), Err(AsOfError::SourceDateEpoch(_))));
        Ok(())
    }
}
