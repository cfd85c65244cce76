//! The `countersign` binary: parse, run, exit code.

fn main() {}
