//! A format as a table of facts.
//!
//! What differs from export to export is data (names, fields, where the records are) and one function that turns a record into a
//! token. A format is therefore one constant:
//!
//! ```ignore
//! pub const TOKENS: Export = Export {
//!     id: "service-tokens",
//!     title: "Service tokens",
//!     how_to_export: "curl … > tokens.json",
//!     layout: Layout::Json(Records::Under("tokens")),
//!     signature: "JSON object with tokens, whose entries have slug and scope",
//!     recognises: |sight| sight.has_keys("tokens", &["slug", "scope"]),
//!     collects: Some(&[Field::TokenId, Field::Name]),
//!     reading: Reading::Each { record: token, page: |envelope, _| paging::cursor(envelope, "next") },
//!     ..Export::OF_PROVIDER
//! };
//! ```

use crate::inventory::field::Field;
use crate::inventory::format::{Adapter, Format, Layout, Paging, Records, Role, Row, Sight, Sink, SourceContext, Standing};
use serde_json::{Map, Value as Json};

/// Reads one record.
type ReadRecord = fn(Row<'_>, &SourceContext, &mut dyn Sink);
/// Reads what stands around the records of a page.
type ReadPage = fn(&Map<String, Json>, &mut dyn Sink) -> Paging;

/// How the rows of an export are read.
pub enum Reading {
    /// Each record stands alone.
    Each { record: ReadRecord, page: ReadPage },
    /// The adapter keeps something from record to record.
    Together(for<'a> fn(&'a SourceContext) -> Box<dyn Adapter + 'a>),
}

/// A format; the fields are those of the trait [`Format`].
pub struct Export {
    pub id: &'static str,
    pub title: &'static str,
    pub how_to_export: &'static str,
    pub role: Role,
    pub standing: Standing,
    pub layout: Layout,
    pub signature: &'static str,
    pub recognises: fn(&Sight) -> bool,
    pub collects: Option<&'static [Field]>,
    pub secret_fields: &'static [&'static str],
    /// None: the id. Two shapes of one export name the same.
    pub export: Option<&'static str>,
    pub lists_leavers: bool,
    pub exported_at: fn(&Sight) -> Option<i64>,
    pub reading: Reading,
}

impl Export {
    /// What most exports have in common: a bare JSON array of tokens, by the provider itself, without pages or secrets.
    pub const OF_PROVIDER: Export = Export {
        id: "",
        title: "",
        how_to_export: "",
        role: Role::Inventory,
        standing: Standing::Provider,
        layout: Layout::Json(Records::Array),
        signature: "",
        recognises: |_| false,
        collects: None,
        secret_fields: &[],
        export: None,
        lists_leavers: true,
        exported_at: |_| None,
        reading: Reading::Each { record: |_, _, _| {}, page: no_pages },
    };
    /// A list of a store that keeps tokens of others.
    pub const OF_SECRET_STORE: Export = Export { standing: Standing::SecretStore, ..Export::OF_PROVIDER };
    /// A register of people; it states no field of a token.
    pub const OF_PEOPLE: Export = Export { role: Role::People, collects: Some(&[]), ..Export::OF_PROVIDER };
}

/// For exports whose pages cannot be told from the file.
pub(super) fn no_pages(_envelope: &Map<String, Json>, _sink: &mut dyn Sink) -> Paging {
    Paging::default()
}

impl Format for Export {
    fn id(&self) -> &'static str {
        self.id
    }
    fn title(&self) -> &'static str {
        self.title
    }
    fn how_to_export(&self) -> &'static str {
        self.how_to_export
    }
    fn role(&self) -> Role {
        self.role
    }
    fn standing(&self) -> Standing {
        self.standing
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn recognises(&self, sight: &Sight) -> bool {
        (self.recognises)(sight)
    }
    fn signature(&self) -> &'static str {
        self.signature
    }
    fn collects(&self) -> Option<&'static [Field]> {
        self.collects
    }
    fn secret_fields(&self) -> &'static [&'static str] {
        self.secret_fields
    }
    fn export(&self) -> &str {
        self.export.unwrap_or(self.id)
    }
    fn lists_leavers(&self) -> bool {
        self.lists_leavers
    }
    fn exported_at(&self, sight: &Sight) -> Option<i64> {
        (self.exported_at)(sight)
    }
    fn open<'a>(&'a self, context: &'a SourceContext) -> Box<dyn Adapter + 'a> {
        match self.reading {
            Reading::Each { record, page } => Box::new(Each { record, page, context }),
            Reading::Together(open) => open(context),
        }
    }
}

struct Each<'a> {
    record: ReadRecord,
    page: ReadPage,
    context: &'a SourceContext,
}

impl Adapter for Each<'_> {
    fn row(&mut self, row: Row<'_>, sink: &mut dyn Sink) {
        (self.record)(row, self.context, sink);
    }

    fn envelope(&mut self, envelope: &Map<String, Json>, sink: &mut dyn Sink) -> Paging {
        (self.page)(envelope, sink)
    }
}
