import type { CatalogEntry } from "../../storage/backup_catalog.ts";
import { dumpSuffix, manifestSuffix } from "../../storage/backup_name.ts";
import { signatureSuffix } from "../../evidence/signature.ts";
import { bodyOf, type Store } from "../../storage/store.ts";
import { inParallel } from "../../system/in_parallel.ts";
import { readManifestText } from "../../fetch/fetch_stored_backup.ts";
import type { Job } from "../../run/job.ts";
import { objectLocked } from "../../storage/findings/stores.ts";
import { is } from "../../system/define_finding.ts";
import { versionsRemain } from "./findings.ts";

/**
 * Removes a backup, and what was noted about it. The manifest goes first: what is left if we are interrupted is not a backup
 * any more. It comes back if the dump turns out to be locked.
 *
 * @returns Whether it is gone.
 */
export async function removeBackup(
  job: Job,
  store: Store,
  { name, format, dumpFiles, parts, drillRecords }: CatalogEntry,
): Promise<boolean> {
  const manifest = (await readManifestText(store, name))?.text;
  const [first, ...rest] = dumpFiles.map((file) => file.name);
  let isManifestGone = false;
  try {
    const how = await store.remove(name + manifestSuffix);
    isManifestGone = true;
    if (format === "directory" && store.removeFolder) {
      await store.removeFolder(name + dumpSuffix);
    } else {
      await store.remove(first);
      isManifestGone = false; // from here on it would name what is no longer there
      await inParallel(rest, 8, (file) => store.remove(file));
    }
    isManifestGone = false;
    const notes = drillRecords.flatMap(({ name }) => [name, name + signatureSuffix]);
    const others = parts.map((part) => part.name);
    await inParallel([...others, ...notes, name + manifestSuffix + signatureSuffix], 8, (file) => store.remove(file));
    if (how === "hidden") job.note(versionsRemain({ backup: name }));
    return true;
  } catch (error) {
    if (!is(error, objectLocked)) throw error;
    if (isManifestGone && manifest) {
      await store.write(name + manifestSuffix, bodyOf(manifest));
    }
    job.note(objectLocked.kept.note({ backup: name, why: error.message }));
    return false;
  }
}
