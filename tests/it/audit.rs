//! The main job, run as a user runs it.

use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const AS_OF: &str = "2026-10-01T00:00:00Z";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().env("NO_COLOR", "1");
    command
}

fn acme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme")
}

/// Audits an inventory in a folder of its own.
fn audit(folder: &Path, inventory: &Path, more: &[&str]) -> Output {
    let mut command = program();
    command.current_dir(folder).arg("audit").arg(inventory).args(["--as-of", AS_OF]).args(more);
    command.output().expect("runs")
}

fn report(folder: &Path) -> Json {
    let text = fs::read_to_string(folder.join("report/report.json")).expect("there is a report");
    serde_json::from_str(&text).expect("is JSON")
}

fn copy_tree(from: &Path, to: &Path, change: &dyn Fn(&Path, Vec<u8>) -> Vec<u8>) {
    fs::create_dir_all(to).expect("makes a folder");
    for entry in fs::read_dir(from).expect("lists") {
        let path = entry.expect("is there").path();
        let target = to.join(path.file_name().expect("has a name"));
        if path.is_dir() {
            copy_tree(&path, &target, change);
        } else {
            fs::write(&target, change(&path, fs::read(&path).expect("reads"))).expect("writes");
        }
    }
}

/// What a run says of every subject, without what depends on where a row stands in its file.
fn verdicts(report: &Json) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("is a list");
    let words = ["check", "provider", "account", "token_id", "result", "reason", "basis", "count", "observed"];
    let without_lines = |text: String| {
        let mut parts = text.split(" line ");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + " line" + part.trim_start_matches(|digit: char| digit.is_ascii_digit()))
    };
    findings.iter().map(|finding| without_lines(words.map(|word| finding[word].to_string()).join(" "))).collect()
}

#[test]
fn acme_has_findings_and_its_figures_add_up() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let output = audit(folder.path(), &acme(), &["--format", "html,pdf,json,csv"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report(folder.path());
    let results = &report["summary"]["results"];
    for word in ["fail", "unknown", "waived", "error"] {
        let findings = report["findings"].as_array().expect("is a list").iter();
        let listed: u64 =
            findings.filter(|finding| finding["result"] == word).map(|finding| finding["count"].as_u64().unwrap_or(1)).sum();
        assert_eq!(results[word].as_u64(), Some(listed), "{word}");
    }
    let every: u64 =
        report["checks"].as_array().expect("is a list").iter().filter_map(|check| check["results"]["pass"].as_u64()).sum();
    assert_eq!(results["pass"].as_u64(), Some(every));
    assert_eq!(results["error"], 0);
    for file in ["report.html", "report.pdf", "report.json", "findings.csv"] {
        assert!(folder.path().join("report").join(file).is_file(), "{file}");
    }
}

#[test]
fn the_database_holds_what_decided() {
    let folder = tempfile::tempdir().expect("makes a folder");
    audit(folder.path(), &acme(), &["--format", "json"]);
    let ask = |sql: &str| {
        let output = Command::new("sqlite3").arg(folder.path().join("countersign.db")).arg(sql).output();
        output.ok().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    // A machine without the shell cannot ask it; CI has one.
    let Some(checks) = ask("SELECT count(*) FROM run_check WHERE selected AND sql LIKE '%SELECT%'") else { return };
    let report = report(folder.path());
    let selected = report["checks"].as_array().expect("is a list").iter().filter(|check| check["selected"] == true).count();
    assert_eq!(checks, selected.to_string());
    assert_eq!(ask("SELECT count(*) FROM token").as_deref(), Some(report["summary"]["tokens"].to_string().as_str()));
    assert_eq!(ask("SELECT DISTINCT state FROM run").as_deref(), Some("finished"));
}

#[test]
fn a_folder_that_holds_its_own_report_and_database_is_read_the_same_again() {
    let folder = tempfile::tempdir().expect("makes a folder");
    copy_tree(&acme(), folder.path(), &|_, bytes| bytes);
    audit(folder.path(), Path::new("."), &[]);
    let first = report(folder.path());
    audit(folder.path(), Path::new("."), &[]);
    assert_eq!(report(folder.path())["sources"], first["sources"]);
    assert_eq!(report(folder.path())["summary"], first["summary"]);
}

#[test]
fn two_runs_give_the_same_bytes() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("makes a folder"));
    for folder in &folders {
        audit(folder.path(), &acme(), &["--format", "html,pdf,json,csv"]);
    }
    for file in ["report.html", "report.pdf", "report.json", "findings.csv"] {
        let [one, two] = [0, 1].map(|index: usize| fs::read(folders[index].path().join("report").join(file)).expect("reads"));
        assert!(one == two, "{file} differs");
    }
}

