/*---
id = "SCP-001"
title = "The token has no administrator, wildcard or unscoped access"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-6", "nist-800-53-r5:AC-6(5)",
    "nist-csf-2.0:PR.AA-05",
    "cis-controls-8.1:~6.8",
    "cis-aws-3.0.0:1.16",
    "cis-aws-5.0.0:1.15",
    "pci-dss-4.0.1:7.2.5",
    "iso-27001-2022:A.8.2", "iso-27001-2022:~A.5.15",
    "soc2-tsc-2017-2022:CC6.3",
    "owasp-nhi-2025:NHI5",
    "impact-com:IMP-3.1",
]
rationale = "Full access is never what an integration needs, and it makes every other scope check meaningless."
remediation = "List the calls the integration really makes, create a token with just those scopes, switch over, revoke the broad one."
evidence = ["scopes_granted", "scope_model", "purpose_id"]
required = "The token has no administrator, wildcard or unscoped access."

[parameters.admin_names]
type = "words"
default = [
    "*", "*:*", "*.*", "admin", "administrator", "owner", "root", "superuser", "full_access", "full-access", "all",
]
stricter = "higher"
help = "Scopes that give full access, compared as plain text in any letter case."

[parameters.admin_prefixes]
type = "words"
default = ["admin:", "admin."]
stricter = "higher"
help = "Beginnings of scopes that give administrator access."

[parameters.admin_suffixes]
type = "words"
default = [":admin", ".admin"]
stricter = "higher"
help = "Endings of scopes that give administrator access."

[parameters.resource_wildcard_suffixes]
type = "words"
default = [":*", ".*", "/*"]
stricter = "higher"
help = "Endings of scopes that give every right over one resource."

[parameters.forbid_resource_wildcards]
type = "flag"
default = false
stricter = "higher"
help = "Whether every right over one resource is a violation."

[parameters.allowed_purposes]
type = "words"
default = []
stricter = "lower"
help = "Ids of purposes that may have full access."

[parameters.name_based_pass]
type = "flag"
default = true
stricter = "lower"
help = "Whether a scope that the provider registry does not know may pass by its name."

[reasons.fail]
admin-scope = "the token has administrator access: {scopes}"
resource-wildcard = "the token has every right over a resource: {scopes}"
unscoped-token = "the token is not limited to scopes"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "the scopes of the token are not on record"
unknown-scope = "the provider registry does not know these scopes: {scopes}"

[reasons.pass]
limited = "no scope gives full access"
limited-by-name = "no scope gives full access, judged by its name"
no-scopes = "the token has no scope at all"
allowed-purpose = "the purpose {purpose_id} may have full access"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
-- Standing of a granted scope: 4 administrator by registry, 3 administrator by name, 2 every right over one resource, 1 not known
-- to the registry, 0 known and limited. Equal lists are stored once and are judged once.
WITH
prefix AS MATERIALIZED (SELECT lower(value) AS text, length(value) AS size FROM json_each(:admin_prefixes)),
suffix AS MATERIALIZED (SELECT lower(value) AS text, length(value) AS size FROM json_each(:admin_suffixes)),
wildcard AS MATERIALIZED (SELECT lower(value) AS text, length(value) AS size FROM json_each(:resource_wildcard_suffixes)),
granted AS NOT MATERIALIZED (
    SELECT
        list_key, scope, class, class_source,
        CASE
            WHEN class = 'admin' THEN 4
            WHEN class_by_name = 'admin' THEN 3
            WHEN lower(scope) IN (SELECT lower(value) FROM json_each(:admin_names)) THEN 3
            WHEN EXISTS (SELECT 1 FROM prefix WHERE substr(lower(scope), 1, size) = text) THEN 3
            WHEN EXISTS (SELECT 1 FROM suffix WHERE substr(lower(scope), -size) = text) THEN 3
            WHEN :forbid_resource_wildcards
                 AND EXISTS (SELECT 1 FROM wildcard WHERE substr(lower(scope), -size) = text) THEN 2
            WHEN class IS NULL THEN 1
            ELSE 0
        END AS standing
    FROM scope_entry
),
judged AS MATERIALIZED (
    SELECT list_key, max(standing) AS worst, max(class IS NULL) AS by_name
    FROM granted
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE
        WHEN outcome = 'pass limited-by-name' OR outcome = 'fail admin-scope' AND worst = 3 THEN 'name-based'
        ELSE 'direct'
    END AS basis,
    CASE WHEN outcome IN ('fail admin-scope', 'fail resource-wildcard', 'unknown unknown-scope') THEN (
        SELECT group_concat(scope, ', ')
        FROM granted
        WHERE list_key = scopes_granted_list
          AND CASE outcome WHEN 'fail admin-scope' THEN standing >= 3 ELSE standing = worst END
    ) END AS scopes,
    CASE WHEN outcome = 'fail admin-scope' AND worst = 4 THEN 'scope_class' END AS fact,
    CASE WHEN outcome = 'fail admin-scope' AND worst = 4 THEN (
        SELECT group_concat(DISTINCT class_source) FROM granted WHERE list_key = scopes_granted_list AND standing = 4
    ) END AS fact_source,
    scope_model,
    purpose_id,
    CASE WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'scopes_granted' END AS missing,
    CASE WHEN outcome = 'pass allowed-purpose' THEN 'allowed purpose' END AS note
FROM (
    SELECT
        t.token_key, t.scopes_granted_list, t.scope_model, t.purpose_id, j.worst,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN t.purpose_id IN (SELECT value FROM json_each(:allowed_purposes)) THEN 'pass allowed-purpose'
            WHEN j.worst >= 3 THEN 'fail admin-scope'
            WHEN j.worst = 2 THEN 'fail resource-wildcard'
            WHEN t.scope_model = 'unscoped' THEN 'fail unscoped-token'
            WHEN t.scopes_granted_state = 'none' THEN 'pass no-scopes'
            WHEN t.scopes_granted_state = 'not-collected' THEN 'unknown not-collected'
            WHEN j.worst IS NULL THEN 'unknown not-on-record'
            WHEN j.worst = 1 AND NOT :name_based_pass THEN 'unknown unknown-scope'
            WHEN j.by_name THEN 'pass limited-by-name'
            ELSE 'pass limited'
        END AS outcome
    FROM token AS t
    LEFT JOIN judged AS j ON j.list_key = t.scopes_granted_list
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
