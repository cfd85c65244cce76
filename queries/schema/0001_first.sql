-- The store, first version. Migrations are append-only files, counted by PRAGMA user_version.
--
-- Physical tables come here; what checks read are the views of views.sql, which are made anew at every start.
-- Keys are unique over all runs. The tokens and lists of one run are one range of keys, so a run is found, read in parts and
-- removed without an index.

CREATE TABLE run (
    run_key         INTEGER PRIMARY KEY,
    run_id          TEXT NOT NULL,              -- first 16 hex digits of the digest of everything that decides results
    state           TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'finished')),
    as_of           INTEGER NOT NULL,           -- UTC seconds since 1970, as all instants here
    as_of_origin    TEXT NOT NULL,
    period          TEXT,
    tool_version    TEXT NOT NULL,
    policy          TEXT NOT NULL,              -- name of the policy in force
    policy_digest   TEXT NOT NULL,
    first_token_key INTEGER NOT NULL,
    last_token_key  INTEGER NOT NULL DEFAULT 0,
    first_list_key  INTEGER NOT NULL,
    last_list_key   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One input file.
CREATE TABLE run_source (
    source_key        INTEGER PRIMARY KEY,
    run_key           INTEGER NOT NULL,
    name              TEXT NOT NULL,
    format            TEXT NOT NULL,
    role              TEXT NOT NULL,            -- inventory, people, purposes, accounts
    sha256            TEXT NOT NULL,
    exported_at       INTEGER,
    exported_at_basis TEXT,                     -- content, settings, name
    exported_at_state TEXT NOT NULL,            -- value, implausible, empty
    rows_declared     INTEGER,
    rows_read         INTEGER NOT NULL DEFAULT 0,
    rows_rejected     INTEGER NOT NULL DEFAULT 0,
    rows_skipped      INTEGER NOT NULL DEFAULT 0,
    rows_duplicate    INTEGER NOT NULL DEFAULT 0,
    rows_superseded   INTEGER NOT NULL DEFAULT 0,
    contradictions    INTEGER NOT NULL DEFAULT 0,
    paging            TEXT NOT NULL DEFAULT 'unknown',
    declared_complete TEXT NOT NULL DEFAULT '[]', -- JSON arrays of field names or sentences
    collected         TEXT NOT NULL DEFAULT '[]',
    problems          TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX run_source_by_run ON run_source (run_key);

-- A row that could not be used, or was no token: kept, so that an auditor sees what was not judged.
CREATE TABLE run_row (
    run_key    INTEGER NOT NULL,
    source_key INTEGER NOT NULL,
    line       INTEGER NOT NULL,
    outcome    TEXT NOT NULL,                   -- rejected, skipped, duplicate, superseded
    reason     TEXT NOT NULL,
    token_key  INTEGER                          -- the token it repeats, for duplicates
) STRICT;
CREATE INDEX run_row_by_run ON run_row (run_key, outcome, token_key);

CREATE TABLE run_skipped_file (
    run_key INTEGER NOT NULL,
    name    TEXT NOT NULL,
    reason  TEXT NOT NULL
) STRICT;

-- How much each field of a token says, once for every combination that occurs (there are few, however many tokens).
-- States: value, none, unreadable, implausible, unknown-word, empty, not-collected. Precision of a date: second or date.
CREATE TABLE field_states (
    states_key INTEGER PRIMARY KEY,
    token_id_state TEXT NOT NULL,
    provider_state TEXT NOT NULL,
    account_state TEXT NOT NULL,
    name_state TEXT NOT NULL,
    kind_state TEXT NOT NULL,
    environment_state TEXT NOT NULL,
    sensitivity_state TEXT NOT NULL,
    state_state TEXT NOT NULL,
    purpose_state TEXT NOT NULL,
    purpose_id_state TEXT NOT NULL,
    purpose_status_state TEXT NOT NULL,
    purpose_ends_at_state TEXT NOT NULL,
    owner_state TEXT NOT NULL,
    created_at_state TEXT NOT NULL,
    enabled_at_state TEXT NOT NULL,
    last_rotated_at_state TEXT NOT NULL,
    expires_at_state TEXT NOT NULL,
    last_used_at_state TEXT NOT NULL,
    reviewed_at_state TEXT NOT NULL,
    scope_model_state TEXT NOT NULL,
    scopes_granted_state TEXT NOT NULL,
    scopes_required_state TEXT NOT NULL,
    scope_last_used_state TEXT NOT NULL,
    scope_granted_at_state TEXT NOT NULL,
    usage_observed_since_state TEXT NOT NULL,
    authorized_readers_state TEXT NOT NULL,
    credential_version_state TEXT NOT NULL,
    active_secret_count_state TEXT NOT NULL,
    secrets_state TEXT NOT NULL,
    storage_state TEXT NOT NULL,
    shares_state TEXT NOT NULL,
    integrations_state TEXT NOT NULL,
    contacts_state TEXT NOT NULL,
    compromise_state TEXT NOT NULL,
    compromise_suspected_at_state TEXT NOT NULL,
    changed_at_state TEXT NOT NULL,
    secret_scan_performed_at_state TEXT NOT NULL,
    secret_scan_open_findings_state TEXT NOT NULL,
    purpose_ends_at_precision TEXT,
    purpose_ends_at_assumed_utc INTEGER NOT NULL,
    created_at_precision TEXT,
    created_at_assumed_utc INTEGER NOT NULL,
    enabled_at_precision TEXT,
    enabled_at_assumed_utc INTEGER NOT NULL,
    last_rotated_at_precision TEXT,
    last_rotated_at_assumed_utc INTEGER NOT NULL,
    expires_at_precision TEXT,
    expires_at_assumed_utc INTEGER NOT NULL,
    last_used_at_precision TEXT,
    last_used_at_assumed_utc INTEGER NOT NULL,
    reviewed_at_precision TEXT,
    reviewed_at_assumed_utc INTEGER NOT NULL,
    usage_observed_since_precision TEXT,
    usage_observed_since_assumed_utc INTEGER NOT NULL,
    compromise_suspected_at_precision TEXT,
    compromise_suspected_at_assumed_utc INTEGER NOT NULL,
    changed_at_precision TEXT,
    changed_at_assumed_utc INTEGER NOT NULL,
    secret_scan_performed_at_precision TEXT,
    secret_scan_performed_at_assumed_utc INTEGER NOT NULL
) STRICT;

-- What the registry knows of a provider's kind of token; NULL where it knows nothing. Once for every combination.
CREATE TABLE provider_facts (
    facts_key                INTEGER PRIMARY KEY,
    provider_known           INTEGER NOT NULL,
    keyless                  INTEGER,
    supports_expiry          INTEGER,
    sliding_expiry           INTEGER,
    reset_invalidates_old    INTEGER,
    https_only               INTEGER,
    value_fixed_at_creation  INTEGER,
    auto_rotates_within_days INTEGER
) STRICT;

-- The attributes that the policy's overrides look at; tokens that agree in all of them share a class.
CREATE TABLE token_class (
    class_key  INTEGER PRIMARY KEY,
    run_key    INTEGER NOT NULL,
    attributes TEXT NOT NULL                    -- JSON object
) STRICT;

-- A limit in force for a class. Seconds or whole days from `fails_from` on fail, so one comparison serves both boundaries.
CREATE TABLE run_parameter_value (
    run_key    INTEGER NOT NULL,
    check_id   TEXT NOT NULL,
    parameter  TEXT NOT NULL,
    class_key  INTEGER NOT NULL,
    value      ANY,
    fails_from INTEGER,
    origin     TEXT NOT NULL,                   -- default, profile, policy, or the override: "sensitivity high"
    PRIMARY KEY (run_key, check_id, parameter, class_key)
) STRICT, WITHOUT ROWID;

-- One token. Columns that end in _list hold the list_key of entries below; equal lists are stored once.
CREATE TABLE token_record (
    token_key        INTEGER PRIMARY KEY,
    source_key       INTEGER NOT NULL,          -- of several sources, the one whose word counts most
    source_count     INTEGER NOT NULL DEFAULT 1,
    line             INTEGER NOT NULL,
    not_yet_existing INTEGER NOT NULL DEFAULT 0,
    duplicate        TEXT,                      -- exact-duplicate, conflicting-duplicate
    states_key       INTEGER NOT NULL,
    facts_key        INTEGER NOT NULL,
    class_key        INTEGER NOT NULL,
    token_id TEXT,
    provider TEXT,
    account TEXT,
    name TEXT,
    kind TEXT,
    environment TEXT,
    sensitivity TEXT,
    state TEXT,
    purpose TEXT,
    purpose_id TEXT,
    purpose_status TEXT,
    purpose_ends_at INTEGER,
    owner TEXT,
    created_at INTEGER,
    enabled_at INTEGER,
    last_rotated_at INTEGER,
    expires_at INTEGER,
    last_used_at INTEGER,
    reviewed_at INTEGER,
    scope_model TEXT,
    scopes_granted_list INTEGER,
    scopes_required_list INTEGER,
    scope_last_used_list INTEGER,
    scope_granted_at_list INTEGER,
    usage_observed_since INTEGER,
    authorized_readers_list INTEGER,
    credential_version TEXT,
    active_secret_count INTEGER,
    secrets_list INTEGER,
    storage_list INTEGER,
    shares_list INTEGER,
    integrations_list INTEGER,
    contacts_list INTEGER,
    compromise TEXT,
    compromise_suspected_at INTEGER,
    changed_at INTEGER,
    secret_scan_performed_at INTEGER,
    secret_scan_open_findings_list INTEGER,
    tags_list INTEGER
) STRICT;

-- Entries of lists, by list_key.
CREATE TABLE text_entry (
    list_key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    text     TEXT NOT NULL,
    PRIMARY KEY (list_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE scope_entry (
    list_key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    scope    TEXT NOT NULL,
    class    TEXT,                              -- admin, high, write, read; NULL: the registry does not know it
    PRIMARY KEY (list_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE date_entry (
    list_key    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    precision   TEXT NOT NULL,
    PRIMARY KEY (list_key, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag_entry (
    list_key INTEGER NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (list_key, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE secret_entry (
    list_key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at INTEGER,
    created_at_state TEXT NOT NULL,
    created_at_precision TEXT,
    state TEXT,
    PRIMARY KEY (list_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE storage_entry (
    list_key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT,
    location TEXT,
    since INTEGER,
    since_state TEXT NOT NULL,
    since_precision TEXT,
    encrypted_at_rest TEXT,
    readers_list INTEGER,
    readers_state TEXT NOT NULL,
    PRIMARY KEY (list_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE share_entry (
    list_key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    recipient TEXT,
    authorized TEXT,
    channel TEXT,
    at INTEGER,
    at_state TEXT NOT NULL,
    at_precision TEXT,
    PRIMARY KEY (list_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE integration_entry (
    list_key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name TEXT,
    application TEXT,
    environment TEXT,
    endpoint TEXT,
    tls_min TEXT,
    credential_location TEXT,
    credential_version TEXT,
    credential_updated_at INTEGER,
    credential_updated_at_state TEXT NOT NULL,
    credential_updated_at_precision TEXT,
    status TEXT,
    PRIMARY KEY (list_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_entry (
    list_key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    role TEXT,
    address TEXT,
    kind TEXT,
    verified_at INTEGER,
    verified_at_state TEXT NOT NULL,
    verified_at_precision TEXT,
    status TEXT,
    PRIMARY KEY (list_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE scan_finding_entry (
    list_key INTEGER NOT NULL,
    position INTEGER NOT NULL,
    found_at INTEGER,
    found_at_state TEXT NOT NULL,
    found_at_precision TEXT,
    PRIMARY KEY (list_key, position)
) STRICT, WITHOUT ROWID;

-- What is wrong with a field of a token. For a secret, `text` holds its kind and length, never its value.
CREATE TABLE field_problem (
    token_key INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    field     TEXT NOT NULL,
    kind      TEXT NOT NULL,                    -- unreadable, future, sentinel, unknown-word, secret
    text      TEXT NOT NULL,
    PRIMARY KEY (token_key, position)
) STRICT, WITHOUT ROWID;

-- For tokens with more than one source: who stated each field that has a value.
CREATE TABLE field_source (
    token_key  INTEGER NOT NULL,
    field      TEXT NOT NULL,
    source_key INTEGER NOT NULL,
    PRIMARY KEY (token_key, field)
) STRICT, WITHOUT ROWID;

-- Every source of a token that has more than one.
CREATE TABLE token_source (
    token_key  INTEGER NOT NULL,
    source_key INTEGER NOT NULL,
    line       INTEGER NOT NULL,
    PRIMARY KEY (token_key, source_key, line)
) STRICT, WITHOUT ROWID;

-- Two sources that state different values; `used` came from `used_source_key`.
CREATE TABLE field_contradiction (
    token_key        INTEGER NOT NULL,
    field            TEXT NOT NULL,
    used             TEXT NOT NULL,
    used_source_key  INTEGER NOT NULL,
    other            TEXT NOT NULL,
    other_source_key INTEGER,                   -- NULL: a register
    PRIMARY KEY (token_key, field, other, other_source_key)
) STRICT;

-- Registers.
CREATE TABLE run_register (
    run_key          INTEGER NOT NULL,
    role             TEXT NOT NULL,             -- people, purposes, accounts
    complete         INTEGER NOT NULL,
    includes_leavers INTEGER NOT NULL,
    PRIMARY KEY (run_key, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_person (
    person_key        INTEGER PRIMARY KEY,
    run_key           INTEGER NOT NULL,
    id                TEXT,
    name              TEXT,
    kind              TEXT NOT NULL,            -- person, team, service
    status            TEXT,                     -- active, leave, suspended, left
    left_at           INTEGER,
    left_at_precision TEXT
) STRICT;
CREATE INDEX run_person_by_run ON run_person (run_key);

-- Every address, login and alias of a person, lower case.
CREATE TABLE run_person_address (
    run_key    INTEGER NOT NULL,
    address    TEXT NOT NULL,
    person_key INTEGER NOT NULL,
    PRIMARY KEY (run_key, address, person_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_purpose (
    run_key                 INTEGER NOT NULL,
    purpose_id              TEXT NOT NULL,
    text                    TEXT,
    status                  TEXT,
    ends_at                 INTEGER,
    ends_at_precision       TEXT,
    scopes_required_list    INTEGER,
    authorized_readers_list INTEGER,
    PRIMARY KEY (run_key, purpose_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_account (
    run_key       INTEGER NOT NULL,
    provider      TEXT NOT NULL,
    account       TEXT NOT NULL,
    contacts_list INTEGER,
    PRIMARY KEY (run_key, provider, account)
) STRICT, WITHOUT ROWID;

-- Which scopes a scope includes by the provider's own rules, directly or through others; lower case. Only for scopes that a token or
-- a purpose of this run requires.
CREATE TABLE run_implied_scope (
    run_key  INTEGER NOT NULL,
    provider TEXT NOT NULL,
    scope    TEXT NOT NULL,
    implied  TEXT NOT NULL,
    PRIMARY KEY (run_key, provider, scope, implied)
) STRICT, WITHOUT ROWID;

-- Results. Pass and not-applicable are counted only; everything else has a row.
CREATE TABLE run_check (
    run_key    INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    check_id   TEXT NOT NULL,
    severity   TEXT NOT NULL,
    selected   INTEGER NOT NULL,
    parameters TEXT NOT NULL,                   -- JSON object: what was bound
    sql        TEXT NOT NULL,                   -- the text that decided
    PRIMARY KEY (run_key, check_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_result (
    run_key      INTEGER NOT NULL,
    check_id     TEXT NOT NULL,
    token_key    INTEGER,                       -- NULL for a blanket entry and where the subject is a source
    source_key   INTEGER,
    result       TEXT NOT NULL,
    plain_result TEXT NOT NULL,
    reason       TEXT NOT NULL,
    basis        TEXT NOT NULL,
    evidence     TEXT NOT NULL,                 -- JSON object
    waiver       TEXT,
    blanket      INTEGER NOT NULL DEFAULT 0,
    count        INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX run_result_by_check ON run_result (run_key, check_id, result);

-- Numbers of results for each check and source; every result is in here once.
CREATE TABLE run_result_count (
    run_key      INTEGER NOT NULL,
    check_id     TEXT NOT NULL,
    source_key   INTEGER NOT NULL,
    result       TEXT NOT NULL,
    plain_result TEXT NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (run_key, check_id, source_key, result, plain_result)
) STRICT, WITHOUT ROWID;
