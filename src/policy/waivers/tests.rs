use super::*;
use crate::checks::catalog;

/// 2026-06-15T13:30:00Z
const AS_OF: i64 = 1_781_530_200;

const SOUND: &str = "
    [[waiver]]
    id = \"W-1\"
    check = \"ROT-001\"
    subject = { provider = \"github\", token_id = \"deploy-*\" }
    reason = \"The vendor replaces its client in autumn.\"
    owner = \"lead@acme.example\"
    approver = \"ciso@acme.example\"
    approved_at = 2026-06-01
    valid_through = 2026-12-31
";

fn parse(text: &str) -> Waivers {
    match Waivers::parse(&TomlFile::new("waivers.toml", text), catalog::built_in(), 365, AS_OF) {
        Ok(waivers) => waivers,
        Err(error) => panic!("{error}: {text}"),
    }
}

/// Status and note of the first waiver, which matches and relabels so many results.
fn status_with(text: &str, matched: u64, relabelled: u64) -> (String, String) {
    let effect = Effect {
        matched: &BTreeMap::from([(0, matched)]),
        relabelled: &BTreeMap::from([("W-1".to_owned(), relabelled)]),
        selected: &BTreeSet::from(["ROT-001".to_owned()]),
    };
    let summary = parse(text).summaries(&effect).remove(0);
    assert_eq!(summary.matched, matched, "how many results a waiver matches is shown whatever its status");
    (summary.status, summary.note.unwrap_or_default())
}

fn status_of(text: &str) -> (String, String) {
    status_with(text, 3, 3)
}

fn candidate<'a>(tags: &'a BTreeMap<String, String>) -> Candidate<'a> {
    Candidate {
        check: "ROT-001",
        reason: "too-old",
        plain_result: ResultWord::Fail,
        provider: Some("github"),
        account: Some("acme"),
        token_id: Some("deploy-7"),
        name: Some("Deploy"),
        owner: Some("ann@acme.example"),
        environment: Some("production"),
        tags,
        sources: &["a.csv", "b.json"],
    }
}

fn covers(change: (&str, &str), candidate: &Candidate<'_>) -> bool {
    assert!(SOUND.contains(change.0), "{}", change.0);
    parse(&SOUND.replace(change.0, change.1)).apply(candidate).is_some()
}

#[test]
fn a_sound_waiver_covers_what_it_names() {
    let tags = BTreeMap::from([("team".to_owned(), "payments".to_owned())]);
    let fail = candidate(&tags);
    assert!(covers(("W-1", "W-1"), &fail));
    let subject = "{ provider = \"github\", token_id = \"deploy-*\" }";
    for (pattern, covered) in [
        ("{ provider = \"GitHub\" }", true),
        ("{ provider = \"gitlab\" }", false),
        ("{ provider = \"github\", token_id = \"deploy-8\" }", false),
        ("{ token_id = \"DEPLOY-7\" }", false),
        ("{ account = \"*\" }", true),
        ("{ name = \"*plo*\" }", true),
        ("{ name = \"De*y*y\" }", false),
        ("{ owner = \"Ann@*\" }", true),
        ("{ environment = \"prod*\" }", true),
        ("{ \"tag.team\" = \"pay*\" }", true),
        ("{ tag.team = \"payments\" }", true),
        ("{ \"tag.team\" = \"shop\" }", false),
        ("{ \"tag.cost\" = \"*\" }", false),
        ("{ source = \"b.*\" }", true),
        ("{ source = \"c.*\" }", false),
    ] {
        assert_eq!(covers((subject, pattern), &fail), covered, "{pattern}");
    }
}

