//! The template engine: every template, the filters, and what happens to a text on its way into the page.

use super::figures;
use crate::render::{RenderError, clean};
use crate::report::words;
use std::io::{self, Write};
use tera::{Context, Kwargs, State, Tera, Value};

/// Every template; names end in `.html`, so every value is escaped.
const TEMPLATES: &[(&str, &str)] = &[
    ("parts.html", include_str!("../../../templates/parts.html")),
    ("head.html", include_str!("../../../templates/head.html")),
    ("foot.html", include_str!("../../../templates/foot.html")),
    ("findings/open.html", include_str!("../../../templates/findings/open.html")),
    ("findings/group.html", include_str!("../../../templates/findings/group.html")),
    ("findings/rows.html", include_str!("../../../templates/findings/rows.html")),
    ("sections/annex.html", include_str!("../../../templates/sections/annex.html")),
    ("sections/checks.html", include_str!("../../../templates/sections/checks.html")),
    ("sections/frameworks.html", include_str!("../../../templates/sections/frameworks.html")),
    ("sections/method.html", include_str!("../../../templates/sections/method.html")),
    ("sections/movement.html", include_str!("../../../templates/sections/movement.html")),
    ("sections/owners.html", include_str!("../../../templates/sections/owners.html")),
    ("sections/providers.html", include_str!("../../../templates/sections/providers.html")),
    ("sections/rejected.html", include_str!("../../../templates/sections/rejected.html")),
    ("sections/scores.html", include_str!("../../../templates/sections/scores.html")),
    ("sections/sign-off.html", include_str!("../../../templates/sections/sign-off.html")),
    ("sections/sources.html", include_str!("../../../templates/sections/sources.html")),
    ("sections/summary.html", include_str!("../../../templates/sections/summary.html")),
    ("sections/unknown.html", include_str!("../../../templates/sections/unknown.html")),
    ("sections/waivers.html", include_str!("../../../templates/sections/waivers.html")),
];

/// The templates, ready to be filled.
pub struct Engine {
    tera: Tera,
}

impl Engine {
    /// Parses all templates.
    pub fn new() -> Result<Engine, RenderError> {
        let mut tera = Tera::new();
        tera.set_escape_fn(escape);
        tera.register_filter("number", |value: u64, _: Kwargs, _: &State<'_>| words::number(value));
        tera.register_filter("instant", |value: i64, _: Kwargs, _: &State<'_>| words::instant_for_people(value));
        tera.register_filter("short", |value: &str, _: Kwargs, _: &State<'_>| figures::cell(value));
        tera.register_filter("breakable", |value: &str, _: Kwargs, _: &State<'_>| breakable(value));
        tera.add_raw_templates(TEMPLATES.iter().copied()).map_err(|error| failed("all templates", &error))?;
        Ok(Engine { tera })
    }

    /// Fills one template and writes the text.
    pub fn fill(&self, name: &'static str, context: Context, out: &mut dyn Write) -> Result<(), RenderError> {
        let text = self.tera.render(name, &context).map_err(|error| failed(name, &error))?;
        out.write_all(text.as_bytes())?;
        Ok(())
    }
}

/// A template that could not be filled.
pub fn failed(name: &str, error: &tera::Error) -> RenderError {
    RenderError::Template { name: name.to_owned(), message: error.to_string() }
}

/// An identifier that may be broken after its separators: escaped here, and marked so that it is not escaped again.
fn breakable(text: &str) -> Value {
    let text = &figures::cell(text);
    let mut marked = Vec::with_capacity(text.len() + 32);
    let mut written = 0;
    // An address reads best in its two halves.
    let address = text.contains('@');
    for (at, _) in text.match_indices(SEPARATORS).filter(|(_, separator)| !(address && *separator == ".")) {
        let end = at + 1;
        // Writing to memory cannot fail.
        let _ = escape(text.get(written..end).unwrap_or_default(), &mut marked);
        if end < text.len() {
            marked.extend_from_slice(b"<wbr>");
        }
        written = end;
    }
    let _ = escape(text.get(written..).unwrap_or_default(), &mut marked);
    Value::safe_string(&String::from_utf8_lossy(&marked))
}

/// Where identifiers, addresses and paths may be broken.
const SEPARATORS: &[char] = &['@', '.', '/', ':', '_', '|'];

/// Longest text that the page shows in one piece, in characters: our own paragraphs are shorter, and a name that is longer would
/// only push everything else out of sight.
const LONGEST: usize = 2_000;

/// Escapes a text for HTML, after what would act unseen was made visible.
fn escape(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = clean::line(text);
    let text = figures::cut(&text, LONGEST);
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let replacement: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&#39;",
            _ => continue,
        };
        out.write_all(text.as_bytes().get(written..at).unwrap_or_default())?;
        out.write_all(replacement)?;
        written = at + 1;
    }
    out.write_all(text.as_bytes().get(written..).unwrap_or_default())
}
