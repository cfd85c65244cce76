//! The fields of the canonical token record, in one table.
//!
//! The names are those of the design, section 4: in the canonical sheet, in JSON, in messages and (with `_` for `.`) as columns
//! of the store. Everything that walks over fields derives from [`FIELDS`]: reading, joining, storing, `inspect` and the
//! completeness of a source. A new field is one variant, one line in the table and one column in a migration.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Free or identifying text, kept as written.
    Text,
    /// A word from a vocabulary of [`super::word`]; other words are kept or become unknown as that vocabulary says.
    Word(Vocabulary),
    /// An instant or a date of the past; later than the tolerance it is implausible (catalogue 2.2).
    PastDate,
    /// An instant or a date that may lie ahead.
    AnyDate,
    /// A whole number, not negative.
    Count,
    /// Names, in the order given: readers, required scopes.
    Words,
    /// Granted scopes, each with the privilege class that the provider registry or the adapter gives it.
    Scopes,
    /// A date for each name.
    Dates,
    /// Entries with parts of their own.
    Items(&'static [Part]),
}

/// Vocabularies of single words (decisions, 16 to 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    Environment,
    Sensitivity,
    TokenState,
    PurposeStatus,
    ScopeModel,
    Compromise,
}

/// One part of an entry of a nested list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub name: &'static str,
    pub kind: PartKind,
}

/// What a part holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    Text,
    /// Lower-cased word, blanks and underscores turned into hyphens; `unknown` stays a word here.
    Word,
    /// The same, with the synonyms of environments (decisions, 16).
    Environment,
    /// `yes`, `no` or `unknown`.
    Flag,
    PastDate,
    Words,
}

const fn part(name: &'static str, kind: PartKind) -> Part {
    Part { name, kind }
}

/// Parts of `secrets[]`.
pub const SECRET: &[Part] = &[part("created_at", PartKind::PastDate), part("state", PartKind::Word)];
/// Parts of `storage[]`.
pub const STORAGE: &[Part] = &[
    part("kind", PartKind::Word),
    part("location", PartKind::Text),
    part("since", PartKind::PastDate),
    part("encrypted_at_rest", PartKind::Flag),
    part("readers", PartKind::Words),
];
/// Parts of `shares[]`.
pub const SHARE: &[Part] = &[
    part("recipient", PartKind::Text),
    part("authorized", PartKind::Flag),
    part("channel", PartKind::Word),
    part("at", PartKind::PastDate),
];
/// Parts of `integrations[]`.
pub const INTEGRATION: &[Part] = &[
    part("name", PartKind::Text),
    part("application", PartKind::Text),
    part("environment", PartKind::Environment),
    part("endpoint", PartKind::Text),
    part("tls_min", PartKind::Text),
    part("credential_location", PartKind::Word),
    part("credential_version", PartKind::Text),
    part("credential_updated_at", PartKind::PastDate),
    part("status", PartKind::Word),
];
/// Parts of `contacts[]`.
pub const CONTACT: &[Part] = &[
    part("role", PartKind::Word),
    part("address", PartKind::Text),
    part("kind", PartKind::Word),
    part("verified_at", PartKind::PastDate),
    part("status", PartKind::Word),
];
/// Parts of `secret_scan.open_findings[]`.
pub const SCAN_FINDING: &[Part] = &[part("found_at", PartKind::PastDate)];

macro_rules! fields {
    ($($variant:ident $name:literal $kind:expr, $help:literal;)+) => {
        /// A field of the canonical token record.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field {
            $(#[doc = $help] $variant),+
        }

        /// Every field, in the order of the design.
        pub const FIELDS: &[FieldSpec] = &[
            $(FieldSpec { field: Field::$variant, name: $name, kind: $kind, help: $help }),+
        ];
    };
}

/// How many fields a record has.
pub const FIELD_COUNT: usize = FIELDS.len();

/// What is known about a field.
#[derive(Debug, Clone, Copy)]
pub struct FieldSpec {
    pub field: Field,
    /// Dotted name, as in the canonical sheet and in JSON.
    pub name: &'static str,
    pub kind: Kind,
    /// One sentence for `formats`, `init` and the documentation.
    pub help: &'static str,
}

