import type { Verdict } from "../../verdict/verdict.ts";
import { runJob } from "../../run/run_job.ts";
import { withDatabaseOfBackup } from "../whole_system/database_of_command_line.ts";
import { measureRecovery, warnAboutLater } from "../whole_system/recovery.ts";
import { drillBackup, type DrillOptions } from "./drill_backup.ts";

/** Restores a backup, or the whole system that a configuration describes, somewhere disposable, and proves it. */
export function drill(options: DrillOptions): Promise<Verdict> {
  return runJob("drill", options, async (job) => {
    const startedAt = new Date();
    if (options.reviewedBy !== undefined) job.record({ reviewed_by: options.reviewedBy });
    const { config } = options;
    if (config) {
      const { drillSystem } = await import("./drill_system.ts");
      return await drillSystem(job, await withDatabaseOfBackup(job, config, options), options, startedAt);
    }
    const mayBeSet = options.path === undefined && options.database === undefined;
    if (options.allDatabases || mayBeSet) {
      const { drillServer } = await import("./drill_server.ts");
      if (await drillServer(job, options, startedAt)) return;
    }
    const drilled = await drillBackup(job, options);
    const taken = drilled?.fetched.manifest?.snapshot.taken_at;
    const lastRequired = drilled && !job.hasFailed() ? new Date() : undefined;
    const snapshots = taken === undefined ? [] : [new Date(taken)];
    warnAboutLater(job, snapshots, options.incidentAt);
    job.record({ recovery: measureRecovery({ startedAt, lastRequired, snapshots, incidentAt: options.incidentAt }) });
  });
}
