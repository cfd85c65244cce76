/*---
id = "ROT-001"
title = "The secret was changed within the rotation period"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:IA-5",
    "nist-csf-2.0:PR.AA-01",
    "cis-aws-3.0.0:1.14",
    "cis-aws-5.0.0:1.13",
    "pci-dss-4.0.1:8.6.3",
    "iso-27001-2022:A.5.17",
    "soc2-tsc-2017-2022:~CC6.1",
    "owasp-nhi-2025:NHI7",
    "impact-com:IMP-2.1",
]
rationale = "Rotation ends the use of a secret that leaked without anyone noticing."
remediation = "Reset the token, update every integration listed for it, confirm each works, and put the next reset on a schedule shorter than the limit."
evidence = ["last_rotated_at", "created_at", "changed_at", "fact:keyless", "fact:value_fixed_at_creation", "fact:auto_rotates_within_days"]
required = "The secret is changed at least every {max_age_days:day}."

# 90: CIS AWS 3.0.0 1.14 and 5.0.0 1.13, default of the AWS Config rule access-keys-rotated. PCI DSS 8.6.3 leaves the period to
# the entity's risk analysis.
[parameters.max_age_days]
type = "number"
default = 90
unit = "days"
boundary = "over"
stricter = "lower"
per_token = true
help = "Longest time between two changes of the secret, in whole days."

[reasons.fail]
too-old = "last reset {last_rotated_at}, {days:day} before {as_of}; at most {limit_value:day} are allowed[ for {limit_for}]"
never-rotated = "never reset since it was created {created_at}, {days:day} before {as_of}; at most {limit_value:day} are allowed[ for {limit_for}]"
fixed-at-creation = "its value was fixed when it was created {created_at}, {days:day} before {as_of}; at most {limit_value:day} are allowed[ for {limit_for}]"
unchanged = "not changed in any way since {changed_at}, {days:day} before {as_of}, so the secret is at least as old; at most {limit_value:day} are allowed[ for {limit_for}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"

[reasons.pass]
recent = "last reset {last_rotated_at}, {days:day} before {as_of}"
never-rotated-young = "created {created_at}, {days:day} before {as_of}, and not yet due for a reset"
fixed-at-creation-young = "its value was fixed when it was created {created_at}, {days:day} before {as_of}"
young-token = "created {created_at}; a secret cannot be older than its token"

[reasons.not-applicable]
not-live = "the token is not enabled"
keyless = "nothing is stored: the identity has no secret"
rotates-by-itself = "the provider changes the secret by itself within the limit"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE
        WHEN outcome IN ('fail unchanged', 'pass young-token') THEN 'bound'
        WHEN outcome IN (
            'fail fixed-at-creation', 'pass fixed-at-creation-young', 'not-applicable rotates-by-itself', 'not-applicable keyless'
        ) THEN 'provider-fact'
        ELSE 'direct'
    END AS basis,
    CASE
        WHEN outcome IN ('fail fixed-at-creation', 'pass fixed-at-creation-young') THEN 'value_fixed_at_creation'
        WHEN outcome = 'not-applicable rotates-by-itself' THEN 'auto_rotates_within_days'
        WHEN outcome = 'not-applicable keyless' THEN 'keyless'
    END AS fact,
    last_rotated_at,
    created_at,
    changed_at,
    MAX(0, (:as_of - CASE
        WHEN secret_at IS NOT NULL THEN secret_at
        WHEN outcome = 'fail unchanged' THEN changed_at
        ELSE created_at
    END) / 86400) AS days,
    limit_value,
    limit_origin,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN last_rotated_at_state = 'none' THEN 'created_at'
        ELSE 'last_rotated_at'
    END AS missing
FROM (
    SELECT
        token_key, last_rotated_at, last_rotated_at_state, created_at, changed_at, secret_at, limit_value, limit_origin,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN fact_keyless THEN 'not-applicable keyless'
            WHEN fact_auto_rotates_within_days < fails_from THEN 'not-applicable rotates-by-itself'
            WHEN MAX(0, (:as_of - secret_at) / 86400) >= fails_from THEN
                CASE
                    WHEN fact_value_fixed_at_creation AND secret_at = created_at THEN 'fail fixed-at-creation'
                    WHEN last_rotated_at_state = 'value' THEN 'fail too-old'
                    ELSE 'fail never-rotated'
                END
            WHEN secret_at IS NOT NULL THEN
                CASE
                    WHEN fact_value_fixed_at_creation AND secret_at = created_at THEN 'pass fixed-at-creation-young'
                    WHEN last_rotated_at_state = 'value' THEN 'pass recent'
                    ELSE 'pass never-rotated-young'
                END
            WHEN MAX(0, (:as_of - created_at) / 86400) < fails_from THEN 'pass young-token'
            -- the secret cannot be newer than the last change of any kind
            WHEN MAX(0, (:as_of - changed_at) / 86400) >= fails_from THEN 'fail unchanged'
            WHEN CASE last_rotated_at_state WHEN 'none' THEN created_at_state ELSE last_rotated_at_state END = 'not-collected'
                THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM (
        SELECT
            t.token_key, t.is_live, t.last_rotated_at, t.last_rotated_at_state, t.created_at, t.created_at_state, t.changed_at,
            t.fact_keyless, t.fact_value_fixed_at_creation, t.fact_auto_rotates_within_days,
            p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
            CASE
                WHEN t.last_rotated_at_state = 'value' THEN t.last_rotated_at
                -- never reset, or a value that cannot change: as old as the token
                WHEN t.last_rotated_at_state = 'none' OR t.fact_value_fixed_at_creation THEN t.created_at
            END AS secret_at
        FROM token AS t
        JOIN parameter_value AS p
            ON p.check_id = 'ROT-001' AND p.parameter = 'max_age_days' AND p.class_key = t.class_key
    )
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
