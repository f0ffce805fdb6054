import { dirname, join } from "node:path";
import { stream } from "../system/child_process.ts";
import { isFile } from "../system/files.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { noForeignCode } from "./connection/session_settings.ts";
import { firstComplaint, toolEnvironment, type ToolRunOptions } from "./tool_environment.ts";

/** What `pg_dumpall` wrote, or why it could not. */
export type DumpedGlobals = { sql: Uint8Array<ArrayBuffer> } | { problem: string; detail?: string };

/**
 * Has the `pg_dumpall` beside `pg_dump` write roles, memberships, settings of roles, tablespaces and grants on parameters, as
 * SQL. Without passwords it reads `pg_roles` and not `pg_authid`, so that no superuser is needed.
 *
 * It connects to the database of `parameters` alone: a backup role need not be let into `postgres`.
 */
export async function dumpGlobals(
  parameters: ConnectionParameters,
  { tools, signal }: ToolRunOptions,
): Promise<DumpedGlobals> {
  const program = join(dirname(tools.pgDump), "pg_dumpall");
  if (!await isFile(program)) {
    return { problem: `there is no ${program}` };
  }
  // Given as a name alone, one that looks like a connection string would be taken for it.
  const database = parameters.database.replace(/[\\']/g, "\\$&");
  const args = [
    "--globals-only",
    "--no-role-passwords",
    "--no-password",
    "--encoding=UTF8",
    `--database=dbname='${database}'`,
  ];
  const { stdout, ended } = stream(program, args, { env: toolEnvironment(parameters, noForeignCode), signal });
  ended.catch(() => {}); // thrown below
  const sql = new Uint8Array(await new Response(stdout).arrayBuffer());
  const { status, stderr } = await ended;
  if (status === 0) return { sql };
  return { problem: firstComplaint(stderr, status), detail: stderr };
}
