//! Registers and completeness, from the files to the report: who left, what tokens are for, how much of each source is there.

use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const AS_OF: &str = "2026-11-01T00:00:00Z";

fn audit(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().env("NO_COLOR", "1").current_dir(folder);
    command.args(["audit", "inventory", "--as-of", AS_OF, "--format", "json,html,pdf"]).args(more).output().expect("runs")
}

/// Writes the files, audits `inventory` and reads the report.
fn report(files: &[(&str, &str)], more: &[&str]) -> Json {
    let folder = tempfile::tempdir().expect("makes a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("has a folder")).expect("makes a folder");
        fs::write(path, text).expect("writes");
    }
    let output = audit(folder.path(), more);
    let text = fs::read_to_string(folder.path().join("report/report.json"));
    serde_json::from_str(&text.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))).expect("is JSON")
}

/// Result and reason of a check for each token; tokens that pass or are out of scope have none.
fn results(report: &Json, check: &str) -> Vec<(String, String, String)> {
    let text = |finding: &Json, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("is a list").iter().filter(|finding| finding["check"] == check);
    let mut results: Vec<_> =
        findings.map(|finding| (text(finding, "token_id"), text(finding, "result"), text(finding, "reason"))).collect();
    results.sort();
    results
}

fn source<'r>(report: &'r Json, name: &str) -> &'r Json {
    let sources = report["sources"].as_array().expect("is a list");
    sources.iter().find(|source| source["name"] == name).unwrap_or_else(|| panic!("no source {name}"))
}

fn row(token: &str, result: &str, reason: &str) -> (String, String, String) {
    (token.to_owned(), result.to_owned(), reason.to_owned())
}

const TOKENS: &str = "token_id,provider,account,state,created_at,owner,shares
t-1,acme-gateway,a,enabled,2026-10-20,bcosta,none
t-2,acme-gateway,a,enabled,2026-10-20,Alice@Acme.example,none
t-3,acme-gateway,a,enabled,2026-10-20,gone@acme.example,none
t-4,acme-gateway,a,enabled,2026-10-20,0902,none
t-5,acme-gateway,a,enabled,2026-10-20,61,none
";
const HR: &str = "Employee ID,Name,Work email,Status,Termination date
0902,\"Costa, Bruno\",Bruno.Costa@acme.example,Terminated,2026-03-31
1001,Alice Nguyen,alice@acme.example,Active,
";
const SCIM: &str = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 3, "startIndex": 1, "itemsPerPage": 2,
"Resources": [
 {"id": "61", "userName": "bcosta", "emails": [{"value": "bruno.costa@acme.example"}], "active": true},
 {"id": "62", "userName": "alice", "emails": [{"value": "alice@acme.example"}], "active": true}]}"#;

#[test]
fn a_leaver_is_found_by_any_name_and_whoever_is_missing_is_unknown() {
    let files = [("inventory/tokens.csv", TOKENS), ("hr.csv", HR), ("scim.json", SCIM)];
    let report = report(&files, &["--people", "hr.csv", "--people", "scim.json"]);
    assert_eq!(
        results(&report, "REV-003"),
        [
            row("t-1", "fail", "owner-left"),
            row("t-3", "unknown", "owner-not-on-register"),
            row("t-4", "fail", "owner-left"),
            // 61 is the directory's count and nobody's employee number.
            row("t-5", "unknown", "owner-not-on-register"),
        ]
    );
    let owners: Vec<_> =
        report["owners"].as_array().expect("is a list").iter().filter_map(|owner| owner["owner"].as_str()).collect();
    assert!(owners.contains(&"bruno.costa@acme.example") && !owners.contains(&"bcosta"), "{owners:?}");
    assert_eq!(source(&report, "hr.csv")["register"]["includes_leavers"], true, "it holds one");
    let scim = source(&report, "scim.json");
    assert_eq!(scim["register"]["includes_leavers"], false, "deleted users are absent");
    assert_eq!((&scim["paging"], &scim["further_pages"]), (&Json::from("incomplete"), &Json::from(true)));
    assert!(source(&report, "hr.csv")["problems"].to_string().contains("1 person as left"), "{}", source(&report, "hr.csv"));
}

