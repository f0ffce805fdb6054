import { delimiter, dirname, join } from "node:path";
import type { Finding } from "../verdict/verdict.ts";
import { versionNumber } from "./connection/session_settings.ts";
import type { ServerVersion } from "./server_version.ts";
import { run } from "../system/child_process.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import type { OperatorError } from "../system/operator_error.ts";
import {
  clientOlderThanServer,
  pgDumpTooOld,
  pgToolBroken,
  pgToolsMissing,
  programNotTrusted,
  serverTooOld,
} from "./findings/tools.ts";
import { reasonForDistrust } from "../system/trusted_path.ts";

/** The client programs of one installation. */
export interface ClientTools {
  pgDump: string;
  pgRestore: string;
  /** Of `pg_dump`: `15.18`. `pg_restore` beside it is of the same build. */
  version: string;
  major: number;
  /** What `pg_restore` runs in, which reads what others wrote; without one, as ourselves. */
  sandbox?: Sandbox;
}

/** The server programs of one installation. */
export interface ServerTools {
  initdb: string;
  postgres: string;
  /** `15.18` */
  version: string;
  major: number;
}

const installationPatterns = [
  ["/usr/lib/postgresql", "bin"], // Debian, Ubuntu
  ["/usr", "bin", "pgsql-"], // PGDG's RPMs: /usr/pgsql-17/bin
  ["/opt/homebrew/opt", "bin", "postgresql"],
  ["/usr/local/opt", "bin", "postgresql"],
] as const;

/**
 * Finds the installed client tools that can dump and restore a server of a major version: that major's, else the
 * nearest newer one's.
 *
 * @param serverMajor Of the server that is to be dumped.
 * @param pgBin Look in these directories only, separated as in PATH.
 * @throws {OperatorError} `PG_DUMP_TOO_OLD` or `PG_TOOLS_MISSING`.
 */
export async function findClientTools(serverMajor: number, pgBin?: string): Promise<ClientTools> {
  const found: ClientTools[] = [];
  for (const directory of await searchDirectories(pgBin, ["pg_dump", "pg_restore"])) {
    const pgDump = join(directory, "pg_dump");
    const version = await versionOf(pgDump);
    const major = Number.parseInt(version);
    const tools = { pgDump, pgRestore: join(directory, "pg_restore"), version, major };
    if (major === serverMajor) return tools;
    found.push(tools);
  }
  if (found.length === 0) {
    throw pgToolsMissing.installation.error({
      programs: "pg_dump and pg_restore",
      debianPackage: "postgresql-client",
      pgBin,
    });
  }
  found.sort((a, b) => a.major - b.major);
  const newer = found.find(({ major }) => major > serverMajor);
  if (newer) return newer;
  const newest = found.at(-1)!;
  throw pgDumpTooOld.error({ version: newest.version, path: newest.pgDump, serverMajor });
}

/**
 * Finds installed server programs: those of a major version or the nearest newer one, or else the newest major's; of
 * several of one major PATH's first.
 *
 * @param pgBin Look in these directories only, separated as in PATH.
 * @param major The oldest that will do.
 * @throws {OperatorError} `PG_TOOLS_MISSING`, `SERVER_TOO_OLD`.
 */
export async function findServerTools(pgBin?: string, major?: number): Promise<ServerTools> {
  const found: ServerTools[] = [];
  for (const directory of await searchDirectories(pgBin, ["initdb", "postgres"])) {
    const postgres = join(directory, "postgres");
    const version = await versionOf(postgres);
    found.push({ initdb: join(directory, "initdb"), postgres, version, major: Number.parseInt(version) });
  }
  if (found.length === 0) {
    throw pgToolsMissing.installation.error({ programs: "initdb and postgres", debianPackage: "postgresql", pgBin });
  }
  found.sort((a, b) => a.major - b.major);
  const newest = found.at(-1)!;
  const tools = found.find((tools) => tools.major >= (major ?? newest.major));
  if (tools) return tools;
  throw serverTooOld.programs.error({ major, newest: newest.version });
}

/**
 * Directories that hold all of the programs: those named; else PATH's first, then where distributions put them.
 *
 * Programs that another account could exchange are not run: they would run with our rights.
 *
 * @throws {OperatorError} `PROGRAM_NOT_TRUSTED` for a directory that was named, or if no other one holds the programs.
 */
async function searchDirectories(pgBin: string | undefined, programs: string[]): Promise<string[]> {
  const directories = pgBin ? new Set(pgBin.split(delimiter).filter(Boolean)) : await knownDirectories(programs[0]);
  const complete = [];
  let distrusted: OperatorError | undefined;
  for (const directory of directories) {
    if (!await holdsAll(directory, programs)) continue;
    const problem = await distrust(directory, programs);
    if (!problem) complete.push(await Deno.realPath(directory));
    else if (pgBin) throw problem;
    else distrusted ??= problem;
  }
  if (complete.length === 0 && distrusted) throw distrusted;
  return complete;
}

/** What is run from beside the programs that were looked for. */
const companions = ["psql", "pg_ctl", "pg_dumpall"];

async function distrust(directory: string, programs: string[]): Promise<OperatorError | undefined> {
  for (const program of new Set([...programs, ...companions])) {
    const path = join(directory, program);
    const reason = await reasonForDistrust(path);
    if (reason) return programNotTrusted.error({ path, reason });
  }
  return undefined;
}

async function knownDirectories(programName: string): Promise<Set<string>> {
  const directories = new Set<string>();
  for (const directory of (Deno.env.get("PATH") ?? "").split(delimiter).filter(Boolean)) {
    const program = join(directory, programName);
    const target = await Deno.realPath(program).catch(() => undefined);
    // Debian's /usr/bin/pg_dump is a Perl script that chooses a version by its own rules.
    if (target && !target.endsWith("/pg_wrapper")) directories.add(dirname(target));
  }
  for (const [parent, bin, prefix = ""] of installationPatterns) {
    for (const name of await namesIn(parent)) {
      if (name.startsWith(prefix)) directories.add(join(parent, name, bin));
    }
  }
  return directories;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(directory), ({ name }) => name)).sort();
  } catch {
    return [];
  }
}

async function holdsAll(directory: string, programs: string[]): Promise<boolean> {
  const present = await Promise.all(
    programs.map((program) => Deno.stat(join(directory, program)).then(({ isFile }) => isFile, () => false)),
  );
  return present.every(Boolean);
}

async function versionOf(program: string): Promise<string> {
  const { stdout, stderr } = await run(program, ["--version"], { env: { LC_ALL: "C" } });
  const version = /\(PostgreSQL\) (\d+(?:\.\d+|[a-z]+\d+)?)/.exec(stdout)?.[1];
  if (version) return version;
  throw pgToolBroken.error({ program, said: stderr || stdout });
}

/**
 * A pg_dump of an older minor than the server's copies what it does not know as if the user had written it, and a server
 * of the same minor may refuse that.
 */
export function olderClient(client: string, server: ServerVersion): Finding[] {
  const version = versionNumber(client);
  if (Math.floor(version / 10_000) !== server.major || version >= server.versionNum) return [];
  return [clientOlderThanServer({ client, server: server.version, major: server.major })];
}
