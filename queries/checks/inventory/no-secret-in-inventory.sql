/*---
id = "INV-005"
title = "The inventory itself holds no secret values"
severity = "critical"
since = "0.1.0"
controls = [
    "nist-800-53-r5:IA-5", "nist-800-53-r5:IA-5(7)",
    "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:~PR.DS-01",
    "pci-dss-4.0.1:8.3.2",
    "iso-27001-2022:A.5.17", "iso-27001-2022:A.8.12",
    "soc2-tsc-2017-2022:CC6.1",
    "owasp-nhi-2025:NHI2",
    "impact-com:IMP-1.2",
]
rationale = "Inventories are mailed around and kept for years."
remediation = "Reset that token now, delete the file and its copies, and export again without the secret column; keep a short non-reversible reference instead."
evidence = ["token_id", "name", "purpose", "owner", "storage[].location"]
required = "No field of the inventory holds the value of a secret."
waivable = false

[reasons.fail]
secret-value = "a secret value was found and cut: {fields}"

[reasons.pass]
no-secret-value = "no field looks like a secret value; this is no proof that none is one"
---*/
-- Values are looked for and cut before anything is stored; what is left of one is its field, its kind and its length.
WITH found AS MATERIALIZED (
    SELECT token_key, group_concat(field || ' (' || text || ')', ', ') AS fields
    FROM field_problem
    WHERE kind = 'secret'
      AND token_key BETWEEN (SELECT first_token_key FROM run_in_view) AND (SELECT last_token_key FROM run_in_view)
    GROUP BY token_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    fields
FROM (
    SELECT
        t.token_key, f.fields,
        CASE WHEN f.token_key IS NULL THEN 'pass no-secret-value' ELSE 'fail secret-value' END AS outcome
    FROM token AS t
    LEFT JOIN found AS f ON f.token_key = t.token_key
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
