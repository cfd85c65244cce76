//! Decides which format a file is of: exactly one of a list must recognise it, or the user names one (inventory formats,
//! section 7). Nothing is guessed.

use super::format::{Format, Layout, Records, Role, Sight};
use super::guard::Guard;
use super::input::Input;
use super::no_export::{self, NoExport};
use super::sight::{self, SightError};
use crate::nearest::did_you_mean;

/// Names of columns or keys that a message lists.
const NAMES_SHOWN: usize = 12;
/// Letters of a name that a message shows.
const LETTERS_SHOWN: usize = 40;

/// A file and its format.
pub struct Detected<'a> {
    pub format: &'a dyn Format,
    pub sight: Sight,
}

/// Why the format is not known. Every variant has a [`DetectError::hint`].
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    #[error("cannot read inventory `{name}`")]
    Unseen { name: String, source: SightError },
    #[error("no format recognises `{name}`: {seen}")]
    Unrecognised { name: String, seen: String },
    #[error("`{name}` is no export: it is {}", .found.what)]
    NoExport { name: String, found: NoExport },
    #[error("`{name}` could be {}: {seen}", join(.formats, "or"))]
    Ambiguous { name: String, seen: String, formats: Vec<&'static str> },
    #[error("there is no format `{id}`")]
    NoSuchFormat { id: String, known: Vec<&'static str> },
    #[error("`{name}` is not laid out as format `{id}` is: {seen}")]
    WrongLayout { name: String, id: &'static str, seen: String },
}

impl DetectError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let name_it = |name: &str| {
            format!(
                "name the format in countersign.toml: [[source]] path = \"{name}\", format = \"ID\"; `countersign formats` lists the ids"
            )
        };
        match self {
            DetectError::Unseen { source: SightError::Empty, .. } => "export it again, or leave it out".to_owned(),
            DetectError::Unseen { .. } => "leave the file out, or replace it by a CSV, JSON or Parquet export".to_owned(),
            DetectError::Unrecognised { name, .. } => format!("{}; or map its columns with `columns = {{ … }}`", name_it(name)),
            DetectError::NoExport { found, .. } => found.hint.to_owned(),
            DetectError::Ambiguous { name, .. } => name_it(name),
            DetectError::NoSuchFormat { id, known } => {
                did_you_mean(id, known.iter().copied()).unwrap_or_else(|| "`countersign formats` lists the ids".to_owned())
            }
            DetectError::WrongLayout { .. } => "check the format named for this file in countersign.toml".to_owned(),
        }
    }

    /// True if the file holds nothing at all.
    pub fn is_empty_file(&self) -> bool {
        matches!(self, DetectError::Unseen { source: SightError::Empty, .. })
    }
}

/// Finds the format of an input among `formats`, or takes the one that is named.
pub fn detect<'a>(input: &Input, formats: &[&'a dyn Format], named: Option<&str>) -> Result<Detected<'a>, DetectError> {
    let sights = sight::look(input).map_err(|source| DetectError::Unseen { name: input.name.clone(), source })?;
    match named {
        Some(id) => take_named(input, sights, formats, id),
        None => choose(input, sights, formats),
    }
}

/// The formats of a role.
pub fn of_role<'a>(formats: &[&'a dyn Format], role: Role) -> Vec<&'a dyn Format> {
    formats.iter().copied().filter(|format| format.role() == role).collect()
}

