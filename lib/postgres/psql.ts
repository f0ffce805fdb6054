import { dirname, join } from "node:path";
import { run } from "../system/child_process.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import type { RestoreResult } from "./pg_restore.ts";
import { toolEnvironment, type ToolRunOptions } from "./tool_environment.ts";

/** Runs a plain SQL dump, as `psql --file`, and returns what psql complained of. */
export async function runSqlDump(
  parameters: ConnectionParameters,
  path: string,
  { tools, signal }: ToolRunOptions,
): Promise<RestoreResult> {
  const psql = join(dirname(tools.pgRestore), "psql");
  const args = ["--no-psqlrc", "--quiet", "--no-password", `--file=${path}`];
  const { status, stderr } = await run(psql, args, { env: toolEnvironment(parameters), signal });
  // psql goes on after an error of the server, and ends with status 0.
  return { status: status === 0 && /: ERROR: /.test(stderr) ? 1 : status, stderr };
}
