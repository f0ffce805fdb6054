import type { RecoveryTarget } from "../../physical/recovery_target.ts";
import type { WhichBackup } from "../../fetch/choose_backup.ts";
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
  /** A manifest to recover to and to compare with: a file, or a name in `from`, or `latest`. */
  mark?: string;
  /** The store that holds the mark. */
  from?: string;
  store?: WhichBackup["store"];
  trustedKeys?: string[];
  verify: VerifyLevel;
  /** How far before the drill the last commit that came back may be. */
  rpoLimitMs?: number;
  pgBin?: string;
  /** Relations that are checked at the same time. */
  jobs: number;
  /** What the operator's own commands get. */
  env: Record<string, string>;
}
