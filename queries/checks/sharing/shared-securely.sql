/*---
id = "SHR-001"
title = "The secret was shared only with authorized recipients over a secure channel"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:IA-5", "nist-800-53-r5:~AC-2(9)", "nist-800-53-r5:~SC-8",
    "nist-csf-2.0:PR.AA-01", "nist-csf-2.0:~PR.DS-02",
    "cis-controls-8.1:~3.3",
    "pci-dss-4.0.1:~8.2.2", "pci-dss-4.0.1:~8.3.11",
    "iso-27001-2022:A.5.17", "iso-27001-2022:A.5.14",
    "soc2-tsc-2017-2022:CC6.1", "soc2-tsc-2017-2022:~CC6.7",
    "owasp-nhi-2025:NHI2",
    "impact-com:IMP-1.1",
]
rationale = "The page asks for two things at once: authorized individuals only, and a secure manner. Either one missing defeats the other."
remediation = "Reset the token, hand the new secret over through the approved channel, and record who received it and who approved that."
evidence = [
    "shares[].recipient", "shares[].authorized", "shares[].channel", "shares[].at", "last_rotated_at", "created_at", "changed_at", "fact:keyless", "fact:value_fixed_at_creation",
]
required = "The secret was handed only to authorized recipients, through one of these channels: {secure_channels}."

[parameters.secure_channels]
type = "words"
list = "secure_channels"
stricter = "lower"
help = "Ways to hand over a secret that nobody else reads."

[reasons.fail]
unauthorized-recipient = "the secret was given to somebody who is not authorized, and not reset since: {shares}"
insecure-channel = "the secret was sent through a channel that is not secure, and not reset since: {shares}"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "with whom the secret was shared is not on record"
share-unclear = "recipient or channel of these shares is not on record, or whether the secret was reset since: {shares}"

[reasons.pass]
shared-securely = "the secret was shared only with authorized recipients over secure channels"
reset-since = "what was shared otherwise was reset since, {last_rotated_at}"
not-shared = "the secret was not shared"

[reasons.not-applicable]
not-live = "the token is not enabled"
keyless = "nothing is stored: the identity has no secret"
---*/
WITH
-- What a share says: 3 not authorized, 2 channel not secure, 1 one of the two not on record, 0 sound.
share AS NOT MATERIALIZED (
    SELECT
        list_key, position, at, at_precision,
        COALESCE(recipient, 'somebody') || COALESCE(' (' || channel || ')', '') AS label,
        CASE
            WHEN authorized = 'no' THEN 3
            WHEN channel <> 'unknown' AND channel NOT IN (SELECT value FROM json_each(:secure_channels)) THEN 2
            WHEN authorized IS NOT 'yes' OR channel IS NULL OR channel = 'unknown' THEN 1
            ELSE 0
        END AS fault
    FROM share_entry
),
fact AS NOT MATERIALIZED (
    SELECT
        token_key, is_live, fact_keyless, shares_state, shares_list, last_rotated_at_state, changed_at, changed_at_precision,
        -- a value that cannot change was set when the token was created
        CASE
            WHEN last_rotated_at_state = 'value' THEN last_rotated_at
            WHEN fact_value_fixed_at_creation THEN created_at
        END AS reset_at,
        CASE WHEN last_rotated_at_state = 'value' THEN last_rotated_at_precision ELSE created_at_precision
        END AS reset_at_precision
    FROM token
),
-- Faulty shares of live tokens. 3 and 2: still effective and a violation; 1: not clear; 0: reset since.
faulty AS MATERIALIZED (
    SELECT
        t.token_key, s.position, s.label,
        CASE
            WHEN s.at IS NULL OR t.last_rotated_at_state = 'none' AND t.reset_at IS NULL THEN s.fault
            WHEN s.at < t.reset_at
                 AND (s.at / 86400 < t.reset_at / 86400
                      OR (s.at_precision = 'second' AND t.reset_at_precision = 'second')) THEN 0
            WHEN t.reset_at IS NOT NULL THEN s.fault
            -- the secret cannot be newer than the last change of any kind
            WHEN t.changed_at <= s.at THEN s.fault
            ELSE 1
        END AS standing
    FROM fact AS t
    CROSS JOIN share AS s ON s.list_key = t.shares_list
    WHERE t.is_live AND s.fault > 0
),
worst AS MATERIALIZED (SELECT token_key, max(standing) AS standing FROM faulty GROUP BY token_key)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE
        WHEN outcome = 'not-applicable keyless' OR rests_on_creation THEN 'provider-fact'
        ELSE 'direct'
    END AS basis,
    CASE
        WHEN outcome = 'not-applicable keyless' THEN 'keyless'
        WHEN rests_on_creation THEN 'value_fixed_at_creation'
    END AS fact,
    CASE WHEN outcome IN ('fail unauthorized-recipient', 'fail insecure-channel', 'unknown share-unclear') THEN (
        SELECT group_concat(label, ', ')
        FROM (
            SELECT f.label FROM faulty AS f
            WHERE f.token_key = decided.token_key AND f.standing = decided.standing ORDER BY f.position
        )
    ) END AS shares,
    reset_at AS last_rotated_at,
    CASE
        WHEN outcome IN ('unknown not-collected', 'unknown not-on-record') THEN 'shares'
        WHEN outcome = 'unknown share-unclear' THEN 'shares.channel, shares.authorized, last_rotated_at'
    END AS missing
FROM (
    SELECT
        t.token_key, t.reset_at, w.standing,
        -- the faulty share was judged by a reset that is the creation of a value that cannot change
        t.is_live AND w.standing IN (0, 2, 3) AND t.reset_at IS NOT NULL AND t.last_rotated_at_state <> 'value' AS rests_on_creation,
        CASE
            WHEN NOT t.is_live THEN 'not-applicable not-live'
            WHEN t.fact_keyless THEN 'not-applicable keyless'
            WHEN w.standing = 3 THEN 'fail unauthorized-recipient'
            WHEN w.standing = 2 THEN 'fail insecure-channel'
            WHEN t.shares_state = 'none' THEN 'pass not-shared'
            WHEN t.shares_state = 'not-collected' THEN 'unknown not-collected'
            WHEN t.shares_state <> 'value' THEN 'unknown not-on-record'
            WHEN w.standing = 1 THEN 'unknown share-unclear'
            WHEN w.standing = 0 THEN 'pass reset-since'
            ELSE 'pass shared-securely'
        END AS outcome
    FROM fact AS t
    LEFT JOIN worst AS w ON w.token_key = t.token_key
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
) AS decided;
