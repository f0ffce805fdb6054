import type { BucketConfig } from "../../config/config_schema.ts";
import type { Config } from "../../config/read_config.ts";
import { storeOptionsOf } from "../configured.ts";
import type { CheckedBucket, CheckedSystem } from "./check_context.ts";

export interface CheckedSystemOptions extends Pick<CheckedSystem, "startedAt" | "lastGoodDrill"> {
  /** Whether a bucket that is copied means its copy: in a drill, the copy is what would have to be brought back. */
  copies: boolean;
}

/** What checks can look at before anything is restored. */
export function checkedSystem(
  { buckets, store, files }: Config,
  { copies, ...rest }: CheckedSystemOptions,
): CheckedSystem {
  return {
    databases: new Map(),
    buckets: new Map(Object.entries(buckets).map(([name, bucket]) => [name, reach(bucket, copies)])),
    bucketOptions: store ? { region: store.region, endpoint: store.endpoint } : {},
    files,
    apps: new Map(),
    recorded: new Map(),
    ...rest,
  };
}

function reach(bucket: BucketConfig, copies: boolean): CheckedBucket {
  const meant = copies && bucket.copy_to ? bucket.copy_to : bucket;
  return { address: meant.address, ...storeOptionsOf(meant) };
}
