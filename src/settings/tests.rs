use super::*;
use crate::toml_reader::TomlFile;
use std::fs;

fn folder_with(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE_NAME), file).unwrap();
    folder
}

fn resolve(typed: Typed, working_folder: &Path) -> Result<Settings, SettingsError> {
    Settings::resolve(typed, working_folder, None, || 1_790_812_800)
}

fn named(inventory: &str) -> Typed {
    Typed { inventories: vec![PathBuf::from(inventory)], ..Typed::default() }
}

/// Message and hint for a settings file that must be refused.
fn refused(file: &str) -> (String, Option<String>) {
    let error = SettingsFile::parse(&TomlFile::new(FILE_NAME, file)).expect_err(file);
    (error.to_string(), error.hint())
}

#[test]
fn without_anything_the_defaults_hold() {
    let empty = tempfile::tempdir().unwrap();
    let settings = resolve(named("exports"), empty.path()).unwrap();
    assert_eq!(settings.policy, "baseline");
    assert_eq!(settings.formats, OutputFormat::DEFAULT);
    assert_eq!((settings.database.to_str(), settings.out.to_str()), (Some("countersign.db"), Some("report")));
    assert_eq!(settings.branding.language, "en");
    assert!(matches!(resolve(Typed::default(), empty.path()), Err(SettingsError::NoInventory)));
}

#[test]
fn every_key_of_the_file_arrives() {
    let folder = folder_with(
        r#"
        inventory = ["exports", "-"]
        policy = "strict"
        period = "2026-Q3"
        db = "audit.db"
        out = "out"
        format = ["json", "csv"]
        purposes = ["purposes.csv"]
        waivers = "waivers.toml"
        fail_on = "never"

        [people]
        file = "people.csv"
        complete = true
        includes_leavers = true
        aliases = { "anguyen" = "alice@example.com" }

        [branding]
        organisation = "Acme"
        page = "Letter"

        [[source]]
        path = "exports/legacy-*.csv"
        exported_at = 2026-09-30T22:00:00Z

        [[account]]
        provider = "okta"
        account = "acme"
        contacts = [{ role = "technical", address = "ops@example.com", verified_at = 2026-09-01 }]
        "#,
    );
    let settings = resolve(Typed::default(), folder.path()).unwrap();
    let here = |name: &str| folder.path().join(name);
    assert_eq!(settings.inventories, [here("exports"), PathBuf::from("-")]);
    assert_eq!(settings.policy, "strict");
    assert_eq!(settings.period.as_ref().map(|period| period.to), Some(settings.as_of.seconds));
    assert_eq!((&settings.database, &settings.out), (&here("audit.db"), &here("out")));
    assert_eq!(settings.formats, [OutputFormat::Json, OutputFormat::Csv]);
    assert_eq!(settings.people.files, [here("people.csv")]);
    assert!(settings.people.complete && settings.people.includes_leavers && settings.people.aliases.len() == 1);
    assert_eq!(settings.purposes.files, [here("purposes.csv")]);
    assert_eq!(settings.waivers, Some(here("waivers.toml")));
    assert_eq!(settings.fail_on, Some(FailOn::Never));
    assert_eq!((settings.branding.organisation.as_deref(), settings.branding.page), (Some("Acme"), PageSize::Letter));
    assert_eq!(settings.sources[0].path, "exports/legacy-*.csv");
    assert_eq!(settings.accounts[0].contacts[0].verified_at.as_deref(), Some("2026-09-01"));
}

