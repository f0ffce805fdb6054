import { runJob } from "../../run/run_job.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { backupTooOld } from "../store/findings.ts";
import { examineWindow } from "./examine_window.ts";
import type { RecoveryWindowOptions } from "./recovery_window.ts";
import { openPhysicalSource } from "../../physical/open_source.ts";

interface PhysicalStatusOptions extends RecoveryWindowOptions {
  /** How old the newest backup may be. */
  maxAgeMs: number;
}

/** Says whether a cluster has a fresh physical backup, and whether every moment since can be recovered. */
export function statusPhysical(options: PhysicalStatusOptions): Promise<Verdict> {
  return runJob("status", options, async (job) => {
    const source = await openPhysicalSource(options.physical, { ...options, signal: job.signal });
    const newest = await examineWindow(job, source, options);
    const endedAt = newest?.stoppedAt ?? newest?.startedAt;
    if (!newest || !endedAt) return;
    const { maxAgeMs } = options;
    const ageMs = Date.now() - endedAt.getTime();
    if (ageMs <= maxAgeMs) return;
    job.find(backupTooOld({ backup: newest.name, database: source.name, ageMs, maxAgeMs, otherServer: undefined }));
  });
}
