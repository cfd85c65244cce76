use super::archive::tests::{File as Zipped, zip};
use super::*;
use std::fs::{self, File};
use std::io::Write as _;

fn text_of(input: &Input) -> String {
    let mut text = String::new();
    input.open().unwrap().read_to_string(&mut text).unwrap();
    text
}

fn text(bytes: &[u8]) -> String {
    text_of(&Input::memory("x", bytes))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(bytes).unwrap();
    }
    folder
}

fn names(found: &Found) -> Vec<&str> {
    found.inputs.iter().map(|input| input.name.as_str()).collect()
}

fn passed_over(found: &Found) -> Vec<(&str, &str, bool)> {
    found.passed_over.iter().map(|one| (one.name.as_str(), one.reason.as_str(), one.may_hold_tokens)).collect()
}

#[test]
fn marks_and_packing_are_taken_off() {
    assert_eq!(text(b"\xEF\xBB\xBFid,name"), "id,name");
    assert_eq!(text(b"id"), "id");
    assert_eq!(text(b""), "");
    let wide: Vec<u8> = "\u{feff}id,é\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(text(&wide), "id,é\r\n");
    assert_eq!(text(&gzip(&wide)), "id,é\r\n");
    assert_eq!(text(&zstd::stream::encode_all(b"\xEF\xBB\xBFid".as_slice(), 1).unwrap()), "id");
}

#[test]
fn digests_are_those_of_the_stored_bytes() {
    let input = Input::memory("x", *b"\xEF\xBB\xBFabc");
    assert_eq!(input.digest().unwrap(), "1c28dc3f1f804a1ad9c9b4b4cf5e2658d16ad4ed08e3020d04a8d2865018947c");
    let packed = Input::memory("x.gz", gzip(b"\xEF\xBB\xBFabc"));
    assert_ne!(packed.digest().unwrap(), input.digest().unwrap());
    assert_eq!(packed.content_digest().unwrap(), input.content_digest().unwrap());
    assert_eq!(input.content_digest().unwrap(), input.digest().unwrap());
}

#[test]
fn what_is_sought_in_is_unpacked_first() {
    for (bytes, expected) in [(b"PAR1".to_vec(), "PAR1"), (gzip(b"PAR1"), "PAR1")] {
        let input = Input::memory("x", bytes);
        for _ in 0..2 {
            let mut seekable = input.seekable().unwrap();
            seekable.seek(io::SeekFrom::Start(1)).unwrap();
            let mut text = String::new();
            seekable.read_to_string(&mut text).unwrap();
            assert_eq!(text, &expected[1..]);
        }
    }
}

#[test]
fn folders_are_walked_in_order_and_hidden_files_are_mentioned() {
    let folder = folder(&[("b.csv", b"b"), ("a/z.json", b"z"), ("a/.hidden", b"h"), (".git/x.csv", b"x"), ("c", b"c")]);
    let arguments = [folder.path().to_owned(), folder.path().join("b.csv"), folder.path().join("b.csv")];
    let found = find(&arguments).unwrap();
    assert_eq!(names(&found), ["a/z.json", "b.csv", "c"]);
    assert_eq!(found.inputs.iter().map(|input| input.named).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(passed_over(&found), [(".git", "is hidden", false), ("a/.hidden", "is hidden", false)]);
}

#[cfg(unix)]
#[test]
fn links_and_what_is_no_file_are_told() {
    use std::os::unix::fs::symlink;
    let elsewhere = folder(&[("real.csv", b"id")]);
    let folder = folder(&[("a.csv", b"a")]);
    symlink(folder.path(), folder.path().join("loop")).unwrap();
    symlink("nowhere", folder.path().join("broken")).unwrap();
    symlink(elsewhere.path().join("real.csv"), folder.path().join("link.csv")).unwrap();
    let _listening = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    let found = find(&[folder.path().to_owned()]).unwrap();
    assert_eq!(names(&found), ["a.csv", "link.csv"]);
    assert_eq!(
        passed_over(&found),
        [
            ("broken", "is a symbolic link that leads nowhere", true),
            ("loop", "is a symbolic link to a folder, which is not followed; name that folder too", true),
            ("socket", "is a pipe, socket or device", true)
        ]
    );
    assert!(matches!(find(&[folder.path().join("socket")]), Err(InputError::NoFile(_))));
    assert!(matches!(find(&[PathBuf::from("/dev/null")]), Err(InputError::NoFile(_))));
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let error = find(std::slice::from_ref(&pipe)).unwrap_err();
    assert!(matches!(error, InputError::Pipe(_)) && error.hint().is_some_and(|hint| hint.contains("audit -")));
    assert_eq!(passed_over(&find(&[folder.path().to_owned()]).unwrap()), [("pipe", "is a pipe, socket or device", true)]);
}

#[test]
fn archives_are_folders() {
    let inner = zip(&[Zipped::new("x.csv", b"x")]);
    let packed = gzip(b"id\n2\n");
    let archive = zip(&[
        Zipped::new("aws/report.csv", b"\xEF\xBB\xBFid\n1\n"),
        Zipped::new("tokens.csv.gz", &packed),
        Zipped::new("inner.zip", &inner),
        Zipped::new(".DS_Store", b"x"),
    ]);
    let folder = folder(&[("sub/exports.zip", &archive)]);
    for (argument, prefix) in [(folder.path().to_owned(), "sub/"), (folder.path().join("sub/exports.zip"), "")] {
        let found = find(&[argument]).unwrap();
        let expected = ["aws/report.csv", "inner.zip", "tokens.csv.gz"].map(|name| format!("{prefix}exports.zip/{name}"));
        assert_eq!(names(&found), expected);
        assert_eq!(text_of(&found.inputs[0]), "id\n1\n");
        assert_eq!(text_of(&found.inputs[2]), "id\n2\n");
        assert_eq!(found.inputs[0].digest().unwrap(), Input::memory("x", *b"\xEF\xBB\xBFid\n1\n").digest().unwrap());
        assert_eq!(found.passed_over.len(), 1);
        assert!(found.inputs.iter().all(|input| !input.named && input.container().is_some() && input.path().is_none()));
    }
    let twice = [folder.path().to_owned(), folder.path().join("sub/exports.zip")];
    assert_eq!(find(&twice).unwrap().inputs.len(), 3);
}

#[test]
fn archives_that_are_none_of_exports_are_refused_and_said() {
    let sheet = zip(&[Zipped::new("[Content_Types].xml", b"<x/>")]);
    let folder = folder(&[("sheet.xlsx", &sheet), ("cut.zip", b"PK\x03\x04 and no more"), ("empty.zip", &zip(&[]))]);
    let found = find(&[folder.path().to_owned()]).unwrap();
    let refusals: Vec<_> = found.inputs.iter().map(|input| input.refusal().unwrap_or_default()).collect();
    assert!(refusals[0].contains("cut or damaged") && refusals[1].contains("spreadsheet"), "{refusals:?}");
    assert_eq!(passed_over(&found), [("empty.zip", "is an archive without files to read", true)]);
}

#[test]
fn a_missing_file_is_named() {
    let error = find(&[PathBuf::from("no/such/file.csv")]).unwrap_err();
    assert_eq!(error.to_string(), "cannot find inventory `no/such/file.csv`");
}

#[test]
fn a_stream_can_be_opened_again_once_it_is_spooled() {
    let spool = Spool::of(io::Cursor::new(gzip(b"abc"))).unwrap();
    let input = Input::at("-".to_owned(), true, Place::Spooled(Arc::new(spool)));
    for _ in 0..2 {
        assert_eq!(text_of(&input), "abc");
    }
}
