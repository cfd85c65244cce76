/*---
id = "SHR-002"
title = "One token serves one application"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~IA-9", "nist-800-53-r5:~AC-2(9)",
    "nist-csf-2.0:~PR.AA-01",
    "pci-dss-4.0.1:~8.2.2",
    "iso-27001-2022:~A.5.16",
    "soc2-tsc-2017-2022:~CC6.1",
    "owasp-nhi-2025:NHI9",
]
rationale = "A token shared by several applications cannot be revoked for one without breaking the others, and its use cannot be told apart."
remediation = "Create one token per application with only the scopes that application needs, move the applications over one at a time, then revoke the shared token."
evidence = ["integrations[].application", "integrations[].status"]
required = "The token serves at most {max_applications} application."

# OWASP NHI9: one identity for one application.
[parameters.max_applications]
type = "number"
default = 1
stricter = "lower"
help = "Most applications that may use one token."

[reasons.fail]
several-applications = "{count} applications use the token: {applications}; at most {limit_value} may"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
application-unnamed = "these integrations name no application: {integrations}"

[reasons.pass]
one-application = "the token serves as many applications as it may"

[reasons.not-applicable]
not-live = "the token is not enabled"
no-integrations = "nothing uses the token"
no-active-integrations = "no integration is active"
---*/
-- Equal lists are stored once and are judged once.
WITH
active AS NOT MATERIALIZED (
    SELECT
        list_key, position,
        NULLIF(trim(application), '') AS application,
        COALESCE(name, endpoint, 'integration ' || (position + 1)) AS label
    FROM integration_entry
    WHERE COALESCE(status, 'active') NOT IN ('retired', 'disabled', 'removed')
),
judged AS MATERIALIZED (
    SELECT list_key, count(DISTINCT lower(application)) AS applications, max(application IS NULL) AS has_unnamed
    FROM active
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    applications AS count,
    CASE outcome WHEN 'fail several-applications' THEN (
        SELECT group_concat(application, ', ')
        FROM (
            SELECT min(a.application) AS application FROM active AS a
            WHERE a.list_key = integrations_list AND a.application IS NOT NULL
            GROUP BY lower(a.application) ORDER BY 1
        )
    ) END AS applications,
    CASE outcome WHEN 'unknown application-unnamed' THEN (
        SELECT group_concat(a.label, ', ') FROM active AS a WHERE a.list_key = integrations_list AND a.application IS NULL
    ) END AS integrations,
    :max_applications AS limit_value,
    CASE outcome
        WHEN 'unknown not-collected' THEN 'integrations'
        WHEN 'unknown not-on-record' THEN 'integrations'
        WHEN 'unknown application-unnamed' THEN 'integrations.application'
    END AS missing
FROM (
    SELECT
        t.token_key, t.integrations_list, j.applications,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN t.integrations_state = 'none' THEN 'not-applicable no-integrations'
            WHEN t.integrations_state = 'not-collected' THEN 'unknown not-collected'
            WHEN t.integrations_state <> 'value' THEN 'unknown not-on-record'
            WHEN j.list_key IS NULL THEN 'not-applicable no-active-integrations'
            WHEN j.applications > :max_applications THEN 'fail several-applications'
            WHEN j.has_unnamed THEN 'unknown application-unnamed'
            ELSE 'pass one-application'
        END AS outcome
    FROM token AS t
    LEFT JOIN judged AS j ON j.list_key = t.integrations_list
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
