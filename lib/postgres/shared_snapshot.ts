import { OperatorError } from "../system/operator_error.ts";
import { timerMs } from "../system/timer.ts";
import { connect, serverOf, type Sql, withSession } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import {
  findRenamed,
  findReplaced,
  listLockableTables,
  type LockableTable,
  lockCommand,
  namingLocked,
  requireNotReplaced,
  sessionsThatMayLock,
} from "./table_locks.ts";
import { beginReadOnly } from "./transactions.ts";

/** One instant of a live database, which several sessions read at once. */
export interface SharedSnapshot {
  /** For `SET TRANSACTION SNAPSHOT` and `pg_dump --snapshot`. */
  readonly id: string;
  /** The server that exported it: with several hosts, only this one knows it. */
  readonly parameters: ConnectionParameters;
  /** UTC, RFC 3339; the server's clock. */
  readonly takenAt: string;
  readonly walLsn: string;
  readonly isStandby: boolean;
  /**
   * What recovery needs to come to it; absent on a standby, whose snapshots' text does not name what is under way, and on
   * servers that do not tell.
   */
  readonly recovery?: SnapshotPlace;
  /** Sessions inside the snapshot, read-only. */
  readonly sessions: readonly Sql[];
  /** Ends the sessions, and with them what they have under way, the snapshot and its locks. May be called again. */
  release(): Promise<void>;
}

/** What a snapshot shows, and where the WAL was. */
interface SnapshotPlace {
  /** `xmin:xmax:xip,…`, as `pg_current_snapshot` prints it. */
  snapshot: string;
  /** Read after the snapshot was taken: what it shows was committed before this place. */
  insert_lsn: string;
  timeline: number;
}

/** How {@linkcode takeSharedSnapshot} takes it. */
export interface SharedSnapshotOptions {
  /**
   * How many sessions.
   * @default {1}
   */
  sessions?: number;
  /**
   * How long to wait for a table that another session has locked; 0 waits for ever.
   * @default {0}
   */
  lockTimeoutMs?: number;
  /** Whether row security may filter what the sessions see. */
  enableRowSecurity?: boolean;
  /**
   * Whether the server may give a session parallel workers.
   * @default {true}
   */
  parallelWorkers?: boolean;
  /** OIDs of tables that will not be read: they are not locked. */
  leftOut?: ReadonlySet<number>;
  /** Aborting ends the sessions, whatever they are doing. */
  signal?: AbortSignal;
}

/**
 * Locks all tables against changes of their shape, in every session, and takes one snapshot for all of them.
 *
 * The locks (ACCESS SHARE, as any reader's) come before the snapshot: TRUNCATE and those ALTER TABLE that rewrite a table
 * are not MVCC-safe, a snapshot older than them finds the table empty (PostgreSQL documentation, "Caveats" of concurrency
 * control). And every session takes them, at once: as soon as one has them, somebody's ALTER TABLE may queue behind it,
 * and a session that comes later would queue behind that, for as long as the first one waits for it.
 *
 * @throws {OperatorError} `LOCK_TIMEOUT` naming the tables; `RELATION_REPLACED` where a view took a table's name meanwhile.
 */
export async function takeSharedSnapshot(
  parameters: ConnectionParameters,
  options: SharedSnapshotOptions = {},
): Promise<SharedSnapshot> {
  const { sessions: count = 1, lockTimeoutMs = 0, enableRowSecurity = false, parallelWorkers = true, leftOut, signal } =
    options;
  const settings = {
    row_security: enableRowSecurity ? "on" : "off",
    ...(!parallelWorkers && { max_parallel_workers_per_gather: "0" }),
  };
  const sessions = [await connect(parameters, { settings, signal })];
  const release = async () => {
    signal?.removeEventListener("abort", abort);
    await Promise.all(sessions.map((sql) => sql.end({ timeout: 0 })));
  };
  const abort = () => void release();
  signal?.addEventListener("abort", abort);
  try {
    const server = serverOf(sessions[0]);
    while (sessions.length < count) sessions.push(await connect(server, { settings, signal }));
    const timeline = await insertingTimeline(sessions[0]);
    const snapshot = await enterSnapshot(sessions, { lockTimeoutMs, leftOut, timeline });
    return { ...snapshot, parameters: server, sessions, release };
  } catch (error) {
    await release();
    signal?.throwIfAborted();
    throw error;
  }
}

/**
 * Names the relations that the snapshot shows and that have another one under their names now. It asks in a separate
 * session, because those of the snapshot may be busy.
 */
export async function replacedSince({ id, parameters }: SharedSnapshot, signal: AbortSignal): Promise<string[]> {
  return await withSession(parameters, { signal }, async (sql) => {
    await beginReadOnly(sql, id);
    return await findReplaced(sql);
  });
}

type Snapshot = Pick<SharedSnapshot, "id" | "takenAt" | "walLsn" | "isStandby" | "recovery">;

/** How long a session waits for a lock that another session of ours has: only a queued ALTER TABLE can be in its way. */
const queuedTimeoutMs = 1_000;

const mostAttempts = 30;

const outOfSharedMemory = "53200";
const lockNotAvailable = "55P03";
/** A table or its schema was dropped between listing and locking; two transactions locked tables in another order. */
const worthRepeating = new Set(["42P01", "3F000", "40P01"]);

