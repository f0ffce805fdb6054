import { defineFinding, defineFindingFamily, defineFindings, defineNote } from "../../system/define_finding.ts";

/** A file that operators configured, or one in a directory that they configured. */
interface OfFile {
  check: string;
  path: string;
}
const file: OfFile = { check: "files", path: "/etc/shop/app.conf" };
const certificate: OfFile = { check: "files", path: "/etc/shop/tls.pem" };

export const noFilesConfigured = defineFinding({
  code: "NO_FILES_CONFIGURED",
  means: "unknown",
  says: () => ({
    message: "The configuration names no files.",
    fix: 'List files under "files", or give the check paths.',
  }),
});

export const fileMissing = defineFindings({
  code: "FILE_MISSING",
  means: "fail",
  situations: {
    recorded: {
      means: "unknown",
      says: ({ path }: { path: string }) => ({
        message: `Cannot record the file ${path}: it is missing.`,
        fix: "Restore it, or remove it from the configuration.",
      }),
      examples: [file],
    },
    restored: {
      says: ({ check, path }: OfFile) => ({
        message: `${check}: ${path} is missing.`,
        fix: "Restore it from the host backup or from wherever you keep such files.",
        object: path,
      }),
      examples: [file],
    },
  },
});

export const fileUnreadable = defineFindings({
  code: "FILE_UNREADABLE",
  means: "unknown",
  situations: {
    recorded: {
      says: ({ path, reason }: { path: string; reason: string }) => ({
        message: `Cannot record the file ${path}: ${reason}.`,
        fix: "Run pgrehearse as an account that can read it.",
      }),
      examples: [{ ...file, reason: "permission denied" }],
    },
    restored: {
      says: ({ paths }: { paths: readonly string[] }) => ({
        message: `This account may not read ${paths.join(", ")}.`,
        fix: "Run pgrehearse as an account that may, or leave these files out.",
      }),
      examples: [{ paths: ["/etc/shop/app.conf"] }],
    },
  },
});

export const filesNotRecorded = defineFinding({
  code: "FILES_NOT_RECORDED",
  means: "unknown",
  says: ({ paths }: { paths: readonly string[] }) => ({
    message: `The backup has no record of the content of ${paths.join(", ")}.`,
    fix: 'Make a backup with this configuration, or set content: "any" in the check.',
  }),
  examples: [{ paths: ["/etc/shop/app.conf"] }],
});

export const fileChanged = defineFinding({
  code: "FILE_CHANGED",
  means: "fail",
  says: ({ check, path }: OfFile) => ({
    message: `${check}: the content of ${path} differs from when the backup was made.`,
    fix: "Restore the old file; or, if it was changed on purpose, make a new backup.",
    object: path,
  }),
  examples: [file],
});

export const fileModeChanged = defineNote({
  code: "FILE_MODE_CHANGED",
  says: ({ check, path, mode }: OfFile & { mode: string }) => ({
    message: `${check}: ${path} had the mode ${mode} when the backup was made.`,
    object: path,
  }),
  examples: [{ ...file, mode: "0640" }],
});

export const fileAdded = defineNote({
  code: "FILE_ADDED",
  says: ({ check, path }: OfFile) => ({
    message: `${check}: ${path} did not exist when the backup was made.`,
    object: path,
  }),
  examples: [{ check: "files", path: "/etc/shop/conf.d/new.conf" }],
});

/** What a file has that another one must have, and the command that sets it. */
const setBy = { mode: "chmod", owner: "chown", group: "chgrp" };

export const fileAttributeWrong = defineFindingFamily({
  codes: ["FILE_MODE_WRONG", "FILE_OWNER_WRONG", "FILE_GROUP_WRONG"],
  codeOf: ({ what }) => `FILE_${what.toUpperCase()}_WRONG`,
  means: "fail",
  says: ({ check, path, what, expected, actual }: OfFile & {
    what: keyof typeof setBy;
    expected: string;
    actual: string;
  }) => ({
    message: `${check}: ${path} has the ${what} ${actual}; expected ${expected}.`,
    fix: `Run ${setBy[what]} ${expected} on it.`,
    object: path,
    expected,
    actual,
  }),
  examples: [
    { ...file, what: "mode", expected: "0640", actual: "0644" },
    { ...file, what: "owner", expected: "root", actual: "shop" },
    { ...file, what: "group", expected: "shop", actual: "root" },
  ],
});

export const certificateUnreadable = defineFinding({
  code: "CERTIFICATE_UNREADABLE",
  means: "fail",
  says: ({ check, path }: OfFile) => ({
    message: `${check}: ${path} holds a certificate that cannot be read.`,
    fix: "Restore a whole copy of it.",
    object: path,
  }),
  examples: [certificate],
});

const renew = "Renew it, and find out why that did not happen in time.";

export const certificateNotYetValid = defineFinding({
  code: "CERTIFICATE_NOT_YET_VALID",
  means: "fail",
  says: ({ check, path, from }: OfFile & { from: string }) => ({
    message: `${check}: the certificate ${path} is not valid before ${from}.`,
    fix: "Check the clock, and check that this is the right certificate.",
    object: path,
  }),
  examples: [{ ...certificate, from: "2026-12-01" }],
});

export const certificateExpired = defineFinding({
  code: "CERTIFICATE_EXPIRED",
  means: "fail",
  says: ({ check, path, to }: OfFile & { to: string }) => ({
    message: `${check}: the certificate ${path} expired on ${to}.`,
    fix: renew,
    object: path,
  }),
  examples: [{ ...certificate, to: "2026-02-28" }],
});

export const certificateExpiresSoon = defineFinding({
  code: "CERTIFICATE_EXPIRES_SOON",
  means: "fail",
  says: ({ check, path, to }: OfFile & { to: string }) => ({
    message: `${check}: the certificate ${path} expires on ${to}.`,
    fix: renew,
    object: path,
  }),
  examples: [{ ...certificate, to: "2026-03-04" }],
});

/** A certificate, and the file of its private key. */
interface WithKey extends OfFile {
  key: string;
}
const withKey: WithKey = { ...certificate, key: "/etc/shop/tls.key" };

export const keyEncrypted = defineFinding({
  code: "KEY_ENCRYPTED",
  means: "fail",
  says: ({ check, path, key }: WithKey) => ({
    message: `${check}: cannot compare the private key ${key} with ${path}: the key is encrypted.`,
    fix: "Leave out certificate_key, or store the key without a passphrase.",
    object: path,
  }),
  examples: [withKey],
});

export const keyUnreadable = defineFinding({
  code: "KEY_UNREADABLE",
  means: "fail",
  says: ({ check, path, key }: WithKey) => ({
    message: `${check}: ${key} holds no readable private key.`,
    fix: "Restore a whole copy of it.",
    object: path,
  }),
  examples: [withKey],
});

export const certificateKeyMismatch = defineFinding({
  code: "CERTIFICATE_KEY_MISMATCH",
  means: "fail",
  says: ({ check, path, key }: WithKey) => ({
    message: `${check}: the private key ${key} does not belong to the certificate ${path}.`,
    fix: "Restore both files from the same moment.",
    object: path,
  }),
  examples: [withKey],
});
