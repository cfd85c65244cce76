-- How complete a source is, and which identity a token belongs to.

-- The user, application or service account whose secrets replace each other, by the provider's own name or id.
ALTER TABLE token_record ADD COLUMN identity TEXT;

ALTER TABLE run_source ADD COLUMN records INTEGER NOT NULL DEFAULT 0;       -- tokens or register entries that came out of its rows
ALTER TABLE run_source ADD COLUMN further_pages INTEGER NOT NULL DEFAULT 0; -- 1: it ends with the sign of a page that it does not hold
ALTER TABLE run_source ADD COLUMN dropped_fields TEXT NOT NULL DEFAULT '[]'; -- JSON array: fields that held secrets and were dropped unread
-- For registers: whether everybody (every account, every purpose) is on it, and whether those who left are. NULL for inventories.
ALTER TABLE run_source ADD COLUMN register_complete INTEGER;
ALTER TABLE run_source ADD COLUMN includes_leavers INTEGER;

-- Outcomes of run_row also are `not-in-newer`: the row states a token that a newer export of the same kind does not list.
