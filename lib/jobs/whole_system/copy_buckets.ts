import { resolve } from "node:path";
import type { Config } from "../../config/read_config.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import { type CopiedObjects, copyObjects } from "../../storage/copy_objects.ts";
import { isS3Address } from "../../storage/open_store.ts";
import { sizeText } from "../../system/quantities.ts";
import { storeOptionsOf } from "../configured.ts";
import type { CheckedBucket } from "./check_context.ts";
import { bucketCopied, copyIntoItself, objectNamesRefused, objectsDiffer } from "./findings/steps.ts";

export interface CopyBucketsOptions {
  /**
   * Bring copies back: what the bucket holds of the same name and another content is left as it is, and makes the verdict
   * fail; and nothing is kept in the bucket but its objects.
   * @default {false}
   */
  isRestore?: boolean;
}

/**
 * Copies buckets, one phase each: every object that the target does not hold just so. Removes nothing.
 *
 * @throws {OperatorError} `COPY_INTO_ITSELF`, before anything is copied; and whatever a store throws.
 */
export async function copyBuckets(
  job: Job,
  copies: readonly BucketCopy[],
  { isRestore = false }: CopyBucketsOptions = {},
): Promise<void> {
  for (const { name, from, to } of copies) requireApart(name, from, to);
  for (const { name, from, to } of copies) {
    await job.phase(`${isRestore ? "bring back" : "copy"} bucket ${name}`, async (measure) => {
      const [source, target] = [await open(job, from), await open(job, to)];
      const copied = await copyObjects(source, target, {
        signal: job.signal,
        replace: !isRestore,
        remember: !isRestore,
        onProgress: ({ bytes }) => measure?.({ done: bytes, unit: "bytes", what: name }),
      });
      record(job, name, to.address, copied);
    });
  }
}

function record(job: Job, name: string, address: string, { copied, bytes, unchanged, kept, refused }: CopiedObjects) {
  job.note(bucketCopied({ bucket: name, address, copied, size: sizeText(bytes), unchanged }));
  for (const object of refused) job.say(`${address} cannot hold ${JSON.stringify(object)}`);
  job.expect(
    `bucket ${name}: objects not copied`,
    { expected: 0, actual: kept + refused.length },
    ...kept > 0 ? [objectsDiffer({ bucket: name, address, count: kept })] : [],
    ...refused.length > 0 ? [objectNamesRefused({ bucket: name, address, count: refused.length })] : [],
  );
}

function open(job: Job, { address, ...options }: CheckedBucket) {
  return acquireStore(job, address, options);
}

/** A copy below its source would be copied itself, and again with every run. */
function requireApart(name: string, from: CheckedBucket, to: CheckedBucket): void {
  if (isS3Address(from.address) && isS3Address(to.address) && from.endpoint !== to.endpoint) return;
  const [source, target] = [from, to].map(({ address }) => {
    const place = isS3Address(address) ? address.replace(/^s3:/i, "s3:") : resolve(address);
    return place.replace(/\/*$/, "/");
  });
  if (!source.startsWith(target) && !target.startsWith(source)) return;
  throw copyIntoItself.error({ bucket: name, source, target });
}

/** A bucket, and where it is copied from or to. */
interface BucketCopy {
  name: string;
  from: CheckedBucket;
  to: CheckedBucket;
}

/** What is copied at backup time, or brought back at a restore. */
export function bucketCopies({ buckets }: Config, direction: "to_copy" | "from_copy"): BucketCopy[] {
  return Object.entries(buckets).flatMap(([name, { copy_to, address, ...bucket }]) => {
    if (!copy_to) return [];
    const source = { address, ...storeOptionsOf({ address, ...bucket }) };
    const copy = { address: copy_to.address, ...storeOptionsOf(copy_to) };
    return direction === "to_copy" ? [{ name, from: source, to: copy }] : [{ name, from: copy, to: source }];
  });
}
