import { objectMissing, storeForbidden } from "../../storage/findings/stores.ts";
import type { Store } from "../../storage/store.ts";
import { summed } from "../../storage/summed.ts";
import { is } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { etagUnknown } from "./findings.ts";
import type { ObjectsOptions } from "./objects_options.ts";
import type { ReferredObject } from "./objects_referred.ts";

/** What is wrong with an object. */
export interface ObjectFault {
  kind: "missing" | "unreadable" | "wrong_size" | "altered";
  /** Why it cannot be read; holds no key. */
  reason?: string;
}

export interface LookOptions {
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
