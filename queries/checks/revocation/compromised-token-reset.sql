/*---
id = "REV-001"
title = "A token suspected to be compromised has been reset or disabled"
severity = "critical"
since = "0.1.0"
controls = [
    "nist-800-53-r5:IA-5", "nist-800-53-r5:IR-4",
    "nist-csf-2.0:RS.MI-01", "nist-csf-2.0:PR.AA-01",
    "pci-dss-4.0.1:8.6.3", "pci-dss-4.0.1:~12.10.1",
    "iso-27001-2022:A.5.26", "iso-27001-2022:~A.5.17",
    "soc2-tsc-2017-2022:CC7.4", "soc2-tsc-2017-2022:~CC6.2",
    "owasp-nhi-2025:~NHI2",
    "impact-com:IMP-4.2",
]
rationale = "The page is plain: on suspicion reset at once, then update the integrations."
remediation = "Reset the token now (this cuts off the attacker), then put the new secret into every integration, then look through the usage log from the first possible misuse."
evidence = [
    "compromise.state", "compromise.suspected_at", "last_rotated_at", "created_at", "changed_at", "state",
    "fact:value_fixed_at_creation",
]
required = "A token suspected to be compromised is reset or disabled within {grace_hours:hour}."
waivable = false

# impact.com: reset at once; PCI DSS 8.6.3: upon suspicion.
[parameters.grace_hours]
type = "number"
default = 0
unit = "hours"
boundary = "reached"
stricter = "lower"
per_token = true
help = "Time from the suspicion to the reset, in hours."

[reasons.fail]
not-reset = "suspected to be compromised since {compromise_suspected_at}, still enabled and not reset since[; the last reset was {last_rotated_at}]"
not-reset-undated = "suspected to be compromised at an unknown time and still enabled"
unchanged = "suspected to be compromised since {compromise_suspected_at}, still enabled and not changed in any way since {changed_at}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "it is not on record whether the token is suspected to be compromised"
same-date = "suspected and reset on the same date, {last_rotated_at}, and one of them has no time of day"

[reasons.pass]
not-suspected = "not suspected to be compromised"
reset = "reset {last_rotated_at}, after the suspicion of {compromise_suspected_at}"
no-longer-live = "suspected to be compromised, and no longer enabled"
pending = "suspected to be compromised since {compromise_suspected_at}; the time to reset it has not run out"

[reasons.not-applicable]
not-live = "the token is not enabled, and no suspicion is on record"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE WHEN outcome = 'fail unchanged' THEN 'bound' WHEN by_fact AND outcome IN ('fail not-reset', 'pass reset', 'unknown same-date') THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE WHEN by_fact AND outcome IN ('fail not-reset', 'pass reset', 'unknown same-date') THEN 'value_fixed_at_creation' END AS fact,
    compromise_suspected_at,
    reset_at AS last_rotated_at,
    changed_at,
    state,
    limit_value,
    limit_origin,
    CASE
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN suspected THEN 'last_rotated_at'
        ELSE 'compromise.state'
    END AS missing,
    CASE WHEN outcome = 'pass pending' THEN 'pending' END AS note
FROM (
    SELECT
        *,
        CASE
            WHEN NOT suspected THEN
                CASE
                    WHEN NOT is_live THEN 'not-applicable not-live'
                    WHEN compromise_state = 'none' THEN 'pass not-suspected'
                    WHEN compromise_state = 'not-collected' THEN 'unknown not-collected'
                    ELSE 'unknown not-on-record'
                END
            WHEN NOT is_live THEN 'pass no-longer-live'
            WHEN compromise_suspected_at IS NULL THEN 'fail not-reset-undated'
            WHEN reset_at >= compromise_suspected_at
                 AND (reset_at / 86400 > compromise_suspected_at / 86400
                      OR (reset_at_precision = 'second' AND compromise_suspected_at_precision = 'second')) THEN 'pass reset'
            WHEN MAX(0, :as_of - compromise_suspected_at) < fails_from THEN 'pass pending'
            -- on one date, and one of the two has no time of day: either may have come first
            WHEN reset_at / 86400 = compromise_suspected_at / 86400
                 AND (reset_at_precision = 'date' OR compromise_suspected_at_precision = 'date') THEN 'unknown same-date'
            WHEN reset_at IS NOT NULL THEN 'fail not-reset'
            WHEN changed_at < compromise_suspected_at
                 AND (changed_at / 86400 < compromise_suspected_at / 86400
                      OR (changed_at_precision = 'second' AND compromise_suspected_at_precision = 'second'))
                THEN 'fail unchanged'
            WHEN last_rotated_at_state = 'not-collected' THEN 'unknown not-collected'
            -- never reset, or a field that is kept and empty here
            ELSE 'fail not-reset'
        END AS outcome
    FROM (
        SELECT
            t.token_key, t.is_live, t.state, t.compromise_state, t.compromise_suspected_at, t.compromise_suspected_at_precision,
            t.last_rotated_at_state, t.changed_at, t.changed_at_precision,
            p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
            COALESCE(t.compromise, CASE WHEN t.compromise_suspected_at_state = 'value' THEN 'suspected' END, 'none') <> 'none'
                AS suspected,
            -- a value that cannot change was set when the token was created
            COALESCE(t.fact_value_fixed_at_creation, 0)
                AND (t.last_rotated_at_state <> 'value' OR t.last_rotated_at = t.created_at) AS by_fact,
            CASE
                WHEN t.last_rotated_at_state = 'value' THEN t.last_rotated_at
                WHEN t.fact_value_fixed_at_creation THEN t.created_at
            END AS reset_at,
            CASE WHEN t.last_rotated_at_state = 'value' THEN t.last_rotated_at_precision ELSE t.created_at_precision
            END AS reset_at_precision
        FROM token AS t
        JOIN parameter_value AS p
            ON p.check_id = 'REV-001' AND p.parameter = 'grace_hours' AND p.class_key = t.class_key
    )
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
