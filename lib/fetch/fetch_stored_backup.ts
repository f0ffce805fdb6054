import { join } from "node:path";
import { readSignature, sha256Of } from "../evidence/signature.ts";
import { readVerificationKey } from "../evidence/signing_key.ts";
import { type BackupPart, partsOf } from "../manifest/backup_parts.ts";
import { manifestTooLarge } from "../manifest/findings.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { largestManifestBytes, manifestSha256, parseManifest } from "../manifest/read_manifest.ts";
import { addressIn, dumpSuffix, encryptedSuffix, manifestSuffix, requireSafeName } from "../storage/backup_name.ts";
import { readIdentities } from "../storage/encryption.ts";
import { dumpAltered, partMissing } from "../storage/findings/dump_files.ts";
import { backupMissing } from "../storage/findings/stores.ts";
import type { Store } from "../storage/store.ts";
import type { StoredBackup } from "../storage/stored_backup.ts";
import { fetchDumpFile, writePrivately } from "../storage/write_backup.ts";
import { countingBytes, type Measure } from "../system/amount.ts";
import { summed } from "../system/checksums.ts";
import { diskFull, dumpTruncated } from "../system/findings.ts";
import { requireRoom } from "../system/free_space.ts";
import { inParallel } from "../system/in_parallel.ts";
import { sizeText } from "../system/quantities.ts";
import type { Finding } from "../verdict/verdict.ts";
import type { WhichBackup } from "./choose_backup.ts";
import { identityMissing, signatureMissing, signatureNotTrusted, signatureWrong } from "./findings.ts";

interface FetchOptions {
  /** The file that holds the identity, for an encrypted backup. */
  identity?: string;
  /**
   * How many files are fetched at the same time.
   * @default {4}
   */
  jobs?: number;
  /**
   * Whether a backup that could be read where it lies is copied all the same: who may write there could exchange it
   * between the comparison and the restore.
   * @default {false}
   */
  copy?: boolean;
  signal?: AbortSignal;
  measure?: Measure;
}

/** A backup that local programs can read. */
interface FetchedDump {
  stored: StoredBackup;
  /** Absent for a dump without a manifest. */
  manifest?: Manifest;
  /**
   * What is not as the manifest says, hashed while it arrived. Absent where nothing was fetched (an unencrypted backup
   * in a directory): look with `checkDumpFiles` then.
   */
  damage?: Finding[];
}

/**
 * Brings a backup to where pg_restore can read it: into files of mode 0600 in the workspace, hashed while they arrive,
 * decrypted if need be. An unencrypted backup in a directory is used where it lies.
 *
 * @param name A backup's name, or the name of another dump in the store.
 * @param workspacePath A directory of mode 0700, as `makeWorkspace` makes it.
 * @throws {OperatorError} `BACKUP_MISSING`, `DISK_FULL` (before anything is fetched), `IDENTITY_MISSING`,
 *   `IDENTITY_DOES_NOT_FIT`, `DUMP_FILE_MISSING`, and the store's and the manifest's own.
 */
export async function fetchStoredBackup(
  store: Store,
  name: string,
  workspacePath: string,
  options: FetchOptions = {},
): Promise<FetchedDump> {
  const manifest = await readStoredManifest(store, name);
  if (!manifest?.dump) return await fetchForeignDump(store, name, workspacePath, options, manifest);
  const { files, path, encryption } = manifest.dump;
  const parts: BackupPart[] = [];
  const missing: Finding[] = [];
  if (!encryption && store.localPath && !options.copy) {
    const stored = {
      name,
      dumpPath: store.localPath(name + dumpSuffix),
      manifestPath: store.localPath(name + manifestSuffix),
    };
    return { stored, manifest };
  }
  // The dump may have been copied under another name: only what lies below it counts.
  for (const part of partsOf(manifest)) {
    const stored = name + part.suffix + (part.file.encrypted ? encryptedSuffix : "");
    if (await store.stat(stored)) parts.push(part);
    else missing.push(partMissing({ path: stored }));
  }
  const wanted = [
    ...files.map((file) => ({ file, name: requireSafeName(name + dumpSuffix + file.path.slice(path.length)) })),
    ...parts.filter(({ isSecret }) => !isSecret).map(({ file, suffix }) => ({ file, name: name + suffix })),
  ];
  const identities = encryption ? await identitiesFor(name, options.identity) : [];
  await requireRoom(workspacePath, wanted.reduce((sum, { file }) => sum + file.size_bytes, 0), diskFull.beforeFetch);
  const storedBytes = wanted.reduce((sum, { file }) => sum + (file.encrypted ?? file).size_bytes, 0);
  const onArrived = countingBytes(options.measure, storedBytes);
  const damage = await inParallel(wanted, options.jobs ?? 4, async ({ file, name }) => {
    options.signal?.throwIfAborted();
    return await fetchDumpFile(store, name, file, { path: join(workspacePath, name), identities, onArrived });
  });
  for (const { file, suffix, isSecret } of parts) {
    if (isSecret) damage.push(await damageWhereItLies(store, name + suffix + encryptedSuffix, file.encrypted ?? file));
  }
  const manifestPath = join(workspacePath, name + manifestSuffix);
  await Deno.writeTextFile(manifestPath, JSON.stringify(manifest), { mode: 0o600, createNew: true });
  const stored = { name, dumpPath: join(workspacePath, name + dumpSuffix), manifestPath };
  return { stored, manifest, damage: [...damage.flat(), ...missing] };
}

