import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { type FileSum, summed } from "../system/checksums.ts";
import { asFinding, is } from "../system/define_finding.ts";
import { ensureDirectory } from "../system/files.ts";
import { dumpTruncated } from "../system/findings.ts";
import type { Finding } from "../verdict/verdict.ts";
import { encryptedSuffix } from "./backup_name.ts";
import { cannotWrite } from "./directory_store.ts";
import { decrypt, encrypt } from "./encryption.ts";
import { dumpAltered, dumpFileMissing } from "./findings/dump_files.ts";
import { decryptionFailed } from "./findings/encryption.ts";
import { objectMissing } from "./findings/stores.ts";
import type { Store, WriteOptions } from "./store.ts";

/** A file of a dump, as the manifest describes it. */
interface WrittenFile {
  path: string;
  size_bytes: number;
  sha256: string;
  /** As it lies in the store, under its path and `.age`; the fields above are of the plain form. */
  encrypted?: { size_bytes: number; sha256: string };
}

/** How a dump's file is written. */
interface WriteFileOptions extends WriteOptions {
  /** Encrypt for these, `age1…`; the file's name then ends in `.age`. */
  recipients?: readonly string[];
}

/**
 * Streams a file of a dump into a store.
 *
 * A dump in custom format is one file, `NAME.dump`: give it pg_dump's stdout. One in directory format is written file by
 * file, several at a time: `NAME.dump/toc.dat`. Only the manifest, written last, makes them a backup.
 *
 * @param path As the manifest shall name it, without `.age`.
 * @param body Must fail where the program that makes it fails: what ends is taken for whole.
 * @returns What the manifest says about the file: the hash of both forms, if it is encrypted.
 */
export async function writeDumpFile(
  store: Store,
  path: string,
  body: AsyncIterable<Uint8Array>,
  { recipients = [], ...options }: WriteFileOptions = {},
): Promise<WrittenFile> {
  if (recipients.length === 0) {
    const { sizeBytes, sha256 } = await store.write(path, body, options);
    return { path, size_bytes: sizeBytes, sha256 };
  }
  const plain = summed(body);
  const encrypted = await encrypt(plain.body, recipients);
  const stored = await store.write(path + encryptedSuffix, encrypted, options);
  const { sizeBytes, sha256 } = plain.sum();
  return { path, size_bytes: sizeBytes, sha256, encrypted: { size_bytes: stored.sizeBytes, sha256: stored.sha256 } };
}

/** A manifest as it is written. */
export function manifestText(manifest: object): string {
  return JSON.stringify(manifest, null, 2) + "\n";
}

/**
 * Fetches one file of a dump, hashing it while it arrives and decrypting it if need be.
 *
 * @param name In the store, without `.age`.
 * @param file As the manifest describes it.
 * @returns What is wrong with it.
 * @throws {OperatorError} `DUMP_FILE_MISSING`, `IDENTITY_DOES_NOT_FIT`, and the store's own.
 */
export async function fetchDumpFile(
  store: Store,
  name: string,
  file: WrittenFile,
  { path, identities, onArrived }: {
    path: string;
    identities: readonly string[];
    /** Told how many bytes each piece has, as it lies in the store. */
    onArrived?: (bytes: number) => void;
  },
): Promise<Finding[]> {
  const isEncrypted = file.encrypted !== undefined;
  const storedName = isEncrypted ? name + encryptedSuffix : name;
  const expected = file.encrypted ?? file;
  // One byte more shows that there is more; the rest of it could fill the disk.
  const arriving = summed(store.read(storedName, { length: expected.size_bytes + 1 }), onArrived);
  try {
    const plain = isEncrypted ? await decrypt(arriving.body, { name: storedName, identities }) : arriving.body;
    const written = await writePrivately(path, plain);
    const arrived = arriving.sum();
    const found = damageOf(storedName, expected, arrived);
    return found.length > 0 || !isEncrypted ? found : damageOf(name, file, written);
  } catch (error) {
    if (is(error, objectMissing)) throw dumpFileMissing.inStore.error({ path: storedName }, { cause: error });
    if (!is(error, decryptionFailed)) throw error;
    return [asFinding(error, storedName)];
  }
}

function damageOf(
  name: string,
  expected: { size_bytes: number; sha256: string },
  { sizeBytes, sha256 }: { sizeBytes: number; sha256: string },
): Finding[] {
  if (sizeBytes < expected.size_bytes) {
    return [dumpTruncated.file({ path: name, expected: expected.size_bytes, actual: sizeBytes })];
  }
  if (sha256 === expected.sha256) return [];
  const { size_bytes, sha256: expectedHash } = expected;
  const actual = { size_bytes: sizeBytes, sha256 };
  return [dumpAltered.file({ path: name, expected: { size_bytes, sha256: expectedHash }, actual })];
}

/** Writes a new file of mode 0600. */
export async function writePrivately(path: string, body: AsyncIterable<Uint8Array>): Promise<FileSum> {
  await ensureDirectory(dirname(path));
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    sizeBytes += chunk.length;
    for (let rest = chunk; rest.length > 0;) {
      const written = await file.write(rest).catch((error: Error) => Promise.reject(cannotWrite(path, error)));
      rest = rest.subarray(written);
    }
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}
