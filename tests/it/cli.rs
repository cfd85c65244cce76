//! The command line from outside: help, exit codes, and the commands that need no inventory.

use crate::program::{countersign, outcome};
use std::fs;
use std::io::Write as _;
use tempfile::tempdir;

#[test]
fn help_shows_the_commands_and_the_exit_codes() {
    let folder = tempdir().unwrap();
    let (help, _, code) = outcome(countersign(folder.path()).arg("--help"));
    assert_eq!(code, Some(0));
    for line in
        ["Exit codes:", "  0  clean", "  1  findings", "  2  wrong usage", "  3  not enough evidence", "  4  the run failed"]
    {
        assert!(help.contains(line), "{line} is not in\n{help}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}

#[test]
fn the_short_help_is_the_table_of_contents() {
    let folder = tempdir().unwrap();
    let (help, _, _) = outcome(countersign(folder.path()).arg("-h"));
    insta::assert_snapshot!(help, @r"
    Audits inventories of API and access tokens and writes the compliance report

    Usage: countersign [OPTIONS] <COMMAND>

    Commands:
      audit        Read inventories, check every token, and write the report
      checks       List the checks of a policy
      explain      Show one check in full: rule, limits in force, remedy, controls, query
      formats      List the formats that are recognised, and the fields of a token
      inspect      Show how a file is recognised, which fields it fills, and its first records
      policy       Show the policy in force, or validate a policy file
      init         Write a commented countersign.toml, a token sheet to fill in, and a waiver file
      demo         Write a realistic sample inventory of any size
      completions  Print the completion script of a shell
      man          Print the manual page
      help         Print this message or the help of the given subcommand(s)

    Options:
      -q, --quiet         Say nothing unless something is wrong
          --color <WHEN>  When to use colour; NO_COLOR is honoured [default: auto] [possible values:
                          auto, always, never]
      -h, --help          Print help (see more with '--help')
      -V, --version       Print version

    Exit codes:
      0  clean: every check ran, and nothing meets the fail condition
      1  findings: results meet the fail condition
      2  wrong usage, settings, policy or waiver file
      3  not enough evidence: no tokens, coverage below the minimum, or an incomplete source
      4  the run failed; existing reports are untouched
    ");
}

#[test]
fn every_command_has_help_and_stands_in_the_manual() {
    let folder = tempdir().unwrap();
    let (help, _, _) = outcome(countersign(folder.path()).arg("-h"));
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    let (manual, _, code) = outcome(countersign(folder.path()).arg("man"));
    assert_eq!(code, Some(0));
    for command in commands {
        let (text, _, code) = outcome(countersign(folder.path()).args([command, "--help"]));
        assert!(code == Some(0) && text.contains("Usage: countersign"), "{command}: {text}");
        assert!(manual.contains(&format!(".SH \"COUNTERSIGN {}\"", command.to_uppercase())), "{command} is not in the manual");
    }
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_to_do() {
    let folder = tempdir().unwrap();
    for (arguments, told) in [
        (&["adit"][..], "unrecognized subcommand 'adit'"),
        (&["init", "--froce"], "a similar argument exists: '--force'"),
        (&["demo"], "--out <DIR>"),
        (&["demo", "--tokens", "0", "--out", "x"], "0 is not in 1..=100000000"),
        (&["completions", "tcsh"], "invalid value 'tcsh'"),
        (&["--color", "sometimes", "man"], "[possible values: auto, always, never]"),
        (&["explain", "NO-001"], "error: there is no check `NO-001`"),
        (&["formats", "no-such-format"], "error: there is no format `no-such-format`"),
        (&["policy", "show", "lenient"], "hint: give the path of a policy file or one of `baseline`, `strict`, `impact-com`"),
    ] {
        let (out, err, code) = outcome(countersign(folder.path()).args(arguments));
        assert_eq!((out.as_str(), code), ("", Some(2)), "{arguments:?}: {err}");
        assert!(err.contains(told), "{arguments:?}: {err}");
    }
}

#[test]
fn errors_name_what_where_and_what_next() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("countersign.toml"), "inventory = [\"exports\"]\n\n[branding]\norganization = \"Acme\"\n")
        .unwrap();
    let (out, err, code) = outcome(countersign(folder.path()).arg("checks"));
    assert_eq!((out.as_str(), code), ("", Some(2)));
    insta::assert_snapshot!(err, @r"
    error: cannot use the settings
      caused by: countersign.toml:4:1: unknown key `organization`
      hint: did you mean `organisation`?
    ");
}

#[test]
fn policy_files_are_checked_to_the_line_and_column() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("acme.toml"), "extends = \"baseline\"\n\n[run]\n  max_waiver_day = 30\n").unwrap();
    let (_, err, code) = outcome(countersign(folder.path()).args(["policy", "validate", "acme.toml"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("acme.toml:4:3:") && err.contains("did you mean `max_waiver_days`?"), "{err}");
    fs::write(folder.path().join("acme.toml"), "extends = \"baseline\"\n[run]\nmax_waiver_days = 30\n").unwrap();
    let (out, _, code) = outcome(countersign(folder.path()).args(["policy", "validate", "acme.toml"]));
    assert!(code == Some(0) && out.starts_with("policy acme can be used"), "{out}");
}

#[test]
fn colour_is_used_only_when_asked_for() {
    let folder = tempdir().unwrap();
    let explained = |flags: &[&str]| outcome(countersign(folder.path()).args(flags).args(["explain", "NO-001"])).1;
    assert!(!explained(&[]).contains('\u{1b}'));
    assert!(explained(&["--color", "always"]).contains('\u{1b}'));
    let (_, err, _) = outcome(countersign(folder.path()).env("NO_COLOR", "1").args(["explain", "NO-001"]));
    assert!(!err.contains('\u{1b}'));
}

#[test]
fn init_writes_once_and_replaces_only_when_forced() {
    let folder = tempdir().unwrap();
    let (_, err, code) = outcome(countersign(folder.path()).args(["init", "audit"]));
    assert_eq!(code, Some(0), "{err}");
    let files = ["countersign.toml", "tokens.csv", "waivers.toml"].map(|name| folder.path().join("audit").join(name));
    assert!(files.iter().all(|path| path.is_file()));
    fs::write(&files[1], "mine").unwrap();
    fs::remove_file(&files[0]).unwrap();

    let (_, err, code) = outcome(countersign(folder.path()).args(["init", "audit"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("`audit/tokens.csv` is there already") && err.contains("hint: use --force"), "{err}");
    assert!(!files[0].exists() && fs::read_to_string(&files[1]).unwrap() == "mine", "nothing was written");

    let (_, _, code) = outcome(countersign(folder.path()).args(["init", "audit", "--force"]));
    assert_eq!(code, Some(0));
    assert!(fs::read_to_string(&files[1]).unwrap().starts_with("token_id,"));
    // the settings file that was written is the one that other commands then use
    let (out, err, code) = outcome(countersign(&folder.path().join("audit")).arg("checks"));
    assert!(code == Some(0) && out.contains("policy baseline"), "{err}");
}

#[test]
fn demo_writes_the_same_files_each_time() {
    let folder = tempdir().unwrap();
    for out in ["one", "two"] {
        let (told, err, code) = outcome(countersign(folder.path()).args(["demo", "--tokens", "50", "--out", out, "--quiet"]));
        assert_eq!((told.as_str(), err.as_str(), code), ("", "", Some(0)));
    }
    let mut names: Vec<_> = fs::read_dir(folder.path().join("one")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 5, "{names:?}");
    for name in names {
        let read = |out: &str| fs::read(folder.path().join(out).join(&name)).unwrap();
        assert!(read("one") == read("two"), "{name:?}");
    }
    let (_, _, code) = outcome(countersign(folder.path()).args(["demo", "--tokens", "50", "--out", "one"]));
    assert_eq!(code, Some(2), "nothing is replaced unasked");
}

#[test]
fn the_demo_can_be_audited_as_it_is_and_has_what_an_audit_finds() {
    let folder = tempdir().unwrap();
    outcome(countersign(folder.path()).args(["demo", "--tokens", "2000", "--out", "."]));
    let (out, err, code) = outcome(countersign(folder.path()).args(["audit", "--format", "json"]));
    assert_eq!(code, Some(1), "{err}");
    assert!(out.contains("2,000 from 4 sources"), "{out}");
    let report: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("report/report.json")).unwrap()).unwrap();
    let count = |results: &serde_json::Value, word: &str| results[word].as_u64().unwrap();
    for check in report["checks"].as_array().unwrap().iter().filter(|check| check["id"] != "INV-005" && check["id"] != "INV-006")
    {
        let results = &check["results"];
        let judged = count(results, "pass") + count(results, "fail") + count(results, "unknown");
        if judged > 0 {
            assert!(count(results, "fail") > 0 && count(results, "pass") > judged / 2, "{}: {results}", check["id"]);
        }
    }
    let results = &report["summary"]["results"];
    let share = 100 * count(results, "fail") / (count(results, "pass") + count(results, "fail") + count(results, "unknown"));
    assert!((5..=15).contains(&share), "{share} % of the results fail");
    let decides_nothing = |check: &&serde_json::Value| check["selected"] == true && check["results"]["pass"] == 0;
    let undecided: Vec<_> =
        report["checks"].as_array().unwrap().iter().filter(decides_nothing).map(|check| &check["id"]).collect();
    assert!(undecided.is_empty(), "{undecided:?} never pass");
    assert!(
        !report["findings"].as_array().unwrap().iter().any(|finding| finding["check"] == "INV-005"),
        "nothing looks like a secret"
    );
}

#[test]
fn inspect_says_how_a_file_is_read_and_proposes_a_mapping_for_an_unknown_sheet() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("legacy.csv"), "Key ID,Issued,Responsible,Colour\nk-1,2026-01-05,ops@example.com,red\n")
        .unwrap();
    let (proposal, err, code) = outcome(countersign(folder.path()).args(["inspect", "legacy.csv"]));
    assert_eq!(code, Some(0), "{err}");
    assert!(proposal.contains("[[source]]") && proposal.contains("Key ID"), "{proposal}");

    // pasted, it is used
    fs::write(folder.path().join("countersign.toml"), &proposal).unwrap();
    let (out, err, code) = outcome(countersign(folder.path()).args(["inspect", "legacy.csv"]));
    assert_eq!(code, Some(0), "{err}\n{proposal}");
    for line in ["token_id", "k-1", "2026-01-05", "ops@example.com"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    for (file, text, told) in [
        ("empty.csv", "", "error: cannot tell what an input is"),
        ("list.json", "[1, 2]", "no format recognises `list.json`"),
        ("gone.csv", "-", "gone.csv"),
    ] {
        if text != "-" {
            fs::write(folder.path().join(file), text).unwrap();
        }
        let (out, err, code) = outcome(countersign(folder.path()).args(["inspect", file]));
        assert_eq!((out.as_str(), code), ("", Some(2)), "{file}: {err}");
        assert!(err.contains(told) && err.contains("hint:"), "{file}: {err}");
    }
}

#[test]
fn inspect_shows_folders_and_packed_files_one_after_the_other() {
    let folder = tempdir().unwrap();
    let exports = folder.path().join("exports");
    fs::create_dir_all(exports.join("deep")).unwrap();
    let keys = |id: &str| format!("{{\"AccessKeyMetadata\":[{{\"AccessKeyId\":\"{id}\",\"Status\":\"Active\"}}]}}");
    fs::write(exports.join("deep/keys.json"), keys("AKIAEXAMPLE1")).unwrap();
    fs::write(exports.join("refused.json"), "{\"message\":\"Not Found\",\"status\":\"404\"}").unwrap();
    fs::write(
        exports.join("countersign.toml"),
        "[[source]]\npath = \"deep/keys.json\"\naccount = \"111122223333\"\ncomplete = [\"owner\"]\n",
    )
    .unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(keys("AKIAEXAMPLE2").as_bytes()).unwrap();
    fs::write(folder.path().join("more.json.gz"), packed.finish().unwrap()).unwrap();

    let (out, err, code) =
        outcome(countersign(folder.path()).args(["inspect", "exports", "more.json.gz", "-"]).write_stdin(keys("AKIAEXAMPLE3")));
    assert_eq!(code, Some(0), "{err}");
    for told in ["deep/keys.json", "AKIAEXAMPLE1", "111122223333", "AKIAEXAMPLE2", "AKIAEXAMPLE3"] {
        assert!(out.contains(told), "{told}: {out}");
    }
    assert!(out.lines().any(|line| line.split_whitespace().eq(["owner", "(none)"])), "{out}");
    assert!(out.contains("refused.json") && out.contains("(Not Found)") && !out.contains("\ncountersign.toml\n"), "{out}");

    // one that is named and cannot be read ends with an error, after the others
    let (out, err, code) = outcome(countersign(folder.path()).args(["inspect", "exports/refused.json", "more.json.gz"]));
    assert!(code == Some(2) && out.contains("AKIAEXAMPLE2") && err.contains("refused (Not Found)"), "{out}{err}");
}

#[test]
fn completions_are_made_for_every_shell() {
    let folder = tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, _, code) = outcome(countersign(folder.path()).args(["completions", shell]));
        assert!(code == Some(0) && script.contains("countersign") && script.contains("explain"), "{shell}");
    }
}

#[test]
fn a_reader_that_stops_early_is_no_error() {
    let folder = tempdir().unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["completions", "zsh"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
