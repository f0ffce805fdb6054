import { dumpUnreadable } from "../system/findings.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { runRestoringTool } from "./restoring_tool.ts";
import type { ServerError } from "./server_errors.ts";
import { firstComplaint, type ToolRunOptions } from "./tool_environment.ts";
import { dumpTooNew, restoreFailed } from "./findings/dumps.ts";

/** How to restore. */
interface PgRestoreOptions extends ToolRunOptions {
  /**
   * How many tables and indexes at a time; not from tar archives.
   * @default {1}
   */
  jobs?: number;
  /**
   * Whether owners and grants are restored too; every role that they name must exist.
   * @default {false}
   */
  ownersAndGrants?: boolean;
  /**
   * Whether owners are restored without grants; those that must be superusers may stay behind.
   * @default {false}
   */
  owners?: boolean;
  /** Further options of pg_restore. */
  extra?: string[];
}

/** What a restore ended with. */
export interface RestoreResult {
  status: number;
  /** What pg_restore said; it can complain and still end with status 0. */
  stderr: string;
  /** The server's errors, where they are known by more than those words. */
  errors?: ServerError[];
  /** Whether several sessions loaded it. */
  isParallel?: boolean;
}

/** Restores a dump with `pg_restore`, and returns what pg_restore said of it. */
export async function runPgRestore(
  parameters: ConnectionParameters,
  path: string,
  { tools, signal, jobs = 1, ownersAndGrants = false, owners = false, extra = [] }: PgRestoreOptions,
): Promise<RestoreResult> {
  const args = ["--no-password", `--dbname=${conninfo(parameters)}`, ...extra];
  if (!ownersAndGrants) args.push("--no-acl");
  if (!ownersAndGrants && !owners) args.push("--no-owner");
  if (jobs > 1) args.push(`--jobs=${jobs}`);
  const { status, stderr } = await runRestoringTool(tools.pgRestore, [...args, path], {
    tools,
    files: [path, ...extra.flatMap((option) => /^--use-list=(.*)/s.exec(option)?.[1] ?? [])],
    parameters,
    signal,
  });
  const result = { status, stderr, isParallel: jobs > 1 };
  return owners ? withoutWhatMayBe(result) : result;
}

/** How pg_restore tells of an error of one statement: what the server said, and what the statement was. */
function errorOf(said: string, statement: string): RegExp {
  return new RegExp(
    "(?:pg_restore: while [A-Z ]+:\\n)?(?:pg_restore: from TOC entry [^\\n]*\\n)?" +
      `pg_restore: error: could not execute query: ERROR: +${said}\\n` +
      "(?:(?:HINT|DETAIL):[^\\n]*\\n)*" +
      `Command was: ${statement}\\n*`,
    "g",
  );
}

/** An owner who must be a superuser is none: the object stays ours. */
const refusedOwner = errorOf(
  "permission denied to change owner of [^\\n]*",
  "ALTER (?:EVENT TRIGGER|FOREIGN DATA WRAPPER|PUBLICATION|SUBSCRIPTION) [^\\n]* OWNER TO [^\\n]*;",
);
/** Grants on what the source's server had by itself, and this version's server has not. */
const goneFromServer = errorOf(
  "(?:function|relation|type|column) [^\\n]* does not exist",
  "(?:GRANT|REVOKE) [^\\n]* ON (?:FUNCTION|PROCEDURE|TABLE|TYPE) pg_catalog\\.[^\\n]*;(?:\\n(?:GRANT|REVOKE) [^\\n]*;)*",
);

/** Parallel workers' errors count twice in what pg_restore says of their number: they are counted here. */
function withoutWhatMayBe(result: RestoreResult): RestoreResult {
  const { status, stderr } = result;
  const others = stderr.replaceAll(refusedOwner, "").replaceAll(goneFromServer, "");
  if (status !== 1 || others === stderr || /^pg_restore: error: /m.test(others)) return result;
  return {
    ...result,
    status: 0,
    stderr: others.replace(/^pg_restore: warning: errors ignored on restore: \d+\n?/m, ""),
  };
}

/**
 * Restores a dump and stops at the first error.
 *
 * @throws {OperatorError} `RESTORE_FAILED`, with what pg_restore said; the consequence is `fail`.
 */
export async function restoreOrFail(
  parameters: ConnectionParameters,
  path: string,
  options: PgRestoreOptions,
): Promise<void> {
  const { status, stderr } = await runPgRestore(parameters, path, { ...options, extra: ["--exit-on-error"] });
  if (status === 0) return;
  throw restoreFailed.stopped.error({ reason: firstComplaint(stderr, status), said: stderr });
}

/** An entry of a dump's table of contents. */
export interface DumpEntry {
  /** The object's OID in the source database; 0 where it has none. */
  oid: number;
  /** `TABLE DATA public orders alice`: kind, schema, name and owner, as pg_restore joins them. */
  text: string;
  /** The whole line, as `--use-list` takes it. */
  line: string;
}

/**
 * Reads a dump's table of contents, as `pg_restore --list` prints it.
 *
 * @throws {OperatorError} `DUMP_UNREADABLE`, whose consequence is `fail`; `DUMP_TOO_NEW`.
 */
export async function listDump(path: string, { tools, signal }: ToolRunOptions): Promise<DumpEntry[]> {
  const { status, stdout, stderr } = await runRestoringTool(tools.pgRestore, ["--list", path], {
    tools,
    files: [path],
    signal,
  });
  if (status === 0) {
    return [...stdout.matchAll(/^\d+; \d+ (\d+) (.*)$/gm)].map(([line, oid, text]) => ({
      line,
      oid: Number(oid),
      text,
    }));
  }
  const newer = /unsupported version \(([\d.]+)\) in file header/.exec(stderr)?.[1];
  if (newer) {
    const { pgRestore, version } = tools;
    throw dumpTooNew.archive.error({ path, archiveVersion: newer, pgRestore, version, said: stderr });
  }
  throw dumpUnreadable.contents.error({ path, reason: firstComplaint(stderr, status), said: stderr });
}

/** pg_restore wants the database named in argv; as conninfo, so that no name is taken for an option or a URL. */
function conninfo({ database }: ConnectionParameters): string {
  return `dbname='${database.replace(/[\\']/g, "\\$&")}'`;
}
