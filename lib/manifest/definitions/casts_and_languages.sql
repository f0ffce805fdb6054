-- Casts, languages, transforms and access methods: they belong to no schema, and initdb's own have low OIDs.
SELECT
  'cast' AS kind,
  format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS identity,
  concat_ws(
    E'\n',
    CASE c.castmethod
      WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure::text
      WHEN 'i' THEN 'WITH INOUT'
      ELSE 'WITHOUT FUNCTION'
    END,
    CASE c.castcontext WHEN 'a' THEN 'AS ASSIGNMENT' WHEN 'i' THEN 'AS IMPLICIT' ELSE 'EXPLICIT' END
  ) AS definition,
  NULL AS owner,
  NULL::json AS acl,
  NULL::json AS default_acl
FROM pg_cast AS c
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_cast'::regclass AND e.objid = c.oid)
  -- A range type makes the cast to its multirange.
  AND NOT EXISTS (
    SELECT
    FROM pg_depend AS d
    WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass
  )
UNION ALL
SELECT
  'language',
  quote_ident(l.lanname),
  concat_ws(
    E'\n',
    CASE WHEN l.lanpltrusted THEN 'TRUSTED' ELSE 'UNTRUSTED' END,
    'HANDLER ' || nullif(l.lanplcallfoid, 0)::regprocedure::text,
    'INLINE ' || nullif(l.laninline, 0)::regprocedure::text,
    'VALIDATOR ' || nullif(l.lanvalidator, 0)::regprocedure::text
  ),
  pg_get_userbyid(l.lanowner),
  array_to_json(l.lanacl::text[]),
  array_to_json(CASE WHEN l.lanacl IS NOT NULL THEN acldefault('l', l.lanowner)::text[] END)
FROM pg_language AS l
WHERE l.oid >= 16384
  AND NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_language'::regclass AND e.objid = l.oid)
UNION ALL
SELECT
  'transform',
  format('for %s language %I', format_type(t.trftype, NULL), l.lanname),
  concat_ws(
    E'\n',
    'FROM SQL ' || nullif(t.trffromsql, 0)::oid::regprocedure::text,
    'TO SQL ' || nullif(t.trftosql, 0)::oid::regprocedure::text
  ),
  NULL, NULL, NULL
FROM pg_transform AS t
JOIN pg_language AS l ON l.oid = t.trflang
WHERE t.oid >= 16384
  AND NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_transform'::regclass AND e.objid = t.oid)
UNION ALL
SELECT
  'access_method',
  quote_ident(m.amname),
  concat_ws(
    E'\n',
    'TYPE ' || CASE m.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END,
    'HANDLER ' || m.amhandler::oid::regprocedure::text
  ),
  NULL, NULL, NULL
FROM pg_am AS m
WHERE m.oid >= 16384
  AND NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_am'::regclass AND e.objid = m.oid)
