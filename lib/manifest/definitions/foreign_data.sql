-- Foreign-data wrappers, servers and user mappings.
--
-- The options of a user mapping hold passwords: only their names are told. A wrapper or server has none as a rule, but
-- nothing keeps a user from it, so an option that sounds like a secret is told by name, too.
WITH plain_option AS (
  SELECT oid, string_agg('OPTION ' || told, E'\n' ORDER BY told COLLATE "C") AS lines
  FROM (
    SELECT oid, fdwoptions AS options FROM pg_foreign_data_wrapper
    UNION ALL
    SELECT oid, srvoptions FROM pg_foreign_server
  ) AS holder
  CROSS JOIN unnest(options) AS option
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN split_part(option, '=', 1) ~* 'pass|pwd|secret|token|cred|private|(^|_)key' THEN split_part(option, '=', 1)
      ELSE option
    END
  ) AS shown (told)
  GROUP BY oid
)
SELECT
  'foreign_data_wrapper' AS kind,
  quote_ident(w.fdwname) AS identity,
  concat_ws(
    E'\n',
    'FOREIGN DATA WRAPPER',
    'HANDLER ' || nullif(w.fdwhandler, 0)::regprocedure::text,
    'VALIDATOR ' || nullif(w.fdwvalidator, 0)::regprocedure::text,
    o.lines
  ) AS definition,
  pg_get_userbyid(w.fdwowner) AS owner,
  array_to_json(w.fdwacl::text[]) AS acl,
  array_to_json(CASE WHEN w.fdwacl IS NOT NULL THEN acldefault('F', w.fdwowner)::text[] END) AS default_acl
FROM pg_foreign_data_wrapper AS w
LEFT JOIN plain_option AS o ON o.oid = w.oid
WHERE NOT EXISTS (
  SELECT FROM extension_member AS e WHERE e.classid = 'pg_foreign_data_wrapper'::regclass AND e.objid = w.oid
)
UNION ALL
SELECT
  'foreign_server',
  quote_ident(s.srvname),
  concat_ws(
    E'\n',
    'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname),
    'TYPE ' || quote_literal(s.srvtype),
    'VERSION ' || quote_literal(s.srvversion),
    o.lines
  ),
  pg_get_userbyid(s.srvowner),
  array_to_json(s.srvacl::text[]),
  array_to_json(CASE WHEN s.srvacl IS NOT NULL THEN acldefault('S', s.srvowner)::text[] END)
FROM pg_foreign_server AS s
JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
LEFT JOIN plain_option AS o ON o.oid = s.oid
WHERE NOT EXISTS (
  SELECT FROM extension_member AS e WHERE e.classid = 'pg_foreign_server'::regclass AND e.objid = s.oid
)
UNION ALL
SELECT
  'user_mapping',
  format('%s on %I', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END, m.srvname),
  concat_ws(
    E'\n',
    'USER MAPPING',
    (
      SELECT string_agg('OPTION ' || name, E'\n' ORDER BY name COLLATE "C")
      FROM unnest(m.umoptions) AS option, split_part(option, '=', 1) AS name
    )
  ),
  NULL,
  NULL,
  NULL
FROM pg_user_mappings AS m
WHERE NOT EXISTS (
  SELECT FROM extension_member AS e WHERE e.classid = 'pg_user_mapping'::regclass AND e.objid = m.umid
)
