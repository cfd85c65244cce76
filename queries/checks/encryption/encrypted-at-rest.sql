/*---
id = "ENC-001"
title = "Every stored copy of the secret is encrypted"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:SC-28", "nist-800-53-r5:SC-28(1)", "nist-800-53-r5:~IA-5(6)", "nist-800-53-r5:~SC-13",
    "nist-csf-2.0:PR.DS-01",
    "cis-controls-8.1:3.11",
    "pci-dss-4.0.1:8.3.2",
    "iso-27001-2022:A.8.24", "iso-27001-2022:~A.5.17",
    "soc2-tsc-2017-2022:CC6.1",
    "owasp-nhi-2025:NHI2",
    "impact-com:IMP-1.3",
]
rationale = "The page asks for encryption at rest as an added layer on top of access control."
remediation = "Turn on encryption for that store, or move the secret to one that encrypts by design; reset the token if unencrypted backups exist."
evidence = ["storage[].encrypted_at_rest", "storage[].kind", "storage[].location", "fact:keyless"]
required = "Every stored copy of the secret is encrypted, or kept in a store that encrypts by design ({kinds_encrypted_by_design})."

[parameters.kinds_encrypted_by_design]
type = "words"
list = "kinds_encrypted_by_design"
stricter = "lower"
help = "Kinds of store that keep nothing in the clear, whatever their settings."

[reasons.fail]
not-encrypted = "stored without encryption: {stores}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "where the secret is kept is not on record"
encryption-not-stated = "it is not stated whether these are encrypted: {stores}"

[reasons.pass]
encrypted = "every stored copy is encrypted"

[reasons.not-applicable]
not-live = "the token is not enabled"
keyless = "nothing is stored: the identity has no secret"
no-storage = "the secret is stored nowhere"
---*/
-- Standing of a stored copy: 3 in the clear, 2 not stated, 1 encrypted. The highest of a token's copies decides.
WITH copy AS NOT MATERIALIZED (
    SELECT
        list_key,
        COALESCE(kind, 'unknown') || COALESCE(' (' || location || ')', '') AS label,
        CASE
            WHEN encrypted_at_rest = 'no' THEN 3
            WHEN encrypted_at_rest = 'yes' THEN 1
            WHEN kind IN (SELECT value FROM json_each(:kinds_encrypted_by_design)) THEN 1
            ELSE 2
        END AS standing
    FROM storage_entry
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'not-applicable keyless' THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE outcome WHEN 'not-applicable keyless' THEN 'keyless' END AS fact,
    CASE WHEN outcome IN ('fail not-encrypted', 'unknown encryption-not-stated') THEN (
        SELECT group_concat(label, ', ')
        FROM copy
        WHERE list_key = storage_list AND standing = CASE outcome WHEN 'fail not-encrypted' THEN 3 ELSE 2 END
    ) END AS stores,
    CASE
        WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'storage'
        WHEN outcome = 'unknown encryption-not-stated' THEN 'storage.encrypted_at_rest'
    END AS missing
FROM (
    SELECT
        token_key, storage_list,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN fact_keyless THEN 'not-applicable keyless'
            WHEN storage_state = 'none' THEN 'not-applicable no-storage'
            WHEN storage_state = 'not-collected' THEN 'unknown not-collected'
            ELSE CASE (SELECT max(standing) FROM copy WHERE list_key = storage_list)
                WHEN 3 THEN 'fail not-encrypted'
                WHEN 2 THEN 'unknown encryption-not-stated'
                WHEN 1 THEN 'pass encrypted'
                ELSE 'unknown not-on-record'
            END
        END AS outcome
    FROM token
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
