/*---
id = "INV-003"
title = "The token is listed once"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~CM-8", "nist-800-53-r5:~IA-4",
    "nist-csf-2.0:~PR.AA-01",
    "cis-controls-8.1:~5.1",
    "pci-dss-4.0.1:~12.5.1",
    "iso-27001-2022:~A.5.9", "iso-27001-2022:~A.5.16",
    "soc2-tsc-2017-2022:~CC2.1",
]
rationale = "Duplicates hide contradictions: one copy looks rotated, the other does not."
remediation = "Decide which source is the system of record for this token and drop the other copy."
evidence = ["provider", "account", "token_id"]
required = "A token is listed once: no two records have the same provider, account and token id."

[reasons.fail]
exact-duplicate = "listed more than once, with the same values: {rows}"
conflicting-duplicate = "listed more than once, with different values: {rows}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"

[reasons.pass]
unique = "listed once"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    CASE WHEN outcome IN ('fail exact-duplicate', 'fail conflicting-duplicate') THEN (
        SELECT s.name || ' line ' || decided.line FROM source AS s WHERE s.source_key = decided.source_key
    ) || COALESCE((
        SELECT group_concat(', ' || s.name || ' line ' || r.line, '')
        FROM source_row AS r
        JOIN source AS s ON s.source_key = r.source_key
        WHERE r.outcome = 'duplicate' AND r.token_key = decided.token_key
    ), '') END AS rows,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN provider_state = 'value' THEN 'token_id'
        WHEN token_id_state = 'value' THEN 'provider'
        ELSE 'provider, token_id'
    END AS missing
FROM (
    SELECT
        token_key, source_key, line, provider_state, token_id_state,
        CASE
            WHEN duplicate = 'exact-duplicate' THEN 'fail exact-duplicate'
            WHEN duplicate = 'conflicting-duplicate' THEN 'fail conflicting-duplicate'
            WHEN provider_state = 'value' AND token_id_state = 'value' THEN 'pass unique'
            WHEN 'not-collected' IN (provider_state, token_id_state) THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM token
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
) AS decided;
