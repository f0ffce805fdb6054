import type { Sql } from "../../postgres/connection/connect.ts";
import { unsafeToPlan } from "../../postgres/unsafe_to_plan.ts";
import type { BaseType } from "./column_form.ts";
import { readExactly } from "./row_digest_session.ts";
import { serverTooOld } from "../../postgres/findings/tools.ts";

/** A table by name, unquoted. */
export interface TableName {
  schema: string;
  name: string;
}

/** A column whose values count for the digest. */
export interface DigestedColumn {
  name: string;
  /** The column as SQL, quoted by the server, of a table that goes by the name `t`. */
  sql: string;
  type: BaseType;
}

/** A table, and how to read all of its rows and no others. */
export interface TableToDigest extends TableName {
  oid: number;
  /** What follows FROM, under the name `t`, quoted by the server. */
  from: string;
  /** In the order of their names: the physical order differs after a restore. Virtual generated columns hold nothing. */
  columns: DigestedColumn[];
  /** Names of the columns of the primary key, else of a unique key without NULLs, else null. */
  key: string[] | null;
  /** Heap and TOAST, as far as the server knows without reading; 0 only where there is no page at all, so no row. */
  estimatedSizeBytes: number;
  /** A standby cannot read it. */
  isUnlogged: boolean;
  /** A dump carries only its query; the restore refreshes it. */
  isMaterializedView: boolean;
  /** To plan a SELECT of it may run a function that another role made: see `digestByCopy`. */
  isUnsafeToPlan?: boolean;
}

interface CatalogRow extends TableName {
  oid: number;
  from_sql: string;
  columns: [name: string, sql: string, type: string, isBuiltIn: boolean][] | null;
  key: string[] | null;
  size: string;
  is_unlogged: boolean;
  is_materialized_view: boolean;
  is_unsafe_to_plan: boolean;
}

/**
 * Lists every table whose rows a dump of the whole database brings back, the biggest first.
 *
 * Those are populated materialized views, ordinary tables, unlogged ones and leaf partitions included, in schemas of users; of tables that belong to an
 * extension only the rows that it declared as configuration. Inheritance parents come without their children's rows.
 *
 * @param sql A connection inside a transaction.
 * @param filter Which of them; the dump's own choice of schemas and tables.
 * @throws {OperatorError} `SERVER_TOO_OLD` before PostgreSQL 14.
 */
export async function listTables(
  sql: Sql,
  filter: (table: TableToDigest) => boolean = () => true,
): Promise<TableToDigest[]> {
  await requireRecordHash(sql);
  const rows = await readExactly<CatalogRow>(sql, tablesQuery);
  return rows.map((
    { oid, schema, name, from_sql, columns, key, size, is_unlogged, is_materialized_view, is_unsafe_to_plan },
  ) => ({
    oid,
    schema,
    name,
    from: from_sql,
    columns: (columns ?? []).map(([name, sql, type, isBuiltIn]) => ({
      name,
      sql,
      type: { name: type, isBuiltIn },
    })),
    key,
    estimatedSizeBytes: Number(size),
    isUnlogged: is_unlogged,
    isMaterializedView: is_materialized_view,
    ...(is_unsafe_to_plan && { isUnsafeToPlan: true }),
  })).filter(filter);
}

/**
 * The table with another key: to compare buckets, both sides must spread their rows by the same columns.
 *
 * @param key The key that the manifest names; dropped where the table lacks a column of it.
 */
export function withKey(table: TableToDigest, key: string[] | null): TableToDigest {
  const names = new Set(table.columns.map((column) => column.name));
  return { ...table, key: key?.every((name) => names.has(name)) ? key : null };
}

async function requireRecordHash(sql: Sql): Promise<void> {
  const [{ version, versionNum }] = await readExactly<{ version: string; versionNum: number }>(
    sql,
    `SELECT
      pg_catalog.current_setting('server_version') AS version,
      pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS "versionNum"`,
  );
  if (versionNum < 140_000) throw serverTooOld.toHash.error({ version });
}

