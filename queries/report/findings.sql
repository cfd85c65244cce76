-- The results of one check with one word, sorted for the report; pass and not-applicable have no rows.
SELECT
    t.provider, t.account, t.token_id, t.name, t.owner, t.environment,
    r.token_key, r.check_id, r.result, r.plain_result, r.reason, r.basis, r.evidence, r.waiver, r.blanket, r.count,
    COALESCE(t.source_count, 1) AS source_count,
    s.name AS source,
    -- where the fact comes from that the result rests on
    p.source AS fact_source
FROM run_result AS r
LEFT JOIN token_record AS t ON t.token_key = r.token_key
LEFT JOIN provider_fact_source AS p ON p.facts_key = t.facts_key AND p.fact = json_extract(r.evidence, '$.fact')
LEFT JOIN run_source AS s ON s.source_key = COALESCE(r.source_key, t.source_key)
WHERE r.run_key = ?1 AND r.check_id = ?2 AND r.result = ?3
ORDER BY r.blanket DESC, t.provider, t.account, t.token_id, t.name, s.name, t.line
LIMIT ?4
