import type { JobOptions } from "../jobs/run_job.ts";
import { annotate } from "../report/github.ts";
import type { Progress } from "../report/progress/progress.ts";
import { summarize } from "../report/summary.ts";
import type { Interruption } from "../system/signals.ts";
import { exitStatus, type Verdict } from "../verdict/verdict.ts";

/** What every command's options hold. */
export interface CommonOptions {
  quiet?: boolean;
  debug?: boolean;
}

/** A verdict, and the document to print instead of it where the command makes one. */
export interface Outcome {
  verdict: Verdict;
  document?: unknown;
}

/** Runs a job and reports its verdict. */
export type Execute = (
  options: CommonOptions,
  run: (job: JobOptions) => Promise<Verdict | Outcome>,
) => Promise<void>;

/**
 * Runs a job, prints its verdict on stdout and the summary on stderr.
 *
 * @returns The exit status.
 */
export async function execute(
  { quiet = false, debug = false }: CommonOptions,
  { signal, exitStatus: interrupted }: Interruption,
  run: (job: JobOptions) => Promise<Verdict | Outcome>,
): Promise<number> {
  const say = (text: string) => quiet || print(Deno.stderr, text);
  const onProgress = (progress: Progress) => {
    if (progress.kind === "message" || progress.kind === "phase") say(describe(progress));
  };
  const outcome = await run({ signal, onProgress, debug });
  const { verdict, document = verdict } = "schema" in outcome ? { verdict: outcome } : outcome;
  say(summarize(verdict));
  if (Deno.env.get("GITHUB_ACTIONS") === "true") {
    for (const line of annotate(verdict)) print(Deno.stderr, line);
  }
  print(Deno.stdout, JSON.stringify(document, null, 2));
  return interrupted() ?? exitStatus(verdict.verdict);
}

function describe(progress: Progress & { kind: "message" | "phase" }): string {
  if (progress.kind === "message") return `  ${progress.message}`;
  const { name, duration_ms } = progress.phase;
  return `  ${name.padEnd(16)} ${String(duration_ms).padStart(6)} ms`;
}

/** Writes a line, whole, even into a pipe that takes it in pieces; nobody reading any more is no error. */
export function print(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  let bytes = new TextEncoder().encode(line + "\n");
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
