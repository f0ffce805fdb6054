import type { JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { examineWindow } from "./examine_window.ts";
import { openPhysicalSource } from "../../physical/open_source.ts";
import type { SourceOptions } from "../../physical/source.ts";

export interface RecoveryWindowOptions extends JobOptions, Omit<SourceOptions, "signal"> {
  /** Where backups come from, as `--physical` has it. */
  physical: string;
  /** How long ago the newest moment may be. */
  rpoLimitMs?: number;
}

/** Says from when to when a cluster can be recovered, gap by gap, without restoring anything. */
export function windowOfRecovery(options: RecoveryWindowOptions): Promise<Verdict> {
  return runJob("recovery-window", options, async (job) => {
    await examineWindow(job, await openPhysicalSource(options.physical, { ...options, signal: job.signal }), options);
  });
}
