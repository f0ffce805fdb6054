import { copyIndexName } from "../../storage/copy_index.ts";
import type { Store, StoredFile } from "../../storage/store.ts";
import { summed } from "../../system/checksums.ts";
import { retell } from "../../system/define_finding.ts";
import { inParallelFrom } from "../../system/in_parallel.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { InventoryEntry } from "./inventory_baseline.ts";

interface InventoryObjectsOptions {
  prefix: string;
  atOnce: number;
  /** Which of an object's SHA-256 and version is wanted, besides what a listing says. */
  wanted(listed: InventoryEntry): { sha256: boolean; version: boolean };
  /** Read for the SHA-256, although the server may know it. */
  read: boolean;
  signal: AbortSignal;
}

/**
 * Goes through a bucket's objects, several at a time.
 *
 * @param visit Given each object with what is wanted of it; `undefined` for one that went away meanwhile.
 * @throws {OperatorError} Whatever a store throws; names no object.
 */
export async function inventoryObjects(
  bucket: Store,
  { prefix, atOnce, wanted, read, signal }: InventoryObjectsOptions,
  visit: (name: string, entry: InventoryEntry | undefined) => void,
): Promise<void> {
  await inParallelFrom(bucket.list({ prefix, deep: true }), atOnce, async (file) => {
    signal.throwIfAborted();
    if (file.name === copyIndexName) return;
    const name = file.name.slice(prefix.length);
    const entry = asEntry(name, file);
    const { sha256, version } = wanted(entry);
    if (!sha256 && !version) return visit(name, entry);
    try {
      const stat = await bucket.stat(file.name);
      if (!stat) return visit(name, undefined);
      const full = asEntry(name, stat);
      if (sha256 && (read || full.sha256 === undefined)) full.sha256 = await sumOf(bucket, file.name, signal);
      visit(name, full);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OperatorError)) throw error;
      const message = `An object in ${bucket.address} cannot be read (${error.code}).`;
      throw retell(error, { message, cause: error });
    }
  });
}

function asEntry(name: string, { sizeBytes, etag, sha256, version }: StoredFile): InventoryEntry {
  return { name, sizeBytes, etag, sha256, version };
}

async function sumOf(bucket: Store, name: string, signal: AbortSignal): Promise<string> {
  const passing = summed(bucket.read(name));
  for await (const _ of passing.body) signal.throwIfAborted();
  return passing.sum().sha256;
}
