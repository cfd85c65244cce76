//! Placed pages to PDF bytes: the only file that knows printpdf.

use super::document::{self, Facts};
use super::font::{FaceId, FontBook, Weight};
use super::item::{Item, Mark, Page, TextRun};
use super::page::Sheet;
use super::style::Tone;
use crate::render::RenderError;
use printpdf::{
    Codepoint, Color, FontId, Line, LinePoint, Mm, Op, PaintMode, ParsedFont, PdfDocument, PdfFont, PdfFontHandle, PdfPage,
    PdfSaveOptions, Point, Polygon, PolygonRing, Pt, Rect, Rgb, TextItem, TextMatrix, WindingOrder,
};
use std::collections::BTreeSet;

/// Paints the pages and adds what a document has beside them.
pub fn paint(pages: &[Page], sheet: &Sheet, facts: &Facts, book: &FontBook) -> Result<Vec<u8>, RenderError> {
    let mut pdf = PdfDocument::new("");
    embed_fonts(pages, book, &mut pdf)?;
    let mut painter = Painter { book, height: sheet.height, ops: Vec::new(), face: None, tone: None };
    for page in pages {
        let ops = painter.page(page);
        let mut painted = PdfPage::new(Mm(0.0), Mm(0.0), ops);
        let sheet = Rect { x: Pt(0.0), y: Pt(0.0), width: Pt(sheet.width), height: Pt(sheet.height), ..painted.media_box };
        painted.media_box = sheet.clone();
        painted.trim_box = sheet.clone();
        painted.crop_box = sheet;
        pdf.pages.push(painted);
    }
    let mut warnings = Vec::new();
    let options = PdfSaveOptions { optimize: true, subset_fonts: true, secure: true, image_optimization: None };
    let finished = pdf.to_lopdf_document(&options, &mut warnings);
    document::finish(finished, pages, sheet, facts)
}

/// Resource name of a face. Its first six letters become the tag that marks a font as a subset.
fn font_id(face: FaceId) -> FontId {
    FontId(match face {
        FaceId::Bundled(Weight::Regular) | FaceId::Missing => "CSREGU".to_owned(),
        FaceId::Bundled(Weight::Bold) => "CSBOLD".to_owned(),
        FaceId::Bundled(Weight::Italic) => "CSITAL".to_owned(),
        FaceId::System(number) => {
            let letter = |position: u16| char::from(b'A' + (position % 26) as u8);
            format!("CSS{}{}{}", letter(number / 676), letter(number / 26), letter(number))
        }
    })
}

fn embed_fonts(pages: &[Page], book: &FontBook, pdf: &mut PdfDocument) -> Result<(), RenderError> {
    let faces: BTreeSet<FaceId> = pages
        .iter()
        .flat_map(|page| &page.items)
        .filter_map(|item| match item {
            Item::Text(run) => Some(run.face),
            _ => None,
        })
        .collect();
    for face in faces {
        let broken = || RenderError::Pdf(format!("the font {face:?} cannot be read any more"));
        let (data, index) = book.program(face).ok_or_else(broken)?;
        let index = usize::try_from(index).map_err(|_| broken())?;
        let parsed = ParsedFont::from_bytes(&data, index, &mut Vec::new()).ok_or_else(broken)?;
        pdf.resources.fonts.map.insert(font_id(face), PdfFont::new(parsed));
    }
    Ok(())
}

/// Turns items into operations; y grows upwards there.
struct Painter<'a> {
    book: &'a FontBook,
    height: f32,
    ops: Vec<Op>,
    /// Face, size in thousandths of a point, and colour in force.
    face: Option<(FaceId, u32)>,
    tone: Option<Tone>,
}

/// A hundredth of a point is finer than any printer; more digits only make the file larger.
fn pt(value: f32) -> Pt {
    Pt((value * 100.0).round() / 100.0)
}

