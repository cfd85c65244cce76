//! Countersign audits inventories of API and access tokens.
//!
//! The data flows one way, and each stage is a folder:
//!
//! ```text
//! files ──inventory──▶ records ──store──▶ SQLite ──checks──▶ results ──report──▶ Report ──render──▶ files
//! ```

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests lay out their own files"))]

pub mod as_of;
pub mod checks;
pub mod cli;
pub mod commands;
pub mod console;
pub mod error;
pub mod exit;
pub mod inventory;
pub mod nearest;
pub mod output;
pub mod policy;
pub mod render;
pub mod report;
pub mod settings;
pub mod store;
pub mod toml_reader;
