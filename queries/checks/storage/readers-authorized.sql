/*---
id = "STO-003"
title = "Only authorized people and applications can read the stored secret"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:IA-5", "nist-800-53-r5:AC-3", "nist-800-53-r5:~AC-6",
    "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:~PR.DS-01",
    "cis-controls-8.1:3.3",
    "pci-dss-4.0.1:~8.3.11",
    "iso-27001-2022:A.5.17", "iso-27001-2022:A.8.3",
    "soc2-tsc-2017-2022:CC6.1", "soc2-tsc-2017-2022:~CC6.3",
    "owasp-nhi-2025:NHI2",
    "impact-com:IMP-1.2",
]
rationale = "A good store with an open access list protects nothing."
remediation = "Cut the store's access list down to the named application identity and the named operators; replace group-wide grants with specific ones."
evidence = ["storage[].readers", "authorized_readers", "purpose_id", "register:purposes", "fact:keyless"]
required = "Only authorized people and applications can read the stored secret."

[parameters.broad_principals]
type = "words"
list = "broad_principals"
stricter = "higher"
help = "Readers that stand for nearly everybody."

# 10 in strict: a choice of this project.
[parameters.max_readers]
type = "number-or-none"
default = "none"
stricter = "lower"
help = "Most different readers of one secret; none for any number."

[reasons.fail]
broad-access = "nearly everybody can read the secret: {readers}"
unauthorized-reader = "these readers are not authorized: {readers}"
too-many-readers = "{count} readers can read the secret; at most {limit_value} are allowed"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"

[reasons.pass]
authorized = "everybody who can read the secret is authorized"
nobody = "nobody can read the stored secret"

[reasons.not-applicable]
not-live = "the token is not enabled"
keyless = "nothing is stored: the identity has no secret"
no-storage = "the secret is stored nowhere"
---*/
WITH
need AS NOT MATERIALIZED (
    SELECT
        t.token_key, t.is_live, t.fact_keyless, t.storage_state, t.storage_list, t.authorized_readers_state,
        p.purpose_id IS NOT NULL AS purpose_known,
        -- the token's own list goes before that of its purpose
        CASE WHEN t.authorized_readers_state IN ('value', 'none') THEN t.authorized_readers_list ELSE p.authorized_readers_list END
            AS authorized_list,
        t.authorized_readers_state IN ('value', 'none') OR p.authorized_readers_list IS NOT NULL AS authorized_known
    FROM token AS t
    LEFT JOIN purpose AS p ON p.purpose_id = t.purpose_id
),
reader AS NOT MATERIALIZED (
    SELECT s.list_key, r.text AS who
    FROM storage_entry AS s
    CROSS JOIN text_entry AS r ON r.list_key = s.readers_list
),
-- Tokens with the same places and the same authorized readers are judged once.
combination AS MATERIALIZED (
    SELECT
        storage_list, authorized_list, authorized_known,
        (
            SELECT group_concat(DISTINCT r.who)
            FROM reader AS r
            WHERE r.list_key = storage_list AND lower(r.who) IN (SELECT lower(value) FROM json_each(:broad_principals))
        ) AS broad,
        CASE WHEN authorized_known THEN (
            SELECT group_concat(DISTINCT r.who)
            FROM reader AS r
            WHERE r.list_key = storage_list
              AND NOT EXISTS (
                  SELECT 1 FROM text_entry AS a WHERE a.list_key = authorized_list AND lower(a.text) = lower(r.who)
              )
        ) END AS unauthorized,
        (SELECT count(DISTINCT lower(r.who)) FROM reader AS r WHERE r.list_key = storage_list) AS readers,
        -- 2 on record for every place, 1 collected for some place, 0 for none
        (
            SELECT CASE
                WHEN min(s.readers_state IN ('value', 'none')) THEN 2
                ELSE max(s.readers_state <> 'not-collected')
            END
            FROM storage_entry AS s WHERE s.list_key = storage_list
        ) AS readers_on_record
    FROM (
        SELECT storage_list, COALESCE(authorized_list, 0) AS authorized_list, authorized_known
        FROM need
        WHERE is_live AND storage_list IS NOT NULL
        GROUP BY storage_list, COALESCE(authorized_list, 0), authorized_known
    )
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'pass nobody' THEN 'bound' WHEN 'not-applicable keyless' THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE outcome WHEN 'not-applicable keyless' THEN 'keyless' END AS fact,
    replace(CASE outcome WHEN 'fail broad-access' THEN broad WHEN 'fail unauthorized-reader' THEN unauthorized END, ',', ', ')
        AS readers,
    CASE outcome WHEN 'fail too-many-readers' THEN readers END AS count,
    CASE outcome WHEN 'fail too-many-readers' THEN :max_readers END AS limit_value,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN storage_state <> 'value' THEN 'storage'
        WHEN readers_on_record < 2 THEN 'storage.readers'
        ELSE 'authorized_readers'
    END AS missing
FROM (
    SELECT
        n.token_key, n.storage_state, c.broad, c.unauthorized, c.readers, c.readers_on_record,
        CASE
            WHEN NOT n.is_live THEN 'not-applicable not-live'
            WHEN n.fact_keyless THEN 'not-applicable keyless'
            WHEN n.storage_state = 'none' THEN 'not-applicable no-storage'
            WHEN c.broad IS NOT NULL THEN 'fail broad-access'
            WHEN c.unauthorized IS NOT NULL THEN 'fail unauthorized-reader'
            WHEN c.readers > :max_readers THEN 'fail too-many-readers'
            WHEN n.storage_state = 'not-collected' OR c.readers_on_record = 0 THEN 'unknown not-collected'
            WHEN c.readers_on_record IS NOT 2 THEN 'unknown not-on-record'
            WHEN c.readers = 0 AND NOT n.authorized_known THEN 'pass nobody'
            WHEN NOT n.authorized_known THEN
                CASE WHEN n.authorized_readers_state = 'not-collected' AND NOT n.purpose_known THEN 'unknown not-collected'
                ELSE 'unknown not-on-record' END
            ELSE 'pass authorized'
        END AS outcome
    FROM need AS n
    LEFT JOIN combination AS c
        ON c.storage_list = n.storage_list
       AND c.authorized_list = COALESCE(n.authorized_list, 0)
       AND c.authorized_known = n.authorized_known
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
