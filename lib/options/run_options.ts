import type { Declaration } from "./declaration.ts";

/** How any run goes about its work. */
export const runOptions = {
  identity: {
    flag: "--identity <file>",
    type: "text",
    help: "the identity that decrypts, as pgrehearse keygen wrote it",
    keyHelp: "The file with the identity that decrypts.",
  },
  jobs: {
    flag: "--jobs <n>",
    type: "number",
    least: 1,
    most: 64,
    default: 2,
    help: "how much is read, restored and compared at a time",
  },
  wait: {
    flag: "--wait <duration>",
    type: "duration",
    job: "waitMs",
    default: 60_000,
    defaultText: "60s",
    help: "how long to wait for the server to accept connections",
    keyHelp: "How long to wait for a server to accept connections.",
  },
  timeout: {
    flag: "--timeout <duration>",
    type: "duration",
    job: "timeoutMs",
    help: "give up when all of it takes longer",
  },
  pg_bin: {
    flag: "--pg-bin <dir>",
    type: "text",
    env: "PGREHEARSE_PG_BIN",
    help: "where the PostgreSQL programs are; several directories as in PATH, dir:dir",
  },
} as const satisfies Record<string, Declaration>;

/** Whose signatures count, and who signs. */
export const keyOptions = {
  trusted_keys: {
    flag: "--trusted-key <file>",
    type: "texts",
    job: "trustedKeys",
    help: "a public key that must have signed what is believed; may be repeated",
    keyHelp:
      "Files with public keys. A drill's record counts, and a manifest counts as signed, if one of them signed it.",
  },
  signing_key: {
    flag: "--signing-key <file>",
    type: "text",
    help: "the private key that signs, as pgrehearse keygen --signing wrote it",
    keyHelp: 'The file with the private key that signs manifests and drills\' records; else that of "evidence".',
  },
} as const satisfies Record<string, Declaration>;
