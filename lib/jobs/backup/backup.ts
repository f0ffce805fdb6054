import type { Verdict } from "../../verdict/verdict.ts";
import { runJob } from "../../run/run_job.ts";
import { withDatabaseOfUrl } from "../whole_system/database_of_command_line.ts";
import { prepareBackup } from "./prepare_backup.ts";
import type { StoreOptions } from "../../storage/store.ts";
import type { ConfiguredOptions } from "../configured.ts";
import type { NamedDatabaseOptions } from "../../targets/named_server.ts";

/** What to back up, and where to. */
export interface BackupOptions extends NamedDatabaseOptions, ConfiguredOptions {
  /** The directory, or `s3://bucket/prefix`, that the backup is written to. */
  to: string;
  /** What backups are called; as their database, unless it says otherwise. */
  name?: string;
  /** What it is for, unless it is an ordinary backup: one of what a restore is about to replace. */
  purpose?: "safety";
  /** What the database is called meanwhile; the backup is of `from`. */
  renamed?: { from: string; to: string };
  /** How to reach and use the bucket. */
  store?: Omit<StoreOptions, "signal">;
  /** The file with the private key that signs the manifest. */
  signingKey?: string;
  /** Encrypt for these, `age1…`. */
  recipients?: string[];
  format: "custom" | "directory";
  /** How many sessions read at the same time, and pg_dump's jobs in directory format. */
  jobs: number;
  /** pg_dump's own options that choose what to dump. */
  selection: string[];
  /** Columns whose rows are counted for each value, and values that this role must see. */
  distribution: { target: string; hashValues: boolean; requiredValues?: string[] }[];
  /** Accept that row security filters what this role sees. */
  enableRowSecurity?: boolean;
  /** What is said of each of the configuration's databases. */
  ofDatabases?: Record<
    string,
    Pick<BackupOptions, "dbUrl" | "selection" | "distribution" | "enableRowSecurity">
  >;
  /** Every database of the server. */
  allDatabases?: boolean;
  /** Patterns of databases that are left out of all. */
  excludeDatabases?: string[];
  /** Whether hashes of roles' passwords go into a separate, encrypted file. */
  withPasswordHashes?: boolean;
  /** How long to wait for a locked table; 0 waits for ever. */
  lockTimeoutMs: number;
  pgBin?: string;
}

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
