import type { Measure } from "../../system/amount.ts";
import type { Sql } from "../connection/connect.ts";
import type { ConnectionParameters } from "../connection/connection_parameters.ts";
import { whilePolling } from "./polling.ts";

/** A table whose rows go into the dump. */
interface TableInDump {
  oid: number;
  schema: string;
  name: string;
  estimatedSizeBytes: number;
}

/** What is being dumped, as far as it is known by now. */
interface WatchedDump {
  /** The tables, in the order in which pg_dump begins them; `undefined` until they are listed. */
  tables: () => readonly TableInDump[] | undefined;
  measure: Measure;
}

interface RunningCopy {
  relid: number;
  name: string;
  rows: number;
  bytes: number;
  /** Of the planner; 0 where it knows none. */
  estimatedRows: number;
}

/**
 * Runs `dump`, and measures it by `pg_stat_progress_copy`: in bytes of the tables as they lie on the server's disk, those
 * that are done in full, those under way by their share of rows. Without a list of tables it counts rows.
 */
export async function measuringDump<T>(
  parameters: ConnectionParameters,
  { tables, measure }: WatchedDump,
  dump: () => Promise<T>,
): Promise<T> {
  const counted = countRows();
  let mostBytes = 0;
  return await whilePolling(parameters, async (sql) => {
    const copies = await readCopies(sql, parameters.applicationName);
    const what = copies.map(({ name }) => name).join(", ") || undefined;
    const listed = tables();
    if (!listed) return measure({ done: counted(copies), unit: "rows", what });
    const { done, total } = bytesDone(listed, copies);
    mostBytes = Math.max(mostBytes, done);
    measure({ done: mostBytes, total: total + await largeObjectBytes(sql), unit: "bytes", what });
  }, dump);
}

/** pg_dump takes tables in order: those before one that it is at are done, unless it is at them as well. */
function bytesDone(tables: readonly TableInDump[], copies: RunningCopy[]): { done: number; total: number } {
  const underWay = new Map(copies.map((copy) => [copy.relid, copy]));
  const last = tables.findLastIndex(({ oid }) => underWay.has(oid));
  let [done, total] = [0, 0];
  for (const [place, { oid, estimatedSizeBytes }] of tables.entries()) {
    total += estimatedSizeBytes;
    const copy = underWay.get(oid);
    if (copy) done += estimatedSizeBytes * shareOf(copy, estimatedSizeBytes);
    else if (place < last) done += estimatedSizeBytes;
  }
  return { done, total };
}

function shareOf({ rows, bytes, estimatedRows }: RunningCopy, sizeBytes: number): number {
  if (estimatedRows > 0) return Math.min(1, rows / estimatedRows);
  return sizeBytes > 0 ? Math.min(1, bytes / sizeBytes) : 0;
}

/** Counts the rows of all copies, also of those that are over: as far as they had come when they were last seen. */
function countRows(): (copies: RunningCopy[]) => number {
  const seen = new Map<number, number>();
  return (copies) => {
    for (const { relid, rows } of copies) seen.set(relid, rows);
    return [...seen.values()].reduce((sum, rows) => sum + rows, 0);
  };
}

/** Of pg_dump, by the name that it gives itself or that the operator gave it; other people's copies are none of ours. */
async function readCopies(sql: Sql, applicationName = "pg_dump"): Promise<RunningCopy[]> {
  const copies = await sql<{ relid: number; name: string; rows: string; bytes: string; estimatedRows: string }[]>`
    SELECT
      copy.relid,
      concat_ws('.', nspname, relname) AS name,
      copy.tuples_processed AS rows,
      copy.bytes_processed AS bytes,
      greatest(reltuples, 0)::bigint AS "estimatedRows"
    FROM pg_stat_progress_copy AS copy
    JOIN pg_stat_activity AS activity USING (pid)
    LEFT JOIN pg_class AS class ON class.oid = copy.relid
    LEFT JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
    WHERE copy.datname = current_database() AND command = 'COPY TO'
      AND application_name = ${applicationName} AND usename = current_user
    ORDER BY relid`;
  return copies.map(({ rows, bytes, estimatedRows, ...copy }) => ({
    ...copy,
    rows: Number(rows),
    bytes: Number(bytes),
    estimatedRows: Number(estimatedRows),
  }));
}

/** They come last, and nothing says how far: until then they are missing from what is done. */
async function largeObjectBytes(sql: Sql): Promise<number> {
  const [{ bytes }] = await sql<{ bytes: string }[]>`
    SELECT relpages * current_setting('block_size')::bigint AS bytes
    FROM pg_class WHERE oid = 'pg_catalog.pg_largeobject'::regclass`;
  return Number(bytes);
}
