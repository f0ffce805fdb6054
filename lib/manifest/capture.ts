import { readChain } from "../chain/chain_snapshot.ts";
import type { SharedSnapshot } from "../postgres/shared_snapshot.ts";
import type { Sql } from "../postgres/connection/connect.ts";
import { describeDatabase } from "./database.ts";
import { captureDefinitions } from "./definitions.ts";
import { captureDistribution } from "./distribution.ts";
import { digestLargeObjects } from "./large_objects.ts";
import type { Manifest, TableRows } from "./manifest.ts";
import { batchTables, digestTable, digestTables } from "./rows/row_digest.ts";
import { withExactSettings } from "./rows/row_digest_session.ts";
import { listTables, type TableName, type TableToDigest, withKey } from "./rows/rows.ts";

/** What a database holds, but for its sequences, which no snapshot covers. */
export type Contents = Pick<
  Manifest,
  "postgres" | "database" | "roles" | "rows" | "large_objects" | "definitions" | "distribution" | "chain"
>;

/** What to capture, and how. */
export interface CaptureOptions {
  /** Columns whose rows are counted for each value, as `table:column`. */
  distribution?: { target: string; hashValues: boolean }[];
  /**
   * The manifest to compare with: its keys make the buckets, and only where a digest differs are buckets read at all.
   * Without one, every table gets buckets.
   */
  compareWith?: Manifest;
  /** Whether a table is part of it; all are unless it says otherwise. */
  isChosen?: (table: TableToDigest) => boolean;
  /**
   * Whether large objects are read.
   * @default {true}
   */
  largeObjects?: boolean;
  /** Told after each portion, in bytes of the server's own estimate. */
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Captures a database at a snapshot: rows, definitions, large objects, distributions, the audit chain.
 *
 * Reads every table once, in the server, several at a time, the biggest first.
 *
 * @throws {OperatorError} `PERMISSION_DENIED`, `ROWS_HIDDEN`, `LOCK_TIMEOUT`, `TABLE_CHANGED`, `SERVER_TOO_OLD`, …
 */
export async function captureContents(snapshot: SharedSnapshot, options: CaptureOptions): Promise<Contents> {
  const { isChosen = () => true } = options;
  // A standby holds no rows of unlogged tables, and pg_dump leaves them out there: they come back empty.
  const unreadable: TableToDigest[] = [];
  const contents = await readContents(snapshot.sessions, {
    ...options,
    isChosen(table) {
      if (!isChosen(table)) return false;
      if (snapshot.isStandby && table.isUnlogged) unreadable.push(table);
      return !(snapshot.isStandby && table.isUnlogged);
    },
  });
  return { ...contents, rows: [...contents.rows, ...unreadable.map(withoutData)].sort(byName) };
}

/** What comes back of a table whose rows are not in the dump. */
export function withoutData({ schema, name, key }: TableToDigest): TableRows {
  return { schema, name, row_count: 0, digest: "0".repeat(32), key, is_data_left_out: true };
}

/** The same, read by sessions that are inside a transaction already and see the same. */
export async function readContents(
  sessions: readonly Sql[],
  options: CaptureOptions,
): Promise<Contents> {
  const { distribution = [], isChosen = () => true, onProgress } = options;
  const expected = options.compareWith && new Map(options.compareWith.rows.map((table) => [nameOf(table), table]));
  const described = await describeDatabase(sessions[0]);
  const tables = await listTables(sessions[0], isChosen);
  const totalBytes = tables.reduce((sum, table) => sum + table.estimatedSizeBytes, 0);
  let doneBytes = 0;
  const rows: TableRows[] = [];
  const rest: Pick<Contents, "definitions" | "large_objects" | "distribution" | "chain"> = {
    definitions: [],
    large_objects: { count: 0, size_bytes: 0, digest: "0".repeat(32) },
    distribution: [],
  };

  const tasks: ((sql: Sql) => Promise<void>)[] = [
    async (sql) => void (rest.definitions = await captureDefinitions(sql)),
    ...batchTables(tables).map((batch) => async (sql: Sql) => {
      rows.push(...await digestBatch(sql, batch, expected));
      doneBytes += batch.reduce((sum, table) => sum + table.estimatedSizeBytes, 0);
      onProgress?.(doneBytes, totalBytes);
    }),
    async (sql) => void (rest.chain = await withExactSettings(sql, () => readChain(sql))),
    ...distribution.map(({ target, hashValues }) => async (sql: Sql) => {
      rest.distribution.push(await captureDistribution(sql, target, { hashValues }));
    }),
  ];
  if (options.largeObjects ?? true) {
    tasks.push(async (sql) => void (rest.large_objects = await digestLargeObjects(sql)));
  }
  await Promise.all(sessions.map(async (sql) => {
    for (let task; (task = tasks.shift());) await task(sql);
  }));

  return { ...described, rows: rows.sort(byName), ...rest };
}

/** Buckets cost a fifth of the time: where the digest is as expected nobody needs them. */
async function digestBatch(sql: Sql, batch: TableToDigest[], expected?: Map<string, TableRows>): Promise<TableRows[]> {
  const tables = batch.map((table) => {
    const known = expected?.get(nameOf(table));
    return known ? withKey(table, known.key) : table;
  });
  const digests = await digestTables(sql, tables, { buckets: !expected });
  for (const [place, table] of tables.entries()) {
    const known = expected?.get(nameOf(table));
    if (known && known.digest !== digests[place].digest) {
      digests[place] = await digestTable(sql, table, { buckets: true });
    }
  }
  return tables.map(({ schema, name, key, isMaterializedView }, place) => ({
    schema,
    name,
    ...digests[place],
    key,
    ...(isMaterializedView && { is_refreshed: true }),
  }));
}

function nameOf({ schema, name }: TableName): string {
  return JSON.stringify([schema, name]);
}

function byName(a: TableRows, b: TableRows): number {
  const [x, y] = [nameOf(a), nameOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
