import { defineFinding, defineFindings, defineNote } from "../system/define_finding.ts";

const record = "/srv/evidence/evidence-00000042.dsse.json";

export const evidenceContended = defineFinding({
  code: "EVIDENCE_CONTENDED",
  means: "unknown",
  says: ({ store }: { store: string }) => ({
    message: `Too many runs write evidence to ${store} at the same time.`,
    fix: "Give each busy host its own evidence store.",
  }),
  examples: [{ store: "s3://shop-evidence" }],
});

export const evidenceUnguarded = defineFinding({
  code: "EVIDENCE_UNGUARDED",
  means: "warning",
  says: ({ store }: { store: string }) => ({
    message: `The server of ${store} ignores If-None-Match: two runs that end at the same moment may overwrite each ` +
      "other's evidence.",
    fix: "Use a server that honours it, as Amazon's does, or give each host its own evidence prefix.",
  }),
  examples: [{ store: "s3://shop-evidence" }],
});

export const evidenceOfOtherBackup = defineFinding({
  code: "EVIDENCE_OF_OTHER_BACKUP",
  means: "fail",
  says: ({ backup, subjects, sha256 }: { backup: string; subjects: readonly string[]; sha256: string }) => ({
    message: `The evidence is not about ${backup}, or the backup's manifest was changed since.`,
    fix: `The evidence is about ${
      subjects.join(" and ")
    }. Give the evidence of this backup. If this is its evidence, do not restore the backup: find out who changed it.`,
    object: backup,
    actual: sha256,
  }),
  examples: [{ backup: "shop-20260102T030405Z", subjects: ["shop-20260101T030405Z"], sha256: "9f86d08…" }],
});

export const evidenceAltered = defineFindings({
  code: "EVIDENCE_ALTERED",
  means: "fail",
  situations: {
    verified: {
      says: ({ record }: { record: string }) => ({
        message: `${record} does not match its signature: neither the given key nor the key that it names fits.`,
        fix: "Do not rely on it. A copy elsewhere may be intact. Find out who could write there.",
        object: record,
      }),
      examples: [{ record }],
    },
    reported: {
      says: ({ path }: { path: string }) => ({
        message: `Do not trust ${path}: it was altered after it was signed.`,
        fix: "Find out who changed it, and use an intact record for the report.",
      }),
      examples: [{ path: record }],
    },
  },
});

export const evidenceSignedByOther = defineFindings({
  code: "EVIDENCE_SIGNED_BY_OTHER",
  means: "fail",
  situations: {
    verified: {
      says: ({ record, signer }: { record: string; signer: string | undefined }) => ({
        message: `${record} was signed with a different key, ${signer}, and was not changed since.`,
        fix:
          "If that key is yours, give its public key with --key. If not, do not trust the record: anyone can sign with their key.",
        object: record,
      }),
      examples: [{ record, signer: "4d1f0c22" }],
    },
    reported: {
      says: ({ path }: { path: string }) => ({
        message: `Do not trust ${path}: it was not signed with any key given with --key.`,
        fix: "Find out who made it, and use a record that was signed with your key for the report.",
      }),
      examples: [{ path: record }],
    },
  },
});

export const evidenceUnsigned = defineFinding({
  code: "EVIDENCE_UNSIGNED",
  means: "fail",
  says: ({ path }: { path: string }) => ({
    message: `Do not trust ${path}: it is not signed.`,
    fix: "Find out who made it, and use a record that was signed with your key for the report.",
  }),
  examples: [{ path: "verdict.json" }],
});

export const notEvidence = defineFinding({
  code: "NOT_EVIDENCE",
  means: "unknown",
  says: ({ record }: { record: string }) => ({
    message: `${record} is not a pgrehearse evidence record.`,
    fix: "Name a file that --evidence wrote, such as evidence-00000001.dsse.json.",
    object: record,
  }),
  examples: [{ record: "notes.txt" }],
});

export const evidenceReformatted = defineNote({
  code: "EVIDENCE_REFORMATTED",
  says: ({ record }: { record: string }) => ({
    message:
      `${record} holds what was signed, but its file was rewritten, so the hash in the next record does not match.`,
    object: record,
  }),
  examples: [{ record }],
});

