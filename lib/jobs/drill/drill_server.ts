import { withSession } from "../../postgres/connection/connect.ts";
import { type RoleRights, settleRoles } from "../../postgres/make_roles.ts";
import { inParallel } from "../../system/in_parallel.ts";
import { chooseServerSet, type ServerSet } from "../../fetch/choose_server_set.ts";
import type { Restored } from "../../verdict/verdict.ts";
import type { Job } from "../../run/job.ts";
import { type PartOfJob, partOfJob } from "../whole_system/part_of_job.ts";
import { weakestProof } from "../whole_system/policy.ts";
import { recordRecovery } from "../whole_system/recovery.ts";
import { restoredOf } from "../whole_system/conclude_system.ts";
import { requireIsolation } from "../../targets/require_isolation.ts";
import { type DrillOptions, isEmpty, restoreBackup, type RestoredBackup } from "./drill_backup.ts";
import { acquireCluster, nameInCluster } from "../../targets/throwaway_cluster.ts";
import { databaseNotInSet } from "./findings/server.ts";
import { emptyDatabase } from "./findings.ts";
import { type Wanted, wantedOf } from "../../targets/wanted.ts";

/**
 * Restores a whole server: its databases into one throwaway cluster, several at the same time, each compared with its own
 * manifest.
 *
 * @returns Whether it was a backup of a whole server that was meant.
 */
export async function drillServer(job: Job, options: DrillOptions, startedAt: Date): Promise<boolean> {
  const set = await job.phase(
    "find",
    () => chooseServerSet(job, options, { isAsked: options.allDatabases === true }),
  );
  if (!set) return false;
  const { members } = set;
  job.note(...set.leftOut.map(databaseNotInSet));
  const wanted = wantedOfAll(set);
  if (options.into === undefined) await requireIsolation(job, options);
  const cluster = options.into === undefined
    ? await acquireCluster(job, options, wanted, nameInCluster(wanted.name ?? members[0].database))
    : undefined;

  const parts = new Map<string, PartOfJob>(members.map(({ database }) => [database, partOfJob(job, database)]));
  const totalBytes = members.reduce((sum, { manifest }) => sum + manifest.database.size_bytes, 0);
  const biggestFirst = members.toSorted((a, b) => b.manifest.database.size_bytes - a.manifest.database.size_bytes);
  const drilled = new Set<string>();
  const failures: unknown[] = [];
  /** If one does not come back, the others are still checked. */
  const goingOn = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      job.signal.throwIfAborted();
      failures.push(...error instanceof AggregateError ? error.errors : [error]);
    }
    job.record({ restored: restoredOf(parts) });
  };
  const back = new Map<string, RestoredBackup>();
  await inParallel(biggestFirst, options.jobs, async ({ database, path, manifest }) => {
    const jobs = Math.max(1, Math.round(options.jobs * manifest.database.size_bytes / Math.max(1, totalBytes)));
    // An empty database is one of the server's, too.
    const own = { ...options, path, from: undefined, jobs, cluster, allowEmpty: true };
    await goingOn(async () => {
      const restored = await restoreBackup(parts.get(database)!.job, own, job);
      if (restored) back.set(database, restored);
    });
  });
  if (cluster) await job.phase("roles", () => settleAll([...back.values()]));
  await inParallel([...back], options.jobs, ([database, { prove }]) =>
    goingOn(async () => {
      await prove();
      drilled.add(database);
    }));
  const restored = restoredOf(parts);
  const lead = restored.find(({ backup }) => backup.name === set.lead) ?? restored[0];
  job.record({
    restored,
    ...(lead && { backup: lead.backup }),
    ...(drilled.size === members.length && { proof: weakestProof(restored), covers: coveredByAll(restored) }),
  });
  if (failures.length > 0) throw new AggregateError(failures);
  if (!options.allowEmpty && members.every(({ manifest }) => isEmpty(manifest))) {
    throw emptyDatabase.allOfServer.error();
  }
  const snapshots = members.map(({ manifest }) => new Date(manifest.snapshot.taken_at));
  recordRecovery(job, { startedAt, snapshots, incidentAt: options.incidentAt });
  return true;
}

function coveredByAll(restored: readonly Restored[]): string[] | undefined {
  const [first, ...others] = restored.map(({ covers = [] }) => covers);
  return first?.filter((what) => others.every((covers) => covers.includes(what)));
}

/** What one cluster needs to hold all of them. */
function wantedOfAll({ members }: ServerSet): Wanted {
  const each = members.map(({ manifest }) => wantedOf(manifest));
  const { preload } = each[0];
  // What a preloaded library works in is one of them.
  const named = members.find(({ database }) => preload?.settings.some(({ value }) => value === database));
  return {
    serverMajor: Math.max(...each.map(({ serverMajor = 0 }) => serverMajor)),
    dumpMajor: Math.max(...each.map(({ dumpMajor = 0 }) => dumpMajor)),
    compression: each[0].compression,
    locales: new Set(each.flatMap(({ locales }) => [...locales ?? []])),
    preload,
    name: named?.database,
    sizeBytes: each.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0),
    roles: [],
  };
}

/** Ends what roles were given for the restore, when all restores have ended: they are the same for every database. */
async function settleAll(back: readonly RestoredBackup[]): Promise<void> {
  const rights = new Map<string, RoleRights>();
  for (const role of back.flatMap(({ privileges }) => privileges?.rights ?? [])) {
    const known = rights.get(role.name);
    const member_of = [...known?.member_of ?? [], ...role.member_of ?? []];
    rights.set(role.name, { ...known, ...role, ...(member_of.length > 0 && { member_of }) });
  }
  for (const { target: { parameters }, privileges } of back) {
    if (!privileges) continue;
    await withSession(parameters, {}, async (sql) => {
      await settleRoles(sql, [...rights.values()], privileges.databaseOwner);
    });
  }
}
