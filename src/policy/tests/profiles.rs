//! The table of the profiles, whole: what is off, every number, every override.

use super::*;

/// Checks that each profile leaves off.
const OFF: [(&str, &[&str]); 3] = [
    ("baseline", &["SHR-002", "ROT-002", "EXP-001", "SCP-005", "SCP-006", "SCP-008", "CON-005"]),
    ("strict", &[]),
    ("impact-com", &["SHR-002", "EXP-001", "EXP-002", "SCP-005", "SCP-006", "SCP-007", "SCP-008", "CON-005"]),
];

/// Check, parameter, and its value in baseline, strict and impact-com; also where the check is off, as the value that it would have.
const VALUES: &[(&str, &str, [&str; 3])] = &[
    ("ROT-001", "max_age_days", ["90 days, over", "30 days, over", "90 days, over"]),
    ("ROT-002", "grace_hours", ["24 hours, over", "0 hours, over", "24 hours, over"]),
    ("ROT-003", "grace_hours", ["72 hours, over", "24 hours, over", "24 hours, over"]),
    ("ROT-004", "max_active_secrets", ["1", "1", "1"]),
    ("ROT-004", "overlap_days", ["7 days, over", "1 day, over", "7 days, over"]),
    ("EXP-001", "max_lifetime_days", ["365 days, over", "90 days, over", "365 days, over"]),
    ("SCP-001", "name_based_pass", ["yes", "no", "yes"]),
    ("SCP-001", "forbid_resource_wildcards", ["no", "yes", "no"]),
    ("SCP-003", "unused_days", ["90 days, reached", "45 days, reached", "90 days, reached"]),
    ("SCP-005", "max_scopes", ["15", "15", "15"]),
    ("SCP-007", "distinct_environments", ["no", "yes", "no"]),
    ("SCP-008", "review_days", ["180 days, over", "90 days, over", "180 days, over"]),
    ("STO-002", "require_scan", ["no", "yes", "no"]),
    ("STO-002", "scan_max_age_days", ["30 days, over", "30 days, over", "30 days, over"]),
    ("STO-003", "max_readers", ["none", "10", "none"]),
    ("ENC-001", "kinds_encrypted_by_design", ["secret-manager, hsm", "none", "secret-manager, hsm"]),
    ("ENC-002", "min_tls", ["1.2", "1.2", "1.2"]),
    ("ENC-002", "require_tls_version", ["no", "yes", "no"]),
    ("REV-001", "grace_hours", ["0 hours, reached", "0 hours, reached", "0 hours, reached"]),
    ("REV-002", "unused_days", ["45 days, reached", "30 days, reached", "90 days, over"]),
    ("REV-003", "grace_days", ["0 days, over", "0 days, over", "0 days, over"]),
    ("REV-003", "require_holders", ["no", "yes", "no"]),
    ("REV-004", "grace_days", ["7 days, over", "0 days, over", "0 days, over"]),
    ("CON-003", "verify_days", ["365 days, over", "180 days, over", "365 days, over"]),
    ("SHR-002", "max_applications", ["1", "1", "1"]),
    (
        "INV-001",
        "required_fields",
        [
            "token_id, provider, state, created_at",
            "token_id, provider, state, created_at, environment, sensitivity, owner",
            "token_id, provider, state, created_at",
        ],
    ),
    ("INV-006", "max_source_age_days", ["30 days, over", "7 days, over", "30 days, over"]),
];

/// Profile, check, parameter, for whom, value.
const OVERRIDES: &[(&str, &str, &str, &str, &str)] = &[
    ("baseline", "CON-003", "verify_days", "sensitivity high", "180 days, over"),
    ("baseline", "REV-002", "unused_days", "sensitivity high", "30 days, reached"),
    ("baseline", "REV-004", "grace_days", "environment production", "0 days, over"),
    ("baseline", "ROT-001", "max_age_days", "sensitivity high", "60 days, over"),
    ("baseline", "ROT-003", "grace_hours", "environment production", "24 hours, over"),
    ("strict", "EXP-001", "max_lifetime_days", "sensitivity high", "30 days, over"),
    ("strict", "ROT-001", "max_age_days", "sensitivity low", "60 days, over"),
];

fn profile(name: &str) -> Policy {
    Policy::profile(name, catalog::built_in()).unwrap()
}

#[test]
fn each_profile_leaves_off_what_the_table_says() {
    for (name, off) in OFF {
        let policy = profile(name);
        let mut found: Vec<&str> =
            catalog::all().iter().filter(|check| !policy.selects(&check.id)).map(|check| check.id.as_str()).collect();
        let mut off = off.to_vec();
        off.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, off, "{name}");
    }
}

#[test]
fn each_profile_has_the_values_of_the_table() {
    for (id, name, values) in VALUES {
        let Some(check) = catalog::by_id(id) else { panic!("there is no check {id}") };
        let parameter = check.parameter(name).unwrap_or_else(|| panic!("{id} has no {name}"));
        for ((profile_name, _), expected) in OFF.iter().zip(values) {
            let text = parameter.text(&profile(profile_name).setting(check, parameter));
            assert_eq!(text, *expected, "{profile_name} {id} {name}");
        }
    }
}

/// A parameter that is not in the table has the same value in all profiles, which is that of its check.
#[test]
fn the_table_holds_every_parameter_that_a_profile_changes() {
    for (name, _) in OFF {
        let policy = profile(name);
        for (check, parameter) in policy.parameters.keys() {
            assert!(
                VALUES.iter().any(|(id, listed, _)| id == check && listed == parameter),
                "{name} changes {check} {parameter}"
            );
        }
        assert_eq!(policy.lists, *lists::built_in(), "{name} replaces no shared list");
    }
}

#[test]
fn each_profile_has_the_overrides_of_the_table_and_no_others() {
    let mut found = Vec::new();
    for (name, _) in OFF {
        let policy = profile(name);
        for rule in &policy.overrides {
            let parameter = catalog::by_id(&rule.check).and_then(|check| check.parameter(&rule.parameter)).unwrap();
            found.push((name, rule.check.clone(), rule.parameter.clone(), rule.condition(), parameter.text(&rule.setting)));
        }
    }
    let found: Vec<_> =
        found.iter().map(|(name, check, parameter, of, value)| (*name, &**check, &**parameter, &**of, &**value)).collect();
    assert_eq!(found, OVERRIDES);
}

#[test]
fn runs_are_judged_as_the_table_says() {
    let high = "any fail of severity high or higher; any error";
    for (name, days, percent, fails) in [
        ("baseline", 365, 80, high),
        ("strict", 90, 95, "any fail; any unknown of severity high or higher; any error"),
        ("impact-com", 365, 80, high),
    ] {
        let policy = profile(name);
        assert_eq!((policy.max_waiver_days, policy.min_coverage_percent), (days, percent), "{name}");
        assert_eq!(policy.fail_run_on_text(), fails, "{name}");
    }
}
