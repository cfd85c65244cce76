//! Checks the page headers of a Parquet file before its pages are decoded.
//!
//! The Parquet reader believes the counts in page headers and asks for memory accordingly; a damaged count (one flipped bit can
//! make it negative) then ends the whole process, which nothing can catch. So the headers, which are Thrift in its compact
//! protocol, are walked first: <https://github.com/apache/parquet-format>, `PageHeader`.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Bytes of one page header; the statistics in it may hold long texts.
const LONGEST_HEADER: u64 = 16 << 20;
/// How deeply structures of a header may be nested.
const DEEPEST: u8 = 16;

/// The pages of one column in one row group, as the end of the file describes them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    /// First byte, and the byte after the last.
    pub start: u64,
    pub end: u64,
    /// How many values the pages hold in all.
    pub values: i64,
    /// Rows of the row group if the column has a value for each row; none for columns of lists.
    pub rows: Option<usize>,
}

/// What is wrong with a page header.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("{0}")]
    Header(&'static str),
}

/// Checks every page header of the chunks.
pub(super) fn check(file: impl Read + Seek, chunks: &[Chunk]) -> Result<(), Fault> {
    let mut file = BufReader::new(file);
    for chunk in chunks {
        if chunk.values < 0 || chunk.rows.is_some_and(|rows| i64::try_from(rows) != Ok(chunk.values)) {
            return Err(Fault::Header("a column has another number of values than there are rows"));
        }
        file.seek(SeekFrom::Start(chunk.start))?;
        let mut at = chunk.start;
        let mut values = 0;
        while values < chunk.values {
            if at >= chunk.end {
                return Err(Fault::Header("a column has fewer values than it should"));
            }
            let mut header = Header { file: &mut file, taken: 0 };
            let page = header.page()?;
            at += header.taken;
            let size = u64::try_from(page.compressed_size).ok().filter(|size| at.saturating_add(*size) <= chunk.end);
            let Some(size) = size else { return Err(Fault::Header("a page goes beyond its column")) };
            if page.uncompressed_size < 0 {
                return Err(Fault::Header("a page has a negative size"));
            }
            if page.counts.iter().any(|count| !(0..=chunk.values).contains(count)) {
                return Err(Fault::Header("a page has another number of values than its column"));
            }
            values += page.values;
            if values > chunk.values {
                return Err(Fault::Header("a column has more values than it should"));
            }
            at += size;
            file.seek_relative(i64::try_from(size).unwrap_or(i64::MAX))?;
        }
    }
    Ok(())
}

/// What a page header says.
#[derive(Debug, Default)]
struct Page {
    uncompressed_size: i64,
    compressed_size: i64,
    /// Values of a data page; 0 for a dictionary.
    values: i64,
    /// Every count in the header of the page's kind that cannot exceed the values of its column.
    counts: Vec<i64>,
}

/// Types of the compact protocol.
mod kind {
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const BYTE: u8 = 3;
    pub(super) const I16: u8 = 4;
    pub(super) const I32: u8 = 5;
    pub(super) const I64: u8 = 6;
    pub(super) const DOUBLE: u8 = 7;
    pub(super) const BINARY: u8 = 8;
    pub(super) const LIST: u8 = 9;
    pub(super) const SET: u8 = 10;
    pub(super) const MAP: u8 = 11;
    pub(super) const STRUCT: u8 = 12;
}

struct Header<'f, R> {
    file: &'f mut BufReader<R>,
    /// Bytes of the header that were read.
    taken: u64,
}

