/*---
id = "ROT-004"
title = "The old secret stops working after rotation"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~IA-5",
    "nist-csf-2.0:PR.AA-01",
    "cis-aws-3.0.0:1.13",
    "cis-aws-5.0.0:1.12",
    "iso-27001-2022:~A.5.17",
    "soc2-tsc-2017-2022:~CC6.2",
    "owasp-nhi-2025:~NHI7",
    "impact-com:~IMP-2.1", "impact-com:~IMP-4.1",
]
rationale = "While two secrets are valid, the one that may have leaked is still good."
remediation = "Check that nothing still uses the old secret, disable it, watch for errors for a day, then delete it."
evidence = ["active_secret_count", "secrets[].created_at", "secrets[].state", "fact:reset_invalidates_old"]
required = "At most {max_active_secrets} secret is valid, {overlap_days:day} after a rotation."

# One active key: CIS AWS 3.0.0 1.13, 5.0.0 1.12.
[parameters.max_active_secrets]
type = "number"
default = 1
stricter = "lower"
help = "Most secrets of one identity that may be valid."

# A choice of this project.
[parameters.overlap_days]
type = "number"
default = 7
unit = "days"
boundary = "over"
stricter = "lower"
per_token = true
help = "Time in which an old and a new secret may both be valid, in whole days."

[reasons.fail]
old-secret-active = "{count} secrets are valid, the newest since {newest_at}, {days:day} before {as_of}; an overlap of {limit_value:day} is allowed[ for {limit_for}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "how many secrets are valid is not on record"
newest-undated = "{count} secrets are valid, and it is not on record when the newest was made"

[reasons.pass]
within-limit = "no more secrets are valid than may be: {count}"
pending = "{count} secrets are valid, the newest since {newest_at}; the time to retire the old one has not run out"

[reasons.not-applicable]
not-live = "the token is not enabled"
reset-retires = "a reset makes the previous secret useless at once"
---*/
WITH
-- What the list of secrets says where the count is not stated, and when the newest valid secret was made.
listed AS MATERIALIZED (
    SELECT
        list_key,
        sum(state IN ('enabled', 'active')) AS active,
        max(state IS NULL OR state = 'unknown') AS some_unclear,
        max(CASE WHEN state IS NULL OR state IN ('enabled', 'active', 'unknown') THEN created_at END) AS newest_at,
        max(CASE WHEN state IS NULL OR state IN ('enabled', 'active', 'unknown') THEN created_at IS NULL END) AS some_undated
    FROM secret_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
),
fact AS NOT MATERIALIZED (
    SELECT
        t.token_key, t.is_live, t.fact_reset_invalidates_old, t.active_secret_count_state, t.secrets_state,
        p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
        l.newest_at, l.some_undated,
        CASE
            WHEN t.active_secret_count_state = 'value' THEN t.active_secret_count
            WHEN t.active_secret_count_state = 'none' OR t.secrets_state = 'none' THEN 0
            -- those that are listed as valid are valid, whatever the others are
            WHEN NOT l.some_unclear OR l.active > :max_active_secrets THEN l.active
        END AS active
    FROM token AS t
    JOIN parameter_value AS p
        ON p.check_id = 'ROT-004' AND p.parameter = 'overlap_days' AND p.class_key = t.class_key
    LEFT JOIN listed AS l ON l.list_key = t.secrets_list
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'not-applicable reset-retires' THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE outcome WHEN 'not-applicable reset-retires' THEN 'reset_invalidates_old' END AS fact,
    active AS count,
    newest_at,
    MAX(0, (:as_of - newest_at) / 86400) AS days,
    limit_value,
    limit_origin,
    CASE outcome
        WHEN 'unknown not-collected' THEN 'active_secret_count'
        WHEN 'unknown not-on-record' THEN 'active_secret_count'
        WHEN 'unknown newest-undated' THEN 'secrets.created_at'
    END AS missing,
    CASE outcome WHEN 'pass pending' THEN 'pending' END AS note
FROM (
    SELECT
        token_key, active, newest_at, limit_value, limit_origin,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN fact_reset_invalidates_old THEN 'not-applicable reset-retires'
            WHEN active IS NULL THEN
                CASE WHEN active_secret_count_state = 'not-collected' AND secrets_state = 'not-collected'
                THEN 'unknown not-collected' ELSE 'unknown not-on-record' END
            WHEN active <= :max_active_secrets THEN 'pass within-limit'
            -- a secret without a date cannot make the newest one older
            WHEN MAX(0, (:as_of - newest_at) / 86400) < fails_from THEN 'pass pending'
            WHEN newest_at IS NULL OR some_undated THEN 'unknown newest-undated'
            ELSE 'fail old-secret-active'
        END AS outcome
    FROM fact
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
