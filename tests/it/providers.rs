//! A provider that only the settings know, from end to end.

use crate::program::{countersign, outcome};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;

const SHEET: &str = "token_id,provider,kind,account,state,created_at,expires_at,scopes_granted,storage.kind\n\
    gw-1,GW,key,head-office,enabled,2025-01-10,2026-01-10,orders.manage,secret-manager\n\
    gw-2,acme-gateway,key,head-office,enabled,2026-09-20,,catalog.view,secret-manager\n";

/// The example of the documentation.
fn example() -> String {
    let text = include_str!("../../docs/providers.md");
    let start = text.find("```toml\n").expect("there is an example") + "```toml\n".len();
    let end = start + text[start..].find("```").expect("it ends");
    text[start..end].to_owned()
}

fn report(folder: &Path) -> Json {
    let (_, err, code) = outcome(countersign(folder).args(["audit", "exports", "--format", "json"]));
    assert!(matches!(code, Some(1 | 3)), "{code:?} {err}");
    serde_json::from_str(&fs::read_to_string(folder.join("report/report.json")).expect("there is a report")).expect("is JSON")
}

fn finding<'r>(report: &'r Json, check: &str, token: &str) -> Option<&'r Json> {
    let mut findings = report["findings"].as_array().expect("is a list").iter();
    findings.find(|finding| finding["check"] == check && finding["token_id"] == token)
}

#[test]
fn a_provider_of_the_settings_decides_results_and_is_named_as_their_source() {
    let folder = tempfile::tempdir().expect("makes a folder");
    fs::create_dir(folder.path().join("exports")).expect("makes a folder");
    fs::write(folder.path().join("exports/tokens.csv"), SHEET).expect("writes");
    let plain = report(folder.path());
    assert_eq!(finding(&plain, "ROT-001", "gw-1").map(|finding| &finding["result"]), Some(&Json::from("unknown")));
    assert!(finding(&plain, "SCP-001", "gw-1").is_none());
    assert_eq!(finding(&plain, "EXP-002", "gw-1").map(|finding| &finding["result"]), Some(&Json::from("fail")));

    fs::write(folder.path().join("countersign.toml"), example()).expect("writes");
    let known = report(folder.path());
    assert_ne!(known["run"]["id"], plain["run"]["id"]);
    let old = finding(&known, "ROT-001", "gw-1").expect("it is too old");
    assert_eq!(
        (&old["provider"], &old["result"], &old["basis"]),
        (&"acme-gateway".into(), &"fail".into(), &"provider-fact".into())
    );
    assert_eq!(old["evidence"]["fact"], "value_fixed_at_creation");
    assert_eq!(old["evidence"]["fact_source"], "countersign.toml: Acme platform handbook, chapter 4");
    assert!(old["observed"].as_str().is_some_and(|text| text.contains("Acme platform handbook")), "{}", old["observed"]);
    let wide = finding(&known, "SCP-001", "gw-1").expect("it has administrator access");
    assert_eq!(
        (&wide["evidence"]["fact"], &wide["evidence"]["fact_source"]),
        (&"scope_class".into(), &"countersign.toml".into())
    );
    assert!(finding(&known, "SCP-001", "gw-2").is_none());
    assert!(finding(&known, "EXP-002", "gw-1").is_none(), "such a token has no expiry");

    let (out, _, code) = outcome(countersign(folder.path()).args(["formats", "--providers", "gateway"]));
    assert_eq!(code, Some(0));
    assert!(out.contains("Acme Gateway") && out.contains("chapter 4") && out.contains("session"), "{out}");
}

#[test]
fn an_inventory_folder_says_nothing_of_providers() {
    let folder = tempfile::tempdir().expect("makes a folder");
    fs::create_dir(folder.path().join("exports")).expect("makes a folder");
    fs::write(folder.path().join("exports/tokens.csv"), SHEET).expect("writes");
    fs::write(folder.path().join("exports/countersign.toml"), example()).expect("writes");
    let (_, err, _) = outcome(countersign(folder.path()).args(["audit", "exports", "--format", "json"]));
    assert!(err.contains("`provider` in"), "{err}");
    let report = report(folder.path());
    assert!(finding(&report, "SCP-001", "gw-1").is_none());
}
