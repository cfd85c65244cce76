//! Names of fields in the words of a person who owns a token.

/// Name of a field, or of a part of one, and what it tells. They are read behind "no source states" and "not on record:".
const WORDS: &[(&str, &str)] = &[
    ("token_id", "the provider's id of the token"),
    ("provider", "who issued the token"),
    ("account", "the account at the provider"),
    ("name", "what people call the token"),
    ("kind", "what kind of token it is"),
    ("environment", "the environment that it works in"),
    ("sensitivity", "how sensitive it is"),
    ("state", "whether it is enabled"),
    ("purpose", "what the token is for"),
    ("purpose_id", "the id of its purpose"),
    ("purpose_status", "whether its purpose still holds"),
    ("purpose_ends_at", "when its purpose ends"),
    ("owner", "who owns it"),
    ("created_at", "when the token was created"),
    ("enabled_at", "when the token was last switched on"),
    ("last_rotated_at", "when the secret was last reset"),
    ("expires_at", "when the token ends by itself"),
    ("last_used_at", "when the token was last used"),
    ("reviewed_at", "when somebody last confirmed its access"),
    ("scope_model", "whether the token is limited to scopes"),
    ("scopes_granted", "the scopes that the token has"),
    ("scopes_required", "the scopes that its purpose needs"),
    ("scope_last_used", "when each scope was last used"),
    ("scope_granted_at", "when each scope was granted"),
    ("usage_observed_since", "since when its use is watched"),
    ("authorized_readers", "who may read the stored secret"),
    ("credential_version", "the version of the secret in force"),
    ("active_secret_count", "how many secrets are valid"),
    ("secrets", "the secrets that are valid"),
    ("secrets.created_at", "when the secrets were made"),
    ("storage", "where the secret is kept"),
    ("storage.kind", "what kind of place keeps the secret"),
    ("storage.location", "where exactly the secret is kept"),
    ("storage.encrypted_at_rest", "whether the place that keeps the secret is encrypted"),
    ("storage.readers", "who can read the stored secret"),
    ("shares", "with whom the secret was shared"),
    ("integrations", "which applications use the token"),
    ("contacts", "whom to contact about the token"),
    ("contacts.address", "the address of a contact"),
    ("contacts.kind", "whether a contact is a person or a group"),
    ("contacts.role", "the role of a contact"),
    ("contacts.status", "whether a contact can be reached"),
    ("contacts.verified_at", "when the contacts were verified"),
    ("compromise.state", "whether somebody suspects misuse"),
    ("compromise.suspected_at", "since when misuse is suspected"),
    ("changed_at", "when it was last changed in any way"),
    ("secret_scan.performed_at", "when code and chats were last scanned for the secret"),
    ("secret_scan.open_findings", "what that scan found"),
    ("exported_at", "when the file was exported"),
];

/// Names separated by commas, each in words with the name behind it. A name without words stays as it is.
pub fn spelled(names: &str) -> String {
    let spell = |name: &str| match WORDS.iter().find(|(known, _)| *known == name) {
        Some((_, words)) => format!("{words} ({name})"),
        None => name.to_owned(),
    };
    names.split(',').map(|name| spell(name.trim())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::field::FIELDS;

    #[test]
    fn every_field_has_words() {
        for field in FIELDS {
            assert!(
                WORDS.iter().any(|(name, _)| *name == field.name),
                "say what {} tells, in src/checks/field_words.rs",
                field.name
            );
        }
    }
}
