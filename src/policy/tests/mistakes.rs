//! Everything that a policy file can get wrong: unknown names, wrong types, values that cannot be, contradictions. Each complaint has
//! its line and column and, where a name is near, the name that was probably meant.

use super::*;

/// Text, complaint, hint; an empty hint is one that is not compared.
const MISTAKES: &[(&str, &str, &str)] = &[
    // TOML
    ("a = 1\nb = [", "acme.toml:2:6: ", ""),
    ("[run]\nmax_waiver_days = 1\nmax_waiver_days = 2\n", "acme.toml:3:1: duplicate key", ""),
    // unknown keys, at every level
    ("name = \"a\"\ntitel = \"b\"\n", "acme.toml:2:1: unknown key `titel`", "did you mean `title`?"),
    ("[parameter.ROT-001]\n", "acme.toml:1:2: unknown key `parameter`", "did you mean `parameters`?"),
    ("[[override]]\n", "acme.toml:1:3: unknown key `override`", "did you mean `overrides`?"),
    ("[run]\nmin_coverage = 80\n", "acme.toml:2:1: unknown key of [run]: `min_coverage`", "did you mean `min_coverage_percent`?"),
    (
        "[run]\nfail_run_on = { fails = \"high\" }\n",
        "acme.toml:2:17: unknown key of [fail_run_on]: `fails`",
        "did you mean `fail`?",
    ),
    ("[checks]\nofff = []\n", "acme.toml:2:1: unknown key of [checks]: `offf`", "did you mean `off`?"),
    ("[lists]\nplaceholder = []\n", "acme.toml:2:1: unknown list `placeholder`", "did you mean `placeholders`?"),
    ("[[overrides]]\nwehn = { owner = \"a\" }\n", "acme.toml:1:1: an override needs `when`", ""),
    (
        "[[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age_days = 1\nreason = \"x\"\n",
        "acme.toml:4:1: unknown key of [[overrides]]: `reason`",
        "",
    ),
    (
        "[[overrides]]\nwhen = { sensitivty = \"high\" }\n",
        "acme.toml:2:10: unknown attribute `sensitivty`",
        "did you mean `sensitivity`?",
    ),
    (
        "[parameters.ROT-001]\nmax_age_days = { value = 1, bondary = \"over\" }\n",
        "acme.toml:2:29: unknown key of [max_age_days]: `bondary`",
        "did you mean `boundary`?",
    ),
    // unknown checks, parameters, profiles, words
    ("extends = \"basline\"\n", "acme.toml:1:11: unknown profile `basline`", "did you mean `baseline`?"),
    ("[checks]\noff = [\"ROT-01\"]\n", "acme.toml:2:8: unknown check `ROT-01`", "did you mean `ROT-001`?"),
    (
        "[checks]\non = [\"EXP-001\", \"rotation_age\"]\n",
        "acme.toml:2:18: unknown check `rotation_age`",
        "did you mean `rotation-age`?",
    ),
    ("[parameters.rotatoin-age]\nx = 1\n", "acme.toml:1:13: unknown check `rotatoin-age`", "did you mean `rotation-age`?"),
    (
        "[parameters.ROT-001]\nmax_age_day = 1\n",
        "acme.toml:2:1: unknown parameter of ROT-001 `max_age_day`",
        "did you mean `max_age_days`?",
    ),
    (
        "[[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age = 1\n",
        "acme.toml:3:20: unknown parameter of ROT-001 `max_age`",
        "did you mean `max_age_days`?",
    ),
    ("[run]\nfail_run_on = { fail = \"hihg\" }\n", "acme.toml:2:24: unknown severity `hihg`", "did you mean `high`?"),
    (
        "[[overrides]]\nwhen = { sensitivity = [\"high\", \"lowest\"] }\n",
        "acme.toml:2:33: unknown sensitivity `lowest`",
        "did you mean `low`?",
    ),
    (
        "[parameters.REV-002]\nunused_days = { value = 1, boundary = \"above\" }\n",
        "acme.toml:2:39: unknown boundary `above`",
        "known are `over`, `reached`",
    ),
    ("[parameters.ENC-002]\nmin_tls = \"1.5\"\n", "acme.toml:2:11: unknown value of `min_tls` `1.5`", "did you mean `1.0`?"),
    (
        "[parameters.INV-001]\nrequired_fields = [\"owner\", \"provder\"]\n",
        "acme.toml:2:29: unknown value of `required_fields` `provder`",
        "did you mean `provider`?",
    ),
    // wrong types
    ("name = 5\n", "acme.toml:1:8: `name` must be a text in quotes, and is of type integer", ""),
    ("run = 5\n", "acme.toml:1:7: `run` must be a table, and is of type integer", ""),
    (
        "overrides = { }\n",
        "acme.toml:1:13: `overrides` must be a list of tables, written `[[overrides]]`, and is of type table",
        "",
    ),
    ("[run]\nmax_waiver_days = \"90\"\n", "acme.toml:2:19: `max_waiver_days` must be a whole number, and is of type string", ""),
    (
        "[run]\nmin_coverage_percent = 80.5\n",
        "acme.toml:2:24: `min_coverage_percent` must be a whole number, and is of type float",
        "",
    ),
    ("[run]\nfail_run_on = \"high\"\n", "acme.toml:2:15: `fail_run_on` must be a table, and is of type string", ""),
    ("[checks]\noff = [1]\n", "acme.toml:2:8: `off` must be a text in quotes, and is of type integer", ""),
    ("[parameters]\nROT-001 = 5\n", "acme.toml:2:11: `ROT-001` must be a table, and is of type integer", ""),
    (
        "[parameters.ROT-001]\nmax_age_days = \"90\"\n",
        "acme.toml:2:16: `max_age_days` must be a whole number, not negative, and is of type string",
        "",
    ),
    (
        "[parameters.ROT-001]\nmax_age_days = 1.5\n",
        "acme.toml:2:16: `max_age_days` must be a whole number, not negative, and is of type float",
        "",
    ),
    (
        "[parameters.ROT-001]\nmax_age_days = { value = true }\n",
        "acme.toml:2:26: `value` must be a whole number, not negative, and is of type boolean",
        "",
    ),
    (
        "[parameters.STO-003]\nmax_readers = \"many\"\n",
        "acme.toml:2:15: `max_readers` must be a whole number, not negative, or \"none\", and is of type string",
        "",
    ),
    (
        "[parameters.STO-002]\nrequire_scan = 1\n",
        "acme.toml:2:16: `require_scan` must be true or false, and is of type integer",
        "",
    ),
    ("[parameters.ENC-002]\nmin_tls = 1.2\n", "acme.toml:2:11: `min_tls` must be a text in quotes, and is of type float", ""),
    (
        "[parameters.INV-001]\nrequired_fields = \"owner\"\n",
        "acme.toml:2:19: `required_fields` must be a list of texts, and is of type string",
        "",
    ),
    (
        "[parameters.INV-002]\nearliest = \"2000-02-30\"\n",
        "acme.toml:2:12: `earliest` must be a date, YYYY-MM-DD, and is of type string",
        "",
    ),
    ("[lists]\nplaceholders = [\"a\", 5]\n", "acme.toml:2:16: `placeholders` must be a list of texts, and is of type array", ""),
    (
        "[[overrides]]\nwhen = { owner = 5 }\n",
        "acme.toml:2:18: `owner` must be a text or a list of texts, and is of type integer",
        "",
    ),
    (
        "[[overrides]]\nwhen = { owner = [] }\n",
        "acme.toml:2:18: `owner` must be a text or a list of texts, and is of type array",
        "",
    ),
    // values that cannot be
    ("[run]\nmin_coverage_percent = 101\n", "acme.toml:2:24: `min_coverage_percent` must be from 0 to 100", ""),
    ("[run]\nmin_coverage_percent = -1\n", "acme.toml:2:24: `min_coverage_percent` must be from 0 to 100", ""),
    ("[run]\nmax_waiver_days = -1\n", "acme.toml:2:19: `max_waiver_days` must not be negative", ""),
    (
        "[parameters.ROT-001]\nmax_age_days = -1\n",
        "acme.toml:2:16: `max_age_days` must be a whole number, not negative, and is of type integer",
        "",
    ),
    (
        "[parameters.ROT-001]\nmax_age_days = 99999999999999999999\n",
        "acme.toml:2:16: `max_age_days` must be a whole number, not negative, and is of type integer",
        "",
    ),
    ("[parameters.ROT-001]\nmax_age_days = { boundary = \"over\" }\n", "acme.toml:2:16: `max_age_days` has no `value`", ""),
    (
        "[parameters.SCP-005]\nmax_scopes = { value = 1, boundary = \"over\" }\n",
        "acme.toml:2:38: `max_scopes` has no boundary",
        "",
    ),
    ("[lists]\nplaceholders = [\"tbd\", \" \"]\n", "acme.toml:2:24: an empty text in `placeholders` matches nothing", ""),
    ("[[overrides]]\nwhen = { owner = \"\" }\n", "acme.toml:2:18: an empty text matches no token", ""),
    ("[[overrides]]\nwhen = {}\n", "acme.toml:1:1: an override needs an attribute in `when`", ""),
    ("[[overrides]]\nwhen = { owner = \"a\" }\n", "acme.toml:1:1: an override needs `parameters`", ""),
    ("[checks]\nonly = []\n", "acme.toml:1:1: no check is left on", ""),
    // contradictions
    ("[checks]\non = [\"EXP-001\"]\noff = [\"expiry-set\"]\n", "acme.toml:3:8: EXP-001 is switched on and off", ""),
    (
        "[parameters.ROT-001]\nmax_age_days = 1\n[parameters.rotation-age]\nmax_age_days = 2\n",
        "acme.toml:4:1: `max_age_days` of ROT-001 is stated twice",
        "",
    ),
    (
        "[[overrides]]\nwhen = { environment = \"prod\" }\nparameters.ROT-001.max_age_days = 1\n\
         [[overrides]]\nwhen = { environment = \"production\" }\nparameters.ROT-001.max_age_days = 2\n",
        "acme.toml:6:20: `max_age_days` of ROT-001 is overridden twice for the same tokens",
        "",
    ),
    (
        "[[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age_days = 1\nparameters.SCP-001.name_based_pass = false\n",
        "acme.toml:4:20: `name_based_pass` of SCP-001 is the same for every token and cannot be overridden",
        "",
    ),
    // frameworks
    ("[frameworks.acme]\nname = \"A\"\n", "acme.toml:1:1: the framework `acme` needs `name` and `version`", ""),
    ("[frameworks.Acme]\n", "acme.toml:1:13: the id of a framework is written in small letters, digits, `-` and `.`", ""),
    ("[frameworks.acme]\nname = \"A\"\nversion = \"1\"\n", "acme.toml:1:1: the framework `acme` has no `controls`", ""),
    ("[frameworks.pci-dss-4.0.1]\n", "acme.toml:1:13: an id with dots stands in quotes: `[frameworks.\"pci-dss-4.0.1\"]`", ""),
    (
        "[frameworks.iso-27001-2022]\nversion = \"2013\"\n",
        "acme.toml:2:11: `iso-27001-2022` comes with the program; only controls can be added to it",
        "",
    ),
    (
        "[frameworks.iso-27001-2022.controls]\n\"A.5.17\" = { title = \"x\" }\n",
        "acme.toml:2:22: `A.5.17` of `iso-27001-2022` has its title already",
        "",
    ),
    (
        "[frameworks.iso-27001-2022.controls]\n\"A.5.99\" = { checks = [\"ROT-001\"] }\n",
        "acme.toml:2:1: the control `A.5.99` needs a `title`",
        "",
    ),
    (
        "[frameworks.iso-27001-2022.controls]\n\"A.5.99\" = { title = \"x\", checks = [\"~ROT-01\"] }\n",
        "acme.toml:2:37: unknown check `ROT-01`",
        "did you mean `ROT-001`?",
    ),
    (
        "[frameworks.iso-27001-2022.controls]\n\"A.5.99\" = { titel = \"x\", title = \"x\" }\n",
        "acme.toml:2:14: unknown key of [A.5.99]: `titel`",
        "did you mean `title`?",
    ),
];

#[test]
fn mistakes_are_named_with_place_and_nearest_name() {
    let mut differences = Vec::new();
    for (text, message, hint) in MISTAKES {
        let (found, help) = match Policy::parse("acme.toml", text, catalog::built_in()) {
            Ok(_) => ("it is accepted".to_owned(), String::new()),
            Err(error) => (error.to_string(), error.hint().unwrap_or_default()),
        };
        let as_expected = if message.ends_with(": ") { found.starts_with(message) } else { found == *message };
        if !as_expected || !(hint.is_empty() || help == *hint) {
            differences.push(format!("{text}\n  found    {found} ({help})\n  expected {message} ({hint})"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(matches!(Policy::open("no-such-policy", catalog::built_in()), Err(PolicyError::Unknown { .. })));
}
