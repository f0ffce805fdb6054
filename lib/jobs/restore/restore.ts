import type { Verdict } from "../../verdict/verdict.ts";
import { runJob } from "../../run/run_job.ts";
import { withDatabaseOfBackup } from "../whole_system/database_of_command_line.ts";
import { measureRecovery, warnAboutLater } from "../whole_system/recovery.ts";
import { restoreDatabase } from "./restore_database.ts";
import type { Policy } from "../../config/policy_schema.ts";
import type { Subset } from "../../manifest/subset.ts";
import type { ConfiguredOptions } from "../configured.ts";
import type { WhichBackup } from "../../fetch/which_backup.ts";
import type { NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { RoleMapping } from "../../options/role_mapping.ts";

/** Who restores, who allowed it, and why: for the record. */
export interface Authority {
  operator?: string;
  approvedBy?: string;
  reason?: string;
  /** The target's name, typed once more; several with commas. */
  confirm?: string;
  /** Asks for it, on a terminal. */
  ask?: (question: string) => Promise<string>;
}

/** Which backup to restore, and over what. */
export interface RestoreOptions
  extends Omit<NamedDatabaseOptions, "dbUrl" | "database">, WhichBackup, Authority, ConfiguredOptions {
  /** The database to bring back, on the server to bring it back to. */
  targetUrl: string;
  /** The same for each of the configuration's databases. */
  targetUrls?: Record<string, string | undefined>;
  /**
   * `new`: beside whatever is there. `swap`: the same, and then the names are exchanged. `in_place`: into the database
   * itself, whole or not at all.
   */
  mode: "new" | "swap" | "in_place";
  subset: Subset;
  terminateConnections?: boolean;
  /** When what is lost was lost; the start, unless it says otherwise. */
  incidentAt?: Date;
  /** Who has looked at what needs a person's review. */
  reviewedBy?: string;
  /** Whom the safety backup is encrypted for; those of the backup, unless it says otherwise. */
  recipients?: string[];
  /** @default {"custom"} */
  safetyFormat?: "custom" | "directory";
  /** The file with the key that signs the safety backup; the evidence's, unless it says otherwise. */
  safetySigningKey?: string;
  /** How long the safety backup waits for a locked table. @default {60_000} */
  safetyLockTimeoutMs?: number;
  /** What the safety backup is held against. */
  policy?: Policy;
  /** Where the safety backup goes; where the backup came from, unless it says otherwise. */
  safetyStore?: string;
  /** Whether what is there is backed up first. */
  safetyBackup: boolean;
  /** Where the incident record is written besides the store. */
  record?: string;
  /** Every database of a backup set of a whole server, each under its own name. */
  allDatabases?: boolean;
  /**
   * Roles that the server lacks: `create` makes them, `require` refuses to go on, `skip` leaves owners and grants out.
   * @default {they are named, and owners and grants left out}
   */
  roles?: "create" | "require" | "skip";
  /** Whether roles that are there get the attributes of the backup. */
  alterRoles?: boolean;
  /** What roles of the backup are called on the server, and who owns everything. */
  mapping?: RoleMapping;
  jobs: number;
  pgBin?: string;
}

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
