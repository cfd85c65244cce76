/*---
id = "CON-004"
title = "Every contact can be reached"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~AC-2",
    "nist-csf-2.0:~GV.SC-02",
    "cis-controls-8.1:~15.1", "cis-controls-8.1:~17.2",
    "cis-aws-3.0.0:~1.1",
    "cis-aws-5.0.0:~1.1",
    "pci-dss-4.0.1:~12.10.1",
    "iso-27001-2022:~A.5.24",
    "soc2-tsc-2017-2022:~CC2.3",
    "impact-com:IMP-5.1",
]
rationale = "A contact who left or whose mailbox bounces is worse than an empty field."
remediation = "Replace the contact at the provider and test the new address."
evidence = ["contacts[].address", "contacts[].status", "register:people", "register:accounts"]
required = "Every contact can be reached."

[parameters.inherit_from_account]
type = "flag"
default = true
stricter = "higher"
help = "Whether the contacts of the account are contacts of its tokens."

[reasons.fail]
unreachable = "these contacts cannot be reached: {contacts}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
status-unclear = "it is not on record whether these contacts can be reached: {contacts}"

[reasons.pass]
reachable = "every contact can be reached"

[reasons.not-applicable]
not-live = "the token is not enabled"
no-contact = "no contact is on record"
---*/
WITH
-- People who left; a leave that is planned has not happened yet.
gone AS MATERIALIZED (
    SELECT DISTINCT a.address
    FROM person_address AS a
    JOIN person AS p ON p.person_key = a.person_key
    WHERE p.kind = 'person'
      AND (p.status = 'left' OR p.status IS NULL AND p.left_at IS NOT NULL)
      AND COALESCE(p.left_at, 0) <= :as_of
),
-- Contacts with an address: 3 cannot be reached, 2 not on record, 1 can be reached.
contact AS NOT MATERIALIZED (
    SELECT
        list_key, position, address,
        CASE
            WHEN status IN ('bounced', 'left', 'disabled') THEN status
            WHEN lower(address) IN (SELECT address FROM gone) THEN 'left'
        END AS trouble,
        CASE
            WHEN status IN ('bounced', 'left', 'disabled') OR lower(address) IN (SELECT address FROM gone) THEN 3
            WHEN status = 'ok' THEN 1
            ELSE 2
        END AS standing
    FROM contact_entry
    WHERE trim(address) <> ''
),
judged AS MATERIALIZED (
    SELECT list_key, max(standing) AS worst
    FROM contact
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    CASE WHEN outcome IN ('fail unreachable', 'unknown status-unclear') THEN (
        SELECT group_concat(c.address || COALESCE(' (' || c.trouble || ')', ''), ', ')
        FROM contact AS c
        WHERE c.list_key IN (own_list, account_list)
          AND c.standing = CASE outcome WHEN 'fail unreachable' THEN 3 ELSE 2 END
    ) END AS contacts,
    CASE outcome
        WHEN 'unknown not-collected' THEN 'contacts'
        WHEN 'unknown not-on-record' THEN 'contacts'
        WHEN 'unknown status-unclear' THEN 'contacts.status'
    END AS missing
FROM (
    SELECT
        t.token_key, t.contacts_list AS own_list,
        CASE WHEN :inherit_from_account THEN a.contacts_list END AS account_list,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN own.worst = 3 OR inherited.worst = 3 THEN 'fail unreachable'
            WHEN own.worst = 2 OR inherited.worst = 2 THEN 'unknown status-unclear'
            WHEN own.worst = 1 OR inherited.worst = 1 THEN 'pass reachable'
            WHEN t.contacts_state = 'not-collected' THEN 'unknown not-collected'
            WHEN t.contacts_state IN ('unreadable', 'unknown-word') THEN 'unknown not-on-record'
            ELSE 'not-applicable no-contact'
        END AS outcome
    FROM token AS t
    LEFT JOIN account AS a ON a.provider = t.provider AND a.account = t.account
    LEFT JOIN judged AS own ON own.list_key = t.contacts_list
    LEFT JOIN judged AS inherited ON :inherit_from_account AND inherited.list_key = a.contacts_list
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
