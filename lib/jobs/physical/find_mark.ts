import { backupPath } from "../../fetch/fetch_backup.ts";
import { readStoredManifest, requireSignature } from "../../fetch/fetch_stored_backup.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { readManifest } from "../../manifest/read_manifest.ts";
import { markUnusable } from "../../physical/findings/marks.ts";
import { parseLsn } from "../../physical/lsn.ts";
import type { MarkedPlace } from "../../physical/place_of_mark.ts";
import { parseSnapshot } from "../../physical/snapshot_text.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import { splitBackupAddress } from "../../storage/backup_name.ts";
import type { PhysicalDrillOptions } from "./physical_options.ts";

/** A manifest, and where in the WAL its snapshot was taken. */
export interface FoundMark {
  name: string;
  manifest: Manifest;
  place: MarkedPlace;
}

/**
 * Reads the manifest that is meant.
 *
 * @throws {OperatorError} `MARK_UNUSABLE`, and what reading and trusting it throws.
 */
export async function findMark(job: Job, mark: string, options: PhysicalDrillOptions): Promise<FoundMark> {
  const { name, manifest } = options.from === undefined || mark.includes("/")
    ? { name: mark, manifest: await readManifest(mark) }
    : await readFromStore(job, mark, options);
  if (!manifest?.recovery) throw markUnusable.noPlace.error({ mark: name });
  if (manifest.row_security_enabled || (manifest.dump?.selection.length ?? 0) > 0) {
    throw markUnusable.part.error({ mark: name });
  }
  const { snapshot, insert_lsn, timeline } = manifest.recovery;
  return {
    name,
    manifest,
    place: { snapshot: parseSnapshot(snapshot), insertLsn: parseLsn(insert_lsn)!, timeline },
  };
}

async function readFromStore(job: Job, mark: string, { from, store: reach, trustedKeys }: PhysicalDrillOptions) {
  const which = { ...mark !== "latest" && { path: mark }, from, store: reach, trustedKeys };
  const { store: address, name } = splitBackupAddress(await backupPath(job, which));
  const store = await acquireStore(job, address, reach ?? {});
  const manifest = await readStoredManifest(store, name);
  await requireSignature(store, { name, manifest }, which);
  return { name, manifest };
}
