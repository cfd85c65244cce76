-- The waivers that a run was judged with, so that whoever audits it later finds them without the file.

CREATE TABLE run_waiver (
    run_key        INTEGER NOT NULL,
    position       INTEGER NOT NULL,            -- place in the file, from 1
    waiver_id      TEXT NOT NULL,               -- what run_result.waiver names
    check_id       TEXT NOT NULL,               -- empty where the file names none
    subject        TEXT NOT NULL,               -- JSON object: pattern by key
    reason         TEXT NOT NULL,
    owner          TEXT NOT NULL,               -- who carries the risk
    approver       TEXT NOT NULL,
    approved_at    TEXT NOT NULL,               -- these two as written
    valid_through  TEXT NOT NULL,
    ticket         TEXT,
    reason_code    TEXT,
    covers_unknown INTEGER NOT NULL,
    status         TEXT NOT NULL,               -- at the as-of instant: not-yet, active, ending, expired, unused, invalid
    note           TEXT,
    matched        INTEGER NOT NULL,            -- results that it names
    relabelled     INTEGER NOT NULL,            -- results that it covers
    PRIMARY KEY (run_key, position)
) STRICT, WITHOUT ROWID;
