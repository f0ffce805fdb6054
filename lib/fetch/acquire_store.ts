import { openStore } from "../storage/open_store.ts";
import type { Store, StoreOptions } from "../storage/store.ts";
import type { Job } from "../run/job.ts";

/** Opens a store for as long as the job runs: what it has under way is ended before the job is. */
export function acquireStore(job: Job, address: string, options: Omit<StoreOptions, "signal">): Promise<Store> {
  const { region, endpoint, sse, sseKmsKeyId, storageClass, tags } = options;
  const wanted = { region, endpoint, sse, sseKmsKeyId, storageClass, tags, signal: job.signal };
  return job.acquire(`the store ${address}`, () => openStore(address, wanted), (store) => store.close());
}
