import { dirname, join } from "node:path";
import { installationOf } from "../postgres/installation.ts";
import type { ServerTools } from "../postgres/tools.ts";
import { run, type RunResult } from "../system/child_process.ts";
import type { Sandbox, View } from "../system/isolation/sandbox.ts";
import type { RestoreSpace } from "./restore_space.ts";
import { physicalBackupDamaged } from "./findings/recovery.ts";

/** A restored cluster whose server is not running, and what looks at it. */
export interface RestoredFiles {
  space: RestoreSpace;
  tools: ServerTools;
  sandbox: Sandbox;
  /** What its links lead to besides, and where that is. */
  mapped?: View["map"];
  signal?: AbortSignal;
}

/**
 * Holds restored files against their `backup_manifest`. WAL is left out: recovery reads it.
 *
 * @param sizesOnly Whether no more than their sizes is compared.
 * @throws {OperatorError} `PHYSICAL_BACKUP_DAMAGED`
 */
export async function verifyFiles(backup: string, files: RestoredFiles, { sizesOnly }: { sizesOnly: boolean }) {
  const args = ["--no-parse-wal", "--quiet", ...sizesOnly ? ["--skip-checksums"] : [], files.space.data];
  const { status, stdout, stderr } = await runTool("pg_verifybackup", args, files);
  if (status === 0) return;
  const said = `${stderr}${stdout}`.trim();
  const complaints = said.split("\n").filter((line) => /: error: /.test(line));
  const first = complaints[0]?.replace(/^.*?: error: /, "") ?? `pg_verifybackup ended with status ${status}`;
  throw physicalBackupDamaged.files.error({
    backup,
    count: Math.max(1, complaints.length),
    first,
    said: firstLines(said),
  });
}

/**
 * Reads every page and compares its checksum. Needs a server that was stopped in order.
 *
 * @throws {OperatorError} `PHYSICAL_BACKUP_DAMAGED`
 */
export async function verifyPages(files: RestoredFiles): Promise<void> {
  const { data } = files.space;
  const { status, stdout, stderr } = await runTool("pg_checksums", ["--check", "--pgdata", data], files);
  if (status === 0) return;
  const said = `${stderr}${stdout}`.replaceAll(`${data}/`, "").trim();
  if (!/verification failed/.test(said)) throw physicalBackupDamaged.unread.error({ said: firstLines(said) });
  const count = Number(/^Bad checksums: +(\d+)/m.exec(said)?.[1] ?? 1);
  const first = /failed in file "([^"]+)"/.exec(said)?.[1] ?? said.split("\n", 1)[0];
  throw physicalBackupDamaged.pages.error({ count, first, said: firstLines(said) });
}

/** How {@linkcode runTool} runs a program, other than the rest. */
interface ToolOptions {
  env?: Record<string, string>;
  /** What it reads besides the cluster. */
  alsoRead?: string[];
  /** A command that runs it: the words before it. */
  through?: string[];
}

/** Runs a program of PostgreSQL beside its server's, in the sandbox that the server runs in. */
export async function runTool(
  name: string,
  args: string[],
  { space, tools, sandbox, mapped, signal }: RestoredFiles,
  { env, alsoRead = [], through = [] }: ToolOptions = {},
): Promise<RunResult> {
  const program = join(dirname(tools.postgres), name);
  const [command, ...rest] = await sandbox.command([...through, program, ...args], {
    read: [...await installationOf(program), ...alsoRead],
    write: [space.cluster],
    map: mapped,
  });
  return await run(command, rest, {
    env: { LC_ALL: "C", ...env },
    signal,
    killSignal: sandbox.isInit ? "KILL" : "TERM",
  });
}

function firstLines(text: string): string {
  return text.split("\n").slice(0, 20).join("\n");
}
