//! Policies and waivers as a user meets them: what the commands say, what every report shows, what the database keeps, and how a run
//! ends.

use crate::program::{countersign, outcome};
use crate::rerun::shell;
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use tempfile::{TempDir, tempdir};

/// Every fact that the checks on in [`QUIET`] look at.
const SHEET: &str = "token_id,provider,account,state,created_at,last_rotated_at,last_used_at,sensitivity,environment,owner\n\
    t-1,github,acme,enabled,2026-09-01,2026-09-01,2026-09-30,low,production,ann@acme.example\n\
    t-2,github,acme,enabled,2026-01-01,2026-06-20,2026-09-30,low,staging,bob@acme.example\n\
    t-3,github,acme,deleted,2026-01-01,2026-01-01,2026-01-02,low,staging,bob@acme.example\n";

/// t-2 is 103 days old and breaks a limit of 90 days; medium, so that the fail condition of the profile lets it through.
const QUIET: &str = "[checks]\nonly = [\"ROT-001\", \"REV-002\"]\n";

const WAIVER: &str = "[[waiver]]\nid = \"W-1\"\ncheck = \"ROT-001\"\nsubject = { token_id = \"t-*\" }\nreason = \"Replaced in winter.\"\n\
    owner = \"ann@acme.example\"\napprover = \"ciso@acme.example\"\napproved_at = 2026-09-01\nvalid_through = 2026-12-31\n";

fn folder_with(policy: &str, sheet: &str) -> TempDir {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/sheet-2026-09-30.csv"), sheet).unwrap();
    fs::write(folder.path().join("acme.toml"), policy).unwrap();
    folder
}

fn audit(folder: &Path, more: &[&str]) -> (String, Option<i32>) {
    let mut command = countersign(folder);
    let (_, err, code) =
        outcome(command.args(["audit", "in", "--policy", "acme.toml", "--format", "json,html,pdf,csv"]).args(more));
    (err, code)
}

fn report(folder: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(folder.join("report/report.json")).unwrap()).unwrap()
}

#[test]
fn the_policy_in_force_names_the_origin_of_every_value() {
    let policy = "extends = \"strict\"\n[run]\nmin_coverage_percent = 90\n[parameters.ROT-001]\nmax_age_days = 45\n\
                  [[overrides]]\nwhen = { provider = \"AWS\" }\nparameters.ROT-001.max_age_days = 20\n\
                  [frameworks.acme-rules]\nname = \"Acme rules\"\nversion = \"1\"\ncontrols.\"T-1\" = { title = \"Secrets change\", checks = [\"ROT-001\"] }\n";
    let folder = folder_with(policy, SHEET);
    let (out, err, code) = outcome(countersign(folder.path()).args(["policy", "show", "acme.toml"]));
    assert_eq!(code, Some(0), "{err}");
    for line in [
        "run fails on  any fail; any unknown of severity high or higher; any error [profile strict]",
        "coverage      at least 90 % [acme.toml:3]",
        "waivers       at most 90 days [profile strict]",
        "         max_age_days = 45 days, over (relaxed)  [acme.toml:5]",
        "           or 20 days, over for provider aws  [acme.toml:8]",
        "         overlap_days = 1 day, over  [profile strict]",
        "         max_active_secrets = 1  [default of the check]",
        "[shared list placeholders]",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    let (out, _, code) = outcome(countersign(folder.path()).args(["policy", "validate", "acme.toml"]));
    assert_eq!(code, Some(0));
    let sentences = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(sentences.contains("relaxed evidence coverage: at least 90 %; profile strict asks for 95 %"), "{out}");

    audit(folder.path(), &[]);
    let report = report(folder.path());
    let own = report["frameworks"].as_array().unwrap().iter().find(|framework| framework["id"] == "acme-rules").unwrap();
    assert_eq!(
        (own["controls"][0]["status"].as_str(), own["controls"][0]["checks"][0].as_str()),
        (Some("findings"), Some("ROT-001"))
    );
}

#[test]
fn a_looser_limit_is_marked_in_every_report() {
    let folder = folder_with(&format!("{QUIET}[parameters.ROT-001]\nmax_age_days = 95\n"), SHEET);
    audit(folder.path(), &[]);
    let report = report(folder.path());
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == "ROT-001").unwrap();
    assert_eq!(check["parameters"]["max_age_days"]["relaxed"], true);
    assert_eq!(report["run"]["policy"]["profile"], "baseline");
    let sentence = "ROT-001 max_age_days: 95 days, over; 60 for sensitivity high; profile baseline has 90 days, over; 60 for sensitivity high";
    assert!(report["run"]["policy"]["relaxed"].as_array().unwrap().contains(&sentence.into()));
    let method = report["method"].as_array().unwrap().iter().find(|note| note["heading"] == "Policy").unwrap();
    assert!(method["text"].as_str().unwrap().contains(sentence), "the HTML and the PDF print the same paragraph");
    let html = fs::read_to_string(folder.path().join("report/report.html")).unwrap();
    assert!(html.contains(&format!("<li>{sentence}</li>")) && html.contains("<b>relaxed</b>"));
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == "ROT-001").unwrap();
    assert_eq!(finding["relaxed"], true);
    let rows = fs::read_to_string(folder.path().join("report/findings.csv")).unwrap();
    let place = rows.lines().next().unwrap().split(',').position(|column| column == "relaxed").unwrap();
    let mut reader = csv::Reader::from_reader(rows.as_bytes());
    assert!(reader.records().any(|row| row.unwrap().get(place) == Some("true")));
}

