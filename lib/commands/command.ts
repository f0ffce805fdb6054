import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Config } from "../config/read_config.ts";
import { shardOf } from "../config/shard.ts";
import type { shardOptions } from "../options/config_options.ts";
import type { Declarations, SaidOfOption, Values } from "../options/declaration.ts";
import { timeoutOptions } from "../options/run_options.ts";
import { partOf, settle, valuesAt } from "../options/settle.ts";
import type { Shard } from "../options/shard.ts";
import { storeOptions } from "../options/store_options.ts";
import type { EvidenceKeeper, JobOptions } from "../run/job.ts";
import { runJob } from "../run/run_job.ts";
import type { StoreOptions } from "../storage/store.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { CommonOptions, Execute, Outcome } from "./execute.ts";

/** What a command's page says about it. */
interface Page<Group extends Declarations> {
  name: string;
  summary: string;
  description: string;
  epilogue: string;
  /** What it takes besides options, as the usage shows it, and what that is. */
  operands?: readonly [usage: string, help: string];
  options: Group;
  run(given: Given<Group>): Promise<void> | void;
}

/** What a command was given. */
export interface Given<Group extends Declarations> {
  /** Commander's, for errors of usage. */
  command: CommandUnknownOpts;
  options: Group;
  /** What the command line and the environment say of the options. */
  said: SaidOfOption<Group>;
  operands: readonly string[];
  /** Runs a job and reports its verdict. */
  execute: Execute;
}

/** Makes a command of its page. */
export function defineCommand<Group extends Declarations>(
  { name, summary, description, epilogue, operands, options, run }: Page<Group>,
): (execute: Execute) => CommandUnknownOpts {
  return (execute) => {
    const command = new Command(name)
      .summary(summary)
      .description(description)
      .addHelpText("after", epilogue);
    if (operands) command.argument(...operands);
    command.action(() => run({ command, options, said: readSaid(command, options), operands: command.args, execute }));
    return declareOptions(command, options);
  };
}

/** What a job gets besides the values of its options. */
interface Settled extends JobOptions {
  /** The configuration, or the share of it that the run is about. */
  config?: Config;
  /** How to reach and use the store. */
  store: Omit<StoreOptions, "signal">;
  /** Where connections' other parameters come from. */
  env: Record<string, string>;
}

/**
 * Runs a job with what its options come to: {@linkcode settle} decides that here, before the job begins. What is wrong
 * with the configuration is the verdict of a job that did not begin.
 */
export async function runSettled<Group extends Declarations>(
  { command, options, said, execute, path, evidence }: Given<Group> & {
    said: SaidOfOption<typeof shardOptions>;
    /** Of the configuration, if there is one. */
    path?: string;
    /** What keeps the verdict, if the command line says so. */
    evidence?: EvidenceKeeper;
  },
  run: (settled: Values<Group> & Settled) => Promise<Verdict | Outcome>,
): Promise<void> {
  await execute(said as CommonOptions, async (job) => {
    const env = Deno.env.toObject();
    let config: Config | undefined;
    try {
      config = path === undefined ? undefined : await readShare(path, env, said.shard);
    } catch (error) {
      return await runJob(command.name(), { ...job, evidence }, () => Promise.reject(error));
    }
    // A configuration's time limit and store hold for every run.
    const all: Declarations = { ...timeoutOptions, ...storeOptions, ...options };
    const values = settle(all, said as SaidOfOption<Declarations>, config && valuesAt(all, config));
    const settled: Settled = {
      ...job,
      evidence,
      ...(config && { config, configuration: describe(config, said.shard) }),
      env,
      ...values,
      store: partOf(storeOptions, values) as Settled["store"],
    };
    return await run(settled as Values<Group> & Settled);
  });
}

async function readShare(path: string, env: Record<string, string>, shard: Shard | undefined): Promise<Config> {
  const { readConfig } = await import("../config/read_config.ts"); // with it comes zod
  const whole = await readConfig(path, env);
  return shard ? shardOf(whole, shard) : whole;
}

function describe({ path, sha256 }: Config, shard: Shard | undefined): JobOptions["configuration"] {
  return { path, sha256, ...(shard && { shard: `${shard.index}/${shard.count}` }) };
}
