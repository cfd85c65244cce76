//! What a PDF has beside its pages: outline, links, language, information, identifier.
//!
//! printpdf writes a flat outline sorted by name, dates of its own and an identifier from a counter; the file it
//! hands over is completed here.

use super::block::Level;
use super::item::{Item, Page};
use super::layout::HeadingEntry;
use super::page::{Sheet, anchors};
use crate::render::RenderError;
use crate::report::Seconds;
use crate::report::words::instant;
use chrono::DateTime;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What the document says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub title: String,
    pub author: String,
    pub subject: String,
    /// Tool and version.
    pub creator: String,
    /// BCP 47.
    pub language: String,
    /// The one date of the document.
    pub as_of: Seconds,
    pub headings: Vec<HeadingEntry>,
}

/// Completes the document and writes it. The identifier is a digest of all other bytes.
pub fn finish(mut document: Document, pages: &[Page], sheet: &Sheet, facts: &Facts) -> Result<Vec<u8>, RenderError> {
    let broken = |error: lopdf::Error| RenderError::Pdf(error.to_string());
    document.version = "1.7".to_owned();
    let page_ids: Vec<ObjectId> = document.get_pages().into_values().collect();
    let anchors = anchors(pages);
    let targets = Targets { anchors: &anchors, page_ids: &page_ids, height: sheet.height };
    for (page, id) in pages.iter().zip(&page_ids) {
        let links = links(page, &targets, sheet.height);
        let dictionary = document.get_dictionary_mut(*id).map_err(broken)?;
        if links.is_empty() {
            dictionary.remove(b"Annots");
        } else {
            dictionary.set("Annots", links);
        }
    }
    let outline = outline(&mut document, &facts.headings, &targets);
    let metadata = document.add_object(Stream::new(xmp_dictionary(), xmp(facts).into_bytes()).with_compression(false));
    let catalog = document.catalog_mut().map_err(broken)?;
    if let Some(outline) = outline {
        catalog.set("Outlines", outline);
        catalog.set("PageMode", Object::Name(b"UseOutlines".to_vec()));
    }
    catalog.set("Metadata", metadata);
    catalog.set("Lang", text_string(&facts.language));
    let mut preferences = Dictionary::new();
    preferences.set("DisplayDocTitle", true);
    catalog.set("ViewerPreferences", preferences);
    let information = document.add_object(information(facts));
    document.trailer.set("Info", information);
    const LENGTH: usize = 16;
    let placeholder = Object::String(vec![0; LENGTH], StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![placeholder.clone(), placeholder]);
    document.prune_objects();
    document.compress();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes)?;
    identify(&mut bytes, 2 * LENGTH)?;
    Ok(bytes)
}

/// Writes the digest of the file over the zeros that stand for its identifier.
fn identify(bytes: &mut [u8], digits: usize) -> Result<(), RenderError> {
    let id: String = Sha256::digest(&*bytes).iter().map(|byte| format!("{byte:02X}")).collect();
    let zeros = "0".repeat(digits);
    for _ in 0..2 {
        let at = memchr::memmem::rfind(bytes, format!("<{zeros}>").as_bytes());
        let place = at.and_then(|at| bytes.get_mut(at + 1..at + 1 + digits));
        let (Some(place), Some(id)) = (place, id.as_bytes().get(..digits)) else {
            return Err(RenderError::Pdf("the file has no place for its identifier".to_owned()));
        };
        place.copy_from_slice(id);
    }
    Ok(())
}

/// ASCII as it is, anything else as UTF-16 with its mark (ISO 32000-1, 7.9.2.2).
fn text_string(text: &str) -> Object {
    if text.chars().all(|character| character.is_ascii() && !character.is_ascii_control()) {
        return Object::string_literal(text);
    }
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, StringFormat::Hexadecimal)
}

/// Where headings are.
struct Targets<'a> {
    anchors: &'a BTreeMap<usize, (usize, f32)>,
    page_ids: &'a [ObjectId],
    height: f32,
}

impl Targets<'_> {
    /// A destination a little above the heading.
    fn destination(&self, heading: usize) -> Option<Object> {
        let (page, y) = self.anchors.get(&heading)?;
        let id = self.page_ids.get(*page)?;
        let top = (self.height - y + 8.0).round();
        Some(Object::Array(vec![Object::Reference(*id), "XYZ".into(), Object::Null, top.into(), Object::Null]))
    }
}

fn links(page: &Page, targets: &Targets<'_>, sheet_height: f32) -> Vec<Object> {
    let mut links = Vec::new();
    for item in &page.items {
        let Item::Link { x, y, width, height, heading } = item else { continue };
        let Some(destination) = targets.destination(*heading) else { continue };
        let corners = [*x, sheet_height - y - height, x + width, sheet_height - y].map(|side| side.round().into());
        let mut link = Dictionary::new();
        link.set("Type", "Annot");
        link.set("Subtype", "Link");
        link.set("Rect", corners.to_vec());
        link.set("Border", vec![Object::Integer(0), Object::Integer(0), Object::Integer(0)]);
        // Bit 3: the annotation may be printed, as archives ask for.
        link.set("F", 4);
        link.set("Dest", destination);
        links.push(Object::Dictionary(link));
    }
    links
}

