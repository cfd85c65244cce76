-- What the provider registry knows, with where it comes from.

ALTER TABLE provider_facts ADD COLUMN encrypts_at_rest INTEGER;
ALTER TABLE provider_facts ADD COLUMN last_used_precision_seconds INTEGER;
ALTER TABLE provider_facts ADD COLUMN last_used_zone TEXT;              -- utc
ALTER TABLE provider_facts ADD COLUMN last_used_window_days INTEGER;
ALTER TABLE provider_facts ADD COLUMN last_used_missing TEXT;           -- never, not-in-window, unknown

-- The source of each fact that is not NULL.
CREATE TABLE provider_fact_source (
    facts_key INTEGER NOT NULL,
    fact      TEXT NOT NULL,                    -- a column of provider_facts
    source    TEXT NOT NULL,
    PRIMARY KEY (facts_key, fact)
) STRICT, WITHOUT ROWID;

-- NULL where the registry does not know the scope.
ALTER TABLE scope_entry ADD COLUMN class_source TEXT;
-- For such a scope, what its name suggests; a result that rests on it is name-based.
ALTER TABLE scope_entry ADD COLUMN class_by_name TEXT;
-- JSON array of what the scope lets its holder do: identity.create, permission.grant, payment.create, payment.approve, data.export,
-- audit.delete, secret.read, code.write, deploy.production and others; NULL where the registry does not know the scope.
ALTER TABLE scope_entry ADD COLUMN capabilities TEXT;
