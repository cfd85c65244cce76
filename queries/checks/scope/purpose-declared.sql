/*---
id = "SCP-004"
title = "The token states what it is for"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:AC-2",
    "nist-csf-2.0:~PR.AA-05",
    "cis-controls-8.1:5.5",
    "pci-dss-4.0.1:~7.2.5.1",
    "iso-27001-2022:~A.5.15", "iso-27001-2022:~A.5.18",
    "soc2-tsc-2017-2022:CC6.1",
    "owasp-nhi-2025:~NHI5",
    "impact-com:~IMP-3.1",
]
rationale = "Least privilege is measured against a purpose; no purpose, no measure."
remediation = "Write one sentence: which system uses the token, for which task, and until when; link it to the purpose register."
evidence = ["purpose", "purpose_id", "register:purposes"]
required = "The token states what it is for, in at least {min_length} letters or by the id of a purpose."

# A choice of this project.
[parameters.min_length]
type = "number"
default = 10
stricter = "higher"
help = "Fewest letters of a purpose that is not on the register of purposes."

[parameters.placeholders]
type = "words"
list = "placeholders"
stricter = "higher"
help = "Words that are no purpose."

[reasons.fail]
no-purpose = "no purpose is on record"
placeholder = "the purpose is a placeholder: {purpose}"
too-short = "the purpose says too little: {purpose}; at least {limit_value} letters are asked for"
purpose-not-on-register = "the register of purposes does not hold {purpose_id}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
no-register = "there is no register of purposes to look {purpose_id} up in"

[reasons.pass]
stated = "the purpose is on record"
on-register = "the purpose {purpose_id} is on the register"

[reasons.not-applicable]
not-live = "the token is not enabled"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    purpose,
    purpose_id,
    :min_length AS limit_value,
    CASE outcome WHEN 'unknown not-collected' THEN 'purpose' WHEN 'unknown no-register' THEN 'purposes' END AS missing
FROM (
    SELECT
        token_key, purpose, purpose_id,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            WHEN purpose_id IS NOT NULL AND on_register THEN 'pass on-register'
            WHEN purpose_id IS NOT NULL AND EXISTS (SELECT 1 FROM register WHERE role = 'purposes')
                THEN 'fail purpose-not-on-register'
            WHEN purpose_says_enough THEN 'pass stated'
            WHEN purpose_id IS NOT NULL THEN 'unknown no-register'
            WHEN purpose_state = 'not-collected' AND purpose_id_state = 'not-collected' THEN 'unknown not-collected'
            WHEN purpose IS NULL THEN 'fail no-purpose'
            WHEN is_placeholder THEN 'fail placeholder'
            ELSE 'fail too-short'
        END AS outcome
    FROM (
        SELECT
            t.token_key, t.is_live, t.purpose_state, t.purpose_id_state, t.purpose, t.purpose_id, t.is_placeholder,
            p.purpose_id IS NOT NULL AS on_register,
            t.purpose IS NOT NULL AND NOT t.is_placeholder AND length(t.purpose) >= :min_length AS purpose_says_enough
        FROM (
            SELECT
                token_key, is_live, purpose_state, purpose_id_state,
                NULLIF(trim(purpose), '') AS purpose,
                lower(trim(purpose)) IN (SELECT lower(value) FROM json_each(:placeholders)) AS is_placeholder,
                CASE WHEN lower(trim(purpose_id)) NOT IN (SELECT lower(value) FROM json_each(:placeholders))
                     THEN NULLIF(trim(purpose_id), '') END AS purpose_id
            FROM token
        ) AS t
        LEFT JOIN purpose AS p ON p.purpose_id = t.purpose_id
        LIMIT -1 OFFSET 0 -- no limit, here and below: it makes SQLite decide once per row and not once per column
    )
    LIMIT -1 OFFSET 0
);