fn take_named<'a>(input: &Input, sights: Vec<Sight>, formats: &[&'a dyn Format], id: &str) -> Result<Detected<'a>, DetectError> {
    let Some(format) = formats.iter().copied().find(|format| format.id() == id) else {
        let known = formats.iter().map(|format| format.id()).collect();
        return Err(DetectError::NoSuchFormat { id: id.to_owned(), known });
    };
    let seen = describe(sights.first());
    // An empty list is of any JSON format, so the sight that the format recognises is only preferred.
    let mut fitting: Vec<Sight> = sights.into_iter().filter(|sight| fits(format.layout(), sight)).collect();
    let position = fitting.iter().position(|sight| format.recognises(sight));
    if position.is_none()
        && let Some(sight) = alone(format, fitting.first()).filter(|sight| is_array(fitting.first()) || format.recognises(sight))
    {
        return Ok(Detected { format, sight });
    }
    // An answer that refuses is no empty list, whatever the file is said to be.
    if position.is_none()
        && let Some(found) = fitting.first().filter(|sight| matches!(sight, Sight::Json { .. })).and_then(no_export::why)
    {
        return Err(DetectError::NoExport { name: input.name.clone(), found });
    }
    let position = position.unwrap_or(0);
    if position < fitting.len() {
        return Ok(Detected { format, sight: fitting.swap_remove(position) });
    }
    Err(DetectError::WrongLayout { name: input.name.clone(), id: format.id(), seen })
}

fn choose<'a>(input: &Input, sights: Vec<Sight>, formats: &[&'a dyn Format]) -> Result<Detected<'a>, DetectError> {
    let seen = describe(sights.first());
    for (number, sight) in sights.iter().enumerate() {
        let found = formats
            .iter()
            .copied()
            // The second sight takes the elements of a list for documents, which a bare array does not have.
            .filter(|format| number == 0 || !matches!(format.layout(), Layout::Json(Records::Array)))
            .filter(|format| fits(format.layout(), sight) && format.recognises(sight))
            .map(|format| Detected { format, sight: sight.clone() });
        if let Some(detected) = only_one(found.collect(), input, &seen)? {
            return Ok(detected);
        }
    }
    // Records that somebody took out of their answer are of the one format whose records look like that. A format that is
    // content with the key around them says nothing about them.
    let found = formats.iter().copied().filter_map(|format| {
        let sight = alone(format, sights.first())?;
        (format.recognises(&sight) && !format.recognises(&sight.without_elements())).then_some(Detected { format, sight })
    });
    let found = only_one(found.collect(), input, &seen)?;
    found.ok_or_else(|| match sights.first().and_then(no_export::why) {
        Some(found) => DetectError::NoExport { name: input.name.clone(), found },
        None => DetectError::Unrecognised { name: input.name.clone(), seen },
    })
}

/// The format that recognised the file, if any did, and no other.
fn only_one<'a>(mut found: Vec<Detected<'a>>, input: &Input, seen: &str) -> Result<Option<Detected<'a>>, DetectError> {
    if found.len() > 1 {
        let formats = found.iter().map(|detected| detected.format.id()).collect();
        return Err(DetectError::Ambiguous { name: input.name.clone(), seen: seen.to_owned(), formats });
    }
    Ok(found.pop())
}

/// The records at the top as they would be seen under the key that the format has them under.
fn alone(format: &dyn Format, sight: Option<&Sight>) -> Option<Sight> {
    match (format.layout(), format.records_path()) {
        (Layout::Json(Records::Under(key)), None) => sight?.standing_alone(key),
        _ => None,
    }
}

fn is_array(sight: Option<&Sight>) -> bool {
    matches!(sight, Some(Sight::Json { array: true, .. }))
}

fn fits(layout: Layout, sight: &Sight) -> bool {
    matches!(
        (layout, sight),
        (Layout::Table, Sight::Table { .. }) | (Layout::Json(_), Sight::Json { .. }) | (Layout::Parquet, Sight::Parquet { .. })
    )
}