#[test]
fn the_order_of_rows_and_files_changes_no_result() {
    let folder = tempfile::tempdir().expect("makes a folder");
    audit(folder.path(), &acme(), &[]);
    let expected = report(folder.path());
    let shuffled = tempfile::tempdir().expect("makes a folder");
    // Rows of tables and elements of arrays from last to first; files under names that sort the other way round.
    copy_tree(&acme(), &shuffled.path().join("inventory"), &|path, bytes| match path.extension().and_then(|end| end.to_str()) {
        Some("csv") => {
            let text = String::from_utf8(bytes).expect("is text");
            let mut lines = text.lines();
            let head = lines.next().unwrap_or_default().to_owned();
            let mut rows: Vec<&str> = lines.collect();
            rows.reverse();
            format!("{head}\n{}\n", rows.join("\n")).into_bytes()
        }
        Some("json") => {
            let mut document: Json = serde_json::from_slice(&bytes).expect("is JSON");
            let reverse = |value: &mut Json| value.as_array_mut().into_iter().for_each(|list| list.reverse());
            reverse(&mut document);
            document.as_object_mut().into_iter().flat_map(|object| object.values_mut()).for_each(reverse);
            document.to_string().into_bytes()
        }
        _ => bytes,
    });
    audit(shuffled.path(), Path::new("inventory"), &[]);
    let found = report(shuffled.path());
    assert_eq!(verdicts(&found), verdicts(&expected));
    assert_eq!(found["summary"]["results"], expected["summary"]["results"]);
    assert_eq!(found["summary"]["tokens"], expected["summary"]["tokens"]);
    assert_eq!(found["owners"], expected["owners"]);
}

#[test]
fn a_file_given_twice_counts_once() {
    let folder = tempfile::tempdir().expect("makes a folder");
    audit(folder.path(), &acme(), &[]);
    let expected = report(folder.path());
    let doubled = tempfile::tempdir().expect("makes a folder");
    let inventory = doubled.path().join("inventory");
    copy_tree(&acme(), &inventory, &|_, bytes| bytes);
    for entry in fs::read_dir(&inventory).expect("lists") {
        let path = entry.expect("is there").path();
        let data = path.extension().is_some_and(|end| end == "csv" || end == "json");
        if data {
            fs::copy(&path, path.with_file_name(format!("zz-again-{}", path.file_name().expect("named").to_string_lossy())))
                .expect("copies");
        }
    }
    audit(doubled.path(), Path::new("inventory"), &[]);
    assert_eq!(report(doubled.path())["summary"]["results"], expected["summary"]["results"]);
}