/**
 * The timeline that the server writes WAL on; asked beforehand, as an error would end the transaction.
 *
 * @returns `undefined` on a standby, and where a managed server has no such functions.
 */
async function insertingTimeline(sql: Sql): Promise<number | undefined> {
  try {
    const [{ file }] = await sql<{ file: string }[]>`
      SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn()) AS file`;
    return Number.parseInt(file.slice(0, 8), 16);
  } catch (error) {
    if ((error as { code?: string }).code === undefined) throw error; // not the server's answer
    return undefined;
  }
}

/** Begins the sessions' transactions, with locks and one snapshot, and again until no table slipped in between. */
async function enterSnapshot(
  sessions: Sql[],
  { lockTimeoutMs, leftOut, timeline }: {
    lockTimeoutMs: number;
    leftOut?: ReadonlySet<number>;
    timeline?: number;
  },
): Promise<Snapshot> {
  const [first, ...others] = sessions;
  const seen = new Map<number, LockableTable>();
  let mayLock = true;
  for (let attempt = 1;; attempt++) {
    let tables: LockableTable[] = mayLock ? await listLockableTables(first, leftOut) : [];
    for (const table of tables) seen.set(table.oid, table);
    const locking = await sessionsThatMayLock(first, tables.length);
    // More tables than the server's lock table has room for: pg_dump's own locks must do, or fail, for itself.
    if (locking === 0) [mayLock, tables] = [false, []];
    let isFirstLocked = false;
    try {
      await beginLocked(first, tables, lockTimeoutMs);
      isFirstLocked = true;
      await Promise.all(
        others.map((sql, place) => beginLocked(sql, place + 1 < locking ? tables : [], queuedTimeoutMs)),
      );
      const snapshot = await exportSnapshot(first, timeline);
      if (!mayLock || await areAllLocked(first, tables, leftOut) || attempt === mostAttempts) {
        await Promise.all(others.map((sql) => sql.unsafe(`SET TRANSACTION SNAPSHOT '${snapshot.id}'`)));
        // An index may still be locked, by REINDEX.
        await Promise.all(
          sessions.map((sql) =>
            sql.unsafe(`SET LOCAL lock_timeout = ${timerMs(lockTimeoutMs)}; ${noticeDeadClients}`).simple()
          ),
        );
        return snapshot;
      }
      await rollBack(sessions);
      await requireNotReplaced(first, [...seen.values()]);
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      await rollBack(sessions);
      const { code = "" } = error as { code?: string };
      if (code === lockNotAvailable && (!isFirstLocked || attempt === mostAttempts)) {
        throw await namingLocked(first, isFirstLocked ? queuedTimeoutMs : lockTimeoutMs, error);
      }
      if (code === outOfSharedMemory && mayLock) mayLock = false;
      else if (attempt === mostAttempts || !(worthRepeating.has(code) || code === lockNotAvailable)) throw error;
    }
  }
}

/** Whether the locks are on all tables that the snapshot shows: another one may have got a name meanwhile. */
async function areAllLocked(sql: Sql, locked: LockableTable[], leftOut?: ReadonlySet<number>): Promise<boolean> {
  const names = new Map(locked.map(({ oid, name }) => [oid, name]));
  const shown = await listLockableTables(sql, leftOut);
  return shown.every(({ oid, name }) => names.get(oid) === name) && (await findRenamed(sql, locked)).length === 0;
}

/** Nothing in here may be a query: it would take the transaction's snapshot before the locks are there. */
async function beginLocked(sql: Sql, tables: LockableTable[], lockTimeoutMs: number): Promise<void> {
  await sql.unsafe(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = ${timerMs(lockTimeoutMs)}; ${
      lockCommand(tables)
    }`,
  ).simple();
}

async function exportSnapshot(sql: Sql, timeline?: number): Promise<Snapshot> {
  type Row = Omit<Snapshot, "recovery"> & { snapshot: string; insertLsn: string };
  // The place is read after the snapshot was taken, in the same statement.
  const place = sql`
    pg_catalog.txid_current_snapshot()::text AS snapshot,
    pg_catalog.pg_current_wal_insert_lsn()::text AS "insertLsn",`;
  const [{ snapshot, insertLsn, ...taken }] = await sql<Row[]>`
    SELECT
      pg_export_snapshot() AS id,
      ${timeline === undefined ? sql`` : place}
      to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "takenAt",
      CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS "walLsn",
      pg_is_in_recovery() AS "isStandby"`;
  return { ...taken, ...(timeline !== undefined && { recovery: { snapshot, insert_lsn: insertLsn, timeline } }) };
}

/** All of them, also one that is still waiting for its lock. */
async function rollBack(sessions: Sql[]): Promise<void> {
  await Promise.all(sessions.map((sql) => sql.unsafe("ROLLBACK")));
}

/** When we are gone, however that came, the server must not go on reading for a client that is gone. Only Linux servers can notice. */
const noticeDeadClients = `
  SELECT set_config(name, '1000', true) FROM pg_settings
  WHERE name = 'client_connection_check_interval' AND version() LIKE '%-linux-%'`;
