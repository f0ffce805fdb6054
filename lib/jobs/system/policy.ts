import type { Policy } from "../../config/policy_schema.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Assertion, Finding, Isolation, Recovery, Restored } from "../../verdict/verdict.ts";
import type { Job } from "../job.ts";

/** What a policy is held against. */
export interface Measured {
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
const proofs = ["restored", "checked", "exact"] as const;

/** Holds a run against its policy. What could not be measured is no pass. */
export function holdAgainstPolicy(job: Job, policy: Policy, measured: Measured): void {
  const { recovery, restored } = measured;
  for (const { name, limit, actual, finding } of limitsOf(policy, recovery)) {
    assert(job, { name, expected: limit, actual, ok: actual !== undefined && actual <= limit }, finding);
  }
  if (policy.require_proof !== undefined) {
    const asked = policy.require_proof;
    const weakest = weakestProof(restored);
    const ok = weakest !== undefined && proofs.indexOf(weakest) >= proofs.indexOf(asked);
    assert(job, { name: "require_proof", ok, expected: asked, actual: weakest }, {
      code: "PROOF_TOO_WEAK",
      message: `The drill proves no more than ${weakest}, and the policy requires ${asked}.`,
      fix: "Make backups with pgrehearse backup: their manifests make an exact comparison possible.",
    });
  }
  if (policy.require_isolation) {
    const asked = policy.require_isolation === true ? "full" : policy.require_isolation;
    const { isolation } = measured;
    const ok = isolation !== undefined && isolations.indexOf(isolation.level) >= isolations.indexOf(asked);
    assert(job, { name: "require_isolation", ok, expected: asked, actual: isolation?.level }, {
      code: "ISOLATION_TOO_WEAK",
      message: `What was restored was isolated no further than ${isolation?.level}, and the policy requires ${asked}.`,
      fix:
        "Drill in a throwaway cluster, as root or as an account of its own that may make namespaces; doctor says more.",
    });
  }
  for (const { name, actual, finding } of demandsOf(policy, measured)) {
    assert(job, { name, ok: actual === true, expected: true, actual }, finding);
  }
  if (!measured.brokeOff) sayWhatIsUnknown(job);
}

/** The limits that a policy sets, and what was measured. */
function limitsOf(policy: Policy, recovery: Recovery) {
  const limits = [
    {
      name: "rto" as const,
      actual: recovery.rto_ms,
      finding: {
        code: "RTO_EXCEEDED",
        message: `Recovery took ${seconds(recovery.rto_ms)}, and the policy allows ${seconds(policy.rto)}.`,
        fix:
          "See which phase takes longest; restore with more --jobs, or on a faster disk, or change what is promised.",
      },
    },
    {
      name: "rpo" as const,
      actual: recovery.rpo_ms,
      finding: {
        code: "RPO_EXCEEDED",
        message: `The backup is ${seconds(recovery.rpo_ms)} older than the incident; the policy allows ${
          seconds(policy.rpo)
        }.`,
        fix: "Back up more often, or change what is promised.",
      },
    },
    {
      name: "max_backup_age" as const,
      actual: recovery.backup_age_ms,
      finding: {
        code: "BACKUP_AGE_EXCEEDED",
        message: `The backup is ${seconds(recovery.backup_age_ms)} old; the policy allows ${
          seconds(policy.max_backup_age)
        }.`,
        fix: "See why no newer backup was made.",
      },
    },
  ];
  return limits.flatMap((each) => {
    const limit = policy[each.name];
    return limit === undefined ? [] : [{ ...each, limit }];
  });
}

/** What of a policy's limits is known to be exceeded. */
export function brokenLimits(policy: Policy, recovery: Recovery): Finding[] {
  return limitsOf(policy, recovery)
    .filter(({ actual, limit }) => actual !== undefined && actual > limit)
    .map(({ finding }) => finding);
}

/** What a policy demands of backups and runs, and how it is with each. */
function demandsOf(
  policy: Policy,
  measured: Pick<Measured, "isEncrypted" | "isSigned" | "isChecksummed"> & { isKeptAsEvidence?: boolean },
) {
  const demands = [
    {
      name: "require_encryption" as const,
      actual: measured.isEncrypted,
      finding: {
        code: "NOT_ENCRYPTED",
        message: "The backup is not encrypted, and the policy requires it.",
        fix: 'Name recipients in "backup": { "encrypt": […] } and make a new one.',
      },
    },
    {
      name: "require_signature" as const,
      actual: measured.isSigned,
      finding: {
        code: "NOT_SIGNED",
        message: "No trusted key signed the backup's manifest, and the policy requires it.",
        fix:
          'Name the private key as "signing_key" where backups are made, its public half in "trusted_keys", and make ' +
          "a new one.",
      },
    },
    {
      name: "require_checksum" as const,
      actual: measured.isChecksummed,
      finding: {
        code: "NOT_CHECKSUMMED",
        message: "Size and hash of the dump were not compared, and the policy requires it.",
        fix: "Leave out --no-checksum.",
      },
    },
    {
      name: "require_evidence" as const,
      actual: measured.isKeptAsEvidence,
      finding: {
        code: "NO_EVIDENCE",
        message: "The verdict is not kept as signed evidence, and the policy requires it.",
        fix: 'Say where it goes: "evidence", or --evidence and --signing-key.',
      },
    },
  ];
  return demands.filter(({ name }) => policy[name] === true);
}

/**
 * Holds a run against what its policy demands and is known before it begins. What is not known yet is held at the end.
 *
 * @throws {OperatorError} `NOT_ENCRYPTED`, `NOT_SIGNED`, `NOT_CHECKSUMMED`, `NO_EVIDENCE`; a failure, for it will be one.
 */
export function requireBeforehand(policy: Policy, known: Parameters<typeof demandsOf>[1]): void {
  const broken = demandsOf(policy, known).find(({ actual }) => actual === false);
  if (!broken) return;
  const { code, message, fix } = broken.finding;
  throw new OperatorError(code, message, { fix, consequence: "fail" });
}

/** A run that failed says why already. */
function sayWhatIsUnknown(job: Job): void {
  const unknown = job.soFar().assertions.filter(({ name, not_run }) => not_run && name.startsWith("policy: "));
  if (unknown.length === 0 || job.hasFailed()) return;
  job.leaveOpen({
    code: "POLICY_UNKNOWN",
    message: `Whether the policy holds could not be measured: ${
      unknown.map(({ name }) => name.replace("policy: ", "")).join(", ")
    }.`,
    fix: "See what stopped the run before it was done, or what the backup lacks.",
  });
}

/** How much is proven of every database. */
export function weakestProof(restored: Measured["restored"]): (typeof proofs)[number] | undefined {
  const ranks = restored.map(({ proof }) => proof === undefined ? -1 : proofs.indexOf(proof));
  return proofs[Math.min(...ranks, restored.length === 0 ? -1 : proofs.length)];
}

function assert(job: Job, { name, actual, ...assertion }: Assertion, finding: Finding): void {
  const isKnown = actual !== undefined;
  job.assert({
    name: `policy: ${name}`,
    ...assertion,
    actual: actual ?? null,
    ...(!isKnown && { not_run: true as const }),
  });
  if (!assertion.ok && isKnown) job.find({ ...finding, expected: assertion.expected, actual });
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "an unknown time" : ms < 120_000 ? `${ms / 1000} s` : `${Math.round(ms / 60_000)} min`;
}
