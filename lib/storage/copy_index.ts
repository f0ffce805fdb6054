import { OperatorError } from "../system/operator_error.ts";
import { hashOf, makeHashedSet } from "./hashed_set.ts";
import type { Store, StoredFile } from "./store.ts";

/**
 * Knows which objects of a store are copies, and of what.
 *
 * An equal ETag shows that two objects hold the same. Where it cannot (a large object's depends on how it was cut into parts,
 * a file has none), the copy remembers: a file in it holds two hashes for each such object, of its name with the source's
 * state and of its name with the copy's own, 16 bytes together. If both are as they were, so are source and copy. Where it is
 * lost, such objects are copied once more.
 */
export interface CopyIndex {
  /** Whether the store holds a copy of just this. */
  isCopied(source: StoredFile): boolean;
  /** Whether the store holds anything of that name. */
  holds(name: string): boolean;
  /** @param seenAt When the source was looked at, before it was read. */
  remember(source: StoredFile, copy: StoredFile, seenAt: Date): void;
  /** Writes it down, if something is new. */
  save(): Promise<void>;
}

const header = new TextEncoder().encode("pgr-copied/v1\n\n\n");
const entrySize = 16;

/** A file's time of change comes in whole seconds, and the kernel's clock for it lags a little. */
const unsettledMs = 2_000;

/**
 * Reads what a store holds, and of what it is a copy.
 *
 * @param source Where is copied from. If that is itself a copy, what it remembers tells which of its originals are still unchanged
 *   here.
 * @throws {OperatorError} Whatever a store throws. A directory that is not there yet is an empty one.
 */
export async function readCopyIndex(store: Store, source: Store): Promise<CopyIndex> {
  const names = makeHashedSet();
  const states = makeHashedSet();
  await forEachFile(store, (file) => {
    names.add(file.name);
    states.add(stateOf(file));
  });
  const copied = makeHashedSet();
  const entries: Entry[] = [];
  for (const entry of await readEntries(store)) {
    if (!states.hasHash(entry.copy)) continue; // the copy was replaced or removed
    copied.addHash(entry.source);
    entries.push(entry);
  }
  for (const entry of await readEntries(source)) {
    if (states.hasHash(entry.source)) copied.addHash(entry.copy);
  }
  let isNew = false;
  return {
    isCopied(source) {
      const state = stateOf(source);
      return copied.has(state) || (source.etag !== undefined && states.has(state));
    },
    holds: (name) => names.has(name),
    remember(source, copy, seenAt) {
      if (source.etag !== undefined && source.etag === copy.etag) return;
      // Changed again within the same second, it would look the same: better copied once more.
      if (source.changedAt && seenAt.getTime() - source.changedAt.getTime() < unsettledMs) return;
      entries.push({ source: hashOf(stateOf(source)), copy: hashOf(stateOf(copy)) });
      isNew = true;
    },
    async save() {
      if (!isNew) return;
      isNew = false;
      await store.write(copyIndexName, ReadableStream.from(writeEntries(entries)));
    },
  };
}

/** Hashes of two states. */
interface Entry {
  source: bigint;
  copy: bigint;
}

async function readEntries(store: Store): Promise<Entry[]> {
  if (!await store.stat(copyIndexName)) return [];
  const bytes = new Uint8Array(await new Response(store.read(copyIndexName)).arrayBuffer());
  if (bytes.length % entrySize !== 0 || !header.every((byte, i) => bytes[i] === byte)) return []; // not ours
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / entrySize - 1 }, (_, i) => ({
    source: view.getBigUint64((i + 1) * entrySize),
    copy: view.getBigUint64((i + 1) * entrySize + 8),
  }));
}

function* writeEntries(entries: Entry[]): Generator<Uint8Array> {
  yield header;
  for (const { source, copy } of entries) {
    const entry = new DataView(new ArrayBuffer(entrySize));
    entry.setBigUint64(0, source);
    entry.setBigUint64(8, copy);
    yield new Uint8Array(entry.buffer);
  }
}

/** What changes when the bytes do. A file's time of change, unlike that of modification, cannot be set back. */
export function stateOf({ name, sizeBytes, etag, modifiedAt, changedAt }: StoredFile): string {
  return [name, sizeBytes, etag ?? `${modifiedAt.getTime()} ${changedAt?.getTime()}`].join("\0");
}

async function forEachFile(store: Store, work: (file: StoredFile) => void): Promise<void> {
  try {
    for await (const file of store.list({ deep: true })) work(file);
  } catch (error) {
    const isAbsent = error instanceof OperatorError && error.cause instanceof Deno.errors.NotFound && store.localPath;
    if (!isAbsent) throw error;
  }
}

/** What a copy of a bucket remembers; no object of the bucket, and so left out wherever its objects are looked at. */
export const copyIndexName = "pgrehearse.copied";
