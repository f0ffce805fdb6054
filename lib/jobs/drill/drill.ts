import type { Config } from "../../config/read_config.ts";
import type { Job } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { withDatabaseOfBackup } from "../whole_system/database_of_command_line.ts";
import { lastVerdict } from "../whole_system/earlier_drills.ts";
import { recordRecovery } from "../whole_system/recovery.ts";
import { drillBackup, type DrillOptions } from "./drill_backup.ts";

/** Restores a backup, or the whole system that a configuration describes, somewhere disposable, and proves it. */
export function drill(options: DrillOptions): Promise<Verdict> {
  return runJob("drill", options, async (job) => {
    const startedAt = new Date();
    if (options.reviewedBy !== undefined) job.record({ reviewed_by: options.reviewedBy });
    const { config } = options;
    if (config) {
      return await drillSystem(job, await withDatabaseOfBackup(job, config, options), options, startedAt);
    }
    const mayBeSet = options.path === undefined && options.database === undefined;
    if (options.allDatabases || mayBeSet) {
      const { drillServer } = await import("./drill_server.ts");
      if (await drillServer(job, options, startedAt)) return;
    }
    const drilled = await drillBackup(job, options);
    const taken = drilled?.fetched.manifest?.snapshot.taken_at;
    const snapshots = taken === undefined ? [] : [new Date(taken)];
    recordRecovery(job, { startedAt, snapshots, incidentAt: options.incidentAt, isBack: drilled !== undefined });
  });
}

/** Drills every database of a configuration, with its steps and its policy. */
async function drillSystem(job: Job, config: Config, options: DrillOptions, startedAt: Date): Promise<void> {
  const { bringBack } = await import("../whole_system/bring_back.ts"); // with it come checks and applications
  const [lead] = Object.keys(config.databases);
  await bringBack(job, config, {
    command: "drill",
    options,
    startedAt,
    isChecksummed: options.checksum,
    intoServer: options.into !== undefined,
    copies: true,
    previous: () => lastVerdict(job, options, lead),
    async restoreDatabase(_, which, part) {
      const drilled = await drillBackup(part, { ...options, ...which }, job);
      return drilled && { parameters: drilled.target.parameters, manifest: drilled.fetched.manifest };
    },
    // What would be brought back from a copy is looked at where it lies.
    bringObjects: () => Promise.resolve(),
  });
}
