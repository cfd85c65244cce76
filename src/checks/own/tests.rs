//! Checks of users: what is read, what is refused, and where.

use super::*;
use crate::nearest::did_you_mean;
use std::fs;

const HEADER: &str = "/*---
id = \"ACME-001\"
title = \"The name says which team it is for\"
severity = \"low\"
since = \"1\"
rationale = \"why\"
remediation = \"how\"
required = \"A name begins with {prefix}.\"

[parameters.prefix]
type = \"word\"
default = \"team-\"
help = \"first letters\"
---*/
";
const SELECT: &str = "SELECT token_key,
    CASE WHEN name LIKE :prefix || '%' THEN 'pass' ELSE 'fail' END AS result,
    'by-name' AS reason, 'direct' AS basis
FROM token";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("makes a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("has a folder")).expect("makes a folder");
        fs::write(path, text).expect("writes");
    }
    folder
}

fn read_all(files: &[(&str, &str)]) -> Result<Catalog, String> {
    let folder = folder(files);
    catalog(&[folder.path().to_owned()]).map_err(|error| {
        let place = folder.path().display().to_string();
        error.to_string().replace(&format!("{place}/"), "").replace(&place, "FOLDER")
    })
}

/// What is said of one check with this SELECT.
fn said_of(select: &str) -> String {
    read_all(&[("naming.sql", &format!("{HEADER}{select}"))]).map_or_else(|error| error, |_| "accepted".to_owned())
}

#[test]
fn checks_lie_in_the_folder_or_in_one_for_each_area() {
    let second = format!("{HEADER}{SELECT}").replace("ACME-001", "ACME-002");
    let files = [
        ("naming.sql", &*format!("{HEADER}{SELECT};\n")),
        ("teams/other.sql", &second),
        ("README.md", "notes"),
        (".x.sql", "no"),
    ];
    let catalog = read_all(&files).expect("reads");
    let own: Vec<String> =
        catalog.all().iter().filter(|check| !catalog::is_ours(&check.id)).map(|check| check.area.clone()).collect();
    assert_eq!(own, ["own", "teams"]);
    assert_eq!(catalog.find("naming").map(|check| check.id.as_str()), Some("ACME-001"));
    assert_eq!(did_you_mean("ACME-01", catalog.names()).as_deref(), Some("did you mean `ACME-001`?"));
    assert_eq!(catalog.all().len(), catalog::all().len() + 2);
}

#[test]
fn what_is_wrong_with_a_file_is_named_with_its_place() {
    let whole = format!("{HEADER}{SELECT}");
    for (from, to, message) in [
        ("ACME-001", "ROT-050", "naming.sql:2:7: ids that begin with STO, SHR, ENC, ROT, EXP, SCP, REV, CON, INV are ours"),
        ("severity = \"low\"", "severity = \"lo\"", "naming.sql:1:1: `severity` must be critical, high, medium or low"),
        ("title", "titel", "naming.sql:1:1: the header has no `title`"),
        (
            "since = \"1\"",
            "since = \"1\"\naliases = [\"rotation-age\"]",
            "naming.sql:6:13: `rotation-age` is taken by the check ROT-001",
        ),
        ("FROM token", "FROM tokens", "naming.sql:18:6: no such table: tokens"),
        ("AS basis", "AS base", "naming.sql:15:1: the check returns the columns token_key, result, reason, base"),
        (":prefix ||", ":prefx ||", "naming.sql:16:25: the SQL reads `:prefx`"),
        (":prefix ||", "@prefix ||", "naming.sql:16:25: the SQL reads `@prefix`"),
        ("name LIKE :prefix || '%'", "name LIKE 'a%'", "naming.sql:10:1: the parameter `prefix` is declared"),
        ("'by-name'", "\"by-name\"", "naming.sql:17:5: no such column"),
        ("FROM token", "FROM token; SELECT 2", "Multiple statements"),
        ("why", "w\u{202e}hy", "naming.sql:6:15: the character U+202E acts unseen"),
        ("why", "why */", "naming.sql:6:18: `*/` in the header"),
    ] {
        let problem = read_all(&[("naming.sql", &whole.replacen(from, to, 1))]).expect_err(to);
        assert!(problem.contains(message), "{to}: {problem}");
    }
    for (files, message) in [
        (&[][..], "`FOLDER` holds no check"),
        (&[("a/b/c.sql", whole.as_str())], "`a/b` lies too deep"),
        (&[("My Check.sql", whole.as_str())], "does not have the name of a check"),
        (&[("rotation-age.sql", whole.as_str())], "rotation-age.sql:1:1: `rotation-age` is taken by the check ROT-001"),
        (&[("a.sql", whole.as_str()), ("b.sql", whole.as_str())], "b.sql:2:7: `ACME-001` is taken by the check ACME-001 a"),
        (&[("a.sql", "SELECT 1")], "a.sql:1:1: a check begins with its header"),
    ] {
        let problem = read_all(files).expect_err(message);
        assert!(problem.contains(message), "{problem}");
    }
    assert!(matches!(catalog(&[PathBuf::from("no-such-folder")]), Err(OwnCheckError::Folder { .. })));
}

