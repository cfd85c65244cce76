//! Reading: from files to canonical records.
//!
//! ```text
//! input ──▶ detect ──▶ table / json / parquet ──▶ adapter (formats/*) ──▶ finish ──▶ join ──▶ Record
//! bytes     which       sound rows, bad ones       what the export       guard,       one per
//!           format      rejected with a line       says                  dates,       identity
//!                                                                        registry
//! ```
//!
//! This is the only folder with polars.

pub mod assemble;
pub mod cell;
pub mod detect;
pub mod exported_at;
pub mod facts;
pub mod field;
pub mod finish;
pub mod format;
pub mod formats;
pub mod guard;
pub mod identity;
pub mod input;
pub mod join;
pub mod json;
pub mod no_export;
pub mod parquet;
pub mod people;
pub mod read;
pub mod record;
pub mod registry;
pub mod sight;
pub mod source_settings;
pub mod split;
pub mod table;
pub mod target;
pub mod time;
pub mod where_to_get;
pub mod word;
