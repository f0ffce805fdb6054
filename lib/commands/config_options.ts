import { type CommandUnknownOpts, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { findConfig } from "../config/find_config.ts";
import type { Shard } from "../config/shard.ts";
import { jobNameOf } from "../options/declared.ts";

// The options about the configuration that several commands share.

export const configOption = () =>
  new Option(
    "--config <file>",
    "the configuration (default: ./pgrehearse.jsonc, not for root; else /etc/pgrehearse/pgrehearse.jsonc)",
  );

export const incidentAtOption = () =>
  new Option("--incident-at <time>", "time of the incident (default: now); no newer backup is taken unless it is named")
    .argParser(moment);

export const beforeOption = () =>
  new Option("--before <time>", "the newest backup whose snapshot was taken before this time").argParser(moment);

export const drilledOption = () => new Option("--drilled", "the newest backup that passed a drill");

export const reviewedByOption = () =>
  new Option("--reviewed-by <name>", "who reviewed the checks that need review; required for a pass");

export const shardOption = () =>
  new Option(
    "--shard <index/count>",
    "only a share of the configuration's databases, such as 0/4, and what belongs to them",
  ).argParser(shard);

/** The configuration to use, and which options it must not change, as jobs take them. */
export interface ConfigChoice {
  config?: string;
  given: ReadonlySet<string>;
}

/**
 * Chooses the configuration: the one that was named, or, where the command line does not say what is meant by itself, the
 * one that lies at hand.
 */
export async function chooseConfig(
  command: CommandUnknownOpts,
  named: string | undefined,
  { isSaid }: { isSaid: boolean },
): Promise<ConfigChoice> {
  const options = command.opts() as Record<string, unknown>;
  // An empty variable says nothing.
  const given = Object.keys(options).filter((name) => {
    const source = command.getOptionValueSource(name);
    return source === "cli" || (source === "env" && options[name] !== "");
  });
  const config = named ?? (isSaid ? undefined : await findConfig());
  if (config === undefined && given.includes("shard")) command.error("error: --shard needs a configuration");
  return { config, given: new Set(given.map(jobNameOf)) };
}

export const fromOrConfigOption = () =>
  new Option("--from <store>", "the directory or s3://bucket/prefix that holds backups; else the configuration's");

/** The store that a command looks at, named or the configuration's, as jobs take it. */
export async function chooseStore(
  command: CommandUnknownOpts,
  { from, config }: { from?: string; config?: string },
): Promise<ConfigChoice & { env: Record<string, string> }> {
  const choice = await chooseConfig(command, config, { isSaid: from !== undefined });
  if (from === undefined && choice.config === undefined) {
    command.error("error: required option '--from <store>' not specified, and there is no configuration");
  }
  return { ...choice, env: Deno.env.toObject() };
}

function moment(text: string): Date {
  // Postgres prints 2026-01-02 03:04:05+00.
  const written = text.replace(/^(\S+) /, "$1T").replace(/(:[\d.]+[+-]\d\d)$/, "$1:00");
  const at = new Date(written);
  const isUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(written);
  if (isUtc && !Number.isNaN(at.getTime())) return at;
  throw new InvalidArgumentError("It must be a time with its zone, such as 2026-01-02T03:04:05Z.");
}

function shard(text: string): Shard {
  const [index, count] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).slice(1).map(Number);
  if (index < count) return { index, count };
  throw new InvalidArgumentError("It must be INDEX/COUNT, counted from 0: 0/4, 1/4, 2/4 and 3/4.");
}
