import type { Amount } from "../../system/amount.ts";
import { durationText } from "../../system/quantities.ts";
import type { Phase } from "../../verdict/verdict.ts";

/** What happens while a job runs, for whoever shows it. Phases may overlap; those that do have different names. */
export type Progress =
  | { kind: "phase_started"; name: string }
  | { kind: "measured"; name: string; amount: Amount }
  /** A phase has ended, well or not. */
  | { kind: "phase"; phase: Phase; failed: boolean }
  | { kind: "message"; message: string };

/** Shows a run while it goes on. */
export interface ProgressDisplay {
  /** Whether it shows how far a phase has come. */
  readonly isMeasured: boolean;
  show(progress: Progress): void;
  /** Writes a line, or several, without tearing what is drawn. */
  say(text: string): void;
  /** Takes away what is drawn. Nothing is shown after it. */
  end(): void;
}

/** `  dump              1.2 s`. */
export function phaseLine(name: string, text: string): string {
  return `  ${name.padEnd(16)} ${text}`;
}

/** What is said of a phase that has ended. */
export function endLine({ phase, failed }: Progress & { kind: "phase" }): string {
  return phaseLine(phase.name, durationText(phase.duration_ms).padStart(8) + (failed ? ", not completed" : ""));
}
