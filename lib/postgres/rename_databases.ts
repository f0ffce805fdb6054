import { pause } from "../system/timer.ts";
import type { Sql } from "./connection/connect.ts";
import { connectionsOpen, renameRefused } from "./findings/servers.ts";

/** A renaming, and back: applied in order. */
export interface Renaming {
  from: string;
  to: string;
}

/**
 * Renames databases in one transaction: all of them, or none. Meanwhile no session can connect to them, so that none that was
 * sent away comes back in between, and what was acknowledged to a client is in the database that it was written to.
 *
 * @param sql A connection to another database of that server.
 * @param terminate End the sessions of others first; with any left, Postgres refuses to rename.
 * @throws {OperatorError} `CONNECTIONS_OPEN`; nothing is renamed.
 */
export async function renameDatabases(sql: Sql, renamings: Renaming[], terminate: boolean): Promise<void> {
  const open = await sql<{ name: string }[]>`
    SELECT datname AS name FROM pg_database
    WHERE datallowconn AND datname IN (
      SELECT renaming ->> 'from' FROM json_array_elements(${JSON.stringify(renamings)}::text::json) AS renaming
    )`;
  const allow = (name: string, allowed: boolean) => `ALTER DATABASE ${quoted(name)} ALLOW_CONNECTIONS ${allowed}`;
  const closed: string[] = [];
  try {
    for (const { name } of open) {
      await sql.unsafe(allow(name, false));
      closed.push(name);
    }
    for (const { from } of renamings) {
      if (terminate) await terminateSessions(sql, from);
      await requireNoSessions(sql, from);
    }
    await sql.begin(async (transaction) => {
      for (const { from, to } of renamings) {
        await transaction.unsafe(`ALTER DATABASE ${quoted(from)} RENAME TO ${quoted(to)}`);
      }
      for (const { from, to } of renamings) {
        if (open.some(({ name }) => name === from)) await transaction.unsafe(allow(to, true));
      }
    });
  } catch (error) {
    for (const name of closed) await sql.unsafe(allow(name, true));
    throw error;
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A session that was closed takes a moment to go. */
const patienceMs = 2_000;

/**
 * Makes sure that no other session is connected to a database.
 *
 * @throws {OperatorError} `CONNECTIONS_OPEN`, naming who is.
 */
export async function requireNoSessions(sql: Sql, database: string): Promise<void> {
  let sessions: string[] = [];
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    sessions = await otherSessions(sql, database);
    if (sessions.length === 0) return;
    await pause(100);
  }
  throw connectionsOpen.error({ database, sessions });
}

async function otherSessions(sql: Sql, database: string): Promise<string[]> {
  const sessions = await sql<{ who: string }[]>`
    SELECT concat_ws(' ', usename, nullif(application_name, ''), host(client_addr), '(process', pid || ')') AS who
    FROM pg_stat_activity
    WHERE datname = ${database} AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    ORDER BY pid`;
  return sessions.map(({ who }) => who);
}

/** Ends everybody else's sessions in a database, and waits until they are gone, for 10 s at most. */
async function terminateSessions(sql: Sql, database: string): Promise<void> {
  await sql`
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = ${database} AND pid <> pg_backend_pid()`;
}

/**
 * Makes sure that this role can rename a database, and so take it away from everybody else: databases that take no
 * connections take none of ours, either.
 *
 * @throws {OperatorError} `RENAME_REFUSED`
 */
export async function requireRenameable(sql: Sql, name: string): Promise<void> {
  const [{ mayRename }] = await sql<{ mayRename: boolean }[]>`
    SELECT rolsuper OR rolcreatedb AND pg_has_role(datdba, 'USAGE') AS "mayRename"
    FROM pg_roles, pg_database WHERE rolname = current_user AND datname = ${name}`;
  if (!mayRename) throw renameRefused.error({ database: name });
}
