-- To which column a sequence belongs. Its parameters and values are read elsewhere: they are not transactional.
-- An identity column's sequence is as persistent as its table since PostgreSQL 15, and was never unlogged before.
SELECT
  'sequence' AS kind,
  c.identity,
  concat_ws(
    E'\n',
    'SEQUENCE',
    CASE WHEN c.relpersistence = 'u' AND d.deptype IS DISTINCT FROM 'i' THEN 'UNLOGGED' END,
    CASE d.deptype WHEN 'a' THEN 'OWNED BY ' WHEN 'i' THEN 'IDENTITY OF ' END
      || d.refobjid::regclass::text || '.' || quote_ident(a.attname)
  ) AS definition,
  pg_get_userbyid(c.relowner) AS owner,
  array_to_json(c.relacl::text[]) AS acl,
  array_to_json(CASE WHEN c.relacl IS NOT NULL THEN acldefault('s', c.relowner)::text[] END) AS default_acl
FROM user_relation AS c
LEFT JOIN pg_depend AS d
  ON d.classid = 'pg_class'::regclass
  AND d.objid = c.oid
  AND d.objsubid = 0
  AND d.refclassid = 'pg_class'::regclass
  AND d.refobjsubid > 0
  AND d.deptype IN ('a', 'i')
LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S'
