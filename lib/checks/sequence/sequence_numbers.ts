import type { Sql } from "../../postgres/connection/connect.ts";
import { runOperatorSql } from "../operator_sql.ts";

/** Which numbers to look at; names are quoted, for SQL. */
interface NumberedRows {
  table: string;
  column: string;
  per: string[];
  start?: number;
}

/** How the numbers of a table follow one another. */
interface Numbers {
  rows: number;
  /** Numbers that the gaps lack. */
  missing: number;
  /** Rows that repeat the number of another one. */
  duplicates: number;
  nulls: number;
  /** Rows with a number below the start, or with a fraction. */
  others: number;
  /** The first ones, by number. */
  gaps: Gap[];
}

export interface Gap {
  /** The last number before it. */
  after: string;
  missing: string;
  group: string;
}

/** How many gaps are read. */
const firstGaps = 5;

/** Reads a column in order, once; and once more for the gaps, if there are any. */
export async function readNumbers(session: Sql, rows: NumberedRows): Promise<Numbers> {
  const inOrder = inOrderOf(rows);
  const [counts] = await runOperatorSql<Record<Exclude<keyof Numbers, "gaps">, string>>(
    session,
    `${inOrder}
    SELECT
      count(*) AS rows,
      coalesce(sum(ceil(number - base - 1)) FILTER (WHERE is_after_gap), 0) AS missing,
      count(*) FILTER (WHERE number = before) AS duplicates,
      count(*) FILTER (WHERE number IS NULL) AS nulls,
      count(*) FILTER (WHERE is_out_of_range) AS others
    FROM in_order`,
  );
  const gaps = counts.missing === "0" ? [] : await runOperatorSql<Gap>(
    session,
    `${inOrder}
    SELECT base::text AS after, ceil(number - base - 1)::text AS missing, in_order.group
    FROM in_order WHERE is_after_gap ORDER BY number, in_order.group LIMIT ${firstGaps}`,
  );
  return {
    rows: Number(counts.rows),
    missing: Number(counts.missing),
    duplicates: Number(counts.duplicates),
    nulls: Number(counts.nulls),
    others: Number(counts.others),
    gaps,
  };
}

/** Each number with the one before it in its group, as a common table expression. As numeric, differences have no limit. */
function inOrderOf({ table, column, per, start }: NumberedRows): string {
  const partition = per.length === 0 ? "" : `PARTITION BY ${per.join(", ")} `;
  const names = per.map((name) => `coalesce(${name}::text, 'NULL')`);
  const group = names.length === 0 ? "''" : `concat_ws(', ', ${names.join(", ")})`;
  // greatest() ignores NULL: with a start, the first number of a group follows the one before the start.
  const base = start === undefined ? "before" : `greatest(before, ${start - 1})`;
  const isInRange = start === undefined ? "true" : `number >= ${start}`;
  return `
    WITH in_order AS (
      SELECT
        number, before, followed.group, ${base} AS base,
        ${isInRange} AND number - ${base} > 1 AS is_after_gap,
        NOT ${isInRange} OR number % 1 <> 0 AS is_out_of_range
      FROM (
        SELECT ${column}::numeric AS number, (lag(${column}) OVER in_group)::numeric AS before, ${group} AS group
        FROM ${table}
        WINDOW in_group AS (${partition}ORDER BY ${column})
      ) AS followed
    )`;
}
