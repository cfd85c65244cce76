/*---
id = "SCP-003"
title = "Every granted scope has been used recently"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-6", "nist-800-53-r5:AC-6(7)",
    "nist-csf-2.0:PR.AA-05",
    "cis-controls-8.1:~6.8",
    "pci-dss-4.0.1:7.2.5", "pci-dss-4.0.1:~7.2.5.1",
    "iso-27001-2022:A.5.18",
    "soc2-tsc-2017-2022:CC6.3",
    "owasp-nhi-2025:NHI5",
    "impact-com:~IMP-3.1",
]
rationale = "A scope nobody used for months is a right only an attacker would use."
remediation = "Remove the listed scopes; if a scope is for a yearly job, write that into the purpose and waive it with an end date."
evidence = ["scopes_granted", "scope_model", "scope_last_used", "usage_observed_since", "scope_granted_at", "created_at"]
required = "Every scope was used within the last {unused_days:day}."

# 90: AWS IAM Access Analyzer, its example and "90 or more days".
[parameters.unused_days]
type = "number"
default = 90
unit = "days"
boundary = "reached"
stricter = "lower"
per_token = true
help = "Time without use from which on a scope is a violation, in whole days."

[reasons.fail]
unused-scopes = "these scopes were not used for {limit_value:day} or more: {scopes}[; the limit is that for {limit_for}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
use-unclear = "it is not on record whether these scopes were used lately: {scopes}"

[reasons.pass]
used = "every scope was used lately"
young = "every scope was used lately or is younger than the limit"
no-scopes = "the token has no scope at all"

[reasons.not-applicable]
not-live = "the token is not enabled"
unscoped = "the token is not limited to scopes; no-admin-or-wildcard judges it"
wildcard = "the token has a wildcard; no-admin-or-wildcard judges it"
---*/
WITH
-- Lists with a wildcard, which no use of a single right can justify.
wild AS MATERIALIZED (
    SELECT DISTINCT list_key FROM scope_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND instr(scope, '*') > 0
),
fact AS NOT MATERIALIZED (
    SELECT
        t.token_key, t.is_live, t.scope_model, t.scopes_granted_state, t.scopes_granted_list, t.scope_last_used_state,
        t.scope_last_used_list, t.scope_granted_at_list, t.usage_observed_since, t.usage_observed_since_state, t.created_at,
        p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
        t.scopes_granted_list IN (SELECT list_key FROM wild) AS is_wild
    FROM token AS t
    JOIN parameter_value AS p
        ON p.check_id = 'SCP-003' AND p.parameter = 'unused_days' AND p.class_key = t.class_key
),
-- Standing of a scope: 4 unused too long, 3 not clear, 2 younger than the limit, 1 used lately.
granted AS MATERIALIZED (
    SELECT
        f.token_key, s.position, s.scope,
        CASE
            WHEN MAX(0, (:as_of - u.at) / 86400) < f.fails_from THEN 1
            WHEN MAX(0, (:as_of - COALESCE(g.at, f.created_at)) / 86400) < f.fails_from THEN 2
            WHEN COALESCE(g.at, f.created_at) IS NULL OR f.usage_observed_since IS NULL THEN 3
            WHEN f.scope_last_used_state NOT IN ('value', 'none') THEN 3
            WHEN MAX(0, (:as_of - f.usage_observed_since) / 86400) >= f.fails_from THEN 4
            ELSE 3
        END AS standing
    FROM fact AS f
    CROSS JOIN scope_entry AS s ON s.list_key = f.scopes_granted_list
    LEFT JOIN date_entry AS u ON u.list_key = f.scope_last_used_list AND u.name = s.scope
    LEFT JOIN date_entry AS g ON g.list_key = f.scope_granted_at_list AND g.name = s.scope
    WHERE f.is_live AND NOT f.is_wild
),
worst AS MATERIALIZED (SELECT token_key, max(standing) AS standing FROM granted GROUP BY token_key)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'pass young' THEN 'bound' ELSE 'direct' END AS basis,
    CASE WHEN outcome IN ('fail unused-scopes', 'unknown use-unclear') THEN (
        SELECT group_concat(scope, ', ')
        FROM (
            SELECT g.scope FROM granted AS g
            WHERE g.token_key = decided.token_key AND g.standing = decided.standing ORDER BY g.position
        )
    ) END AS scopes,
    usage_observed_since,
    limit_value,
    limit_origin,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record', 'unknown use-unclear') THEN NULL
        WHEN scopes_granted_state <> 'value' THEN 'scopes_granted'
        WHEN scope_last_used_state NOT IN ('value', 'none') THEN 'scope_last_used'
        WHEN usage_observed_since IS NULL THEN 'usage_observed_since'
    END AS missing
FROM (
    SELECT
        f.token_key, f.scopes_granted_state, f.scope_last_used_state, f.usage_observed_since, f.limit_value, f.limit_origin,
        w.standing,
        CASE
            WHEN NOT f.is_live THEN 'not-applicable not-live'
            WHEN f.scope_model = 'unscoped' THEN 'not-applicable unscoped'
            WHEN f.is_wild THEN 'not-applicable wildcard'
            WHEN f.scopes_granted_state = 'none' THEN 'pass no-scopes'
            WHEN f.scopes_granted_state = 'not-collected' THEN 'unknown not-collected'
            WHEN f.scopes_granted_state <> 'value' THEN 'unknown not-on-record'
            WHEN w.standing = 4 THEN 'fail unused-scopes'
            WHEN w.standing = 2 THEN 'pass young'
            WHEN w.standing = 1 THEN 'pass used'
            WHEN f.scope_last_used_state = 'not-collected' OR f.usage_observed_since_state = 'not-collected'
                THEN 'unknown not-collected'
            WHEN f.scope_last_used_state NOT IN ('value', 'none') OR f.usage_observed_since IS NULL
                THEN 'unknown not-on-record'
            ELSE 'unknown use-unclear'
        END AS outcome
    FROM fact AS f
    LEFT JOIN worst AS w ON w.token_key = f.token_key
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
) AS decided;
