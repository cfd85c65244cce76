//! Runs the binary with nothing of the machine in it: no environment, a folder of its own, a fixed instant.

use assert_cmd::Command;
use std::path::Path;

/// 2026-10-01T00:00:00Z.
pub const AS_OF: &str = "1790812800";

/// The program, to be run in `folder`.
pub fn countersign(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.current_dir(folder).env_clear().env("SOURCE_DATE_EPOCH", AS_OF);
    command
}

/// What it wrote to standard output and standard error, and its exit code.
pub fn outcome(command: &mut Command) -> (String, String, Option<i32>) {
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is said is UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code())
}
