import { readVerificationKey, type VerificationKey } from "../../evidence/signing_key.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import type { Store } from "../../storage/store.ts";
import type { ConfiguredOptions } from "../configured.ts";
import { noStore } from "../findings.ts";

/** Which store a job looks at. */
export interface StoreJobOptions extends ConfiguredOptions {
  /** A directory, or `s3://bucket/prefix`. */
  from?: string;
  region?: string;
  endpoint?: string;
  /** Only backups of this database: its own name, or the configuration's for it. */
  database?: string;
  /** Only backups of this cluster. */
  systemIdentifier?: string;
  /** Files with public keys: a drill's record counts only if one of them signed it. */
  trustedKeys?: string[];
}

/**
 * Opens the store that a job looks at.
 *
 * @throws {OperatorError} `NO_STORE`
 */
export async function openJobStore(
  job: Job,
  { from, config, trustedKeys = [], ...options }: StoreJobOptions,
): Promise<{ store: Store; keys: VerificationKey[] }> {
  if (from === undefined) throw noStore.toRead.error({ path: config?.path });
  const keys = await Promise.all(trustedKeys.map(readVerificationKey));
  return { store: await acquireStore(job, from, options), keys };
}
