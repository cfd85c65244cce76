//! The report: everything that any output shows, counted and sorted once.
//!
//! A [`Report`] is built from the results of a run by [`build`] and handed to every renderer. A renderer only spells it:
//! it never queries, filters, sorts or counts, so HTML, PDF and JSON cannot disagree. Nothing here does I/O.
//!
//! Instants are UTC seconds since 1970; [`words`] turns them, fractions and codes into the text that all outputs share.

pub mod build;
pub mod fail_condition;
pub mod frameworks;
mod groups;
pub mod highlights;
pub mod input;
pub mod method;
pub mod model;
#[doc(hidden)]
pub mod sample;
pub mod score;
mod verdict;
pub mod words;

pub use build::build;
pub use model::*;
