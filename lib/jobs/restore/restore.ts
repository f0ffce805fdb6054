import type { Config } from "../../config/read_config.ts";
import type { Job } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { withDatabaseOfBackup } from "../whole_system/database_of_command_line.ts";
import { recordRecovery } from "../whole_system/recovery.ts";
import { noTarget, sameTarget } from "./findings/targets.ts";
import { requireSet } from "./require_set.ts";
import { restoreDatabase } from "./restore_database.ts";
import { requireBeforeReplacing } from "./restore_guard.ts";
import type { RestoreOptions } from "./restore_target.ts";
import { safetyOptionsOf } from "./safety_backup.ts";

/** Brings a database back, or the whole system that a configuration describes. */
export function restore(options: RestoreOptions): Promise<Verdict> {
  return runJob("restore", options, async (job) => {
    const startedAt = new Date();
    if (options.reviewedBy !== undefined) job.record({ reviewed_by: options.reviewedBy });
    if (options.allDatabases) {
      const { restoreServer } = await import("./restore_server.ts");
      return await restoreServer(job, options, startedAt);
    }
    const { config } = options;
    if (config) {
      return await restoreSystem(job, await withDatabaseOfBackup(job, config, options), options, startedAt);
    }
    const { manifest } = await restoreDatabase(job, options);
    const snapshots = manifest ? [new Date(manifest.snapshot.taken_at)] : [];
    recordRecovery(job, { startedAt, snapshots, incidentAt: options.incidentAt });
  });
}

/** Brings a whole system back: every database, its buckets, and its applications for as long as they are looked at. */
async function restoreSystem(job: Job, config: Config, given: RestoreOptions, startedAt: Date): Promise<void> {
  const { bringBack } = await import("../whole_system/bring_back.ts"); // with it come checks and applications
  const options = { ...given, ...safetyOptionsOf(config) };
  const targets = new Map(Object.keys(config.databases).map((name) => [name, targetOf(config, options, name)]));
  await bringBack(job, config, {
    command: "restore",
    options,
    startedAt,
    isChecksummed: true,
    intoServer: true,
    copies: false,
    async beforehand(set) {
      if (options.mode !== "new") {
        await requireBeforeReplacing(job, config.policy, set.values(), { ...options, startedAt });
      }
      const members = [...targets].map(([name, targetUrl]) => ({ name, which: set.get(name)!, targetUrl }));
      if (members.length > 1) await job.phase("preflight", () => requireSet(job, members, options));
    },
    restoreDatabase: (name, which, part) =>
      restoreDatabase(part, { ...options, ...which, targetUrl: targets.get(name)! }, job),
    async bringObjects(buckets) {
      const { bucketCopies, copyBuckets } = await import("../whole_system/copy_buckets.ts");
      const wanted = bucketCopies(config, "from_copy").filter(({ name }) => buckets.includes(name));
      await copyBuckets(job, wanted, { isRestore: true });
    },
  });
}

/**
 * Where a database of a configuration is to be brought back.
 *
 * @throws {OperatorError} `SAME_TARGET`, `NO_TARGET`
 */
function targetOf(config: Config, { targetUrl, targetUrls = {} }: RestoreOptions, name: string): string {
  const names = Object.keys(config.databases);
  const isOnly = names.length === 1;
  if (targetUrl && !isOnly) {
    throw sameTarget.oneForAll.error({ path: config.path, databases: names.length });
  }
  const target = targetUrls[name] ?? targetUrl;
  const other = names.find((each) => each !== name && target && targetUrls[each] === target);
  if (other !== undefined) throw sameTarget.twice.error({ one: name, other });
  if (target) return target;
  throw noTarget.error({ database: name, isOnly });
}
