import { manifestSuffix } from "../../storage/backup_name.ts";
import { latestBackupName, splitBackupAddress } from "../../storage/backups.ts";
import type { WhichBackup } from "../fetch/which_backup.ts";
import { readStoredManifest } from "../fetch/fetch_stored_backup.ts";
import type { Job } from "../job.ts";
import { acquireStore } from "../store/acquire_store.ts";

/**
 * Finds the backups of several databases that belong together: those that were made together, else the newest of each.
 *
 * @param which The set's lead; without `path`, the newest.
 * @param databases By the configuration's names, the lead first.
 * @returns Which backup to fetch, for each of them.
 */
export async function findBackupSet(
  job: Job,
  which: WhichBackup,
  databases: readonly string[],
): Promise<Map<string, WhichBackup>> {
  const [lead, ...others] = databases;
  const split = which.path === undefined ? undefined : splitBackupAddress(which.path);
  const address = split?.store ?? which.from!;
  const store = await acquireStore(job, address, which.store ?? {});
  const name = split?.name ?? await latestBackupName(store, lead);
  const at = (backup: string): WhichBackup => ({
    path: `${address.replace(/\/+$/, "")}/${backup}${manifestSuffix}`,
    from: undefined,
  });
  const set = new Map([[lead, which.path === undefined ? at(name) : { path: which.path, from: undefined }]]);
  if (others.length === 0) return set;
  const members = (await readStoredManifest(store, name))?.set?.members;
  for (const other of others) {
    set.set(other, at(members?.[other] ?? await latestBackupName(store, other)));
    if (!members?.[other]) {
      job.note({
        code: "NOT_A_SET",
        message: `${name} was not made together with a backup of ${other}: its newest one is taken.`,
      });
    }
  }
  return set;
}
