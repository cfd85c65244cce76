//! The checks of the sample, with what they say when they fail.

use super::Outcome;
use super::tokens::Token;
use crate::report::input::*;
use crate::report::model::*;
use std::collections::BTreeMap;

/// A check and the words of its results.
pub struct Check {
    pub id: &'static str,
    name: &'static str,
    title: &'static str,
    pub severity: Severity,
    rationale: &'static str,
    remediation: &'static str,
    /// Name, JSON value, text, and origin of the value in a finding.
    parameter: Option<(&'static str, &'static str, &'static str)>,
    controls: &'static [&'static str],
    /// Reason, observed, required, evidence as a JSON object.
    fail: (&'static str, &'static str, &'static str, &'static str),
    /// Fields whose absence makes it unknown.
    pub unknown: Option<&'static str>,
    pub may_not_apply: bool,
}

use Severity::{Critical, High, Low, Medium};

#[rustfmt::skip]
pub const CHECKS: [Check; 18] = [
    Check { id: "STO-001", name: "approved-secret-store", title: "The secret is kept only in an approved secret store", severity: High,
        rationale: "A secret in a plain file or a shared drive is readable by everyone who can read that place, and nobody is told when it is read.",
        remediation: "Move the secret into an approved store, let the application read it from there at start, delete the old copy, then reset the token because the old copy may have been read.",
        parameter: Some(("approved_kinds", r#"["secret-manager","hsm","ci-secret-store","encrypted-vault-file","os-keychain"]"#, "secret-manager, hsm, ci-secret-store, encrypted-vault-file, os-keychain")),
        controls: &["nist-800-53-r5:IA-5", "nist-800-53-r5:IA-5(6)", "nist-800-53-r5:~SC-28", "pci-dss-4.0.1:~8.6.2", "owasp-nhi-2025:NHI2", "impact-com:IMP-1.2"],
        fail: ("unapproved-store", "The secret is kept in a config-file at deploy/app.ini.", "Only approved stores hold the secret.", r#"{"storage_kind":"config-file","storage_location":"deploy/app.ini"}"#),
        unknown: Some("storage"), may_not_apply: false },
    Check { id: "STO-002", name: "no-exposed-copy", title: "No copy of the secret sits in code, chat, tickets, documents or logs", severity: Critical,
        rationale: "Copies in repositories, chat or tickets are found by search and by attackers, and survive in history after deletion.",
        remediation: "Reset the token first, then remove the copy (including history and caches), then put the new secret in an approved store and add a secret scanner to that place.",
        parameter: Some(("scan_max_age_days", "30", "30 days, over; a scan is not required")),
        controls: &["nist-800-53-r5:IA-5", "pci-dss-4.0.1:8.6.2", "owasp-nhi-2025:NHI2", "impact-com:IMP-1.2"],
        fail: ("exposed-copy", "A copy of the secret in force has been in a chat since 2026-08-14.", "No exposed copy holds the current secret.", r#"{"storage_kind":"chat","storage_location":"ops-handover","exposed_since":"2026-08-14T00:00:00Z","last_rotated_at":"2026-05-02T10:20:30Z"}"#),
        unknown: Some("storage"), may_not_apply: false },
    Check { id: "ENC-001", name: "encrypted-at-rest", title: "Every stored copy of the secret is encrypted", severity: High,
        rationale: "The page asks for encryption at rest as an added layer on top of access control.",
        remediation: "Turn on encryption for that store, or move the secret to one that encrypts by design; reset the token if unencrypted backups exist.",
        parameter: None,
        controls: &["nist-800-53-r5:SC-28", "nist-800-53-r5:~IA-5(6)", "pci-dss-4.0.1:8.3.2", "owasp-nhi-2025:NHI2", "impact-com:IMP-1.3"],
        fail: ("not-encrypted", "A copy in a ci-secret-store is stated as not encrypted.", "Every stored copy is encrypted.", r#"{"storage_kind":"ci-secret-store","encrypted_at_rest":"no"}"#),
        unknown: Some("storage"), may_not_apply: false },
    Check { id: "ENC-002", name: "encrypted-in-transit", title: "The token travels only over encrypted connections", severity: High,
        rationale: "The page asks for encryption in transit; a bearer token sent once in clear text is gone.",
        remediation: "Switch the endpoint to its encrypted form, refuse plain connections at the client, send the token in a header, then reset the token that travelled in clear.",
        parameter: Some(("min_tls", "\"1.2\"", "TLS 1.2 or newer")),
        controls: &["nist-800-53-r5:SC-8", "pci-dss-4.0.1:8.3.2", "owasp-nhi-2025:~NHI2", "impact-com:IMP-1.3"],
        fail: ("plaintext", "The integration order-sync calls http://orders.acme.example/v2.", "Every active integration uses an encrypted connection, TLS 1.2 or newer.", r#"{"integration":"order-sync","endpoint":"http://orders.acme.example/v2"}"#),
        unknown: Some("integrations"), may_not_apply: true },
    Check { id: "ROT-001", name: "rotation-age", title: "The secret was changed within the rotation period", severity: Medium,
        rationale: "Rotation ends the use of a secret that leaked without anyone noticing.",
        remediation: "Reset the token, update every integration listed for it, confirm each works, and put the next reset on a schedule shorter than the limit.",
        parameter: Some(("max_age_days", "90", "90 days, over; 60 for sensitivity high")),
        controls: &["nist-800-53-r5:IA-5", "pci-dss-4.0.1:8.6.3", "owasp-nhi-2025:NHI7", "impact-com:IMP-2.1"],
        fail: ("too-old", "The secret was last changed 412 days ago, on 2025-08-15.", "Changed within 90 days.", r#"{"last_rotated_at":"2025-08-15T00:00:00Z","age_days":412}"#),
        unknown: Some("last_rotated_at"), may_not_apply: true },
    Check { id: "ROT-003", name: "integrations-updated-after-reset", title: "Every integration took over the new secret after the last reset", severity: Medium,
        rationale: "A reset is finished only when all integrations use the new credentials; the page says so three times.",
        remediation: "Put the current secret into each integration named in the finding, test it, record the update date, and retire integrations nobody owns.",
        parameter: Some(("grace_hours", "72", "72 hours, over; 24 for environment production")),
        controls: &["nist-800-53-r5:~IA-5", "owasp-nhi-2025:~NHI7", "impact-com:IMP-2.1", "impact-com:IMP-4.1", "impact-com:IMP-4.2"],
        fail: ("integration-behind", "The integration partner-feed was updated before the reset of 2026-07-20.", "Every active integration is updated within 72 hours of a reset.", r#"{"integration":"partner-feed","credential_updated_at":"2026-03-11T08:00:00Z","last_rotated_at":"2026-07-20T14:05:00Z"}"#),
        unknown: Some("integrations, last_rotated_at"), may_not_apply: true },
    Check { id: "EXP-002", name: "expired-token-removed", title: "An expired token is no longer listed as enabled", severity: Medium,
        rationale: "An expired entry that is still enabled hides tokens that work past their end.",
        remediation: "Disable or delete the token at the provider; if something still uses it, issue a new one first.",
        parameter: None,
        controls: &["nist-800-53-r5:AC-2(3)", "owasp-nhi-2025:~NHI1"],
        fail: ("expired", "The token expired on 2026-09-12 and is listed as enabled.", "An expired token is disabled or deleted.", r#"{"expires_at":"2026-09-12T00:00:00Z","state":"enabled"}"#),
        unknown: Some("expires_at"), may_not_apply: true },
    Check { id: "SCP-001", name: "no-admin-or-wildcard", title: "The token has no administrator, wildcard or unscoped access", severity: High,
        rationale: "Full access is never what an integration needs, and it makes every other scope check meaningless.",
        remediation: "List the calls the integration really makes, create a token with just those scopes, switch over, revoke the broad one.",
        parameter: None,
        controls: &["nist-800-53-r5:AC-6", "pci-dss-4.0.1:7.2.5", "owasp-nhi-2025:NHI5", "impact-com:IMP-3.1"],
        fail: ("admin-scope", "The scope admin:org grants administration.", "No administrator, wildcard or unscoped access.", r#"{"scope":"admin:org"}"#),
        unknown: Some("scopes_granted"), may_not_apply: false },
    Check { id: "SCP-002", name: "scopes-within-purpose", title: "The granted scopes do not go beyond the declared purpose", severity: High,
        rationale: "The page's rule word for word: only the scopes the purpose needs.",
        remediation: "Remove the scopes listed as excess; if one is really needed, first write it into the purpose with a reason and an approver.",
        parameter: None,
        controls: &["nist-800-53-r5:AC-6", "nist-800-53-r5:AC-2", "pci-dss-4.0.1:7.2.5", "owasp-nhi-2025:NHI5", "impact-com:IMP-3.1"],
        fail: ("excess-scopes", "Granted beyond the purpose: contents:write, workflows:write.", "Every granted scope is required by the purpose or implied by one that is.", r#"{"excess":["contents:write","workflows:write"]}"#),
        unknown: Some("scopes_required"), may_not_apply: false },
    Check { id: "REV-001", name: "compromised-token-reset", title: "A token suspected to be compromised has been reset or disabled", severity: Critical,
        rationale: "The page is plain: on suspicion reset at once, then update the integrations.",
        remediation: "Reset the token now (this cuts off the attacker), then put the new secret into every integration, then look through the usage log from the first possible misuse.",
        parameter: Some(("grace_hours", "0", "0 hours")),
        controls: &["nist-800-53-r5:IA-5", "pci-dss-4.0.1:8.6.3", "owasp-nhi-2025:~NHI2", "impact-com:IMP-4.2"],
        fail: ("not-reset", "Suspected since 2026-09-03T16:40:00Z; last reset 2026-06-30.", "Reset or disabled at once after the suspicion.", r#"{"suspected_at":"2026-09-03T16:40:00Z","last_rotated_at":"2026-06-30T00:00:00Z"}"#),
        unknown: Some("compromise.state"), may_not_apply: false },
    Check { id: "REV-002", name: "no-dormant-token", title: "The token has been used recently", severity: Medium,
        rationale: "A token nobody uses is no longer needed; the page asks to disable or delete such tokens.",
        remediation: "Ask the owner; without an answer disable the token, and delete it if nothing broke within two weeks.",
        parameter: Some(("unused_days", "45", "45 days, reached; 30 for sensitivity high")),
        controls: &["nist-800-53-r5:AC-2(3)", "owasp-nhi-2025:NHI1", "impact-com:~IMP-4.3"],
        fail: ("unused", "Last used 131 days ago, on 2026-05-23.", "Used within the last 45 days.", r#"{"last_used_at":"2026-05-23T04:12:09Z","unused_days":131}"#),
        unknown: Some("last_used_at"), may_not_apply: false },
    Check { id: "REV-003", name: "leaver-access-removed", title: "Nobody who has left still owns or knows the secret", severity: High,
        rationale: "People keep what they copied; after they leave, only a reset takes it back.",
        remediation: "Name a new owner, reset the token, update the integrations, and add this token list to the leaver procedure.",
        parameter: Some(("grace_days", "0", "0 days, over")),
        controls: &["nist-800-53-r5:PS-4", "nist-800-53-r5:AC-2(3)", "owasp-nhi-2025:NHI1", "impact-com:~IMP-1.2"],
        fail: ("owner-left", "The owner left on 2026-07-31, 62 days ago.", "Nobody who has left owns the token.", r#"{"person":"dana.reyes@acme.example","left_at":"2026-07-31T00:00:00Z"}"#),
        unknown: None, may_not_apply: true },
    Check { id: "CON-001", name: "token-contact-present", title: "The token has a contact", severity: Medium,
        rationale: "The provider's staff must be able to reach someone about this token.",
        remediation: "Enter a primary contact for the token at the provider, preferably a team mailbox.",
        parameter: None,
        controls: &["nist-800-53-r5:~AC-2", "impact-com:IMP-5.1"],
        fail: ("no-contact", "Neither the token nor its account has a token contact.", "A token contact with an address.", "{}"),
        unknown: Some("contacts"), may_not_apply: false },
    Check { id: "CON-003", name: "contact-verified-recently", title: "The contacts were verified recently", severity: Low,
        rationale: "Contact data decays quietly; only asking keeps it current.",
        remediation: "Send a message to each contact, have it answered, write down the date.",
        parameter: Some(("verify_days", "365", "365 days, over; 180 for sensitivity high")),
        controls: &["impact-com:IMP-5.1"],
        fail: ("not-verified", "The technical contact was last verified 511 days ago, on 2025-05-08.", "Verified within 365 days.", r#"{"contact":"api-alerts@acme.example","verified_at":"2025-05-08T00:00:00Z"}"#),
        unknown: Some("contacts.verified_at"), may_not_apply: true },
    Check { id: "INV-001", name: "core-facts-present", title: "The record has the facts every check needs", severity: Medium,
        rationale: "Missing facts are an audit finding of their own, not an excuse.",
        remediation: "Fill the listed fields from the provider's export; if the creation date is lost, take the earliest date on which the token is proven to exist and mark it so.",
        parameter: Some(("required_fields", r#"["token_id","provider","state","created_at"]"#, "token_id, provider, state, created_at")),
        controls: &["nist-800-53-r5:~CM-8", "nist-800-53-r5:~AC-2"],
        fail: ("missing-facts", "Not on record: created_at.", "token_id, provider, state and created_at are on record.", r#"{"fields":["created_at"]}"#),
        unknown: None, may_not_apply: false },
    Check { id: "INV-002", name: "dates-plausible", title: "The dates on the record make sense", severity: Medium,
        rationale: "A date in the future gives a negative age, which naive tools read as young and therefore fine.",
        remediation: "Correct the field at its source; check the exporter's time zone and date format.",
        parameter: Some(("earliest", "\"2000-01-01\"", "2000-01-01")),
        controls: &["nist-800-53-r5:~CM-8"],
        fail: ("out-of-order", "last_used_at (2025-01-09) is before created_at (2025-02-01).", "Dates are readable, not in the future, and in order.", r#"{"field":"last_used_at","last_used_at":"2025-01-09T00:00:00Z","created_at":"2025-02-01T00:00:00Z"}"#),
        unknown: None, may_not_apply: true },
    Check { id: "INV-003", name: "token-id-unique", title: "The token is listed once", severity: Medium,
        rationale: "Duplicates hide contradictions: one copy looks rotated, the other does not.",
        remediation: "Decide which source is the system of record for this token and drop the other copy.",
        parameter: None,
        controls: &["nist-800-53-r5:~CM-8"],
        fail: ("conflicting-duplicate", "Listed in evidence-sheet.csv at lines 14 and 97, with different values.", "Listed once.", r#"{"places":"evidence-sheet.csv:14, evidence-sheet.csv:97"}"#),
        unknown: None, may_not_apply: false },
    Check { id: "INV-005", name: "no-secret-in-inventory", title: "The inventory itself holds no secret values", severity: Critical,
        rationale: "Inventories are mailed around and kept for years.",
        remediation: "Reset that token now, delete the file and its copies, and export again without the secret column; keep a short non-reversible reference instead.",
        parameter: Some(("min_entropy", "3.5", "3.5 bits per character over at least 20 characters")),
        controls: &["nist-800-53-r5:IA-5", "pci-dss-4.0.1:8.3.2", "owasp-nhi-2025:NHI2", "impact-com:IMP-1.2"],
        fail: ("secret-pattern", "The field purpose held what looks like a GitHub token (40 characters); it was cut.", "No field holds a token value.", r#"{"field":"purpose","pattern":"github-token","length":40}"#),
        unknown: None, may_not_apply: false },
];

/// A check that the policy leaves off.
pub fn left_off() -> CheckFacts {
    CheckFacts {
        id: "ROT-002".to_owned(),
        name: "reset-after-enable".to_owned(),
        area: "rotation".to_owned(),
        title: "A token that was switched on again was reset at that time".to_owned(),
        severity: Medium,
        subject: Subject::Token,
        selected: false,
        rationale: "The page asks for a reset whenever a token is enabled.".to_owned(),
        remediation: "Reset the token now, then update all its integrations; make the reset part of the enable procedure."
            .to_owned(),
        parameters: Vec::new(),
        controls: vec!["nist-800-53-r5:IA-5".to_owned(), "impact-com:IMP-4.1".to_owned()],
        counts: Vec::new(),
        of_provider: BTreeMap::new(),
    }
}

impl Check {
    fn area(&self) -> &'static str {
        match self.id.get(..3) {
            Some("STO") => "storage",
            Some("ENC") => "encryption",
            Some("ROT") => "rotation",
            Some("EXP") => "expiry",
            Some("SCP") => "scope",
            Some("REV") => "revocation",
            Some("CON") => "contact",
            _ => "inventory",
        }
    }

    /// The check and its counts; `index` is its place in [`CHECKS`].
    pub fn facts(&self, index: usize, counts: &BTreeMap<(usize, &str, ResultWord, ResultWord), u64>) -> CheckFacts {
        let mine = |((_, source, result, plain_result), count): (&(usize, &str, ResultWord, ResultWord), &u64)| CountFacts {
            source: (*source).to_owned(),
            result: *result,
            plain_result: *plain_result,
            count: *count,
        };
        let mut of_aws = ResultCounts::default();
        for ((_, source, result, plain_result), count) in counts.iter().filter(|((of, ..), _)| *of == index) {
            if source.starts_with("aws-") {
                of_aws.count(*result, *plain_result, *count);
            }
        }
        CheckFacts {
            id: self.id.to_owned(),
            name: self.name.to_owned(),
            area: self.area().to_owned(),
            title: self.title.to_owned(),
            severity: self.severity,
            subject: Subject::Token,
            selected: true,
            rationale: self.rationale.to_owned(),
            remediation: self.remediation.to_owned(),
            parameters: self
                .parameter
                .iter()
                .map(|(name, value, text)| ParameterInForce {
                    name: (*name).to_owned(),
                    value: serde_json::from_str(value).unwrap_or_default(),
                    text: (*text).to_owned(),
                    relaxed: *name == "verify_days",
                })
                .collect(),
            controls: self.controls.iter().map(|control| (*control).to_owned()).collect(),
            counts: counts.iter().filter(|((of, ..), _)| *of == index).map(mine).collect(),
            of_provider: [("aws".to_owned(), of_aws)].into(),
        }
    }

    /// The row of one token.
    pub fn finding(&self, token: &Token, outcome: Outcome) -> FindingRow {
        let (result, plain_result) = outcome.words();
        let mut row = match plain_result {
            ResultWord::Unknown => {
                self.unknown_row("empty", &format!("{} is empty on this record.", self.unknown.unwrap_or("the field")))
            }
            ResultWord::Error => self.row("runtime-error", "The check stopped: integer overflow.", "{}"),
            _ => self.row(self.fail.0, self.fail.1, self.fail.3),
        };
        row.source = token.sources.clone();
        row.value_sources = row
            .evidence
            .keys()
            .filter(|name| name.ends_with("_at"))
            .map(|name| (name.clone(), token.source.to_owned()))
            .collect();
        row.provider = Some(token.provider.clone());
        row.account = Some(token.account.clone());
        row.token_id = Some(token.token_id.clone());
        row.name = token.name.clone();
        row.owner = token.owner.clone();
        row.environment = Some(token.environment.to_owned());
        row.result = result;
        row.plain_result = plain_result;
        row.waiver = (result == ResultWord::Waived).then(|| self.waiver().to_owned());
        row
    }

    /// The row that stands for every token of a source.
    pub fn blanket(&self, source: &str, count: u64) -> FindingRow {
        let observed = format!("{source} does not collect {}.", self.unknown.unwrap_or("the field"));
        let mut row = self.unknown_row("not-collected", &observed);
        row.source = source.to_owned();
        row.result = ResultWord::Unknown;
        row.plain_result = ResultWord::Unknown;
        row.blanket = true;
        row.count = count;
        row
    }

    fn unknown_row(&self, reason: &str, observed: &str) -> FindingRow {
        let mut row = self.row(reason, observed, "{}");
        if let Some(fields) = self.unknown {
            row.evidence.insert("missing".to_owned(), fields.into());
        }
        row
    }

    fn row(&self, reason: &str, observed: &str, evidence: &str) -> FindingRow {
        FindingRow {
            check: self.id.to_owned(),
            subject: Subject::Token,
            source: String::new(),
            provider: None,
            account: None,
            token_id: None,
            name: None,
            owner: None,
            environment: None,
            result: ResultWord::Fail,
            plain_result: ResultWord::Fail,
            reason: reason.to_owned(),
            basis: if self.id == "SCP-001" { "name-based" } else { "direct" }.to_owned(),
            evidence: serde_json::from_str(evidence).unwrap_or_default(),
            observed: observed.to_owned(),
            required: self.fail.2.to_owned(),
            limit: self.parameter.map(|(_, value, _)| Limit {
                value: serde_json::from_str(value).unwrap_or_default(),
                origin: "default".to_owned(),
            }),
            waiver: None,
            blanket: false,
            count: 1,
            value_sources: BTreeMap::new(),
        }
    }

    fn waiver(&self) -> &'static str {
        match self.id {
            "STO-001" => "W-2026-014",
            "ROT-001" => "W-2026-009",
            "SCP-001" => "W-2026-016",
            "REV-002" => "W-2026-017",
            _ => "W-2026-018",
        }
    }
}
