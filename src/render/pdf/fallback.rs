//! System fonts for scripts that the bundled faces lack, such as Chinese, Japanese and Korean.
//!
//! The choice is deterministic for a given set of installed fonts: one face per family, families in a fixed order,
//! the first that covers the character. Fonts are opened only as far as the search has to go.

use super::font::{FaceId, Glyph};
use super::sfnt::FaceTables;
use fontdb::{Database, FaceInfo, ID, Style};
use std::collections::BTreeMap;

/// The installed fonts in the order in which they are asked.
#[derive(Debug)]
pub struct SystemFonts {
    database: Database,
    candidates: Vec<Candidate>,
    /// Positions in `candidates` of the faces in use.
    used: Vec<usize>,
}

#[derive(Debug)]
struct Candidate {
    id: ID,
    tables: Option<Option<FaceTables>>,
}

/// Plain families first, and of these one design for many scripts; the name decides what is left.
type Preference = (u8, bool, u32, String);

fn preference(face: &FaceInfo, family: &str) -> Preference {
    let serif = ["Serif", "Mincho", "Ming", "Song", "Batang"].iter().any(|word| family.contains(word));
    let class = match (face.monospaced || family.contains("Mono"), serif) {
        (false, false) => 0,
        (false, true) => 1,
        (true, _) => 2,
    };
    (class, !family.starts_with("Noto Sans"), face.index, family.to_owned())
}

/// How far a face is from the plain one of its family.
fn distance(face: &FaceInfo) -> (bool, u16, u32, String) {
    (face.style != Style::Normal, face.weight.0.abs_diff(400), face.index, face.post_script_name.clone())
}

impl SystemFonts {
    /// Lists the installed fonts.
    pub fn load() -> SystemFonts {
        let mut database = Database::new();
        database.load_system_fonts();
        SystemFonts::from_database(database)
    }

    fn from_database(database: Database) -> SystemFonts {
        let mut families: BTreeMap<String, &FaceInfo> = BTreeMap::new();
        for face in database.faces() {
            let Some((family, _)) = face.families.first() else { continue };
            let best = families.entry(family.clone()).or_insert(face);
            if distance(face) < distance(best) {
                *best = face;
            }
        }
        let mut ordered: Vec<(Preference, ID)> =
            families.iter().map(|(family, face)| (preference(face, family), face.id)).collect();
        ordered.sort();
        let candidates = ordered.into_iter().map(|(_, id)| Candidate { id, tables: None }).collect();
        SystemFonts { database, candidates, used: Vec::new() }
    }

    /// The first face in order that draws a character.
    pub fn glyph(&mut self, character: char) -> Option<Glyph> {
        for (position, candidate) in self.candidates.iter_mut().enumerate() {
            let tables =
                candidate.tables.get_or_insert_with(|| self.database.with_face_data(candidate.id, FaceTables::parse).flatten());
            let Some(tables) = tables else { continue };
            let Some(id) = tables.glyph(character) else { continue };
            let advance = tables.advance(id);
            let number = match self.used.iter().position(|known| *known == position) {
                Some(number) => number,
                None => {
                    self.used.push(position);
                    self.used.len() - 1
                }
            };
            return Some(Glyph { face: FaceId::System(u16::try_from(number).ok()?), id, advance });
        }
        None
    }

    /// The lowest character that looks the same in a face in use.
    pub fn lowest_alike(&self, number: u16, character: char) -> char {
        let candidate = self.used.get(usize::from(number)).and_then(|position| self.candidates.get(*position));
        let tables = candidate.and_then(|candidate| candidate.tables.as_ref()).and_then(Option::as_ref);
        tables.map_or(character, |tables| tables.lowest_alike(character))
    }

    /// The bytes of a face in use and its number in the file.
    pub fn program(&self, number: u16) -> Option<(Vec<u8>, u32)> {
        let candidate = self.candidates.get(*self.used.get(usize::from(number))?)?;
        self.database.with_face_data(candidate.id, |data, index| (data.to_vec(), index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_family_the_plain_face_is_asked() {
        let mut database = Database::new();
        for data in [notosans::BOLD_ITALIC_TTF, notosans::BOLD_TTF, notosans::REGULAR_TTF, notosans::ITALIC_TTF] {
            database.load_font_data(data.to_vec());
        }
        let mut fonts = SystemFonts::from_database(database);
        assert_eq!(fonts.candidates.len(), 1);
        let regular = FaceTables::parse(notosans::REGULAR_TTF, 0).unwrap_or_default();
        let glyph = fonts.glyph('m').expect("covered");
        assert_eq!(glyph.face, FaceId::System(0));
        assert_eq!(Some(glyph.id), regular.glyph('m'));
        assert_eq!(glyph.advance, regular.advance(glyph.id));
        assert_eq!(fonts.glyph('文'), None);
        assert!(fonts.program(0).is_some());
    }
}
