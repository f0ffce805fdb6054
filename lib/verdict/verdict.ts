import type { z } from "zod";
import type { listedBackupSchema, retentionSchema } from "./backups_schema.ts";
import type { recoveryWindowSchema } from "./window_schema.ts";
import type { evidenceLogSchema, evidenceSchema } from "./evidence_schema.ts";
import type { controlSchema, historyRunSchema, trendSchema } from "./history_schema.ts";
import type {
  assertionSchema,
  backupSchema,
  chainSnapshotSchema,
  checkSchema,
  comparedSchema,
  contentsSchema,
  findingSchema,
  isolationSchema,
  noteSchema,
  phaseSchema,
  prerequisiteSchema,
  recoverySchema,
  restoredSchema,
  triedMutationSchema,
  verdictSchema,
} from "./verdict_schema.ts";

// Types only: printing a verdict does not load the schema's library.

/** What every command prints; see {@linkcode verdictSchema}. */
export type Verdict = z.infer<typeof verdictSchema>;
export type Assertion = z.infer<typeof assertionSchema>;
export type CheckOutcome = z.infer<typeof checkSchema>;
export type Recovery = z.infer<typeof recoverySchema>;
export type RecoveryWindow = z.infer<typeof recoveryWindowSchema>;
export type Restored = z.infer<typeof restoredSchema>;
export type Isolation = z.infer<typeof isolationSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type Phase = z.infer<typeof phaseSchema>;
export type Note = z.infer<typeof noteSchema>;
export type Prerequisite = z.infer<typeof prerequisiteSchema>;
export type Backup = z.infer<typeof backupSchema>;
export type TriedMutation = z.infer<typeof triedMutationSchema>;
export type ListedBackup = z.infer<typeof listedBackupSchema>;
export type Evidence = z.infer<typeof evidenceSchema>;
export type EvidenceLog = z.infer<typeof evidenceLogSchema>;
export type HistoryRun = z.infer<typeof historyRunSchema>;
export type Trend = z.infer<typeof trendSchema>;
export type Control = z.infer<typeof controlSchema>;
export type Retention = z.infer<typeof retentionSchema>;
export type Compared = z.infer<typeof comparedSchema>;
export type Contents = z.infer<typeof contentsSchema>;
export type ChainSnapshot = z.infer<typeof chainSnapshotSchema>;

/** The exit status that says this verdict. */
export function exitStatus(verdict: Verdict["verdict"]): number {
  return { pass: 0, fail: 1, unknown: 2 }[verdict];
}
