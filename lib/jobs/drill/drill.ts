import type { Verdict } from "../../verdict/verdict.ts";
import { runJob } from "../../run/run_job.ts";
import { withDatabaseOfBackup } from "../whole_system/database_of_command_line.ts";
import { measureRecovery, warnAboutLater } from "../whole_system/recovery.ts";
import { drillBackup } from "./drill_backup.ts";
import type { ConfiguredOptions } from "../configured.ts";
import type { WhichBackup } from "../../fetch/which_backup.ts";
import type { NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { SharedCluster } from "../../targets/target.ts";

/** Which backup to restore, and where. */
export interface DrillOptions extends Omit<NamedDatabaseOptions, "dbUrl">, WhichBackup, ConfiguredOptions {
  /** A server for a scratch database, instead of a throwaway cluster. */
  into?: string;
  /** How many tables and indexes are restored, and tables compared, at the same time. */
  jobs: number;
  /** Every database of a backup set of a whole server. */
  allDatabases?: boolean;
  /** The cluster for several databases; without it, each gets its own. */
  cluster?: SharedCluster;
  pgBin?: string;
  /** Leave the restored database and say how to reach and remove it. */
  keepRunning?: boolean;
  /** Whether a database without any table passes. */
  allowEmpty?: boolean;
  /** Whether the operator vouches for the dump: it may run without isolation, and as a superuser of `into`. */
  trustDump?: boolean;
  /**
   * Whether owners and grants are restored and compared.
   * @default {true}
   */
  privileges?: boolean;
  /** Whether size and hash of the dump's files are compared first. */
  checksum: boolean;
  /** Whether the verdict is kept beside the backup. */
  record: boolean;
  /** The file with the private key that signs that record. */
  signingKey?: string;
  /** When what was lost would have been lost; the start, unless it says otherwise. */
  incidentAt?: Date;
  /** Who has looked at what needs a person's review. */
  reviewedBy?: string;
}

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
