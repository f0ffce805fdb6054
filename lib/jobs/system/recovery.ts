import type { Policy } from "../../config/policy_schema.ts";
import type { Recovery } from "../../verdict/verdict.ts";

export interface RecoveryMoments {
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
  const entries = {
    rto_ms: lastRequired && lastRequired.getTime() - startedAt.getTime(),
    rto_limit_ms: policy.rto,
    rpo_ms: since(oldest, incidentAt ?? startedAt),
    rpo_limit_ms: policy.rpo,
    backup_age_ms: since(oldest, startedAt),
    backup_age_limit_ms: policy.max_backup_age,
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
