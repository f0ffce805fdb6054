import { renameRefused } from "./findings/servers.ts";
import type { Sql } from "./connection/connect.ts";

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
