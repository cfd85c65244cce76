/*---
id = "STO-001"
title = "The secret is kept only in an approved secret store"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:IA-5", "nist-800-53-r5:IA-5(6)", "nist-800-53-r5:~SC-28",
    "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:PR.DS-01",
    "cis-controls-8.1:~3.11",
    "pci-dss-4.0.1:~8.6.2",
    "iso-27001-2022:A.5.17",
    "soc2-tsc-2017-2022:CC6.1",
    "owasp-nhi-2025:NHI2",
    "impact-com:IMP-1.2",
]
rationale = "A secret in a plain file or a shared drive is readable by everyone who can read that place, and nobody is told when it is read."
remediation = "Move the secret into an approved store, let the application read it from there at start, delete the old copy, then reset the token because the old copy may have been read."
evidence = ["storage[].kind", "storage[].location", "fact:keyless"]
required = "The secret is kept only in an approved store: {approved_kinds}."

[parameters.approved_kinds]
type = "words"
list = "approved_kinds"
stricter = "lower"
help = "Kinds of place in which a secret may be kept."

[parameters.exposed_kinds]
type = "words"
list = "exposed_kinds"
help = "Kinds of place in which a copy counts as exposed; no-exposed-copy judges those."

[parameters.known_kinds]
type = "words"
list = "known_kinds"
help = "Every other kind of place that is known; a word on none of the three lists is unknown."

[reasons.fail]
unapproved-store = "the secret is kept where it should not be: {stores}"
no-approved-store = "the secret is in no approved store, only here: {stores}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "where the secret is kept is not on record"
unknown-kind = "these places are of a kind that is not known: {stores}"

[reasons.pass]
approved-store = "the secret is kept in an approved store"

[reasons.not-applicable]
not-live = "the token is not enabled"
keyless = "nothing is stored: the identity has no secret"
no-storage = "the secret is stored nowhere"
---*/
-- Standing of a place: 4 unapproved, 3 unknown, 2 approved, 1 exposed. The highest of a token's places decides.
WITH place AS NOT MATERIALIZED (
    SELECT
        list_key,
        COALESCE(kind, 'unknown') || COALESCE(' (' || location || ')', '') AS label,
        CASE
            WHEN kind IN (SELECT value FROM json_each(:approved_kinds)) THEN 2
            WHEN kind IN (SELECT value FROM json_each(:exposed_kinds)) THEN 1
            WHEN kind IN (SELECT value FROM json_each(:known_kinds)) THEN 4
            ELSE 3
        END AS standing
    FROM storage_entry
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'not-applicable keyless' THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE outcome WHEN 'not-applicable keyless' THEN 'keyless' END AS fact,
    CASE WHEN outcome IN ('fail unapproved-store', 'fail no-approved-store', 'unknown unknown-kind') THEN (
        SELECT group_concat(label, ', ')
        FROM place
        WHERE list_key = storage_list
          AND standing = CASE outcome WHEN 'fail unapproved-store' THEN 4 WHEN 'unknown unknown-kind' THEN 3 ELSE 1 END
    ) END AS stores,
    CASE WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'storage' END AS missing
FROM (
    SELECT
        token_key, storage_list,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN fact_keyless THEN 'not-applicable keyless'
            WHEN storage_state = 'none' THEN 'not-applicable no-storage'
            WHEN storage_state = 'not-collected' THEN 'unknown not-collected'
            ELSE CASE (SELECT max(standing) FROM place WHERE list_key = storage_list)
                WHEN 4 THEN 'fail unapproved-store'
                WHEN 3 THEN 'unknown unknown-kind'
                WHEN 2 THEN 'pass approved-store'
                WHEN 1 THEN 'fail no-approved-store'
                ELSE 'unknown not-on-record'
            END
        END AS outcome
    FROM token
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
