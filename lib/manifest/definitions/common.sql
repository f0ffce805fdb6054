-- What every family builds on; definitions.ts puts it before each family's query.
-- The "char" codes and names are the same in PostgreSQL 14 to 18.
--
-- What a catalog holds is the user's, the server's own, or unknown. All columns that the families name are the user's,
-- but for lists of options: there, newer minors keep what is their own as well. So options are told by name.
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
),
-- Options that a user can set with WITH or SET on what the server itself stores. Those of foreign data and of operator
-- classes are the user's whatever their names, and so are those of an access method that an extension brought.
known_option (name) AS (
  SELECT unnest(ARRAY[
    'n_distinct', 'n_distinct_inherited',
    'autovacuum_analyze_scale_factor', 'autovacuum_analyze_threshold', 'autovacuum_enabled',
    'autovacuum_freeze_max_age', 'autovacuum_freeze_min_age', 'autovacuum_freeze_table_age',
    'autovacuum_multixact_freeze_max_age', 'autovacuum_multixact_freeze_min_age',
    'autovacuum_multixact_freeze_table_age', 'autovacuum_parallel_workers', 'autovacuum_vacuum_cost_delay',
    'autovacuum_vacuum_cost_limit', 'autovacuum_vacuum_insert_scale_factor', 'autovacuum_vacuum_insert_threshold',
    'autovacuum_vacuum_max_threshold', 'autovacuum_vacuum_scale_factor', 'autovacuum_vacuum_threshold',
    'fillfactor', 'log_autoanalyze_min_duration', 'log_autovacuum_min_duration', 'parallel_workers',
    'toast_tuple_target', 'user_catalog_table', 'vacuum_index_cleanup', 'vacuum_max_eager_freeze_failure_rate',
    'vacuum_truncate',
    'check_option', 'security_barrier', 'security_invoker',
    'autosummarize', 'buffering', 'deduplicate_items', 'fastupdate', 'gin_pending_list_limit', 'pages_per_range',
    'vacuum_cleanup_index_scale_factor'
  ])
),
-- What the server keeps for itself: no dump has it.
server_option (name) AS (
  SELECT 'pg_attver' -- changes with each change of a table or view; 15.20, 17.12 and their like
),
-- Of a relation, or of its column where attnum is not 0. `unprinted` are the names of all that is not known to be the
-- user's: the server prints them with an index all the same.
relation_option AS (
  SELECT
    holder.oid,
    holder.attnum,
    array_agg(option ORDER BY option COLLATE "C") FILTER (WHERE is_known) AS known,
    array_agg(option ORDER BY option COLLATE "C") FILTER (WHERE NOT is_known AND NOT is_server) AS unknown,
    array_agg(name) FILTER (WHERE NOT is_known) AS unprinted
  FROM (
    SELECT oid, 0 AS attnum, reloptions AS options, relam >= 16384 AS is_free FROM pg_class WHERE reloptions IS NOT NULL
    UNION ALL
    SELECT a.attrelid, a.attnum, a.attoptions, c.relkind IN ('i', 'I')
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    JOIN user_schema AS s ON s.oid = c.relnamespace
    WHERE a.attoptions IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
  ) AS holder
  CROSS JOIN LATERAL unnest(holder.options) AS option
  CROSS JOIN LATERAL (SELECT split_part(option, '=', 1)) AS named (name)
  CROSS JOIN LATERAL (
    SELECT
      name IN (SELECT k.name FROM known_option AS k) OR (holder.is_free AND name !~ '^pg_'),
      name IN (SELECT s.name FROM server_option AS s)
  ) AS sorted (is_known, is_server)
  GROUP BY holder.oid, holder.attnum
),
-- Of an index and its columns together.
index_option AS (
  SELECT
    o.oid,
    array_agg(one.known ORDER BY one.known COLLATE "C") FILTER (WHERE one.known IS NOT NULL) AS known,
    array_agg(one.unknown) FILTER (WHERE one.unknown IS NOT NULL) AS unknown,
    array_agg(one.unprinted) FILTER (WHERE one.unprinted IS NOT NULL) AS unprinted
  FROM relation_option AS o
  CROSS JOIN LATERAL unnest(o.known, o.unknown, o.unprinted) AS one (known, unknown, unprinted)
  GROUP BY o.oid
)
