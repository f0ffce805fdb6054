import { requireCommitLog } from "../../physical/commit_log.ts";
import type { ControlData } from "../../physical/control_data.ts";
import { readControlData } from "../../physical/control_data.ts";
import { notVerifiable, physicalNeedsIsolation } from "../../physical/findings/recovery.ts";
import { physicalBackupIncomplete, physicalSourceUnusable } from "../../physical/findings/sources.ts";
import { markUnusable } from "../../physical/findings/marks.ts";
import { lsnText } from "../../physical/lsn.ts";
import { placeOfMark } from "../../physical/place_of_mark.ts";
import { findMajorPrograms } from "../../physical/major_programs.ts";
import { openPhysicalSource } from "../../physical/open_source.ts";
import { recover } from "../../physical/recover.ts";
import { makeRestoreSpace } from "../../physical/restore_space.ts";
import type { PhysicalBackup, PhysicalSource } from "../../physical/source.ts";
import { newestMark } from "../../physical/newest_mark.ts";
import { findSuperusers } from "../../physical/superusers.ts";
import { type RestoredFiles, verifyFiles } from "../../physical/verify_files.ts";
import { join } from "node:path";
import { requireRoom } from "../../system/free_space.ts";
import { makeSandbox } from "../../system/isolation/make_sandbox.ts";
import type { Sandbox } from "../../system/isolation/sandbox.ts";
import { diskFull } from "../../system/findings.ts";
import { temporaryDirectory } from "../../system/workspace.ts";
import { requireIsolation } from "../../targets/require_isolation.ts";
import { runJob } from "../../run/run_job.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { Job } from "../../run/job.ts";
import { compareMark } from "./compare_mark.ts";
import { findMark, type FoundMark } from "./find_mark.ts";
import { choosePhysical } from "./choose_physical.ts";
import type { PhysicalDrillOptions } from "./physical_options.ts";
import { asserting } from "./asserting.ts";
import { holdRecoveryPoint } from "./hold_recovery_point.ts";
import { proveCluster } from "./prove_cluster.ts";
import { requireWal } from "./require_wal.ts";
import { requireTarget } from "./require_target.ts";
import { newestSegment, recoveryOf } from "./recovery_of.ts";

/** Recovers a physical backup somewhere disposable, up to its target, and proves what came back. */
export function drillPhysical(options: PhysicalDrillOptions): Promise<Verdict> {
  return runJob("drill", options, async (job) => {
    const { mark: named } = options;
    if (named === undefined) return await drillPhysicalBackup(job, options);
    const mark = await job.phase("mark", () => findMark(job, named, options));
    const { insertLsn, timeline } = mark.place;
    const target = { kind: "lsn", value: lsnText(insertLsn), before: { timeline } } as const;
    await drillPhysicalBackup(job, { ...options, target }, mark);
  });
}

/**
 * Recovers a physical backup, and proves it.
 *
 * @param mark What it is recovered to more exactly, and compared with.
 */
async function drillPhysicalBackup(
  job: Job,
  options: PhysicalDrillOptions,
  mark?: FoundMark,
): Promise<void> {
  const startedAt = new Date();
  const { set, pgBin, rpoLimitMs } = options;
  let { target } = options;
  const { source, backup, sandbox } = await job.phase("find", async () => {
    const sandbox = await makeSandbox();
    await requireOutOfReach(job, sandbox);
    const source = await openPhysicalSource(options.physical, { ...options, signal: job.signal });
    const backups = await source.list(job.signal);
    const backup = choosePhysical(backups, target, { set, path: source.name });
    if (backup.majorVersion !== undefined) await findMajorPrograms(backup.majorVersion, pgBin);
    await requireRoom(temporaryDirectory(), backup.sizeBytes ?? 0, diskFull.beforeCluster);
    await requireWal(source, backup, target, job.signal);
    return { source, backup, sandbox };
  });
  const verifying = performance.now();
  if (options.verify === "full" && source.verify) {
    const damage = await job.phase("repository", () => source.verify!(job.signal));
    job.expect("repository_whole", { expected: true, actual: damage.length === 0 }, ...damage);
  }
  const repositoryMs = performance.now() - verifying;
  const snapshot_at = (backup.stoppedAt ?? backup.startedAt)?.toISOString();
  job.record({
    backup: {
      name: backup.name,
      path: source.name,
      size_bytes: backup.sizeBytes ?? 0,
      ...(snapshot_at !== undefined && { snapshot_at }),
    },
  });
  const restored = await restore(job, source, backup, { sandbox, options });
  const { files, control, superusers } = restored;
  const fetch = { command: source.restoreCommand ?? "false", env: options.env, signal: job.signal };
  if (mark) {
    const { name, manifest: { postgres }, place } = mark;
    const [expected, actual] = [postgres.system_identifier, control.systemIdentifier];
    if (expected !== actual) throw markUnusable.otherCluster.error({ mark: name, expected, actual });
    const lsn = await job.phase("place", () => placeOfMark(place, { files, control, fetch }));
    target = { kind: "lsn", value: lsnText(lsn), before: place };
  }
  const recovering = performance.now();
  const cluster = await job.phase("recover", (measure) =>
    job.acquire(
      "the recovered cluster",
      () =>
        recover({
          ...files,
          control,
          backup: backup.name,
          target,
          fetch,
          superusers,
          signal: job.signal,
          say: job.say,
          onFetched: ({ sizeBytes }) => measure?.({ done: sizeBytes, unit: "bytes" }),
        }),
      (cluster) => cluster.close(),
    ));
  const recoverMs = performance.now() - recovering;
  const { walSegmentBytes: segmentBytes } = control;
  const newestOne = await job.phase("marks", () => newestMark({ ...files, segmentBytes, reached: cluster.lsn }));
  const newest = await newestSegment(source, job.signal);
  const record = (checksMs?: number) => {
    const { restoreMs } = restored;
    const measured = {
      startedAt,
      repositoryMs,
      restoreMs,
      recoverMs,
      checksMs,
      rpoLimitMs,
      mark: newestOne,
      newest,
      isRight: !job.hasFailed(),
    };
    const recovery = recoveryOf(cluster, target, measured);
    job.record({ recovery: { ...job.soFar().recovery, ...recovery } });
    return recovery;
  };
  record();
  await job.phase(
    "target",
    () =>
      asserting(job, "target_reached", () => requireTarget(source, { backup, cluster, target, files, control, fetch })),
  );
  const checking = performance.now();
  await proveCluster(
    job,
    { cluster, files, control, options },
    async () => mark && await compareMark(job, mark, { cluster, jobs: options.jobs }),
  );
  const recovery = record(performance.now() - checking);
  if (rpoLimitMs !== undefined) {
    holdRecoveryPoint(job, recovery, { limit: rpoLimitMs, isLatest: target.kind === "latest" });
  }
}