/** Reads a backup's manifest; `undefined` if it has none. */
export async function readStoredManifest(store: Store, name: string): Promise<Manifest | undefined> {
  return (await readManifestText(store, name))?.manifest;
}

/** Reads a manifest, and what it is as text. */
export async function readManifestText(
  store: Store,
  name: string,
): Promise<{ text: string; manifest: Manifest } | undefined> {
  const file = await store.stat(name + manifestSuffix);
  if (!file) return undefined;
  const where = addressIn(store.address, file.name);
  if (file.sizeBytes > largestManifestBytes) {
    throw manifestTooLarge.error({ path: where, size: sizeText(file.sizeBytes) });
  }
  const text = await new Response(store.read(file.name, { length: file.sizeBytes })).text();
  return { text, manifest: await parseManifest(text, where) };
}

/** What holds passwords is hashed as it lies there: no other file may hold it, and nothing here needs it. */
async function damageWhereItLies(
  store: Store,
  name: string,
  expected: { size_bytes: number; sha256: string },
): Promise<Finding[]> {
  const file = await store.stat(name);
  const actual = { size_bytes: file?.sizeBytes, sha256: await sha256Of(store, name) };
  if (actual.size_bytes === expected.size_bytes && actual.sha256 === expected.sha256) return [];
  return [dumpAltered.file({ path: name, expected, actual })];
}

async function fetchForeignDump(
  store: Store,
  name: string,
  workspacePath: string,
  { measure }: FetchOptions,
  manifest?: Manifest,
): Promise<FetchedDump> {
  const file = await store.stat(name) ?? await store.stat(name + dumpSuffix);
  if (!file) throw backupMissing.inStore.error({ name, store: store.address });
  if (store.localPath) return { stored: { name, dumpPath: store.localPath(file.name) }, manifest };
  await requireRoom(workspacePath, file.sizeBytes, diskFull.beforeFetch);
  const path = join(workspacePath, requireSafeName(file.name));
  const arriving = summed(store.read(file.name), countingBytes(measure, file.sizeBytes));
  const { sizeBytes } = await writePrivately(path, arriving.body);
  const damage = sizeBytes === file.sizeBytes
    ? []
    : [dumpTruncated.file({ path: file.name, expected: file.sizeBytes, actual: sizeBytes })];
  return { stored: { name, dumpPath: path }, manifest, damage };
}

async function identitiesFor(name: string, path: string | undefined): Promise<string[]> {
  if (path !== undefined) return await readIdentities(path);
  throw identityMissing.error({ backup: name });
}

/**
 * Makes sure, where keys are trusted, that one of them signed a backup's manifest, which names every file of the dump with
 * its hash.
 *
 * @param manifest As it was read and will be used; absent for a dump without a manifest.
 * @returns The key's id; `undefined` where no key is trusted.
 * @throws {OperatorError} `SIGNATURE_MISSING`, `SIGNATURE_NOT_TRUSTED`, `SIGNATURE_WRONG`
 */
export async function requireSignature(
  store: Store,
  { name, manifest }: { name: string; manifest: Manifest | undefined },
  { trustedKeys = [] }: WhichBackup,
): Promise<string | undefined> {
  if (trustedKeys.length === 0) return undefined;
  const keys = await Promise.all(trustedKeys.map(readVerificationKey));
  const sha256 = manifest && manifestSha256(manifest);
  const signature = sha256 === undefined
    ? { state: "missing" as const }
    : await readSignature(store, name + manifestSuffix, { sha256, keys });
  if (signature.state === "trusted") return signature.key.id;
  if (signature.state === "of_other_file") throw signatureWrong.error({ backup: name });
  if (signature.state === "of_other_key") throw signatureNotTrusted.error({ backup: name });
  throw signatureMissing.error({ backup: name, hasManifest: manifest !== undefined });
}
