import type { Amount } from "../../system/amount.ts";
import type { Phase } from "../../verdict/verdict.ts";

/** What happens while a job runs, for whoever shows it. Phases may overlap; those that do have different names. */
export type Progress =
  | { kind: "phase_started"; name: string }
  | { kind: "measured"; name: string; amount: Amount }
  /** A phase has ended, well or not. */
  | { kind: "phase"; phase: Phase; failed: boolean }
  | { kind: "message"; message: string };
