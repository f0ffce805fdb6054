import { defineFinding } from "../../system/define_finding.ts";

export const signingKeyExposed = defineFinding({
  code: "SIGNING_KEY_EXPOSED",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `Others may read or change the signing key ${path}.`,
    fix: `Take that away: chmod 600 ${path}. If anyone may have read it, make a new key and retire its public key.`,
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
    message: `${path} holds no Ed25519 private key that can be used.`,
    fix: "Make one with pgrehearse keygen --signing; it must not be protected by a passphrase.",
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
