import { summed } from "../system/checksums.ts";
import { is } from "../system/define_finding.ts";
import { inParallelFrom } from "../system/in_parallel.ts";
import { type CopyIndex, copyIndexName, readCopyIndex, stateOf } from "./copy_index.ts";
import { objectArchived, objectChanged, unsafeName } from "./findings/stores.ts";
import type { Store, StoredFile } from "./store.ts";

export interface CopyObjectsOptions {
  /**
   * How many at the same time; each takes up to 40 MB.
   * @default {4}
   */
  jobs?: number;
  signal?: AbortSignal;
  /**
   * Replace what the target holds of the same name and another content.
   * @default {true}
   */
  replace?: boolean;
  /**
   * Keep in the target what was copied, so that the next time only what changed is. Not for a bucket that an application
   * uses.
   * @default {true}
   */
  remember?: boolean;
  onProgress?: (soFar: Readonly<CopiedObjects>) => void;
}

/** What became of a store's objects. */
export interface CopiedObjects {
  copied: number;
  /** Of what was copied. */
  bytes: number;
  /** The target held the same. */
  unchanged: number;
  /** The target held something else, and `replace` is false. */
  kept: number;
  /** Names that the target cannot hold. */
  refused: string[];
}

/** How often the index is written meanwhile, so that an interrupted copy goes on where it stopped. */
const saveEveryMs = 60_000;

/** How often an object is begun anew that changes while it is copied. */
const mostAttempts = 3;

/**
 * Copies every object of a store into another one: streamed, several at a time, and only what changed. Removes nothing. What
 * was written is asked back by the store; what it was served with comes along between buckets of S3.
 *
 * Copies come back the same way, with the stores exchanged.
 *
 * @throws {OperatorError} `OBJECT_CHANGED`, and whatever a store throws.
 */
export async function copyObjects(from: Store, to: Store, options: CopyObjectsOptions = {}): Promise<CopiedObjects> {
  const { jobs = 4, signal, replace = true, remember = true, onProgress = () => {} } = options;
  const index = await readCopyIndex(to, from);
  const result: CopiedObjects = { copied: 0, bytes: 0, unchanged: 0, kept: 0, refused: [] };
  let savedAt = performance.now();
  const save = async () => {
    savedAt = performance.now();
    if (remember) await index.save();
  };
  try {
    await inParallelFrom(from.list({ deep: true }), jobs, async (listed) => {
      signal?.throwIfAborted();
      if (listed.name === copyIndexName) return;
      if (index.isCopied(listed)) result.unchanged++;
      else if (!replace && index.holds(listed.name)) {
        if (await isSame(from, to, listed.name)) result.unchanged++;
        else result.kept++;
      } else await copyObject(listed, { from, to, index, signal, result });
      onProgress(result);
      if (performance.now() - savedAt > saveEveryMs) await save();
    });
  } catch (error) {
    await save().catch(() => {});
    throw error;
  }
  await save();
  return result;
}

interface Copying {
  from: Store;
  to: Store;
  index: CopyIndex;
  signal: AbortSignal | undefined;
  result: CopiedObjects;
}

async function copyObject({ name }: StoredFile, copying: Copying): Promise<void> {
  const { from, to, index, signal, result } = copying;
  // A directory writes under such a name first.
  if (to.localPath && name.endsWith(".partial")) return void result.refused.push(name);
  for (let attempt = 1;; attempt++) {
    try {
      const seenAt = new Date();
      const source = await from.stat(name);
      if (!source) return; // gone meanwhile
      if (source.isArchived) throw objectArchived.error({ name: name, store: from.address });
      const { headers } = source;
      const { sizeBytes } = await to.write(name, unchangedSince(source, from), { signal, headers });
      index.remember(source, (await to.stat(name))!, seenAt);
      result.copied++;
      result.bytes += sizeBytes;
      return;
    } catch (error) {
      if (is(error, unsafeName)) return void result.refused.push(name);
      if (!is(error, objectChanged) || attempt >= mostAttempts) throw error;
    }
  }
}

/** An object's bytes; fails at the end if they are not of the object that was described. Nothing is then written. */
async function* unchangedSince(source: StoredFile, from: Store): AsyncGenerator<Uint8Array> {
  const passing = summed(from.read(source.name));
  yield* passing.body;
  const { sizeBytes, sha256 } = passing.sum();
  const now = from.localPath ? await from.stat(source.name) : source; // S3 never mixes two versions
  const isSame = sizeBytes === source.sizeBytes && sha256 === (source.sha256 ?? sha256);
  if (isSame && now && stateOf(now) === stateOf(source)) return;
  throw objectChanged.copying.error({ name: source.name, store: from.address });
}

async function isSame(from: Store, to: Store, name: string): Promise<boolean> {
  const [source, copy] = await Promise.all([from.stat(name), to.stat(name)]);
  if (source?.sizeBytes !== copy?.sizeBytes) return false;
  const [ours, theirs] = await Promise.all([source?.sha256 ?? hashIn(from, name), copy?.sha256 ?? hashIn(to, name)]);
  return ours === theirs;
}

async function hashIn(store: Store, name: string): Promise<string> {
  const passing = summed(store.read(name));
  for await (const _ of passing.body);
  return passing.sum().sha256;
}
