import { copyIndexName } from "../../storage/copy_index_name.ts";
import type { Store } from "../../storage/store.ts";
import type { HashedSet } from "../../storage/hashed_set.ts";

/** Objects that no row refers to. */
export interface Orphans {
  count: number;
  /** Some of their names. */
  shown: string[];
}

export interface OrphanOptions {
  prefix: string;
  /** Only what is older counts. */
  before: Date | undefined;
  signal: AbortSignal;
}

/** How many keys a verdict shows at most. */
export const shownKeys = 5;

/** Lists a bucket, and counts what is not among the known names. */
export async function countOrphans(
  bucket: Store,
  known: Pick<HashedSet, "has">,
  { prefix, before, signal }: OrphanOptions,
): Promise<Orphans> {
  const orphans: Orphans = { count: 0, shown: [] };
  for await (const { name, sizeBytes, modifiedAt } of bucket.list({ prefix, deep: true })) {
    signal.throwIfAborted();
    const isFolder = sizeBytes === 0 && name.endsWith("/"); // consoles make such objects, to show a folder
    if (isFolder || name === copyIndexName || known.has(name) || (before && modifiedAt > before)) continue;
    orphans.count++;
    if (orphans.shown.length < shownKeys) orphans.shown.push(name);
  }
  return orphans;
}
