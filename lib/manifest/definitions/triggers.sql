-- Triggers that users made. A partition's clone of its parent's trigger counts only where it is not enabled as the
-- parent's is; PostgreSQL 14 calls clones internal, so the name tells them from those of foreign keys.
SELECT
  'trigger' AS kind,
  format('%I on %s', t.tgname, c.identity) AS identity,
  pg_get_triggerdef(t.oid) || CASE t.tgenabled
    WHEN 'D' THEN E'\nDISABLED' WHEN 'R' THEN E'\nENABLED ON REPLICA' WHEN 'A' THEN E'\nENABLED ALWAYS' ELSE ''
  END AS definition,
  NULL AS owner
FROM pg_trigger AS t
JOIN user_relation AS c ON c.oid = t.tgrelid
LEFT JOIN pg_trigger AS parent ON parent.oid = t.tgparentid
WHERE CASE
  WHEN t.tgparentid = 0 THEN NOT t.tgisinternal
  ELSE t.tgenabled <> parent.tgenabled AND t.tgname !~ '^RI_ConstraintTrigger_'
END
UNION ALL
SELECT
  'event_trigger',
  quote_ident(t.evtname),
  concat_ws(
    E'\n',
    'ON ' || t.evtevent,
    (SELECT 'WHEN TAG IN ' || string_agg(quote_literal(tag), ', ' ORDER BY tag COLLATE "C") FROM unnest(t.evttags) AS tag),
    'EXECUTE FUNCTION ' || t.evtfoid::regprocedure::text,
    CASE t.evtenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'ENABLED ON REPLICA' WHEN 'A' THEN 'ENABLED ALWAYS' END
  ),
  pg_get_userbyid(t.evtowner)
FROM pg_event_trigger AS t
WHERE NOT EXISTS (
  SELECT FROM extension_member AS e WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid
)
