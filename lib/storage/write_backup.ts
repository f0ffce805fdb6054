import type { FileSum } from "../system/checksums.ts";
import { encryptedSuffix, manifestSuffix } from "./backup_name.ts";
import { encrypt } from "./encryption.ts";
import type { Store, WriteOptions } from "./store.ts";
import { summed } from "./summed.ts";

/** A file of a dump, as the manifest describes it. */
export interface DumpFile {
  path: string;
  size_bytes: number;
  sha256: string;
  /** As it lies in the store, under its path and `.age`; what stands above is the plain form. */
  encrypted?: { size_bytes: number; sha256: string };
}

/** How a dump's file is written. */
export interface DumpFileOptions extends WriteOptions {
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
  { recipients = [], ...options }: DumpFileOptions = {},
): Promise<DumpFile> {
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

/** Writes a manifest; with it the backup is finished. */
export async function writeManifest(store: Store, name: string, manifest: object): Promise<FileSum> {
  const body = new TextEncoder().encode(manifestText(manifest));
  return await store.write(name + manifestSuffix, ReadableStream.from([body]));
}

/** A manifest as it is written. */
export function manifestText(manifest: object): string {
  return JSON.stringify(manifest, null, 2) + "\n";
}
