import type { Config } from "../../config/read_config.ts";
import { type ConfiguredOptions, preferGiven, readConfigured } from "../configured.ts";
import { acquireStore } from "../../fetch/acquire_store.ts";
import type { Store } from "../../storage/store.ts";
import { readVerificationKey, type VerificationKey } from "../../evidence/signing_key.ts";
import type { Job } from "../../run/job.ts";
import { noStore } from "../findings.ts";

/** Which store a job looks at. */
export interface StoreJobOptions extends ConfiguredOptions {
  /** A directory, or `s3://bucket/prefix`; else the configuration's store. */
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
 * Opens the store that a job looks at: the one that was named, else the configuration's.
 *
 * @param configured Further options that the configuration says.
 * @returns The store, and the options with those of the configuration.
 * @throws {OperatorError} `NO_STORE`, and what reading the configuration throws.
 */
export async function openJobStore<Options extends StoreJobOptions>(
  job: Job,
  options: Options,
  configured: (config: Config) => Partial<Options> = () => ({}),
): Promise<{ store: Store; options: Options; keys: VerificationKey[]; config?: Config }> {
  const config = await readConfigured(job, options);
  const { address, region, endpoint } = config?.store ?? {};
  const common = { from: address, region, endpoint, trustedKeys: config?.trusted_keys } as Partial<Options>;
  const preferred = config ? preferGiven(options, { ...common, ...configured(config) }) : options;
  if (preferred.from === undefined) throw noStore.toRead.error({ where: config?.path ?? "The command line" });
  const keys = await Promise.all((preferred.trustedKeys ?? []).map(readVerificationKey));
  return { store: await acquireStore(job, preferred.from, preferred), options: preferred, keys, config };
}
