//! The little of a font file that layout needs: which characters a face covers and how wide its glyphs are.
//!
//! Reading these four tables ourselves keeps layout free of the PDF library, and lets a system font be asked for
//! its coverage without parsing its outlines. Every offset comes from a file and is checked.

/// Characters, glyph numbers and advance widths of one face.
#[derive(Debug, Clone, Default)]
pub struct FaceTables {
    /// Characters with their glyph, sorted by character.
    cmap: Vec<(u32, u16)>,
    /// Advance widths in thousandths of an em, by glyph.
    advances: Vec<u16>,
    /// The lowest character that each glyph draws, by glyph.
    lowest: Vec<Option<char>>,
}

/// Cuts a checked range out of the file.
fn bytes(data: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    data.get(at..at.checked_add(length)?)
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    bytes(data, at, 2)?.try_into().ok().map(u16::from_be_bytes)
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    bytes(data, at, 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// Finds a table of the face; offsets count from the start of the file.
fn table<'a>(data: &'a [u8], face: usize, tag: &[u8; 4]) -> Option<&'a [u8]> {
    let count = usize::from(u16_at(data, face + 4)?);
    for entry in 0..count {
        let at = face + 12 + entry * 16;
        if bytes(data, at, 4)? == tag {
            let offset = usize::try_from(u32_at(data, at + 8)?).ok()?;
            let length = usize::try_from(u32_at(data, at + 12)?).ok()?;
            return bytes(data, offset, length);
        }
    }
    None
}

impl FaceTables {
    /// Reads face `index` of a TrueType or OpenType file or collection. None for anything that cannot be embedded
    /// as plain outlines: bitmap and colour fonts, variable fonts, broken files.
    pub fn parse(data: &[u8], index: u32) -> Option<FaceTables> {
        let face = match bytes(data, 0, 4)? {
            b"ttcf" => usize::try_from(u32_at(data, 12 + usize::try_from(index).ok()? * 4)?).ok()?,
            _ => 0,
        };
        let has_outlines = table(data, face, b"glyf").is_some() || table(data, face, b"CFF ").is_some();
        if !has_outlines || table(data, face, b"fvar").is_some() {
            return None;
        }
        let units_per_em = u32::from(u16_at(table(data, face, b"head")?, 18)?).max(1);
        let glyphs = usize::from(u16_at(table(data, face, b"maxp")?, 4)?);
        let measured = usize::from(u16_at(table(data, face, b"hhea")?, 34)?);
        let hmtx = table(data, face, b"hmtx")?;
        let mut advances = Vec::with_capacity(glyphs);
        let mut last = 0;
        for glyph in 0..glyphs {
            if glyph < measured {
                let units = u32::from(u16_at(hmtx, glyph * 4)?);
                // Cut, not rounded: the PDF library cuts the widths it writes, and viewers advance by those.
                last = u16::try_from(units * 1000 / units_per_em).ok()?;
            }
            advances.push(last);
        }
        let mut cmap = character_map(table(data, face, b"cmap")?)?;
        cmap.retain(|(_, glyph)| *glyph != 0 && usize::from(*glyph) < glyphs);
        cmap.sort_unstable();
        cmap.dedup_by_key(|(character, _)| *character);
        let mut lowest = vec![None; glyphs];
        for (character, glyph) in &cmap {
            if let Some(first @ None) = lowest.get_mut(usize::from(*glyph)) {
                *first = char::from_u32(*character);
            }
        }
        Some(FaceTables { cmap, advances, lowest })
    }

    /// The glyph that draws a character.
    pub fn glyph(&self, character: char) -> Option<u16> {
        let found = self.cmap.binary_search_by_key(&u32::from(character), |(code, _)| *code).ok()?;
        self.cmap.get(found).map(|(_, glyph)| *glyph)
    }

    /// The lowest character that is drawn by the same glyph. A PDF names one character for each glyph, so a rare
    /// look-alike in one name would otherwise change what a reader copies everywhere.
    pub fn lowest_alike(&self, character: char) -> char {
        self.glyph(character).and_then(|glyph| self.lowest.get(usize::from(glyph)).copied().flatten()).unwrap_or(character)
    }

