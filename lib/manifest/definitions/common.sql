-- What every family builds on; definitions.ts puts it before each family's query.
-- The "char" codes and names are the same in PostgreSQL 14 to 18.
extension_member AS (
  SELECT classid, objid
  FROM pg_depend
  WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
),
-- Postgres keeps users from naming a schema beginning with pg_.
user_schema AS (
  SELECT oid, nspname
  FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
),
user_relation AS NOT MATERIALIZED (
  SELECT c.*, format('%I.%I', s.nspname, c.relname) AS identity
  FROM pg_class AS c
  JOIN user_schema AS s ON s.oid = c.relnamespace
  WHERE NOT EXISTS (
    SELECT FROM extension_member AS e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
  )
)
