import { makeSandbox } from "../system/isolation/make_sandbox.ts";
import { isolationIncomplete, isolationMissing } from "./findings.ts";
import type { Job } from "../run/job.ts";

/** Whose dump it is, as far as is known before anything of it is read. */
interface Trust {
  /** Whether the operator trusts all who can write it. */
  trustDump?: boolean;
  /** Keys that the operator trusts: what none of them signed is refused when it is fetched. */
  trustedKeys?: readonly string[];
}

/**
 * Records how far what is restored in a throwaway cluster is kept from this host, and refuses what no key vouches for where
 * next to nothing does: a dump is a program. To be called before anything of it is read or unpacked.
 *
 * @throws {OperatorError} `ISOLATION_MISSING`
 */
export async function requireIsolation(job: Job, { trustDump = false, trustedKeys = [] }: Trust): Promise<void> {
  const { isolation } = await makeSandbox();
  job.record({ isolation });
  if (isolation.level === "full") return;
  const { level, lacks } = isolation;
  if (level === "namespaces") return job.find(isolationIncomplete.sharedAccount());
  if (!trustDump && trustedKeys.length === 0) throw isolationMissing.error({ lacks });
  job.find(isolationIncomplete.lacking({ lacks }));
}
