import type { Manifest } from "../manifest/manifest.ts";
import { readManifest } from "../manifest/read_manifest.ts";
import { backupAt, latestBackup, type StoredBackup } from "../storage/directory_store.ts";
import { OperatorError } from "../system/operator_error.ts";
import { checkDumpFiles } from "./check_dump_files.ts";

/** Which backup is meant. */
export interface WhichBackup {
  /** A dump or its manifest; without it, the newest one in `from`. */
  path?: string;
  /** A directory of backups. */
  from?: string;
  /** Only backups of this database. */
  database?: string;
}

/** A backup, and its manifest where it has one. */
export interface FetchedBackup {
  stored: StoredBackup;
  manifest?: Manifest;
}

/** Finds a backup and reads its manifest. */
export async function fetchBackup({ path, from, database }: WhichBackup): Promise<FetchedBackup> {
  const stored = path === undefined ? await latestBackup(from!, database) : await backupAt(path);
  return { stored, ...(stored.manifestPath && { manifest: await readManifest(stored.manifestPath) }) };
}

/**
 * Makes sure that a dump is the one its manifest describes.
 *
 * @throws {OperatorError} `DUMP_ALTERED`, `DUMP_TRUNCATED`, `DUMP_FILE_MISSING`
 */
export async function requireUndamaged(stored: StoredBackup, manifest: Manifest): Promise<void> {
  const [damage] = await checkDumpFiles(stored, manifest, true);
  if (damage) throw new OperatorError(damage.code, damage.message, { fix: damage.fix });
}
