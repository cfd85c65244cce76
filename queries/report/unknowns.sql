-- Unknown results by check, source and reason; `evidence` is one of the group, for the fields that were missing.
SELECT
    r.check_id, s.name, r.reason, json_extract(r.evidence, '$.missing') AS missing, r.blanket,
    sum(r.count) AS results, min(r.evidence) AS evidence
FROM run_result AS r
LEFT JOIN token_record AS t ON t.token_key = r.token_key
LEFT JOIN run_source AS s ON s.source_key = COALESCE(r.source_key, t.source_key)
WHERE r.run_key = ?1 AND r.result = 'unknown'
GROUP BY r.check_id, s.name, r.reason, missing, r.blanket
ORDER BY r.check_id, s.name, r.reason, missing, r.blanket
