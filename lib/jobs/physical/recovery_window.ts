import type { JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { examineWindow } from "./examine_window.ts";
import { openSource, type SourceOf } from "./source_of.ts";

export interface RecoveryWindowOptions extends JobOptions, SourceOf {
  /** How long ago the newest moment may be. */
  rpoLimitMs?: number;
}

/** Says from when to when a cluster can be recovered, gap by gap, without restoring anything. */
export function windowOfRecovery(options: RecoveryWindowOptions): Promise<Verdict> {
  return runJob("recovery-window", options, async (job) => {
    await examineWindow(job, await openSource(options, job.signal), options);
  });
}
