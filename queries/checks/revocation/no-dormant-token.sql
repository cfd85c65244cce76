/*---
id = "REV-002"
title = "The token has been used recently"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-2(3)",
    "nist-csf-2.0:~PR.AA-05",
    "cis-controls-8.1:5.3",
    "cis-aws-3.0.0:1.12",
    "cis-aws-5.0.0:1.11",
    "pci-dss-4.0.1:~8.2.6",
    "iso-27001-2022:~A.5.18",
    "soc2-tsc-2017-2022:~CC6.1",
    "owasp-nhi-2025:NHI1",
    "impact-com:~IMP-4.3",
]
rationale = "A token nobody uses is no longer needed; the page asks to disable or delete such tokens."
remediation = "Ask the owner; without an answer disable the token, and delete it if nothing broke within two weeks."
evidence = ["last_used_at", "last_rotated_at", "created_at", "enabled_at", "usage_observed_since"]
required = "The token was used within the last {unused_days:day}."

# 45: CIS AWS 3.0.0 1.12 and 5.0.0 1.11, CIS Controls 5.3. 90: PCI DSS 8.2.6.
[parameters.unused_days]
type = "number"
default = 45
unit = "days"
boundary = "reached"
stricter = "lower"
per_token = true
help = "Time without use from which a token counts as dormant, in whole days."

[reasons.fail]
unused = "last used {last_used_at}, {days:day} before {as_of}; dormant from {limit_value:day} on[ for {limit_for}]"
never-used = "never used in the {days:day} since {start_at}; dormant from {limit_value:day} on[ for {limit_for}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
no-start-date = "never used, and it is not on record since when"
observed-too-short = "no use seen since {usage_observed_since}, when use began to be watched; before that it is not on record"

[reasons.pass]
used = "last used {last_used_at}, {days:day} before {as_of}"
not-used-yet = "not used yet, {days:day} after {start_at}"
young-token = "created {created_at}; it cannot have been unused for longer"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'pass young-token' THEN 'bound' ELSE 'direct' END AS basis,
    last_used_at,
    created_at,
    CASE WHEN last_used_at_state = 'none' THEN start_at END AS start_at,
    usage_observed_since,
    MAX(0, (:as_of - CASE last_used_at_state WHEN 'value' THEN last_used_at WHEN 'none' THEN start_at ELSE created_at END) / 86400)
        AS days,
    limit_value,
    limit_origin,
    CASE
        WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'last_used_at'
        WHEN outcome = 'unknown no-start-date' THEN 'created_at'
    END AS missing
FROM (
    SELECT
        *,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN last_used_at_state = 'value' THEN
                CASE WHEN MAX(0, (:as_of - last_used_at) / 86400) >= fails_from THEN 'fail unused' ELSE 'pass used' END
            WHEN last_used_at_state = 'none' THEN
                CASE
                    WHEN start_at IS NULL THEN 'unknown no-start-date'
                    WHEN MAX(0, (:as_of - start_at) / 86400) >= fails_from THEN 'fail never-used'
                    WHEN MAX(0, (:as_of - begun_at) / 86400) < fails_from THEN 'pass not-used-yet'
                    ELSE 'unknown observed-too-short'
                END
            WHEN MAX(0, (:as_of - created_at) / 86400) < fails_from THEN 'pass young-token'
            WHEN last_used_at_state = 'not-collected' THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM (
        SELECT
            t.token_key, t.is_live, t.last_used_at, t.last_used_at_state, t.created_at, t.usage_observed_since,
            p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
            -- when an unused token could first have been used: the latest of the dates that are on record
            NULLIF(MAX(COALESCE(t.created_at, -9e18), COALESCE(t.last_rotated_at, -9e18), COALESCE(t.enabled_at, -9e18)), -9e18)
                AS begun_at,
            -- and from when on nothing was seen
            NULLIF(MAX(
                COALESCE(t.created_at, -9e18), COALESCE(t.last_rotated_at, -9e18), COALESCE(t.enabled_at, -9e18),
                COALESCE(t.usage_observed_since, -9e18)
            ), -9e18) AS start_at
        FROM token AS t
        JOIN parameter_value AS p
            ON p.check_id = 'REV-002' AND p.parameter = 'unused_days' AND p.class_key = t.class_key
    )
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
