import { addressIn, manifestSuffix, splitBackupAddress } from "../../storage/backup_name.ts";
import { chooseBackup } from "../../fetch/choose_backup.ts";
import { backupPath } from "../../fetch/fetch_backup.ts";
import type { WhichBackup } from "../../fetch/which_backup.ts";
import { readStoredManifest } from "../../fetch/fetch_stored_backup.ts";
import type { Job } from "../../run/job.ts";
import { notASet } from "./findings/steps.ts";
import { acquireStore } from "../../run/acquire.ts";

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
  const path = which.path === undefined ? undefined : await backupPath(job, which);
  const split = path === undefined ? undefined : splitBackupAddress(path);
  const address = split?.store ?? which.from!;
  const store = await acquireStore(job, address, which.store ?? {});
  const newestOf = (database: string) => chooseBackup(job, store, { ...which, path: undefined, database });
  const name = split?.name ?? await newestOf(lead);
  const at = (backup: string): WhichBackup => ({
    path: addressIn(address, backup + manifestSuffix),
    from: undefined,
  });
  const set = new Map([[lead, path === undefined ? at(name) : { path, from: undefined }]]);
  if (others.length === 0) return set;
  const members = (await readStoredManifest(store, name))?.set?.members;
  for (const other of others) {
    set.set(other, at(members?.[other] ?? await newestOf(other)));
    if (!members?.[other]) {
      job.note(notASet({ backup: name, database: other }));
    }
  }
  return set;
}