#[test]
fn waivers_are_in_every_report_and_in_the_database() {
    let folder = folder_with(QUIET, SHEET);
    let waivers = [
        WAIVER.to_owned(),
        WAIVER.replace("W-1", "W-2").replace("2026-12-31", "2026-10-15"),
        WAIVER.replace("W-1", "W-3").replace("2026-12-31", "2026-09-29"),
        WAIVER.replace("W-1", "W-4").replace("t-*", "t-1"),
        WAIVER.replace("W-1", "W-5").replace("ciso@", "ann@"),
        WAIVER.replace("W-1", "W-6").replace("2026-09-01", "2026-11-01"),
    ]
    .concat();
    fs::write(folder.path().join("waivers.toml"), waivers).unwrap();
    let (err, code) = audit(folder.path(), &["--waivers", "waivers.toml", "--fail-on", "low"]);
    assert_eq!(code, Some(0), "a waived result fails no run: {err}");
    let told = report(folder.path());
    let rows: Vec<_> = told["waivers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {} {}", one["id"], one["status"], one["matched"], one["relabelled"]).replace('"', ""))
        .collect();
    assert_eq!(
        rows,
        ["W-1 active 1 1", "W-2 ending 1 0", "W-3 expired 1 0", "W-4 unused 0 0", "W-5 invalid 1 0", "W-6 not-yet 1 0"],
        "W-4 names a token that passes"
    );
    let html = fs::read_to_string(folder.path().join("report/report.html")).unwrap();
    for id in ["W-1", "W-2", "W-3", "W-4", "W-5", "W-6"] {
        assert!(html.contains(&format!("<bdi>{id}</bdi>")), "{id}");
    }
    let query = "SELECT waiver_id || ' ' || status || ' ' || matched || ' ' || relabelled FROM run_waiver ORDER BY position;";
    if let Some(kept) = shell(&folder.path().join("countersign.db"), query) {
        assert_eq!(kept.replace('"', "").lines().collect::<Vec<_>>(), rows);
    }

    // another end date is another run
    let id = told["run"]["id"].clone();
    fs::write(folder.path().join("waivers.toml"), WAIVER.replace("2026-12-31", "2026-12-30")).unwrap();
    audit(folder.path(), &["--waivers", "waivers.toml"]);
    assert_ne!(report(folder.path())["run"]["id"], id);
}

#[test]
fn mistakes_in_waiver_and_policy_files_end_a_run_before_it_begins() {
    for (policy, waivers, complaint) in [
        (QUIET, "[[waiver]\n", "waivers.toml:1:"),
        (QUIET, &*WAIVER.replace("ROT-001", "ROT-01"), "did you mean `ROT-001`?"),
        (QUIET, &*WAIVER.replace("reason", "raeson"), "did you mean `reason`?"),
        ("[run]\nmax_waiver_day = 1\n", WAIVER, "did you mean `max_waiver_days`?"),
        ("[run\n", WAIVER, "acme.toml:1:"),
        ("[parameters.ROT-001]\nmax_age_days = -1\n", WAIVER, "acme.toml:2:16:"),
    ] {
        let folder = folder_with(policy, SHEET);
        fs::write(folder.path().join("waivers.toml"), waivers).unwrap();
        let (err, code) = audit(folder.path(), &["--waivers", "waivers.toml"]);
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(complaint), "{complaint}: {err}");
        assert!(!folder.path().join("report").exists() && !folder.path().join("countersign.db").exists());
    }
}

