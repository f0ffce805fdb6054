import { createHash } from "node:crypto";
import type { Sql } from "../postgres/connection/connect.ts";
import { textForm } from "./rows/column_form.ts";
import { readExactly, withExactSettings } from "./rows/row_digest_session.ts";
import type { TableName } from "./rows/rows.ts";
import { rowsHidden } from "../postgres/findings/servers.ts";
import {
  distributionTargetAmbiguous,
  distributionTargetInvalid,
  distributionTargetMissing,
  distributionTooWide,
} from "./findings.ts";

/** How many rows hold which value of a column. */
export interface Distribution {
  table: TableName;
  column: string;
  /** Whether each `value` is the sha256 of the value's UTF-8 text, in hex, instead of the text. */
  is_hashed: boolean;
  values: { value: string; row_count: number }[];
  null_row_count: number;
}

/** How to count. */
export interface DistributionOptions {
  /**
   * Keep sha256 digests instead of values. Few possible values can still be guessed from them.
   * @default {false}
   */
  hashValues?: boolean;
  /**
   * Values, as text, that at least one row must hold which this role sees.
   * @default {[]}
   */
  requiredValues?: string[];
  /**
   * How many different values a column may have.
   * @default {10_000}
   */
  maxValues?: number;
}

/**
 * Counts the rows for each value of a column, of a table with all of its partitions or children.
 *
 * @param sql A connection already inside the snapshot.
 * @param target `table:column` or `schema.table:column`, each name as in SQL, so quoted where SQL wants quotes.
 * @throws {OperatorError} `DISTRIBUTION_TARGET_INVALID`, `DISTRIBUTION_TARGET_MISSING`, `DISTRIBUTION_TARGET_AMBIGUOUS`,
 *   `DISTRIBUTION_TOO_WIDE`, `ROWS_HIDDEN` where a required value is not seen, and as `readExactly`.
 */
export async function captureDistribution(
  sql: Sql,
  target: string,
  { hashValues = false, requiredValues = [], maxValues = 10_000 }: DistributionOptions = {},
): Promise<Distribution> {
  const { from_sql, column_sql, ...found } = await resolveTarget(sql, target);
  const value = hashValues
    ? `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(v.value, 'UTF8')), 'hex')`
    : "v.value";
  const rows = await readExactly<{ value: string | null; row_count: string }>(
    sql,
    `
    SELECT ${value} AS value, v.row_count
    FROM (
      SELECT ${textForm(`t.${column_sql}`)} AS value, pg_catalog.count(*) AS row_count
      FROM ${from_sql} AS t
      GROUP BY 1
      ORDER BY 1 NULLS LAST
      LIMIT ${maxValues + 1}
    ) AS v
    ORDER BY 1`,
  );
  const values = rows.filter((row): row is { value: string; row_count: string } => row.value !== null);
  if (values.length > maxValues) throw distributionTooWide.error({ target, most: maxValues });
  const seen = new Set(values.map(({ value }) => value));
  const hidden = requiredValues.filter((value) => !seen.has(hashValues ? sha256(value) : value));
  if (hidden.length > 0) throw rowsHidden.values.error({ column: target, values: hidden });
  return {
    ...found,
    is_hashed: hashValues,
    values: values.map(({ value, row_count }) => ({ value, row_count: Number(row_count) })),
    null_row_count: Number(rows.find((row) => row.value === null)?.row_count ?? 0),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface Target {
  table: TableName;
  column: string;
  from_sql: string;
  column_sql: string;
}

async function resolveTarget(sql: Sql, target: string): Promise<Target> {
  // The last colon outside double quotes.
  const [, table, column] = /^((?:[^"]|"[^"]*")+):((?:[^":]|"[^"]*")+)$/s.exec(target) ?? [];
  const invalid = (cause?: unknown) => distributionTargetInvalid.error({ target }, { cause });
  if (table === undefined || column === undefined) throw invalid();
  const targets = await withExactSettings(sql, () =>
    sql<Target[]>`
    WITH asked AS (
      SELECT pg_catalog.parse_ident(${table}) AS table_path, pg_catalog.parse_ident(${column}) AS column_path
    )
    SELECT
      pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname) AS table,
      a.attname AS column,
      pg_catalog.format('%I.%I', n.nspname, c.relname) AS from_sql,
      pg_catalog.quote_ident(a.attname) AS column_sql
    FROM asked
    JOIN pg_catalog.pg_class AS c ON c.relname = asked.table_path[pg_catalog.cardinality(asked.table_path)]
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = asked.column_path[1]
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
      AND pg_catalog.cardinality(asked.column_path) = 1
      AND CASE pg_catalog.cardinality(asked.table_path)
        WHEN 1 THEN NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_') AND n.nspname <> 'information_schema'
        WHEN 2 THEN n.nspname = asked.table_path[1]
      END`).catch((error) => {
      throw (error as { code?: string }).code === "22023" ? invalid(error) : error;
    });
  if (targets.length === 1) return targets[0];
  if (targets.length === 0) throw distributionTargetMissing.error({ target });
  throw distributionTargetAmbiguous.error({
    target,
    tables: targets.map((found) => `${found.table.schema}.${table}`),
  });
}
