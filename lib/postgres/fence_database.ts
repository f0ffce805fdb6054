import { OperatorError } from "../system/operator_error.ts";
import type { Sql } from "./connection/connect.ts";
import { requireNoSessions, terminateSessions } from "./rename_databases.ts";

/**
 * Takes a database away from everybody: nobody is connected any more, and nobody who knows its old name can be again. What
 * was acknowledged to a client is in it, and stays.
 *
 * Databases that take no connections take none of ours, either: so it gets another name.
 *
 * @param sql A connection to another database of that server; needs CREATEDB and to own the database, or a superuser.
 * @param terminate End the sessions of others; with any left, Postgres refuses to rename.
 * @throws {OperatorError} `CONNECTIONS_OPEN`, `FENCE_REFUSED`; the database is as it was.
 */
export async function fenceDatabase(sql: Sql, name: string, hidden: string, terminate: boolean): Promise<void> {
  await requireRights(sql, name);
  await allowConnections(sql, name, false);
  try {
    if (terminate) await terminateSessions(sql, name);
    await requireNoSessions(sql, name);
    const [from, to] = [quoted(name), quoted(hidden)];
    await sql.begin(async (transaction) => {
      await transaction.unsafe(`ALTER DATABASE ${from} RENAME TO ${to}`);
      await transaction.unsafe(`ALTER DATABASE ${to} ALLOW_CONNECTIONS true`);
    });
  } catch (error) {
    await allowConnections(sql, name, true);
    throw error;
  }
}

async function requireRights(sql: Sql, name: string): Promise<void> {
  const [{ mayRename }] = await sql<{ mayRename: boolean }[]>`
    SELECT rolsuper OR rolcreatedb AND pg_has_role(datdba, 'USAGE') AS "mayRename"
    FROM pg_roles, pg_database WHERE rolname = current_user AND datname = ${name}`;
  if (mayRename) return;
  throw new OperatorError(
    "FENCE_REFUSED",
    `This role may not rename ${name}, which is how others are kept out of it.`,
    {
      fix: "Connect as the database's owner with CREATEDB, or as a superuser. Nothing was touched.",
    },
  );
}

async function allowConnections(sql: Sql, name: string, allowed: boolean): Promise<void> {
  await sql.unsafe(`ALTER DATABASE ${quoted(name)} ALLOW_CONNECTIONS ${allowed}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
