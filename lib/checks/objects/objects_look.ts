import { z } from "zod";
import { writtenDuration } from "../../options/fields.ts";
import { copyIndexName } from "../../storage/copy_index.ts";
import { objectMissing, storeForbidden } from "../../storage/findings/stores.ts";
import type { HashedSet } from "../../storage/hashed_set.ts";
import type { Store } from "../../storage/store.ts";
import { summed } from "../../system/checksums.ts";
import { is } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { type OptionsOf, whichDatabase } from "../check.ts";
import { etagUnknown } from "./findings.ts";
import type { ReferredObject } from "./objects_referred.ts";

/** What is wrong with an object. */
export interface ObjectFault {
  kind: "missing" | "unreadable" | "wrong_size" | "altered";
  /** Why it cannot be read; holds no key. */
  reason?: string;
}

interface LookOptions {
  bucket: Store;
  /** Objects that the bucket says are older need only be there. */
  cutoff: Date | undefined;
  options: Pick<ObjectsOptions, "prefix" | "read">;
  signal: AbortSignal;
}

/**
 * Makes sure that a bucket is there, whatever is in it. That its list is forbidden does not matter: objects may be
 * readable nevertheless.
 *
 * @throws {OperatorError} Whatever a store throws; names no key.
 */
export async function requireBucket(bucket: Store, prefix: string): Promise<void> {
  try {
    for await (const _ of bucket.list({ prefix })) break;
  } catch (error) {
    if (!is(error, storeForbidden)) throw error;
  }
}

/**
 * Holds one object against what its row says.
 *
 * @returns `undefined` if nothing is wrong.
 * @throws {OperatorError} If the bucket cannot be looked at; `ETAG_UNKNOWN`. Names no key.
 */
export async function lookAtObject(
  object: ReferredObject,
  { bucket, cutoff, options: { prefix, read }, signal }: LookOptions,
): Promise<ObjectFault | undefined> {
  const name = prefix + object.key;
  const { sizeBytes, sha256, etag } = object;
  try {
    const found = await bucket.stat(name);
    if (!found) return { kind: "missing" };
    if (found.isArchived) return { kind: "unreadable", reason: "archived" };
    if (cutoff && !object.at && found.modifiedAt < cutoff) return undefined;
    if (sizeBytes !== undefined && found.sizeBytes !== sizeBytes) return { kind: "wrong_size" };
    if (etag !== undefined && found.etag === undefined) throw etagUnknown.error(bucket);
    if (etag !== undefined && found.etag !== etag) return { kind: "altered" };
    const mustRead = read || (sha256 !== undefined && found.sha256 === undefined);
    if (!mustRead) {
      if (bucket.localPath) await hashOf(bucket, name, { length: 1, signal }); // stat needs no permission to read
      return sha256 === undefined || found.sha256 === sha256 ? undefined : { kind: "altered" };
    }
    const sum = await hashOf(bucket, name, { signal });
    if (sum.sizeBytes !== found.sizeBytes) return { kind: "wrong_size" };
    return sum.sha256 === (sha256 ?? found.sha256 ?? sum.sha256) ? undefined : { kind: "altered" };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof OperatorError) || is(error, etagUnknown)) throw error;
    await requireBucket(bucket, prefix); // is it this object only, or all of them?
    if (is(error, objectMissing)) return { kind: "missing" };
    return { kind: "unreadable", reason: error.code };
  }
}

async function hashOf(bucket: Store, name: string, { length, signal }: { length?: number; signal: AbortSignal }) {
  const passing = summed(bucket.read(name, { length }));
  for await (const _ of passing.body) signal.throwIfAborted();
  return passing.sum();
}

/** Objects that no row refers to. */
export interface Orphans {
  count: number;
  /** Some of their names. */
  shown: string[];
}

interface OrphanOptions {
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

/** What a check of the kind `objects` is told. */
export const objectsShape = {
  ...whichDatabase,
  sql: z.string().min(1).describe(
    "A query for the objects that rows refer to: a column key and, if known, size (bytes), sha256 (hex, " +
      "base64 or bytea), etag, and at or created_at (for since). Rows with a null key are ignored.",
  ),
  bucket: z.string().describe("The name of a bucket in the configuration, s3://bucket/prefix, or a directory."),
  prefix: z.string().default("").describe("Put before every key, with its slash; also limits orphans."),
  since: writtenDuration.optional().describe(
    "Only objects that were at most this old at backup time (without a manifest: at the start of the run), because " +
      "recent uploads are the most likely to be missing. The age comes from the query's column at or created_at. Without " +
      "such a column every object must exist, and only those that are recent by the bucket are compared by size and hash.",
  ),
  sample: z.int().positive().optional().describe(
    "Check only this many objects, chosen by seed, independent of their order.",
  ),
  seed: z.string().min(1).optional().describe(
    "Chooses the sample: the same seed chooses the same objects. Without it the sample is new every time, and the " +
      "verdict shows its seed.",
  ),
  read: z.boolean().default(false).describe(
    "Read every object completely. Without it, an S3 object is requested by HEAD, which needs the permission to read it " +
      "but does not read it, and of a file only the first byte is read. The whole object is read only if sha256 is given " +
      "and the server does not know it.",
  ),
  minimum: z.int().nonnegative().default(1).describe(
    "The least number of keys that the query must return. With 0, no keys are allowed too.",
  ),
  orphans: z.enum(["count", "warn", "fail"]).or(z.literal(true)).optional().describe(
    "Also list the bucket and count the objects that no row refers to. count notes their number, warn " +
      "(or true) warns about them, fail makes the check fail.",
  ),
  orphan_age: writtenDuration.optional().describe(
    "Ignore orphans that were younger than this at backup time: uploads whose row was not written yet and, " +
      "in the live bucket, everything that came later.",
  ),
  at_once: z.int().min(1).max(50).default(32).describe("How many objects to request at the same time."),
  show: z.boolean().default(false).describe("Show up to 5 keys of each kind of fault in the verdict."),
};

export type ObjectsOptions = OptionsOf<typeof objectsShape>;
