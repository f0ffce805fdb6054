import type { Sql } from "../postgres/connection/connect.ts";
import type { SharedSnapshot } from "../postgres/shared_snapshot.ts";
import type { Measure } from "../system/amount.ts";
import { is } from "../system/define_finding.ts";
import { readChain } from "./chain/chain.ts";
import { describeDatabase } from "./database.ts";
import { type Definition, definitionPortions, sortDefinitions } from "./definitions/definitions.ts";
import { captureDistribution, type DistributionOptions } from "./distribution.ts";
import { distributionTargetMissing } from "./findings.ts";
import { digestLargeObjects } from "./large_objects.ts";
import type { Manifest, Surroundings, TableRows } from "./manifest.ts";
import { captureSurroundings, gatherGrants, makePrivileges } from "./privileges/capture_privileges.ts";
import { digestByCopy } from "./rows/copy_digest.ts";
import { batchTables, digestTable, digestTables } from "./rows/row_digest.ts";
import { withExactSettings } from "./rows/row_digest_session.ts";
import { listTables, type TableName, type TableToDigest, withKey } from "./rows/rows.ts";

/** What a database holds, but for its sequences, which no snapshot covers. */
export type CapturedContents = Pick<
  Manifest,
  | "postgres"
  | "database"
  | "roles"
  | "rows"
  | "large_objects"
  | "definitions"
  | "privileges"
  | "distribution"
  | "chain"
>;

/** What to capture, and how. */
export interface CaptureOptions {
  /** Columns whose rows are counted for each value, as `table:column`. */
  distribution?: ({ target: string } & DistributionOptions)[];
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
  /**
   * Whether the audit chain is read.
   * @default {true}
   */
  chain?: boolean;
  /**
   * Whether it is read who may do what.
   * @default {true}
   */
  privileges?: boolean;
  /** Given the tables that are read, the biggest first, before any of them is. */
  onListed?: (tables: readonly TableToDigest[]) => void;
  /** Told after each portion of tables; what share they are is the server's own estimate, of bytes. */
  measure?: Measure;
}

/** A portion of the work, which any of the sessions may do. */
type CaptureTask = (sql: Sql) => Promise<void>;

/**
 * Captures a database at a snapshot: rows, definitions, large objects, distributions, the audit chain.
 *
 * Reads every table once, in the server, several at a time, the biggest first.
 *
 * @param moreTasks Done by the same sessions at the same time.
 * @throws {OperatorError} `PERMISSION_DENIED`, `ROWS_HIDDEN`, `LOCK_TIMEOUT`, `TABLE_CHANGED`, `SERVER_TOO_OLD`, …
 */
