import type { Store } from "../../storage/store.ts";
import { inParallelFrom } from "../../system/in_parallel_from.ts";
import { type ReferredObject, sampleOf } from "../objects/objects_referred.ts";
import { nothingToLookAt } from "./findings.ts";
import { secretsIn } from "./scan_text.ts";

export interface ObjectsToScan {
  prefix: string;
  sample?: number;
  first_mib: number;
}

/** Objects with secrets of one form. */
export interface ObjectSecrets {
  address: string;
  what: string;
  count: number;
  /** Of the first few. */
  names: string[];
}

const shownNames = 5;
const atOnce = 4;

/** Looks for secrets in the objects of a bucket, as they lie there: what is compressed or encrypted shows none. */
export async function scanObjects(
  bucket: Store,
  { prefix, sample, first_mib }: ObjectsToScan,
  { allow, signal }: { allow: readonly string[]; signal: AbortSignal },
): Promise<{ lookedAt: number; cutCount: number; found: ObjectSecrets[] }> {
  const limit = first_mib * 1024 * 1024;
  const found = new Map<string, ObjectSecrets>();
  let lookedAt = 0;
  let cutCount = 0;
  const listed = (async function* (): AsyncGenerator<ReferredObject> {
    for await (const { name, sizeBytes } of bucket.list({ prefix, deep: true })) yield { key: name, sizeBytes };
  })();
  const chosen: AsyncIterable<ReferredObject> = sample === undefined
    ? listed
    : ReadableStream.from(await sampleOf(listed, sample, crypto.randomUUID()));
  await inParallelFrom(chosen, atOnce, async ({ key, sizeBytes = 0 }) => {
    signal.throwIfAborted();
    lookedAt++;
    if (sizeBytes > limit) cutCount++;
    const bytes = await new Response(bucket.read(key, { length: limit })).bytes();
    for (const what of secretsIn(new TextDecoder("latin1").decode(bytes), allow)) {
      const known = found.get(what) ?? { address: bucket.address, what, count: 0, names: [] };
      found.set(what, known);
      known.count++;
      if (known.names.length < shownNames) known.names.push(key);
    }
  });
  if (lookedAt === 0) {
    throw nothingToLookAt.error({ address: bucket.address, prefix });
  }
  return { lookedAt, cutCount, found: [...found.values()] };
}
