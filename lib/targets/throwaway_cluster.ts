import { type ConnectionParameters, withDatabase } from "../postgres/connection/connection_parameters.ts";
import { localesToMake } from "../postgres/host_locales.ts";
import { requireReadableCompression } from "../postgres/compression.ts";
import { makePreloadedCluster } from "../postgres/preload.ts";
import { makeThrowawayCluster, type ThrowawayCluster } from "../postgres/throwaway_cluster.ts";
import { type ClientTools, findClientTools, findServerTools, type ServerTools } from "../postgres/tools.ts";
import { availableMemoryBytes } from "../system/available_memory.ts";
import { requireRoom } from "../system/free_space.ts";
import { makeSandbox } from "../system/isolation/make_sandbox.ts";
import type { Sandbox } from "../system/isolation/sandbox.ts";
import { shellWord } from "../system/shell_word.ts";
import { diskFull } from "../system/findings.ts";
import { is } from "../system/define_finding.ts";
import { temporaryDirectory } from "../system/workspace.ts";
import type { Job } from "../run/job.ts";
import type { Wanted } from "./wanted.ts";
import { pgDumpTooOld } from "../postgres/findings/tools.ts";
import { keptRunning, preloadLeftOut } from "./findings.ts";
import type { DisposableOptions, SharedCluster } from "./target.ts";

/** What the one database is called that a cluster is made for. */
export const restoredName = "restored";

/** What one of several is called: as at the source, but for those that every cluster has. */
export function nameInCluster(name: string): string {
  return /^(postgres|template[01])$/.test(name) ? `${restoredName}_${name}` : name;
}

/** Makes a throwaway cluster, for as long as the job lasts. */
export async function acquireCluster(
  job: Job,
  { jobs, pgBin, keepRunning }: DisposableOptions,
  wanted: Wanted,
  databaseName = restoredName,
): Promise<SharedCluster> {
  const { serverTools, sandbox, tools } = await job.phase("preflight", async () => {
    const sandbox = await makeSandbox();
    const serverTools = await findServerTools(pgBin, wanted.serverMajor);
    await requireRoom(temporaryDirectory(), wanted.sizeBytes ?? 0, diskFull.beforeCluster);
    const tools = await findRestoreTools(serverTools.major, wanted, pgBin);
    return { serverTools, sandbox, tools: { ...tools, sandbox } };
  });
  job.record({ postgres: { server: serverTools.version, pg_restore: tools.version, target: "throwaway" } });
  const cluster = await job.phase(
    "cluster",
    () =>
      job.acquire(
        "the throwaway cluster",
        () => makeWantedCluster(job, serverTools, wanted, { sandbox, databaseName, jobs }),
        async (cluster) => {
          if (!keepRunning || job.signal.aborted) return await cluster.close();
          sayKept(job, withDatabase(cluster.parameters, databaseName), await cluster.keep());
        },
      ),
  );
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work);
    last = done.catch(() => {});
    return done;
  };
  return { cluster, tools, inTurn };
}

async function makeWantedCluster(
  job: Job,
  tools: ServerTools,
  wanted: Wanted,
  { sandbox, databaseName, jobs }: { sandbox: Sandbox; databaseName: string; jobs: number },
): Promise<ThrowawayCluster> {
  const { name, preload = { libraries: [], settings: [] } } = wanted;
  const locales = await localesToMake(wanted.locales ?? []);
  const settings = { maintenance_work_mem: `${await memoryOfIndexBuildKb(jobs)}kB` };
  const made = await makePreloadedCluster(tools, preload, { from: name, to: databaseName }, {
    locales,
    sandbox,
    settings,
  });
  if (locales.length > 0) job.say(`made for this run: ${locales.map(({ name }) => name).join(", ")}`);
  if (made.leftOut.length > 0) {
    job.note(preloadLeftOut({ libraries: made.leftOut }));
  }
  return made.cluster;
}

/** What PostgreSQL takes by default, and what sorts the keys of some millions of rows without a file. */
const [leastOfIndexBuildKb, mostOfIndexBuildKb] = [64 * 1024, 256 * 1024];

/** A quarter of what the host has left, for all of them together. */
async function memoryOfIndexBuildKb(jobs: number): Promise<number> {
  const shareKb = Math.floor(await availableMemoryBytes() / 4 / jobs / 1024);
  return Math.min(Math.max(shareKb, leastOfIndexBuildKb), mostOfIndexBuildKb);
}

/** In the verdict as well: without it you could not find what `--quiet` left. */
export function sayKept(job: Job, parameters: ConnectionParameters, removal: string): void {
  const note = keptRunning({ reach: psqlCommand(parameters), removal });
  note.message.split("\n").forEach(job.say);
  job.note(note);
}

/**
 * A pg_restore reads dumps of the same pg_dump and older ones.
 *
 * @throws {OperatorError} `COMPRESSION_UNSUPPORTED`, and what `findClientTools` throws.
 */
export async function findRestoreTools(
  serverMajor: number,
  { dumpMajor = 0, compression }: Wanted,
  pgBin?: string,
): Promise<ClientTools> {
  const tools = await findClientTools(Math.max(serverMajor, dumpMajor), pgBin).catch((error) => {
    // A pg_restore older than the throwaway's server will do, as long as it reads the dump.
    if (dumpMajor >= serverMajor || !is(error, pgDumpTooOld)) throw error;
    return findClientTools(dumpMajor, pgBin);
  });
  await requireReadableCompression(tools, compression);
  return tools;
}

/** A throwaway cluster's database `postgres`, and the tools for its server. */
interface ThrowawayTarget {
  parameters: ConnectionParameters;
  tools: ClientTools;
}

/** Makes a throwaway cluster that goes with the job, from the newest programs of this host. */
export async function makeThrowawayTarget(job: Job, { pgBin }: { pgBin?: string }): Promise<ThrowawayTarget> {
  const [serverTools, tools] = await job.phase("preflight", async () => {
    const serverTools = await findServerTools(pgBin);
    return [serverTools, await findClientTools(serverTools.major, pgBin)] as const;
  });
  job.record({
    postgres: { server: serverTools.version, pg_dump: tools.version, pg_restore: tools.version, target: "throwaway" },
  });
  const { parameters, sandbox } = await job.phase(
    "cluster",
    () => job.acquire("the throwaway cluster", () => makeThrowawayCluster(serverTools), (cluster) => cluster.close()),
  );
  job.record({ isolation: sandbox.isolation });
  return { parameters, tools: { ...tools, sandbox } };
}

/** The command that connects, without any password. */
export function psqlCommand({ hosts: [host], ports: [port], user, database }: ConnectionParameters): string {
  return ["psql", "-h", host, "-p", String(port), "-U", user, "-d", database].map(shellWord).join(" ");
}