impl Painter<'_> {
    fn page(&mut self, page: &Page) -> Vec<Op> {
        self.face = None;
        self.tone = None;
        for item in &page.items {
            self.item(item);
        }
        std::mem::take(&mut self.ops)
    }

    fn point(&self, x: f32, y: f32) -> Point {
        Point { x: pt(x), y: pt(self.height - y) }
    }

    fn color(tone: Tone) -> Color {
        let [r, g, b] = tone.rgb().map(|part| f32::from(part) / 255.0);
        Color::Rgb(Rgb { r, g, b, icc_profile: None })
    }

    fn fill(&mut self, tone: Tone) {
        if self.tone != Some(tone) {
            self.tone = Some(tone);
            self.ops.push(Op::SetFillColor { col: Painter::color(tone) });
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Text(run) => self.text(run),
            Item::Line { from, to, width, tone } => {
                self.ops.push(Op::SetOutlineColor { col: Painter::color(*tone) });
                self.ops.push(Op::SetOutlineThickness { pt: pt(*width) });
                let points = [*from, *to].map(|(x, y)| LinePoint { p: self.point(x, y), bezier: false });
                self.ops.push(Op::DrawLine { line: Line { points: points.to_vec(), is_closed: false } });
            }
            Item::Rect { x, y, width, height, tone } => {
                self.fill(*tone);
                let rectangle = Rect {
                    x: pt(*x),
                    y: pt(self.height - y - height),
                    width: pt(*width),
                    height: pt(*height),
                    mode: Some(PaintMode::Fill),
                    winding_order: Some(WindingOrder::NonZero),
                };
                self.ops.push(Op::DrawRectangle { rectangle });
            }
            Item::Mark { mark, x, y, size, tone } => self.mark(*mark, *x, *y, *size, *tone),
            // Places, not paint.
            Item::Anchor { .. } | Item::Link { .. } | Item::PageOf { .. } => {}
        }
    }

    fn text(&mut self, run: &TextRun) {
        self.fill(run.tone);
        self.ops.push(Op::StartTextSection);
        let wanted = (run.face, (run.size * 1000.0) as u32);
        if self.face != Some(wanted) {
            self.face = Some(wanted);
            self.ops.push(Op::SetFont { font: PdfFontHandle::External(font_id(run.face)), size: Pt(run.size) });
        }
        self.ops.push(Op::SetTextMatrix { matrix: TextMatrix::Translate(pt(run.x), pt(self.height - run.baseline)) });
        let items = if run.face == FaceId::Missing {
            // Glyph 0 is the box; a reader who copies it gets the replacement character.
            let boxes = run.text.chars().map(|_| Codepoint::with_cid(0, 0.0, '\u{fffd}'.to_string()));
            vec![TextItem::GlyphIds(boxes.collect())]
        } else {
            vec![TextItem::Text(self.book.lowest_alike(&run.text, run.face))]
        };
        self.ops.push(Op::ShowText { items });
        self.ops.push(Op::EndTextSection);
    }

    fn mark(&mut self, mark: Mark, x: f32, y: f32, size: f32, tone: Tone) {
        self.fill(tone);
        let half = size / 2.0;
        let (middle_x, middle_y) = (x + half, y + half);
        let rings = match mark {
            Mark::Diamond => {
                vec![self.straight(&[(middle_x, y), (x + size, middle_y), (middle_x, y + size), (x, middle_y)])]
            }
            Mark::Triangle => {
                let foot = y + size * 0.92;
                vec![self.straight(&[(middle_x, y + size * 0.04), (x + size, foot), (x, foot)])]
            }
            Mark::Disc => vec![self.circle(middle_x, middle_y, half * 0.86)],
            Mark::Bullet => vec![self.circle(middle_x, middle_y, half)],
            Mark::Ring => {
                vec![self.circle(middle_x, middle_y, half * 0.86), self.circle(middle_x, middle_y, half * 0.56)]
            }
        };
        let polygon = Polygon { rings, mode: PaintMode::Fill, winding_order: WindingOrder::EvenOdd };
        self.ops.push(Op::DrawPolygon { polygon });
    }

    fn straight(&self, corners: &[(f32, f32)]) -> PolygonRing {
        PolygonRing { points: corners.iter().map(|(x, y)| LinePoint { p: self.point(*x, *y), bezier: false }).collect() }
    }

    /// Four Bézier curves; the factor is the usual one for quarter circles.
    fn circle(&self, x: f32, y: f32, radius: f32) -> PolygonRing {
        let bend = radius * 0.552_285;
        let at = |dx: f32, dy: f32, bezier: bool| LinePoint { p: self.point(x + dx, y + dy), bezier };
        PolygonRing {
            points: vec![
                at(radius, 0.0, false),
                at(radius, bend, true),
                at(bend, radius, true),
                at(0.0, radius, false),
                at(-bend, radius, true),
                at(-radius, bend, true),
                at(-radius, 0.0, false),
                at(-radius, -bend, true),
                at(-bend, -radius, true),
                at(0.0, -radius, false),
                at(bend, -radius, true),
                at(radius, -bend, true),
                at(radius, 0.0, false),
            ],
        }
    }
}
