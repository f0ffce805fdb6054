import { OperatorError } from "../system/operator_error.ts";
import { readCatalog } from "./backup_catalog.ts";
import { dumpSuffix, encryptedSuffix, manifestSuffix, requireSafeName, safeDatabaseName } from "./backup_name.ts";
import type { Store } from "./store.ts";

/**
 * Finds the newest backup in a store. A dump without a manifest is unfinished, and never the newest.
 *
 * @param database Only backups of this database.
 * @returns Its name.
 * @throws {OperatorError} `NO_BACKUP`, and the store's own.
 */
export async function latestBackupName(store: Store, database?: string): Promise<string> {
  const backups = await readCatalog(store, {
    database: database === undefined ? undefined : safeDatabaseName(database),
  });
  // One whose dump is gone counts: better that its drill says so than that an older one passes in its place.
  const latest = backups.find(({ manifest }) => manifest !== undefined);
  if (latest) return latest.name;
  throw new OperatorError("NO_BACKUP", `There is no finished backup in ${store.address}.`, {
    fix: "Make one with pgrehearse backup --to, or name the place that holds them.",
  });
}

/**
 * Takes apart what an operator names a backup by: its dump, its manifest, or its bare name, in a directory or bucket.
 *
 * @returns The store's address, and the name that `fetchBackup` takes: `NAME` for our backups, the whole file name for
 *   somebody else's dump.
 */
export function splitBackupAddress(address: string): { store: string; name: string } {
  const trimmed = address.replace(/\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  const store = slash < 0 ? "." : trimmed.slice(0, slash) || "/";
  const file = requireSafeName(trimmed.slice(slash + 1));
  for (const suffix of [manifestSuffix, dumpSuffix + encryptedSuffix, dumpSuffix]) {
    if (file.endsWith(suffix)) return { store, name: file.slice(0, -suffix.length) };
  }
  return { store, name: file };
}