/** Who trusts the backup may still not want production's tablespaces overwritten by its WAL. */
async function requireOutOfReach(job: Job, { isolation }: Sandbox): Promise<void> {
  if (isolation.lacks.some((what) => what !== "account")) throw physicalNeedsIsolation.error(isolation);
  await requireIsolation(job, { trustDump: true });
}

interface Restored {
  files: RestoredFiles;
  control: ControlData;
  superusers: string[];
  restoreMs: number;
}

async function restore(
  job: Job,
  source: PhysicalSource,
  backup: PhysicalBackup,
  { sandbox, options }: { sandbox: Sandbox; options: PhysicalDrillOptions },
): Promise<Restored> {
  const { signal } = job;
  const started = performance.now();
  const space = await job.phase("restore", async (measure) => {
    const space = await job.acquire(
      "the restored files",
      () => makeRestoreSpace(sandbox),
      (space) => space.close(),
    );
    const { data, tablespaces } = space;
    await source.restore(backup, { directory: data, tablespaceDirectory: tablespaces, signal, measure });
    return space;
  });
  const isThere = (name: string) => Deno.lstat(join(space.data, name)).then(({ isFile }) => isFile, () => false);
  if (!await isThere("backup_label")) throw physicalBackupIncomplete.label.error({ backup: backup.name });
  await requireTablespaces(space.data, backup.name);
  const major = backup.majorVersion ?? await majorOf(space.data, backup.name);
  const tools = await findMajorPrograms(major, options.pgBin);
  job.record({ postgres: { server: tools.version, target: "throwaway" } });
  const superusers = await findSuperusers(space.data);
  const hasManifest = await isThere("backup_manifest");
  await space.handOver();
  const restoreMs = performance.now() - started;
  const files = { space, tools, sandbox, signal };
  if (hasManifest) {
    const sizesOnly = options.verify === "quick";
    await job.phase("files", () => asserting(job, "files_whole", () => verifyFiles(backup.name, files, { sizesOnly })));
  } else job.find(notVerifiable.manifest({ backup: backup.name }));
  const control = await readControlData(files);
  await requireCommitLog(space.data, backup.name, control);
  return { files, control, superusers, restoreMs };
}

/**
 * Without their links a server makes tablespaces anew, empty, and says nothing.
 *
 * @throws {OperatorError} `PHYSICAL_BACKUP_INCOMPLETE`
 */
async function requireTablespaces(data: string, backup: string): Promise<void> {
  const map = await Deno.readTextFile(join(data, "tablespace_map")).catch(() => "");
  for (const [, tablespace, path] of map.matchAll(/^(\d+) (.+)$/gm)) {
    const isThere = await Deno.stat(join(data, "pg_tblspc", tablespace)).then(
      ({ isDirectory }) => isDirectory,
      () => false,
    );
    if (!isThere) throw physicalBackupIncomplete.tablespace.error({ backup, tablespace, path });
  }
}

async function majorOf(data: string, backup: string): Promise<number> {
  const text = await Deno.readTextFile(join(data, "PG_VERSION")).catch(() => "");
  const major = Number.parseInt(text);
  if (Number.isNaN(major)) throw physicalSourceUnusable.noVersion.error({ backup });
  return major;
}
