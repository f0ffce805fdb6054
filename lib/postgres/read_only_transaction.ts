import { connect, type Sql } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";

export interface ReadOnlyTransactionOptions {
  /** The id of an exported snapshot to look through. @default {a snapshot of its own} */
  snapshot?: string;
  /** How long one statement may take. */
  statementTimeoutMs: number;
  /** Aborting ends the session, and with it what runs there. */
  signal: AbortSignal;
}

/**
 * Runs somebody else's queries where they can change nothing: in a session of its own, in a read-only transaction that is
 * rolled back, with the database's own search_path.
 */
export async function inReadOnlyTransaction<T>(
  parameters: ConnectionParameters,
  { snapshot, statementTimeoutMs, signal }: ReadOnlyTransactionOptions,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const settings = { search_path: null, statement_timeout: String(Math.ceil(statementTimeoutMs)) };
  const sql = await connect(parameters, { settings, signal });
  const end = () => void sql.end({ timeout: 0 }).catch(() => {});
  signal.addEventListener("abort", end);
  try {
    await sql.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    // The id is the server's own: hex digits and dashes.
    if (snapshot !== undefined) await sql.unsafe(`SET TRANSACTION SNAPSHOT '${snapshot.replace(/[^0-9A-F-]/g, "")}'`);
    const result = await work(sql);
    await sql.unsafe("ROLLBACK");
    return result;
  } finally {
    signal.removeEventListener("abort", end);
    await sql.end({ timeout: 0 });
  }
}
