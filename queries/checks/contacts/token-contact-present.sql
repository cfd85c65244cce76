/*---
id = "CON-001"
title = "The token has a contact"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~AC-2",
    "nist-csf-2.0:~GV.RR-02",
    "cis-aws-3.0.0:~1.1",
    "cis-aws-5.0.0:~1.1",
    "iso-27001-2022:~A.5.2",
    "soc2-tsc-2017-2022:~CC2.3",
    "impact-com:IMP-5.1",
]
rationale = "The provider's staff must be able to reach someone about this token."
remediation = "Enter a primary contact for the token at the provider, preferably a team mailbox."
evidence = ["contacts[].role", "contacts[].address", "register:accounts"]
required = "The token has a contact with an address."

[parameters.placeholders]
type = "words"
list = "placeholders"
stricter = "higher"
help = "Words that are no address."

[parameters.inherit_from_account]
type = "flag"
default = true
stricter = "lower"
help = "Whether a token contact of the account counts for its tokens."

[reasons.fail]
no-token-contact = "no contact with the role token is on record"

[reasons.unknown]
not-collected = "no source states {missing:field}"

[reasons.pass]
token-contact = "the token has a contact"
account-contact = "the account of the token has a token contact"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
-- Lists that hold a token contact with an address.
WITH contacted AS MATERIALIZED (
    SELECT DISTINCT list_key
    FROM contact_entry
    WHERE list_key BETWEEN (SELECT first_list_key FROM run_in_view) AND (SELECT last_list_key FROM run_in_view)
      AND role = 'token'
      AND trim(address) <> ''
      AND lower(address) NOT IN (SELECT value FROM json_each(:placeholders))
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    CASE outcome WHEN 'unknown not-collected' THEN 'contacts' END AS missing
FROM (
    SELECT
        t.token_key,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN t.contacts_list IN (SELECT list_key FROM contacted) THEN 'pass token-contact'
            WHEN :inherit_from_account AND a.contacts_list IN (SELECT list_key FROM contacted) THEN 'pass account-contact'
            WHEN t.contacts_state = 'not-collected' THEN 'unknown not-collected'
            ELSE 'fail no-token-contact'
        END AS outcome
    FROM token AS t
    LEFT JOIN account AS a ON a.provider = t.provider AND a.account = t.account
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
