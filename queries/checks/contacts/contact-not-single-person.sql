/*---
id = "CON-005"
title = "The contacts do not hang on one personal mailbox"
severity = "low"
since = "0.1.0"
controls = [
    "cis-controls-8.1:~17.1",
    "impact-com:~IMP-5.1",
]
rationale = "Holidays and departures make a single personal mailbox silent exactly when it matters."
remediation = "Add a team mailbox that at least two people read."
evidence = ["contacts[].kind", "contacts[].address", "register:accounts"]
required = "The contacts are a group, or at least two different addresses."

[parameters.freemail_domains]
type = "words"
list = "freemail_domains"
stricter = "higher"
help = "Domains of mailboxes that anybody can open."

[parameters.group_local_parts]
type = "words"
list = "group_local_parts"
stricter = "lower"
help = "First parts of an address that stand for a group."

[parameters.use_heuristics]
type = "flag"
default = true
stricter = "lower"
help = "Whether an address may be known for a group's by its first part."

[parameters.inherit_from_account]
type = "flag"
default = true
stricter = "lower"
help = "Whether the contacts of the account are contacts of its tokens."

[reasons.fail]
freemail = "a contact is a private mailbox: {contacts}"
single-person = "the only contact is one person: {contacts}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
kind-unclear = "it is not on record whether the only contact is a person or a group: {contacts}"

[reasons.pass]
group = "a group is a contact"
several = "there are several contacts"

[reasons.not-applicable]
not-live = "the token is not enabled"
no-contact = "no contact is on record"
---*/
WITH
-- Contacts with an address, by what it is: 3 a private mailbox, 2 a group, 1 a person, 0 not clear.
contact AS NOT MATERIALIZED (
    SELECT
        list_key, address,
        CASE
            WHEN substr(address, instr(address, '@') + 1) IN (SELECT lower(value) FROM json_each(:freemail_domains))
                AND instr(address, '@') > 0 THEN 3
            WHEN kind IN ('group', 'team') THEN 2
            WHEN kind = 'person' THEN 1
            WHEN :use_heuristics AND instr(address, '@') > 0 AND substr(address, 1, instr(address, '@') - 1)
                IN (SELECT lower(value) FROM json_each(:group_local_parts)) THEN 2
            ELSE 0
        END AS standing
    FROM (
        SELECT list_key, kind, lower(trim(address)) AS address FROM contact_entry WHERE trim(address) <> ''
    )
),
-- Tokens with the same contacts of their own and of their account are judged once.
combination AS MATERIALIZED (
    SELECT
        own_list, account_list, count(DISTINCT c.address) AS addresses, max(c.standing = 3) AS has_freemail,
        max(c.standing = 2) AS has_group, max(c.standing = 1) AS has_person
    FROM (
        SELECT
            COALESCE(t.contacts_list, 0) AS own_list,
            CASE WHEN :inherit_from_account THEN COALESCE(a.contacts_list, 0) ELSE 0 END AS account_list
        FROM token AS t
        LEFT JOIN account AS a ON a.provider = t.provider AND a.account = t.account
        WHERE t.is_live
        GROUP BY 1, 2
    )
    CROSS JOIN contact AS c ON c.list_key IN (own_list, account_list)
    GROUP BY own_list, account_list
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    CASE WHEN outcome IN ('fail freemail', 'fail single-person', 'unknown kind-unclear') THEN (
        SELECT group_concat(DISTINCT c.address)
        FROM contact AS c
        WHERE c.list_key IN (own_list, account_list) AND (outcome <> 'fail freemail' OR c.standing = 3)
    ) END AS contacts,
    CASE outcome
        WHEN 'unknown not-collected' THEN 'contacts'
        WHEN 'unknown not-on-record' THEN 'contacts'
        WHEN 'unknown kind-unclear' THEN 'contacts.kind'
    END AS missing
FROM (
    SELECT
        t.token_key, t.contacts_list AS own_list,
        CASE WHEN :inherit_from_account THEN a.contacts_list END AS account_list,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN c.has_freemail THEN 'fail freemail'
            WHEN c.has_group THEN 'pass group'
            WHEN c.addresses > 1 THEN 'pass several'
            WHEN c.has_person THEN 'fail single-person'
            WHEN c.addresses = 1 THEN 'unknown kind-unclear'
            WHEN t.contacts_state = 'not-collected' THEN 'unknown not-collected'
            WHEN t.contacts_state IN ('unreadable', 'unknown-word') THEN 'unknown not-on-record'
            ELSE 'not-applicable no-contact'
        END AS outcome
    FROM token AS t
    LEFT JOIN account AS a ON a.provider = t.provider AND a.account = t.account
    LEFT JOIN combination AS c
        ON c.own_list = COALESCE(t.contacts_list, 0)
       AND c.account_list = CASE WHEN :inherit_from_account THEN COALESCE(a.contacts_list, 0) ELSE 0 END
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
