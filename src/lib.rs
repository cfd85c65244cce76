//! Countersign audits inventories of API and access tokens.
//!
//! The data flows one way, and each stage is a folder:
//!
//! ```text
//! files ──inventory──▶ records ──store──▶ SQLite ──checks──▶ results ──report──▶ Report ──render──▶ files
//! ```

pub mod checks;
pub mod inventory;
pub mod render;
pub mod report;
pub mod store;
