import type { RecoveryTarget } from "../../physical/recovery_target.ts";
import type { JobOptions } from "../../run/job.ts";

/** How thoroughly a recovered cluster is looked at. */
type VerifyLevel = "quick" | "standard" | "full";

/** Which physical backup to recover, and how far. */
export interface PhysicalDrillOptions extends JobOptions {
  /** Where backups come from, as `--physical` has it. */
  physical: string;
  walArchive?: string;
  restoreCommand?: string;
  pgbackrestConfig?: string;
  barmanConfig?: string;
  /** The name of a backup. @default {the newest that leads to the target} */
  set?: string;
  target: RecoveryTarget;
  verify: VerifyLevel;
  /** How far before the drill the last commit that came back may be. */
  rpoLimitMs?: number;
  pgBin?: string;
  /** Relations that are checked at the same time. */
  jobs: number;
  /** What the operator's own commands get. */
  env: Record<string, string>;
}