impl<R: Read + Seek> Header<'_, R> {
    fn page(&mut self) -> Result<Page, Fault> {
        let mut page = Page::default();
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (2, kind::I32) => page.uncompressed_size = self.number()?,
                (3, kind::I32) => page.compressed_size = self.number()?,
                // The data page headers of both versions, and that of a dictionary.
                (5 | 8, kind::STRUCT) => {
                    // Version 2 counts values, nulls and rows.
                    page.counts = self.counts(if field == 8 { 3 } else { 1 })?;
                    page.values = page.counts.first().copied().unwrap_or_default();
                }
                (7, kind::STRUCT) => {
                    // A dictionary has no more entries than there are values, but writers may share one; only its sign counts.
                    if self.counts(1)?.iter().any(|count| *count < 0) {
                        return Err(Fault::Header("a dictionary has a negative size"));
                    }
                }
                _ => self.pass(kind, 1)?,
            }
        }
        Ok(page)
    }

    /// The first fields of a structure, all whole numbers; the others are passed over.
    fn counts(&mut self, wanted: i64) -> Result<Vec<i64>, Fault> {
        let mut counts = Vec::new();
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            if kind == kind::I32 && field <= wanted {
                counts.push(self.number()?);
            } else {
                self.pass(kind, 2)?;
            }
        }
        Ok(counts)
    }

    /// Reads the head of the next field: its type, and its number into `field`. None at the end of the structure.
    fn field(&mut self, field: &mut i64) -> Result<Option<u8>, Fault> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        match head >> 4 {
            0 => *field = self.number()?,
            step => *field = field.saturating_add(i64::from(step)),
        }
        Ok(Some(head & 0x0f))
    }

    fn pass(&mut self, kind: u8, depth: u8) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(Fault::Header("a page header is nested too deeply"));
        }
        match kind {
            // The truth of a field is its type.
            kind::TRUE | kind::FALSE => {}
            kind::BYTE => self.skip(1)?,
            kind::I16 | kind::I32 | kind::I64 => {
                self.varint()?;
            }
            kind::DOUBLE => self.skip(8)?,
            kind::BINARY => {
                let length = self.varint()?;
                self.skip(length)?;
            }
            kind::LIST | kind::SET => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                for _ in 0..count {
                    self.pass_element(head & 0x0f, depth)?;
                }
            }
            kind::MAP => {
                let count = self.varint()?;
                if count > 0 {
                    let kinds = self.byte()?;
                    for _ in 0..count {
                        self.pass_element(kinds >> 4, depth)?;
                        self.pass_element(kinds & 0x0f, depth)?;
                    }
                }
            }
            kind::STRUCT => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.pass(kind, depth + 1)?;
                }
            }
            _ => return Err(Fault::Header("a page header is not readable")),
        }
        Ok(())
    }

    /// An element of a list; unlike in a field, a truth value is a byte there. So each takes at least one byte, and the length
    /// of the header bounds the work.
    fn pass_element(&mut self, kind: u8, depth: u8) -> Result<(), Fault> {
        if matches!(kind, kind::TRUE | kind::FALSE) { self.skip(1) } else { self.pass(kind, depth + 1) }
    }

    fn number(&mut self) -> Result<i64, Fault> {
        let zigzag = self.varint()?;
        let half = i64::try_from(zigzag >> 1).unwrap_or_default();
        Ok(if zigzag & 1 == 0 { half } else { -half - 1 })
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Fault::Header("a page header is not readable"))
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        self.take(1)?;
        let mut byte = [0];
        self.file.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn skip(&mut self, count: u64) -> Result<(), Fault> {
        self.take(count)?;
        Ok(self.file.seek_relative(i64::try_from(count).unwrap_or(i64::MAX))?)
    }

    fn take(&mut self, count: u64) -> Result<(), Fault> {
        self.taken = self.taken.saturating_add(count);
        if self.taken > LONGEST_HEADER { Err(Fault::Header("a page header is too long")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    /// type 0, sizes 3 and 3, a data page header with this many values and an encoding, then the three bytes of the page.
    fn page(values: &[u8]) -> Vec<u8> {
        [&[0x15, 0, 0x15, 6, 0x15, 6, 0x2c, 0x15], values, &[0x15, 0, 0, 0, 7, 7, 7]].concat()
    }

    fn checked(bytes: &[u8], values: i64, rows: Option<usize>) -> Result<(), String> {
        let chunk = Chunk { start: 0, end: bytes.len() as u64, values, rows };
        check(Cursor::new(bytes), &[chunk]).map_err(|fault| fault.to_string())
    }

    #[test]
    fn counts_must_add_up() {
        let two = [page(&[4]), page(&[4])].concat();
        assert_eq!(checked(&two, 4, Some(4)), Ok(()));
        assert_eq!(checked(&two, 4, None), Ok(()));
        assert!(checked(&two, 4, Some(5)).unwrap_err().contains("than there are rows"));
        assert!(checked(&two, 5, None).unwrap_err().contains("fewer values"));
        assert!(checked(&two, 3, None).unwrap_err().contains("more values"));
        assert!(checked(&two, -1, None).is_err());
        // -2, and 2^31.
        assert!(checked(&page(&[3]), 4, None).unwrap_err().contains("another number"));
        assert!(checked(&page(&[0x80, 0x80, 0x80, 0x80, 0x10]), 4, None).unwrap_err().contains("another number"));
    }

    #[test]
    fn pages_stay_in_their_column() {
        let sound = page(&[4]);
        assert!(checked(&sound[..sound.len() - 1], 2, None).unwrap_err().contains("beyond its column"));
        assert!(checked(&sound[..3], 2, None).is_err());
        let mut negative = sound.clone();
        negative[5] = 5;
        assert!(checked(&negative, 2, None).unwrap_err().contains("beyond its column"));
        negative = sound;
        negative[3] = 5;
        assert!(checked(&negative, 2, None).unwrap_err().contains("negative size"));
    }

    #[test]
    fn what_is_not_needed_is_passed_over() {
        // A checksum (field 4), then in the data page header statistics with a text, a truth value and a list.
        let statistics = [0x18, 2, 9, 9, 0x21, 0x19, 0x25, 1, 1, 0];
        let bytes = [
            [0x15, 0, 0x15, 6, 0x15, 6, 0x15, 8, 0x1c, 0x15, 4, 0x15, 0, 0x15, 0, 0x15, 0, 0x1c].as_slice(),
            &statistics,
            &[0, 0, 7, 7, 7],
        ]
        .concat();
        assert_eq!(checked(&bytes, 2, Some(2)), Ok(()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_checked_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), values in any::<i64>()) {
            let _ = checked(&bytes, values, None);
        }

        #[test]
        fn any_change_is_checked_without_harm(at in 0_usize..14, byte in any::<u8>()) {
            let mut bytes = page(&[4]);
            bytes[at] = byte;
            let _ = checked(&bytes, 2, None);
        }
    }
}
