import { defineFinding, defineFindings } from "../../../system/define_finding.ts";
import { durationText } from "../../../system/quantities.ts";

// What a run's policy asks for, and does not get.

/** What was measured, and what the policy allows, both in milliseconds. */
interface OverLimit {
  expected: number;
  actual: number;
}

export const rtoExceeded = defineFinding({
  code: "RTO_EXCEEDED",
  means: "fail",
  says: ({ expected, actual }: OverLimit) => ({
    message: `Recovery took ${durationText(actual)}; the policy allows ${durationText(expected)}.`,
    fix: "See which phase takes longest. Restore with more --jobs or on a faster disk, or raise rto in the policy.",
    expected,
    actual,
  }),
  examples: [{ expected: 3_600_000, actual: 5_400_000 }],
});

export const rpoExceeded = defineFindings({
  code: "RPO_EXCEEDED",
  means: "fail",
  situations: {
    /** No incident was named: it would be now. */
    now: {
      says: ({ expected, actual }: OverLimit) => ({
        message: `The backup is ${durationText(actual)} old; the policy allows ${durationText(expected)}.`,
        fix: "Back up more often, or raise rpo in the policy.",
        expected,
        actual,
      }),
      examples: [{ expected: 60_000, actual: 420_000 }],
    },
    atIncident: {
      says: ({ expected, actual }: OverLimit) => ({
        message: `At the incident the backup was ${durationText(actual)} old; the policy allows ${
          durationText(expected)
        }.`,
        fix: "Back up more often, or raise rpo in the policy.",
        expected,
        actual,
      }),
      examples: [{ expected: 3_600_000, actual: 5_400_000 }],
    },
    /** Of a physical backup, to its newest point. */
    recovered: {
      says: ({ expected, actual }: OverLimit) => ({
        message: `The last commit that came back was made ${durationText(actual)} before the drill; the limit is ${
          durationText(expected)
        }.`,
        fix:
          "See whether the source archives its WAL in time (archive_timeout, pg_stat_archiver), and plant marks more " +
          "often than the limit: pgrehearse mark --light.",
        expected,
        actual,
      }),
      examples: [{ expected: 900_000, actual: 5_400_000 }],
    },
  },
});

export const backupAgeExceeded = defineFinding({
  code: "BACKUP_AGE_EXCEEDED",
  means: "fail",
  says: ({ expected, actual }: OverLimit) => ({
    message: `The backup is ${durationText(actual)} old; the policy allows ${durationText(expected)}.`,
    fix: "Find out why there is no newer backup.",
    expected,
    actual,
  }),
  examples: [{ expected: 86_400_000, actual: 172_800_000 }],
});

/** What a policy asks for, and what there is at most. */
interface BelowRank {
  expected: string;
  actual: string;
}

export const proofTooWeak = defineFindings({
  code: "PROOF_TOO_WEAK",
  means: "fail",
  situations: {
    measured: {
      says: ({ expected, actual }: BelowRank) => ({
        message: `The drill's proof is only ${actual}; the policy requires ${expected}.`,
        fix: "Make backups with pgrehearse backup. Their manifests make an exact comparison possible.",
        expected,
        actual,
      }),
      examples: [{ expected: "exact", actual: "restored" }],
    },
    beforehand: {
      says: ({ expected, actual }: BelowRank) => ({
        message: `The dump has no manifest, so the proof can only be ${actual}; the policy requires ${expected}. ` +
          "Nothing was restored.",
        fix: "Make backups with pgrehearse backup. Their manifests make an exact comparison possible. " +
          'Without a manifest, passing checks give the proof "checked".',
        expected,
        actual,
      }),
      examples: [{ expected: "exact", actual: "checked" }],
    },
  },
});

export const isolationTooWeak = defineFindings({
  code: "ISOLATION_TOO_WEAK",
  means: "fail",
  situations: {
    measured: {
      says: ({ expected, actual }: BelowRank) => ({
        message: `The isolation was only ${actual}; the policy requires ${expected}.`,
        fix:
          "Drill in a throwaway cluster, as root or as a separate account that can create namespaces. pgrehearse doctor " +
          "says more.",
        expected,
        actual,
      }),
      examples: [{ expected: "full", actual: "account" }],
    },
    beforehand: {
      says: ({ expected, actual }: BelowRank) => ({
        message: actual === "server"
          ? `The dump would run on a server that you name, but the policy requires ${expected} isolation. ` +
            "Nothing was restored."
          : `The isolation here is only ${actual}; the policy requires ${expected}. Nothing was restored.`,
        fix: actual === "server"
          ? "Drill without --into. For a restore, which always runs on a server that you name, use a configuration " +
            "whose policy leaves out require_isolation."
          : "Run as root or as a separate account that can create namespaces. pgrehearse doctor says more.",
        expected,
        actual,
      }),
      examples: [{ expected: "full", actual: "account" }, { expected: "full", actual: "server" }],
    },
  },
});

/** What a policy requires is so or not. */
const refused = { expected: true, actual: false };

export const notEncrypted = defineFinding({
  code: "NOT_ENCRYPTED",
  means: "fail",
  says: () => ({
    message: "The backup is not encrypted; the policy requires it.",
    fix: 'Name recipients in "backup": { "encrypt": […] } and make a new backup.',
    ...refused,
  }),
});

export const notSigned = defineFinding({
  code: "NOT_SIGNED",
  means: "fail",
  says: () => ({
    message: "No trusted key signed the backup's manifest; the policy requires it.",
    fix: 'Set "signing_key" where backups are made, add the public key to "trusted_keys", and make a new ' +
      "backup.",
    ...refused,
  }),
});

export const notChecksummed = defineFinding({
  code: "NOT_CHECKSUMMED",
  means: "fail",
  says: () => ({
    message: "Size and hash of the dump were not compared; the policy requires it.",
    fix: "Leave out --no-checksum.",
    ...refused,
  }),
});

export const policyUnknown = defineFindings({
  code: "POLICY_UNKNOWN",
  means: "unknown",
  situations: {
    rules: {
      says: ({ rules }: { rules: readonly string[] }) => ({
        message: `Could not measure whether the policy holds: ${rules.join(", ")}.`,
        fix: "Find out what stopped the run too early, or what the backup does not hold.",
      }),
      examples: [{ rules: ["rpo", "max_backup_age"] }],
    },
    /** Of a physical backup. */
    withoutMark: {
      says: ({ limit }: { limit: number }) => ({
        message:
          `Whether the recovery point is within ${durationText(limit)} is unknown: no mark came back, and an idle ` +
          "database looks the same as one whose WAL does not arrive.",
        fix: "Plant marks in the source every few minutes, such as from cron: pgrehearse mark --light.",
      }),
      examples: [{ limit: 900_000 }],
    },
    /** Of a WAL archive. */
    untimed: {
      says: ({ limit }: { limit: number }) => ({
        message:
          `Whether the newest moment is within ${durationText(limit)} is unknown: the archive does not say when its ` +
          "newest segment came.",
        fix: "Give the archive's directory with --wal-archive, or recover it: pgrehearse drill --physical.",
      }),
      examples: [{ limit: 900_000 }],
    },
    ofTarget: {
      says: () => ({
        message: "The recovery point was not measured: the drill recovered to a target before the newest point.",
        fix: "Leave out the target, or --rpo-limit.",
      }),
    },
  },
});
