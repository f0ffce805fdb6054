import type { OperatorError } from "../system/operator_error.ts";
import type { Sql } from "./connection/connect.ts";
import { lockTimeout, relationReplaced } from "./findings/servers.ts";

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

/** Lists the tables that this role may lock, but for those that are left out. */
export async function listLockableTables(sql: Sql, leftOut?: ReadonlySet<number>): Promise<LockableTable[]> {
  return (await sql.unsafe<LockableTable[]>(lockableTables)).filter(({ oid }) => !leftOut?.has(oid));
}

/** Names are looked up as they are now, whatever the transaction's snapshot shows. */
const renamed = (known: string) => `
  SELECT known.oid, known.name
  FROM pg_catalog.json_to_recordset(${known}::pg_catalog.json) AS known (oid pg_catalog.oid, name pg_catalog.text)
  WHERE pg_catalog.to_regclass(known.name) IS DISTINCT FROM known.oid`;

/** Which of the relations do not go by their names any more. */
export async function findRenamed(sql: Sql, relations: { oid: number; name: string }[]): Promise<string[]> {
  const found = await sql.unsafe<{ name: string }[]>(renamed("$1::pg_catalog.text"), [JSON.stringify(relations)]);
  return found.map(({ name }) => name);
}

/** Which relations that the transaction's snapshot shows have another one under their names now. */
export async function findReplaced(sql: Sql): Promise<string[]> {
  const found = await sql<{ name: string }[]>`
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'S', 'v', 'f') AND c.relpersistence <> 't' AND CASE
      WHEN pg_catalog.has_schema_privilege(n.oid, 'USAGE')
      THEN pg_catalog.to_regclass(pg_catalog.format('%I.%I', n.nspname, c.relname)) <> c.oid
    END
    ORDER BY 1`;
  return found.map(({ name }) => name);
}

/**
 * Makes sure that no view or foreign table has taken the name of a table: to read it would run its owner's code.
 *
 * @param sql A connection outside of a transaction.
 * @throws {OperatorError} `RELATION_REPLACED`, naming them.
 */
export async function requireNotReplaced(sql: Sql, tables: LockableTable[]): Promise<void> {
  const replaced = await sql.unsafe<{ name: string }[]>(
    `SELECT renamed.name FROM (${renamed("$1::pg_catalog.text")}) AS renamed
    JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(renamed.name) AND c.relkind IN ('v', 'f')`,
    [JSON.stringify(tables)],
  );
  if (replaced.length > 0) throw relationReplaced.error({ names: replaced.map(({ name }) => name) });
}

/** Writes the command that locks the tables as a reader does; empty if there is none. */
export function lockCommand(tables: LockableTable[]): string {
  const names = tables.map(({ name }) => `ONLY ${name}`).join(", ");
  return names && `LOCK TABLE ${names} IN ACCESS SHARE MODE;`;
}

/**
 * Tells how many sessions can lock that many tables at once, besides pg_dump, and leave room in the server's lock table:
 * when it is full, no other session gets a lock either.
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
export async function namingLocked(sql: Sql, waitedMs: number, cause: unknown): Promise<OperatorError> {
  const tables = await sql<{ name: string; processes: string }[]>`
    SELECT relation::regclass::text AS name, string_agg(DISTINCT pid::text, ', ') AS processes
    FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    GROUP BY relation
    ORDER BY 1`;
  return lockTimeout.tables.error({ tables, waitedMs }, { cause });
}
