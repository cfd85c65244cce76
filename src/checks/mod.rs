//! Checking: the catalogue of checks and their evaluation against a stored run.
//!
//! A check is one SQL file with everything about it in its header: [`header`] reads it, [`catalog`] lists those of this program,
//! [`own`] reads those that users bring, [`runner`] runs them. What a policy makes of their parameters is in [`crate::policy`].

pub mod catalog;
mod field_words;
pub mod header;
pub mod own;
pub mod parameter;
pub mod rerun;
pub mod result;
pub mod runner;
pub mod sentence;
pub mod sql_text;
pub mod tally;

pub use catalog::Catalog;
pub use header::{Check, Control, Reason};
