import { afterGrace } from "../system/timer.ts";
import { openStore } from "../storage/open_store.ts";
import { readSigningKey } from "./signing_key.ts";
import type { Evidence, Finding, Verdict } from "../verdict/verdict.ts";
import { appendEvidence } from "./evidence_log.ts";
import { evidenceUnguarded } from "./findings.ts";
import type { StoreOptions } from "../storage/store.ts";

/** The run whose verdict is kept: what is asked of it. */
interface Run {
  keepVerdict(keep: (verdict: Verdict, signal: AbortSignal) => Promise<void>): void;
  record(fields: { evidence: Evidence }): void;
  find(finding: Finding): void;
}

/** How long a run that is to stop still has to keep its evidence. */
const graceMs = 10_000;

/**
 * Has the job's verdict signed and added to the evidence log when everything else has kept it, whatever it is: a failed
 * or interrupted run is evidence, too. If it cannot be, the verdict does not pass.
 *
 * The key is read now: who lacks it learns so before the work, not after.
 *
 * @throws {OperatorError} `SIGNING_KEY_EXPOSED`, `SIGNING_KEY_UNREADABLE`, `BAD_SIGNING_KEY`.
 */
export async function keepEvidence(run: Run, options: EvidenceOptions) {
  const key = await readSigningKey(options.signingKey);
  run.keepVerdict(async (verdict: Verdict, signal) => {
    using stopping = afterGrace(signal, graceMs);
    const store = await openStore(options.to, { ...options.store, signal: stopping.signal });
    try {
      const { evidence, isGuarded } = await appendEvidence(store, verdict, key);
      run.record({ evidence });
      if (isGuarded) return;
      run.find(evidenceUnguarded({ store: store.address }));
    } finally {
      await store.close();
    }
  });
}

/** Where a verdict is kept as evidence, and who signs it. */
export interface EvidenceOptions {
  /** A directory or `s3://bucket/prefix`. */
  to: string;
  /** The file with the private key. */
  signingKey: string;
  /** How to reach the bucket. */
  store?: Omit<StoreOptions, "signal">;
}
