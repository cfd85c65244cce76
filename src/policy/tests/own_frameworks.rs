//! A user's own framework, and more controls of one that comes with the program.

use super::*;

const OWN: &str = "
[frameworks.acme-rules]
name = \"Acme rules for credentials\"
version = \"2026\"
provider = \"Amazon Web Services\"

[frameworks.acme-rules.controls]
\"T-1\" = { title = \"Secrets are changed\", checks = [\"rotation-age\", \"~EXP-001\"] }
\"T-2\" = { title = \"Vendors are assessed\" }

[frameworks.owasp-nhi-2025.controls]
NHI4 = { checks = [\"~SCP-001\"] }

[frameworks.\"nist-csf-2.0\".controls]
\"PR.PS-01\" = { title = \"Configuration management practices are established\", checks = [\"INV-001\"] }
";

#[test]
fn more_frameworks_and_controls_can_be_mapped() {
    let policy = parse(OWN);
    let own = policy.frameworks().get("acme-rules").unwrap();
    assert_eq!(
        (own.name.as_str(), own.version.as_str(), own.provider.as_deref()),
        ("Acme rules for credentials", "2026", Some("aws"))
    );
    assert_eq!(own.controls.keys().collect::<Vec<_>>(), ["T-1", "T-2"]);
    assert_eq!(policy.frameworks().len(), frameworks::all().len() + 1);
    let of = |id: &str| policy.controls(catalog::by_id(id).unwrap()).map(ToString::to_string).collect::<Vec<_>>();
    assert!(of("ROT-001").ends_with(&["acme-rules:T-1".to_owned()]) && of("ROT-001").len() > 1);
    assert!(of("EXP-001").contains(&"acme-rules:~T-1".to_owned()));
    assert!(of("SCP-001").contains(&"owasp-nhi-2025:~NHI4".to_owned()));
    assert!(of("INV-001").contains(&"nist-csf-2.0:PR.PS-01".to_owned()));
    assert_ne!(
        policy.digest(catalog::built_in()),
        parse("").digest(catalog::built_in()),
        "the control view is part of the report"
    );
}

/// The examples of the page that describes policies and waivers.
#[test]
fn the_examples_of_the_page_can_be_used() {
    const PAGE: &str = include_str!("../../../docs/policies.md");
    let mut examples = PAGE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let policy = parse(examples.next().unwrap());
    let relaxed = policy.relaxations(catalog::built_in());
    assert!(policy.selects("EXP-001") && relaxed.iter().any(|sentence| sentence.starts_with("CON-004 is off")), "{relaxed:?}");
    let file = crate::toml_reader::TomlFile::new("waivers.toml", examples.next().unwrap());
    let waivers = waivers::Waivers::parse(&file, catalog::built_in(), 180, 1_790_812_800).unwrap();
    assert!(waivers.all().iter().all(waivers::Waiver::in_force));
    assert_eq!(examples.next(), None);
}
