import { connect, type Sql } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";

/** Works in a session of its own, in a transaction that may write and of which nothing stays. */
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
