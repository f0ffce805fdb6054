import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** What Deno lets a program do, and what most commands need all of. */
type Right = "run" | "net" | "write";

const all: readonly Right[] = ["run", "net", "write"];

/** Of commands that need less. What looks into a store needs more where that is, or may be, a bucket. */
const needs: Record<string, { rights: readonly Right[]; store?: boolean }> = {
  list: { rights: [], store: true },
  status: { rights: [], store: true },
  prune: { rights: ["write"], store: true },
  history: { rights: [], store: true },
  controls: { rights: [], store: true },
  "verify-evidence": { rights: [], store: true },
  report: { rights: ["write"], store: true },
  explain: { rights: [] },
  keygen: { rights: ["write"] },
  init: { rights: ["write"] },
  completion: { rights: [] },
  man: { rights: [] },
};

/** Options that make a command write which otherwise reads; a store's writer has a guard, a process. */
const written: Record<string, readonly Right[]> = {
  evidenceTo: ["run", "write"],
  headFile: ["write"],
  markdown: ["write"],
  sigstoreBundle: ["write"],
};

/**
 * What a run needs, by its command line and its environment.
 *
 * @param options What is said of them, by their names.
 */
export function rightsNeeded(
  name: string,
  { args, options, env }: {
    args: readonly string[];
    options: Record<string, unknown>;
    env: Record<string, string | undefined>;
  },
): Set<Right> {
  const known = needs[name];
  if (known === undefined || (known.store && isConfigured(args, options))) return new Set(all);
  const rights = new Set(known.rights);
  if (known.store && namesBucket(args, options)) {
    if (!hasCredentials(env)) return new Set(all);
    rights.add("net");
  }
  for (const [option, added] of Object.entries(written)) {
    if (options[option] !== undefined) { for (const right of added) rights.add(right); }
  }
  if (env.GITHUB_STEP_SUMMARY) rights.add("write");
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) rights.add("net");
  return rights;
}

/** A configuration is read later: it may name a bucket, whom to tell, and where evidence goes. */
function isConfigured(args: readonly string[], options: Record<string, unknown>): boolean {
  return options.configPath !== undefined || (options.from === undefined && args.length === 0);
}

function namesBucket(args: readonly string[], options: Record<string, unknown>): boolean {
  return [...args, ...Object.values(options).flat()].some((value) => /^s3:/i.test(String(value)));
}

/** Elsewhere the SDK may start a program for them (`credential_process`), and keep what it was given in files. */
function hasCredentials(env: Record<string, string | undefined>): boolean {
  return Boolean(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) && !env.AWS_PROFILE;
}

/** Gives up, for the rest of this process, what a command does not need. Nothing brings it back. */
export async function keepNeededRights(command: CommandUnknownOpts, said: Record<string, unknown>): Promise<void> {
  const needed = rightsNeeded(command.name(), {
    args: command.args,
    options: said,
    env: Deno.env.toObject(),
  });
  for (const name of all) if (!needed.has(name)) await Deno.permissions.revoke({ name });
}
