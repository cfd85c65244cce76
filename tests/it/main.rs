//! Tests that need the program as a whole. One binary, because linking is slow.

#![allow(clippy::disallowed_methods, reason = "tests lay out their own files")]

mod architecture;
mod audit;
mod catalogue_page;
mod check_fixture;
mod checks;
mod cli;
mod example;
mod own_checks;
mod permutations;
mod planted;
#[allow(dead_code, reason = "the tests of the adapters use the rest of it")]
mod planting;
mod policy;
mod program;
mod providers;
mod registers;
mod rerun;
#[path = "../../src/inventory/guard/test_values.rs"]
mod test_values;