    /// Advance width in thousandths of an em.
    pub fn advance(&self, glyph: u16) -> u16 {
        self.advances.get(usize::from(glyph)).copied().unwrap_or(0)
    }
}

/// Characters and glyphs of the best Unicode subtable.
fn character_map(cmap: &[u8]) -> Option<Vec<(u32, u16)>> {
    let count = usize::from(u16_at(cmap, 2)?);
    let mut best: Option<(u8, usize)> = None;
    for entry in 0..count {
        let at = 4 + entry * 8;
        let (platform, encoding) = (u16_at(cmap, at)?, u16_at(cmap, at + 2)?);
        let offset = usize::try_from(u32_at(cmap, at + 4)?).ok()?;
        let rank = match (platform, encoding, u16_at(cmap, offset)?) {
            (3, 10, 12) | (0, 4 | 6, 12) => 2,
            (3, 1, 4) | (0, _, 4) => 1,
            _ => continue,
        };
        if best.is_none_or(|(known, _)| rank > known) {
            best = Some((rank, offset));
        }
    }
    let (rank, offset) = best?;
    let subtable = cmap.get(offset..)?;
    if rank == 2 { groups(subtable) } else { segments(subtable) }
}

/// Format 12: ranges of characters with consecutive glyphs.
fn groups(subtable: &[u8]) -> Option<Vec<(u32, u16)>> {
    let count = usize::try_from(u32_at(subtable, 12)?).ok()?;
    let mut map = Vec::new();
    for group in 0..count {
        let at = 16 + group * 12;
        let (start, end, first) = (u32_at(subtable, at)?, u32_at(subtable, at + 4)?, u32_at(subtable, at + 8)?);
        for (step, character) in (start..=end.min(0x10_FFFF)).enumerate() {
            // A glyph number is 16 bits wide, which also bounds the work a broken table can cause.
            let Ok(glyph) = u16::try_from(usize::try_from(first).ok()? + step) else { break };
            map.push((character, glyph));
        }
    }
    Some(map)
}

/// Format 4: segments of the basic plane.
fn segments(subtable: &[u8]) -> Option<Vec<(u32, u16)>> {
    let doubled = usize::from(u16_at(subtable, 6)?);
    let (ends, starts) = (14, 16 + doubled);
    let (deltas, offsets) = (starts + doubled, starts + 2 * doubled);
    let mut map = Vec::new();
    for segment in (0..doubled).step_by(2) {
        let (start, end) = (u16_at(subtable, starts + segment)?, u16_at(subtable, ends + segment)?);
        let (delta, offset) = (u16_at(subtable, deltas + segment)?, u16_at(subtable, offsets + segment)?);
        for character in start..=end {
            if character == u16::MAX {
                break;
            }
            let glyph = if offset == 0 {
                character.wrapping_add(delta)
            } else {
                let at = offsets + segment + usize::from(offset) + 2 * usize::from(character - start);
                match u16_at(subtable, at) {
                    Some(0) | None => 0,
                    Some(glyph) => glyph.wrapping_add(delta),
                }
            };
            map.push((u32::from(character), glyph));
        }
    }
    Some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noto_sans_covers_latin_greek_and_cyrillic_with_known_widths() {
        let face = FaceTables::parse(notosans::REGULAR_TTF, 0).expect("the bundled face parses");
        for character in "Az09éßΩжѣ–…€".chars() {
            assert!(face.glyph(character).is_some(), "{character}");
        }
        assert_eq!(face.glyph('文'), None);
        let widths: Vec<u16> = ('0'..='9').filter_map(|digit| face.glyph(digit)).map(|glyph| face.advance(glyph)).collect();
        assert_eq!(widths, vec![571; 10], "figures are tabular");
    }

    #[test]
    fn broken_files_are_refused_at_any_length() {
        for length in [0, 3, 12, 100, 5000, 40_000] {
            assert!(FaceTables::parse(notosans::REGULAR_TTF.get(..length).unwrap_or_default(), 0).is_none(), "{length}");
        }
        assert!(FaceTables::parse(b"ttcf\0\x01\0\0\0\0\0\x01", 7).is_none());
    }
}
