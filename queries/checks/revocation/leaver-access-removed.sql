/*---
id = "REV-003"
title = "Nobody who has left still owns or knows the secret"
severity = "high"
since = "0.1.0"
controls = [
    "nist-800-53-r5:PS-4", "nist-800-53-r5:AC-2(3)", "nist-800-53-r5:~IA-5", "nist-800-53-r5:~PS-5",
    "nist-csf-2.0:PR.AA-05",
    "cis-controls-8.1:6.2",
    "pci-dss-4.0.1:8.2.5",
    "iso-27001-2022:A.6.5", "iso-27001-2022:A.5.18",
    "soc2-tsc-2017-2022:CC6.2", "soc2-tsc-2017-2022:CC6.3",
    "owasp-nhi-2025:NHI1",
    "impact-com:~IMP-1.2",
]
rationale = "People keep what they copied; after they leave, only a reset takes it back."
remediation = "Name a new owner, reset the token, update the integrations, and add this token list to the leaver procedure."
evidence = [
    "owner", "shares[].recipient", "storage[].readers", "last_rotated_at", "created_at", "changed_at", "register:people",
    "fact:value_fixed_at_creation",
]
required = "Nobody who left more than {grace_days:day} ago owns the token or knows its secret."

# PCI DSS 8.2.5: immediately; CIS Controls 6.2: immediately upon termination.
[parameters.grace_days]
type = "number"
default = 0
unit = "days"
boundary = "over"
stricter = "lower"
per_token = true
help = "Time from leaving to the reset, in whole days."

[parameters.require_holders]
type = "flag"
default = false
stricter = "higher"
help = "Whether everybody who received or can read the secret must be on record."

[reasons.fail]
owner-left = "the owner {owner} left[ on {left_at}]"
holder-left-no-reset = "these people know the secret and have left, and it was not reset since: {holders}[; the last reset was {last_rotated_at}]"

[reasons.unknown]
not-collected = "no source states {missing:field}"
not-on-record = "not on record: {missing:field}"
no-register = "there is no register of people to look the owner up in"
owner-not-on-register = "the register of people does not hold {owner}"
owner-status-unclear = "the register of people does not say whether {owner} is still here"
holder-unclear = "it is not on record whether these people, who know the secret, are still here, or whether it was reset since: {holders}"

[reasons.pass]
nobody-left = "everybody who owns the token or knows its secret is still here"
reset-since = "everybody who left did so before the last reset, {last_rotated_at}"
pending = "somebody left and the time to reset the token has not run out"

[reasons.not-applicable]
not-live = "the token is not enabled"
team-owned = "a team owns the token, and no person is on record as knowing its secret"
---*/
WITH
-- One row for each address: 4 left, 3 not clear, 2 still here, 1 no person. A leave that is planned has not happened yet. Of several
-- entries with one address the highest counts.
human AS MATERIALIZED (
    SELECT
        a.address,
        max(CASE
            WHEN p.kind <> 'person' THEN 1
            WHEN p.left_at > :as_of AND p.status IN ('left', 'active', 'leave') THEN 2
            WHEN p.status = 'left' THEN 4
            WHEN p.status IN ('active', 'leave') THEN 2
            WHEN p.status IS NULL AND p.left_at <= :as_of THEN 4
            ELSE 3
        END) AS standing,
        p.left_at,
        p.left_at_precision
    FROM person_address AS a
    JOIN person AS p ON p.person_key = a.person_key
    GROUP BY a.address
),
fact AS NOT MATERIALIZED (
    SELECT
        t.token_key, t.is_live, t.owner, t.owner_state, t.shares_state, t.shares_list, t.storage_state, t.storage_list,
        t.last_rotated_at_state, t.changed_at, t.changed_at_precision,
        p.fails_from, p.value AS limit_value, p.origin AS limit_origin,
        -- a value that cannot change was set when the token was created
        COALESCE(t.fact_value_fixed_at_creation, 0)
            AND (t.last_rotated_at_state <> 'value' OR t.last_rotated_at = t.created_at) AS by_fact,
        CASE
            WHEN t.last_rotated_at_state = 'value' THEN t.last_rotated_at
            WHEN t.fact_value_fixed_at_creation THEN t.created_at
        END AS reset_at,
        CASE WHEN t.last_rotated_at_state = 'value' THEN t.last_rotated_at_precision ELSE t.created_at_precision
        END AS reset_at_precision,
        o.standing AS owner_standing, o.left_at AS owner_left_at
    FROM token AS t
    JOIN parameter_value AS p
        ON p.check_id = 'REV-003' AND p.parameter = 'grace_days' AND p.class_key = t.class_key
    LEFT JOIN human AS o ON o.address = lower(t.owner)
),
-- Everybody who received the secret or may read it where it is stored.
holding AS NOT MATERIALIZED (
    SELECT t.token_key, s.recipient AS who
    FROM token AS t
    CROSS JOIN share_entry AS s ON s.list_key = t.shares_list
    WHERE t.is_live
    UNION ALL
    SELECT t.token_key, r.text
    FROM token AS t
    CROSS JOIN storage_entry AS s ON s.list_key = t.storage_list
    CROSS JOIN text_entry AS r ON r.list_key = s.readers_list
    WHERE t.is_live
),
-- Those that decide something: 5 left and no reset followed, 4 not clear, 3 left before the reset, 2 left a short while ago, 1 still
-- here, which matters only where a team owns the token.
holder AS MATERIALIZED (
    SELECT
        f.token_key,
        h.who,
        CASE
            WHEN p.standing IS NULL OR p.standing = 3 THEN 4
            WHEN p.standing = 2 THEN 1
            WHEN MAX(0, (:as_of - p.left_at) / 86400) < f.fails_from THEN 2
            WHEN f.last_rotated_at_state = 'none' AND f.reset_at IS NULL THEN 5
            WHEN p.left_at IS NULL THEN 4
            WHEN f.reset_at < p.left_at
                 AND (f.reset_at / 86400 < p.left_at / 86400
                      OR (f.reset_at_precision = 'second' AND p.left_at_precision = 'second')) THEN 5
            WHEN f.reset_at IS NOT NULL THEN 3
            -- the secret cannot be newer than the last change of any kind
            WHEN f.changed_at < p.left_at
                 AND (f.changed_at / 86400 < p.left_at / 86400
                      OR (f.changed_at_precision = 'second' AND p.left_at_precision = 'second')) THEN 5
            ELSE 4
        END AS standing
    FROM holding AS h
    LEFT JOIN human AS p ON p.address = lower(h.who)
    CROSS JOIN fact AS f ON f.token_key = h.token_key
    WHERE EXISTS (SELECT 1 FROM register WHERE role = 'people')
      AND (
          p.standing > 2
          OR p.standing = 2 AND f.owner_standing = 1
          -- not on the register: a person by the look of an address
          OR p.standing IS NULL AND instr(h.who, '@') > 0
      )
),
worst_holder AS MATERIALIZED (
    SELECT token_key, max(standing) AS standing FROM holder GROUP BY token_key
)
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    CASE WHEN by_fact AND outcome IN ('fail holder-left-no-reset', 'pass reset-since') THEN 'provider-fact' ELSE 'direct' END AS basis,
    CASE WHEN by_fact AND outcome IN ('fail holder-left-no-reset', 'pass reset-since') THEN 'value_fixed_at_creation' END AS fact,
    owner,
    CASE WHEN outcome IN ('fail owner-left', 'pass pending') THEN owner_left_at END AS left_at,
    CASE WHEN outcome IN ('fail holder-left-no-reset', 'unknown holder-unclear') THEN (
        SELECT group_concat(h.who, ', ') FROM holder AS h WHERE h.token_key = decided.token_key AND h.standing = worst
    ) END AS holders,
    reset_at AS last_rotated_at,
    limit_value,
    limit_origin,
    CASE
        WHEN outcome = 'unknown no-register' THEN 'people'
        WHEN outcome NOT IN ('unknown not-collected', 'unknown not-on-record') THEN NULL
        WHEN owner_state <> 'value' THEN 'owner'
        WHEN shares_state NOT IN ('value', 'none') THEN 'shares'
        ELSE 'storage.readers'
    END AS missing,
    CASE
        WHEN outcome = 'pass pending' THEN 'pending'
        WHEN outcome LIKE 'pass %' AND shares_list IS NULL AND storage_list IS NULL THEN 'owner-only'
    END AS note
