/*---
id = "SCP-007"
title = "Production and non-production do not share the token"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~SA-3(1)", "nist-800-53-r5:~AC-6",
    "nist-csf-2.0:~PR.IR-01",
    "cis-controls-8.1:~16.8",
    "pci-dss-4.0.1:~6.5.3",
    "iso-27001-2022:~A.8.31",
    "soc2-tsc-2017-2022:~CC6.1",
    "owasp-nhi-2025:NHI8",
]
rationale = "A production token in a test system brings test-system protection to production data."
remediation = "Create a separate token per environment, replace the production token in the test systems, then reset the production token."
evidence = ["environment", "integrations[].environment", "integrations[].status"]
required = "Production and non-production do not share the token."

[parameters.classes]
type = "words"
default = ["production", "staging + test + development + sandbox"]
help = "Groups of environments that may share a token, each written with + between its environments."

[parameters.distinct_environments]
type = "flag"
default = false
stricter = "higher"
help = "Whether even environments of one group may not share a token."

[reasons.fail]
other-environment = "the token is of {environment}, and these integrations are not: {integrations}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
environment-unclear = "the environment of these integrations is not on record or not known: {integrations}"
token-environment-unclear = "the environment {environment} of the token is not known"

[reasons.pass]
isolated = "token and integrations agree: {environment}"

[reasons.not-applicable]
not-live = "the token is not enabled"
no-integrations = "nothing uses the token"
no-active-integrations = "no integration is active"
---*/
WITH
-- An environment of the policy's groups with the number of its group.
grouped AS MATERIALIZED (
    SELECT environment.value AS name, classes.key AS class
    FROM json_each(:classes) AS classes
    JOIN json_each('["' || replace(replace(classes.value, ' ', ''), '+', '","') || '"]') AS environment
),
active AS NOT MATERIALIZED (
    SELECT
        i.list_key, i.position, i.environment, g.class,
        COALESCE(i.name, i.application, i.endpoint, 'integration ' || (i.position + 1))
            || COALESCE(' (' || i.environment || ')', '') AS label
    FROM integration_entry AS i
    LEFT JOIN grouped AS g ON g.name = i.environment
    WHERE COALESCE(i.status, 'active') NOT IN ('retired', 'disabled', 'removed')
),
-- Tokens of one environment with the same integrations are judged once. 3: another environment, 2: not clear, 1: agrees.
judged AS MATERIALIZED (
    SELECT
        t.environment, t.integrations_list,
        max(CASE
            WHEN g.class IS NULL OR a.class IS NULL THEN 2
            WHEN g.class <> a.class OR :distinct_environments AND a.environment <> t.environment THEN 3
            ELSE 1
        END) AS worst
    FROM (
        SELECT COALESCE(environment, '') AS environment, integrations_list
        FROM token
        WHERE is_live AND integrations_list IS NOT NULL
        GROUP BY COALESCE(environment, ''), integrations_list
    ) AS t
    LEFT JOIN grouped AS g ON g.name = t.environment
    CROSS JOIN active AS a ON a.list_key = t.integrations_list
    GROUP BY t.environment, t.integrations_list
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    environment,
    CASE WHEN outcome IN ('fail other-environment', 'unknown environment-unclear') THEN (
        SELECT group_concat(a.label, ', ')
        FROM active AS a
        WHERE a.list_key = integrations_list
          AND CASE outcome
              WHEN 'unknown environment-unclear' THEN a.class IS NULL
              ELSE a.class <> own_class OR :distinct_environments AND a.environment <> decided.environment
          END
    ) END AS integrations,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record', 'unknown environment-unclear') THEN NULL
        WHEN integrations_state NOT IN ('value', 'none') THEN 'integrations'
        WHEN environment IS NULL THEN 'environment'
        ELSE 'integrations.environment'
    END AS missing
FROM (
    SELECT
        t.token_key, t.environment, t.integrations_state, t.integrations_list, g.class AS own_class,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN t.integrations_state = 'none' THEN 'not-applicable no-integrations'
            WHEN t.integrations_state = 'not-collected' THEN 'unknown not-collected'
            WHEN t.integrations_state <> 'value' THEN 'unknown not-on-record'
            WHEN j.worst IS NULL THEN 'not-applicable no-active-integrations'
            WHEN j.worst = 3 THEN 'fail other-environment'
            WHEN t.environment IS NULL THEN
                CASE t.environment_state WHEN 'not-collected' THEN 'unknown not-collected' ELSE 'unknown not-on-record' END
            WHEN g.class IS NULL THEN 'unknown token-environment-unclear'
            WHEN j.worst = 2 THEN 'unknown environment-unclear'
            ELSE 'pass isolated'
        END AS outcome
    FROM token AS t
    LEFT JOIN grouped AS g ON g.name = t.environment
    LEFT JOIN judged AS j ON j.environment = COALESCE(t.environment, '') AND j.integrations_list = t.integrations_list
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
) AS decided;
