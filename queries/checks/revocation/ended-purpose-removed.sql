/*---
id = "REV-004"
title = "A token whose purpose has ended is disabled or deleted"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-2",
    "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:~ID.AM-08",
    "cis-controls-8.1:~5.5", "cis-controls-8.1:~15.7",
    "pci-dss-4.0.1:~7.2.5.1",
    "iso-27001-2022:A.5.18",
    "soc2-tsc-2017-2022:CC6.1", "soc2-tsc-2017-2022:CC6.3",
    "owasp-nhi-2025:NHI1",
    "impact-com:IMP-4.3",
]
rationale = "The page: no longer required means disable or delete."
remediation = "Disable the token today; delete it after the retention time for audit records."
evidence = ["purpose_status", "purpose_ends_at", "purpose_id", "integrations[].status", "register:purposes"]
required = "A token is disabled or deleted within {grace_days:day} of the end of its purpose."

# impact.com names no delay; 7 days are a choice of this project.
[parameters.grace_days]
type = "number"
default = 7
unit = "days"
boundary = "over"
stricter = "lower"
per_token = true
help = "Time from the end of the purpose to the end of the token, in whole days."

[reasons.fail]
purpose-ended = "the purpose ended {purpose_ends_at}, {days:day} before {as_of}; at most {limit_value:day} are allowed[ for {limit_for}]"
purpose-ended-undated = "the purpose has ended; when is not on record"
all-retired = "every integration of the token is retired"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "whether the purpose has ended is not on record"

[reasons.pass]
purpose-active = "the purpose has not ended"
pending = "the purpose ended {purpose_ends_at}; the time to disable the token has not run out"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
WITH
-- Lists of integrations of which none is active.
retired AS MATERIALIZED (
    SELECT list_key
    FROM integration_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
    HAVING max(COALESCE(status, 'active') NOT IN ('retired', 'disabled', 'removed')) = 0
),
fact AS NOT MATERIALIZED (
    SELECT
        t.token_key, t.is_live, l.fails_from, l.value AS limit_value, l.origin AS limit_origin,
        t.integrations_list IN (SELECT list_key FROM retired) AS all_retired,
        t.purpose_status_state, t.purpose_ends_at_state, p.purpose_id IS NOT NULL AS purpose_known,
        -- the token's own word goes before that of its purpose
        COALESCE(t.purpose_status, p.status) AS status,
        CASE WHEN t.purpose_ends_at_state IN ('value', 'none') THEN t.purpose_ends_at ELSE p.ends_at END AS ends_at,
        t.purpose_ends_at_state = 'none' AS has_no_end
    FROM token AS t
    JOIN parameter_value AS l
        ON l.check_id = 'REV-004' AND l.parameter = 'grace_days' AND l.class_key = t.class_key
    LEFT JOIN purpose AS p ON p.purpose_id = t.purpose_id
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    status AS purpose_status,
    ends_at AS purpose_ends_at,
    MAX(0, (:as_of - ends_at) / 86400) AS days,
    limit_value,
    limit_origin,
    CASE WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'purpose_status, purpose_ends_at' END AS missing,
    CASE outcome WHEN 'pass pending' THEN 'pending' END AS note
FROM (
    SELECT
        token_key, status, ends_at, limit_value, limit_origin,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN ends_at <= :as_of AND (:as_of - ends_at) / 86400 >= fails_from THEN 'fail purpose-ended'
            WHEN status = 'ended' AND ends_at IS NULL THEN 'fail purpose-ended-undated'
            WHEN all_retired THEN 'fail all-retired'
            WHEN ends_at <= :as_of THEN 'pass pending'
            WHEN status IS NOT NULL OR ends_at IS NOT NULL OR has_no_end THEN 'pass purpose-active'
            WHEN purpose_status_state = 'not-collected' AND purpose_ends_at_state = 'not-collected' AND NOT purpose_known
                THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM fact
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
