/*---
id = "INV-006"
title = "The source data is recent enough to judge from"
subject = "source"
severity = "medium"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~CM-8",
    "nist-csf-2.0:~ID.AM-02",
    "cis-controls-8.1:~5.5",
    "pci-dss-4.0.1:~12.5.1",
    "iso-27001-2022:~A.5.9",
    "soc2-tsc-2017-2022:~CC2.1",
]
rationale = "A clean report from last quarter's export is not evidence for this quarter."
remediation = "Export the source again and rerun; automate the export."
evidence = ["source:exported_at"]
required = "Every source was exported at most {max_source_age_days:day} before the instant of the report."

# 30: a choice of this project; CIS Controls 5.5 reviews accounts at least quarterly
[parameters.max_source_age_days]
type = "number"
default = 30
unit = "days"
boundary = "over"
stricter = "lower"
help = "Longest time between the export of a source and the instant of the report, in whole days."

[reasons.fail]
too-old = "exported {exported_at}, {days:day} before {as_of}; at most {limit_value:day} are allowed[ for {limit_for}]"

[reasons.unknown]
no-export-date = "neither its content nor the settings nor its name say when it was exported"
implausible-export-date = "its export date lies too far ahead to be true"

[reasons.pass]
recent = "exported {exported_at}, {days:day} before {as_of}"
---*/
SELECT
    source_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    -- a date in the name of a file is the word of whoever named it
    CASE exported_at_basis WHEN 'name' THEN 'name-based' ELSE 'direct' END AS basis,
    exported_at,
    exported_at_basis,
    days,
    :max_source_age_days AS limit_value,
    :max_source_age_days_origin AS limit_origin,
    CASE WHEN outcome IN ('unknown no-export-date', 'unknown implausible-export-date') THEN 'exported_at' END AS missing
FROM (
    SELECT
        source_key, exported_at, exported_at_basis, days,
        CASE
            WHEN exported_at_state = 'implausible' THEN 'unknown implausible-export-date'
            WHEN exported_at IS NULL THEN 'unknown no-export-date'
            WHEN days >= :max_source_age_days_fails_from THEN 'fail too-old'
            ELSE 'pass recent'
        END AS outcome
    FROM (
        -- an export made after the instant of the report has age 0
        SELECT *, MAX(0, (:as_of - exported_at) / 86400) AS days
        FROM source
    )
);
