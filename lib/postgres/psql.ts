import { dirname, join } from "node:path";
import { run } from "../system/child_process.ts";
import { OperatorError } from "../system/operator_error.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import type { RestoreResult } from "./pg_restore.ts";
import { toolEnvironment, type ToolRunOptions } from "./tool_environment.ts";

/**
 * Runs a plain SQL dump, as `psql --file`, and returns what psql complained of.
 *
 * @throws {OperatorError} `DUMP_CONNECTS_ELSEWHERE`, `DUMP_TRUNCATED`, before anything is run.
 */
export async function runSqlDump(
  parameters: ConnectionParameters,
  path: string,
  { tools, signal }: ToolRunOptions,
): Promise<RestoreResult> {
  await requireSound(path);
  const psql = join(dirname(tools.pgRestore), "psql");
  const args = ["--no-psqlrc", "--quiet", "--no-password", `--file=${path}`];
  const { status, stderr } = await run(psql, args, { env: toolEnvironment(parameters), signal });
  // psql goes on after an error of the server, and ends with status 0.
  return { status: status === 0 && /: ERROR: /.test(stderr) ? 1 : status, stderr };
}

/**
 * `pg_dump --create` and pg_dumpall have psql change to databases of their own choice, and there is no telling what they
 * hold. A dump cut short between two statements, or two rows of a COPY, runs without an error.
 */
async function requireSound(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(1024 * 1024);
  let isOfPgDump = false;
  let tail = "\n";
  for (let length; (length = await file.read(buffer)) !== null;) {
    const text = tail + new TextDecoder("latin1").decode(buffer.subarray(0, length));
    if (tail === "\n") isOfPgDump = text.slice(0, 100).includes("-- PostgreSQL database dump\n");
    const order = /\n\\c(?:onnect)?[ \t]+(.*)/.exec(text)?.[0].trim();
    if (order) {
      throw new OperatorError("DUMP_CONNECTS_ELSEWHERE", `${path} connects to a database by itself: ${order}.`, {
        fix: "Dump without --create, one database at a time (not pg_dumpall): nothing was restored.",
      });
    }
    tail = text.slice(-300);
  }
  if (!isOfPgDump || tail.includes("-- PostgreSQL database dump complete")) return;
  throw new OperatorError("DUMP_TRUNCATED", `${path} is cut short: it lacks the line that pg_dump ends with.`, {
    fix: "It was copied in part, or the disk was full: fetch it again, or use another one.",
    consequence: "fail",
  });
}
