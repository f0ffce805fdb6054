import { run, stream } from "../system/child_process.ts";
import { diskFull } from "../system/findings.ts";
import type { OperatorError } from "../system/operator_error.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { noForeignCode } from "./connection/session_settings.ts";
import { dumpFailed } from "./findings/dumps.ts";
import { lockTimeout, serverOutOfLocks } from "./findings/servers.ts";
import { firstComplaint, toolEnvironment, type ToolRunOptions } from "./tool_environment.ts";
import { dirname, join } from "node:path";
import { isFile } from "../system/files.ts";

/** What to dump, and how. */
export interface DumpOptions extends ToolRunOptions {
  /** @default {"custom"} */
  format?: "custom" | "directory";
  /**
   * How many tables at a time; directory format only.
   * @default {1}
   */
  jobs?: number;
  /**
   * The value of pg_dump's own `--compress`.
   * @default {pg_dump's own: gzip at level 6}
   */
  compress?: string;
  /** The snapshot to dump, exported by another session. */
  snapshot?: string;
  /**
   * Whether grants are in the dump. Owners always are: an archive holds them, and pg_restore leaves them out.
   * @default {false}
   */
  grants?: boolean;
  /** pg_dump's own options that choose what to dump. */
  selection?: string[];
  /** How long pg_dump waits for a locked table; 0 waits for ever. */
  lockTimeoutMs?: number;
  enableRowSecurity?: boolean;
}

/**
 * Dumps a database with `pg_dump`.
 *
 * Straight into the file and not through a pipe: only so pg_dump can go back and note where each table's data begins, which
 * a parallel restore needs to be quick.
 *
 * @returns What pg_dump said, empty as a rule.
 * @throws {OperatorError} `DUMP_FAILED`, `DISK_FULL`, `LOCK_TIMEOUT`.
 */
export async function dumpDatabase(
  parameters: ConnectionParameters,
  path: string,
  options: DumpOptions,
): Promise<string> {
  const args = [`--file=${path}`, ...dumpArguments(options)];
  const { tools, signal } = options;
  const { status, stderr } = await run(tools.pgDump, args, { env: toolEnvironment(parameters, noForeignCode), signal });
  if (status === 0) return stderr;
  throw dumpProblem(stderr, status, path);
}

/**
 * The same in custom format, as a stream: for where no file is wanted in between. A parallel restore of such a dump has to
 * search for each table's data.
 *
 * @returns What pg_dump said.
 * @throws {OperatorError} As {@linkcode dumpDatabase}: the stream never ends where pg_dump failed.
 */
export async function* streamDump(
  parameters: ConnectionParameters,
  options: Omit<DumpOptions, "format" | "jobs">,
): AsyncGenerator<Uint8Array<ArrayBuffer>, string> {
  const { tools, signal } = options;
  const running = stream(tools.pgDump, dumpArguments(options), {
    env: toolEnvironment(parameters, noForeignCode),
    signal,
  });
  running.ended.catch(() => {}); // thrown below, unless the reader stops before the end
  yield* running.stdout;
  const { status, stderr } = await running.ended;
  if (status !== 0) throw dumpProblem(stderr, status, "the dump");
  return stderr;
}

function dumpArguments(options: DumpOptions): string[] {
  const { format = "custom", jobs = 1, snapshot, selection = [], lockTimeoutMs = 0 } = options;
  const args = [`--format=${format}`, "--no-owner", "--no-password", ...selection];
  if (!options.grants) args.push("--no-acl");
  if (format === "directory" && jobs > 1) args.push(`--jobs=${jobs}`);
  if (options.compress !== undefined) args.push(`--compress=${options.compress}`);
  if (snapshot) args.push(`--snapshot=${snapshot}`);
  if (lockTimeoutMs > 0) args.push(`--lock-wait-timeout=${lockTimeoutMs}`);
  if (options.enableRowSecurity) args.push("--enable-row-security");
  return args;
}

function dumpProblem(stderr: string, status: number, path: string): OperatorError {
  const said = stderr || undefined;
  if (/No space left on device|File too large|Disk quota exceeded/i.test(stderr) || status === 153) {
    return diskFull.dumping.error({ path, said });
  }
  // The latter from a parallel dump, whose workers refuse to queue.
  if (/canceling statement due to (lock|statement) timeout|could not obtain lock on relation/.test(stderr)) {
    return lockTimeout.pgDump.error({ said });
  }
  if (/out of shared memory/.test(stderr)) return serverOutOfLocks.error({ said });
  return dumpFailed.error({ reason: firstComplaint(stderr, status), said });
}

/** What `pg_dumpall` wrote, or why it could not. */
type DumpedGlobals = { sql: Uint8Array<ArrayBuffer> } | { problem: string; detail?: string };

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
