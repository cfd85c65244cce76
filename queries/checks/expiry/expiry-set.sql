/*---
id = "EXP-001"
title = "The token ends by itself within the allowed lifetime"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~IA-5", "nist-800-53-r5:~AC-2",
    "nist-csf-2.0:~PR.AA-01",
    "pci-dss-4.0.1:~8.6.3",
    "iso-27001-2022:~A.5.17",
    "soc2-tsc-2017-2022:~CC6.1",
    "owasp-nhi-2025:NHI7",
]
rationale = "An expiry date limits the damage of a token that falls out of sight."
remediation = "Issue a replacement token with an expiry inside the limit, move the integrations, revoke the endless one."
evidence = ["expires_at", "last_rotated_at", "created_at", "fact:keyless", "fact:supports_expiry", "fact:value_fixed_at_creation"]
required = "The token ends by itself within {max_lifetime_days:day}."

# 365: GitLab gives tokens at most one year.
[parameters.max_lifetime_days]
type = "number"
default = 365
unit = "days"
boundary = "over"
stricter = "lower"
per_token = true
help = "Longest time from the last reset to the end of the token, in whole days."

[reasons.fail]
no-expiry = "the token never ends by itself; at most {limit_value:day} are allowed[ for {limit_for}]"
too-long = "the token lives {days:day}, from {start_at} to {expires_at}; at most {limit_value:day} are allowed[ for {limit_for}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"

[reasons.pass]
ends-in-time = "the token ends {expires_at}, {days:day} after {start_at}"
ends-in-time-from-creation = "the token ends {expires_at}, {days:day} after it was created {start_at}"

[reasons.not-applicable]
not-live = "the token is not enabled"
keyless = "nothing is stored: the identity has no secret"
expiry-not-supported = "the provider gives such tokens no expiry"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE
        WHEN outcome IN ('not-applicable expiry-not-supported', 'not-applicable keyless') OR rests_on_creation THEN 'provider-fact'
        WHEN outcome = 'pass ends-in-time-from-creation' THEN 'bound'
        ELSE 'direct'
    END AS basis,
    CASE
        WHEN outcome = 'not-applicable expiry-not-supported' THEN 'supports_expiry'
        WHEN outcome = 'not-applicable keyless' THEN 'keyless'
        WHEN rests_on_creation THEN 'value_fixed_at_creation'
    END AS fact,
    expires_at,
    COALESCE(reset_at, created_at) AS start_at,
    MAX(0, (expires_at - COALESCE(reset_at, created_at)) / 86400) AS days,
    limit_value,
    limit_origin,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN expires_at IS NULL THEN 'expires_at'
        WHEN created_at IS NULL THEN 'created_at'
        ELSE 'last_rotated_at'
    END AS missing
FROM (
    SELECT
        *,
        -- the lifetime was measured from the creation of a value that cannot change
        is_live AND fact_value_fixed_at_creation IS 1 AND last_rotated_at_state NOT IN ('value', 'none')
            AND reset_at IS NOT NULL AND expires_at IS NOT NULL AS rests_on_creation,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN fact_keyless THEN 'not-applicable keyless'
            WHEN fact_supports_expiry = 0 THEN 'not-applicable expiry-not-supported'
            WHEN expires_at_state = 'none' THEN 'fail no-expiry'
            WHEN expires_at IS NULL THEN
                CASE expires_at_state WHEN 'not-collected' THEN 'unknown not-collected' ELSE 'unknown not-on-record' END
            WHEN MAX(0, (expires_at - reset_at) / 86400) >= fails_from THEN 'fail too-long'
            WHEN reset_at IS NOT NULL THEN 'pass ends-in-time'
            -- a reset after creation could only make it shorter
            WHEN MAX(0, (expires_at - created_at) / 86400) < fails_from THEN 'pass ends-in-time-from-creation'
            WHEN CASE WHEN created_at IS NULL THEN created_at_state ELSE last_rotated_at_state END = 'not-collected'
                THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM (
        SELECT
            t.token_key, t.is_live, t.fact_keyless, t.fact_supports_expiry, t.fact_value_fixed_at_creation, t.expires_at, t.expires_at_state,
            t.created_at, t.created_at_state, t.last_rotated_at_state, p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
            CASE
                WHEN t.last_rotated_at_state = 'value' THEN t.last_rotated_at
                -- never reset, or a value that cannot change: from creation
                WHEN t.last_rotated_at_state = 'none' OR t.fact_value_fixed_at_creation THEN t.created_at
            END AS reset_at
        FROM token AS t
        JOIN parameter_value AS p
            ON p.check_id = 'EXP-001' AND p.parameter = 'max_lifetime_days' AND p.class_key = t.class_key
    )
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
