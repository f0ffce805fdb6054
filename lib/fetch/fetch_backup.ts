import { basename, dirname, join } from "node:path";
import { partsOf } from "../manifest/backup_parts.ts";
import type { Dump, Manifest } from "../manifest/manifest.ts";
import { readManifest } from "../manifest/read_manifest.ts";
import { acquireStore, acquireWorkspace, type Job } from "../run/job.ts";
import { addressIn, dumpSuffix, manifestSuffix, splitBackupAddress } from "../storage/backup_name.ts";
import { partMissing } from "../storage/findings/dump_files.ts";
import { linkInStore } from "../storage/findings/stores.ts";
import { isS3Address, requireStoreAddress } from "../storage/open_store.ts";
import type { Store } from "../storage/store.ts";
import { backupAt, type StoredBackup } from "../storage/stored_backup.ts";
import type { Measure } from "../system/amount.ts";
import { asError, isOneOf } from "../system/define_finding.ts";
import { copyPiped, isPipe } from "../system/piped.ts";
import { reasonForDistrust } from "../system/trusted_path.ts";
import type { Finding, Note } from "../verdict/verdict.ts";
import { checkDumpFiles } from "./check_dump_files.ts";
import { chooseBackup, type WhichBackup } from "./choose_backup.ts";
import { fetchStoredBackup, readStoredManifest, requireSignature } from "./fetch_stored_backup.ts";

/** A backup that local programs can read. */
export interface FetchedBackup {
  /** Where its dump lies here. */
  stored: StoredBackup;
  /** How the operator named it, where that is not its path: what was piped in. */
  shown?: string;
  /** Where it came from. */
  store: Store;
  /** Absent for a dump without a manifest. */
  manifest?: Manifest;
  /** The id of the trusted key that signed the manifest; absent where no key is trusted. */
  signedBy?: string;
  /** What is not as the manifest says, where it was hashed on its way here. */
  damage?: Finding[];
}

/**
 * Finds a backup and brings it to where pg_restore can read it, for as long as the job lasts. One that lies in a directory
 * and is not encrypted stays where it is, unless another account may write there.
 */
export async function fetchBackup(job: Job, which: WhichBackup, measure?: Measure): Promise<FetchedBackup> {
  if (which.path !== undefined && isPipe(which.path)) return await fetchPiped(job, which.path, which);
  const path = await backupPath(job, which);
  requireStoreAddress(path);
  if (isS3Address(path)) return await fetchFromStore(job, { ...which, path }, measure);
  const stored = await backupAt(path);
  const directory = dirname(stored.dumpPath);
  const manifest = stored.manifestPath === undefined ? undefined : await readManifest(stored.manifestPath);
  const inStore = { ...which, path: `${directory}/${stored.name}` };
  if (manifest?.dump?.encryption) return await fetchFromStore(job, inStore, measure);
  if (manifest?.dump && !await isOursAlone(stored, manifest, manifest.dump)) {
    return { ...await fetchFromStore(job, inStore, measure), shown: stored.dumpPath };
  }
  const store = await acquireStore(job, directory, {});
  const signedBy = await requireSignature(store, { name: stored.name, manifest }, which);
  return { stored, store, manifest, signedBy };
}

/** Whether only this account and root can exchange what was compared before it is restored. */
async function isOursAlone(
  { name, dumpPath }: StoredBackup,
  manifest: Manifest,
  { files, path }: Dump,
): Promise<boolean> {
  for (const { suffix } of partsOf(manifest)) {
    if (await reasonForDistrust(join(dirname(dumpPath), name + suffix)) !== undefined) return false;
  }
  for (const file of files) {
    if (await reasonForDistrust(dumpPath + file.path.slice(path.length)) !== undefined) return false;
  }
  return true;
}

/** What a shell pipes in can be read once only. */
async function fetchPiped(job: Job, path: string, which: WhichBackup): Promise<FetchedBackup> {
  const workspace = await acquireWorkspace(job);
  const dumpPath = join(workspace.path, "piped");
  const store = await acquireStore(job, workspace.path, {});
  await requireSignature(store, { name: basename(path), manifest: undefined }, which); // it has none
  await copyPiped(path, dumpPath, job.signal);
  return { stored: { name: basename(path), dumpPath }, shown: path, store };
}

/** Where the backup lies that is meant: the path itself, a name in a store, or the newest one there. */
export async function backupPath(job: Job, which: WhichBackup): Promise<string> {
  const { path, from } = which;
  if (from === undefined || path?.includes("/")) return path!;
  const store = await acquireStore(job, from, which.store ?? {});
  if (path === undefined) {
    return await unlinked(store, addressIn(from, await chooseBackup(job, store, which) + manifestSuffix));
  }
  const { name } = splitBackupAddress(path);
  if (await store.stat(name + manifestSuffix)) return await unlinked(store, addressIn(from, name + manifestSuffix));
  const isInStore = await store.stat(path) !== undefined ||
    (store.localPath && await Deno.stat(store.localPath(path)).then(() => true, () => false));
  return isInStore || !await Deno.stat(path).then(() => true, () => false) ? addressIn(from, path) : path;
}

/** A dump that was found in a store is read where it lies: it must not lead anywhere else. */
async function unlinked(store: Store, path: string): Promise<string> {
  const dump = store.localPath?.(basename(path).slice(0, -manifestSuffix.length) + dumpSuffix);
  if (dump !== undefined && (await Deno.lstat(dump).catch(() => undefined))?.isSymlink) {
    throw linkInStore.error({ path: dump });
  }
  return path;
}

async function fetchFromStore(
  job: Job,
  which: WhichBackup & { path: string },
  measure?: Measure,
): Promise<FetchedBackup> {
  const { path, identity } = which;
  const { store: where, name } = splitBackupAddress(path);
  const store = await acquireStore(job, where, which.store ?? {});
  const workspace = await acquireWorkspace(job);
  await requireSignature(store, { name, manifest: await readStoredManifest(store, name) }, which); // before the long way
  const fetched = await fetchStoredBackup(store, name, workspace.path, {
    identity,
    copy: true,
    signal: job.signal,
    measure,
  });
  const signedBy = await requireSignature(store, { name, manifest: fetched.manifest }, which); // it may be another by now
  return { ...fetched, store, signedBy };
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
 * @returns What is missing beside it.
 * @throws {OperatorError} `DUMP_ALTERED`, `DUMP_TRUNCATED`, `DUMP_FILE_MISSING`
 */
export async function requireUndamaged(
  fetched: FetchedBackup,
  manifest: Manifest,
  measure?: Measure,
): Promise<Note[]> {
  const found = await damageOf(fetched, manifest, true, measure);
  const { damage: [damage], missing } = sortDamage(found);
  if (damage) throw asError(damage);
  return missing;
}

/** A part that is missing in a copy of the backup is not damage: its content is not covered, and the verdict says so. */
export function sortDamage(found: readonly Finding[]): { damage: Finding[]; missing: Note[] } {
  const isMissing = (finding: Finding) => isOneOf(finding, partMissing);
  return {
    damage: found.filter((finding) => !isMissing(finding)),
    missing: found.filter(isMissing).map(({ code, message, object }) => ({ code, message, object })),
  };
}
