-- Values that two sources state differently, by token and field.
SELECT
    COALESCE(t.provider, ''), COALESCE(t.account, ''), COALESCE(t.token_id, ''), c.field,
    c.used, u.name AS used_source, c.other, COALESCE(o.name, 'register') AS other_source
FROM field_contradiction AS c
JOIN token_record AS t USING (token_key)
LEFT JOIN run_source AS u ON u.source_key = c.used_source_key
LEFT JOIN run_source AS o ON o.source_key = c.other_source_key
WHERE c.token_key >= (SELECT first_token_key FROM run WHERE run_key = ?1)
ORDER BY t.provider, t.account, t.token_id, c.field, c.other, other_source
LIMIT ?2
