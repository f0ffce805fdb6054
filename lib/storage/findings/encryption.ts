import { defineFinding, defineFindings } from "../../system/define_finding.ts";

export const badRecipient = defineFindings({
  code: "BAD_RECIPIENT",
  means: "unknown",
  situations: {
    unknown: {
      says: ({ recipient }: { recipient: string }) => ({
        message: `${recipient} is not a recipient.`,
        fix: "Give the age1… that pgrehearse keygen printed.",
      }),
      examples: [{ recipient: "ops@example.com" }],
    },
    /** The secret half: it must not be quoted. */
    identity: {
      says: () => ({
        message: "An identity was given where a recipient belongs.",
        fix: "Give the age1… that pgrehearse keygen printed.",
      }),
    },
  },
});

export const identityDoesNotFit = defineFinding({
  code: "IDENTITY_DOES_NOT_FIT",
  means: "unknown",
  says: ({ name }: { name: string }) => ({
    message: `${name} was not encrypted for this identity.`,
    fix: "Use the identity of one of the recipients that the manifest names.",
  }),
  examples: [{ name: "shop-20260102T030405Z.dump.age" }],
});

export const decryptionFailed = defineFinding({
  code: "DECRYPTION_FAILED",
  means: "fail",
  says: ({ name, reason }: { name: string; reason: string }) => ({
    message: `Cannot decrypt ${name}: ${reason}.`,
    fix: "It was altered or cut short: fetch it again, or use another backup.",
  }),
  examples: [{ name: "shop-20260102T030405Z.dump.age", reason: "invalid tag" }],
});

export const identityExposed = defineFinding({
  code: "IDENTITY_EXPOSED",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `Others may read or change the identity file ${path}.`,
    fix: `Take that away: chmod 600 ${path}. If somebody may have read it, make a new one.`,
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
    message: `${path} does not hold age identities, or something else as well.`,
    fix: "Use the file that pgrehearse keygen or age-keygen wrote, not protected by a passphrase.",
  }),
  examples: [{ path: "/etc/pgrehearse/backup.age-identity" }],
});
