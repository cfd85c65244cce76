//! Gzip and zstd: unpacked while they are read, so that memory does not grow with the file.
//!
//! A stream that was cut or damaged gives what came before and then a [`Damage`], so that its readers keep the sound part and
//! call the source incomplete. A stream that unpacks beyond [`Limits`] is an error: nothing is concluded from part of a bomb.

use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes of the packed file that are read at a time.
const BLOCK: usize = 1 << 17;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// Tells the packing by the first bytes of a file.
    pub fn of(start: &[u8]) -> Option<Packing> {
        match start {
            [0x1F, 0x8B, ..] => Some(Packing::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Packing::Zstd),
            // A skippable frame, which parallel compressors write first.
            [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }
}

/// Where unpacking stops. Exports are repetitive, and a gigabyte of them may well shrink to a few megabytes; so the ratio counts
/// only above a size that no honest export with such a ratio has.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most bytes that come out of one file.
    pub most: u64,
    /// Bytes that may come out whatever the ratio.
    pub free: u64,
    /// Above `free`: how many times its own size a file may unpack to.
    pub ratio: u64,
}

impl Limits {
    pub const DEFAULT: Limits = Limits { most: 64 << 30, free: 4 << 30, ratio: 250 };

    /// Why so much must not come out of so little; none if it may.
    pub fn exceeded(&self, unpacked: u64, packed: u64) -> Option<Bomb> {
        if unpacked > self.most {
            Some(Bomb::Size { gib: self.most >> 30 })
        } else if unpacked > self.free && unpacked / self.ratio > packed {
            Some(Bomb::Ratio { gib: self.free >> 30, ratio: self.ratio })
        } else {
            None
        }
    }
}

/// A file that unpacks to more than is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Bomb {
    #[error(
        "it unpacks to more than {gib} GiB, which is the limit for a compressed file; unpack it and split it, or leave it out"
    )]
    Size { gib: u64 },
    #[error(
        "it unpacks to more than {gib} GiB and to more than {ratio} times its own size, as a decompression bomb does; \
         if it is sound, unpack it and name the unpacked file"
    )]
    Ratio { gib: u64, ratio: u64 },
}

/// A packed file that was cut or damaged; what came before is sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the compressed data is cut or damaged from here on")]
pub struct Damage;

impl Damage {
    pub(super) fn error() -> io::Error {
        io::Error::new(io::ErrorKind::UnexpectedEof, Damage)
    }

    /// True if an error of a reader only says that the rest of a packed file is lost.
    pub fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Damage>())
    }
}

/// What [`read_block`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    More,
    End,
    /// The end, because the rest is lost.
    Damaged,
}

/// Adds up to `wanted` bytes to a buffer; fewer only at the end.
pub fn read_block(reader: &mut dyn Read, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<Block> {
    let before = buffer.len();
    match reader.take(wanted as u64).read_to_end(buffer) {
        Ok(_) if buffer.len() - before < wanted => Ok(Block::End),
        Ok(_) => Ok(Block::More),
        // What was read before the error is in the buffer.
        Err(error) if Damage::is(&error) => Ok(Block::Damaged),
        Err(error) => Err(error),
    }
}

/// Counts what is read of the packed file, and tells its own errors from those of the unpacking.
struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

#[derive(Default)]
struct Meter {
    taken: AtomicU64,
    failed: AtomicBool,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(out);
        match &result {
            Ok(count) => drop(self.meter.taken.fetch_add(*count as u64, Ordering::Relaxed)),
            Err(error) => self.meter.failed.store(error.kind() != io::ErrorKind::Interrupted, Ordering::Relaxed),
        }
        result
    }
}

struct Unpacked {
    decoder: Box<dyn Read + Send>,
    meter: Arc<Meter>,
    given: u64,
    limits: Limits,
}

