-- ALTER DEFAULT PRIVILEGES. A restore without grants keeps none of them.
SELECT
  'default_privileges' AS kind,
  concat_ws(
    ' ',
    'for role', quote_ident(pg_get_userbyid(d.defaclrole)),
    'in schema ' || nullif(d.defaclnamespace, 0)::regnamespace::text,
    'on', CASE d.defaclobjtype
      WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
      WHEN 'n' THEN 'schemas' WHEN 'L' THEN 'large objects' ELSE d.defaclobjtype::text
    END
  ) AS identity,
  'DEFAULT PRIVILEGES' AS definition,
  pg_get_userbyid(d.defaclrole) AS owner,
  array_to_json(d.defaclacl::text[]) AS acl
FROM pg_default_acl AS d
