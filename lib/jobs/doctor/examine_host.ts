import { join } from "node:path";
import { connect } from "../../postgres/connection/connect.ts";
import { makeThrowawayCluster } from "../../postgres/throwaway_cluster.ts";
import { findClientTools, findServerTools } from "../../postgres/tools.ts";
import { run } from "../../system/child_process.ts";
import { readRegularText } from "../../system/regular_file.ts";
import { makeSandbox } from "../../system/isolation/make_sandbox.ts";
import { temporaryDirectory } from "../../system/workspace.ts";
import { type Examination, fail, pass, warn } from "./prerequisite.ts";
import { sizeText } from "../../system/quantities.ts";
import { freeSpaceBytes } from "../../system/free_space.ts";

const leastFreeBytes = 1024 ** 3;

/** What this host must have, whatever the database. */
export function hostExaminations({ pgBin, env }: { pgBin?: string; env: Record<string, string> }): Examination[] {
  return [
    {
      name: "client_programs",
      async examine() {
        const { version, pgDump } = await findClientTools(0, pgBin);
        return pass(`pg_dump ${version} (${pgDump})`);
      },
    },
    {
      name: "server_programs",
      async examine() {
        const { version, postgres } = await findServerTools(pgBin);
        return pass(`postgres ${version} (${postgres})`);
      },
    },
    { name: "isolation", examine: examineIsolation },
    { name: "throwaway_cluster", examine: () => startCluster(pgBin) },
    {
      name: "free_space",
      examine: () =>
        examineFreeSpace(
          temporaryDirectory(),
          "A drill needs room for the whole database: make room, or point TMPDIR elsewhere.",
        ),
    },
    { name: "passwords_of_processes", examine: examineProcesses },
    { name: "passwords_in_files", examine: () => examineFiles(env) },
  ];
}

async function startCluster(pgBin?: string) {
  const start = performance.now();
  const cluster = await makeThrowawayCluster(await findServerTools(pgBin));
  try {
    const sql = await connect(cluster.parameters);
    await sql`SELECT 1`;
    await sql.end({ timeout: 0 });
    return pass(`starts in ${Math.round(performance.now() - start)} ms`);
  } finally {
    await cluster.close();
  }
}

/** Whether drills are kept from this host. */
async function examineIsolation() {
  const { isolation: { level, lacks } } = await makeSandbox();
  if (level === "full") return pass("what a drill restores sees no network, process or file of this host");
  if (level === "namespaces") {
    return warn(
      "drills run as the account of this host's database servers, though none is in their reach",
      "Run them as root or as an account of their own.",
    );
  }
  return warn(
    `what a drill restores is not kept from this host (${lacks.join(", ")})`,
    "Run as root or as an account that may make namespaces: with bubblewrap, or unshare of util-linux. Until then drill " +
      "only what a trusted key signed, or say --trust-dump.",
  );
}

/** Whether a directory has room for anything at all. */
export async function examineFreeSpace(directory: string, fix: string) {
  const freeBytes = await freeSpaceBytes(directory);
  const message = `${directory} has ${sizeText(freeBytes)} free`;
  return freeBytes < leastFreeBytes ? warn(message, fix) : pass(message);
}

const passwordInArguments = /[a-z]+:\/\/[^\s:/@]+:[^\s@]+@|\bPGPASSWORD=|--password=\S|\bpassword=\S/i;

/** Every account of a host can read the arguments of every process. */
async function examineProcesses() {
  const { stdout } = await run("ps", ["-eo", "pid=,args="], { env: {} });
  const found = stdout.split("\n").map((line) => line.trim()).filter((line) => passwordInArguments.test(line));
  if (found.length === 0) return pass("no process shows a password in its arguments");
  const processes = found.map((line) => line.split(/\s+/, 1)[0]).join(", ");
  return fail(
    `a password stands in the arguments of process ${processes}`,
    "Give it by PGPASSWORD or ~/.pgpass, and change that password: others may have read it.",
  );
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
  if (open.length === 0) return pass("no password file is open to everybody");
  return fail(`everybody can read the passwords in ${open.join(", ")}`, `Close it: chmod 0600 ${open.join(" ")}`);
}