#[test]
fn purposes_complete_tokens_and_differences_are_listed() {
    let tokens = "token_id,provider,account,state,created_at,purpose,purpose_id,scopes_granted
t-1,acme-gateway,a,enabled,2026-10-20,,P-1,orders:read
t-2,acme-gateway,a,enabled,2026-10-20,Something else entirely,P-1,orders:read;orders:delete
t-3,acme-gateway,a,enabled,2026-10-20,,P-9,orders:read
";
    let purposes = "# what tokens are for\n[[purpose]]\npurpose_id = \"P-1\"\ntext = \"Sends orders to the warehouse\"\n\
                    scopes_required = [\"orders:read\"]\nends_at = 2027-01-31\n";
    let files = [("inventory/tokens.csv", tokens), ("purposes.toml", purposes)];
    let report = report(&files, &["--purposes", "purposes.toml"]);
    let scopes = results(&report, "SCP-002");
    assert!(scopes.contains(&row("t-2", "fail", "excess-scopes")), "{scopes:?}");
    assert!(scopes.iter().all(|(token, _, _)| token != "t-1"), "{scopes:?}");
    let contradictions = report["contradictions"].as_array().expect("is a list");
    assert_eq!(contradictions.len(), 1);
    assert_eq!(contradictions[0]["used"], "Something else entirely", "the token's own value counts");
    assert_eq!(contradictions[0]["other_source"], "purposes.toml");
    assert_eq!(source(&report, "purposes.toml")["rows"]["records"], 1);
}

#[test]
fn a_mistake_in_a_register_stops_the_run_with_its_place() {
    let folder = tempfile::tempdir().expect("makes a folder");
    fs::create_dir(folder.path().join("inventory")).expect("makes a folder");
    fs::write(folder.path().join("inventory/tokens.csv"), TOKENS).expect("writes");
    fs::write(folder.path().join("accounts.toml"), "[[account]]\nprovider = \"x\"\nacount = \"y\"\n").expect("writes");
    let output = audit(folder.path(), &["--accounts", "accounts.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("accounts.toml:3:1"), "{told}");
}

#[test]
fn the_contacts_of_an_account_are_those_of_its_tokens() {
    let accounts = "provider,account,role,address,kind,verified_at,status
acme-gateway,a,technical,ops@acme.example,group,2026-09-01,ok
acme-gateway,a,token,api@acme.example,group,2026-09-01,ok
";
    let tokens = "token_id,provider,account,state,created_at\nt-1,acme-gateway,a,enabled,2026-10-20\nt-2,acme-gateway,b,enabled,2026-10-20\n";
    let files = [("inventory/tokens.csv", tokens), ("accounts.csv", accounts)];
    let report = report(&files, &["--accounts", "accounts.csv"]);
    assert!(results(&report, "CON-001").iter().all(|(token, _, _)| token != "t-1"));
    assert!(!results(&report, "CON-001").is_empty(), "the other account has none");
}

#[test]
fn shapes_of_one_export_supersede_each_other_and_what_vanished_is_noted() {
    let list = |id: &str, exported: &str| {
        format!(
            r#"{{"exported_at": "{exported}", "tokens": [
                 {{"token_id": "t-1", "provider": "acme-gateway", "account": "a", "state": "enabled", "created_at": "2026-01-01"}},
                 {{"token_id": "{id}", "provider": "acme-gateway", "account": "a", "state": "enabled", "created_at": "2026-01-01"}}]}}"#
        )
    };
    let (older, newer) = (list("t-2", "2026-09-01T00:00:00Z"), list("t-3", "2026-10-01T00:00:00Z"));
    let report = report(&[("inventory/older.json", &older), ("inventory/newer.json", &newer)], &[]);
    assert_eq!(report["summary"]["tokens"], 3, "a token that vanished is still listed");
    let rows = &source(&report, "older.json")["rows"];
    assert_eq!((&rows["superseded"], &rows["not_in_newer"]), (&Json::from(1), &Json::from(1)));
    assert!(source(&report, "older.json")["problems"].to_string().contains("missing from the newer export `newer.json`"));
    let newer = source(&report, "newer.json");
    assert_eq!((&newer["rows"]["not_in_newer"], &newer["age_days"]), (&Json::from(0), &Json::from(31)));
    assert!(newer["needed_not_collected"].as_array().is_some_and(|fields| fields.contains(&Json::from("owner"))));
    assert!(results(&report, "INV-003").is_empty());
}

#[test]
fn what_to_supply_next_says_where_to_get_it() {
    let keys = r#"{"AccessKeyMetadata": [
        {"UserName": "ci", "AccessKeyId": "AKIAACME0001EXAMPLE0", "Status": "Active", "CreateDate": "2026-01-01T00:00:00Z"}]}"#;
    let report = report(&[("inventory/keys.json", keys)], &[]);
    let supply = report["supply_next"].as_array().expect("is a list");
    let last_used = supply.iter().find(|entry| entry["field"] == "last_used_at").expect("last use is missing");
    assert!(last_used["hint"].as_str().is_some_and(|hint| hint.contains("credential report")), "{last_used}");
    let decides: Vec<_> = supply.iter().filter_map(|entry| entry["decides"].as_u64()).collect();
    assert!(decides.is_sorted_by(|one, next| one >= next), "{decides:?}");
}
