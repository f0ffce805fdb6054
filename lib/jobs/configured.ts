import type { StoreConfig } from "../config/config_schema.ts";
import type { Config } from "../config/read_config.ts";
import { type Shard, shardOf } from "../config/shard.ts";
import type { StoreOptions } from "../storage/store.ts";
import { noDatabase, noStore } from "./findings.ts";
import type { WhichBackup } from "../fetch/which_backup.ts";
import type { Job } from "../run/job.ts";

/** What jobs get that may take their options from a configuration. */
export interface ConfiguredOptions {
  /** The configuration's path. */
  config?: string;
  /** The names of the options that the caller gave: they win over the configuration. */
  given?: ReadonlySet<string>;
  /** Which share of the configuration's databases the job is about. @default {all of them} */
  shard?: Shard;
  /** Values for `${NAME}`. */
  env: Record<string, string>;
}

/** Reads the configuration that a job was given, if any, and records which one it was. */
export async function readConfigured(
  job: Job,
  { config: path, env, shard }: ConfiguredOptions,
): Promise<Config | undefined> {
  if (path === undefined) return undefined;
  const { readConfig } = await import("../config/read_config.ts"); // with it comes zod
  const whole = await readConfig(path, env);
  const config = shard ? shardOf(whole, shard) : whole;
  job.record({
    config: { path: config.path, sha256: config.sha256, ...(shard && { shard: `${shard.index}/${shard.count}` }) },
  });
  if (config.timeout !== undefined) job.limitTime(config.timeout);
  return config;
}

/** Options with those of the configuration in the place of defaults. */
export function preferGiven<Options extends ConfiguredOptions>(
  options: Options,
  configured: Partial<Options>,
): Options {
  const { given = new Set() } = options;
  const wanted = Object.entries(configured).filter(([name, value]) => value !== undefined && !given.has(name));
  return { ...options, ...Object.fromEntries(wanted) };
}

/** The common ones among a configuration's options, as jobs name them. */
export function commonOptions({ jobs, wait, pg_bin, identity }: Config) {
  return { jobs, waitMs: wait, pgBin: pg_bin, identity };
}

/**
 * Options of a job that takes backups from a store, with those of the configuration.
 *
 * @param others Further options that the configuration says.
 * @throws {OperatorError} `NO_DATABASE`, `NO_STORE`
 */
export function configuredStore<Options extends ConfiguredOptions & WhichBackup>(
  options: Options,
  config: Config,
  others: Partial<Options>,
): Options {
  requireDatabases(config);
  const preferred = preferStore(options, config, others);
  if (preferred.from !== undefined || preferred.path !== undefined) return preferred;
  throw noStore.toRead.error({ where: config.path });
}

/** The same, where the configuration may leave out its databases and its store. */
export function preferStore<Options extends ConfiguredOptions & WhichBackup>(
  options: Options,
  config: Config,
  others: Partial<Options> = {},
): Options {
  return preferGiven(options, {
    ...commonOptions(config),
    ...others,
    from: config.store?.address,
    store: config.store && { ...storeOptionsOf(config.store), ...givenOnly(options.store) },
    trustedKeys: config.trusted_keys,
  } as Partial<Options>);
}

/** @throws {OperatorError} `NO_DATABASE` */
export function requireDatabases({ databases, path }: Config): void {
  if (Object.keys(databases).length > 0) return;
  throw noDatabase.configured.error({ path });
}

/** How a configuration says to use a store, as stores take it. */
export function storeOptionsOf({ region, endpoint, sse, sse_kms_key_id, storage_class, tag }: StoreConfig) {
  const tags = tag && Object.fromEntries(tag.map((each) => [each.slice(0, each.indexOf("=")), afterEquals(each)]));
  return givenOnly<Omit<StoreOptions, "signal">>({
    region,
    endpoint,
    sse,
    sseKmsKeyId: sse_kms_key_id,
    storageClass: storage_class,
    tags,
  });
}

function afterEquals(text: string): string {
  return text.slice(text.indexOf("=") + 1);
}

/** Options without those that were not said: they would hide what is said elsewhere. */
export function givenOnly<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}
