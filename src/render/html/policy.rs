//! The Content-Security-Policy of the report: nothing may load or run except our own style and script, named by their digest.
//!
//! With this header in place a mistake in a template still could not run a script or send a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The only style of the report.
pub const STYLE: &str = include_str!("../../../templates/report.css");
/// The only script of the report; the report works without it.
pub const SCRIPT: &str = include_str!("../../../templates/report.js");

/// The header's value for exactly these two texts.
pub fn content_security_policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source(STYLE),
        source(SCRIPT)
    )
}

/// `sha256-…` as the header spells it.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
