//! The example inventory: every file is recognised, and what is wrong with it is wrong on purpose.

use crate::program::{countersign, outcome};
use std::path::{Path, PathBuf};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme")
}

#[test]
fn every_file_of_the_example_is_recognised_without_being_told_how() {
    for (file, format, records) in [
        ("aws-credential-report.csv", "aws-iam-credential-report", 28),
        ("aws-access-keys.json", "aws-iam-list-access-keys", 26),
        ("aws-secrets.json", "aws-secretsmanager-list-secrets", 24),
        ("github-fine-grained-pats.json", "github-org-fine-grained-pats", 22),
        ("gitlab-personal-tokens.json", "gitlab-personal-access-tokens", 20),
        ("gitlab-platform-group-tokens.json", "gitlab-group-manage-resource-access-tokens", 7),
        ("gitlab-shop-project-tokens.json", "gitlab-project-access-tokens", 6),
        ("okta-api-tokens.json", "okta-api-tokens", 8),
        ("cloudflare-tokens.json", "cloudflare-api-tokens", 14),
        ("tokens.csv", "canonical-csv", 144),
        ("people.csv", "hr-roster", 24),
    ] {
        let (out, err, code) = outcome(countersign(&example()).args(["inspect", file]));
        assert_eq!(code, Some(0), "{file}: {err}");
        assert!(out.lines().any(|line| line.starts_with("format") && line.ends_with(format)), "{file}: {out}");
        assert!(out.contains(&format!("; {records} records")), "{file}: {out}");
    }
}

#[test]
fn the_sheet_of_the_example_holds_a_rejected_row_and_a_planted_value() {
    let (out, _, _) = outcome(countersign(&example()).args(["inspect", "tokens.csv"]));
    assert!(out.contains("1 rejected") && out.contains("Rejected rows\n  line 146:"), "{out}");
    assert!(out.contains("line 139: tags.notes: random-text, 30 characters (secret)"), "{out}");
    assert!(!out.contains("ThisIsNot"), "the value itself is shown nowhere");
}
