//! Everything of the sample but tokens and checks: run, sources, waivers, frameworks.

use super::AS_OF;
use super::tokens::Token;
use crate::report::fail_condition::FailCondition;
use crate::report::input::*;
use crate::report::model::*;

/// The hand-kept sheet with the evidence that no provider exports.
pub const EVIDENCE_SHEET: &str = "evidence-sheet.csv";

/// Checks that are unknown for every token of a source, because nothing collects what they need.
pub const BLANKETS: [(&str, &str); 9] = [
    ("gitlab-tokens.json", "STO-001"),
    ("gitlab-tokens.json", "STO-002"),
    ("gitlab-tokens.json", "ENC-001"),
    ("okta-api-tokens.json", "STO-001"),
    ("okta-api-tokens.json", "ENC-001"),
    ("okta-api-tokens.json", "ROT-003"),
    ("cloudflare-tokens.json", "CON-003"),
    ("cloudflare-tokens.json", "REV-001"),
    ("github-fine-grained-pats.json", "SCP-002"),
];

const DAY: Seconds = 86_400;

pub fn branding() -> Branding {
    Branding {
        organisation: Some("Acme Corporation".to_owned()),
        classification: Some("Confidential".to_owned()),
        prepared_by: Some("Security Engineering".to_owned()),
        page: PageSize::A4,
        language: "en".to_owned(),
    }
}

pub fn run() -> Run {
    Run {
        id: "4f1c0a9be27d8356".to_owned(),
        as_of: AS_OF,
        as_of_origin: "end of period 2026-Q3".to_owned(),
        period: Some(Period { name: "2026-Q3".to_owned(), from: AS_OF - 92 * DAY, to: AS_OF }),
        tool_version: "0.1.0".to_owned(),
        policy: PolicyRef {
            name: "acme".to_owned(),
            title: "Acme: baseline with longer verification".to_owned(),
            digest: digest(99),
            profile: Some("baseline".to_owned()),
            relaxed: vec!["CON-003 verify_days: 400 days, over; profile baseline has 365 days, over".to_owned()],
        },
    }
}

pub fn policy() -> PolicyFacts {
    PolicyFacts { minimum_coverage_percent: 80, fail_condition: FailCondition::BASELINE }
}

