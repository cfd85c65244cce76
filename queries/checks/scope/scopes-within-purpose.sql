/*---
id = "SCP-002"
title = "The granted scopes do not go beyond the declared purpose"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-6", "nist-800-53-r5:AC-2",
    "nist-csf-2.0:PR.AA-05",
    "cis-controls-8.1:~6.8", "cis-controls-8.1:~3.3",
    "pci-dss-4.0.1:7.2.5", "pci-dss-4.0.1:~8.2.4",
    "iso-27001-2022:A.5.15", "iso-27001-2022:A.5.18",
    "soc2-tsc-2017-2022:CC6.3",
    "owasp-nhi-2025:NHI5",
    "impact-com:IMP-3.1",
]
rationale = "The page's rule word for word: only the scopes the purpose needs."
remediation = "Remove the scopes listed as excess; if one is really needed, first write it into the purpose with a reason and an approver."
evidence = ["scopes_granted", "scopes_required", "purpose_id", "register:purposes"]
required = "The token has only the scopes that its purpose needs."

[parameters.honor_implied]
type = "flag"
default = true
stricter = "lower"
help = "Whether a scope that a required one implies, by the provider's own rules, is no excess."

[reasons.fail]
excess-scopes = "the purpose does not need these scopes: {scopes}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"

[reasons.pass]
within-purpose = "every scope is one that the purpose needs"
no-scopes = "the token has no scope at all"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
-- Tokens with the same provider and the same two lists have the same excess: each combination is judged once.
WITH
need AS NOT MATERIALIZED (
    SELECT
        t.token_key, t.is_live, t.provider, t.scopes_granted_state, t.scopes_granted_list, t.scopes_required_state,
        t.purpose_id, p.purpose_id IS NOT NULL AS purpose_known,
        -- the token's own list goes before that of its purpose
        CASE WHEN t.scopes_required_state IN ('value', 'none') THEN t.scopes_required_list ELSE p.scopes_required_list END
            AS required_list,
        t.scopes_required_state IN ('value', 'none') OR p.scopes_required_list IS NOT NULL AS required_known
    FROM token AS t
    LEFT JOIN purpose AS p ON p.purpose_id = t.purpose_id
),
-- A wildcard is a scope like any other here: it is excess unless the same wildcard is required.
combination AS MATERIALIZED (
    SELECT
        provider, granted_list, required_list,
        (
            SELECT group_concat(g.scope, ', ')
            FROM scope_entry AS g
            WHERE g.list_key = granted_list
              AND NOT EXISTS (
                  SELECT 1 FROM text_entry AS r WHERE r.list_key = required_list AND lower(r.text) = lower(g.scope)
              )
              AND NOT (:honor_implied AND EXISTS (
                  SELECT 1
                  FROM text_entry AS r
                  JOIN implied_scope AS i ON i.provider = combined.provider AND i.scope = lower(r.text)
                  WHERE r.list_key = required_list AND i.implied = lower(g.scope)
              ))
        ) AS excess
    FROM (
        SELECT provider, scopes_granted_list AS granted_list, COALESCE(required_list, 0) AS required_list
        FROM need
        WHERE is_live AND scopes_granted_list IS NOT NULL AND required_known
        GROUP BY provider, scopes_granted_list, COALESCE(required_list, 0)
    ) AS combined
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE WHEN outcome = 'pass no-scopes' AND NOT required_known THEN 'bound' ELSE 'direct' END AS basis,
    excess AS scopes,
    purpose_id,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN scopes_granted_state = 'value' THEN 'scopes_required'
        WHEN required_known THEN 'scopes_granted'
        ELSE 'scopes_granted, scopes_required'
    END AS missing
FROM (
    SELECT
        n.token_key, n.scopes_granted_state, n.required_known, n.purpose_id, c.excess,
        CASE
            WHEN NOT n.is_live THEN 'not-applicable not-live'
            WHEN n.scopes_granted_state = 'none' THEN 'pass no-scopes'
            WHEN n.scopes_granted_state = 'not-collected' THEN 'unknown not-collected'
            WHEN n.scopes_granted_state <> 'value' THEN 'unknown not-on-record'
            WHEN NOT n.required_known THEN
                CASE WHEN n.scopes_required_state = 'not-collected' AND NOT n.purpose_known THEN 'unknown not-collected'
                ELSE 'unknown not-on-record' END
            WHEN c.excess IS NOT NULL THEN 'fail excess-scopes'
            ELSE 'pass within-purpose'
        END AS outcome
    FROM need AS n
    LEFT JOIN combination AS c
        ON c.granted_list = n.scopes_granted_list
       AND c.required_list = COALESCE(n.required_list, 0)
       AND c.provider IS n.provider
       AND n.required_known
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
