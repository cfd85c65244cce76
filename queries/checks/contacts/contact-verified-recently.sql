/*---
id = "CON-003"
title = "The contacts were verified recently"
severity = "low"
since = "0.1.0"
controls = [
    "nist-csf-2.0:~GV.SC-02",
    "cis-controls-8.1:~15.1", "cis-controls-8.1:~17.2",
    "cis-aws-3.0.0:~1.1",
    "cis-aws-5.0.0:~1.1",
    "iso-27001-2022:~A.5.24",
    "soc2-tsc-2017-2022:~CC2.3",
    "impact-com:IMP-5.1",
]
rationale = "Contact data decays quietly; only asking keeps it current."
remediation = "Send a message to each contact, have it answered, write down the date."
evidence = ["contacts[].role", "contacts[].address", "contacts[].verified_at", "register:accounts"]
required = "Every contact was verified within the last {verify_days:day}."

# 365: CIS Controls 17.2 and 15.1 (annually).
[parameters.verify_days]
type = "number"
default = 365
unit = "days"
boundary = "over"
stricter = "lower"
per_token = true
help = "Longest time since a contact was verified, in whole days."

[parameters.inherit_from_account]
type = "flag"
default = true
stricter = "higher"
help = "Whether the contacts of the account are contacts of its tokens."

[reasons.fail]
not-verified-recently = "these contacts were not verified lately: {contacts}; at most {limit_value:day} are allowed[ for {limit_for}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
verification-not-stated = "it is not on record when these contacts were verified: {contacts}"

[reasons.pass]
verified = "every contact was verified lately"

[reasons.not-applicable]
not-live = "the token is not enabled"
no-contact = "no contact is on record"
---*/
-- Contacts that count, and the state of their verification: 3 never, 2 not on record, 1 on a date. A contact without an address is none.
WITH
contact AS NOT MATERIALIZED (
    SELECT
        list_key, address, verified_at,
        CASE verified_at_state WHEN 'none' THEN 3 WHEN 'value' THEN 1 ELSE 2 END AS standing
    FROM contact_entry
    WHERE role IN ('token', 'technical') AND trim(address) <> ''
),
-- Equal lists are stored once and are judged once, up to the limit, which may differ from token to token.
judged AS MATERIALIZED (
    SELECT list_key, max(standing) AS worst, min(verified_at) AS oldest
    FROM contact
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    CASE WHEN outcome IN ('fail not-verified-recently', 'unknown verification-not-stated') THEN (
        SELECT group_concat(
            c.address || CASE c.standing
                WHEN 3 THEN ' (never)'
                WHEN 1 THEN ' (' || date(c.verified_at, 'unixepoch') || ')'
                ELSE ''
            END, ', '
        )
        FROM contact AS c
        WHERE c.list_key IN (own_list, account_list)
          AND CASE outcome
              WHEN 'unknown verification-not-stated' THEN c.standing = 2
              ELSE c.standing = 3 OR MAX(0, (:as_of - c.verified_at) / 86400) >= fails_from
          END
    ) END AS contacts,
    limit_value,
    limit_origin,
    CASE outcome
        WHEN 'unknown not-collected' THEN 'contacts'
        WHEN 'unknown not-on-record' THEN 'contacts'
        WHEN 'unknown verification-not-stated' THEN 'contacts.verified_at'
    END AS missing
FROM (
    SELECT
        t.token_key, t.contacts_list AS own_list,
        CASE WHEN :inherit_from_account THEN a.contacts_list END AS account_list,
        p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN own.worst = 3 OR inherited.worst = 3 THEN 'fail not-verified-recently'
            WHEN MAX(0, (:as_of - own.oldest) / 86400) >= p.fails_from
              OR MAX(0, (:as_of - inherited.oldest) / 86400) >= p.fails_from THEN 'fail not-verified-recently'
            WHEN own.worst = 2 OR inherited.worst = 2 THEN 'unknown verification-not-stated'
            WHEN own.worst = 1 OR inherited.worst = 1 THEN 'pass verified'
            WHEN t.contacts_state = 'not-collected' THEN 'unknown not-collected'
            WHEN t.contacts_state IN ('unreadable', 'unknown-word') THEN 'unknown not-on-record'
            ELSE 'not-applicable no-contact'
        END AS outcome
    FROM token AS t
    JOIN parameter_value AS p
        ON p.check_id = 'CON-003' AND p.parameter = 'verify_days' AND p.class_key = t.class_key
    LEFT JOIN account AS a ON a.provider = t.provider AND a.account = t.account
    LEFT JOIN judged AS own ON own.list_key = t.contacts_list
    LEFT JOIN judged AS inherited ON :inherit_from_account AND inherited.list_key = a.contacts_list
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
