use super::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

type Files = BTreeMap<String, String>;

fn files(pairs: &[(&str, &str)]) -> Files {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// What a reader of the folder sees.
fn seen(path: &Path) -> Files {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap())).collect()
}

fn write_all(staging: &Staging<'_>, files: &Files) {
    for (name, text) in files {
        let mut file = staging.file(name).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.finish().unwrap();
    }
}

fn replace(path: &Path, files: &Files, at: Interruption<'_>) -> Result<(), OutputError> {
    let folder = OutputFolder::open(path)?;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let staging = folder.stage(&names)?;
    write_all(&staging, files);
    staging.commit_with(at).map(|_| ())
}

/// An interruption at the given step, counted from 0; the code must not clean up after it, as a crash would not.
fn interrupted_at(step: usize) -> impl FnMut(&'static str) -> Result<(), OutputError> {
    let mut left = step;
    move |name| {
        if left == 0 {
            return Err(OutputError::Io { what: name, path: PathBuf::new(), source: io::ErrorKind::Interrupted.into() });
        }
        left -= 1;
        Ok(())
    }
}

fn old() -> Files {
    files(&[("report.json", "old json"), ("report.html", "old html"), ("findings.csv", "old csv")])
}

fn new() -> Files {
    files(&[("report.json", "new json"), ("report.html", "new html"), ("report.pdf", "new pdf")])
}

fn with_stranger(mut files: Files) -> Files {
    files.insert("notes.txt".into(), "not ours".into());
    files
}

/// A folder with an earlier report and a file that is not ours.
fn earlier_report() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("report");
    replace(&out, &old(), &mut no_interruption).unwrap();
    fs::write(out.join("notes.txt"), "not ours").unwrap();
    home
}

#[test]
fn an_interruption_at_any_step_leaves_the_old_report_or_the_new_one() {
    let mut outcomes = Vec::new();
    for step in 0.. {
        let home = earlier_report();
        let out = home.path().join("report");
        let finished = replace(&out, &new(), &mut interrupted_at(step)).is_ok();

        // a reader that takes report.json as the sign sees the old one until everything else is in place
        let now = seen(&out);
        if now.get("report.json").is_some_and(|text| text == "new json") {
            assert_eq!(now, with_stranger(new()), "step {step}");
        }

        OutputFolder::open(&out).unwrap();
        let after = seen(&out);
        let is_new = after == with_stranger(new());
        assert!(is_new || after == with_stranger(old()), "step {step} left {after:?}");
        outcomes.push(is_new);

        // and the folder works on
        replace(&out, &old(), &mut no_interruption).unwrap();
        assert_eq!(seen(&out), with_stranger(old()), "step {step}");
        if finished {
            break;
        }
    }
    assert!(outcomes.len() > 8, "every step can be interrupted");
    assert!(outcomes.is_sorted() && outcomes.first() == Some(&false), "{outcomes:?}");
}

#[test]
fn a_recovery_that_is_interrupted_itself_is_completed_later() {
    for first in (0..40).step_by(3) {
        for second in [1, 4, 7] {
            let home = earlier_report();
            let out = home.path().join("report");
            if replace(&out, &new(), &mut interrupted_at(first)).is_ok() {
                return;
            }
            let own = out.join(OWN_FOLDER);
            let _crash = journal::recover(&out, &own, &mut interrupted_at(second));
            OutputFolder::open(&out).unwrap();
            let after = seen(&out);
            assert!(after == with_stranger(new()) || after == with_stranger(old()), "steps {first}, {second}: {after:?}");
        }
    }
    panic!("the replacement never finished");
}

#[test]
fn a_run_that_stops_before_the_end_leaves_nothing_behind() {
    let home = earlier_report();
    let out = home.path().join("report");
    let folder = OutputFolder::open(&out).unwrap();
    let staging = folder.stage(&["report.json"]).unwrap();
    write_all(&staging, &files(&[("report.json", "half")]));
    drop(staging);
    assert_eq!(fs::read_dir(out.join(OWN_FOLDER).join("staged")).unwrap().count(), 0);
    assert_eq!(seen(&out), with_stranger(old()));
}

#[test]
fn a_file_that_was_announced_and_not_written_stops_the_replacement() {
    let home = earlier_report();
    let out = home.path().join("report");
    let folder = OutputFolder::open(&out).unwrap();
    let staging = folder.stage(&["report.json", "report.pdf"]).unwrap();
    write_all(&staging, &files(&[("report.json", "new")]));
    assert!(staging.commit().is_err());
    assert_eq!(seen(&out), with_stranger(old()));
    assert!(folder.stage(&["report.json"]).unwrap().file("other.txt").is_err());
}

#[test]
fn files_of_others_are_refused_before_anything_is_written() {
    let home = earlier_report();
    let out = home.path().join("report");
    fs::write(out.join("report.pdf"), "somebody's").unwrap();
    let folder = OutputFolder::open(&out).unwrap();
    assert!(matches!(folder.stage(&["report.json", "report.pdf"]), Err(OutputError::Foreign { .. })));
    assert!(matches!(folder.stage(&["../report.json"]), Err(OutputError::Foreign { .. })));
    assert_eq!(fs::read_to_string(out.join("report.pdf")).unwrap(), "somebody's");
}

#[test]
fn a_second_run_is_refused_with_the_process_that_holds_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("report");
    let first = OutputFolder::open(&out).unwrap();
    let second = OutputFolder::open(&out).unwrap_err();
    assert!(second.to_string().starts_with(&format!("another run (process {}) is using", std::process::id())), "{second}");
    drop(first);
    OutputFolder::open(&out).unwrap();
}

#[test]
fn a_journal_with_a_path_in_it_is_refused() {
    let home = earlier_report();
    let out = home.path().join("report");
    fs::write(out.join(OWN_FOLDER).join("journal"), "../../etc/passwd\n").unwrap();
    assert!(matches!(OutputFolder::open(&out), Err(OutputError::Journal { .. })));
}

#[cfg(unix)]
#[test]
fn everything_is_for_its_owner_only_and_links_are_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("reports/2026");
    replace(&out, &new(), &mut no_interruption).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for folder in [home.path().join("reports"), out.clone(), out.join(OWN_FOLDER)] {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
    for file in ["report.json", "report.pdf", ".countersign/manifest", ".countersign/lock"] {
        assert_eq!(mode(&out.join(file)), 0o600, "{file}");
    }
    let link = home.path().join("link");
    symlink(&out, &link).unwrap();
    assert!(matches!(OutputFolder::open(&link), Err(OutputError::SymbolicLink { .. })));
    assert!(matches!(OutputFolder::open(&home.path().join("link/")), Err(OutputError::SymbolicLink { .. })));
    fs::write(home.path().join("file"), "").unwrap();
    assert!(matches!(OutputFolder::open(&home.path().join("file")), Err(OutputError::NoFolder { .. })));
}
