-- Rows that could not be used, in the order of files and lines.
SELECT s.name, r.line, r.reason
FROM run_row AS r JOIN run_source AS s USING (source_key)
WHERE r.run_key = ?1 AND r.outcome = 'rejected'
ORDER BY s.name, r.line, r.reason
LIMIT ?2
