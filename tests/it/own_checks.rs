//! Checks that users bring, from their file to every output. The example is the one that `queries/README.md` teaches.

use crate::program::{countersign, outcome};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;

/// Where the example is to be saved, its text, and the policy beside it; all as the page says.
pub fn example() -> (String, String, String) {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/README.md")).unwrap();
    let path = page.split("Save this as `").nth(1).and_then(|rest| rest.split('`').next()).unwrap().to_owned();
    let block = |language: &str| {
        let start = format!("```{language}\n");
        page.split(start.as_str()).nth(1).and_then(|rest| rest.split("```").next()).unwrap().to_owned()
    };
    (path, block("sql"), block("toml"))
}

/// Writes the example and an inventory into a folder.
fn lay_out(folder: &Path) {
    let (path, check, policy) = example();
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, check).unwrap();
    fs::write(folder.join("squads.toml"), format!("name = \"squads\"\n{policy}")).unwrap();
    let sheet = "token_id,provider,account,name,state,created_at,environment,team,squad\n\
                 t-1,internal,acme,one,enabled,2026-09-01,production,payments,\n\
                 t-2,internal,acme,two,enabled,2026-09-01,production,,blue\n\
                 t-3,internal,acme,three,enabled,2026-09-01,staging,,\n\
                 t-4,internal,acme,four,enabled,2026-09-01,,,\n\
                 t-5,internal,acme,five,disabled,2026-09-01,production,,\n";
    fs::create_dir(folder.join("exports")).unwrap();
    fs::write(folder.join("exports/sheet-2026-09-30.csv"), sheet).unwrap();
}

fn audit(folder: &Path, more: &[&str]) -> Json {
    let mut command = countersign(folder);
    let (_, err, code) =
        outcome(command.args(["audit", "exports", "--checks", "checks", "--format", "json,csv,html,pdf"]).args(more));
    assert!(matches!(code, Some(0 | 1 | 3)), "{code:?} {err}");
    serde_json::from_str(&fs::read_to_string(folder.join("report/report.json")).unwrap()).unwrap()
}

fn check(report: &Json) -> &Json {
    report["checks"].as_array().unwrap().iter().find(|check| check["id"] == "ACME-001").unwrap()
}

fn findings(report: &Json) -> Vec<String> {
    let of_check = report["findings"].as_array().unwrap().iter().filter(|finding| finding["check"] == "ACME-001");
    of_check.map(|one| format!("{} {} {}", one["token_id"], one["result"], one["observed"]).replace('"', "")).collect()
}

#[test]
fn the_example_of_the_page_judges_tokens_like_any_other_check() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let report = audit(folder.path(), &[]);
    let results = &check(&report)["results"];
    for (word, count) in [("pass", 1), ("fail", 1), ("unknown", 1), ("not_applicable", 2), ("error", 0)] {
        assert_eq!(results[word], count, "{word}");
    }
    assert_eq!(
        findings(&report),
        ["t-2 fail It is used in production and has no tag team", "t-4 unknown Its environment is not on record"]
    );
    assert_eq!(check(&report)["area"], "tagging");
    for file in ["findings.csv", "report.html"] {
        let text = fs::read_to_string(folder.path().join("report").join(file)).unwrap();
        assert!(text.contains("A production token names its team") && text.contains("ACME-001"), "{file}");
    }
}