/// One entry of the outline while its tree is put together.
struct Entry {
    id: ObjectId,
    parent: ObjectId,
    depth: u8,
    heading: usize,
}

fn outline(document: &mut Document, headings: &[HeadingEntry], targets: &Targets<'_>) -> Option<ObjectId> {
    let root = document.new_object_id();
    let mut entries: Vec<Entry> = Vec::with_capacity(headings.len());
    // The nearest entry above of each lesser depth is the parent.
    let mut open: Vec<(u8, ObjectId)> = Vec::new();
    for (number, heading) in headings.iter().enumerate() {
        let depth = match heading.level {
            Level::Section => 0,
            Level::Subsection => 1,
            Level::Group => 2,
        };
        open.retain(|(above, _)| *above < depth);
        let parent = open.last().map_or(root, |(_, id)| *id);
        let id = document.new_object_id();
        open.push((depth, id));
        entries.push(Entry { id, parent, depth, heading: number });
    }
    let mut children: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for entry in &entries {
        children.entry(entry.parent).or_default().push(entry.id);
    }
    for entry in &entries {
        let siblings = children.get(&entry.parent).map(Vec::as_slice).unwrap_or_default();
        let place = siblings.iter().position(|id| *id == entry.id)?;
        let mut dictionary = Dictionary::new();
        dictionary.set("Title", text_string(&headings.get(entry.heading)?.title));
        dictionary.set("Parent", entry.parent);
        if let Some(destination) = targets.destination(entry.heading) {
            dictionary.set("Dest", destination);
        }
        if let Some(before) = place.checked_sub(1).and_then(|before| siblings.get(before)) {
            dictionary.set("Prev", *before);
        }
        if let Some(next) = siblings.get(place + 1) {
            dictionary.set("Next", *next);
        }
        if let Some((first, last, count)) = ends(children.get(&entry.id)) {
            dictionary.set("First", first);
            dictionary.set("Last", last);
            // Negative: closed until the reader opens it.
            dictionary.set("Count", -count);
        }
        if entry.depth == 0 {
            // Bold.
            dictionary.set("F", 2);
        }
        document.set_object(entry.id, dictionary);
    }
    let (first, last, count) = ends(children.get(&root))?;
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", "Outlines");
    dictionary.set("First", first);
    dictionary.set("Last", last);
    dictionary.set("Count", count);
    document.set_object(root, dictionary);
    Some(root)
}

fn ends(children: Option<&Vec<ObjectId>>) -> Option<(ObjectId, ObjectId, i64)> {
    let children = children?;
    Some((*children.first()?, *children.last()?, i64::try_from(children.len()).ok()?))
}

fn information(facts: &Facts) -> Dictionary {
    let date = DateTime::from_timestamp(facts.as_of, 0).map(|at| at.format("D:%Y%m%d%H%M%SZ").to_string());
    let mut information = Dictionary::new();
    for (key, value) in [
        ("Title", &facts.title),
        ("Author", &facts.author),
        ("Subject", &facts.subject),
        ("Creator", &facts.creator),
        ("Producer", &facts.creator),
    ] {
        if !value.is_empty() {
            information.set(key, text_string(value));
        }
    }
    if let Some(date) = date {
        information.set("CreationDate", text_string(&date));
        information.set("ModDate", text_string(&date));
    }
    information
}

fn xmp_dictionary() -> Dictionary {
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", "Metadata");
    dictionary.set("Subtype", "XML");
    dictionary
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The same facts as XMP, for archives that read no other.
fn xmp(facts: &Facts) -> String {
    let (title, subject, creator) = (escape(&facts.title), escape(&facts.subject), escape(&facts.creator));
    let (author, language, date) = (escape(&facts.author), escape(&facts.language), instant(facts.as_of));
    let author = if author.is_empty() {
        String::new()
    } else {
        format!("<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>\n")
    };
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n\
         <dc:format>application/pdf</dc:format>\n\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
         <dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{subject}</rdf:li></rdf:Alt></dc:description>\n\
         {author}<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>\n\
         <xmp:CreateDate>{date}</xmp:CreateDate>\n\
         <xmp:ModifyDate>{date}</xmp:ModifyDate>\n\
         <xmp:MetadataDate>{date}</xmp:MetadataDate>\n\
         <xmp:CreatorTool>{creator}</xmp:CreatorTool>\n\
         <pdf:Producer>{creator}</pdf:Producer>\n\
         </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>"
    )
}
