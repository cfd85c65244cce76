/*---
id = "REV-005"
title = "The token has an accountable owner"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-2", "nist-800-53-r5:~AC-2(3)",
    "nist-csf-2.0:~GV.RR-02", "nist-csf-2.0:~PR.AA-01",
    "cis-controls-8.1:5.5",
    "iso-27001-2022:A.5.9", "iso-27001-2022:~A.5.16",
    "soc2-tsc-2017-2022:~CC6.1", "soc2-tsc-2017-2022:~CC1.3",
    "owasp-nhi-2025:NHI1",
]
rationale = "Every other practice needs somebody who does it."
remediation = "Find out from the usage log which system calls with it, give the token to that system's team, or disable it if nobody claims it."
evidence = ["owner", "register:people"]
required = "The token has an owner, who is on the register of people if there is one."

[parameters.placeholders]
type = "words"
list = "placeholders"
stricter = "higher"
help = "Words that are no owner."

[reasons.fail]
no-owner = "no owner is on record"
placeholder = "the owner is a placeholder: {owner}"
owner-not-on-register = "the register of people is complete, and does not hold the owner {owner}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
owner-not-found = "the register of people does not hold the owner {owner}, and is not declared complete"

[reasons.pass]
owned = "the owner {owner} is on record"
owner-on-register = "the owner {owner} is on the register"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
WITH known AS MATERIALIZED (SELECT DISTINCT address FROM person_address)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    owner,
    CASE outcome WHEN 'unknown not-collected' THEN 'owner' END AS missing
FROM (
    SELECT
        t.token_key, t.owner,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN t.owner_state = 'not-collected' THEN 'unknown not-collected'
            WHEN COALESCE(trim(t.owner), '') = '' THEN 'fail no-owner'
            WHEN lower(trim(t.owner)) IN (SELECT lower(value) FROM json_each(:placeholders)) THEN 'fail placeholder'
            WHEN lower(trim(t.owner)) IN (SELECT address FROM known) THEN 'pass owner-on-register'
            ELSE CASE (SELECT complete FROM register WHERE role = 'people')
                WHEN 1 THEN 'fail owner-not-on-register'
                WHEN 0 THEN 'unknown owner-not-found'
                ELSE 'pass owned'
            END
        END AS outcome
    FROM token AS t
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
