import type { Isolation } from "../verdict/verdict.ts";
import { isolationIncomplete, isolationMissing } from "../run/findings/running.ts";
import type { Job } from "../run/job.ts";

/** Whose dump it is, as far as is known. */
export interface Trust {
  /** A key that the operator trusts signed its manifest, or the operator said to trust it. */
  isTrusted: boolean;
}

/**
 * Records how far what is restored is kept from this host, and refuses what nobody vouches for where next to nothing
 * does: a dump is a program.
 *
 * @throws {OperatorError} `ISOLATION_MISSING`
 */
export function requireIsolation(job: Job, isolation: Isolation, { isTrusted }: Trust): void {
  job.record({ isolation });
  if (isolation.level === "full") return;
  const { level, lacks } = isolation;
  if (level === "namespaces") return job.find(isolationIncomplete.sharedAccount());
  if (!isTrusted) throw isolationMissing.error({ lacks });
  job.find(isolationIncomplete.lacking({ lacks }));
}
