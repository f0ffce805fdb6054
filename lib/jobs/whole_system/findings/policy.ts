import { defineFinding } from "../../../system/define_finding.ts";

// What a run's policy asks for, and does not get.

function timeText(ms: number): string {
  return ms < 120_000 ? `${ms / 1000} s` : `${Math.round(ms / 60_000)} min`;
}

/** What was measured, and what the policy allows, both in milliseconds. */
interface OverLimit {
  expected: number;
  actual: number;
}

export const rtoExceeded = defineFinding({
  code: "RTO_EXCEEDED",
  means: "fail",
  says: ({ expected, actual }: OverLimit) => ({
    message: `Recovery took ${timeText(actual)}, and the policy allows ${timeText(expected)}.`,
    fix: "See which phase takes longest; restore with more --jobs, or on a faster disk, or change what is promised.",
    expected,
    actual,
  }),
  examples: [{ expected: 3_600_000, actual: 5_400_000 }],
});

export const rpoExceeded = defineFinding({
  code: "RPO_EXCEEDED",
  means: "fail",
  says: ({ expected, actual }: OverLimit) => ({
    message: `The backup is ${timeText(actual)} older than the incident; the policy allows ${timeText(expected)}.`,
    fix: "Back up more often, or change what is promised.",
    expected,
    actual,
  }),
  examples: [{ expected: 3_600_000, actual: 5_400_000 }],
});

export const backupAgeExceeded = defineFinding({
  code: "BACKUP_AGE_EXCEEDED",
  means: "fail",
  says: ({ expected, actual }: OverLimit) => ({
    message: `The backup is ${timeText(actual)} old; the policy allows ${timeText(expected)}.`,
    fix: "See why no newer backup was made.",
    expected,
    actual,
  }),
  examples: [{ expected: 86_400_000, actual: 172_800_000 }],
});

export const proofTooWeak = defineFinding({
  code: "PROOF_TOO_WEAK",
  means: "fail",
  says: ({ expected, actual }: { expected: string; actual: string }) => ({
    message: `The drill proves no more than ${actual}, and the policy requires ${expected}.`,
    fix: "Make backups with pgrehearse backup: their manifests make an exact comparison possible.",
    expected,
    actual,
  }),
  examples: [{ expected: "exact", actual: "restored" }],
});

export const isolationTooWeak = defineFinding({
  code: "ISOLATION_TOO_WEAK",
  means: "fail",
  says: ({ expected, actual }: { expected: string; actual: string }) => ({
    message: `What was restored was isolated no further than ${actual}, and the policy requires ${expected}.`,
    fix:
      "Drill in a throwaway cluster, as root or as an account of its own that may make namespaces; doctor says more.",
    expected,
    actual,
  }),
  examples: [{ expected: "full", actual: "account" }],
});

/** What a policy requires is so or not. */
const refused = { expected: true, actual: false };

export const notEncrypted = defineFinding({
  code: "NOT_ENCRYPTED",
  means: "fail",
  says: () => ({
    message: "The backup is not encrypted, and the policy requires it.",
    fix: 'Name recipients in "backup": { "encrypt": […] } and make a new one.',
    ...refused,
  }),
});

export const notSigned = defineFinding({
  code: "NOT_SIGNED",
  means: "fail",
  says: () => ({
    message: "No trusted key signed the backup's manifest, and the policy requires it.",
    fix: 'Name the private key as "signing_key" where backups are made, its public half in "trusted_keys", and make ' +
      "a new one.",
    ...refused,
  }),
});

export const notChecksummed = defineFinding({
  code: "NOT_CHECKSUMMED",
  means: "fail",
  says: () => ({
    message: "Size and hash of the dump were not compared, and the policy requires it.",
    fix: "Leave out --no-checksum.",
    ...refused,
  }),
});

export const policyUnknown = defineFinding({
  code: "POLICY_UNKNOWN",
  means: "unknown",
  says: ({ rules }: { rules: readonly string[] }) => ({
    message: `Whether the policy holds could not be measured: ${rules.join(", ")}.`,
    fix: "See what stopped the run before it was done, or what the backup lacks.",
  }),
  examples: [{ rules: ["rpo", "max_backup_age"] }],
});
