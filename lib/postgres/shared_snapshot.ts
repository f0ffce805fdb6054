import { OperatorError } from "../system/operator_error.ts";
import { connect, serverOf, type Sql } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";

/** One instant of a live database, which any number of sessions can read at once. */
export interface SharedSnapshot {
  /** For `SET TRANSACTION SNAPSHOT` and `pg_dump --snapshot`. */
  readonly id: string;
  /** The very server that exported it: with several hosts, only this one knows it. */
  readonly parameters: ConnectionParameters;
  /** UTC, RFC 3339; the server's clock. */
  readonly takenAt: string;
  readonly walLsn: string;
  readonly isStandby: boolean;
  /** Opens a session inside the snapshot, read-only; end it with `end({ timeout: 0 })`. */
  openSession(): Promise<Sql>;
  /** Lets go of the snapshot and its locks. */
  release(): Promise<void>;
}

/** How {@linkcode takeSharedSnapshot} takes it. */
export interface SharedSnapshotOptions {
  /**
   * How long to wait for a table that somebody else has locked; 0 waits for ever.
   * @default {0}
   */
  lockTimeoutMs?: number;
  /** Whether row security may filter what the sessions see. */
  enableRowSecurity?: boolean;
  signal?: AbortSignal;
}

/**
 * Locks all tables against changes of their shape, exports a snapshot, and holds both.
 *
 * The locks (ACCESS SHARE, as any reader's) come first: TRUNCATE and those ALTER TABLE that rewrite a table are not
 * MVCC-safe, a snapshot older than them finds the table empty (PostgreSQL documentation, "Caveats" of concurrency
 * control). pg_dump locks only after its snapshot.
 *
 * @throws {OperatorError} `LOCK_TIMEOUT` naming the tables.
 */
export async function takeSharedSnapshot(
  parameters: ConnectionParameters,
  { lockTimeoutMs = 0, enableRowSecurity = false, signal }: SharedSnapshotOptions = {},
): Promise<SharedSnapshot> {
  const settings = { row_security: enableRowSecurity ? "on" : "off" };
  const holder = await connect(parameters, { settings, signal });
  try {
    // Read committed, so that the snapshot is taken after the locks.
    await holder.unsafe("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY");
    await lockTables(holder, lockTimeoutMs);
    const [snapshot] = await holder<{ id: string; takenAt: string; walLsn: string; isStandby: boolean }[]>`
      SELECT
        pg_export_snapshot() AS id,
        to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "takenAt",
        CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS "walLsn",
        pg_is_in_recovery() AS "isStandby"`;
    const server = serverOf(holder);
    return {
      ...snapshot,
      parameters: server,
      async openSession() {
        const sql = await connect(server, { settings });
        await sql.unsafe(
          `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '${snapshot.id}';
          SET LOCAL lock_timeout = ${lockTimeoutMs}; ${noticeDeadClients}`,
        ).simple();
        return sql;
      },
      release: () => holder.end({ timeout: 0 }),
    };
  } catch (error) {
    await holder.end({ timeout: 0 });
    throw error;
  }
}

/** When we are gone, however that came, the server shall not go on reading for nobody. Only Linux servers can notice. */
const noticeDeadClients = `
  SELECT set_config(name, '1000', true) FROM pg_settings
  WHERE name = 'client_connection_check_interval' AND version() LIKE '%-linux-%'`;

const outOfSharedMemory = "53200";
const lockNotAvailable = "55P03";

async function lockTables(sql: Sql, lockTimeoutMs: number): Promise<void> {
  const tables = await sql<{ name: string }[]>`
    SELECT format('%I.%I', nspname, relname) AS name
    FROM pg_class
    JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND relpersistence <> 't'
      AND nspname !~ '^pg_' AND nspname <> 'information_schema'
      AND has_table_privilege(pg_class.oid, 'SELECT') AND has_schema_privilege(namespace.oid, 'USAGE')
    ORDER BY nspname, relname`;
  if (tables.length === 0) return;
  await sql.unsafe(`SAVEPOINT locks; SET LOCAL lock_timeout = ${lockTimeoutMs}`).simple();
  try {
    const names = tables.map(({ name }) => `ONLY ${name}`).join(", ");
    await sql.unsafe(`LOCK TABLE ${names} IN ACCESS SHARE MODE`);
  } catch (error) {
    const { code } = error as { code?: string };
    await sql.unsafe("ROLLBACK TO SAVEPOINT locks");
    if (code === lockNotAvailable) throw await lockTimeout(sql, lockTimeoutMs, error);
    // More tables than the server's lock table has room for: pg_dump's own locks must do, or fail, for itself.
    if (code !== outOfSharedMemory) throw error;
  }
  await sql.unsafe("RELEASE SAVEPOINT locks"); // a snapshot cannot be exported from within
}

async function lockTimeout(sql: Sql, lockTimeoutMs: number, cause: unknown): Promise<OperatorError> {
  const locked = await sql<{ name: string; pids: string }[]>`
    SELECT relation::regclass::text AS name, string_agg(DISTINCT pid::text, ', ') AS pids
    FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY relation
    ORDER BY 1`;
  const named = locked.map(({ name, pids }) => `${name} (by process ${pids})`).join(", ") || "a table";
  return new OperatorError("LOCK_TIMEOUT", `Another session has locked ${named} for more than ${lockTimeoutMs} ms.`, {
    fix: "Wait until that process ends its transaction (pg_stat_activity shows it), or raise --lock-timeout.",
    cause,
  });
}
