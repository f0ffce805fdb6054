import type { Sql } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";

const name = "pgrehearse_reader";

/**
 * Makes a role that may read every row and do nothing else, for code that came with a dump.
 *
 * @param sql A superuser's connection to a throwaway cluster, which lets every role in.
 * @returns How it connects to the same database.
 */
export async function makeReader(sql: Sql, parameters: ConnectionParameters): Promise<ConnectionParameters> {
  const [made] = await sql`SELECT FROM pg_roles WHERE rolname = ${name}`;
  if (!made) await sql`CREATE ROLE ${sql(name)} LOGIN BYPASSRLS IN ROLE pg_read_all_data`;
  return { ...parameters, user: name, password: undefined };
}