#[test]
fn bad_inputs_get_their_exit_codes_and_replace_no_report() {
    let folder = tempfile::tempdir().expect("makes a folder");
    audit(folder.path(), &acme(), &[]);
    let before = fs::read(folder.path().join("report/report.json")).expect("reads");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writes");
    write("empty.csv", "");
    write("list.json", "[]");
    write("other.json", r#"[{"colour": "red"}]"#);
    write("table.csv", "colour,size\nred,1\n");
    write("head.csv", "token_id,provider,account,state,created_at\n");
    fs::create_dir(folder.path().join("nothing")).expect("makes a folder");
    for (inventory, codes) in [
        ("missing.csv", &[2][..]),
        ("nothing", &[2, 3]),
        ("empty.csv", &[2, 3]),
        ("head.csv", &[3]),
        ("list.json", &[2, 3]),
        ("other.json", &[2]),
        ("table.csv", &[2]),
    ] {
        let output = audit(folder.path(), Path::new(inventory), &[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{inventory}: {:?} {told}", output.status.code());
        assert!(told.contains(inventory), "{inventory}: {told}");
        assert_eq!(fs::read(folder.path().join("report/report.json")).expect("reads"), before, "{inventory}");
    }
    assert_eq!(audit(folder.path(), &acme(), &["--policy", "nosuch"]).status.code(), Some(2));
    fs::create_dir(folder.path().join("locked")).expect("makes a folder");
    std::os::unix::fs::symlink(folder.path().join("locked"), folder.path().join("link")).expect("links");
    assert_eq!(audit(folder.path(), &acme(), &["--out", "link"]).status.code(), Some(4));
}

#[test]
fn a_killed_run_leaves_the_earlier_one_whole() {
    let folder = tempfile::tempdir().expect("makes a folder");
    audit(folder.path(), &acme(), &[]);
    let before = fs::read(folder.path().join("report/report.json")).expect("reads");
    for milliseconds in [5, 20, 40, 80, 120, 200] {
        let mut command = program();
        command.current_dir(folder.path()).arg("audit").arg(acme()).args(["--as-of", "2026-11-01T00:00:00Z"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        let _already_ended = child.kill();
        child.wait().expect("ends");
        // Whatever was interrupted, the next run starts from whole runs and leaves a whole report.
        let output = audit(folder.path(), &acme(), &[]);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(fs::read(folder.path().join("report/report.json")).expect("reads"), before, "after {milliseconds} ms");
    }
}

#[test]
fn a_token_value_in_a_cell_is_nowhere_afterwards() {
    let folder = tempfile::tempdir().expect("makes a folder");
    // Assembled here, so that no scanner finds one in the repository.
    let value = ["gh", "p_", "R4nd0mLookingV4lueF0rTh1sTest00", "Abcde1"].concat();
    let sheet = format!(
        "token_id,provider,account,name,purpose,owner,state,created_at,storage\n\
         t-1,github,acme,{value},\"uses {value} for builds\",ann@example.com,enabled,2026-09-01,\"[{{\"\"kind\"\":\"\"chat\"\",\"\"location\"\":\"\"{value}\"\"}}]\"\n\
         {value},github,acme,x,nightly build of the site,ann@example.com,enabled,2026-09-01,\n\
         broken {value}\n"
    );
    fs::write(folder.path().join("sheet.csv"), sheet).expect("writes");
    let output = audit(folder.path(), Path::new("sheet.csv"), &["--format", "html,pdf,json,csv"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report(folder.path());
    let found: Vec<_> =
        report["findings"].as_array().expect("is a list").iter().filter(|finding| finding["check"] == "INV-005").collect();
    assert_eq!(found.len(), 2, "{found:?}");
    let mut places = vec![("stdout".to_owned(), output.stdout), ("stderr".to_owned(), output.stderr)];
    let mut folders = vec![folder.path().to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("lists") {
            let path = entry.expect("is there").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "sheet.csv") {
                places.push((path.display().to_string(), fs::read(&path).expect("reads")));
            }
        }
    }
    for (place, bytes) in places {
        assert!(!bytes.windows(value.len()).any(|window| window == value.as_bytes()), "the value is in {place}");
    }
}

#[test]
fn hostile_names_reach_every_output_as_text() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let long = "x".repeat(10_000);
    let names =
        ["<script>alert(1)</script>", "=cmd()|' /C calc'!A0", "\u{202e}gpj.exe", "日本語の名前", "{{ 7 * 7 }}", "🦀", &long];
    let mut sheet = "token_id,provider,account,name,state,created_at,expires_at\n".to_owned();
    for (index, name) in names.iter().enumerate() {
        sheet.push_str(&format!("t-{index},internal,acme,\"{}\",enabled,2020-01-01,2021-01-01\n", name.replace('"', "\"\"")));
    }
    fs::write(folder.path().join("sheet.csv"), sheet).expect("writes");
    let output = audit(folder.path(), Path::new("sheet.csv"), &["--format", "html,pdf,json,csv", "--fail-on", "medium"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let read =
        |file: &str| String::from_utf8_lossy(&fs::read(folder.path().join("report").join(file)).expect("reads")).into_owned();
    let html = read("report.html");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;") && !html.contains("<script>alert(1)"), "escaped");
    assert!(!html.contains('\u{202e}') && html.contains("7 * 7") && html.contains("日本語の名前"));
    let csv = read("findings.csv");
    assert!(!csv.contains(",=cmd") && !csv.contains(",\"=cmd") && csv.contains("'=cmd"), "neutralised");
}