/// Unpacks a stream; several members or frames in a row are one stream.
pub fn unpack(packed: impl Read + Send + 'static, packing: Packing, limits: Limits) -> io::Result<Box<dyn Read + Send>> {
    let meter = Arc::new(Meter::default());
    let metered = BufReader::with_capacity(BLOCK, Metered { inner: packed, meter: Arc::clone(&meter) });
    let decoder: Box<dyn Read + Send> = match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(metered)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(metered)?),
    };
    Ok(Box::new(Unpacked { decoder, meter, given: 0, limits }))
}

impl Read for Unpacked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = match self.decoder.read(out) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted || self.meter.failed.load(Ordering::Relaxed) => {
                return Err(error);
            }
            Err(_) => return Err(Damage::error()),
        };
        self.given += count as u64;
        match self.limits.exceeded(self.given, self.meter.taken.load(Ordering::Relaxed)) {
            Some(bomb) => Err(io::Error::other(bomb)),
            None => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(bytes, 1).unwrap()
    }

    fn unpacked(packed: &[u8], limits: Limits) -> (Vec<u8>, io::Result<Block>) {
        let packing = Packing::of(packed).unwrap();
        let mut reader = unpack(io::Cursor::new(packed.to_vec()), packing, limits).unwrap();
        let mut out = Vec::new();
        let end = read_block(&mut reader, &mut out, 1 << 30);
        (out, end)
    }

    /// Text that does not pack to nothing.
    fn text() -> Vec<u8> {
        (0..60_000_u32).flat_map(|number| format!("{:x},", number.wrapping_mul(2_654_435_761)).into_bytes()).collect()
    }

    #[test]
    fn members_and_frames_in_a_row_are_one_stream() {
        for pack in [gzip, zstd] {
            let (out, end) = unpacked(&[pack(b"a,b\n"), pack(b""), pack(b"1,2\n")].concat(), Limits::DEFAULT);
            assert_eq!((out.as_slice(), end.unwrap()), (b"a,b\n1,2\n".as_slice(), Block::End));
        }
    }

    #[test]
    fn what_came_before_a_cut_or_damage_is_given() {
        for pack in [gzip, zstd] {
            let whole = pack(&text());
            let (out, end) = unpacked(whole.get(..whole.len() / 2).unwrap(), Limits::DEFAULT);
            assert!(!out.is_empty() && text().starts_with(&out));
            assert_eq!(end.unwrap(), Block::Damaged);
            let (out, end) = unpacked(&[pack(b"first"), b"trailing rubbish".to_vec()].concat(), Limits::DEFAULT);
            assert_eq!((out.as_slice(), end.unwrap()), (b"first".as_slice(), Block::Damaged));
        }
    }

    #[test]
    fn an_error_of_the_disk_is_no_damage() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let packed = gzip(&text());
        let half = io::Cursor::new(packed.get(..packed.len() / 2).unwrap().to_vec());
        let mut reader = unpack(half.chain(Broken), Packing::Gzip, Limits::DEFAULT).unwrap();
        assert_eq!(io::copy(&mut reader, &mut io::sink()).unwrap_err().to_string(), "the disk is gone");
    }

    #[test]
    fn a_bomb_is_stopped_and_repetition_below_the_limit_is_not() {
        let limits = Limits { most: 50 << 20, free: 4 << 20, ratio: 250 };
        for pack in [gzip, zstd] {
            let repetitive = pack(&vec![b' '; 8 << 20]);
            assert!(unpacked(&repetitive, limits).1.unwrap_err().to_string().contains("more than 250 times its own size"));
            assert_eq!(unpacked(&pack(&vec![b' '; 3 << 20]), limits).0.len(), 3 << 20);
            assert_eq!(unpacked(&repetitive, Limits { free: 16 << 20, ..limits }).1.unwrap(), Block::End);
        }
        assert_eq!(Limits::DEFAULT.exceeded((64 << 30) + 1, 60 << 30), Some(Bomb::Size { gib: 64 }));
        assert_eq!(Limits::DEFAULT.exceeded(2 << 30, 1 << 20), None);
        assert!(Bomb::Size { gib: 64 }.to_string().contains("more than 64 GiB, which is the limit"));
    }
}
