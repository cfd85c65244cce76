//! UTF-16, which Windows writes, as UTF-8 while it is read.

use super::unpack::{Block, read_block};
use std::io::{self, Read};

/// Bytes decoded at a time.
const BLOCK: usize = 1 << 18;
/// Bytes looked at for UTF-16 without a mark.
const SEEN: usize = 64;

/// Which byte of a unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

/// Tells UTF-16 by the first bytes of a text, and how many of them are its mark. Without a mark the text must begin as exports
/// do, with ASCII: no UTF-8 text has a NUL for every second byte.
pub fn order(start: &[u8]) -> Option<(Order, usize)> {
    match start {
        [0xFF, 0xFE, ..] => return Some((Order::Little, 2)),
        [0xFE, 0xFF, ..] => return Some((Order::Big, 2)),
        _ => {}
    }
    let (pairs, _) = start.get(..start.len().min(SEEN))?.as_chunks::<2>();
    let all = |is: fn(&[u8; 2]) -> bool| pairs.len() > 1 && pairs.iter().take(2).all(is);
    if all(|[first, second]| first.is_ascii() && *first != 0 && *second == 0) {
        Some((Order::Little, 0))
    } else if all(|[first, second]| *first == 0 && second.is_ascii() && *second != 0) {
        Some((Order::Big, 0))
    } else {
        None
    }
}

/// Decodes a stream; what is no text becomes U+FFFD, a replacement that can be seen.
pub struct Utf16<R> {
    inner: R,
    order: Order,
    /// Bytes read and not decoded yet, at most one unit and a half.
    pending: Vec<u8>,
    decoded: io::Cursor<Vec<u8>>,
    end: Block,
}

impl<R: Read> Utf16<R> {
    pub fn new(inner: R, order: Order) -> Utf16<R> {
        Utf16 { inner, order, pending: Vec::new(), decoded: io::Cursor::default(), end: Block::More }
    }

    /// Decodes a further block; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        match self.end {
            Block::More => {}
            Block::End => return Ok(false),
            Block::Damaged => return Err(super::unpack::Damage::error()),
        }
        let mut bytes = std::mem::take(&mut self.pending);
        self.end = read_block(&mut self.inner, &mut bytes, BLOCK)?;
        let (pairs, half) = bytes.as_chunks::<2>();
        let unit = |pair: &[u8; 2]| match self.order {
            Order::Little => u16::from_le_bytes(*pair),
            Order::Big => u16::from_be_bytes(*pair),
        };
        let mut units: Vec<u16> = pairs.iter().map(unit).collect();
        let mut pending = half.to_vec();
        // A surrogate pair may be cut by the end of the block.
        if self.end == Block::More
            && units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit))
            && let (Some(_), Some(pair)) = (units.pop(), pairs.last())
        {
            pending = [pair.as_slice(), half].concat();
        }
        let mut text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        if self.end == Block::End && !pending.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            pending.clear();
        }
        self.pending = pending;
        self.decoded = io::Cursor::new(text.into_bytes());
        Ok(true)
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.decoded.read(out)?;
            if count > 0 || out.is_empty() || !self.fill()? {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(bytes: &[u8]) -> String {
        let (order, mark) = order(bytes).unwrap();
        let mut text = String::new();
        Utf16::new(&bytes[mark..], order).read_to_string(&mut text).unwrap();
        text
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn halves_and_lone_surrogates_can_be_seen() {
        assert_eq!(decoded(b"\xFF\xFE"), "");
        assert_eq!(decoded(b"\xFF\xFEi\0d"), "i\u{FFFD}");
        assert_eq!(decoded(b"\xFF\xFE\x00\xD8"), "\u{FFFD}");
    }

    #[test]
    fn a_missing_mark_is_no_obstacle() {
        for text in ["[\r\n {\"é\":1}]", "id,näme\r\n1,日本\r\n", "{}"] {
            assert_eq!(decoded(&utf16(text, u16::to_le_bytes)), text);
            assert_eq!(decoded(&utf16(text, u16::to_be_bytes)), text);
        }
        for bytes in [b"id,name".as_slice(), b"", b"a\0", b"\0\0\0\0", "日本".as_bytes(), b"PAR1"] {
            assert_eq!(order(bytes), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn utf16_says_what_it_said(text in ".{0,60}") {
            let long = text.repeat(3000);
            prop_assert_eq!(&decoded(&[b"\xFF\xFE".to_vec(), utf16(&long, u16::to_le_bytes)].concat()), &long);
            prop_assert_eq!(&decoded(&[b"\xFE\xFF".to_vec(), utf16(&text, u16::to_be_bytes)].concat()), &text);
        }
    }
}
