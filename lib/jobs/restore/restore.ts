import type { Verdict } from "../../verdict/verdict.ts";
import { runJob } from "../../run/run_job.ts";
import { withDatabaseOfBackup } from "../whole_system/database_of_command_line.ts";
import { measureRecovery, warnAboutLater } from "../whole_system/recovery.ts";
import { restoreDatabase } from "./restore_database.ts";
import type { RestoreOptions } from "./restore_target.ts";

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
      const { restoreSystem } = await import("./restore_system.ts");
      return await restoreSystem(job, await withDatabaseOfBackup(job, config, options), options, startedAt);
    }
    const { manifest } = await restoreDatabase(job, options);
    const lastRequired = job.hasFailed() ? undefined : new Date();
    const snapshots = manifest ? [new Date(manifest.snapshot.taken_at)] : [];
    warnAboutLater(job, snapshots, options.incidentAt);
    job.record({ recovery: measureRecovery({ startedAt, lastRequired, snapshots, incidentAt: options.incidentAt }) });
  });
}
