import type { JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { readBackups, readCatalog } from "../../storage/backup_catalog.ts";
import { inParallel } from "../../system/in_parallel.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { describeBackup } from "./describe_backup.ts";
import { openJobStore, type StoreJobOptions } from "./store_job.ts";

interface ListOptions extends JobOptions, StoreJobOptions {
  /** How many are shown. */
  limit: number;
}

/**
 * Lists the backups of a store, newest first.
 *
 * The store's own listing says all but what a backup is of and the drill's verdict. Those are read from files, and, unless
 * one database is asked for, only for the backups that are shown: a prefix of thousands takes little longer than its
 * listing.
 */
export function list(options: ListOptions): Promise<Verdict> {
  return runJob("list", options, async (job) => {
    const { store, keys } = await openJobStore(job, options);
    const backups = await job.phase(
      "list",
      () => isAnyMeant(options) ? readCatalog(store) : readBackups(store, options),
    );
    const shown = backups.slice(0, options.limit);
    job.record({
      backups: await job.phase("read", () => inParallel(shown, 16, (entry) => describeBackup(store, entry, keys))),
      backup_count: backups.length,
    });
    if (backups.length === 0) job.say(`there is no backup in ${store.address}`);
    if (shown.length < backups.length) job.say(`the newest ${shown.length} of ${backups.length}; --limit shows more`);
  });
}

function isAnyMeant({ database, systemIdentifier }: ListOptions): boolean {
  return database === undefined && systemIdentifier === undefined;
}
