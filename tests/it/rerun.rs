//! What an auditor does a year later: paste the query of a stored run into the real shell and get what was decided.

use crate::own_checks;
use crate::program::{countersign, outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Asks the shell; none on a machine without one. CI has one.
pub fn shell(database: &Path, script: &str) -> Option<String> {
    let mut child = Command::new("sqlite3")
        .args(["-readonly", "-batch", "-bail", "-csv"])
        .arg(database)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let script = script.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _a_shell_that_gave_up = writing.join().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Two runs in one database: another instant, another policy, words that try to break out of their literals, and a check of one's own.
fn two_runs(folder: &Path) -> PathBuf {
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let (path, check, _) = own_checks::example();
    fs::create_dir_all(folder.join(&path).parent().unwrap()).unwrap();
    fs::write(folder.join(&path), check).unwrap();
    fs::write(
        folder.join("odd.toml"),
        "extends = \"strict\"\nname = \"odd\\n.shell echo broken\"\n\
         [lists]\nplaceholders = [\"tbd'; DROP TABLE run; --\", \"a\\n.shell b\", \"\\u001b[2J\"]\n\
         [parameters.ACME-001]\ntag = \"it's\"\n",
    )
    .unwrap();
    for (as_of, policy) in [("2026-10-01T00:00:00Z", "strict"), ("2026-11-15T12:34:56Z", "odd.toml")] {
        let mut command = countersign(folder);
        command.arg("audit").arg(&acme).args(["--checks", "checks", "--format", "json", "--as-of", as_of, "--policy", policy]);
        let (_, err, code) = outcome(command.arg("--waivers").arg(acme.join("waivers.toml")));
        assert_eq!(code, Some(1), "{err}");
    }
    folder.join("countersign.db")
}

#[test]
fn the_shell_comes_to_the_same_verdicts_for_every_check_of_every_run() {
    let folder = tempfile::tempdir().unwrap();
    let database = two_runs(folder.path());
    let Some(known) = shell(&database, "SELECT run_key, check_id, selected FROM run_check ORDER BY 1, position;") else { return };
    // one session for all, because that is how somebody works through a report
    let mut script = String::new();
    for check in rows(&known).iter().filter(|check| check[2] == "1") {
        let arguments = ["explain", &check[1], "--sql", "--run", &check[0], "--database", "countersign.db"];
        let (sql, err, code) = outcome(countersign(folder.path()).args(arguments));
        assert_eq!(code, Some(0), "{check:?}: {err}");
        assert!(!sql.contains('\u{1b}') && !sql.lines().any(|line| line.starts_with('.')), "{sql}");
        script.push_str(&format!("{sql}.print @@ {} {}\n", check[0], check[1]));
    }
    let said = shell(&database, &script).unwrap();
    let mut results = BTreeSet::new();
    let mut checks = 0;
    let mut part = String::new();
    for line in said.lines() {
        let Some(name) = line.strip_prefix("@@ ") else {
            part.push_str(line);
            part.push('\n');
            continue;
        };
        let (run, check) = name.split_once(' ').unwrap();
        checks += 1;
        compare(&database, run, check, &rows(&std::mem::take(&mut part)), &mut results);
    }
    assert_eq!(checks, 2 * (countersign::checks::catalog::all().len() + 1));
    assert_eq!(results.into_iter().collect::<Vec<_>>(), ["fail", "not-applicable", "pass", "unknown"]);
}

/// What the shell said of each subject against what the run stored: the numbers of all results, and every row.
fn compare(database: &Path, run: &str, check: &str, said: &[Vec<String>], results: &mut BTreeSet<String>) {
    let of_check = format!("run_key = {run} AND check_id = '{check}'");
    let ask = |sql: &str| rows(&shell(database, sql).unwrap());
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for row in ask(&format!("SELECT plain_result, sum(count) FROM run_result_count WHERE {of_check} GROUP BY 1;")) {
        counts.insert(row[0].clone(), row[1].parse().unwrap());
    }
    if check != "INV-006" {
        let unborn = format!(
            "SELECT count(*) FROM token_record, run WHERE run_key = {run} AND not_yet_existing
             AND token_key BETWEEN first_token_key AND last_token_key;"
        );
        *counts.entry("not-applicable".to_owned()).or_default() -= ask(&unborn)[0][0].parse::<i64>().unwrap();
        counts.retain(|_, count| *count != 0);
    }
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    let mut by_key: BTreeMap<&str, (&str, &str, &str)> = BTreeMap::new();
    for row in said {
        *found.entry(row[1].clone()).or_default() += 1;
        by_key.insert(&row[0], (&row[1], &row[2], &row[3]));
    }
    assert_eq!(found, counts, "run {run} {check}");
    assert_eq!(by_key.len(), said.len(), "run {run} {check}: one row for each subject");
    let stored = "SELECT COALESCE(token_key, source_key), plain_result, reason, basis FROM run_result";
    for row in ask(&format!("{stored} WHERE {of_check} AND NOT blanket;")) {
        assert_eq!(by_key.get(row[0].as_str()), Some(&(&*row[1], &*row[2], &*row[3])), "run {run} {check} {row:?}");
    }
    results.extend(found.into_keys());
}

#[test]
fn a_run_is_named_by_number_or_id_and_the_latest_goes_without_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let database = two_runs(folder.path());
    let explain = |more: &[&str]| outcome(countersign(folder.path()).args(["explain", "ROT-001", "--sql"]).args(more));
    let (latest, err, code) = explain(&[]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        latest.starts_with("-- ROT-001 as run 2 decided it: id ") && latest.contains("as of 2026-11-15T12:34:56Z"),
        "{latest}"
    );
    assert_eq!(explain(&["--run", "2"]).0, latest);
    let (first, ..) = explain(&["--run", "1"]);
    assert!(first.contains("run_key = 1;") && first.contains("1790812800"), "{first}");
    if let Some(id) = shell(&database, "SELECT run_id FROM run WHERE run_key = 1;") {
        assert_eq!(explain(&["--run", id.trim()]).0, first);
    }
    let before = fs::read(&database).unwrap();
    for (arguments, told) in [
        (&["--run", "9"][..], "`countersign.db`: it holds no run 9"),
        (&["--db", "none.db"], "there is no such file"),
        (&["--db", "odd.toml"], "cannot keep the run"),
    ] {
        let (out, err, code) = explain(arguments);
        assert_eq!((out.as_str(), code.is_some_and(|code| code != 0)), ("", true), "{arguments:?}");
        assert!(err.contains(told) && err.contains("hint:"), "{arguments:?}: {err}");
    }
    let (_, err, code) = outcome(countersign(folder.path()).args(["explain", "ACME-009", "--sql"]));
    assert!(code == Some(2) && err.contains("did you mean `ACME-001`?"), "{err}");
    assert_eq!(fs::read(&database).unwrap(), before, "nothing is written");
}