FROM (
    SELECT
        f.*, w.standing AS worst,
        CASE
            WHEN NOT f.is_live THEN 'not-applicable not-live'
            WHEN f.owner_standing = 4
                 AND (f.owner_left_at IS NULL OR MAX(0, (:as_of - f.owner_left_at) / 86400) >= f.fails_from) THEN 'fail owner-left'
            WHEN w.standing = 5 THEN 'fail holder-left-no-reset'
            WHEN f.owner_state = 'not-collected' THEN 'unknown not-collected'
            WHEN f.owner IS NULL THEN 'unknown not-on-record'
            WHEN NOT EXISTS (SELECT 1 FROM register WHERE role = 'people') THEN 'unknown no-register'
            WHEN f.owner_standing IS NULL THEN 'unknown owner-not-on-register'
            WHEN f.owner_standing = 3 THEN 'unknown owner-status-unclear'
            WHEN w.standing = 4 THEN 'unknown holder-unclear'
            WHEN :require_holders AND f.shares_state NOT IN ('value', 'none') THEN
                CASE f.shares_state WHEN 'not-collected' THEN 'unknown not-collected' ELSE 'unknown not-on-record' END
            WHEN :require_holders AND f.storage_state <> 'none' AND (
                SELECT min(s.readers_state IN ('value', 'none')) FROM storage_entry AS s WHERE s.list_key = f.storage_list
            ) IS NOT 1 THEN
                CASE WHEN f.storage_state = 'not-collected' THEN 'unknown not-collected' ELSE 'unknown not-on-record' END
            WHEN f.owner_standing = 1 AND w.standing IS NULL THEN 'not-applicable team-owned'
            WHEN f.owner_standing = 4 OR w.standing = 2 THEN 'pass pending'
            WHEN w.standing = 3 THEN 'pass reset-since'
            ELSE 'pass nobody-left'
        END AS outcome
    FROM fact AS f
    LEFT JOIN worst_holder AS w ON w.token_key = f.token_key
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
) AS decided;
