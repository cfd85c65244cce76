//! When an export was made: its own content says so, else the settings, else a date in the file name (decisions, 3). The
//! file system is never asked: a copy is younger than what it holds.

use super::finish::Tolerance;
use super::record::{Date, Precision};
use super::time::{self, DAY};

/// Where the instant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    Content,
    Settings,
    Name,
}

impl Basis {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Content => "content",
            Basis::Settings => "settings",
            Basis::Name => "name",
        }
    }
}

/// When a source was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportedAt {
    /// UTC seconds.
    At(i64, Basis),
    /// Something is stated that lies too far ahead of the run.
    Implausible(Basis),
    Unknown,
}

impl ExportedAt {
    /// The usable instant.
    pub fn seconds(self) -> Option<i64> {
        if let ExportedAt::At(seconds, _) = self { Some(seconds) } else { None }
    }

    /// The first that says something, in the order of [`Basis`].
    pub fn of(content: Option<i64>, settings: Option<i64>, name: &str) -> ExportedAt {
        match (content, settings, in_name(name)) {
            (Some(seconds), _, _) => ExportedAt::At(seconds, Basis::Content),
            (None, Some(seconds), _) => ExportedAt::At(seconds, Basis::Settings),
            (None, None, Some(seconds)) => ExportedAt::At(seconds, Basis::Name),
            (None, None, None) => ExportedAt::Unknown,
        }
    }

    /// The same, judged against the run's instant. An export made after it is sound as long as it was not made after the
    /// run itself, which only a clock could tell; so a year is allowed, which is longer than audits are put off.
    pub fn judged(self, as_of: i64) -> ExportedAt {
        const PUT_OFF: i64 = 366 * DAY;
        let ExportedAt::At(seconds, basis) = self else { return self };
        let date = Date { seconds, precision: Precision::Second, assumed_utc: false };
        let allowed = Tolerance::new(as_of.saturating_add(PUT_OFF), None).allows(date);
        if allowed { self } else { ExportedAt::Implausible(basis) }
    }
}

/// A date in a file name: 2026-09-30 or 20260930, with no further digits beside it. Of several, the last.
fn in_name(name: &str) -> Option<i64> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let digits_and_hyphens = |letter: char| !(letter.is_ascii_digit() || letter == '-');
    name.split(digits_and_hyphens).filter_map(date_in).next_back()
}

fn date_in(run: &str) -> Option<i64> {
    let run = run.trim_matches('-');
    let mut pieces: Vec<&str> = run.split('-').collect();
    while !pieces.is_empty() {
        let text = match pieces.as_slice() {
            [.., year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => format!("{year}-{month}-{day}"),
            [.., compact] if compact.len() == 8 => {
                let (year, rest) = compact.split_at(4);
                let (month, day) = rest.split_at(2);
                format!("{year}-{month}-{day}")
            }
            _ => {
                pieces.pop();
                continue;
            }
        };
        if let Some(date) = time::parse(&text).date() {
            return Some(date.seconds);
        }
        pieces.pop();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<i64> {
        time::parse(text).date().map(|date| date.seconds)
    }

    #[test]
    fn dates_are_found_in_names() {
        for (name, date) in [
            ("aws-2026-09-30.csv", Some("2026-09-30")),
            ("aws_20260930.csv", Some("2026-09-30")),
            ("2026-09-30-aws-2.csv", Some("2026-09-30")),
            ("2026-09-30T2200.json", Some("2026-09-30")),
            ("from-2026-01-01-to-2026-03-31.csv", Some("2026-03-31")),
            ("q3/2026-09-30/tokens.csv", None),
            ("account-111122223333.csv", None),
            ("v1-2026-13-40.csv", None),
            ("tokens.csv", None),
            ("Übersicht-2026-09-30.csv", Some("2026-09-30")),
        ] {
            assert_eq!(in_name(name), date.and_then(day), "{name}");
        }
    }

    #[test]
    fn the_content_goes_before_the_settings_and_the_name() {
        let name = "x-2026-09-30.csv";
        assert_eq!(ExportedAt::of(Some(1), Some(2), name), ExportedAt::At(1, Basis::Content));
        assert_eq!(ExportedAt::of(None, Some(2), name), ExportedAt::At(2, Basis::Settings));
        assert_eq!(ExportedAt::of(None, None, name).seconds(), day("2026-09-30"));
        assert_eq!(ExportedAt::of(None, None, "x"), ExportedAt::Unknown);
    }

    #[test]
    fn an_export_of_another_age_is_implausible() {
        let as_of = day("2026-10-01").unwrap();
        assert_eq!(ExportedAt::At(as_of + 30 * DAY, Basis::Name).judged(as_of), ExportedAt::At(as_of + 30 * DAY, Basis::Name));
        assert_eq!(ExportedAt::At(as_of + 4000 * DAY, Basis::Name).judged(as_of), ExportedAt::Implausible(Basis::Name));
    }
}
