-- Indexes that back no constraint; constraints.sql has those, as pg_get_constraintdef() prints all of their index.
--
-- pg_dump leaves invalid indexes of ordinary tables out (a failed CREATE INDEX CONCURRENTLY), so they are left out here:
-- one that turns invalid in the restored copy is missing there. On a partitioned table "invalid" says that a partition
-- has no such index; pg_dump keeps that.
SELECT
  'index' AS kind,
  c.identity,
  pg_get_indexdef(c.oid) || concat(
    E'\nATTACHED TO ' || parent.inhparent::regclass::text,
    CASE WHEN NOT i.indisvalid THEN E'\nINVALID' END,
    -- Only an expression has its own statistics target.
    CASE WHEN i.indexprs IS NOT NULL THEN (
      SELECT string_agg(format(E'\ncolumn %s STATISTICS %s', a.attnum, a.attstattarget), '' ORDER BY a.attnum)
      FROM pg_attribute AS a
      WHERE a.attrelid = c.oid AND a.attstattarget >= 0
    ) END
  ) AS definition,
  pg_get_userbyid(c.relowner) AS owner,
  to_json(o.unknown) AS unknown_options,
  to_json(o.unprinted) AS unprinted_options
FROM user_relation AS c
JOIN pg_index AS i ON i.indexrelid = c.oid
LEFT JOIN pg_inherits AS parent ON parent.inhrelid = c.oid
LEFT JOIN index_option AS o ON o.oid = c.oid
WHERE (i.indisvalid OR c.relkind = 'I')
  AND i.indisready
  AND NOT EXISTS (
    SELECT FROM extension_member AS e WHERE e.classid = 'pg_class'::regclass AND e.objid = i.indrelid
  )
  AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
