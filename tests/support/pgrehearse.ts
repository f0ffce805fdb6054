import { fileURLToPath } from "node:url";
import { verdictSchema } from "../../lib/verdict/verdict_schema.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";

const [main, config] = ["main.ts", "deno.json"].map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)));

export interface Invocation {
  /** Added to a bare environment: no PG variable of the developer's reaches the program. */
  env?: Record<string, string>;
  /** @default {the test's own} */
  cwd?: string;
  /** @default {nothing} */
  stdin?: string;
}

export interface Outcome extends ProgramOutput {
  /** What stdout held; parsing proves that it was one verdict and nothing else. */
  verdict: Verdict;
}

/** The program under way, as a separate process. */
export interface RunningProgram {
  readonly pid: number;
  /** Without effect once it has ended. */
  kill(signal: Deno.Signal): void;
  /** Waits until stderr has said something that contains `text`, or the program has ended. */
  untilItSays(text: string): Promise<void>;
  /** Waits until a phase has ended, or the program has. */
  untilPhaseEnded(name: string): Promise<void>;
  /** Waits until it has ended. */
  output(): Promise<ProgramOutput>;
}

export interface ProgramOutput {
  status: number;
  stdout: string;
  stderr: string;
}

/** Starts the program as its users do. */
export function startPgrehearse(args: string[], { env = {}, cwd, stdin }: Invocation = {}): RunningProgram {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "--no-prompt", "--quiet", "-P", "--config", config, main, ...args],
    cwd,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    clearEnv: true,
    env: { ...bareEnvironment(), ...env },
  }).spawn();
  if (stdin !== undefined) new Blob([stdin]).stream().pipeTo(child.stdin);
  let said = "";
  let isRunning = true;
  const stdout = new Response(child.stdout).text();
  const stderr = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
    return said;
  })();
  child.status.then(() => isRunning = false);
  const until = async (isSo: () => boolean) => {
    while (isRunning && !isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return {
    pid: child.pid,
    kill(signal) {
      if (isRunning) child.kill(signal);
    },
    untilItSays: (text) => until(() => said.includes(text)),
    untilPhaseEnded: (name) => until(() => new RegExp(`^ {2}${name} +\\d`, "m").test(said)),
    output: async () => ({ stdout: await stdout, stderr: await stderr, status: (await child.status).code }),
  };
}

/** Runs the program to its end. */
export async function pgrehearse(args: string[], invocation?: Invocation): Promise<Outcome> {
  return outcomeOf(await startPgrehearse(args, invocation).output());
}

/** Reads what a finished run printed. Throws if stdout is not exactly one verdict. */
export function outcomeOf(output: ProgramOutput): Outcome {
  if (!output.stdout.startsWith("{")) throw new Error(`no verdict on stdout: ${output.stdout}\n${output.stderr}`);
  return { ...output, verdict: verdictSchema.parse(JSON.parse(output.stdout)) };
}

function bareEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "PGREHEARSE_PG_BIN", "TMPDIR"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }).concat([["PGREHEARSE_RETRY_FOR", "0s"]]),
  );
}
