/*---
id = "SCP-006"
title = "No dangerous combination of rights in one token"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-5", "nist-800-53-r5:~AC-6",
    "nist-csf-2.0:PR.AA-05",
    "cis-controls-8.1:~6.8",
    "pci-dss-4.0.1:~7.2.5",
    "iso-27001-2022:A.5.3",
    "soc2-tsc-2017-2022:CC6.3",
    "owasp-nhi-2025:~NHI5",
]
rationale = "Some rights are harmless apart and dangerous together; separation of duties applies to machines too."
remediation = "Move one half of the combination to another token held by another application and owner."
evidence = ["scopes_granted"]
required = "The token has none of these combinations of rights: {combinations}."

# No external list; a choice of this project after NIST SP 800-53 AC-5.
[parameters.combinations]
type = "words"
default = [
    "identity.create + permission.grant", "payment.create + payment.approve", "data.export + audit.delete",
    "secret.read + permission.grant", "code.write + deploy.production",
]
stricter = "higher"
help = "Rights that no token may have together, each combination written with + between the capabilities of the registry."

[parameters.unmapped_scopes]
type = "word"
default = "unknown"
choices = ["ignore", "unknown"]
stricter = "higher"
help = "What a scope leads to whose capabilities the registry does not know."

[reasons.fail]
dangerous-combination = "the token combines {combinations}, through these scopes: {scopes}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "the scopes of the token are not on record"
unmapped-scopes = "the provider registry does not know what these scopes allow: {scopes}"

[reasons.pass]
no-combination = "no combination is complete"
no-scopes = "the token has no scope at all"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
-- Equal lists are stored once and are judged once.
WITH
part AS MATERIALIZED (
    SELECT DISTINCT combination.key AS number, combination.value AS label, capability.value AS tag
    FROM json_each(:combinations) AS combination
    JOIN json_each('["' || replace(replace(lower(combination.value), ' ', ''), '+', '","') || '"]') AS capability
),
can AS MATERIALIZED (
    SELECT DISTINCT s.list_key, s.position, s.scope, capability.value AS tag
    FROM scope_entry AS s
    CROSS JOIN json_each(s.capabilities) AS capability
    WHERE s.list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND capability.value IN (SELECT tag FROM part)
),
complete AS MATERIALIZED (
    SELECT c.list_key, p.number, p.label
    FROM part AS p
    JOIN can AS c ON c.tag = p.tag
    GROUP BY c.list_key, p.number
    HAVING count(DISTINCT p.tag) = (SELECT count(*) FROM part AS all_parts WHERE all_parts.number = p.number)
),
judged AS MATERIALIZED (
    SELECT list_key, max(capabilities IS NULL) AS has_unmapped
    FROM scope_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    CASE outcome WHEN 'fail dangerous-combination' THEN (
        SELECT group_concat(label, '; ')
        FROM (SELECT c.label FROM complete AS c WHERE c.list_key = scopes_granted_list ORDER BY c.number)
    ) END AS combinations,
    CASE outcome
        WHEN 'fail dangerous-combination' THEN (
            SELECT group_concat(scope, ', ')
            FROM (
                SELECT DISTINCT c.scope, c.position
                FROM can AS c
                JOIN part AS p ON p.tag = c.tag
                JOIN complete AS d ON d.list_key = c.list_key AND d.number = p.number
                WHERE c.list_key = scopes_granted_list
                ORDER BY c.position
            )
        )
        WHEN 'unknown unmapped-scopes' THEN (
            SELECT group_concat(s.scope, ', ') FROM scope_entry AS s
            WHERE s.list_key = scopes_granted_list AND s.capabilities IS NULL
        )
    END AS scopes,
    CASE WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'scopes_granted' END AS missing
FROM (
    SELECT
        t.token_key, t.scopes_granted_list,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN t.scopes_granted_list IN (SELECT list_key FROM complete) THEN 'fail dangerous-combination'
            WHEN t.scopes_granted_state = 'none' THEN 'pass no-scopes'
            WHEN t.scopes_granted_state = 'not-collected' THEN 'unknown not-collected'
            WHEN t.scopes_granted_state <> 'value' THEN 'unknown not-on-record'
            WHEN j.has_unmapped AND :unmapped_scopes = 'unknown' THEN 'unknown unmapped-scopes'
            ELSE 'pass no-combination'
        END AS outcome
    FROM token AS t
    LEFT JOIN judged AS j ON j.list_key = t.scopes_granted_list
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
