import type { Job } from "../../run/job.ts";
import type { Recovery } from "../../verdict/verdict.ts";
import { policyUnknown, rpoExceeded } from "../whole_system/findings/policy.ts";

/**
 * Holds the recovery point of a drill against its limit. What could not be measured does not pass: without a mark only an
 * upper limit of the loss is known, which is enough where it is within the limit, and says nothing where it is not.
 */
export function holdRecoveryPoint(
  job: Job,
  { rpo_ms, lost_at_most_ms: most }: Recovery,
  { limit, isLatest }: { limit: number; isLatest: boolean },
): void {
  const actual = rpo_ms ?? (most !== undefined && most <= limit ? most : undefined);
  const assertion = { name: "policy: rpo", expected: limit };
  if (actual === undefined) {
    job.assert({ ...assertion, actual: null, ok: false, not_run: true });
    job.leaveOpen(isLatest ? policyUnknown.withoutMark({ limit }) : policyUnknown.ofTarget());
    return;
  }
  const ok = actual <= limit;
  job.assert({ ...assertion, actual, ok });
  if (!ok) job.find(rpoExceeded.recovered({ expected: limit, actual }));
}
