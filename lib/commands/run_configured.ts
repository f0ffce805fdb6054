import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { findConfig } from "../config/find_config.ts";
import type { Config } from "../config/read_config.ts";
import { shardOf } from "../config/shard.ts";
import { configOptions, shardOptions } from "../options/config_options.ts";
import type { Declarations, SaidOfOption, Values } from "../options/declaration.ts";
import { partOf, settle, valuesAt } from "../options/settle.ts";
import { timeoutOptions } from "../options/run_options.ts";
import type { Shard } from "../options/shard.ts";
import { storeOptions } from "../options/store_options.ts";
import type { JobOptions } from "../run/job.ts";
import { runJob } from "../run/run_job.ts";
import type { StoreOptions } from "../storage/store.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { isFlagged } from "./declare_options.ts";

/** What a configured job gets besides the values of its options. */
interface Configured extends JobOptions {
  /** The configuration, or the share of it that the run is about. */
  config?: Config;
  /** How to reach and use the store. */
  store: Omit<StoreOptions, "signal">;
  /** Where connections' other parameters come from. */
  env: Record<string, string>;
}

type SaidOfConfig = SaidOfOption<typeof configOptions & typeof shardOptions>;

/**
 * Chooses the configuration: the one that was named, or, where the command line does not say what is meant by itself, the
 * one that lies at hand.
 *
 * @returns Its path.
 */
export async function chooseConfig(
  command: CommandUnknownOpts,
  { configPath, shard }: SaidOfConfig,
  { isSaid }: { isSaid: boolean },
): Promise<string | undefined> {
  const path = configPath ?? (isSaid ? undefined : await findConfig());
  if (path === undefined && isFlagged(command, shardOptions.shard) && shard) {
    command.error("error: --shard needs a configuration");
  }
  return path;
}

/**
 * Runs a job with what its options come to: {@linkcode settle} decides that here, before the job begins. What is wrong
 * with the configuration is the verdict of a job that did not begin.
 *
 * @param path Of the configuration, if there is one.
 */
export async function runConfigured<Group extends Declarations, Result>(
  job: JobOptions,
  { command, options, said, path }: {
    command: CommandUnknownOpts;
    options: Group;
    said: SaidOfOption<Group> & SaidOfConfig;
    path: string | undefined;
  },
  run: (settled: Values<Group> & Configured) => Promise<Result>,
): Promise<Result | Verdict> {
  const env = Deno.env.toObject();
  let config: Config | undefined;
  try {
    config = path === undefined ? undefined : await readShare(path, env, said.shard);
  } catch (error) {
    return await runJob(command.name(), job, () => Promise.reject(error));
  }
  // A configuration's time limit and store hold for every run.
  const all: Declarations = { ...timeoutOptions, ...storeOptions, ...options };
  const values = settle(all, said as SaidOfOption<Declarations>, config && valuesAt(all, config));
  const settled: Configured = {
    ...job,
    ...(config && { config, configuration: describe(config, said.shard) }),
    env,
    ...values,
    store: partOf(storeOptions, values) as Configured["store"],
  };
  return await run(settled as Values<Group> & Configured);
}

async function readShare(path: string, env: Record<string, string>, shard: Shard | undefined): Promise<Config> {
  const { readConfig } = await import("../config/read_config.ts"); // with it comes zod
  const whole = await readConfig(path, env);
  return shard ? shardOf(whole, shard) : whole;
}

function describe({ path, sha256 }: Config, shard: Shard | undefined): JobOptions["configuration"] {
  return { path, sha256, ...(shard && { shard: `${shard.index}/${shard.count}` }) };
}
