import type { Verdict } from "../../verdict/verdict.ts";
import { runJob } from "../../run/run_job.ts";
import { withDatabaseOfUrl } from "../whole_system/database_of_command_line.ts";
import { type BackupOptions, prepareBackup } from "./prepare_backup.ts";

/** Backs up a database, or the whole system that a configuration describes. */
export function backup(options: BackupOptions): Promise<Verdict> {
  return runJob("backup", options, async (job) => {
    if (options.allDatabases) {
      const { backupServer } = await import("./backup_server.ts");
      return await backupServer(job, options);
    }
    const { config } = options;
    if (config) {
      const { backupSystem } = await import("./backup_system.ts");
      return await backupSystem(job, await withDatabaseOfUrl(config, options), options);
    }
    await (await prepareBackup(job, options, new Date())).publish();
  });
}
