import { defineFinding, defineFindings } from "../../system/define_finding.ts";

export const badRecipient = defineFindings({
  code: "BAD_RECIPIENT",
  means: "unknown",
  situations: {
    unknown: {
      says: ({ recipient }: { recipient: string }) => ({
        message: `${recipient} is not a recipient.`,
        fix: "Give the recipient (age1…) that pgrehearse keygen printed.",
      }),
      examples: [{ recipient: "ops@example.com" }],
    },
    /** The secret half: it must not be quoted. */
    identity: {
      says: () => ({
        message: "You gave an identity, but a recipient is needed.",
        fix: "Give the recipient (age1…) that pgrehearse keygen printed.",
      }),
    },
  },
});

export const identityDoesNotFit = defineFinding({
  code: "IDENTITY_DOES_NOT_FIT",
  means: "unknown",
  says: ({ name }: { name: string }) => ({
    message: `This identity cannot decrypt ${name}: it was encrypted for other recipients.`,
    fix: "Use the identity of one of the recipients that the manifest names.",
  }),
  examples: [{ name: "shop-20260102T030405Z.dump.age" }],
});

export const decryptionFailed = defineFinding({
  code: "DECRYPTION_FAILED",
  means: "fail",
  says: ({ name, reason }: { name: string; reason: string }) => ({
    message: `Cannot decrypt ${name}: ${reason}.`,
    fix: "It was altered or cut short. Fetch it again, or use another backup.",
  }),
  examples: [{ name: "shop-20260102T030405Z.dump.age", reason: "invalid tag" }],
});

export const identityExposed = defineFinding({
  code: "IDENTITY_EXPOSED",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `Other accounts can read or change the identity file ${path}.`,
    fix: `Run: chmod 600 ${path}. If another account may have read it, make a new identity.`,
  }),
  examples: [{ path: "/etc/pgrehearse/backup.age-identity" }],
});

export const identityUnreadable = defineFinding({
  code: "IDENTITY_UNREADABLE",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot read the identity file ${path}: ${reason}.`,
    fix: "Check the path and its permissions.",
  }),
  examples: [{ path: "/etc/pgrehearse/backup.age-identity", reason: "permission denied" }],
});

export const badIdentity = defineFinding({
  code: "BAD_IDENTITY",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `${path} does not hold age identities, or holds other data too.`,
    fix: "Use the file that pgrehearse keygen or age-keygen wrote, without a passphrase.",
  }),
  examples: [{ path: "/etc/pgrehearse/backup.age-identity" }],
});
