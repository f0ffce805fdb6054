import type { Sql } from "../../postgres/connection/connect.ts";
import { lockTimeout } from "../../postgres/findings/servers.ts";
import { is } from "../../system/define_finding.ts";
import { readExactly } from "./row_digest_session.ts";
import type { TableToDigest } from "./rows.ts";

/**
 * Adds to a `LOCK_TIMEOUT` which of the tables are locked, and by which server processes; the server's message names none.
 *
 * @param sql The connection that timed out, its transaction whole again.
 * @returns The error to throw; any other error as it is.
 */
export async function namingLocked(sql: Sql, tables: TableToDigest[], error: unknown): Promise<unknown> {
  if (!is(error, lockTimeout)) return error;
  const locks = await readExactly<{ relation: number; pids: number[] }>(
    sql,
    `SELECT l.relation, pg_catalog.json_agg(l.pid ORDER BY l.pid) AS pids
    FROM pg_catalog.pg_locks AS l
    WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted
      AND l.relation IN (${tables.map((table) => table.oid).join(", ")})
    GROUP BY l.relation`,
  );
  const pids = new Map(locks.map(({ relation, pids }) => [relation, pids]));
  const locked = tables
    .filter((table) => pids.has(table.oid))
    .map(({ schema, name, oid }) => ({ name: `${schema}.${name}`, processes: pids.get(oid)!.join(", ") }));
  return locked.length === 0 ? error : lockTimeout.tables.error({ tables: locked }, { cause: error.cause });
}
