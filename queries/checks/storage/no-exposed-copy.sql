/*---
id = "STO-002"
title = "No copy of the secret sits in code, chat, tickets, documents or logs"
severity = "critical"
since = "0.1.0"
controls = [
    "nist-800-53-r5:IA-5", "nist-800-53-r5:IA-5(7)", "nist-800-53-r5:~AU-13",
    "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:~PR.DS-01",
    "pci-dss-4.0.1:8.6.2",
    "iso-27001-2022:A.5.17", "iso-27001-2022:A.8.12",
    "soc2-tsc-2017-2022:CC6.1",
    "owasp-nhi-2025:NHI2",
    "impact-com:IMP-1.2",
]
rationale = "Copies in repositories, chat or tickets are found by search and by attackers, and survive in history after deletion."
remediation = "Reset the token first, then remove the copy (including history and caches), then put the new secret in an approved store and add a secret scanner to that place."
evidence = [
    "storage[].kind", "storage[].location", "storage[].since", "secret_scan.performed_at", "secret_scan.open_findings[].found_at",
    "last_rotated_at", "created_at", "changed_at", "fact:keyless", "fact:value_fixed_at_creation",
]
required = "No copy of the secret in force is in code, chat, tickets, documents or logs."

[parameters.exposed_kinds]
type = "words"
list = "exposed_kinds"
stricter = "higher"
help = "Kinds of place in which a copy counts as exposed."

[parameters.approved_kinds]
type = "words"
list = "approved_kinds"
help = "Kinds of place in which a secret may be kept; such a place is no exposed copy."

[parameters.known_kinds]
type = "words"
list = "known_kinds"
help = "Every other kind of place that is known; a word on none of the three lists is unknown."

[parameters.require_scan]
type = "flag"
default = false
stricter = "higher"
help = "Whether a secret scan must have looked for copies."

[parameters.scan_max_age_days]
type = "number"
default = 30
unit = "days"
boundary = "over"
stricter = "lower"
per_token = true
help = "Oldest scan that counts, in whole days."

[reasons.fail]
exposed-copy = "the secret in force is exposed here: {copies}[; the last reset was {last_rotated_at}]"
exposed-unchanged = "the secret is exposed here: {copies}, and nothing was changed since {changed_at}"
open-scan-finding = "a secret scan found the secret in force[; the last reset was {last_rotated_at}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
unknown-kind = "these places are of a kind that is not known: {copies}"
scan-too-old = "the last secret scan was {secret_scan_performed_at}; at most {limit_value:day} are allowed[ for {limit_for}]"

[reasons.pass]
no-exposed-copy = "no exposed copy holds the secret in force"
clean-scan = "a secret scan of {secret_scan_performed_at} found nothing"

[reasons.not-applicable]
not-live = "the token is not enabled"
keyless = "nothing is stored: the identity has no secret"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE
        WHEN outcome IN ('fail exposed-unchanged', 'pass clean-scan') OR outcome = 'fail open-scan-finding' AND worst_finding = 4
            THEN 'bound'
        WHEN outcome = 'not-applicable keyless' OR by_fact THEN 'provider-fact'
        ELSE 'direct'
    END AS basis,
    CASE WHEN outcome = 'not-applicable keyless' THEN 'keyless' WHEN by_fact THEN 'value_fixed_at_creation' END AS fact,
    CASE WHEN outcome IN ('fail exposed-copy', 'fail exposed-unchanged', 'unknown unknown-kind') THEN (
        SELECT group_concat(COALESCE(s.kind, 'unknown') || COALESCE(' (' || s.location || ')', ''), ', ')
        FROM storage_entry AS s
        WHERE s.list_key = storage_list
          AND CASE outcome
              WHEN 'unknown unknown-kind' THEN
                  s.kind IS NULL
                  OR s.kind NOT IN (
                      SELECT value FROM json_each(:exposed_kinds)
                      UNION ALL SELECT value FROM json_each(:approved_kinds)
                      UNION ALL SELECT value FROM json_each(:known_kinds)
                  )
              ELSE s.kind IN (SELECT value FROM json_each(:exposed_kinds))
          END
    ) END AS copies,
    reset_at AS last_rotated_at,
    changed_at,
    secret_scan_performed_at,
    -- a limit that did not apply is no evidence
    CASE WHEN outcome IN ('unknown scan-too-old', 'pass clean-scan') THEN limit_value END AS limit_value,
    CASE WHEN outcome IN ('unknown scan-too-old', 'pass clean-scan') THEN limit_origin END AS limit_origin,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN worst_copy = 2 OR worst_finding = 2 THEN 'last_rotated_at'
        WHEN storage_state NOT IN ('value', 'none') OR storage_state = 'value' AND worst_copy IS NULL THEN 'storage'
        ELSE 'secret_scan.performed_at'
    END AS missing
FROM (
    SELECT
        *,
        -- without a date of the copy, that of the reset decides nothing
        fixed AND CASE
            WHEN NOT is_live OR fact_keyless THEN 0
            WHEN worst_copy = 5 THEN NOT EXISTS (
                SELECT 1 FROM storage_entry AS s
                WHERE s.list_key = storage_list AND s.since IS NULL AND s.kind IN (SELECT value FROM json_each(:exposed_kinds))
            )
            WHEN worst_finding = 5 THEN NOT EXISTS (
                SELECT 1 FROM scan_finding_entry AS f WHERE f.list_key = findings_list AND f.found_at IS NULL
            )
            ELSE 0
        END AS by_fact,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN fact_keyless THEN 'not-applicable keyless'
            WHEN worst_copy = 5 THEN 'fail exposed-copy'
            WHEN worst_finding = 5 THEN 'fail open-scan-finding'
            WHEN worst_copy = 4 THEN 'fail exposed-unchanged'
            WHEN worst_finding = 4 THEN 'fail open-scan-finding'
            WHEN worst_copy = 3 THEN 'unknown unknown-kind'
            WHEN worst_copy = 2 OR worst_finding = 2 THEN
                CASE WHEN last_rotated_at_state = 'not-collected' THEN 'unknown not-collected' ELSE 'unknown not-on-record' END
            WHEN storage_state = 'none' OR worst_copy = 1 THEN
                CASE
                    WHEN NOT :require_scan OR scan_days < fails_from THEN 'pass no-exposed-copy'
                    WHEN scan_days >= fails_from THEN 'unknown scan-too-old'
                    WHEN secret_scan_performed_at_state = 'not-collected' THEN 'unknown not-collected'
                    ELSE 'unknown not-on-record'
                END
            -- where the secret is kept is not on record; a fresh scan without an open finding still shows that no copy is about
            WHEN scan_days < fails_from AND (findings_state = 'none' OR worst_finding = 1) THEN 'pass clean-scan'
            WHEN storage_state = 'not-collected' THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM (
        SELECT
            t.*, p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
            MAX(0, (:as_of - t.secret_scan_performed_at) / 86400) AS scan_days,
            -- Of the stored copies the worst: 5 exposes the secret in force, 4 does so because nothing changed since, 3 of an
            -- unknown kind, 2 exposed and the last reset not on record, 1 no exposure. A copy without a date counts as current,
            -- and so does one of the date of the reset where either has no time of day.
            (
                SELECT max(CASE
                    WHEN s.kind IN (SELECT value FROM json_each(:exposed_kinds)) THEN
                        CASE
                            WHEN s.since IS NULL OR t.last_rotated_at_state = 'none' AND t.reset_at IS NULL THEN 5
                            WHEN t.reset_at > s.since
                                 AND (t.reset_at / 86400 > s.since / 86400
                                      OR (s.since_precision = 'second' AND t.reset_at_precision = 'second')) THEN 1
                            WHEN t.reset_at IS NOT NULL THEN 5
                            WHEN t.changed_at < s.since THEN 4
                            ELSE 2
                        END
                    WHEN s.kind IN (
                        SELECT value FROM json_each(:approved_kinds) UNION ALL SELECT value FROM json_each(:known_kinds)
                    ) THEN 1
                    ELSE 3
                END)
                FROM storage_entry AS s
                WHERE s.list_key = t.storage_list
            ) AS worst_copy,
            -- the same for the open findings of the scan
            (
                SELECT max(CASE
                    WHEN f.found_at IS NULL OR t.last_rotated_at_state = 'none' AND t.reset_at IS NULL THEN 5
                    WHEN t.reset_at > f.found_at
                         AND (t.reset_at / 86400 > f.found_at / 86400
                              OR (f.found_at_precision = 'second' AND t.reset_at_precision = 'second')) THEN 1
                    WHEN t.reset_at IS NOT NULL THEN 5
                    WHEN t.changed_at < f.found_at THEN 4
                    ELSE 2
                END)
                FROM scan_finding_entry AS f
                WHERE f.list_key = t.findings_list
            ) AS worst_finding
        FROM (
            SELECT
                token_key, class_key, is_live, fact_keyless, storage_state, storage_list, last_rotated_at_state, changed_at,
                secret_scan_performed_at, secret_scan_performed_at_state,
                secret_scan_open_findings_state AS findings_state, secret_scan_open_findings_list AS findings_list,
                -- a value that cannot change was set when the token was created
                COALESCE(fact_value_fixed_at_creation, 0)
                    AND (last_rotated_at_state <> 'value' OR last_rotated_at = created_at) AS fixed,
                CASE
                    WHEN last_rotated_at_state = 'value' THEN last_rotated_at
                    WHEN fact_value_fixed_at_creation THEN created_at
                END AS reset_at,
                CASE WHEN last_rotated_at_state = 'value' THEN last_rotated_at_precision ELSE created_at_precision
                END AS reset_at_precision
            FROM token
        ) AS t
        JOIN parameter_value AS p
            ON p.check_id = 'STO-002' AND p.parameter = 'scan_max_age_days' AND p.class_key = t.class_key
        LIMIT -1 OFFSET 0 -- no limit, here and below: it makes SQLite decide once per row and not once per column
    )
    LIMIT -1 OFFSET 0
);
