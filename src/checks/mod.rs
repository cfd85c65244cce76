//! Checking: the catalogue of checks and their evaluation against a stored run.

pub mod result;
pub mod runner;
pub mod tally;
