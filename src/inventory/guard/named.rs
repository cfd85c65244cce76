//! Columns and tags that say by their name that they hold a secret.
//!
//! A sheet may have a column `Password` or `client_secret`, whose values have no shape and need not look random. What stands in
//! one is a secret unless it reads like a remark, a place or an answer to "is there one?".

use super::secret_fields::holds_nothing;
use super::words::is_words;

/// Id that findings of this rule carry.
pub const RULE: &str = "secret-by-name";

/// Names, in small letters and without anything between words.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secretvalue",
    "secretkey",
    "secretaccesskey",
    "secretstring",
    "clientsecret",
    "apisecret",
    "appsecret",
    "sharedsecret",
    "signingsecret",
    "webhooksecret",
    "consumersecret",
    "tokenvalue",
    "tokensecret",
    "apikeyvalue",
    "keyvalue",
    "privatekey",
    "refreshtoken",
    "bearertoken",
    "connectionstring",
];
/// Shorter values are answers and numbers.
const SHORTEST: usize = 6;

/// True if a value under this name is a secret.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    says_secret(name) && looks_kept_here(value.trim())
}

fn says_secret(name: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    NAMES.iter().any(|known| letters.clone().eq(known.bytes()))
}

/// False for a remark (several words), a place (a path of words, a URL, an ARN, an address), an answer or an instant.
fn looks_kept_here(value: &str) -> bool {
    let is_place = value.contains("://")
        || value.starts_with("arn:")
        || value.contains('@') && value.ends_with(|c: char| c.is_ascii_lowercase());
    let is_plain = value.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'/' | b'.'));
    let is_path = value.contains('/') && is_words(value);
    let is_instant = value.bytes().filter(u8::is_ascii_alphabetic).count() <= 2 && value.contains(['-', '.', '/', ':']);
    value.len() >= SHORTEST
        && !value.contains(char::is_whitespace)
        && !value.starts_with("[cut: ")
        && !is_place
        && !is_plain
        && !is_path
        && !is_instant
        && !holds_nothing(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_under_a_telling_name_are_secrets() {
        for (name, value) in [
            ("Password", "hunter2x"),
            ("client_secret", "9f86d081884c7d65"),
            ("Secret Value", "S3cr3t!"),
            ("PRIVATE-KEY", "MIIEvQIBADAN"),
        ] {
            assert!(is_secret(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn remarks_places_and_answers_are_none() {
        for value in [
            "",
            "yes",
            "rotated",
            "in the password manager",
            "vault/shop/orders2",
            "https://vault.acme.example/x1",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x1",
            "2026-09-01T10:00:00Z",
            "********",
            "[cut: jwt, 30 characters]",
            "alice@acme.example",
        ] {
            assert!(!is_secret("password", value), "{value}");
        }
        for name in ["password_manager", "token", "key", "notes", "secret_scan", "password_changed_at"] {
            assert!(!is_secret(name, "hunter2x"), "{name}");
        }
    }
}