#[test]
fn each_exit_code_is_reached() {
    let high = SHEET.replace("ann@acme.example", "");
    let with_owner = "[checks]\nonly = [\"ROT-001\", \"REV-002\", \"REV-005\"]\n";
    let unsure = SHEET.replace(",last_used_at", ",other").replace("2026-09-01,2026-09-01", "2026-01-01,2026-09-01");
    let deleted = SHEET.replace("enabled", "deleted");
    for (policy, sheet, more, expected, why) in [
        (QUIET, SHEET, &[][..], 0, "the one fail is medium, and the profile fails on high"),
        (QUIET, SHEET, &["--fail-on", "medium"], 1, "--fail-on replaces the condition"),
        (QUIET, SHEET, &["--fail-on", "high"], 0, "medium is not high"),
        (with_owner, &*high, &[], 1, "a token without an owner is high"),
        (with_owner, &*high, &["--fail-on", "critical"], 0, "high is not critical"),
        (with_owner, &*high, &["--fail-on", "never"], 0, "never drops fails"),
        (with_owner, &*high, &["--fail-on", "severe"], 2, "no such severity"),
        (QUIET, &*unsure, &[], 3, "half of the results are unknown, and 80 % coverage are asked for"),
        (
            "[run]\nmin_coverage_percent = 50\n[checks]\nonly = [\"ROT-001\", \"REV-002\"]\n",
            &*unsure,
            &[],
            0,
            "the policy asks for less",
        ),
        (
            "[run]\nfail_run_on = { unknown = \"medium\" }\n[checks]\nonly = [\"ROT-001\", \"REV-002\"]\n",
            &*unsure,
            &[],
            1,
            "unknown results of medium checks fail the run",
        ),
        (QUIET, &*unsure, &["--fail-on", "medium"], 1, "a fail comes before too little evidence"),
        (QUIET, &*deleted, &[], 3, "no check applies to any token"),
        (QUIET, "token_id,provider,state\n", &[], 3, "no tokens"),
    ] {
        let folder = folder_with(policy, sheet);
        let (err, code) = audit(folder.path(), more);
        assert_eq!(code, Some(expected), "{why}: {err}");
    }
    let folder = folder_with(QUIET, SHEET);
    fs::write(folder.path().join("in/notes.docx"), "no inventory").unwrap();
    let (err, code) = audit(folder.path(), &[]);
    assert_eq!(code, Some(3), "a file that nothing recognised makes the run incomplete: {err}");
    let folder = folder_with(QUIET, SHEET);
    fs::write(folder.path().join("report"), "a file where the folder should be").unwrap();
    let (err, code) = audit(folder.path(), &[]);
    assert_eq!(code, Some(4), "the output cannot be written: {err}");
}

#[test]
fn findings_name_the_limit_and_the_file_of_each_value() {
    let folder = folder_with("", SHEET);
    let other = "token_id,provider,account,state,created_at,last_rotated_at,sensitivity\n\
                 t-2,github,acme,enabled,2026-01-01,2026-06-20,high\nt-9,github,acme,enabled,2026-01-01,2026-06-21,\n";
    fs::write(folder.path().join("in/second-2026-09-20.csv"), other).unwrap();
    fs::write(folder.path().join("acme.toml"), "[checks]\nonly = [\"ROT-001\"]\n").unwrap();
    fs::write(folder.path().join("countersign.toml"), "[[source]]\npath = \"sheet-*.csv\"\nrank = 5\n").unwrap();
    audit(folder.path(), &[]);
    let report = report(folder.path());
    let of = |id: &str| report["findings"].as_array().unwrap().iter().find(|finding| finding["token_id"] == id).unwrap().clone();
    let alone = of("t-9");
    assert_eq!(
        alone["observed"],
        "Last reset 2026-06-21, 102 days before 2026-10-01; at most 60 days are allowed for sensitivity high, because sensitivity is \
         missing"
    );
    assert_eq!(alone["value_sources"]["last_rotated_at"], "second-2026-09-20.csv");
    assert_eq!(alone["limit"]["origin"], "sensitivity high, because sensitivity is missing");
    assert_eq!((&alone["evidence"]["days"], &alone["limit"]["value"]), (&102.into(), &60.into()));
}
