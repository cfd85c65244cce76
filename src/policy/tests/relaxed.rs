//! What is marked as looser than the profile that a policy extends.

use super::*;

fn relaxed(text: &str) -> Vec<String> {
    parse(text).relaxations(catalog::built_in())
}

#[test]
fn a_policy_that_only_tightens_relaxes_nothing() {
    for text in [
        "",
        "extends = \"strict\"\n",
        "[run]\nmin_coverage_percent = 81\nmax_waiver_days = 364\nfail_run_on = { fail = \"low\", unknown = \"critical\" }\n",
        "[checks]\non = [\"EXP-001\"]\n[parameters.ROT-001]\nmax_age_days = { value = 90, boundary = \"reached\" }\n",
        "[lists]\nkinds_encrypted_by_design = [\"hsm\"]\n",
        "[[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age_days = 60\n",
        "[parameters.STO-003]\nmax_readers = 3\n",
    ] {
        assert_eq!(relaxed(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn every_kind_of_relaxation_is_named() {
    for (text, sentence) in [
        ("[checks]\noff = [\"EXP-002\"]\n", "EXP-002 is off; profile baseline has it on"),
        (
            "[parameters.ROT-001]\nmax_age_days = 120\n",
            "ROT-001 max_age_days: 120 days, over; 60 for sensitivity high; profile baseline has 90 days, over; 60 for sensitivity high",
        ),
        (
            "[parameters.REV-002]\nunused_days = { value = 45, boundary = \"over\" }\n",
            "REV-002 unused_days: 45 days, over; 30 days, reached for sensitivity high; \
             profile baseline has 45 days, reached; 30 for sensitivity high",
        ),
        (
            "[[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age_days = 91\n",
            "ROT-001 max_age_days: 90 days, over; 91 for owner a; 60 for sensitivity high; \
             profile baseline has 90 days, over; 60 for sensitivity high",
        ),
        (
            "extends = \"strict\"\n[parameters.STO-003]\nmax_readers = \"none\"\n",
            "STO-003 max_readers: none; profile strict has 10",
        ),
        (
            "extends = \"strict\"\n[parameters.STO-002]\nrequire_scan = false\n",
            "STO-002 require_scan: no; profile strict has yes",
        ),
        ("[parameters.ENC-002]\nmin_tls = \"1.1\"\n", "ENC-002 min_tls: 1.1; profile baseline has 1.2"),
        ("[run]\nmin_coverage_percent = 79\n", "evidence coverage: at least 79 %; profile baseline asks for 80 %"),
        ("[run]\nmax_waiver_days = 366\n", "waivers: at most 366 days; profile baseline allows 365 days"),
        (
            "[run]\nfail_run_on = { fail = \"critical\" }\n",
            "a run fails on any fail of severity critical; any error; by profile baseline on any fail of severity high or higher; any error",
        ),
        (
            "extends = \"strict\"\n[run]\nfail_run_on = { unknown = \"never\" }\n",
            "a run fails on any fail; any error; by profile strict on any fail; any unknown of severity high or higher; any error",
        ),
    ] {
        assert_eq!(relaxed(text), [sentence], "{text}");
    }
    let lists = relaxed("[lists]\nexposed_kinds = [\"chat\"]\n");
    assert!(lists.iter().any(|sentence| sentence.starts_with("STO-002 exposed_kinds: chat; ")), "{lists:?}");
}
