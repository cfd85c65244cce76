//! Rules about the sources that no compiler checks. Each failure says what to do.

use std::fs;
use std::path::{Path, PathBuf};

/// A library and the only places that may name it; a place is a path below `src/`, or the start of one.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("polars", &["inventory/"]),
    ("rusqlite", &["store/"]),
    ("tera", &["render/html"]),
    ("printpdf", &["render/pdf/paint"]),
    ("notosans", &["render/pdf/"]),
    ("fontdb", &["render/pdf/"]),
    ("clap", &["cli.rs", "commands/", "main.rs"]),
    ("clap_complete", &["cli.rs", "commands/"]),
    ("clap_mangen", &["commands/"]),
    ("indicatif", &["console/"]),
    ("anstream", &["console.rs"]),
];

/// Stages and what they may not know of: the data flows one way.
const STAGES: &[(&str, &[&str])] = &[
    ("inventory/", &["store", "checks", "policy", "render", "commands", "cli", "console", "settings", "output"]),
    ("store/", &["policy", "render", "commands", "cli", "console", "settings", "output"]),
    ("checks/", &["render", "commands", "cli", "console", "settings", "output"]),
    ("policy/", &["render", "commands", "cli", "console", "settings", "output"]),
    ("report/", &["inventory", "store", "render", "commands", "cli", "console", "settings", "output"]),
    ("render/", &["inventory", "store", "policy", "commands", "cli", "console", "settings", "output"]),
];

/// Doors to the file system, and who may open them: outputs, the database, and the spool for standard input.
const DOORS: &[&str] = &[
    "fs::write",
    "fs::rename",
    "fs::copy",
    "fs::remove_file",
    "fs::remove_dir",
    "fs::create_dir",
    "fs::hard_link",
    "fs::set_permissions",
    "File::create",
    "File::options",
    "OpenOptions",
    "DirBuilder",
    "NamedTempFile",
    "TempDir",
];
const DOOR_KEEPERS: &[&str] = &["output/", "store/mod.rs", "inventory/input/spool.rs"];

/// Crates that speak a network protocol. An offline audit tool links none of them. tokio, and mio and socket2 below it, are linked
/// because polars-core schedules its work with them; without a client above them nothing in the program names an address.
const NETWORK: &[&str] = &[
    "attohttpc",
    "curl",
    "h2",
    "hickory-resolver",
    "hyper",
    "hyper-util",
    "isahc",
    "native-tls",
    "object_store",
    "openssl",
    "quinn",
    "reqwest",
    "rustls",
    "schannel",
    "security-framework",
    "surf",
    "tokio-rustls",
    "tungstenite",
    "ureq",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Path below `src/` and text of every source file; without comments and, as far as they stand at the end, without tests.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    files.sort();
    let named = files.into_iter().map(|path| {
        let name = path.strip_prefix(root().join("src")).expect("below src").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path).expect("sources are UTF-8");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        (name, code.join("\n"))
    });
    named.filter(|(name, _)| !is_test(name)).collect()
}

fn is_test(name: &str) -> bool {
    ["tests.rs", "tests/", "test_", "sample", "contract"].iter().any(|mark| name.contains(mark))
}

fn names_library(code: &str, library: &str) -> bool {
    let path = format!("{library}::");
    code.match_indices(&path).any(|(at, _)| {
        let before = code.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|before| !before.is_alphanumeric() && before != '_' && before != ':')
    })
}

#[test]
fn a_library_is_named_only_in_the_folder_it_belongs_to() {
    for (name, code) in sources() {
        for (library, places) in LIBRARIES {
            let allowed = places.iter().any(|place| name.starts_with(place));
            assert!(
                allowed || !names_library(&code, library),
                "src/{name} names `{library}`, which belongs to {places:?}: call what that folder offers, or offer it there"
            );
        }
    }
}

#[test]
fn every_rule_about_a_library_is_about_one_that_is_used() {
    let sources = sources();
    for (library, _) in LIBRARIES {
        assert!(sources.iter().any(|(_, code)| names_library(code, library)), "nothing names `{library}`: remove its rule");
    }
}

#[test]
fn no_stage_knows_a_later_one() {
    for (name, code) in sources() {
        for (stage, unknown) in STAGES.iter().filter(|(stage, _)| name.starts_with(stage)) {
            for other in *unknown {
                let forbidden = [format!("crate::{other}::"), format!("crate::{other};")];
                assert!(
                    !forbidden.iter().any(|path| code.contains(path)),
                    "src/{name} names crate::{other}, and {stage} comes before it: hand plain data on instead"
                );
            }
        }
    }
}

#[test]
fn files_are_written_at_few_doors() {
    for (name, code) in sources() {
        if DOOR_KEEPERS.iter().any(|keeper| name.starts_with(keeper)) {
            continue;
        }
        for door in DOORS {
            assert!(!code.contains(door), "src/{name} uses `{door}`: write through src/output.rs, which leaves no half file");
        }
    }
}

/// Cargo.lock also names crates that an optional feature could bring in, so the tree of what is linked is asked for.
#[test]
fn nothing_that_is_linked_speaks_a_network_protocol() {
    let tree = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&tree.stdout);
    let names: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"polars"), "the tree was read: {}", String::from_utf8_lossy(&tree.stderr));
    for name in names {
        assert!(!NETWORK.contains(&name), "`{name}` is linked: find the feature that brings it in with `cargo tree -i {name}`");
    }
}