#[test]
fn only_fails_are_covered_and_unknowns_on_request() {
    let tags = BTreeMap::new();
    for result in ResultWord::ALL {
        let one = Candidate { plain_result: result, ..candidate(&tags) };
        assert_eq!(covers(("W-1", "W-1"), &one), result == ResultWord::Fail, "{result:?}");
        let both = matches!(result, ResultWord::Fail | ResultWord::Unknown);
        assert_eq!(covers(("id = \"W-1\"", "covers_unknown = true\nid = \"W-1\""), &one), both, "{result:?}");
    }
    let other = Candidate { check: "ROT-003", ..candidate(&tags) };
    assert!(!covers(("W-1", "W-1"), &other));
    assert!(!covers(("id = \"W-1\"", "reason_code = \"never-rotated\"\nid = \"W-1\""), &candidate(&tags)));
    assert!(covers(("id = \"W-1\"", "reason_code = \"too-old\"\nid = \"W-1\""), &candidate(&tags)));
}

#[test]
fn the_last_day_is_inclusive() {
    for (through, status) in
        [("2026-06-15", "ending"), ("2026-06-14", "expired"), ("2026-07-15", "ending"), ("2026-07-16", "active")]
    {
        assert_eq!(status_of(&SOUND.replace("2026-12-31", through)).0, status, "{through}");
    }
    assert_eq!(status_of(&SOUND.replace("2026-06-01", "2026-06-16")).0, "not-yet");
    assert_eq!(status_of(&SOUND.replace("2026-06-01", "2026-06-15T13:30:01Z")).0, "not-yet");
    assert_eq!(status_of(&SOUND.replace("2026-06-01", "2026-06-15")).0, "active");
    assert_eq!(status_of(&SOUND.replace("2026-06-01", "2026-06-15T13:30:00")).0, "active", "without an offset it is UTC");
}

#[test]
fn a_broken_rule_makes_it_invalid() {
    for (from, to, why) in [
        ("id = \"W-1\"", "", "`id` is missing"),
        ("check = \"ROT-001\"", "", "`check` is missing"),
        ("reason = \"The vendor replaces its client in autumn.\"", "", "`reason` is missing"),
        ("owner = \"lead@acme.example\"", "owner = \" \"", "`owner` is missing"),
        ("approver = \"ciso@acme.example\"", "", "`approver` is missing"),
        ("approved_at = 2026-06-01", "", "`approved_at` is missing"),
        ("valid_through = 2026-12-31", "", "`valid_through` is missing"),
        ("subject = { provider = \"github\", token_id = \"deploy-*\" }", "subject = {}", "`subject` is missing"),
        ("ciso@acme.example", "LEAD@acme.example", "the owner alone approved it"),
        ("2026-12-31", "2027-06-02", "it runs for 366 days, and the policy allows 365"),
        ("2026-12-31", "2026-05-31", "it ends before it was approved"),
        ("2026-12-31", "\"next year\"", "`valid_through` is not a date: next year"),
        ("2026-12-31", "2026-12-31T12:00:00Z", "`valid_through` is not a date: 2026-12-31T12:00:00Z"),
        ("ROT-001", "REV-001", "REV-001 cannot be waived"),
        ("ROT-001", "no-secret-in-inventory", "INV-005 cannot be waived"),
    ] {
        assert!(SOUND.contains(from), "{from}");
        let text = SOUND.replace(from, to);
        let (status, note) = status_of(&text);
        assert_eq!(status, "invalid", "{to}");
        assert!(note.contains(why), "{note}");
        assert!(parse(&text).apply(&candidate(&BTreeMap::new())).is_none(), "{to}");
    }
    assert_eq!(status_of(&SOUND.replace("2026-12-31", "2027-06-01")).0, "active", "365 days are allowed");
    let twice = parse(&format!("{SOUND}{SOUND}"));
    let effect = Effect { matched: &BTreeMap::new(), relabelled: &BTreeMap::new(), selected: &BTreeSet::new() };
    assert_eq!(twice.summaries(&effect).iter().filter(|waiver| waiver.status == "invalid").count(), 1);
}

