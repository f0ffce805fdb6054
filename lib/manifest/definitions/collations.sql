-- Collations and conversions. A collation's version is the host's, not the user's, and is left out.
SELECT
  'collation' AS kind,
  format('%I.%I', s.nspname, c.collname) AS identity,
  concat_ws(
    E'\n',
    'PROVIDER ' || CASE c.collprovider
      WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'default'
    END,
    -- Where the catalog has the locale of a provider other than libc: in 17, in 15, in 14.
    'LOCALE ' || quote_literal(coalesce(
      j.row ->> 'colllocale', j.row ->> 'colliculocale', CASE WHEN c.collprovider <> 'c' THEN c.collcollate END
    )),
    CASE WHEN c.collprovider = 'c' THEN 'LC_COLLATE ' || quote_literal(c.collcollate) END,
    CASE WHEN c.collprovider = 'c' THEN 'LC_CTYPE ' || quote_literal(c.collctype) END,
    'RULES ' || quote_literal(j.row ->> 'collicurules'),
    CASE WHEN NOT c.collisdeterministic THEN 'NONDETERMINISTIC' END
  ) AS definition,
  pg_get_userbyid(c.collowner) AS owner
FROM pg_collation AS c
JOIN user_schema AS s ON s.oid = c.collnamespace
CROSS JOIN LATERAL (SELECT to_jsonb(c)) AS j (row)
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_collation'::regclass AND e.objid = c.oid)
UNION ALL
SELECT
  'conversion',
  format('%I.%I', s.nspname, c.conname),
  concat_ws(
    E'\n',
    format('FOR %s TO %s', pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding)),
    'FROM ' || c.conproc::oid::regprocedure::text,
    CASE WHEN c.condefault THEN 'DEFAULT' END
  ),
  pg_get_userbyid(c.conowner)
FROM pg_conversion AS c
JOIN user_schema AS s ON s.oid = c.connamespace
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_conversion'::regclass AND e.objid = c.oid)
