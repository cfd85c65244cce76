/*---
id = "INV-002"
title = "The dates on the record make sense"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~CM-8",
    "nist-csf-2.0:~ID.AM-02",
    "cis-controls-8.1:~5.5",
    "pci-dss-4.0.1:~12.5.1",
    "iso-27001-2022:~A.5.9",
    "soc2-tsc-2017-2022:~CC2.1",
]
rationale = "A date in the future gives a negative age, which naive tools read as young and therefore fine."
remediation = "Correct the field at its source; check the exporter's time zone and date format."
evidence = [
    "created_at", "enabled_at", "last_rotated_at", "last_used_at", "expires_at", "reviewed_at", "purpose_ends_at",
    "usage_observed_since", "changed_at", "compromise.suspected_at", "secret_scan.performed_at", "storage[].since", "shares[].at",
    "integrations[].credential_updated_at", "contacts[].verified_at", "secrets[].created_at", "scope_last_used", "scope_granted_at",
]
required = "Every date can be read, is not before {earliest}, does not lie ahead where it cannot, and follows the creation of the token."

[parameters.earliest]
type = "date"
default = "2000-01-01"
stricter = "higher"
help = "No date of a token can be before this one."

[reasons.fail]
unreadable-date = "these dates cannot be used: {dates}"
too-early = "these dates are before {earliest}: {dates}"
wrong-order = "these dates are before the creation of the token, {created_at}: {dates}"

[reasons.pass]
plausible = "the dates make sense together"

[reasons.not-applicable]
no-date = "the record has no date"
---*/
WITH
-- Dates that could not be used, by token. Of unreadable fields only dates count here.
unusable AS MATERIALIZED (
    SELECT token_key, group_concat(field || ' (' || kind || COALESCE(': ' || NULLIF(text, ''), '') || ')', ', ') AS dates
    FROM field_problem
    WHERE token_key BETWEEN (SELECT first_token_key FROM run_in_view) AND (SELECT last_token_key FROM run_in_view)
      AND (
          kind IN ('future', 'sentinel')
          OR kind = 'unreadable'
             AND (field LIKE '%_at' OR field LIKE '%since' OR field LIKE '%.at' OR field LIKE 'scope_last_used%'
                  OR field LIKE 'scope_granted_at%')
      )
    GROUP BY token_key
),
-- Entries of lists with a date that is too early; such lists are few.
early AS MATERIALIZED (
    SELECT list_key, 'storage.since' AS field
    FROM storage_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND since < CAST(strftime('%s', :earliest) AS INTEGER)
    UNION ALL
    SELECT list_key, 'shares.at' AS field
    FROM share_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND at < CAST(strftime('%s', :earliest) AS INTEGER)
    UNION ALL
    SELECT list_key, 'integrations.credential_updated_at' AS field
    FROM integration_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND credential_updated_at < CAST(strftime('%s', :earliest) AS INTEGER)
    UNION ALL
    SELECT list_key, 'contacts.verified_at' AS field
    FROM contact_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND verified_at < CAST(strftime('%s', :earliest) AS INTEGER)
    UNION ALL
    SELECT list_key, 'secrets.created_at' AS field
    FROM secret_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND created_at < CAST(strftime('%s', :earliest) AS INTEGER)
    UNION ALL
    SELECT list_key, 'secret_scan.open_findings.found_at' AS field
    FROM scan_finding_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND found_at < CAST(strftime('%s', :earliest) AS INTEGER)
    UNION ALL
    SELECT list_key, 'scope dates'
    FROM date_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND at < CAST(strftime('%s', :earliest) AS INTEGER)
),
token_date AS NOT MATERIALIZED (
    SELECT
        token_key, created_at, CAST(strftime('%s', :earliest) AS INTEGER) AS earliest,
        enabled_at, enabled_at_precision, last_rotated_at, last_rotated_at_precision, last_used_at, last_used_at_precision,
        expires_at, expires_at_precision, reviewed_at, reviewed_at_precision, purpose_ends_at, usage_observed_since,
        compromise_suspected_at, changed_at, secret_scan_performed_at,
        storage_list, shares_list, integrations_list, contacts_list,
        secrets_list, secret_scan_open_findings_list, scope_last_used_list, scope_granted_at_list
    FROM token
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    CASE outcome
        WHEN 'fail unreadable-date' THEN dates
        WHEN 'fail too-early' THEN substr(
            CASE WHEN created_at < earliest THEN ', created_at' ELSE '' END ||
            CASE WHEN enabled_at < earliest THEN ', enabled_at' ELSE '' END ||
            CASE WHEN last_rotated_at < earliest THEN ', last_rotated_at' ELSE '' END ||
            CASE WHEN last_used_at < earliest THEN ', last_used_at' ELSE '' END ||
            CASE WHEN expires_at < earliest THEN ', expires_at' ELSE '' END ||
            CASE WHEN reviewed_at < earliest THEN ', reviewed_at' ELSE '' END ||
            CASE WHEN purpose_ends_at < earliest THEN ', purpose_ends_at' ELSE '' END ||
            CASE WHEN usage_observed_since < earliest THEN ', usage_observed_since' ELSE '' END ||
            CASE WHEN compromise_suspected_at < earliest THEN ', compromise.suspected_at' ELSE '' END ||
            CASE WHEN changed_at < earliest THEN ', changed_at' ELSE '' END ||
            CASE WHEN secret_scan_performed_at < earliest THEN ', secret_scan.performed_at' ELSE '' END ||
            COALESCE(', ' || (
                SELECT replace(group_concat(DISTINCT e.field), ',', ', ')
                FROM early AS e
                WHERE e.list_key IN (
                    storage_list, shares_list, integrations_list, contacts_list,
                    secrets_list, secret_scan_open_findings_list, scope_last_used_list, scope_granted_at_list
                )
            ), ''), 3)
        WHEN 'fail wrong-order' THEN substr(
            CASE WHEN enabled_at < created_at
                      AND (enabled_at / 86400 < created_at / 86400
                           OR enabled_at_precision = 'second') THEN ', enabled_at' ELSE '' END ||
            CASE WHEN last_rotated_at < created_at
                      AND (last_rotated_at / 86400 < created_at / 86400
                           OR last_rotated_at_precision = 'second') THEN ', last_rotated_at' ELSE '' END ||
            CASE WHEN last_used_at < created_at
                      AND (last_used_at / 86400 < created_at / 86400
                           OR last_used_at_precision = 'second') THEN ', last_used_at' ELSE '' END ||
            CASE WHEN expires_at < created_at
                      AND (expires_at / 86400 < created_at / 86400
                           OR expires_at_precision = 'second') THEN ', expires_at' ELSE '' END ||
            CASE WHEN reviewed_at < created_at
                      AND (reviewed_at / 86400 < created_at / 86400
                           OR reviewed_at_precision = 'second') THEN ', reviewed_at' ELSE '' END, 3)
    END AS dates,
    created_at,
    CASE outcome WHEN 'fail too-early' THEN :earliest END AS earliest
FROM (
    SELECT
        t.*, u.dates,
        CASE
            WHEN u.token_key IS NOT NULL THEN 'fail unreadable-date'
            WHEN MIN(COALESCE(created_at, earliest), COALESCE(enabled_at, earliest), COALESCE(last_rotated_at, earliest), COALESCE(last_used_at, earliest), COALESCE(expires_at, earliest), COALESCE(reviewed_at, earliest),
                     COALESCE(purpose_ends_at, earliest), COALESCE(usage_observed_since, earliest), COALESCE(compromise_suspected_at, earliest), COALESCE(changed_at, earliest), COALESCE(secret_scan_performed_at, earliest)) < earliest
              OR storage_list IN (SELECT list_key FROM early)
              OR shares_list IN (SELECT list_key FROM early)
              OR integrations_list IN (SELECT list_key FROM early)
              OR contacts_list IN (SELECT list_key FROM early)
              OR secrets_list IN (SELECT list_key FROM early)
              OR secret_scan_open_findings_list IN (SELECT list_key FROM early)
              OR scope_last_used_list IN (SELECT list_key FROM early)
              OR scope_granted_at_list IN (SELECT list_key FROM early) THEN 'fail too-early'
            -- Of two times on one date, one without its time of day counts as not before. A creation without a time of day is the
            -- first moment of its date, before which nothing on that date lies.
            WHEN MIN(COALESCE(enabled_at, created_at), COALESCE(last_rotated_at, created_at), COALESCE(last_used_at, created_at), COALESCE(expires_at, created_at), COALESCE(reviewed_at, created_at)) < created_at
                 AND (
                     MIN(COALESCE(enabled_at, created_at), COALESCE(last_rotated_at, created_at), COALESCE(last_used_at, created_at), COALESCE(expires_at, created_at), COALESCE(reviewed_at, created_at)) / 86400 < created_at / 86400
                     OR enabled_at < created_at AND enabled_at_precision = 'second'
                     OR last_rotated_at < created_at AND last_rotated_at_precision = 'second'
                     OR last_used_at < created_at AND last_used_at_precision = 'second'
                     OR expires_at < created_at AND expires_at_precision = 'second'
                     OR reviewed_at < created_at AND reviewed_at_precision = 'second'
                 ) THEN 'fail wrong-order'
            WHEN COALESCE(created_at, enabled_at, last_rotated_at, last_used_at, expires_at,
                          reviewed_at, purpose_ends_at, usage_observed_since, compromise_suspected_at, changed_at, secret_scan_performed_at) IS NOT NULL THEN 'pass plausible'
            WHEN EXISTS (SELECT 1 FROM date_entry AS d WHERE d.list_key IN (scope_last_used_list, scope_granted_at_list))
              OR EXISTS (SELECT 1 FROM storage_entry AS e WHERE e.list_key = storage_list AND e.since IS NOT NULL)
              OR EXISTS (SELECT 1 FROM share_entry AS e WHERE e.list_key = shares_list AND e.at IS NOT NULL)
              OR EXISTS (SELECT 1 FROM integration_entry AS e WHERE e.list_key = integrations_list AND e.credential_updated_at IS NOT NULL)
              OR EXISTS (SELECT 1 FROM contact_entry AS e WHERE e.list_key = contacts_list AND e.verified_at IS NOT NULL)
              OR EXISTS (SELECT 1 FROM secret_entry AS e WHERE e.list_key = secrets_list AND e.created_at IS NOT NULL)
              OR EXISTS (SELECT 1 FROM scan_finding_entry AS e WHERE e.list_key = secret_scan_open_findings_list AND e.found_at IS NOT NULL) THEN 'pass plausible'
            ELSE 'not-applicable no-date'
        END AS outcome
    FROM token_date AS t
    LEFT JOIN unusable AS u ON u.token_key = t.token_key
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
