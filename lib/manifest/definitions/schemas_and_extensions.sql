-- Schemas, extensions and extended statistics.
--
-- Every new database has the schema public, whose owner and grants changed with PostgreSQL 15.
-- Every new database has plpgsql, too, and a dump does not say that it was dropped.
SELECT
  'schema' AS kind,
  quote_ident(s.nspname) AS identity,
  'SCHEMA' AS definition,
  pg_get_userbyid(n.nspowner) AS owner,
  array_to_json(n.nspacl::text[]) AS acl,
  array_to_json(CASE WHEN n.nspacl IS NOT NULL THEN acldefault('n', n.nspowner)::text[] END) AS default_acl
FROM user_schema AS s
JOIN pg_namespace AS n ON n.oid = s.oid
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = s.oid)
UNION ALL
SELECT
  'extension',
  quote_ident(x.extname),
  concat_ws(E'\n', 'VERSION ' || x.extversion, 'SCHEMA ' || x.extnamespace::regnamespace::text),
  pg_get_userbyid(x.extowner),
  NULL,
  NULL
FROM pg_extension AS x
WHERE x.extname <> 'plpgsql'
UNION ALL
SELECT
  'statistics',
  format('%I.%I', s.nspname, t.stxname),
  -- An unset target is -1 before PostgreSQL 17 and NULL since.
  pg_get_statisticsobjdef(t.oid) || CASE WHEN t.stxstattarget >= 0 THEN E'\nSTATISTICS ' || t.stxstattarget ELSE '' END,
  pg_get_userbyid(t.stxowner),
  NULL,
  NULL
FROM pg_statistic_ext AS t
JOIN user_schema AS s ON s.oid = t.stxnamespace
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_statistic_ext'::regclass AND e.objid = t.oid)