export const evidenceHeadMissing = defineFinding({
  code: "EVIDENCE_HEAD_MISSING",
  means: "fail",
  says: ({ head, newest }: { head: string; newest: string | undefined }) => ({
    message: `No record has the remembered hash ${head}: since then, the end of the log was cut off or rewritten.`,
    fix: "Look for the records in another copy or among the bucket's versions, and find out who could remove them.",
    expected: head,
    actual: newest,
  }),
  examples: [{ head: "9f86d08…", newest: "60303ae…" }],
});

export const evidenceMissing = defineFinding({
  code: "EVIDENCE_MISSING",
  means: "fail",
  says: ({ first, last, isBeginning, before }: {
    /** Numbers of the records that are missing. */
    first: number;
    last: number;
    isBeginning: boolean;
    /** The record that is there after them. */
    before: string;
  }) => ({
    message: (first === last ? `Record ${first} is missing` : `Records ${first} to ${last} are missing`) +
      (isBeginning ? ": the beginning of the log was cut off." : "."),
    fix: "Look for them in another copy or among the bucket's versions, and find out who could remove them.",
    object: before,
  }),
  examples: [{ first: 41, last: 43, isBeginning: false, before: "evidence-00000044.dsse.json" }],
});

export const evidenceMisplaced = defineFinding({
  code: "EVIDENCE_MISPLACED",
  means: "fail",
  says: ({ record, place, signedAs }: { record: string; place: number; signedAs: number }) => ({
    message: `${record} was signed as record ${signedAs}.`,
    fix: "The records were renamed or exchanged. Give each its own number again, and find out who did it.",
    object: record,
    expected: place,
    actual: signedAs,
  }),
  examples: [{ record: "evidence-00000042.dsse.json", place: 42, signedAs: 41 }],
});

export const evidenceLinkBroken = defineFinding({
  code: "EVIDENCE_LINK_BROKEN",
  means: "fail",
  says: ({ record, before, expected, actual }: {
    record: string;
    /** The record that is there before it. */
    before: string | undefined;
    expected: string | null;
    actual: string | null;
  }) => ({
    message: before === undefined
      ? `${record} is the first record, but refers to an earlier one.`
      : `${record} does not link to ${before}: a different record came before it.`,
    fix: "The record before was replaced or changed, or two runs overwrote each other. Look at it in another copy.",
    object: record,
    expected,
    actual,
  }),
  examples: [{
    record: "evidence-00000042.dsse.json",
    before: "evidence-00000041.dsse.json",
    expected: "9f86d08…",
    actual: "60303ae…",
  }],
});

export const signingKeyExposed = defineFinding({
  code: "SIGNING_KEY_EXPOSED",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `Other accounts can read or change the signing key ${path}.`,
    fix: `Run: chmod 600 ${path}. If another account may have read it, make a new key and retire the old public key.`,
  }),
  examples: [{ path: "/etc/pgrehearse/evidence.key" }],
});

export const signingKeyUnreadable = defineFinding({
  code: "SIGNING_KEY_UNREADABLE",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot read the signing key ${path}: ${reason}.`,
    fix: "Check the path and its permissions.",
  }),
  examples: [{ path: "/etc/pgrehearse/evidence.key", reason: "permission denied" }],
});

export const badSigningKey = defineFinding({
  code: "BAD_SIGNING_KEY",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `${path} holds no usable Ed25519 private key.`,
    fix: "Make one with pgrehearse keygen --signing. It must have no passphrase.",
  }),
  examples: [{ path: "/etc/pgrehearse/evidence.key" }],
});

export const badVerificationKey = defineFinding({
  code: "BAD_VERIFICATION_KEY",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `${path} is not an Ed25519 public key: ${reason}.`,
    fix: "Name the .pub file that pgrehearse keygen --signing wrote.",
  }),
  examples: [{ path: "/etc/pgrehearse/evidence.pub", reason: "it is a private key" }],
});
