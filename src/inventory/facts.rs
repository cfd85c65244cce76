//! What is known of a provider's kind of token, for checks that rest on it (catalogue 2.1, "provider facts").

/// Facts of one provider and kind; none where the registry knows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ProviderFacts {
    /// The provider is on the registry at all.
    pub provider_known: bool,
    /// Workload identity: no secret is stored.
    pub keyless: Option<bool>,
    pub supports_expiry: Option<bool>,
    /// Each use moves the expiry, so it is no hard end.
    pub sliding_expiry: Option<bool>,
    /// A reset makes the previous value useless at once.
    pub reset_invalidates_old: Option<bool>,
    pub https_only: Option<bool>,
    /// The value cannot be changed in place, so creation is rotation (decisions, 23).
    pub value_fixed_at_creation: Option<bool>,
    /// The provider changes the secret by itself at least this often, in days.
    pub auto_rotates_within_days: Option<i64>,
}
