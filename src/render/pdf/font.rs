//! The faces of a document: the bundled ones, and system faces for characters those lack.

use super::fallback::SystemFonts;
use super::sfnt::FaceTables;
use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

/// How heavy a piece of text is set. Fallback faces have one weight only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Weight {
    #[default]
    Regular,
    Bold,
    Italic,
}

/// A face of the document: one of the bundled ones, a system face, or the box that stands for a missing glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaceId {
    Bundled(Weight),
    /// Position in the order in which system faces came into use.
    System(u16),
    /// No font at hand has the character; a visible box is drawn.
    Missing,
}

/// A character as it will be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyph {
    pub face: FaceId,
    pub id: u16,
    /// Thousandths of an em.
    pub advance: u16,
}

/// The faces in use; system fonts are looked at only when a bundled face lacks a character.
#[derive(Debug)]
pub struct FontBook {
    regular: FaceTables,
    bold: FaceTables,
    italic: FaceTables,
    with_system_fonts: bool,
    system: OnceCell<RefCell<SystemFonts>>,
    found: RefCell<BTreeMap<char, Glyph>>,
}

impl FontBook {
    /// The bundled faces, and system fonts for the characters they lack.
    pub fn with_system_fonts() -> FontBook {
        FontBook { with_system_fonts: true, ..FontBook::bundled() }
    }

    /// The bundled faces alone: the same on every machine.
    pub fn bundled() -> FontBook {
        let parse = |data| FaceTables::parse(data, 0).unwrap_or_default();
        FontBook {
            regular: parse(notosans::REGULAR_TTF),
            bold: parse(notosans::BOLD_TTF),
            italic: parse(notosans::ITALIC_TTF),
            with_system_fonts: false,
            system: OnceCell::new(),
            found: RefCell::new(BTreeMap::new()),
        }
    }

    fn bundled_face(&self, weight: Weight) -> &FaceTables {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
            Weight::Italic => &self.italic,
        }
    }

    /// How a character is drawn at a weight. The answer never depends on what was asked before.
    pub fn glyph(&self, character: char, weight: Weight) -> Glyph {
        let tables = self.bundled_face(weight);
        if let Some(id) = tables.glyph(character) {
            return Glyph { face: FaceId::Bundled(weight), id, advance: tables.advance(id) };
        }
        if let Some(known) = self.found.borrow().get(&character) {
            return *known;
        }
        let glyph = self.look_elsewhere(character);
        self.found.borrow_mut().insert(character, glyph);
        glyph
    }

    fn look_elsewhere(&self, character: char) -> Glyph {
        if self.with_system_fonts {
            let system = self.system.get_or_init(|| RefCell::new(SystemFonts::load()));
            if let Some(glyph) = system.borrow_mut().glyph(character) {
                return glyph;
            }
        }
        Glyph { face: FaceId::Missing, id: 0, advance: self.regular.advance(0) }
    }

    /// The text with each character replaced by the lowest one that its face draws alike.
    pub fn lowest_alike(&self, text: &str, face: FaceId) -> String {
        let system = self.system.get().map(RefCell::borrow);
        let alike = |character: char| match (face, &system) {
            (FaceId::Bundled(weight), _) => self.bundled_face(weight).lowest_alike(character),
            (FaceId::System(number), Some(system)) => system.lowest_alike(number, character),
            _ => character,
        };
        text.chars().map(alike).collect()
    }

    /// The file and the face number in it that hold a face. None for a system font that has vanished since.
    pub fn program(&self, face: FaceId) -> Option<(Cow<'static, [u8]>, u32)> {
        match face {
            FaceId::Bundled(Weight::Regular) | FaceId::Missing => Some((Cow::Borrowed(notosans::REGULAR_TTF), 0)),
            FaceId::Bundled(Weight::Bold) => Some((Cow::Borrowed(notosans::BOLD_TTF), 0)),
            FaceId::Bundled(Weight::Italic) => Some((Cow::Borrowed(notosans::ITALIC_TTF), 0)),
            FaceId::System(number) => {
                let (data, index) = self.system.get()?.borrow().program(number)?;
                Some((Cow::Owned(data), index))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_without_a_glyph_becomes_a_box_with_a_width() {
        let book = FontBook::bundled();
        let glyph = book.glyph('文', Weight::Bold);
        assert_eq!((glyph.face, glyph.id), (FaceId::Missing, 0));
        assert!(glyph.advance > 0);
    }

    #[test]
    fn characters_that_look_the_same_are_written_as_the_lowest() {
        let book = FontBook::bundled();
        assert_eq!(book.lowest_alike("a\u{a0}b\u{2126}-", FaceId::Bundled(Weight::Regular)).chars().next(), Some('a'));
        for weight in [Weight::Regular, Weight::Bold, Weight::Italic] {
            // What ASCII says stays, whatever else shares its glyph.
            let ascii: String = (' '..='~').collect();
            assert_eq!(book.lowest_alike(&ascii, FaceId::Bundled(weight)), ascii);
            for character in
                ('\u{a0}'..'\u{2200}').filter(|character| book.glyph(*character, weight).face == FaceId::Bundled(weight))
            {
                let alike = book.lowest_alike(&character.to_string(), FaceId::Bundled(weight)).chars().next().unwrap_or(' ');
                assert_eq!(book.glyph(alike, weight).id, book.glyph(character, weight).id);
            }
        }
    }

    #[test]
    fn weights_have_their_own_widths() {
        let book = FontBook::bundled();
        assert_ne!(book.glyph('m', Weight::Regular).advance, book.glyph('m', Weight::Bold).advance);
    }
}
