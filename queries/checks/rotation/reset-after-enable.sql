/*---
id = "ROT-002"
title = "A token that was switched on again was reset at that time"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:IA-5",
    "nist-csf-2.0:PR.AA-01",
    "iso-27001-2022:~A.5.17",
    "soc2-tsc-2017-2022:~CC6.1",
    "owasp-nhi-2025:~NHI7",
    "impact-com:IMP-4.1",
]
rationale = "The page asks for a reset whenever a token is enabled, so that credentials that may have leaked earlier stop working."
remediation = "Reset the token now, then update all its integrations; make the reset part of the enable procedure."
evidence = ["enabled_at", "created_at", "last_rotated_at", "changed_at", "fact:value_fixed_at_creation"]
required = "A token that is switched on again is reset within {grace_hours:hour}."

# impact.com asks for a reset whenever a token is enabled and gives no time; 24 hours are a choice of this project.
[parameters.grace_hours]
type = "number"
default = 24
unit = "hours"
boundary = "over"
stricter = "lower"
per_token = true
help = "Time from switching a token on to its reset, in hours."

[reasons.fail]
not-reset = "switched on {enabled_at}, and last reset {last_rotated_at}; at most {limit_value:hour} are allowed[ for {limit_for}]"
never-rotated = "switched on {enabled_at}, and never reset; at most {limit_value:hour} are allowed[ for {limit_for}]"
fixed-at-creation = "switched on {enabled_at}, and its value was fixed when it was created {last_rotated_at}; at most {limit_value:hour} are allowed[ for {limit_for}]"
unchanged = "switched on {enabled_at}, and not changed in any way since {changed_at}; at most {limit_value:hour} are allowed[ for {limit_for}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"

[reasons.pass]
reset = "switched on {enabled_at} and reset {last_rotated_at}"
pending = "switched on {enabled_at}; the time to reset the token has not run out"

[reasons.not-applicable]
not-live = "the token is not enabled"
enabled-at-creation = "the token has been on since it was created"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE outcome WHEN 'fail unchanged' THEN 'bound' WHEN 'fail fixed-at-creation' THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE outcome WHEN 'fail fixed-at-creation' THEN 'value_fixed_at_creation' END AS fact,
    enabled_at,
    reset_at AS last_rotated_at,
    changed_at,
    limit_value,
    limit_origin,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN enabled_at IS NULL THEN 'enabled_at'
        ELSE 'last_rotated_at'
    END AS missing,
    CASE outcome WHEN 'pass pending' THEN 'pending' END AS note
FROM (
    SELECT
        token_key, enabled_at, reset_at, changed_at, limit_value, limit_origin,
        CASE
            WHEN NOT is_live THEN 'not-applicable not-live'
            -- never switched on: it was on from the beginning
            WHEN enabled_at_state = 'none' THEN 'not-applicable enabled-at-creation'
            -- within a day, which also holds for everything on the date of the creation
            WHEN enabled_at <= created_at + 86400 THEN 'not-applicable enabled-at-creation'
            WHEN enabled_at IS NULL THEN
                CASE enabled_at_state WHEN 'not-collected' THEN 'unknown not-collected' ELSE 'unknown not-on-record' END
            -- of two times on one date, one without its time of day counts as not before
            WHEN NOT (reset_at < enabled_at
                      AND (reset_at / 86400 < enabled_at / 86400
                           OR (reset_at_precision = 'second' AND enabled_at_precision = 'second'))) THEN 'pass reset'
            WHEN MAX(0, :as_of - enabled_at) < fails_from THEN 'pass pending'
            WHEN last_rotated_at_state = 'value' THEN 'fail not-reset'
            WHEN reset_at IS NOT NULL THEN 'fail fixed-at-creation'
            WHEN last_rotated_at_state = 'none' THEN 'fail never-rotated'
            -- the secret cannot be newer than the last change of any kind
            WHEN changed_at < enabled_at
                 AND (changed_at / 86400 < enabled_at / 86400
                      OR (changed_at_precision = 'second' AND enabled_at_precision = 'second')) THEN 'fail unchanged'
            WHEN last_rotated_at_state = 'not-collected' THEN 'unknown not-collected'
            ELSE 'unknown not-on-record'
        END AS outcome
    FROM (
        SELECT
            t.*, p.fails_from, p.value AS limit_value, p.origin AS limit_origin
        FROM (
            SELECT
                token_key, class_key, is_live, enabled_at, enabled_at_state, enabled_at_precision, created_at,
                last_rotated_at_state, changed_at, changed_at_precision,
                -- a value that cannot change was set when the token was created
                CASE
                    WHEN last_rotated_at_state = 'value' THEN last_rotated_at
                    WHEN fact_value_fixed_at_creation THEN created_at
                END AS reset_at,
                CASE WHEN last_rotated_at_state = 'value' THEN last_rotated_at_precision ELSE created_at_precision
                END AS reset_at_precision
            FROM token
        ) AS t
        JOIN parameter_value AS p
            ON p.check_id = 'ROT-002' AND p.parameter = 'grace_hours' AND p.class_key = t.class_key
    )
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