#[test]
fn flags_win() {
    let folder = folder_with(
        "policy = \"strict\"\nout = \"a\"\nformat = [\"pdf\"]\nfail_on = \"low\"\n[people]\nfile = \"a.csv\"\ncomplete = true\n",
    );
    let typed = Typed {
        policy: Some("baseline".into()),
        out: Some("b".into()),
        formats: vec![OutputFormat::Csv],
        people: vec!["b.csv".into()],
        fail_on: Some(FailOn::Severity(Severity::High)),
        ..named("x")
    };
    let settings = resolve(typed, folder.path()).unwrap();
    assert_eq!((settings.policy.as_str(), settings.out.to_str()), ("baseline", Some("b")));
    assert_eq!(settings.formats, [OutputFormat::Csv]);
    assert_eq!(settings.people.files, [PathBuf::from("b.csv")]);
    assert!(settings.people.complete, "what is declared about the register stays");
    assert_eq!(settings.fail_on, Some(FailOn::Severity(Severity::High)));
}

#[test]
fn an_inventory_folder_gives_facts_and_no_orders() {
    let elsewhere = tempfile::tempdir().unwrap();
    let folder =
        folder_with("policy = \"strict\"\nout = \"/somewhere\"\npeople = \"people.csv\"\n[branding]\norganisation = \"Acme\"\n");
    let inventory = folder.path().to_str().unwrap();
    let settings = resolve(named(inventory), elsewhere.path()).unwrap();
    assert_eq!((settings.policy.as_str(), settings.out.to_str()), ("baseline", Some("report")));
    assert_eq!(settings.people.files, [folder.path().join("people.csv")]);
    assert_eq!(settings.branding.organisation.as_deref(), Some("Acme"));
    assert!(settings.notes[0].starts_with("`policy`, `out` in "), "{:?}", settings.notes);

    // two folders: neither speaks for the run
    let other = tempfile::tempdir().unwrap();
    let both = Typed { inventories: vec![folder.path().into(), other.path().into()], ..Typed::default() };
    assert_eq!(resolve(both, elsewhere.path()).unwrap().file, None);

    // named, it counts in full
    let config = Typed { config: Some(folder.path().join(FILE_NAME)), ..named(inventory) };
    assert_eq!(resolve(config, elsewhere.path()).unwrap().policy, "strict");
}

#[test]
fn unknown_keys_are_refused_with_place_and_nearest_name() {
    let (message, hint) = refused("out = \"report\"\n[[source]]\npath = \"a.csv\"\n  exportd_at = 2026-09-30\n");
    assert_eq!(message, "countersign.toml:4:3: unknown key `exportd_at`");
    assert_eq!(hint.as_deref(), Some("did you mean `exported_at`?"));

    let (message, hint) = refused("polcy = \"strict\"\n");
    assert_eq!(
        (message.as_str(), hint.as_deref()),
        ("countersign.toml:1:1: unknown key `polcy`", Some("did you mean `policy`?"))
    );

    let (message, hint) = refused("[people]\nfile = \"p.csv\"\ninclude_leavers = true\n");
    assert_eq!(message, "countersign.toml:3:1: unknown key `include_leavers`");
    assert_eq!(hint.as_deref(), Some("did you mean `includes_leavers`?"));
}

#[test]
fn wrong_values_are_refused_with_their_place() {
    for (file, wanted) in [
        ("policy = 3\n", "countersign.toml:1:10: invalid type: integer `3`, expected a string"),
        ("format = [\"html\", \"doc\"]\n", "countersign.toml:1:10: unknown word `doc`"),
        ("fail_on = \"hihg\"\n", "countersign.toml:1:11: unknown word `hihg`"),
        ("inventory = { a = 1 }\n", "countersign.toml:1:13: invalid type: map, expected a path or a list of paths"),
        ("[branding]\npage = \"A5\"\n", "countersign.toml:2:8: unknown word `A5`"),
        ("a = [\n", "countersign.toml:"),
    ] {
        let (message, _) = refused(file);
        assert!(message.starts_with(wanted), "{file}: {message}");
    }
    let (_, hint) = refused("fail_on = \"hihg\"\n");
    assert_eq!(hint.as_deref(), Some("did you mean `high`?"));
    let (message, hint) = refused("[[source]]\npath = \"a\"\ncomplete = [\"compromize.state\"]\n");
    assert!(message.contains("3:") && hint.is_some(), "{message} {hint:?}");
}

