import { evidenceOfOtherBackup } from "../../evidence/findings.ts";
import type { Statement } from "../../evidence/statement.ts";
import { readManifestText } from "../../fetch/fetch_stored_backup.ts";
import { partsOf } from "../../manifest/backup_parts.ts";
import { manifestSha256 } from "../../manifest/read_manifest.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import { dumpSuffix, encryptedSuffix, manifestSuffix, splitBackupAddress } from "../../storage/backup_name.ts";
import { dumpAltered, dumpFileMissing } from "../../storage/findings/dump_files.ts";
import { backupMissing } from "../../storage/findings/stores.ts";
import type { Store, StoreOptions } from "../../storage/store.ts";
import { summed } from "../../system/checksums.ts";

/**
 * Makes sure that evidence is about this very backup: its manifest is the one that was signed for, and every file of the
 * dump is the one that the manifest names. Of an encrypted dump the files are hashed as they lie there.
 */
export async function matchBackup(
  job: Job,
  address: string,
  subjects: Statement["subject"],
  options: Omit<StoreOptions, "signal"> = {},
): Promise<void> {
  const { store: where, name } = splitBackupAddress(address);
  const store = await acquireStore(job, where, options);
  const read = await readManifestText(store, name);
  if (!read) throw backupMissing.withManifest.error({ name: name + manifestSuffix, store: store.address });
  const sha256 = manifestSha256(read.manifest)!;
  const isTheOne = subjects.some(({ digest }) => digest.sha256 === sha256);
  job.expect(
    "evidence_is_about_this_backup",
    { expected: true, actual: isTheOne },
    evidenceOfOtherBackup({ backup: name, subjects: subjects.map(({ name }) => name), sha256 }),
  );
  if (!isTheOne) return;
  const { dump } = read.manifest;
  const files = [
    ...(dump?.files ?? []).map((file) => ({ file, plain: name + dumpSuffix + file.path.slice(dump!.path.length) })),
    ...partsOf(read.manifest).map(({ file, suffix }) => ({ file, plain: name + suffix })),
  ];
  for (const { file, plain } of files) {
    const expected = file.encrypted?.sha256 ?? file.sha256;
    const stored = plain + (file.encrypted ? encryptedSuffix : "");
    const actual = await sha256Of(store, stored);
    if (actual === expected) continue;
    job.find(
      actual === undefined
        ? dumpFileMissing.sinceSigned({ path: stored, expected })
        : dumpAltered.sinceSigned({ path: stored, expected, actual }),
    );
  }
}

async function sha256Of(store: Store, name: string): Promise<string | undefined> {
  if (!await store.stat(name)) return undefined;
  const read = summed(store.read(name));
  for await (const _ of read.body);
  return read.sum().sha256;
}
