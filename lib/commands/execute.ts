import { printableJsonPieces, withoutControls } from "../report/printable.ts";
import { openDisplay } from "../report/progress/open_display.ts";
import { describeTerminal, type Terminal, type TerminalStream, writeWhole } from "../report/progress/terminal.ts";
import type { Screen } from "../report/summary/screen.ts";
import { summarize } from "../report/summary/summary.ts";
import { annotate, reportToSurroundings } from "../report/surroundings.ts";
import type { JobOptions } from "../run/job.ts";
import type { Interruption } from "../system/signals.ts";
import { traceTo } from "../system/trace.ts";
import { exitStatus, type Verdict } from "../verdict/verdict.ts";

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
