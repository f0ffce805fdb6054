import type { Config } from "../../config/read_config.ts";
import { storeOptionsOf } from "../configured.ts";
import type { CheckedBucket } from "./check_context.ts";

/** A bucket, and where it is copied from or to. */
export interface BucketCopy {
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
