//! `docs/checks.md` is what the program prints.

use crate::program::{countersign, outcome};
use std::fs;
use std::path::Path;

#[test]
fn the_catalogue_page_is_in_step_with_the_headers() {
    let folder = tempfile::tempdir().unwrap();
    let (page, err, code) = outcome(countersign(folder.path()).args(["checks", "--markdown"]));
    assert_eq!(code, Some(0), "{err}");
    let committed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checks.md")).unwrap();
    let differing = page.lines().zip(committed.lines()).find(|(printed, written)| printed != written);
    assert!(
        page == committed,
        "docs/checks.md is out of step, first at {differing:?}: run `cargo run -- checks --markdown > docs/checks.md`"
    );
}

#[test]
fn the_catalogue_page_tells_everything_about_every_check() {
    let folder = tempfile::tempdir().unwrap();
    let (page, _, _) = outcome(countersign(folder.path()).args(["checks", "--markdown"]));
    for check in countersign::checks::catalog::all() {
        let start = page.find(&format!("### {} `{}`", check.id, check.name)).unwrap_or_else(|| panic!("{}", check.id));
        let section = page[start + 4..].split("\n### ").next().unwrap();
        let parameters = check.parameters.iter().map(|parameter| format!("| `{}` |", parameter.name));
        let reasons = check.reasons.iter().map(|reason| format!("| {} | `{}` |", reason.result.word(), reason.code));
        let controls = check.controls.iter().map(|control| control.id.clone());
        for words in parameters.chain(reasons).chain(controls) {
            assert!(section.contains(&words), "{}: {words}", check.id);
        }
    }
}

#[test]
fn explain_tells_one_check_in_full() {
    let folder = tempfile::tempdir().unwrap();
    for (named, told) in [
        (
            "rotation-age",
            &["ROT-001 rotation-age", "on in baseline, strict, impact-com", "max_age_days = 90 days, over; 60 for", "SELECT"][..],
        ),
        ("ROT-002", &["off in baseline", "on in strict", "grace_hours = 24 hours, over"]),
        ("inv-006", &["each source file, registers included", "at most 30 days", "exported_at"]),
        ("REV-001", &["waivable      no"]),
    ] {
        let (out, err, code) = outcome(countersign(folder.path()).args(["explain", named]));
        assert_eq!(code, Some(0), "{err}");
        for words in told {
            assert!(out.contains(words), "{named}: {words} is not in\n{out}");
        }
    }
}