#[test]
fn every_status_says_what_the_waiver_comes_to() {
    let ended = SOUND.replace("2026-12-31", "2026-06-14");
    let ending = SOUND.replace("2026-12-31", "2026-06-16");
    for (text, matched, relabelled, status, note) in [
        (SOUND, 3, 3, "active", ""),
        (SOUND, 0, 0, "unused", "it covers no finding; remove it or correct what it names"),
        (SOUND, 3, 0, "active", "3 of the 3 results it matches stand under another waiver that covers them too"),
        (&ending, 3, 3, "ending", "it ends in 1 day"),
        (
            &ending,
            3,
            2,
            "ending",
            "it ends in 1 day; 1 of the 3 results it matches stand under another waiver that covers them too",
        ),
        (&ending, 0, 0, "unused", "it covers no finding; remove it or correct what it names"),
        (&ended, 1, 0, "expired", "it has ended and no longer covers the 1 result it names; renew it or resolve them"),
        (&ended, 0, 0, "expired", "it has ended, and names nothing that is left; remove it"),
        (&SOUND.replace("2026-06-01", "2026-06-16"), 5, 0, "not-yet", "it is not yet in force and has no effect"),
        (&SOUND.replace("ROT-001", "ROT-002"), 0, 0, "unused", "the policy leaves ROT-002 off"),
        (&SOUND.replace("ROT-001", "REV-001"), 2, 0, "invalid", "REV-001 cannot be waived; it has no effect"),
    ] {
        assert_eq!(status_with(text, matched, relabelled), (status.to_owned(), note.to_owned()), "{text}");
    }
}

/// Also those without an effect are counted, and what passes is never among them.
#[test]
fn every_waiver_that_names_a_result_matches_it() {
    let of = |id: &str, from: &str, to: &str| SOUND.replace("W-1", id).replace(from, to);
    let text = [
        of("W-1", "2026-12-31", "2026-06-14"),
        of("W-2", "2026-06-01", "2026-07-01"),
        of("W-3", "approver = \"ciso@acme.example\"", ""),
        of("W-4", "", ""),
        of("W-5", "github", "gitlab"),
        of("W-6", "owner =", "covers_unknown = true\nowner ="),
    ]
    .concat();
    let waivers = parse(&text);
    let tags = BTreeMap::new();
    let matching = |result| waivers.matching(&Candidate { plain_result: result, ..candidate(&tags) });
    assert_eq!(matching(ResultWord::Fail), [0, 1, 2, 3, 5]);
    assert_eq!(matching(ResultWord::Unknown), [5]);
    for result in [ResultWord::Pass, ResultWord::NotApplicable, ResultWord::Error] {
        assert!(matching(result).is_empty(), "{result:?}");
    }
}

#[test]
fn of_several_the_latest_end_wins_and_then_the_id() {
    let of = |id: &str, through: &str| SOUND.replace("W-1", id).replace("2026-12-31", through);
    let tags = BTreeMap::new();
    let text = format!("{}{}{}", of("W-3", "2026-11-30"), of("W-2", "2026-12-31"), of("W-9", "2026-12-31"));
    assert_eq!(parse(&text).apply(&candidate(&tags)).map(|waiver| waiver.id.as_str()), Some("W-2"));
}

#[test]
fn mistakes_in_the_file_are_errors_with_their_place() {
    for (from, to, message) in [
        ("reason =", "raeson =", "unknown key"),
        ("ROT-001", "ROT-999", "unknown check `ROT-999`"),
        ("provider =", "providr =", "unknown subject key `providr`"),
        ("id = \"W-1\"", "reason_code = \"to-old\"\nid = \"W-1\"", "unknown reason of ROT-001 `to-old`"),
        ("\"deploy-*\"", "\"\"", "an empty pattern matches nothing"),
        ("2026-12-31", "12", "must be a date"),
    ] {
        let file = TomlFile::new("waivers.toml", SOUND.replace(from, to));
        let error = Waivers::parse(&file, catalog::built_in(), 365, AS_OF).map(|_| ()).map_err(|error| error.to_string());
        assert!(error.as_ref().is_err_and(|error| error.contains(message)), "{error:?}");
    }
}
