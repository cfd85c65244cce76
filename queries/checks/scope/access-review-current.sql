/*---
id = "SCP-008"
title = "Someone confirmed the token's access recently"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-2", "nist-800-53-r5:AC-6(7)",
    "nist-csf-2.0:PR.AA-05",
    "cis-controls-8.1:5.5", "cis-controls-8.1:6.8",
    "pci-dss-4.0.1:7.2.5.1", "pci-dss-4.0.1:~7.2.4",
    "iso-27001-2022:A.5.18",
    "soc2-tsc-2017-2022:CC6.2", "soc2-tsc-2017-2022:CC6.3",
    "owasp-nhi-2025:~NHI5",
]
rationale = "Reviews catch what the other checks cannot see: whether the need itself is still real."
remediation = "Let the owner confirm need, scopes and integrations, record the date and the name, remove what was not confirmed."
evidence = ["reviewed_at", "created_at"]
required = "Somebody confirmed the token's access within the last {review_days:day}."

# 180: PCI DSS 7.2.4 (six months).
[parameters.review_days]
type = "number"
default = 180
unit = "days"
boundary = "over"
stricter = "lower"
per_token = true
help = "Longest time between two reviews, in whole days."

[reasons.fail]
review-overdue = "last reviewed {reviewed_at}, {days:day} before {as_of}; at most {limit_value:day} are allowed[ for {limit_for}]"
never-reviewed = "never reviewed since it was created {created_at}, {days:day} before {as_of}; at most {limit_value:day} are allowed[ for {limit_for}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"

[reasons.pass]
reviewed = "last reviewed {reviewed_at}, {days:day} before {as_of}"
young-token = "created {created_at}, {days:day} before {as_of}, and not yet due for a review"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'pass young-token' THEN 'bound' ELSE 'direct' END AS basis,
    reviewed_at,
    created_at,
    MAX(0, (:as_of - CASE outcome WHEN 'pass young-token' THEN created_at ELSE COALESCE(reviewed_at, created_at) END) / 86400) AS days,
    limit_value,
    limit_origin,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN reviewed_at_state = 'none' THEN 'created_at'
        ELSE 'reviewed_at'
    END AS missing
FROM (
    SELECT
        t.token_key, t.reviewed_at, t.reviewed_at_state, t.created_at, p.value AS limit_value, p.origin AS limit_origin,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN MAX(0, (:as_of - t.reviewed_at) / 86400) < p.fails_from THEN 'pass reviewed'
            WHEN MAX(0, (:as_of - t.created_at) / 86400) < p.fails_from THEN 'pass young-token'
            WHEN t.reviewed_at IS NOT NULL THEN 'fail review-overdue'
            WHEN t.reviewed_at_state = 'none' AND t.created_at IS NOT NULL THEN 'fail never-reviewed'
            WHEN CASE t.reviewed_at_state WHEN 'none' THEN t.created_at_state ELSE t.reviewed_at_state END = 'not-collected'
                THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM token AS t
    JOIN parameter_value AS p
        ON p.check_id = 'SCP-008' AND p.parameter = 'review_days' AND p.class_key = t.class_key
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
