-- The sources of a run with what became of their rows.
SELECT
    s.name, s.format, s.role, s.sha256, s.exported_at, s.exported_at_basis, s.exported_at_state,
    s.rows_declared, s.rows_read, s.rows_rejected, s.rows_skipped, s.paging, s.declared_complete, s.collected, s.problems,
    s.records, s.further_pages, s.dropped_fields, s.register_complete, s.includes_leavers,
    (SELECT count(*) FROM run_row AS r
     WHERE r.run_key = s.run_key AND r.outcome = 'duplicate' AND r.source_key = s.source_key) AS rows_duplicate,
    (SELECT count(*) FROM run_row AS r
     WHERE r.run_key = s.run_key AND r.outcome = 'superseded' AND r.source_key = s.source_key) AS rows_superseded,
    (SELECT count(*) FROM run_row AS r
     WHERE r.run_key = s.run_key AND r.outcome = 'not-in-newer' AND r.source_key = s.source_key) AS rows_not_in_newer,
    (SELECT count(*) FROM field_contradiction AS c
     WHERE c.token_key >= (SELECT first_token_key FROM run WHERE run_key = ?1)
       AND s.source_key IN (c.used_source_key, c.other_source_key)) AS contradictions
FROM run_source AS s
WHERE s.run_key = ?1
ORDER BY CASE s.role WHEN 'inventory' THEN 0 WHEN 'people' THEN 1 WHEN 'purposes' THEN 2 ELSE 3 END, s.name, s.sha256
