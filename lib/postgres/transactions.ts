import { timerMs } from "../system/timer.ts";
import { connect, type Sql } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { transactionLeft } from "./findings/servers.ts";

interface ReadOnlyTransactionOptions {
  /** The id of an exported snapshot to look through. @default {a new snapshot} */
  snapshot?: string;
  /** How long one statement may take. */
  statementTimeoutMs: number;
  /** Aborting ends the session, and with it what runs there. */
  signal: AbortSignal;
}

/**
 * Runs users' queries where they can change nothing: in a separate session, in a read-only transaction that is
 * rolled back, with the database's own search_path. A session that left the transaction is read-only as well.
 *
 * @throws {OperatorError} `TRANSACTION_LEFT`: a query ended the transaction, so what was read is of no one instant.
 */
export async function inReadOnlyTransaction<T>(
  parameters: ConnectionParameters,
  { snapshot, statementTimeoutMs, signal }: ReadOnlyTransactionOptions,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const settings = {
    search_path: null,
    statement_timeout: String(Math.ceil(timerMs(statementTimeoutMs))),
    default_transaction_read_only: "on",
  };
  const sql = await connect(parameters, { settings, signal });
  const end = () => void sql.end({ timeout: 0 }).catch(() => {});
  signal.addEventListener("abort", end);
  try {
    await beginReadOnly(sql, snapshot);
    const mark = crypto.randomUUID();
    // A query, and with it the last moment at which SET TRANSACTION READ WRITE would be let through. What it sets ends with
    // the transaction.
    await sql`SELECT pg_catalog.set_config('pgrehearse.transaction', ${mark}, true)`;
    const result = await work(sql);
    const [{ isOurs }] = await sql`
      SELECT pg_catalog.current_setting('pgrehearse.transaction', true) IS NOT DISTINCT FROM ${mark} AS "isOurs"`;
    if (!isOurs) throw transactionLeft.error();
    await sql.unsafe("ROLLBACK");
    return result;
  } finally {
    signal.removeEventListener("abort", end);
    await sql.end({ timeout: 0 });
  }
}

/** Begins a transaction that only reads, at one instant: that of a snapshot, if there is one. */
export async function beginReadOnly(sql: Sql, snapshot?: string): Promise<void> {
  await sql.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  // The id is the server's own: hex digits and dashes.
  if (snapshot !== undefined) await sql.unsafe(`SET TRANSACTION SNAPSHOT '${snapshot.replace(/[^0-9A-F-]/g, "")}'`);
}

/** Works in a separate session, in a transaction that may write and of which nothing stays. */
export async function inTransactionRolledBack<T>(
  parameters: ConnectionParameters,
  signal: AbortSignal,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const sql = await connect(parameters, { signal });
  const end = () => void sql.end({ timeout: 0 }).catch(() => {});
  signal.addEventListener("abort", end);
  try {
    await sql.unsafe("BEGIN");
    const result = await work(sql);
    await sql.unsafe("ROLLBACK");
    return result;
  } finally {
    signal.removeEventListener("abort", end);
    await sql.end({ timeout: 0 });
  }
}