/// Hex digits that look like a digest and are none.
fn digest(seed: u64) -> String {
    (1..=4u64).map(|part| format!("{:016x}", (seed * 4 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect()
}

pub fn sources(tokens: &[Token]) -> Vec<Source> {
    let listed = |name: &str| tokens.iter().filter(|token| token.sources.contains(name)).count() as u64;
    let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let source = |number: u64, name: &str, format: &str, title: &str, age: Seconds, collected: &[&str], not: &[&str]| Source {
        name: name.to_owned(),
        format: format.to_owned(),
        format_title: title.to_owned(),
        role: SourceRole::Inventory,
        sha256: digest(number),
        exported_at: Some(AS_OF - age),
        exported_at_basis: Some("content".to_owned()),
        age_days: u64::try_from(age / 86_400).ok(),
        rows: RowCounts { read: listed(name), records: listed(name), ..RowCounts::default() },
        paging: Paging::Complete,
        further_pages: false,
        declared_complete: Vec::new(),
        collected: text(collected),
        not_collected: text(not),
        needed: text(not),
        dropped_fields: Vec::new(),
        register: None,
        problems: Vec::new(),
    };
    let evidence = ["storage", "shares", "integrations", "contacts", "compromise.state"];
    let dates = ["token_id", "state", "created_at", "last_used_at", "expires_at"];

    let mut aws = source(
        1,
        "aws-credential-report.csv",
        "aws-iam-credential-report",
        "AWS IAM credential report",
        9_000,
        &dates,
        &evidence,
    );
    aws.rows.skipped = 31;
    aws.rows.read += 31;
    let secrets = source(
        2,
        "aws-secrets.json",
        "aws-secrets-manager",
        "AWS Secrets Manager list",
        8_200,
        &["token_id", "last_rotated_at", "changed_at", "storage"],
        &evidence[1..],
    );
    let github = source(
        3,
        "github-fine-grained-pats.json",
        "github-fine-grained-pats",
        "GitHub fine-grained tokens",
        7_900,
        &["token_id", "owner", "scopes_granted", "expires_at", "last_used_at"],
        &evidence,
    );
    let mut gitlab = source(4, "gitlab-tokens.json", "gitlab-tokens", "GitLab access tokens", 7_400, &dates, &evidence);
    gitlab.paging = Paging::Incomplete;
    gitlab.rows.declared = Some(gitlab.rows.read + 19);
    gitlab.problems = vec!["the export stops after the first page; 19 tokens are missing".to_owned()];
    let okta = source(
        5,
        "okta-api-tokens.json",
        "okta-api-tokens",
        "Okta API tokens",
        6_100,
        &["token_id", "name", "owner", "created_at", "expires_at"],
        &evidence,
    );
    let mut cloudflare = source(
        6,
        "cloudflare-tokens.json",
        "cloudflare-user-tokens",
        "Cloudflare user tokens",
        0,
        &["token_id", "name", "state", "changed_at"],
        &evidence,
    );
    cloudflare.exported_at = None;
    cloudflare.exported_at_basis = None;
    cloudflare.problems = vec!["the file does not say when it was exported".to_owned()];
    let mut sheet = source(
        7,
        EVIDENCE_SHEET,
        "canonical-csv",
        "Canonical sheet (CSV)",
        3 * DAY,
        &["token_id", "provider", "account", "owner", "storage", "integrations", "contacts", "compromise.state"],
        &["reviewed_at", "scope_last_used"],
    );
    sheet.exported_at_basis = Some("settings".to_owned());
    sheet.declared_complete = vec!["compromise.state".to_owned()];
    sheet.rows.read += 9;
    sheet.rows.rejected = 5;
    sheet.rows.duplicate = 4;
    sheet.rows.contradictions = 3;
    let mut people = source(
        8,
        "people.csv",
        "people-csv",
        "People register (CSV)",
        2 * DAY,
        &["id", "email", "status", "left_at"],
        &["aliases"],
    );
    people.role = SourceRole::People;
    people.exported_at_basis = Some("name".to_owned());
    people.rows.read = 212;
    // In no useful order, so that a renderer that relied on it would be found out.
    vec![people, sheet, okta, aws, gitlab, secrets, cloudflare, github]
}

pub fn skipped_files() -> Vec<SkippedFile> {
    vec![SkippedFile {
        name: "notes-from-audit-meeting.docx".to_owned(),
        reason: "no format recognises it; a document begins with PK".to_owned(),
    }]
}

pub fn rejected_rows() -> Vec<RejectedRow> {
    let row = |line, reason: &str| RejectedRow { source: EVIDENCE_SHEET.to_owned(), line, reason: reason.to_owned() };
    vec![
        row(88, "3 fields where the header has 14"),
        row(41, "a quoted field is not closed"),
        row(17, "not UTF-8 at byte 212"),
        row(104, "a NUL byte in field `name`"),
        row(130, "15 fields where the header has 14"),
    ]
}

pub fn contradictions(sheet: &str) -> Vec<Contradiction> {
    let entry = |provider: &str, account: &str, id: &str, field: &str, used: [&str; 2], other: &str| Contradiction {
        provider: provider.to_owned(),
        account: account.to_owned(),
        token_id: id.to_owned(),
        field: field.to_owned(),
        used: used[0].to_owned(),
        used_source: used[1].to_owned(),
        other: other.to_owned(),
        other_source: sheet.to_owned(),
    };
    vec![
        entry(
            "okta",
            "acme.okta.example",
            "00T017586acme",
            "owner",
            ["platform team", "okta-api-tokens.json"],
            "sam.osei@acme.example",
        ),
        entry("gitlab", "gitlab.acme.example", "project/43/9003", "state", ["enabled", "gitlab-tokens.json"], "revoked"),
        entry(
            "aws",
            "481516234200",
            "arn:aws:iam::481516234200:user/svc-021/access_key_1",
            "created_at",
            ["2025-11-03T09:12:44Z", "aws-credential-report.csv"],
            "2025-11-30T00:00:00Z",
        ),
    ]
}

/// One waiver of each status.
pub fn waivers(matched: impl Fn(&str) -> u64) -> Vec<WaiverSummary> {
    let waiver =
        |id: &str, check: &str, selector: &str, reason: &str, through: &str, status: &str, note: Option<&str>| WaiverSummary {
            id: id.to_owned(),
            check: check.to_owned(),
            selector: selector.to_owned(),
            reason: reason.to_owned(),
            owner: "ines.okafor@acme.example".to_owned(),
            approver: "ciso@acme.example".to_owned(),
            approved_at: "2026-04-02".to_owned(),
            valid_through: through.to_owned(),
            ticket: Some(format!("SEC-{}", 400 + id.len() * 7 + check.len())),
            status: status.to_owned(),
            note: note.map(str::to_owned),
            matched: matched(id),
            relabelled: matched(id),
        };
    vec![
        waiver(
            "W-2026-014",
            "STO-001",
            "provider = aws and name = legacy-*",
            "Migration to the secret manager is scheduled for November.",
            "2026-12-31",
            "active",
            None,
        ),
        waiver(
            "W-2026-009",
            "ROT-001",
            "account = acme-corp",
            "The release bot's token is replaced together with the pipeline.",
            "2026-10-20",
            "ending",
            Some("ends in 19 days; renew it or rotate the token"),
        ),
        waiver(
            "W-2026-016",
            "SCP-001",
            "owner = platform team",
            "Break-glass access, reviewed monthly.",
            "2027-01-31",
            "active",
            None,
        ),
        waiver(
            "W-2026-017",
            "REV-002",
            "tag.schedule = yearly",
            "Used once a year for the tax export.",
            "2027-02-28",
            "active",
            None,
        ),
        waiver(
            "W-2026-018",
            "CON-003",
            "provider = gitlab",
            "Contacts are being verified with the directory project.",
            "2026-11-30",
            "active",
            None,
        ),
        waiver(
            "W-2026-021",
            "ENC-002",
            "environment = test",
            "Starts with the new test network.",
            "2026-12-31",
            "not-yet",
            Some("in force from 2026-11-01"),
        ),
        waiver(
            "W-2025-031",
            "ENC-001",
            "provider = okta",
            "Accepted until the vendor encrypts its backups.",
            "2026-06-30",
            "expired",
            Some("expired 93 days before the as-of instant"),
        ),
        waiver(
            "W-2026-002",
            "CON-001",
            "name = retired-*",
            "Retired integrations need no contact.",
            "2026-12-31",
            "unused",
            Some("matches no result"),
        ),
        waiver(
            "W-2026-011",
            "REV-001",
            "token_id = IRAcme-0006",
            "Vendor says it is a false alarm.",
            "2026-12-31",
            "invalid",
            Some("REV-001 cannot be waived"),
        ),
    ]
}

pub fn frameworks() -> Vec<FrameworkFacts> {
    let framework = |id: &str, name: &str, version: &str, controls: &[(&str, &str)]| FrameworkFacts {
        id: id.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        provider: id.starts_with("cis-aws").then(|| "aws".to_owned()),
        note: None,
        controls: controls
            .iter()
            .map(|(id, title)| ControlFacts {
                id: (*id).to_owned(),
                title: (*title).to_owned(),
                note: None,
                notes_when_off: [("ROT-002".to_owned(), "ROT-002 is off: few sources know when a token was enabled".to_owned())]
                    .into_iter()
                    .filter(|_| *id == "IMP-4.1")
                    .collect(),
            })
            .collect(),
    };
    vec![
        framework(
            "impact-com",
            "impact.com: Keep Your Access Tokens Secure",
            "undated page",
            &[
                ("IMP-1", "Storing and sharing credentials"),
                ("IMP-1.1", "Share only securely and with authorized individuals"),
                ("IMP-1.2", "Store where unauthorized users and applications cannot reach"),
                ("IMP-1.3", "Encrypt at rest and in transit"),
                ("IMP-2", "Rotate your credentials"),
                ("IMP-2.1", "Rotate regularly by reset, then update the integrations"),
                ("IMP-3", "Limit token scopes"),
                ("IMP-3.1", "Grant only the scopes the purpose needs"),
                ("IMP-4", "Reset or revoke tokens"),
                ("IMP-4.1", "On enabling a token, reset it and update all integrations"),
                ("IMP-4.2", "On suspicion of compromise, reset, then update all integrations"),
                ("IMP-4.3", "No longer required: disable or delete"),
                ("IMP-5", "Contact information"),
                ("IMP-5.1", "Keep technical contact and token contact current"),
            ],
        ),
        framework(
            "owasp-nhi-2025",
            "OWASP Non-Human Identities Top 10",
            "2025",
            &[
                ("NHI1", "Improper Offboarding"),
                ("NHI2", "Secret Leakage"),
                ("NHI5", "Overprivileged NHI"),
                ("NHI7", "Long-Lived Secrets"),
                ("NHI8", "Environment Isolation"),
                ("NHI9", "NHI Reuse"),
            ],
        ),
        framework(
            "nist-800-53-r5",
            "NIST SP 800-53",
            "Revision 5 (catalog release 5.1.1)",
            &[
                ("IA-5", "Authenticator Management"),
                ("IA-5(6)", "Protection of Authenticators"),
                ("AC-2", "Account Management"),
                ("AC-2(3)", "Disable Accounts"),
                ("AC-6", "Least Privilege"),
                ("SC-8", "Transmission Confidentiality and Integrity"),
                ("SC-28", "Protection of Information at Rest"),
                ("PS-4", "Personnel Termination"),
                ("CM-8", "System Component Inventory"),
            ],
        ),
        framework(
            "pci-dss-4.0.1",
            "PCI DSS",
            "4.0.1",
            &[
                ("7.2.5", "Application and system accounts: least privilege, limited to where needed"),
                ("8.3.2", "Authentication factors unreadable in transmission and storage"),
                ("8.6.2", "No hard-coded passwords for application and system accounts"),
                ("8.6.3", "Application and system passwords changed periodically and on suspicion"),
            ],
        ),
    ]
}

/// Where to get what the sample lacks.
pub fn supply_hints() -> std::collections::BTreeMap<(String, String), String> {
    let sources = ["aws-credential-report.csv", "github-pats.json", "inventory.csv", "okta-api-tokens.json"];
    let hint = |source: &str| ((source.to_owned(), "integrations".to_owned()), "enter integrations in your own sheet".to_owned());
    sources.map(hint).into()
}