#[test]
fn policies_and_waivers_reach_a_check_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let plain = audit(folder.path(), &[]);
    let squads = audit(folder.path(), &["--policy", "squads.toml"]);
    assert_eq!(
        findings(&squads),
        [
            "t-1 fail It is used in production and has no tag squad",
            "t-3 fail It is used in staging and has no tag squad",
            "t-4 unknown Its environment is not on record"
        ]
    );
    assert_ne!(plain["run"]["id"], squads["run"]["id"]);
    write("off.toml", "[checks]\noff = [\"team-named\"]\n");
    assert_eq!(check(&audit(folder.path(), &["--policy", "off.toml"]))["selected"], false);
    write(
        "waivers.toml",
        "[[waiver]]\nid = \"W-1\"\ncheck = \"team-named\"\nsubject = { token_id = \"t-2\" }\nreason = \"moves next month\"\n\
         owner = \"a@acme.example\"\napprover = \"b@acme.example\"\napproved_at = 2026-09-01\nvalid_through = 2026-12-31\n\
         reason_code = \"no-team\"\n",
    );
    let waived = audit(folder.path(), &["--waivers", "waivers.toml"]);
    assert_eq!((&check(&waived)["results"]["waived"], &check(&waived)["results"]["fail"]), (&1.into(), &0.into()));
    // the text decides, so it is part of the run's id
    let path = folder.path().join(example().0);
    let text = fs::read_to_string(&path).unwrap().replace("'direct' AS basis", "'bound' AS basis");
    fs::write(&path, text).unwrap();
    assert_ne!(audit(folder.path(), &[])["run"]["id"], plain["run"]["id"]);
    let told = |arguments: &[&str]| outcome(countersign(folder.path()).args(arguments));
    write("bad.toml", "[parameters.ACME-001]\ntagg = \"x\"\n");
    let (_, err, code) = told(&["policy", "validate", "bad.toml", "--checks", "checks"]);
    assert!(code == Some(2) && err.contains("bad.toml:2:1: unknown parameter of ACME-001 `tagg`"), "{err}");
    // without the folder its name means nothing
    let (_, err, code) = told(&["policy", "validate", "off.toml"]);
    assert!(code == Some(2) && err.contains("off.toml:2:8: unknown check `team-named`"), "{err}");
}

#[test]
fn the_settings_file_names_the_folder_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    fs::write(folder.path().join("countersign.toml"), "inventory = [\"exports\"]\nchecks = [\"checks\"]\n").unwrap();
    for arguments in [&["checks"][..], &["explain", "ACME-001"], &["policy", "show"], &["checks", "--markdown"]] {
        let (out, err, code) = outcome(countersign(folder.path()).args(arguments));
        assert!(code == Some(0) && out.contains("ACME-001") && out.contains("team-named"), "{arguments:?}: {err}");
    }
    let (_, err, code) = outcome(countersign(folder.path()).args(["audit", "--format", "json"]));
    assert!(matches!(code, Some(1 | 3)), "{err}");
    // an inventory that somebody handed in brings no checks with it
    let handed = tempfile::tempdir().unwrap();
    let (_, err, _) = outcome(countersign(handed.path()).args(["audit", "--format", "json"]).arg(folder.path()));
    assert!(err.contains("`checks` in") && err.contains("does not count"), "{err}");
    let report: Json = serde_json::from_str(&fs::read_to_string(handed.path().join("report/report.json")).unwrap()).unwrap();
    assert!(!report["checks"].as_array().unwrap().iter().any(|check| check["id"] == "ACME-001"));
}

#[test]
fn a_check_that_cannot_be_used_stops_the_audit_before_it_writes_anything() {
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path());
    let path = folder.path().join(example().0);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("FROM token\n", "FROM run_result\n")).unwrap();
    let line = 1 + text.lines().position(|line| line.trim() == "FROM token").unwrap();
    for arguments in [&["audit", "exports", "--checks", "checks"][..], &["checks", "--checks", "checks"]] {
        let (out, err, code) = outcome(countersign(folder.path()).args(arguments));
        assert_eq!((out.as_str(), code), ("", Some(2)));
        assert!(err.contains("error: cannot use the checks") && err.contains(&format!("team-named.sql:{line}:14: ")), "{err}");
    }
    assert!(!folder.path().join("report").exists() && !folder.path().join("countersign.db").exists());
    // one that breaks its promise while it runs is an error for everything that it judges
    fs::write(&path, text.replace("FROM token\n", "FROM token WHERE token_id <> 't-1'\n")).unwrap();
    let report = audit(folder.path(), &[]);
    assert_eq!(check(&report)["results"]["error"], 5);
    assert_eq!(report["summary"]["verdict"], "error");
}
