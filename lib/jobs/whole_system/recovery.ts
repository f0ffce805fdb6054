import type { Policy } from "../../config/policy_schema.ts";
import type { Recovery } from "../../verdict/verdict.ts";
import { backupAfterIncident } from "./findings/steps.ts";
import type { Job } from "../../run/job.ts";

interface RecoveryMoments {
  startedAt: Date;
  /** When the last required thing had been looked at; absent if not everything is back. */
  lastRequired?: Date;
  /** Of each backup's snapshot; what is lost is what came after the oldest. */
  snapshots: Date[];
  /** When what was lost would have been lost. @default {startedAt} */
  incidentAt?: Date;
}

/** Measures recovery time and recovery point. What cannot be measured is left out. */
export function measureRecovery(
  { startedAt, lastRequired, snapshots, incidentAt }: RecoveryMoments,
  policy: Policy = {},
): Recovery {
  const oldest = snapshots.length === 0 ? undefined : Math.min(...snapshots.map((at) => at.getTime()));
  const since = (at: number | undefined, end: Date) => at === undefined ? undefined : Math.max(0, end.getTime() - at);
  // What was saved after the incident says nothing of what the incident lost.
  const isLater = incidentAt !== undefined && snapshots.some((at) => at > incidentAt);
  const entries = {
    // A clock that was put back meanwhile measures nothing.
    rto_ms: lastRequired && lastRequired >= startedAt ? lastRequired.getTime() - startedAt.getTime() : undefined,
    rto_limit_ms: policy.rto,
    rpo_ms: isLater ? undefined : since(oldest, incidentAt ?? startedAt),
    rpo_limit_ms: policy.rpo,
    backup_age_ms: since(oldest, startedAt),
    backup_age_limit_ms: policy.max_backup_age,
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

/** Records recovery time and recovery point of a run without a policy, at its end. */
export function recordRecovery(
  job: Job,
  { isBack = true, ...moments }: Omit<RecoveryMoments, "lastRequired"> & {
    /** Whether everything was restored. @default {true} */
    isBack?: boolean;
  },
): void {
  warnAboutLater(job, moments.snapshots, moments.incidentAt);
  const lastRequired = isBack && !job.hasFailed() ? new Date() : undefined;
  job.record({ recovery: measureRecovery({ ...moments, lastRequired }) });
}

/** That a backup was named which is from after the incident. */
export function warnAboutLater(job: Job, snapshots: readonly Date[], incidentAt: Date | undefined): void {
  if (!incidentAt || !snapshots.some((at) => at > incidentAt)) return;
  job.find(backupAfterIncident());
}