fields! {
    TokenId "token_id" Kind::Text, "the provider's own id of the token, never its value";
    Provider "provider" Kind::Text, "who issued the token, lower case";
    Account "account" Kind::Text, "the account, organisation or tenant at the provider";
    Name "name" Kind::Text, "what people call the token";
    TokenKind "kind" Kind::Text, "the provider's kind of token, for example `access-key`";
    Environment "environment" Kind::Word(Vocabulary::Environment), "production, staging, test, development or sandbox";
    Sensitivity "sensitivity" Kind::Word(Vocabulary::Sensitivity), "high, medium or low";
    State "state" Kind::Word(Vocabulary::TokenState), "enabled, disabled, revoked, deleted or expired";
    Purpose "purpose" Kind::Text, "what the token is for, in a sentence";
    PurposeId "purpose_id" Kind::Text, "id of the purpose in the purpose register";
    PurposeStatus "purpose_status" Kind::Word(Vocabulary::PurposeStatus), "active or ended";
    PurposeEndsAt "purpose_ends_at" Kind::AnyDate, "when the purpose ends or ended";
    Owner "owner" Kind::Text, "the accountable person (e-mail) or team";
    CreatedAt "created_at" Kind::PastDate, "when the token was created";
    EnabledAt "enabled_at" Kind::PastDate, "when the token was last switched on";
    LastRotatedAt "last_rotated_at" Kind::PastDate, "when the secret was last changed";
    ExpiresAt "expires_at" Kind::AnyDate, "when the token ends by itself";
    LastUsedAt "last_used_at" Kind::PastDate, "when the token was last used";
    ReviewedAt "reviewed_at" Kind::PastDate, "when somebody last confirmed the token's access";
    ScopeModel "scope_model" Kind::Word(Vocabulary::ScopeModel), "scoped or unscoped";
    ScopesGranted "scopes_granted" Kind::Scopes, "the scopes that the token has";
    ScopesRequired "scopes_required" Kind::Words, "the scopes that its purpose needs";
    ScopeLastUsed "scope_last_used" Kind::Dates, "for each scope, when it was last used";
    ScopeGrantedAt "scope_granted_at" Kind::Dates, "for each scope, when it was granted";
    UsageObservedSince "usage_observed_since" Kind::PastDate, "since when use has been watched";
    AuthorizedReaders "authorized_readers" Kind::Words, "who may read the stored secret";
    CredentialVersion "credential_version" Kind::Text, "version of the secret in force";
    ActiveSecretCount "active_secret_count" Kind::Count, "how many secrets of this identity are valid";
    Secrets "secrets" Kind::Items(SECRET), "the secrets of this identity";
    Storage "storage" Kind::Items(STORAGE), "where the secret is kept";
    Shares "shares" Kind::Items(SHARE), "with whom the secret was shared, and how";
    Integrations "integrations" Kind::Items(INTEGRATION), "the applications that use the token";
    Contacts "contacts" Kind::Items(CONTACT), "token and technical contacts";
    Compromise "compromise.state" Kind::Word(Vocabulary::Compromise), "suspected or none";
    CompromiseSuspectedAt "compromise.suspected_at" Kind::PastDate, "when the compromise was suspected";
    ChangedAt "changed_at" Kind::PastDate, "last change of any kind; the secret cannot be newer";
    SecretScanPerformedAt "secret_scan.performed_at" Kind::PastDate, "when code and chats were last scanned for the secret";
    SecretScanOpenFindings "secret_scan.open_findings" Kind::Items(SCAN_FINDING), "open findings of that scan";
}

impl Field {
    /// The field's row of the table.
    pub fn spec(self) -> &'static FieldSpec {
        &FIELDS[self as usize]
    }

    /// Dotted name.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Column of the store: the name with `_` for `.`; `compromise.state` is `compromise`.
    pub fn column(self) -> String {
        if self == Field::Compromise { "compromise".to_owned() } else { self.name().replace('.', "_") }
    }

    /// The field of a dotted name.
    pub fn from_name(name: &str) -> Option<Field> {
        if name == "compromise" {
            return Some(Field::Compromise);
        }
        FIELDS.iter().find(|spec| spec.name == name).map(|spec| spec.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (index, spec) in FIELDS.iter().enumerate() {
            assert_eq!(spec.field as usize, index, "{}", spec.name);
            assert_eq!(Field::from_name(spec.name), Some(spec.field));
        }
    }

    #[test]
    fn names_and_columns_are_unique() {
        let names: HashSet<_> = FIELDS.iter().map(|spec| spec.name).collect();
        let columns: HashSet<_> = FIELDS.iter().map(|spec| spec.field.column()).collect();
        assert_eq!((names.len(), columns.len()), (FIELD_COUNT, FIELD_COUNT));
    }
}
