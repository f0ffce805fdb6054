import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Config } from "../config/read_config.ts";
import { shardOf } from "../config/shard.ts";
import type { shardOptions } from "../options/config_options.ts";
import type { Declarations, SaidOfOption, Values } from "../options/declaration.ts";
import { timeoutOptions } from "../options/run_options.ts";
import { partOf, settle, valuesAt } from "../options/settle.ts";
import type { Shard } from "../options/shard.ts";
import { storeOptions } from "../options/store_options.ts";
import { printableJsonPieces, withoutControls } from "../report/printable.ts";
import { openDisplay } from "../report/progress/open_display.ts";
import { describeTerminal, type Terminal, type TerminalStream, writeWhole } from "../report/progress/terminal.ts";
import type { Screen } from "../report/summary/screen.ts";
import { summarize } from "../report/summary/summary.ts";
import { annotate, reportToSurroundings } from "../report/surroundings.ts";
import type { EvidenceKeeper, JobOptions } from "../run/job.ts";
import { runJob } from "../run/run_job.ts";
import type { StoreOptions } from "../storage/store.ts";
import type { Interruption } from "../system/signals.ts";
import { traceTo } from "../system/trace.ts";
import { exitStatus, type Verdict } from "../verdict/verdict.ts";
import { declareOptions, readSaid } from "./declare_options.ts";

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

/** What every command's options hold. */
export interface CommonOptions {
  quiet?: boolean;
  debug?: boolean;
  /** False under `--no-progress`. */
  progress?: boolean;
  /** What stdout gets. @default {text on a terminal, else json} */
  output?: "text" | "json";
  json?: boolean;
}

/** A verdict, and the document to print instead of it where the command makes one. */
interface Outcome {
  verdict: Verdict;
  document?: unknown;
}

/** Runs a job and reports its verdict. */
export type Execute = (
  options: CommonOptions,
  run: (job: JobOptions) => Promise<Verdict | Outcome>,
) => Promise<void>;

/**
 * Runs a job, prints its verdict on stdout and the summary on stderr; or, where people look at stdout, the summary there.
 *
 * @returns The exit status.
 */
export async function execute(
  { quiet = false, debug = false, progress = true, output, json = false }: CommonOptions,
  { signal, exitStatus: interrupted }: Interruption,
  run: (job: JobOptions) => Promise<Verdict | Outcome>,
): Promise<number> {
  const terminal = describeTerminal(Deno.stderr, Deno.env.toObject());
  const display = openDisplay(terminal, { quiet, phases: progress, plain: debug });
  if (debug && !quiet) traceTo(display.say);
  const outcome = await run({ signal, onProgress: display.show, measured: display.isMeasured, debug })
    .finally(() => display.end());
  const { verdict, document = verdict } = "schema" in outcome ? { verdict: outcome } : outcome;
  const asText = output === "text" || (output === undefined && !json && Deno.stdout.isTerminal());
  const read = asText ? describeTerminal(Deno.stdout, Deno.env.toObject()) : terminal;
  // What is wrong is said even where nothing else is: cron mails it.
  if (asText || !quiet || verdict.verdict !== "pass") read.write(`${summarize(verdict, screenOf(read))}\n`);
  if (Deno.env.get("GITHUB_ACTIONS") === "true") {
    for (const line of annotate(verdict)) print(Deno.stderr, line);
  }
  if (!asText) {
    for (const piece of printableJsonPieces(document)) writeWhole(Deno.stdout, piece);
    writeWhole(Deno.stdout, "\n");
  }
  const untold = await reportToSurroundings(verdict, Deno.env.toObject(), signal);
  if (!quiet) { for (const problem of untold) print(Deno.stderr, problem); }
  return interrupted() ?? exitStatus(verdict.verdict);
}

/** A log is not a screen, although `COLUMNS` may be set: its lines are neither broken nor left out. */
function screenOf({ canRedraw, hasColor, columns, rows }: Terminal): Screen {
  return canRedraw ? { columns: columns(), rows: rows(), hasColor } : {};
}

/** Writes a line, or several. Nothing in it is obeyed by a terminal. */
export function print(stream: Pick<TerminalStream, "writeSync">, line: string): void {
  writeWhole(stream, `${withoutControls(line)}\n`);
}
