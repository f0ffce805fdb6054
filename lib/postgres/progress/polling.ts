import { pause } from "../../system/timer.ts";
import { connect, type Sql } from "../connection/connect.ts";
import type { ConnectionParameters } from "../connection/connection_parameters.ts";

// Short work never gets a session; and by then pg_dump and its like have those that they need.
const firstPollMs = 1_000;
const pollMs = 500;

/** How long the work's end may be held up by the session's. */
const longestGoodbyeMs = 1_000;

/** A server with fewer free connections needs them for others. */
const fewestFreeConnections = 10;

/**
 * Does `work`, and while it lasts asks the server every half second how far it has come, in a separate session.
 *
 * The session is in no transaction and holds no lock and no snapshot between two questions; it is gone when this returns.
 * Whatever fails in it ends the questions, and nothing else.
 */
export async function whilePolling<T>(
  parameters: ConnectionParameters,
  poll: (sql: Sql) => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const polling = askRepeatedly(parameters, poll, over.signal).catch(() => {});
  try {
    return await work();
  } finally {
    over.abort();
    await Promise.race([polling, pause(longestGoodbyeMs)]);
  }
}

async function askRepeatedly(
  parameters: ConnectionParameters,
  poll: (sql: Sql) => Promise<void>,
  over: AbortSignal,
): Promise<void> {
  await pause(firstPollMs, over);
  over.throwIfAborted();
  // If a session waits for a lock, no other may wait behind us; and we read nothing but catalogs and statistics.
  const settings = { statement_timeout: "5000", lock_timeout: "100" };
  const sql = await connect(parameters, { applicationName: "pgrehearse progress", settings, signal: over });
  const hangUp = () => void sql.end({ timeout: 0 });
  over.addEventListener("abort", hangUp);
  try {
    if (await countFreeConnections(sql) < fewestFreeConnections) return;
    while (!over.aborted) {
      await poll(sql);
      await pause(pollMs, over);
    }
  } finally {
    over.removeEventListener("abort", hangUp);
    await sql.end({ timeout: 0 });
  }
}

async function countFreeConnections(sql: Sql): Promise<number> {
  const [{ free }] = await sql<{ free: number }[]>`
    SELECT
      current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
        - (SELECT count(*)::integer FROM pg_stat_activity WHERE backend_type = 'client backend') AS free`;
  return free;
}
