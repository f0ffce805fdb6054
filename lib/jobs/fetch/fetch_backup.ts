import { dirname } from "node:path";
import type { Manifest } from "../../manifest/manifest.ts";
import { readManifest } from "../../manifest/read_manifest.ts";
import { latestBackupName, splitBackupAddress } from "../../storage/backups.ts";
import { backupAt, latestBackup, type StoredBackup } from "../../storage/directory_store.ts";
import { isS3Address } from "../../storage/open_store.ts";
import type { Store } from "../../storage/store.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { makeWorkspace } from "../../system/workspace.ts";
import type { Measure } from "../../values/amount.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { checkDumpFiles } from "./check_dump_files.ts";
import { fetchStoredBackup } from "./fetch_stored_backup.ts";
import type { Job } from "../job.ts";
import type { WhichBackup } from "./which_backup.ts";
import { acquireStore } from "../store/acquire_store.ts";

/** A backup that local programs can read. */
export interface FetchedBackup {
  /** Where its dump lies here. */
  stored: StoredBackup;
  /** Where it came from. */
  store: Store;
  /** Absent for somebody else's dump. */
  manifest?: Manifest;
  /** What is not as the manifest says, where it was hashed on its way here. */
  damage?: Finding[];
}

/**
 * Finds a backup and brings it to where pg_restore can read it, for as long as the job lasts. One that lies in a directory
 * and is not encrypted stays where it is.
 */
export async function fetchBackup(job: Job, which: WhichBackup, measure?: Measure): Promise<FetchedBackup> {
  const address = which.path ?? which.from!;
  if (isS3Address(address)) return await fetchFromStore(job, which, measure);
  const stored = which.path === undefined ? await latestBackup(address, which.database) : await backupAt(address);
  const manifest = stored.manifestPath === undefined ? undefined : await readManifest(stored.manifestPath);
  const directory = dirname(stored.dumpPath);
  if (manifest?.dump?.encryption) {
    return await fetchFromStore(job, { ...which, path: `${directory}/${stored.name}` }, measure);
  }
  return { stored, store: await acquireStore(job, directory, {}), manifest };
}

async function fetchFromStore(job: Job, which: WhichBackup, measure?: Measure): Promise<FetchedBackup> {
  const { path, from, database, identity } = which;
  const split = path === undefined ? undefined : splitBackupAddress(path);
  const store = await acquireStore(job, split?.store ?? from!, which.store ?? {});
  const name = split?.name ?? await latestBackupName(store, database);
  const workspace = await job.acquire("the workspace", () => makeWorkspace(), (made) => made.close());
  return { ...await fetchStoredBackup(store, name, workspace.path, { identity, signal: job.signal, measure }), store };
}

/** What of a fetched dump is not as its manifest says. */
export async function damageOf(
  { stored, damage }: FetchedBackup,
  manifest: Manifest,
  checksum = true,
  measure?: Measure,
): Promise<Finding[]> {
  return damage ?? await checkDumpFiles(stored, manifest, checksum, measure);
}

/**
 * Makes sure that a dump is the one its manifest describes.
 *
 * @throws {OperatorError} `DUMP_ALTERED`, `DUMP_TRUNCATED`, `DUMP_FILE_MISSING`
 */
export async function requireUndamaged(
  fetched: FetchedBackup,
  manifest: Manifest,
  measure?: Measure,
): Promise<void> {
  const [damage] = await damageOf(fetched, manifest, true, measure);
  if (damage) throw new OperatorError(damage.code, damage.message, { fix: damage.fix });
}
