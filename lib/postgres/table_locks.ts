import { OperatorError } from "../system/operator_error.ts";
import type { Sql } from "./connection/connect.ts";

/** A table to lock: its OID, and its name quoted. */
export interface LockableTable {
  oid: number;
  name: string;
}

// As a fragment: the same query finds the tables beforehand, and those that a snapshot shows.
const lockableTables = `
  SELECT pg_class.oid::integer AS oid, format('%I.%I', nspname, relname) AS name
  FROM pg_class
  JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
  WHERE relkind IN ('r', 'p') AND relpersistence <> 't'
    AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND has_table_privilege(pg_class.oid, 'SELECT') AND has_schema_privilege(namespace.oid, 'USAGE')
  ORDER BY nspname, relname`;

/** Lists the tables that this role may lock. */
export async function listLockableTables(sql: Sql): Promise<LockableTable[]> {
  return [...await sql.unsafe<LockableTable[]>(lockableTables)];
}

/** Writes the command that locks the tables as a reader does; empty if there is none. */
export function lockCommand(tables: LockableTable[]): string {
  const names = tables.map(({ name }) => `ONLY ${name}`).join(", ");
  return names && `LOCK TABLE ${names} IN ACCESS SHARE MODE;`;
}

/**
 * Tells how many sessions can lock that many tables at once, besides pg_dump, and leave room in the server's lock table:
 * when it is full, nobody else gets a lock either.
 *
 * @returns 0 where there are more tables than the table surely has room for.
 */
export async function sessionsThatMayLock(sql: Sql, tableCount: number): Promise<number> {
  const [{ room }] = await sql<{ room: number }[]>`
    SELECT
      current_setting('max_locks_per_transaction')::float8
      * (current_setting('max_connections')::float8 + current_setting('max_prepared_transactions')::float8) AS room`;
  return tableCount > room ? 0 : Math.max(1, Math.floor(room / Math.max(tableCount, 1)) - 1);
}

/** Says which tables are locked, and by which processes. */
export async function lockTimeout(sql: Sql, lockTimeoutMs: number, cause: unknown): Promise<OperatorError> {
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
