import { lastConclusive } from "../../evidence/drill_record.ts";
import { sha256Of } from "../../evidence/signature.ts";
import type { VerificationKey } from "../../evidence/signing_key.ts";
import { readManifestText } from "../../fetch/fetch_stored_backup.ts";
import { type BackupPart, partsOf } from "../../manifest/backup_parts.ts";
import { manifestInvalid, manifestTooLarge, manifestTooNew, manifestUnreadable } from "../../manifest/findings.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { Job } from "../../run/job.ts";
import { type CatalogEntry, groupByDatabase } from "../../storage/backup_catalog.ts";
import { dumpSuffix, encryptedSuffix } from "../../storage/backup_name.ts";
import type { RetainedBackup } from "../../storage/retention.ts";
import type { Store } from "../../storage/store.ts";
import { is } from "../../system/define_finding.ts";
import { inParallel } from "../../system/in_parallel.ts";
import type { Note } from "../../verdict/verdict.ts";
import { keptUnreadable } from "./findings.ts";

/** A backup, with all that retention must know of it. */
export interface WeighedBackup extends RetainedBackup {
  entry: CatalogEntry;
  /** Backups that were made together with it. */
  members: string[];
}

/** Finds out of each backup whether it can be read, whether its dump has the size it should have, and how its drill went. */
export async function weighBackups(
  job: Job,
  store: Store,
  entries: readonly CatalogEntry[],
  keys: readonly VerificationKey[],
): Promise<WeighedBackup[]> {
  const databases = new Map(
    groupByDatabase(entries).flatMap((group, i) => group.map((entry) => [entry, String(i)] as const)),
  );
  const kept = new Map<CatalogEntry, Note>(); // said in the order of the backups, whichever is read first
  const weighed = await inParallel(entries, 8, async (entry) => {
    const read = entry.state === "finished" ? await readIfPossible(store, entry.name) : {};
    if (read.note) kept.set(entry, read.note);
    const { manifest } = read;
    const drill = manifest && await lastConclusive(store, [entry], keys);
    return {
      entry,
      name: entry.name,
      database: databases.get(entry)!,
      takenAt: entry.takenAt,
      isFinished: manifest !== undefined,
      isWhole: manifest !== undefined && drill?.verdict !== "fail" && isOfRightSize(manifest, entry),
      hasPassedDrill: drill?.verdict === "pass",
      members: Object.values(manifest?.set?.members ?? {}),
    };
  });
  job.note(...entries.flatMap((entry) => kept.get(entry) ?? []));
  return weighed;
}

/** What the manifest names, and what lies there, by number and size of the files. */
export function sizesOf(manifest: Manifest | undefined, { dumpFiles, parts }: CatalogEntry) {
  // One without its file of roles brings back all of its rows.
  const isThere = ({ suffix }: BackupPart) => parts.some((part) => part.name.replace(/\.age$/, "").endsWith(suffix));
  const named = manifest ? partsOf(manifest).filter(isThere).map(({ file }) => file) : [];
  const files = [...manifest?.dump?.files ?? [], ...named];
  const found = [...dumpFiles, ...parts];
  return {
    expected: { files: files.length, bytes: files.reduce((sum, file) => sum + (file.encrypted ?? file).size_bytes, 0) },
    actual: { files: found.length, bytes: found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) },
  };
}

function isOfRightSize(manifest: Manifest, entry: CatalogEntry): boolean {
  const { expected, actual } = sizesOf(manifest, entry);
  return actual.files > 0 && actual.files === expected.files && actual.bytes === expected.bytes;
}

/**
 * Whether every file of a dump is the one that the manifest names, by its hash. In a bucket the server is asked for the
 * hashes; large objects have none, and are not fetched.
 */
export async function isIntact(store: Store, name: string): Promise<boolean> {
  const manifest = (await readManifestText(store, name))?.manifest;
  if (!manifest?.dump) return false;
  const { files, path } = manifest.dump;
  const all = [
    ...files.map((file) => ({ file, plain: name + dumpSuffix + file.path.slice(path.length), isPart: false })),
    ...partsOf(manifest).map(({ file, suffix }) => ({ file, plain: name + suffix, isPart: true })),
  ];
  for (const { file, plain, isPart } of all) {
    const stored = plain + (file.encrypted ? encryptedSuffix : "");
    const actual = store.localPath ? await sha256Of(store, stored) : (await store.stat(stored))?.sha256;
    const isThere = actual !== undefined || await store.stat(stored) !== undefined;
    if (isPart && !isThere) continue;
    const isUnknown = actual === undefined && !store.localPath && isThere;
    if (!isUnknown && actual !== (file.encrypted ?? file).sha256) return false;
  }
  return true;
}

/** What cannot be read may be a newer pgrehearse's, or evidence. */
async function readIfPossible(store: Store, name: string): Promise<{ manifest?: Manifest; note?: Note }> {
  try {
    return { manifest: (await readManifestText(store, name))?.manifest };
  } catch (error) {
    if (!is(error, manifestUnreadable, manifestTooNew, manifestInvalid, manifestTooLarge)) throw error;
    return { note: keptUnreadable({ backup: name, said: error.message }) };
  }
}
