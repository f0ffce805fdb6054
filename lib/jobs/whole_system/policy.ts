import type { Policy } from "../../config/policy_schema.ts";
import type { OperatorError } from "../../system/operator_error.ts";
import type { Assertion, Finding, Isolation, Recovery, Restored } from "../../verdict/verdict.ts";
import { noEvidence } from "../findings.ts";
import {
  backupAgeExceeded,
  isolationTooWeak,
  notChecksummed,
  notEncrypted,
  notSigned,
  policyUnknown,
  proofTooWeak,
  rpoExceeded,
  rtoExceeded,
} from "./findings/policy.ts";
import type { Job } from "../../run/job.ts";

/** What a policy is held against. */
interface Measured {
  recovery: Recovery;
  restored: readonly Pick<Restored, "database" | "proof">[];
  /** Whether every backup is encrypted; `undefined` where none was found. */
  isEncrypted?: boolean;
  /** Whether a trusted key signed every manifest; `undefined` where no backup was found. */
  isSigned?: boolean;
  /** Whether every dump was held against its manifest; `undefined` where that is not known. */
  isChecksummed?: boolean;
  /** How far what was restored was kept from this host; `undefined` where nothing was restored. */
  isolation?: Isolation;
  isKeptAsEvidence: boolean;
  /** Whether the run broke off, and says why. */
  brokeOff?: boolean;
}

/** The more, the further to the right. */
const isolations: readonly Isolation["level"][] = ["none", "server", "account", "namespaces", "full"];
const proofs = ["restored", "recovered", "checked", "exact"] as const;
type Proof = typeof proofs[number];

function reaches<Rank>(ranks: readonly Rank[], actual: Rank | undefined, asked: Rank): boolean {
  return actual !== undefined && ranks.indexOf(actual) >= ranks.indexOf(asked);
}

function requiredIsolation({ require_isolation: asked }: Policy): Isolation["level"] | undefined {
  return (asked === true ? "full" : asked) || undefined;
}

/** Compares a run with its policy. A limit that could not be measured does not pass. */
export function holdAgainstPolicy(job: Job, policy: Policy, measured: Measured): void {
  const { recovery, restored } = measured;
  for (const { name, limit, actual, finding } of limitsOf(policy, recovery)) {
    const ok = actual !== undefined && actual <= limit;
    assert(job, { name, expected: limit, actual, ok }, () => finding({ expected: limit, actual: actual! }));
  }
  if (policy.require_proof !== undefined) {
    const expected = policy.require_proof;
    const actual = weakestProof(restored);
    const ok = reaches(proofs, actual, expected);
    assert(
      job,
      { name: "require_proof", ok, expected, actual },
      () => proofTooWeak.measured({ expected, actual: actual! }),
    );
  }
  const expected = requiredIsolation(policy);
  if (expected) {
    const actual = measured.isolation?.level;
    const ok = reaches(isolations, actual, expected);
    assert(
      job,
      { name: "require_isolation", ok, expected, actual },
      () => isolationTooWeak.measured({ expected, actual: actual! }),
    );
  }
  for (const { name, actual, finding } of demandsOf(policy, measured)) {
    assert(job, { name, ok: actual === true, expected: true, actual }, () => finding());
  }
  if (!measured.brokeOff) sayWhatIsUnknown(job);
}

/** The limits that a policy sets, and what was measured. */
function limitsOf(policy: Policy, recovery: Recovery) {
  // Where no incident was named, what would be lost is what the backup's age says.
  const exceeded = recovery.rpo_ms === recovery.backup_age_ms ? rpoExceeded.now : rpoExceeded.atIncident;
  const limits = [
    { name: "rto" as const, actual: recovery.rto_ms, finding: rtoExceeded },
    { name: "rpo" as const, actual: recovery.rpo_ms, finding: exceeded },
    { name: "max_backup_age" as const, actual: recovery.backup_age_ms, finding: backupAgeExceeded },
  ];
  return limits.flatMap((each) => {
    const limit = policy[each.name];
    return limit === undefined ? [] : [{ ...each, limit }];
  });
}

/** What of a policy's limits is known to be exceeded. */
export function brokenLimits(policy: Policy, recovery: Recovery): OperatorError[] {
  return limitsOf(policy, recovery)
    .flatMap(({ actual, limit, finding }) =>
      actual !== undefined && actual > limit ? [finding.error({ expected: limit, actual })] : []
    );
}

/** What a policy demands of backups and runs, and how it is with each. */
function demandsOf(policy: Policy, measured: KnownBeforehand | Omit<Measured, "isolation">) {
  const demands = [
    { name: "require_encryption" as const, actual: measured.isEncrypted, finding: notEncrypted },
    { name: "require_signature" as const, actual: measured.isSigned, finding: notSigned },
    { name: "require_checksum" as const, actual: measured.isChecksummed, finding: notChecksummed },
    { name: "require_evidence" as const, actual: measured.isKeptAsEvidence, finding: noEvidence.required },
  ];
  return demands.filter(({ name }) => policy[name] === true);
}

/** What is known before a run begins. */
interface KnownBeforehand extends Partial<Pick<Measured, "isEncrypted" | "isSigned" | "isChecksummed">> {
  isKeptAsEvidence?: boolean;
  /** How much can be proven at most. */
  mostProof?: Proof;
  isolation?: Isolation["level"];
}

/**
 * Holds a run against what its policy demands and is known before it begins. What is not known yet is held at the end.
 *
 * @throws {OperatorError} `NOT_ENCRYPTED`, `NOT_SIGNED`, `NOT_CHECKSUMMED`, `NO_EVIDENCE`, `PROOF_TOO_WEAK`,
 *   `ISOLATION_TOO_WEAK`; a failure, for it will be one.
 */
export function requireBeforehand(policy: Policy, known: KnownBeforehand): void {
  const broken = demandsOf(policy, known).find(({ actual }) => actual === false);
  if (broken) throw broken.finding.error();
  const { mostProof, isolation } = known;
  const { require_proof } = policy;
  if (mostProof && require_proof && !reaches(proofs, mostProof, require_proof)) {
    throw proofTooWeak.beforehand.error({ expected: require_proof, actual: mostProof });
  }
  const expected = requiredIsolation(policy);
  if (isolation && expected && !reaches(isolations, isolation, expected)) {
    throw isolationTooWeak.beforehand.error({ expected, actual: isolation });
  }
}

/** A run that failed says why already. */
function sayWhatIsUnknown(job: Job): void {
  const unknown = job.soFar().assertions.filter(({ name, not_run }) => not_run && name.startsWith("policy: "));
  if (unknown.length === 0 || job.hasFailed()) return;
  job.leaveOpen(policyUnknown.rules({ rules: unknown.map(({ name }) => name.replace("policy: ", "")) }));
}

/** How much is proven of every database. */
export function weakestProof(restored: Measured["restored"]): Proof | undefined {
  const ranks = restored.map(({ proof }) => proof === undefined ? -1 : proofs.indexOf(proof));
  return proofs[Math.min(...ranks, restored.length === 0 ? -1 : proofs.length)];
}

function assert(job: Job, { name, actual, ...assertion }: Assertion, finding: () => Finding): void {
  const isKnown = actual !== undefined;
  job.assert({
    name: `policy: ${name}`,
    ...assertion,
    actual: actual ?? null,
    ...(!isKnown && { not_run: true as const }),
  });
  if (!assertion.ok && isKnown) job.find(finding());
}