/// What was seen, in words fit for any terminal.
pub fn describe(sight: Option<&Sight>) -> String {
    match sight {
        Some(Sight::Table { header }) => format!("a table with the columns {}", names(header.iter().map(String::as_str))),
        Some(Sight::Parquet { columns }) => format!("Parquet with the columns {}", names(columns.iter().map(String::as_str))),
        Some(Sight::Json { array: true, elements, .. }) => match elements.first().map(|(_, element)| element) {
            None => "an empty list".to_owned(),
            Some(serde_json::Value::Object(first)) => {
                format!("a list of objects with the keys {}", names(first.keys().map(String::as_str)))
            }
            Some(_) => "a list of something else than objects".to_owned(),
        },
        Some(sight @ Sight::Json { .. }) if sight.only_empty_list().is_some() => {
            format!("an object with an empty list {}", names(sight.only_empty_list().into_iter()))
        }
        Some(Sight::Json { envelope, .. }) => format!("an object with the keys {}", names(envelope.keys().map(String::as_str))),
        None => "nothing".to_owned(),
    }
}

/// The first names. A header may hold anything, even a token value, if the file has none and starts with a row.
fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown: Vec<String> = names
        .iter()
        .take(NAMES_SHOWN)
        .map(|name| {
            let clean: String = Guard::built_in().clean_text(name).chars().filter(|letter| !letter.is_control()).collect();
            let clean = clean.replace(['\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}'], "");
            let short: String = clean.chars().take(LETTERS_SHOWN).collect();
            format!("`{short}{}`", if short.len() < clean.len() { "…" } else { "" })
        })
        .collect();
    match names.len().saturating_sub(NAMES_SHOWN) {
        0 if shown.is_empty() => "(none)".to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn join(names: &[&str], word: &str) -> String {
    match names {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} {word} `{last}`", first.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::field::Field;
    use crate::inventory::format::{Adapter, SourceContext, Standing};

    /// Recognises whatever has `key`: in the header, in the elements under `list`, or in the envelope.
    struct Keyed {
        id: &'static str,
        layout: Layout,
        key: &'static str,
    }

    impl Format for Keyed {
        fn id(&self) -> &'static str {
            self.id
        }
        fn title(&self) -> &'static str {
            self.id
        }
        fn how_to_export(&self) -> &'static str {
            "-"
        }
        fn role(&self) -> Role {
            Role::Inventory
        }
        fn standing(&self) -> Standing {
            Standing::Provider
        }
        fn layout(&self) -> Layout {
            self.layout
        }
        fn recognises(&self, sight: &Sight) -> bool {
            match (sight, self.layout) {
                (Sight::Table { header }, _) => header.iter().any(|name| name == self.key),
                (_, Layout::Json(Records::Under(list))) => sight.has_keys(list, &[self.key]),
                (Sight::Json { array, .. }, _) => *array && sight.has_keys("", &[self.key]),
                _ => false,
            }
        }
        fn signature(&self) -> &'static str {
            "-"
        }
        fn collects(&self) -> Option<&'static [Field]> {
            None
        }
        fn open<'a>(&'a self, _: &'a SourceContext) -> Box<dyn Adapter + 'a> {
            panic!("finding the format opens no adapter")
        }
    }

    const SHEET: Keyed = Keyed { id: "sheet", layout: Layout::Table, key: "a" };
    const OTHER: Keyed = Keyed { id: "other", layout: Layout::Table, key: "b" };
    const LIST: Keyed = Keyed { id: "list", layout: Layout::Json(Records::Array), key: "a" };
    const PAGES: Keyed = Keyed { id: "pages", layout: Layout::Json(Records::Under("value")), key: "a" };
    const ALL: &[&dyn Format] = &[&SHEET, &OTHER, &LIST, &PAGES];

    fn found(text: &str, named: Option<&str>) -> Result<&'static str, DetectError> {
        detect(&Input::memory("x", text), ALL, named).map(|detected| detected.format.id())
    }

    #[test]
    fn one_format_must_recognise_the_file() {
        assert_eq!(found("a,c\n", None).unwrap(), "sheet");
        assert_eq!(found("[{\"a\":1}]", None).unwrap(), "list");
        assert_eq!(found("{\"value\":[{\"a\":1}]}", None).unwrap(), "pages");
        assert_eq!(found("[{\"value\":[{\"a\":1}]},{\"value\":[]}]", None).unwrap(), "pages");
        assert_eq!(found("[{\"value\":[]},{\"value\":[{\"a\":1}]}]", None).unwrap(), "pages");
        let error = found("a,b\n", None).unwrap_err();
        assert_eq!(error.to_string(), "`x` could be `sheet` or `other`: a table with the columns `a`, `b`");
        assert!(error.hint().contains("[[source]]"));
    }

    #[test]
    fn records_may_stand_without_their_answer() {
        const ITEMS: Keyed = Keyed { id: "items", layout: Layout::Json(Records::Under("items")), key: "b" };
        const MORE: Keyed = Keyed { id: "more", layout: Layout::Json(Records::Under("more")), key: "c" };
        let alone = |text: &str| {
            let detected = detect(&Input::memory("x", text), &[&SHEET, &LIST, &PAGES, &ITEMS, &MORE], None);
            detected.map(|detected| (detected.format.id(), detected.sight.stands_alone("items")))
        };
        assert_eq!(alone("[{\"b\":1}]").unwrap(), ("items", true));
        assert_eq!(alone("{\"b\":1}\n{\"b\":2}\n").unwrap(), ("items", true));
        assert_eq!(alone("{\"items\":[{\"b\":1}]}").unwrap(), ("items", false));
        assert_eq!(
            alone("[{\"b\":1,\"c\":1}]").unwrap_err().to_string(),
            "`x` could be `items` or `more`: a list of objects with the keys `b`, `c`"
        );
        // A bare list of the format's own comes first, and an answer is no record.
        assert_eq!(alone("[{\"a\":1,\"b\":1}]").unwrap(), ("list", false));
        assert!(alone("[{\"items\":[],\"b\":1}]").is_err());
    }

    #[test]
    fn the_message_says_what_was_seen() {
        let unknown = |text: &str| found(text, None).unwrap_err().to_string();
        assert_eq!(unknown("x\u{202e}y,z\n"), "no format recognises `x`: a table with the columns `xy`, `z`");
        assert_eq!(unknown("[]"), "no format recognises `x`: an empty list");
        assert_eq!(unknown("[{\"k\":1}]"), "no format recognises `x`: a list of objects with the keys `k`");
        assert_eq!(unknown("{\"k\":\"x\"}"), "no format recognises `x`: an object with the keys `k`");
        assert_eq!(unknown("{\"k\":[]}"), "no format recognises `x`: an object with an empty list `k`");
        assert_eq!(unknown("{\"error\":\"x\"}"), "`x` is no export: it is the answer of a service that refused (x)");
        let named = found("{\"error\":\"x\"}", Some("list")).unwrap_err();
        assert!(matches!(named, DetectError::NoExport { .. }) && named.hint().contains("credentials"));
        let many: String = (0..20).map(|number| format!("c{number},")).collect();
        assert!(unknown(&many).ends_with("and 9 more"));
        let secret = concat!("ghp", "_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8");
        assert!(!unknown(&format!("{secret},x\n")).contains(secret));
        assert!(found("", None).unwrap_err().is_empty_file());
    }

    #[test]
    fn a_named_format_is_taken_if_the_layout_fits() {
        assert_eq!(found("c,d\n", Some("sheet")).unwrap(), "sheet");
        assert_eq!(found("[]", Some("list")).unwrap(), "list");
        assert_eq!(found("[]", Some("pages")).unwrap(), "pages");
        let wrong = found("[]", Some("sheet")).unwrap_err().to_string();
        assert_eq!(wrong, "`x` is not laid out as format `sheet` is: an empty list");
        let typo = found("[]", Some("shet")).unwrap_err();
        assert_eq!((typo.to_string(), typo.hint()), ("there is no format `shet`".to_owned(), "did you mean `sheet`?".to_owned()));
    }
}
