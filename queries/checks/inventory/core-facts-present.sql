/*---
id = "INV-001"
title = "The record has the facts every check needs"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~CM-8", "nist-800-53-r5:~AC-2",
    "nist-csf-2.0:~PR.AA-01",
    "cis-controls-8.1:5.1", "cis-controls-8.1:5.5",
    "pci-dss-4.0.1:~12.5.1",
    "iso-27001-2022:~A.5.9",
    "soc2-tsc-2017-2022:~CC2.1", "soc2-tsc-2017-2022:~CC6.1",
]
rationale = "Missing facts are an audit finding of their own, not an excuse."
remediation = "Fill the listed fields from the provider's export; if the creation date is lost, take the earliest date on which the token is proven to exist and mark it so."
evidence = ["token_id", "provider", "state", "created_at", "environment", "sensitivity", "owner"]
required = "These fields are on record: {required_fields}."

# CIS Controls 5.5 asks for owner, review date and purpose; the rest is a choice of this project.
[parameters.required_fields]
type = "words"
default = ["token_id", "provider", "state", "created_at"]
stricter = "higher"
choices = [
    "token_id", "provider", "account", "name", "kind",
    "environment", "sensitivity", "state", "purpose", "purpose_id",
    "purpose_status", "purpose_ends_at", "owner", "created_at", "enabled_at",
    "last_rotated_at", "expires_at", "last_used_at", "reviewed_at", "scope_model",
    "scopes_granted", "scopes_required", "scope_last_used", "scope_granted_at", "usage_observed_since",
    "authorized_readers", "credential_version", "active_secret_count", "secrets", "storage",
    "shares", "integrations", "contacts", "compromise.state", "compromise.suspected_at",
    "changed_at", "secret_scan.performed_at", "secret_scan.open_findings",
]
help = "Fields that every record must have, readable."

[reasons.fail]
facts-missing = "these fields are missing or cannot be read: {missing}"

[reasons.pass]
complete = "every required field is on record"
---*/
-- Judged once for every combination of field states; there are few, however many tokens.
WITH
stated AS NOT MATERIALIZED (
    SELECT states_key, 'token_id' AS field, token_id_state AS state FROM field_states
    UNION ALL SELECT states_key, 'provider', provider_state FROM field_states
    UNION ALL SELECT states_key, 'account', account_state FROM field_states
    UNION ALL SELECT states_key, 'name', name_state FROM field_states
    UNION ALL SELECT states_key, 'kind', kind_state FROM field_states
    UNION ALL SELECT states_key, 'environment', environment_state FROM field_states
    UNION ALL SELECT states_key, 'sensitivity', sensitivity_state FROM field_states
    UNION ALL SELECT states_key, 'state', state_state FROM field_states
    UNION ALL SELECT states_key, 'purpose', purpose_state FROM field_states
    UNION ALL SELECT states_key, 'purpose_id', purpose_id_state FROM field_states
    UNION ALL SELECT states_key, 'purpose_status', purpose_status_state FROM field_states
    UNION ALL SELECT states_key, 'purpose_ends_at', purpose_ends_at_state FROM field_states
    UNION ALL SELECT states_key, 'owner', owner_state FROM field_states
    UNION ALL SELECT states_key, 'created_at', created_at_state FROM field_states
    UNION ALL SELECT states_key, 'enabled_at', enabled_at_state FROM field_states
    UNION ALL SELECT states_key, 'last_rotated_at', last_rotated_at_state FROM field_states
    UNION ALL SELECT states_key, 'expires_at', expires_at_state FROM field_states
    UNION ALL SELECT states_key, 'last_used_at', last_used_at_state FROM field_states
    UNION ALL SELECT states_key, 'reviewed_at', reviewed_at_state FROM field_states
    UNION ALL SELECT states_key, 'scope_model', scope_model_state FROM field_states
    UNION ALL SELECT states_key, 'scopes_granted', scopes_granted_state FROM field_states
    UNION ALL SELECT states_key, 'scopes_required', scopes_required_state FROM field_states
    UNION ALL SELECT states_key, 'scope_last_used', scope_last_used_state FROM field_states
    UNION ALL SELECT states_key, 'scope_granted_at', scope_granted_at_state FROM field_states
    UNION ALL SELECT states_key, 'usage_observed_since', usage_observed_since_state FROM field_states
    UNION ALL SELECT states_key, 'authorized_readers', authorized_readers_state FROM field_states
    UNION ALL SELECT states_key, 'credential_version', credential_version_state FROM field_states
    UNION ALL SELECT states_key, 'active_secret_count', active_secret_count_state FROM field_states
    UNION ALL SELECT states_key, 'secrets', secrets_state FROM field_states
    UNION ALL SELECT states_key, 'storage', storage_state FROM field_states
    UNION ALL SELECT states_key, 'shares', shares_state FROM field_states
    UNION ALL SELECT states_key, 'integrations', integrations_state FROM field_states
    UNION ALL SELECT states_key, 'contacts', contacts_state FROM field_states
    UNION ALL SELECT states_key, 'compromise.state', compromise_state FROM field_states
    UNION ALL SELECT states_key, 'compromise.suspected_at', compromise_suspected_at_state FROM field_states
    UNION ALL SELECT states_key, 'changed_at', changed_at_state FROM field_states
    UNION ALL SELECT states_key, 'secret_scan.performed_at', secret_scan_performed_at_state FROM field_states
    UNION ALL SELECT states_key, 'secret_scan.open_findings', secret_scan_open_findings_state FROM field_states
),
gap AS MATERIALIZED (
    SELECT states_key, group_concat(field, ', ') AS fields
    FROM stated
    WHERE field IN (SELECT value FROM json_each(:required_fields))
      -- what is stated as none is on record
      AND state NOT IN ('value', 'none')
    GROUP BY states_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    missing
FROM (
    SELECT
        t.token_key, g.fields AS missing,
        CASE WHEN g.states_key IS NULL THEN 'pass complete' ELSE 'fail facts-missing' END AS outcome
    FROM token AS t
    LEFT JOIN gap AS g ON g.states_key = t.states_key
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
