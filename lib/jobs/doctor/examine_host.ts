import { join } from "node:path";
import { withSession } from "../../postgres/connection/connect.ts";
import { makeThrowawayCluster } from "../../postgres/throwaway_cluster.ts";
import { findClientTools, findServerTools } from "../../postgres/tools.ts";
import { run } from "../../system/child_process.ts";
import { readRegularText } from "../../system/regular_file.ts";
import { makeSandbox } from "../../system/isolation/make_sandbox.ts";
import { temporaryDirectory } from "../../system/workspace.ts";
import { isolationWeak, littleSpace, passwordFileOpen, passwordInArguments } from "./findings/host.ts";
import { type Examination, type Found, pass } from "./prerequisite.ts";
import { durationText, sizeText } from "../../system/quantities.ts";
import { freeSpaceBytes } from "../../system/free_space.ts";

const leastFreeBytes = 1024 ** 3;

/** What this host must have, whatever the database. */
export function hostExaminations({ pgBin, env }: { pgBin?: string; env: Record<string, string> }): Examination[] {
  return [
    {
      name: "client_programs",
      async examine() {
        const { version, pgDump } = await findClientTools(0, pgBin);
        return pass(`pg_dump ${version} (${pgDump}).`);
      },
    },
    {
      name: "server_programs",
      async examine() {
        const { version, postgres } = await findServerTools(pgBin);
        return pass(`postgres ${version} (${postgres}).`);
      },
    },
    { name: "isolation", examine: examineIsolation },
    { name: "throwaway_cluster", examine: () => startCluster(pgBin) },
    {
      name: "free_space",
      examine: () => examineFreeSpace(temporaryDirectory(), littleSpace),
    },
    { name: "passwords_of_processes", examine: examineProcesses },
    { name: "passwords_in_files", examine: () => examineFiles(env) },
  ];
}

async function startCluster(pgBin?: string) {
  const start = performance.now();
  const cluster = await makeThrowawayCluster(await findServerTools(pgBin));
  try {
    await withSession(cluster.parameters, {}, (sql) => sql`SELECT 1`);
    return pass(`It starts in ${durationText(performance.now() - start)}.`);
  } finally {
    await cluster.close();
  }
}

/** Whether drills are kept from this host. */
async function examineIsolation() {
  const { isolation: { level, lacks } } = await makeSandbox();
  if (level === "full") return pass("A restored copy cannot see this host's network, processes or files.");
  return level === "namespaces" ? isolationWeak.sharedAccount() : isolationWeak.lacking({ lacks });
}

/** Whether a directory has room for anything at all. */
export async function examineFreeSpace(
  directory: string,
  tooLittle: (room: { directory: string; free: string }) => Found,
): Promise<Found> {
  const freeBytes = await freeSpaceBytes(directory);
  const free = sizeText(freeBytes);
  return freeBytes < leastFreeBytes ? tooLittle({ directory, free }) : pass(`${directory} has ${free} free.`);
}

const showsPassword = /[a-z]+:\/\/[^\s:/@]+:[^\s@]+@|\bPGPASSWORD=|--password=\S|\bpassword=\S/i;

/** Every account of a host can read the arguments of every process. */
async function examineProcesses() {
  const { stdout } = await run("ps", ["-eo", "pid=,args="], { env: {} });
  const found = stdout.split("\n").map((line) => line.trim()).filter((line) => showsPassword.test(line));
  if (found.length === 0) return pass("No process shows a password in its arguments.");
  return passwordInArguments({ processes: found.map((line) => line.split(/\s+/, 1)[0]) });
}

/** Files that may hold a password, and that others can read. */
async function examineFiles(env: Record<string, string>) {
  const home = env.HOME ?? "/";
  const files = [
    env.PGPASSFILE ?? join(home, ".pgpass"),
    env.PGSERVICEFILE ?? join(home, ".pg_service.conf"),
    "/etc/postgresql-common/pg_service.conf",
  ];
  const open: string[] = [];
  for (const file of files) {
    const mode = await Deno.stat(file).then(({ mode }) => mode ?? 0, () => 0);
    const text = (mode & 0o004) !== 0 ? await readRegularText(file).catch(() => "") : "";
    if (file.includes("pgpass") ? text.trim() !== "" : /^\s*password\s*=/m.test(text)) open.push(file);
  }
  if (open.length === 0) return pass("No other account can read the password files.");
  return passwordFileOpen({ files: open });
}