#[test]
fn a_check_reaches_nothing_but_its_run() {
    let own = |from: &str| SELECT.replace("'by-name'", from);
    for reading in [
        "(SELECT name FROM run_source)",
        "(SELECT name FROM 'run_source')",
        "(SELECT 1 IN [Run_Source])",
        "(SELECT count(*) FROM token_record)",
        "(SELECT count(*) FROM RUN)",
        "(SELECT count(*) FROM main.run_result)",
        "(SELECT name FROM main.token)",
        "(SELECT name FROM \"temp\".token)",
        "(SELECT text FROM main.text_entry)",
        "(SELECT sql FROM sqlite_schema)",
        "(SELECT count(*) FROM sqlite_master)",
        "(SELECT count(*) FROM sqlite_temp_master)",
        "(SELECT name FROM pragma_table_info('run'))",
        "(SELECT count(*) FROM pragma_database_list)",
        "(WITH token AS (SELECT * FROM run_source) SELECT name FROM token)",
        "(WITH a AS (SELECT 1), \"Source\" (x) AS NOT MATERIALIZED (SELECT name FROM run_source) SELECT x FROM \"Source\")",
        "(WITH RECURSIVE person(x) AS (SELECT name FROM run_source) SELECT x FROM person)",
        "(WITH run_in_view AS MATERIALIZED (SELECT 1) SELECT 1)",
        "(SELECT x FROM (SELECT name AS x FROM run_source))",
        "load_extension('x')",
        "date('now')",
        "strftime('%s', 'n' || 'ow')",
        "CURRENT_TIMESTAMP",
        "random()",
        "hex(randomblob(4))",
        "sqlite_version()",
        "readfile('x')",
    ] {
        let problem = said_of(&own(reading));
        assert!(problem.starts_with("naming.sql:"), "{reading}: {problem}");
    }
    for harmless in [
        "(SELECT name FROM source LIMIT 1)",
        "(SELECT count(*) FROM token AS other WHERE other.owner = token.owner)",
        "(SELECT max(text) FROM text_entry WHERE list_key = token.authorized_readers_list)",
        "(SELECT count(*) FROM storage_entry WHERE list_key = token.storage_list)",
        "(SELECT group_concat(field) FROM field_problem AS p WHERE p.token_key = token.token_key)",
        "(WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT count(*) FROM n)",
        "(WITH own AS (SELECT token_id FROM token) SELECT count(*) FROM own)",
        "(SELECT value FROM json_each('[1]'))",
        "(SELECT source FROM provider_fact_source AS f WHERE f.facts_key = token.facts_key)",
        "CAST(token.created_at AS TEXT)",
    ] {
        assert_eq!(said_of(&own(harmless)), "accepted", "{harmless}");
    }
    for statement in
        ["DELETE FROM run", "ATTACH 'x.db' AS x", "PRAGMA query_only = 0", "VACUUM INTO 'x.db'", "CREATE TEMP TABLE t (a)"]
    {
        let problem = said_of(&format!("{statement} -- {SELECT}\n"));
        assert!(problem.starts_with("naming.sql:"), "{statement}: {problem}");
    }
}