// The planner's page counts cost nothing to read; a file's size is asked for only where there are none yet.
const tablesQuery = `
  WITH RECURSIVE base_type (oid, base) AS (
    SELECT t.oid, t.oid FROM pg_catalog.pg_type AS t WHERE t.typtype <> 'd'
    UNION ALL
    SELECT t.oid, b.base FROM pg_catalog.pg_type AS t JOIN base_type AS b ON b.oid = t.typbasetype WHERE t.typtype = 'd'
  ),
  wanted AS (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relpages, c.relam, c.reltoastrelid, n.nspname, e.condition, e.is_member
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (
      SELECT true AS is_member, (
        SELECT x.extcondition[i]
        FROM pg_catalog.pg_extension AS x
        CROSS JOIN LATERAL pg_catalog.generate_subscripts(x.extconfig, 1) AS i
        WHERE x.oid = d.refobjid AND x.extconfig[i] = c.oid
      ) AS condition
      FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        AND d.objid = c.oid
        AND d.objsubid = 0
        AND d.deptype = 'e'
        AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
      LIMIT 1
    ) AS e ON true
    WHERE (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated)
      AND c.relpersistence <> 't'
      AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
      AND n.nspname <> 'information_schema'
      AND (e.is_member IS NULL OR e.condition IS NOT NULL)
  ),
  listed_columns AS (
    SELECT
      a.attrelid,
      pg_catalog.json_agg(
        pg_catalog.json_build_array(
          a.attname,
          't.' || pg_catalog.quote_ident(a.attname),
          t.typname,
          t.oid < 16384 AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
        )
        ORDER BY a.attname
      ) AS columns
    FROM pg_catalog.pg_attribute AS a
    JOIN base_type AS b ON b.oid = a.atttypid
    JOIN pg_catalog.pg_type AS t ON t.oid = b.base
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
      AND a.attrelid IN (SELECT oid FROM wanted)
    GROUP BY a.attrelid
  ),
  keys AS (
    SELECT DISTINCT ON (i.indrelid) i.indrelid, k.names
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    CROSS JOIN LATERAL (
      SELECT pg_catalog.json_agg(a.attname ORDER BY p.place) AS names, pg_catalog.bool_and(a.attnotnull) AS is_not_null
      FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS p (place)
      LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.place]
    ) AS k
    WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND k.is_not_null
      AND i.indrelid IN (SELECT oid FROM wanted)
    ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, c.relname
  )
  SELECT
    w.oid,
    w.nspname AS schema,
    w.relname AS name,
    -- An extension's condition is SQL text by design; pg_dump runs it just so.
    CASE
      WHEN w.condition IS NULL THEN pg_catalog.format('ONLY %I.%I', w.nspname, w.relname)
      ELSE pg_catalog.format('(SELECT * FROM ONLY %I.%I %s)', w.nspname, w.relname, w.condition)
    END AS from_sql,
    l.columns,
    k.names AS key,
    w.relpersistence = 'u' AS is_unlogged,
    w.relkind = 'm' AS is_materialized_view,
    w.oid IN (${unsafeToPlan}) AND w.condition IS NULL AS is_unsafe_to_plan,
    CASE
      WHEN h.size = 0 THEN 0
      WHEN t.relpages > 0 THEN h.size + t.relpages * b.size
      ELSE h.size + coalesce(pg_catalog.pg_relation_size(w.reltoastrelid), 0)
    END AS size
  FROM wanted AS w
  CROSS JOIN (SELECT pg_catalog.current_setting('block_size')::pg_catalog.int8) AS b (size)
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN w.relpages > 0 THEN w.relpages * b.size
      -- Another kind of table may keep its rows elsewhere.
      WHEN w.relam <> 2 THEN 1
      ELSE coalesce(pg_catalog.pg_relation_size(w.oid), 0)
    END
  ) AS h (size)
  LEFT JOIN pg_catalog.pg_class AS t ON t.oid = w.reltoastrelid
  LEFT JOIN listed_columns AS l ON l.attrelid = w.oid
  LEFT JOIN keys AS k ON k.indrelid = w.oid
  ORDER BY size DESC, w.nspname, w.relname`;
