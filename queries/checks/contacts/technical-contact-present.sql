/*---
id = "CON-002"
title = "A technical contact is on record"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-csf-2.0:~GV.SC-02",
    "cis-controls-8.1:15.1", "cis-controls-8.1:~17.2",
    "cis-aws-3.0.0:~1.2",
    "cis-aws-5.0.0:~1.2",
    "pci-dss-4.0.1:~12.10.1",
    "iso-27001-2022:~A.5.24",
    "soc2-tsc-2017-2022:~CC2.3",
    "impact-com:IMP-5.1",
]
rationale = "The page names the technical contact and the token contact separately; both must be current."
remediation = "Enter a technical contact in the provider account, someone who can reset tokens."
evidence = ["contacts[].role", "contacts[].address", "register:accounts"]
required = "The token or its account has a technical contact with an address."

[parameters.inherit_from_account]
type = "flag"
default = true
stricter = "lower"
help = "Whether a technical contact of the account counts for its tokens."

[reasons.fail]
no-technical-contact = "no contact with the role technical is on record"

[reasons.unknown]
not-collected = "no source states {missing:field}"
no-roles = "contacts are on record, and none of them has a role"

[reasons.pass]
technical-contact = "the token has a technical contact"
account-contact = "the account of the token has a technical contact"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
-- What a list says: 2 a technical contact with an address, 1 some contact with a role, 0 contacts without roles.
WITH judged AS MATERIALIZED (
    SELECT
        list_key,
        max(CASE WHEN role = 'technical' AND trim(address) <> '' THEN 2 WHEN role IS NOT NULL THEN 1 ELSE 0 END) AS best
    FROM contact_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
    GROUP BY list_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    CASE outcome WHEN 'unknown not-collected' THEN 'contacts' WHEN 'unknown no-roles' THEN 'contacts.role' END AS missing
FROM (
    SELECT
        t.token_key,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN own.best = 2 THEN 'pass technical-contact'
            WHEN inherited.best = 2 THEN 'pass account-contact'
            -- an account on the register has its contacts there
            WHEN t.contacts_state = 'not-collected' AND NOT (:inherit_from_account AND a.account IS NOT NULL)
                THEN 'unknown not-collected'
            WHEN own.best = 0 AND inherited.best IS NOT 1 OR inherited.best = 0 AND own.best IS NULL THEN 'unknown no-roles'
            ELSE 'fail no-technical-contact'
        END AS outcome
    FROM token AS t
    LEFT JOIN account AS a ON a.provider = t.provider AND a.account = t.account
    LEFT JOIN judged AS own ON own.list_key = t.contacts_list
    LEFT JOIN judged AS inherited ON :inherit_from_account AND inherited.list_key = a.contacts_list
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
