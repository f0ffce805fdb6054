import { dumpSuffix, encryptedSuffix, manifestSuffix, requireSafeName } from "./backup_name.ts";

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
