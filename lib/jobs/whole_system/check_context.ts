import type { CheckContext } from "../../checks/check.ts";
import type { ConfiguredFile } from "../../checks/files/configured_file.ts";
import type { Check } from "../../checks/kinds.ts";
import type { BucketConfig } from "../../config/config_schema.ts";
import type { Config } from "../../config/read_config.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import { inReadOnlyTransaction } from "../../postgres/transactions.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import type { Store, StoreOptions } from "../../storage/store.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { storeOptionsOf } from "../configured.ts";
import { checkCannotLook } from "./findings/steps.ts";

/** A database that checks can look at. */
export interface CheckedDatabase {
  parameters: ConnectionParameters;
  /** Of an exported snapshot, when a backup is made. */
  snapshot?: string;
  manifest?: Manifest;
}

/** Where a bucket is, and how to reach it. */
export interface CheckedBucket extends Omit<StoreOptions, "signal"> {
  address: string;
}

/** Everything there is to look at; grows while a restore goes on. */
export interface CheckedSystem {
  /** By the configuration's names. */
  databases: Map<string, CheckedDatabase>;
  buckets: Map<string, CheckedBucket>;
  /** How to reach a bucket that is named by its address. */
  bucketOptions: Omit<StoreOptions, "signal">;
  files: readonly ConfiguredFile[];
  /** Where applications answer, by name. */
  apps: Map<string, string>;
  /** What was noted at backup time, by the checks' names. */
  recorded: Map<string, unknown>;
  lastGoodDrill(): Promise<Verdict | undefined>;
  startedAt: Date;
}

/** Gives each check what it may look at. Stores are opened once, and closed when the job ends. */
export function checkContexts(job: Job, system: CheckedSystem): (check: Check, signal: AbortSignal) => CheckContext {
  const stores = new Map<string, Promise<Store>>();
  const openBucket = (name: string) => {
    const bucket = system.buckets.get(name) ?? { address: name, ...system.bucketOptions };
    const { address, ...options } = bucket;
    const open = stores.get(name) ?? acquireStore(job, address, options);
    stores.set(name, open);
    return open;
  };
  const databaseOf = (name: string | undefined) => oneOf(system.databases, name, "database");
  return (check, signal) => ({
    signal,
    inDatabase: (name, work) => {
      const { parameters, snapshot } = databaseOf(name);
      return inReadOnlyTransaction(parameters, { snapshot, statementTimeoutMs: check.timeout, signal }, work);
    },
    openBucket,
    files: system.files,
    parametersOf: (name) => databaseOf(name).parameters,
    manifestOf: (name) => databaseOf(name).manifest,
    recorded: system.recorded.get(check.name),
    urlOf: (name) => oneOf(system.apps, name, "application"),
    lastGoodDrill: system.lastGoodDrill,
    startedAt: system.startedAt,
  });
}

/** The named one; without a name, the only one. */
function oneOf<T>(all: Map<string, T>, name: string | undefined, what: "database" | "application"): T {
  const found = name === undefined ? (all.size === 1 ? [...all.values()][0] : undefined) : all.get(name);
  if (found !== undefined) return found;
  throw name === undefined ? checkCannotLook.several.error({ what }) : checkCannotLook.missing.error({ what, name });
}

interface CheckedSystemOptions extends Pick<CheckedSystem, "startedAt" | "lastGoodDrill"> {
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
