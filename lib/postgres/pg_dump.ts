import { run } from "../system/child_process.ts";
import { OperatorError } from "../system/operator_error.ts";
import { type ConnectionParameters, libpqEnvironment } from "./connection_parameters.ts";
import type { ClientTools } from "./tools.ts";

/** How the tools are run. */
export interface ToolRunOptions {
  tools: ClientTools;
  signal?: AbortSignal;
}

/**
 * Dumps a whole database with `pg_dump --format=custom --no-owner --no-acl`.
 *
 * @throws {OperatorError} `DUMP_FAILED`, with what pg_dump said.
 */
export async function dumpDatabase(
  parameters: ConnectionParameters,
  file: string,
  { tools, signal }: ToolRunOptions,
): Promise<void> {
  const { status, stderr } = await run(
    tools.pgDump,
    ["--format=custom", "--no-owner", "--no-acl", "--no-password", `--file=${file}`],
    { env: toolEnvironment(parameters), signal },
  );
  if (status === 0) return;
  throw new OperatorError("DUMP_FAILED", `pg_dump failed with status ${status}.`, {
    fix: "See the detail for what pg_dump said.",
    detail: stderr,
  });
}

/**
 * Restores a dump with `pg_restore --no-owner --no-acl --exit-on-error`.
 *
 * @throws {OperatorError} `RESTORE_FAILED`, with what pg_restore said; the consequence is `fail`.
 */
export async function restoreDatabase(
  parameters: ConnectionParameters,
  file: string,
  { tools, signal }: ToolRunOptions,
): Promise<void> {
  const { status, stderr } = await run(
    tools.pgRestore,
    ["--no-owner", "--no-acl", "--exit-on-error", "--no-password", `--dbname=${conninfo(parameters)}`, file],
    { env: toolEnvironment(parameters), signal },
  );
  if (status === 0) return;
  throw new OperatorError("RESTORE_FAILED", `pg_restore failed with status ${status}: the dump does not restore.`, {
    fix: "See the detail for what pg_restore said; make a new dump, and keep this one for the inquiry.",
    detail: stderr,
    consequence: "fail",
  });
}

/** Returns the lines of a dump's table of contents, as `pg_restore --list` prints them. */
export async function listDump(file: string, { tools, signal }: ToolRunOptions): Promise<string[]> {
  const { status, stdout, stderr } = await run(tools.pgRestore, ["--list", file], { env: toolEnvironment(), signal });
  if (status === 0) return stdout.split("\n").filter((line) => line && !line.startsWith(";"));
  throw new OperatorError("DUMP_UNREADABLE", `pg_restore cannot read ${file}.`, {
    fix: "See the detail; a dump that cannot be listed cannot be restored.",
    detail: stderr,
    consequence: "fail",
  });
}

/** The password and all else by environment, never in argv. */
function toolEnvironment(parameters?: ConnectionParameters): Record<string, string> {
  return { LC_ALL: "C", ...(parameters && libpqEnvironment(parameters)) };
}

/** pg_restore wants the database named in argv; as conninfo, so that no name is taken for an option or a URL. */
function conninfo({ database }: ConnectionParameters): string {
  return `dbname='${database.replace(/[\\']/g, "\\$&")}'`;
}
