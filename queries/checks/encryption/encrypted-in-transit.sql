/*---
id = "ENC-002"
title = "The token travels only over encrypted connections"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:SC-8", "nist-800-53-r5:SC-8(1)", "nist-800-53-r5:~SC-13",
    "nist-csf-2.0:PR.DS-02",
    "cis-controls-8.1:3.10",
    "pci-dss-4.0.1:8.3.2",
    "iso-27001-2022:A.8.24", "iso-27001-2022:A.5.14",
    "soc2-tsc-2017-2022:CC6.6", "soc2-tsc-2017-2022:CC6.7",
    "owasp-nhi-2025:~NHI2",
    "impact-com:IMP-1.3",
]
rationale = "The page asks for encryption in transit; a bearer token sent once in clear text is gone."
remediation = "Switch the endpoint to its encrypted form, refuse plain connections at the client, send the token in a header, then reset the token that travelled in clear."
evidence = [
    "integrations[].endpoint", "integrations[].tls_min", "integrations[].credential_location", "integrations[].status",
    "fact:https_only",
]
required = "The token travels only over encrypted connections ({encrypted_schemes}), TLS {min_tls} or later, and never in a URL."

[parameters.encrypted_schemes]
type = "words"
list = "encrypted_schemes"
stricter = "lower"
help = "Schemes of an endpoint that encrypt; any other scheme counts as plain."

# TLS 1.0 and 1.1 are deprecated by RFC 8996 (part of BCP 195).
[parameters.min_tls]
type = "word"
default = "1.2"
choices = ["1.0", "1.1", "1.2", "1.3"]
stricter = "higher"
help = "Lowest TLS version that an integration may accept."

[parameters.require_tls_version]
type = "flag"
default = false
stricter = "higher"
help = "Whether an integration must state its lowest TLS version."

[parameters.allow_plain_loopback]
type = "flag"
default = true
stricter = "lower"
help = "Whether a plain connection within one machine is allowed."

[parameters.forbid_in_url]
type = "flag"
default = true
stricter = "higher"
help = "Whether carrying the token in a URL is a violation."

[reasons.fail]
plaintext = "the token travels unencrypted: {integrations}"
old-tls = "these integrations accept an older TLS version than the policy allows: {integrations}"
token-in-url = "the token is carried in the URL: {integrations}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
endpoint-not-stated = "it is not stated how these connect: {integrations}"
tls-not-stated = "these integrations state no TLS version: {integrations}"

[reasons.pass]
encrypted = "every active integration connects over an encrypted scheme"
provider-serves-https-only = "the provider answers encrypted connections only"

[reasons.not-applicable]
not-live = "the token is not enabled"
no-integrations = "nothing uses the token"
no-active-integrations = "no integration is active"
---*/
-- Standing of an active integration: 7 plain, 6 old TLS, 5 token in the URL, 4 no endpoint, 3 no TLS version though one is asked
-- for, 1 encrypted. The highest of a token's integrations decides.
WITH connection AS NOT MATERIALIZED (
    SELECT
        list_key, label, tls,
        CASE
            WHEN NOT encrypted AND NOT (:allow_plain_loopback AND COALESCE(substr(behind_loopback || '/', 1, 1) IN (':', '/', '?', '#'), 0))
                THEN 7
            WHEN tls < CAST(:min_tls AS REAL) THEN 6
            WHEN :forbid_in_url AND in_url THEN 5
            WHEN encrypted IS NULL THEN 4
            WHEN :require_tls_version AND encrypted AND tls IS NULL THEN 3
            ELSE 1
        END AS standing
    FROM (
        SELECT
            list_key,
            COALESCE(name, application, 'integration ' || (position + 1)) || COALESCE(' (' || endpoint || ')', '') AS label,
            -- NULL without a scheme
            CASE WHEN instr(endpoint, '://') > 1 THEN
                lower(trim(substr(endpoint, 1, instr(endpoint, '://') - 1))) IN (SELECT value FROM json_each(:encrypted_schemes))
            END AS encrypted,
            -- what follows the name of this machine itself; with user information in the endpoint, it is not looked for
            CASE
                WHEN instr(endpoint, '@') > 0 THEN NULL
                WHEN lower(substr(endpoint, instr(endpoint, '://') + 3, 9)) = 'localhost' THEN substr(endpoint, instr(endpoint, '://') + 12)
                WHEN substr(endpoint, instr(endpoint, '://') + 3, 5) = '[::1]' THEN substr(endpoint, instr(endpoint, '://') + 8)
                WHEN substr(endpoint, instr(endpoint, '://') + 3, 4) = '127.' THEN ltrim(substr(endpoint, instr(endpoint, '://') + 3), '0123456789.')
            END AS behind_loopback,
            -- `1.2`, `TLSv1.2`, `tls1_2`, `TLS12`; every SSL is older than any TLS; of several the oldest; other words state none
            CASE
                WHEN tls_min LIKE '%ssl%' THEN 0.0
                WHEN tls_min LIKE '%1_0%' OR tls_min LIKE '%10' OR tls_min LIKE '%v1' OR tls_min = '1' THEN 1.0
                WHEN tls_min LIKE '%1_1%' OR tls_min LIKE '%11' THEN 1.1
                WHEN tls_min LIKE '%1_2%' OR tls_min LIKE '%12' THEN 1.2
                WHEN tls_min LIKE '%1_3%' OR tls_min LIKE '%13' THEN 1.3
            END AS tls,
            COALESCE(
                credential_location IN ('url', 'url-path', 'url-query', 'uri', 'path', 'query', 'query-string', 'query-parameter'),
                0
            ) AS in_url
        FROM integration_entry
        WHERE COALESCE(status, 'active') NOT IN ('retired', 'disabled', 'removed')
    )
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'pass provider-serves-https-only' THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE outcome WHEN 'pass provider-serves-https-only' THEN 'https_only' END AS fact,
    CASE WHEN worst > 2 THEN (
        SELECT group_concat(label, ', ')
        FROM connection
        WHERE list_key = integrations_list AND (standing = worst OR worst = 3 AND standing = 4 AND tls IS NULL)
    ) END AS integrations,
    CASE
        WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'integrations'
        WHEN outcome = 'unknown endpoint-not-stated' THEN 'integrations.endpoint'
        WHEN outcome = 'unknown tls-not-stated' THEN 'integrations.tls_min'
    END AS missing
FROM (
    SELECT
        token_key, integrations_list, worst,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN integrations_state = 'none' THEN 'not-applicable no-integrations'
            WHEN integrations_state = 'not-collected' THEN 'unknown not-collected'
            WHEN integrations_state <> 'value' THEN 'unknown not-on-record'
            ELSE CASE worst
                WHEN 7 THEN 'fail plaintext'
                WHEN 6 THEN 'fail old-tls'
                WHEN 5 THEN 'fail token-in-url'
                WHEN 4 THEN 'unknown endpoint-not-stated'
                WHEN 3 THEN 'unknown tls-not-stated'
                WHEN 2 THEN 'pass provider-serves-https-only'
                WHEN 1 THEN 'pass encrypted'
                ELSE 'not-applicable no-active-integrations'
            END
        END AS outcome
    FROM (
        SELECT
            token_key, is_live, integrations_state, integrations_list,
            (
                SELECT max(CASE
                    -- that the provider serves nothing but HTTPS stands in for a missing endpoint
                    WHEN standing = 4 AND fact_https_only THEN
                        CASE WHEN :require_tls_version AND tls IS NULL THEN 3 ELSE 2 END
                    ELSE standing
                END)
                FROM connection
                WHERE list_key = integrations_list
            ) AS worst
        FROM token
        LIMIT -1 OFFSET 0 -- no limit, here and below: it makes SQLite decide once per row and not once per column
    )
    LIMIT -1 OFFSET 0
);
