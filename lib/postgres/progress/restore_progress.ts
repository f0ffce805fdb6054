import type { Measure } from "../../system/amount.ts";
import type { Sql } from "../connection/connect.ts";
import type { ConnectionParameters } from "../connection/connection_parameters.ts";
import { whilePolling } from "./polling.ts";

/** What a restore brings, and how. */
interface WatchedRestore {
  /** How many rows and indexes there will be; absent for a dump without a manifest. */
  expected?: { rows: number; indexes: number };
  /** No other session sees a table before all of them exist. */
  inOneTransaction?: boolean;
  measure: Measure;
}

interface Restored {
  /** In tables whose copy is committed. */
  rows: number;
  /** Finished ones. */
  indexes: number;
  copies: { relid: number; name: string; rows: number }[];
  /** Indexes being built, and tables being rewritten. */
  builds: { name: string; step: string; done: number; total: number }[];
}

/**
 * Runs `restore`, and measures it by `pg_stat_progress_copy`, `…_create_index` and `…_cluster`: in rows, and in indexes
 * while there is nothing but indexes under way.
 */
export async function measuringRestore<T>(
  parameters: ConnectionParameters,
  { expected, inOneTransaction = false, measure }: WatchedRestore,
  restore: () => Promise<T>,
): Promise<T> {
  const seen = new Map<number, number>();
  let mostRows = 0;
  return await whilePolling(parameters, async (sql) => {
    const { rows, indexes, copies, builds } = await readRestored(sql);
    for (const copy of copies) seen.set(copy.relid, copy.rows);
    // Statistics of a table that is just done come a second late; what was seen of it counts until then.
    const counted = inOneTransaction ? 0 : rows + sum(copies.map(({ rows }) => rows));
    mostRows = Math.max(mostRows, counted, sum(seen.values()));
    const what = [...copies.map(({ name }) => name), ...builds.map(({ name, step }) => `${name}: ${step}`)].join(", ");
    if (copies.length > 0 || builds.length === 0) {
      measure({ done: mostRows, total: expected?.rows, unit: "rows", what: what || undefined });
      return;
    }
    const shares = builds.map(({ done, total }) => (total > 0 ? Math.min(1, done / total) : 0));
    measure({ done: indexes + sum(shares), total: expected?.indexes, unit: "indexes", what });
  }, restore);
}

/** No function here opens a table: that would wait where pg_restore has it locked. */
async function readRestored(sql: Sql): Promise<Restored> {
  const [{ rows, indexes, copies, builds }] = await sql<
    { rows: string; indexes: number; copies: Restored["copies"] | null; builds: Restored["builds"] | null }[]
  >`
    WITH named AS (
      SELECT class.oid AS relid, concat_ws('.', nspname, relname) AS name
      FROM pg_class AS class
      JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
    ),
    build AS (
      SELECT relid, phase AS step, blocks_done AS done, blocks_total AS total
      FROM pg_stat_progress_create_index
      WHERE datname = current_database()
      UNION ALL
      SELECT relid, phase, heap_blks_scanned, heap_blks_total
      FROM pg_stat_progress_cluster
      WHERE datname = current_database()
    )
    SELECT
      (SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables) AS rows,
      (SELECT count(*)::integer FROM pg_index WHERE indrelid IN (SELECT relid FROM pg_stat_user_tables)) AS indexes,
      (
        SELECT json_agg(json_build_object(
          'relid', copy.relid::bigint, 'name', coalesce(name, 'a table'), 'rows', tuples_processed
        ) ORDER BY name)
        FROM pg_stat_progress_copy AS copy
        LEFT JOIN named USING (relid)
        WHERE copy.datname = current_database() AND command = 'COPY FROM'
      ) AS copies,
      (
        SELECT json_agg(json_build_object(
          'name', coalesce(name, 'a table'), 'step', step, 'done', done, 'total', total
        ) ORDER BY name)
        FROM build
        LEFT JOIN named USING (relid)
      ) AS builds`;
  return { rows: Number(rows), indexes, copies: copies ?? [], builds: builds ?? [] };
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
