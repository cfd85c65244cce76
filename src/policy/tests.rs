use super::*;
use crate::checks::catalog;
use crate::checks::parameter::Boundary;

mod mistakes;
mod own_frameworks;
mod profiles;
mod relaxed;

fn parse(text: &str) -> Policy {
    Policy::parse("acme.toml", text, catalog::built_in()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn limit(policy: &Policy, check: &str, parameter: &str, class: &[(&str, Attribute)]) -> Resolved {
    let check = catalog::by_id(check).unwrap();
    let class: ClassAttributes = class.iter().map(|(name, attribute)| ((*name).to_owned(), attribute.clone())).collect();
    policy.resolve(check, check.parameter(parameter).unwrap(), &class).unwrap()
}

fn value(text: &str) -> Attribute {
    Attribute::Value(text.to_owned())
}

fn baseline() -> Policy {
    Policy::open("baseline", catalog::built_in()).unwrap()
}

#[test]
fn every_profile_is_sound_and_none_relaxes_itself() {
    for (name, _) in PROFILES {
        let policy = Policy::open(name, catalog::built_in()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(policy.name, *name);
        assert!(policy.profile.is_none());
        for check in catalog::all() {
            assert!(policy.parameters_in_force(check).iter().all(|parameter| !parameter.relaxed), "{name} {}", check.id);
        }
    }
}

#[test]
fn strict_is_nowhere_looser_than_baseline() {
    let (strict, baseline) = (Policy::open("strict", catalog::built_in()).unwrap(), baseline());
    for check in catalog::all() {
        for parameter in &check.parameters {
            let (left, right) = (strict.setting(check, parameter), baseline.setting(check, parameter));
            assert!(!parameter.is_relaxed(&left, &right), "{} {}", check.id, parameter.name);
        }
        assert!(strict.selects(&check.id), "{}", check.id);
    }
}

#[test]
fn an_override_replaces_the_plain_limit() {
    let policy = baseline();
    let plain = limit(&policy, "ROT-001", "max_age_days", &[("sensitivity", value("low"))]);
    assert_eq!(plain, Resolved { value: 90, fails_from: 91, origin: "default".to_owned() });
    let high = limit(&policy, "ROT-001", "max_age_days", &[("sensitivity", value("high"))]);
    assert_eq!(high, Resolved { value: 60, fails_from: 61, origin: "sensitivity high".to_owned() });
}

#[test]
fn a_gap_in_the_record_buys_no_looser_limit() {
    let policy = baseline();
    let missing = limit(&policy, "ROT-001", "max_age_days", &[("sensitivity", Attribute::Missing)]);
    assert_eq!((missing.value, missing.origin.as_str()), (60, "sensitivity high, because sensitivity is missing"));
    let uncollected = limit(&policy, "ROT-001", "max_age_days", &[("sensitivity", Attribute::NotCollected)]);
    assert_eq!((uncollected.value, uncollected.origin.as_str()), (90, "default"));

    let looser = parse("[[overrides]]\nwhen = { sensitivity = \"low\" }\nparameters.ROT-001.max_age_days = 300\n");
    assert_eq!(limit(&looser, "ROT-001", "max_age_days", &[("sensitivity", value("low"))]).value, 300);
    assert_eq!(limit(&looser, "ROT-001", "max_age_days", &[("sensitivity", Attribute::Missing)]).value, 60);
}

#[test]
fn the_strictest_of_several_overrides_wins() {
    let policy = parse(
        "[[overrides]]\nwhen = { environment = [\"staging\", \"production\"], \"tag.team\" = \"payments\" }\n\
         parameters.ROT-001.max_age_days = 30\n",
    );
    let class = [("sensitivity", value("high")), ("environment", value("production")), ("tag.team", value("payments"))];
    let both = limit(&policy, "ROT-001", "max_age_days", &class);
    assert_eq!((both.value, both.origin.as_str()), (30, "environment production or staging and tag.team payments"));
    let one = [("sensitivity", value("high")), ("environment", value("production")), ("tag.team", value("shop"))];
    assert_eq!(limit(&policy, "ROT-001", "max_age_days", &one).value, 60);
    assert_eq!(
        policy.attributes().into_iter().collect::<Vec<_>>(),
        ["environment", "sensitivity", "tag.team"],
        "tokens that agree in these have the same limits"
    );
}

/// Every attribute decides, alone and joined with others, and is compared as records spell it.
#[test]
fn overrides_look_at_every_attribute() {
    for (when, class, other) in [
        ("environment = \"PROD\"", ("environment", "production"), "staging"),
        ("environment = \"blue green\"", ("environment", "blue-green"), "green"),
        ("sensitivity = \"Low\"", ("sensitivity", "low"), "medium"),
        ("provider = \"GitHub\"", ("provider", "github"), "gitlab"),
        ("account = \"4815\"", ("account", "4815"), "1623"),
        ("owner = \"Ann@Acme.example\"", ("owner", "ann@acme.example"), "bob@acme.example"),
        ("\"tag.team\" = \"Payments\"", ("tag.team", "Payments"), "payments"),
        ("tag.team = [\"x\", \"Payments\"]", ("tag.team", "Payments"), "y"),
    ] {
        let policy = parse(&format!("[[overrides]]\nwhen = {{ {when} }}\nparameters.ROT-001.max_age_days = 7\n"));
        let of = |attribute: Attribute| limit(&policy, "ROT-001", "max_age_days", &[(class.0, attribute)]).value;
        assert_eq!(of(value(class.1)), 7, "{when}");
        assert_ne!(of(value(other)), 7, "{when}");
        assert_eq!(of(Attribute::Missing), 7, "{when}: a gap in the record buys no looser limit");
        assert_ne!(of(Attribute::NotCollected), 7, "{when}");
    }
}

#[test]
fn joined_conditions_must_all_hold_and_may_all_be_missing() {
    let policy = parse(
        "[[overrides]]\nwhen = { provider = \"aws\", owner = [\"a\", \"b\"], account = \"1\" }\nparameters.ROT-001.max_age_days = 7\n",
    );
    let of = |provider: Attribute, owner: Attribute, account: Attribute| {
        limit(&policy, "ROT-001", "max_age_days", &[("provider", provider), ("owner", owner), ("account", account)])
    };
    assert_eq!(of(value("aws"), value("b"), value("1")).value, 7);
    assert_eq!(of(value("aws"), value("c"), value("1")).value, 90);
    assert_eq!(of(value("aws"), value("b"), value("2")).value, 90);
    assert_eq!(of(value("gcp"), Attribute::Missing, value("1")).value, 90, "one that does not hold decides");
    assert_eq!(of(value("aws"), Attribute::NotCollected, value("1")).value, 90);
    let both = of(value("aws"), Attribute::Missing, Attribute::Missing);
    assert_eq!(
        (both.value, both.origin.as_str()),
        (7, "account 1 and owner a or b and provider aws, because account and owner is missing")
    );
}

#[test]
fn every_value_names_where_it_comes_from() {
    let policy = parse(
        "[run]\nmax_waiver_days = 30\n[parameters.STO-003]\nmax_readers = 5\n[lists]\nbroad_principals = [\"all\"]\n\
         [[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age_days = 7\n",
    );
    let of = |check: &str, parameter: &str| {
        let check = catalog::by_id(check).unwrap();
        let values = policy.origins(check, check.parameter(parameter).unwrap());
        values.into_iter().map(|value| format!("{} [{}]", value.value, value.origin)).collect::<Vec<_>>()
    };
    assert_eq!(
        of("ROT-001", "max_age_days"),
        [
            "90 days, over [default of the check]",
            "7 days, over for owner a [acme.toml:9]",
            "60 days, over for sensitivity high [profile baseline]"
        ]
    );
    assert_eq!(of("STO-003", "max_readers"), ["5 [acme.toml:4]"]);
    assert_eq!(of("STO-003", "broad_principals"), ["all [acme.toml:6]"]);
    assert_eq!(of("ENC-001", "kinds_encrypted_by_design"), ["secret-manager, hsm [shared list kinds_encrypted_by_design]"]);
    let run = policy.run_origins().map(|(_, value)| value.origin);
    assert_eq!(run, ["profile baseline", "profile baseline", "acme.toml:2"]);
}

#[test]
fn a_stricter_plain_limit_is_not_loosened_by_an_inherited_override() {
    let policy = parse("[parameters.ROT-001]\nmax_age_days = 30\n");
    assert_eq!(limit(&policy, "ROT-001", "max_age_days", &[("sensitivity", value("high"))]).value, 30);
    let policy = parse("[parameters.rotation-age]\nmax_age_days = 120\n");
    assert_eq!(limit(&policy, "ROT-001", "max_age_days", &[("sensitivity", value("high"))]).value, 60);
}

#[test]
fn the_boundary_can_be_set() {
    let policy = parse("[parameters.REV-002]\nunused_days = { value = 90, boundary = \"over\" }\n");
    assert_eq!(limit(&policy, "REV-002", "unused_days", &[]).fails_from, 91);
    let check = catalog::by_id("REV-002").unwrap();
    let setting = policy.setting(check, check.parameter("unused_days").unwrap());
    assert_eq!(setting.boundary, Some(Boundary::Over));
    let hours = limit(&baseline(), "ROT-003", "grace_hours", &[]);
    assert_eq!((hours.value, hours.fails_from), (72, 72 * 3600 + 1));
}

#[test]
fn parameters_are_spelled_with_their_overrides_and_relaxations() {
    let check = catalog::by_id("ROT-001").unwrap();
    let shown = |policy: &Policy| policy.parameters_in_force(check).into_iter().next().unwrap();
    let plain = shown(&baseline());
    assert_eq!((plain.text.as_str(), plain.relaxed), ("90 days, over; 60 for sensitivity high", false));
    assert!(shown(&parse("[parameters.ROT-001]\nmax_age_days = 91\n")).relaxed);
    assert!(!shown(&parse("[parameters.ROT-001]\nmax_age_days = 89\n")).relaxed);
    let override_of =
        |days| format!("[[overrides]]\nwhen = {{ sensitivity = \"high\" }}\nparameters.ROT-001.max_age_days = {days}\n");
    assert!(shown(&parse(&override_of(70))).relaxed, "looser than the profile for these tokens");
    assert!(!shown(&parse(&override_of(50))).relaxed);
}

#[test]
fn shared_lists_reach_every_check_that_names_them() {
    let policy = parse("[lists]\nexposed_kinds = [\"chat\"]\n");
    for id in ["STO-001", "STO-002"] {
        let check = catalog::by_id(id).unwrap();
        let bound = policy.bound_values(check);
        assert_eq!(bound.get("exposed_kinds"), Some(&Bound::Text("[\"chat\"]".to_owned())), "{id}");
    }
    let check = catalog::by_id("STO-002").unwrap();
    let kinds = policy.parameters_in_force(check).into_iter().find(|parameter| parameter.name == "exposed_kinds").unwrap();
    assert!(kinds.relaxed, "fewer exposed kinds ask for less");
}

#[test]
fn checks_are_selected_by_id_or_name() {
    let policy = parse("[checks]\noff = [\"rotation-age\", \"EXP-002\"]\n");
    assert!(!policy.selects("ROT-001") && !policy.selects("EXP-002") && policy.selects("REV-002"));
    let policy = parse("[checks]\nonly = [\"rotation-age\"]\n");
    assert_eq!(policy.selected(catalog::built_in()).map(|check| check.id.as_str()).collect::<Vec<_>>(), ["ROT-001"]);
}

#[test]
fn the_digest_follows_what_decides_and_nothing_else() {
    let catalog = catalog::built_in();
    let digest = |text: &str| parse(text).digest(catalog);
    let plain = digest("name = \"acme\"\n");
    assert_eq!(plain.len(), 64);
    assert_eq!(plain, digest("# a comment\ntitle = \"other\"\nname = \"acme\"\n"));
    for other in [
        "name = \"acme\"\n[parameters.ROT-001]\nmax_age_days = 89\n",
        "name = \"acme\"\n[parameters.ROT-001]\nmax_age_days = { value = 90, boundary = \"reached\" }\n",
        "name = \"acme\"\n[checks]\noff = [\"ROT-001\"]\n",
        "name = \"acme\"\n[lists]\nplaceholders = [\"x\"]\n",
        "name = \"acme\"\n[run]\nmin_coverage_percent = 81\n",
        "name = \"acme\"\n[[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age_days = 1\n",
    ] {
        assert_ne!(plain, digest(other), "{other}");
    }
    let two = "[[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age_days = 1\n\
               [[overrides]]\nwhen = { owner = \"b\" }\nparameters.ROT-001.max_age_days = 2\n";
    let turned = "[[overrides]]\nwhen = { owner = \"b\" }\nparameters.ROT-001.max_age_days = 2\n\
                  [[overrides]]\nwhen = { owner = \"a\" }\nparameters.ROT-001.max_age_days = 1\n";
    assert_eq!(digest(two), digest(turned), "the order of a file changes nothing");
}

#[test]
fn the_fail_condition_is_spelled() {
    assert_eq!(baseline().fail_run_on_text(), "any fail of severity high or higher; any error");
    let strict = Policy::open("strict", catalog::built_in()).unwrap();
    assert_eq!(strict.fail_run_on_text(), "any fail; any unknown of severity high or higher; any error");
}
