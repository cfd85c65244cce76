/*---
id = "EXP-002"
title = "An expired token is no longer listed as enabled"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-2(3)",
    "nist-csf-2.0:PR.AA-01",
    "iso-27001-2022:~A.5.18",
    "soc2-tsc-2017-2022:~CC6.2",
    "owasp-nhi-2025:~NHI1",
]
rationale = "An expired entry that is still enabled hides tokens that work past their end."
remediation = "Disable or delete the token at the provider; if something still uses it, issue a new one first."
evidence = ["expires_at", "state", "fact:supports_expiry"]
required = "A token that has expired is disabled or deleted."

[reasons.fail]
expired = "expired {expires_at} and still listed as enabled {as_of}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"

[reasons.pass]
not-yet-expired = "expires {expires_at}"

[reasons.not-applicable]
not-live = "the token is not enabled"
no-expiry = "the token has no expiry date"
expiry-unsupported = "this kind of token has no expiry date"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'not-applicable expiry-unsupported' THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE outcome WHEN 'not-applicable expiry-unsupported' THEN 'supports_expiry' END AS fact,
    expires_at,
    state,
    CASE WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'expires_at' END AS missing,
    CASE WHEN assumed_enabled THEN 'assumed-enabled' END AS note
FROM (
    SELECT
        token_key, expires_at, state, assumed_enabled,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN expires_at_state = 'none' THEN 'not-applicable no-expiry'
            WHEN NOT fact_supports_expiry THEN 'not-applicable expiry-unsupported'
            WHEN expires_at <= :as_of THEN 'fail expired'
            WHEN expires_at IS NOT NULL THEN 'pass not-yet-expired'
            WHEN expires_at_state = 'not-collected' THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM token
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
