-- What checks and auditors read. Every view shows one run: the one of run_in_view. Here that is the latest finished run; while a
-- run is checked, and for an older run, the same views are made as TEMP views over another run_in_view.
-- `token` holds the tokens that exist at the run's as-of instant, one row each.

CREATE VIEW run_in_view AS
SELECT * FROM run WHERE state = 'finished' ORDER BY as_of DESC, run_key DESC LIMIT 1;

CREATE VIEW token AS
SELECT
    t.token_key,
    t.source_key,
    t.source_count,
    t.line,
    t.duplicate,
    t.class_key,
    -- the combination of field states below, in table field_states
    t.states_key,
    -- a missing or unreadable state counts as enabled (catalogue 2.1)
    COALESCE(t.state, 'enabled') = 'enabled' AS is_live,
    t.state IS NULL AS assumed_enabled,
    t.token_id,
    s.token_id_state,
    t.provider,
    s.provider_state,
    t.account,
    s.account_state,
    t.name,
    s.name_state,
    t.kind,
    s.kind_state,
    t.environment,
    s.environment_state,
    t.sensitivity,
    s.sensitivity_state,
    t.state,
    s.state_state,
    t.purpose,
    s.purpose_state,
    t.purpose_id,
    s.purpose_id_state,
    t.purpose_status,
    s.purpose_status_state,
    t.purpose_ends_at,
    s.purpose_ends_at_state,
    s.purpose_ends_at_precision,
    s.purpose_ends_at_assumed_utc,
    t.owner,
    s.owner_state,
    t.created_at,
    s.created_at_state,
    s.created_at_precision,
    s.created_at_assumed_utc,
    t.enabled_at,
    s.enabled_at_state,
    s.enabled_at_precision,
    s.enabled_at_assumed_utc,
    t.last_rotated_at,
    s.last_rotated_at_state,
    s.last_rotated_at_precision,
    s.last_rotated_at_assumed_utc,
    t.expires_at,
    s.expires_at_state,
    s.expires_at_precision,
    s.expires_at_assumed_utc,
    t.last_used_at,
    s.last_used_at_state,
    s.last_used_at_precision,
    s.last_used_at_assumed_utc,
    t.reviewed_at,
    s.reviewed_at_state,
    s.reviewed_at_precision,
    s.reviewed_at_assumed_utc,
    t.scope_model,
    s.scope_model_state,
    t.scopes_granted_list,
    s.scopes_granted_state,
    t.scopes_required_list,
    s.scopes_required_state,
    t.scope_last_used_list,
    s.scope_last_used_state,
    t.scope_granted_at_list,
    s.scope_granted_at_state,
    t.usage_observed_since,
    s.usage_observed_since_state,
    s.usage_observed_since_precision,
    s.usage_observed_since_assumed_utc,
    t.authorized_readers_list,
    s.authorized_readers_state,
    t.credential_version,
    s.credential_version_state,
    t.active_secret_count,
    s.active_secret_count_state,
    t.secrets_list,
    s.secrets_state,
    t.storage_list,
    s.storage_state,
    t.shares_list,
    s.shares_state,
    t.integrations_list,
    s.integrations_state,
    t.contacts_list,
    s.contacts_state,
    t.compromise,
    s.compromise_state,
    t.compromise_suspected_at,
    s.compromise_suspected_at_state,
    s.compromise_suspected_at_precision,
    s.compromise_suspected_at_assumed_utc,
    t.changed_at,
    s.changed_at_state,
    s.changed_at_precision,
    s.changed_at_assumed_utc,
    t.secret_scan_performed_at,
    s.secret_scan_performed_at_state,
    s.secret_scan_performed_at_precision,
    s.secret_scan_performed_at_assumed_utc,
    t.secret_scan_open_findings_list,
    s.secret_scan_open_findings_state,
    t.tags_list,
    t.identity,
    -- what the registry knows of the provider's kind of token, in table provider_facts
    t.facts_key,
    f.provider_known,
    f.keyless AS fact_keyless,
    f.supports_expiry AS fact_supports_expiry,
    f.sliding_expiry AS fact_sliding_expiry,
    f.reset_invalidates_old AS fact_reset_invalidates_old,
    f.https_only AS fact_https_only,
    f.value_fixed_at_creation AS fact_value_fixed_at_creation,
    f.auto_rotates_within_days AS fact_auto_rotates_within_days,
    f.encrypts_at_rest AS fact_encrypts_at_rest,
    f.last_used_precision_seconds AS fact_last_used_precision_seconds,
    f.last_used_zone AS fact_last_used_zone,
    f.last_used_window_days AS fact_last_used_window_days,
    f.last_used_missing AS fact_last_used_missing
FROM token_record AS t
LEFT JOIN field_states AS s ON s.states_key = t.states_key
LEFT JOIN provider_facts AS f ON f.facts_key = t.facts_key
WHERE t.token_key BETWEEN (SELECT first_token_key FROM run_in_view) AND (SELECT last_token_key FROM run_in_view)
  AND t.not_yet_existing = 0;

CREATE VIEW source AS
SELECT * FROM run_source WHERE run_key = (SELECT run_key FROM run_in_view);

CREATE VIEW source_row AS
SELECT * FROM run_row WHERE run_key = (SELECT run_key FROM run_in_view);

CREATE VIEW register AS
SELECT * FROM run_register WHERE run_key = (SELECT run_key FROM run_in_view);

CREATE VIEW person AS
SELECT * FROM run_person WHERE run_key = (SELECT run_key FROM run_in_view);

CREATE VIEW person_address AS
SELECT * FROM run_person_address WHERE run_key = (SELECT run_key FROM run_in_view);

CREATE VIEW purpose AS
SELECT * FROM run_purpose WHERE run_key = (SELECT run_key FROM run_in_view);

CREATE VIEW account AS
SELECT * FROM run_account WHERE run_key = (SELECT run_key FROM run_in_view);

CREATE VIEW implied_scope AS
SELECT * FROM run_implied_scope WHERE run_key = (SELECT run_key FROM run_in_view);

CREATE VIEW parameter_value AS
SELECT * FROM run_parameter_value WHERE run_key = (SELECT run_key FROM run_in_view);

-- For tokens that several sources state: which source stated each field that has a value.
CREATE VIEW value_source AS
SELECT f.token_key, f.field, f.source_key, s.name AS source
FROM field_source AS f
JOIN run_source AS s ON s.source_key = f.source_key
WHERE f.token_key BETWEEN (SELECT first_token_key FROM run_in_view) AND (SELECT last_token_key FROM run_in_view);