#[test]
fn a_source_is_found_by_its_path_below_the_settings_file_or_its_name() {
    let folder = folder_with(
        "inventory = \"exports\"\n[[source]]\npath = \"exports/a*.csv\"\nrank = 1\n[[source]]\npath = \"b.csv\"\nrank = 2\n",
    );
    let settings = resolve(Typed::default(), folder.path()).unwrap();
    let rank = |name: &str, path: PathBuf| settings.source_about(name, Some(&path)).and_then(|source| source.rank);
    assert_eq!(rank("a1.csv", folder.path().join("exports/a1.csv")), Some(1));
    assert_eq!(rank("a1.csv", folder.path().join("elsewhere/a1.csv")), None);
    assert_eq!(rank("deep/b.csv", folder.path().join("exports/deep/b.csv")), Some(2));
    let near = Settings::source_near(&folder.path().join("nowhere"), "b.csv", &folder.path().join("b.csv")).unwrap();
    assert_eq!(near.and_then(|source| source.rank), Some(2));
}

#[test]
fn providers_extend_the_registry_and_count_for_the_run() {
    let entry = "[[provider]]\nid = \"acme-gateway\"\nfacts = [{ supports_expiry = false, source = \"the team\" }]\n";
    let (plain, stated) = (folder_with(""), folder_with(entry));
    let settings = resolve(named("x"), stated.path()).unwrap();
    let registry = settings.registry().unwrap();
    let known = registry.sourced("acme-gateway", None);
    assert_eq!(known.facts.supports_expiry, Some(false));
    assert_eq!(known.sources.get("supports_expiry").map(String::as_str), Some("countersign.toml: the team"));
    assert_ne!(settings.decisive(), resolve(named("x"), plain.path()).unwrap().decisive());
    assert!(Settings::registry_near(stated.path()).unwrap().provider("acme-gateway").is_some());

    // an inventory folder says what is in it, and not what is true of a provider
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = resolve(named(stated.path().to_str().unwrap()), elsewhere.path()).unwrap();
    assert!(settings.providers.is_empty() && settings.notes[0].starts_with("`provider` in "), "{:?}", settings.notes);
}

#[test]
fn mistakes_about_a_provider_are_named_with_their_place_and_what_to_do() {
    for (file, wanted, advice) in [
        (
            "[[provider]]\nid = \"a\"\n[[provider]]\nid = \"Acme\"\n",
            "countersign.toml:3:1: provider `Acme` has no id",
            "acme-gateway",
        ),
        (
            "[[provider]]\nid = \"acme\"\naliases = [\"gitlab\"]\n",
            "countersign.toml:1:1: `gitlab` names both provider `gitlab` and provider `acme`",
            "id = \"gitlab\"",
        ),
        ("[[provider]]\nid = \"acme\"\nfact = []\n", "countersign.toml:3:1: unknown key `fact`", "`facts`"),
        (
            "[[provider]]\nid = \"acme\"\nfacts = [{ support_expiry = true }]\n",
            "countersign.toml:3:12: unknown key `support_expiry`",
            "`supports_expiry`",
        ),
        (
            "[[provider]]\nid = \"acme\"\nscopes = [{ class = \"root\", names = [\"x\"] }]\n",
            "countersign.toml:3:21: `root` is no class",
            "",
        ),
        (
            "[[provider]]\nid = \"acme\"\ncapabilities = [{ can = [\"Read all\"], names = [\"x\"] }]\n",
            "countersign.toml:1:1: `Read all` is no capability",
            "secret.read",
        ),
    ] {
        let (message, hint) = refused(file);
        assert!(message.starts_with(wanted), "{message}");
        assert!(hint.unwrap_or_default().contains(advice), "{message}: no advice with {advice}");
    }
}