export async function captureContents(
  snapshot: SharedSnapshot,
  options: CaptureOptions,
  moreTasks: CaptureTask[] = [],
): Promise<CapturedContents> {
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
  }, moreTasks);
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
  moreTasks: CaptureTask[] = [],
): Promise<CapturedContents> {
  const { distribution = [], isChosen = () => true, measure } = options;
  const expected = options.compareWith && new Map(options.compareWith.rows.map((table) => [nameOf(table), table]));
  let described: Pick<CapturedContents, "postgres" | "database" | "roles">;
  const { privileges: readsPrivileges = true } = options;
  const grants = gatherGrants();
  let surroundings: Surroundings & { version: number } | undefined;
  const rows: TableRows[] = [];
  const definitions: CapturedContents["definitions"] = [];
  const rest: Pick<CapturedContents, "large_objects" | "distribution" | "chain"> = {
    large_objects: { count: 0, size_bytes: 0, digest: "0".repeat(32) },
    distribution: [],
  };

  const tasks: CaptureTask[] = [
    ...definitionPortions.map((portion) => async (sql: Sql) => {
      const captured = await portion(sql);
      if (!readsPrivileges) return void captured.forEach((definition) => definitions.push(definition));
      // As it comes: what Postgres writes of grants is long.
      grants.add(captured, await versionOf(sql));
      for (const definition of captured) definitions.push(withoutGrants(definition));
    }),
    async (sql) => void (described = await describeDatabase(sql)),
    ...readsPrivileges ? [async (sql: Sql) => void (surroundings = await captureSurroundings(sql))] : [],
    ...moreTasks,
    ...distribution.map(({ target, ...how }) => async (sql: Sql) => {
      const counted = await captureDistribution(sql, target, how).catch((error) => {
        // Of a table that was not restored: that is a difference, no reason to stop.
        if (expected && is(error, distributionTargetMissing)) return undefined;
        throw error;
      });
      if (counted) rest.distribution.push(counted);
    }),
  ];
  if (options.chain ?? true) {
    tasks.push(async (sql) => void (rest.chain = await withExactSettings(sql, () => readChain(sql))));
  }
  if (options.largeObjects ?? true) {
    tasks.push(async (sql) => void (rest.large_objects = await digestLargeObjects(sql)));
  }
  const listTasks = async (sql: Sql) => {
    const tables = await listTables(sql, isChosen);
    const totalBytes = tables.reduce((sum, table) => sum + table.estimatedSizeBytes, 0);
    let [doneBytes, doneTables] = [0, 0];
    const report = () => {
      const share = totalBytes === 0 ? undefined : doneBytes / totalBytes;
      measure?.({ done: doneTables, total: tables.length, unit: "tables", share });
    };
    options.onListed?.(tables);
    report();
    tasks.unshift(
      ...batchTables(tables).map((batch) => async (sql: Sql) => {
        rows.push(...await digestBatch(sql, batch, expected));
        doneBytes += batch.reduce((sum, table) => sum + table.estimatedSizeBytes, 0);
        doneTables += batch.length;
        report();
      }),
    );
  };
  // While the first session lists the tables the others do what needs no list.
  const listed = listTasks(sessions[0]);
  await Promise.all(sessions.map(async (sql, place) => {
    if (place === 0) await listed;
    for (;;) {
      const task = tasks.shift() ?? (await listed, tasks.shift());
      if (!task) break;
      await task(sql);
    }
  }));

  sortDefinitions(definitions);
  const privileges = surroundings && makePrivileges(definitions, grants.groups(), surroundings);
  return {
    ...described!,
    rows: rows.sort(byName),
    definitions,
    ...privileges && { privileges },
    ...rest,
  };
}

async function versionOf(sql: Sql): Promise<number> {
  const [{ version }] = await sql<{ version: number }[]>`
    SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version`;
  return version;
}

/** They are with all other grants, in a form that does not depend on the server. */
function withoutGrants({ acl: _acl, column_acl: _columnAcl, ...definition }: Definition): Definition {
  return definition;
}

/** Buckets cost a fifth of the time: if the digest is as expected they are not needed. */
async function digestBatch(sql: Sql, batch: TableToDigest[], expected?: Map<string, TableRows>): Promise<TableRows[]> {
  // As the manifest has it; the copy that is compared must be read in the same way.
  const isByCopy = (table: TableToDigest) => {
    const known = expected?.get(nameOf(table));
    return known ? known.is_digest_by_copy === true : table.isUnsafeToPlan === true;
  };
  const copied = batch.filter((table) => isByCopy(table) && !table.isMaterializedView);
  const byCopy: TableRows[] = [];
  for (const table of copied) {
    const { schema, name, key } = table;
    byCopy.push({ schema, name, ...await digestByCopy(sql, table), key, is_digest_by_copy: true });
  }
  // COPY reads no materialized view, and its rows may rightly differ after a restore.
  batch = batch.filter((table) => !copied.includes(table) && !(table.isMaterializedView && isByCopy(table)));
  return [...byCopy, ...await digestByQuery(sql, batch, expected)];
}

async function digestByQuery(
  sql: Sql,
  batch: TableToDigest[],
  expected?: Map<string, TableRows>,
): Promise<TableRows[]> {
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
