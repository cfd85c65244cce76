/*---
id = "SCP-005"
title = "The token does not collect too many scopes"
severity = "low"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~AC-6",
    "nist-csf-2.0:~PR.AA-05",
    "cis-controls-8.1:~6.8",
    "pci-dss-4.0.1:~7.2.5",
    "iso-27001-2022:~A.5.15",
    "soc2-tsc-2017-2022:~CC6.3",
    "owasp-nhi-2025:~NHI5",
    "impact-com:~IMP-3.1",
]
rationale = "Long scope lists are rarely reviewed and usually serve several tasks at once."
remediation = "Split the token by task so that each carries a short list."
evidence = ["scopes_granted", "scope_model"]
required = "The token has at most {max_scopes} scopes."

# A choice of this project.
[parameters.max_scopes]
type = "number"
default = 15
stricter = "lower"
help = "Most different scopes of one token."

[reasons.fail]
too-many-scopes = "the token has {count} scopes; at most {limit_value} are allowed"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "the scopes of the token are not on record"

[reasons.pass]
few-scopes = "the token has {count} scopes"

[reasons.not-applicable]
not-live = "the token is not enabled"
unscoped = "the token is not limited to scopes; no-admin-or-wildcard judges it"
wildcard = "the token has a wildcard; no-admin-or-wildcard judges it"
---*/
-- Equal lists are stored once and are counted once.
WITH counted AS MATERIALIZED (
    SELECT list_key, count(DISTINCT lower(scope)) AS scopes, max(instr(scope, '*') > 0) AS is_wild
    FROM scope_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    scopes AS count,
    :max_scopes AS limit_value,
    CASE WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'scopes_granted' END AS missing
FROM (
    SELECT
        t.token_key,
        CASE WHEN t.scopes_granted_state = 'none' THEN 0 ELSE c.scopes END AS scopes,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN t.scope_model = 'unscoped' THEN 'not-applicable unscoped'
            WHEN c.is_wild THEN 'not-applicable wildcard'
            WHEN c.scopes > :max_scopes THEN 'fail too-many-scopes'
            WHEN c.scopes IS NOT NULL OR t.scopes_granted_state = 'none' THEN 'pass few-scopes'
            WHEN t.scopes_granted_state = 'not-collected' THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM token AS t
    LEFT JOIN counted AS c ON c.list_key = t.scopes_granted_list
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
