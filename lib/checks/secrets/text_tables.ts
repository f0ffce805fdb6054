import type { Sql } from "../../postgres/connection/connect.ts";

/** A table with text in it, and how to read it in SQL. */
export interface TextTable {
  /** `schema.table`, of a partition that of its root. */
  name: string;
  /** What follows FROM, under the name `t`, quoted by the server. */
  from: string;
  columns: TextColumn[];
  /** How many pages it has; `undefined` where rows cannot be read by page. */
  blocks: number | undefined;
}

interface TextColumn {
  name: string;
  /** Of a table that goes by the name `t`, as it is stored and as text. */
  stored: string;
  text: string;
}

interface CatalogRow {
  schema: string;
  name: string;
  root_schema: string;
  root: string;
  from_sql: string;
  columns: [name: string, sql: string, isBytea: boolean][];
  blocks: string | null;
}

/**
 * Lists the tables that hold text: character types, json, jsonb, xml and hstore, and arrays, composites and domains of
 * them. Every partition once; no views, and of materialized ones neither, as their rows come from elsewhere.
 *
 * @param exclude `table`, `schema.table`, or either with `:column`.
 */
export async function listTextTables(
  sql: Sql,
  { exclude, bytea }: { exclude: readonly string[]; bytea: boolean },
): Promise<TextTable[]> {
  const rows = await sql<CatalogRow[]>`
    WITH RECURSIVE base_type (oid, base) AS (
      SELECT t.oid, t.oid FROM pg_catalog.pg_type AS t WHERE t.typtype <> 'd'
      UNION ALL
      SELECT t.oid, b.base
      FROM pg_catalog.pg_type AS t JOIN base_type AS b ON b.oid = t.typbasetype
      WHERE t.typtype = 'd'
    ),
    text_type AS (
      SELECT b.oid, t.typname = 'bytea' AS is_bytea
      FROM base_type AS b
      JOIN pg_catalog.pg_type AS t ON t.oid = b.base
      LEFT JOIN base_type AS eb ON t.typcategory = 'A' AND eb.oid = t.typelem
      JOIN pg_catalog.pg_type AS e ON e.oid = coalesce(eb.base, t.oid)
      WHERE e.typcategory IN ('S', 'C') OR e.typname IN ('json', 'jsonb', 'xml', 'hstore')
        OR (${bytea} AND t.typname = 'bytea')
    )
    SELECT
      n.nspname AS schema,
      c.relname AS name,
      rn.nspname AS root_schema,
      r.relname AS root,
      pg_catalog.format('ONLY %I.%I AS t', n.nspname, c.relname) AS from_sql,
      pg_catalog.json_agg(
        pg_catalog.json_build_array(a.attname, pg_catalog.format('t.%I', a.attname), x.is_bytea) ORDER BY a.attnum
      ) AS columns,
      -- Ranges of row addresses are read as such since PostgreSQL 14, and only from heaps.
      CASE WHEN c.relam = 2 AND pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 140000 THEN
        pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8
      END AS blocks
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS r ON r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
    JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attgenerated <> 'v'
    JOIN text_type AS x ON x.oid = a.atttypid
    WHERE c.relkind = 'r' AND c.relpersistence <> 't'
      AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_') AND n.nspname <> 'information_schema'
    GROUP BY c.oid, n.nspname, c.relname, rn.nspname, r.relname
    ORDER BY pg_catalog.pg_relation_size(c.oid) DESC, n.nspname, c.relname`;
  const isExcluded = (row: CatalogRow, ending: string) =>
    [row.name, `${row.schema}.${row.name}`, row.root, `${row.root_schema}.${row.root}`].some((name) =>
      exclude.includes(name + ending)
    );
  return rows.filter((row) => !isExcluded(row, "")).map((row) => ({
    name: `${row.root_schema}.${row.root}`,
    from: row.from_sql,
    columns: row.columns.filter(([name]) => !isExcluded(row, `:${name}`)).map(([name, stored, isBytea]) => ({
      name,
      stored,
      text: (isBytea ? `pg_catalog.encode(${stored}, 'escape')` : `${stored}::pg_catalog.text`) +
        ' COLLATE pg_catalog."C"',
    })),
    blocks: row.blocks === null ? undefined : Number(row.blocks),
  })).filter(({ columns }) => columns.length > 0);
}
