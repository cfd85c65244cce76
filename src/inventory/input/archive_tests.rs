use super::*;
use proptest::prelude::*;
use std::io::{Cursor, Write as _};

/// A file to put into an archive.
pub struct File<'a> {
    pub name: &'a str,
    pub content: &'a [u8],
    pub deflate: bool,
    pub flags: u16,
    /// The size that the directory states, if not the true one.
    pub stated: Option<u32>,
}

impl<'a> File<'a> {
    pub fn new(name: &'a str, content: &'a [u8]) -> File<'a> {
        File { name, content, deflate: true, flags: 0, stated: None }
    }
}

/// Writes an archive.
pub fn zip(files: &[File<'_>]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let mut crc = Crc::new();
        crc.update(file.content);
        let packed = if file.deflate {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(file.content).unwrap();
            encoder.finish().unwrap()
        } else {
            file.content.to_vec()
        };
        let at = archive.len() as u32;
        let mut common = Vec::new();
        common.extend_from_slice(&[20, 0]);
        common.extend_from_slice(&file.flags.to_le_bytes());
        common.extend_from_slice(&[if file.deflate { 8 } else { 0 }, 0, 0, 0, 0, 0]);
        common.extend_from_slice(&crc.sum().to_le_bytes());
        common.extend_from_slice(&(packed.len() as u32).to_le_bytes());
        common.extend_from_slice(&file.stated.unwrap_or(file.content.len() as u32).to_le_bytes());
        common.extend_from_slice(&(file.name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        archive.extend_from_slice(b"PK\x03\x04");
        archive.extend_from_slice(&common);
        archive.extend_from_slice(file.name.as_bytes());
        archive.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(file.name.as_bytes());
    }
    let place = archive.len() as u32;
    archive.extend_from_slice(&directory);
    archive.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    let count = (files.len() as u16).to_le_bytes();
    archive.extend_from_slice(&[count, count].concat());
    archive.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    archive.extend_from_slice(&place.to_le_bytes());
    archive.extend_from_slice(&[0, 0]);
    archive
}

fn read(archive: &[u8]) -> Result<Directory, ArchiveError> {
    directory(&mut Cursor::new(archive), Limits::DEFAULT)
}

fn content(archive: &[u8], member: &Member) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    member.open(Cursor::new(archive.to_vec()))?.read_to_end(&mut out)?;
    Ok(out)
}

#[test]
fn members_are_files_of_their_own() {
    let stored = File { deflate: false, ..File::new("a/tokens.csv", b"id\n1\n") };
    let archive = zip(&[File::new("z.json", b"[]"), stored, File::new("a/", b""), File::new("empty.csv", b"")]);
    for archive in [archive.clone(), [b"#!/bin/sh\n".to_vec(), archive].concat()] {
        let found = read(&archive).unwrap();
        let names: Vec<_> = found.members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["a/tokens.csv", "empty.csv", "z.json"]);
        assert_eq!(content(&archive, &found.members[0]).unwrap(), b"id\n1\n");
        assert_eq!(content(&archive, &found.members[1]).unwrap(), b"");
        assert_eq!(content(&archive, &found.members[2]).unwrap(), b"[]");
    }
    assert!(read(&zip(&[])).unwrap().members.is_empty());
}

#[test]
fn names_lead_nowhere() {
    let names = ["../../etc/passwd", "/abs/x.csv", "C:\\temp\\y.csv", "a\u{1b}[2J.csv", "..", "./b//c.csv"];
    let files: Vec<_> = names.iter().map(|name| File::new(name, b"x")).collect();
    let found: Vec<_> = read(&zip(&files)).unwrap().members.into_iter().map(|member| member.name).collect();
    assert_eq!(found, ["abs/x.csv", "a\u{FFFD}[2J.csv", "b/c.csv", "etc/passwd", "temp/y.csv", "unnamed"]);
}

#[test]
fn what_is_passed_over_is_said() {
    let locked = File { flags: 1, ..File::new("locked.csv", b"x") };
    let files = [
        File::new("__MACOSX/._a.csv", b"x"),
        File::new("b/.DS_Store", b"x"),
        locked,
        File::new("a.csv", b"1"),
        File::new("a.csv", b"2"),
        File::new("x/../a.csv", b"3"),
    ];
    let found = read(&zip(&files)).unwrap();
    assert_eq!(found.housekeeping, ["__MACOSX/._a.csv", "b/.DS_Store"]);
    assert_eq!(found.unreadable, [("locked.csv".to_owned(), "it is encrypted; unpack the archive with its password")]);
    let names: Vec<_> = found.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(
        (names.as_slice(), found.repeated.as_slice()),
        (["a.csv", "a.csv (2)", "x/a.csv"].as_slice(), ["a.csv".to_owned()].as_slice())
    );
}

#[test]
fn content_must_keep_what_the_directory_says() {
    for stated in [0, 3, 7] {
        let archive = zip(&[File { stated: Some(stated), ..File::new("a.csv", b"id\n1\n") }]);
        let members = read(&archive).unwrap().members;
        assert!(Damage::is(&content(&archive, &members[0]).unwrap_err()), "{stated}");
    }
    let mut archive = zip(&[File { deflate: false, ..File::new("a.csv", b"id\n1\n") }]);
    archive[36] = b'!';
    let members = read(&archive).unwrap().members;
    assert!(Damage::is(&content(&archive, &members[0]).unwrap_err()));
}

#[test]
fn archives_of_something_else_are_refused() {
    let refused = |archive: &[u8]| read(archive).unwrap_err().to_string();
    assert!(refused(&zip(&[File::new("[Content_Types].xml", b"<x/>"), File::new("xl/x.xml", b"")])).contains("spreadsheet"));
    assert!(refused(&zip(&[File::new("mimetype", b"application/vnd.oasis")])).contains("spreadsheet"));
    let whole = zip(&[File::new("a.csv", b"id\n1\n")]);
    assert!(refused(whole.get(..whole.len() - 1).unwrap()).contains("cut or damaged"));
    let names: Vec<String> = (0..=MOST_MEMBERS).map(|number| number.to_string()).collect();
    let many: Vec<_> = names.iter().map(|name| File { deflate: false, ..File::new(name, b"") }).collect();
    assert!(refused(&zip(&many)).contains("more than 10000 files"));
    let bomb = zip(&[
        File { stated: Some(u32::MAX - 1), ..File::new("a.csv", b"") },
        File { stated: Some(u32::MAX - 1), ..File::new("b.csv", b"") },
    ]);
    assert!(refused(&bomb).contains("decompression bomb"));
    // The second entry of the directory points at the first member.
    let mut overlapping = zip(&[File::new("a.csv", b"1"), File::new("b.csv", b"1")]);
    let entry = overlapping.len() - 22 - 5 - 4;
    overlapping[entry..entry + 4].fill(0);
    assert!(refused(&overlapping).contains("overlap"));
}

proptest! {
    #[test]
    fn any_archive_is_listed_without_harm(place in 0_usize..400, byte in any::<u8>(), cut in 0_usize..400) {
        let mut archive = zip(&[File::new("a.csv", b"id\n1\n"), File { deflate: false, ..File::new("b.csv", b"id\n2\n") }]);
        let place = place % archive.len();
        archive[place] = byte;
        archive.truncate(archive.len() - cut.min(archive.len()) / 8);
        for member in read(&archive).map(|found| found.members).unwrap_or_default() {
            let _ = content(&archive, &member);
        }
    }
}
