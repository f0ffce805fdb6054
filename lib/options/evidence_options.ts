import type { Declarations } from "./declaration.ts";

/** Where verdicts are kept as evidence, and who signs. */
export const evidenceOptions = {
  evidenceTo: {
    flag: "--evidence <store>",
    type: "text",
    help: "sign the verdict and add it to the log in this directory or s3://bucket/prefix",
  },
  signingKey: {
    flag: "--signing-key <file>",
    key: "signing_key",
    elseKey: "evidence.signing_key",
    type: "text",
    help: "the private key that signs, as pgrehearse keygen --signing wrote it",
    keyHelp: 'The file with the private key that signs manifests and drills\' records; else that of "evidence".',
  },
} as const satisfies Declarations;

/** Whose signatures count on what is looked back at. */
export const keyOptions = {
  keys: {
    flag: "--key <file>",
    type: "texts",
    help: "a public key whose signatures count, as keygen --signing wrote it; may be repeated",
  },
} as const satisfies Declarations;

/** What is looked back at. */
export const rememberedOptions = {
  evidenceStore: {
    flag: "--evidence-store <store>",
    key: "evidence.to.address",
    type: "text",
    help: "the directory or s3://bucket/prefix of the evidence, if it is not --from",
  },
  ...keyOptions,
  limit: {
    flag: "--limit <n>",
    type: "number",
    least: 1,
    most: 1_000_000,
    default: "500",
    help: "read the newest so many records beside backups, and show as many runs",
  },
} as const satisfies Declarations;

// Files that a run writes, and what it must find, are said for each run: no variable says them.

/** How `history` judges. */
export const historyOptions = {
  verify: { flag: "--verify", type: "switch", env: false, help: "check the evidence log as a whole" },
  head: {
    flag: "--head <sha256>",
    type: "sha256",
    env: false,
    help: "a record that must still be in the log",
  },
  headFile: {
    flag: "--head-file <file>",
    type: "text",
    env: false,
    conflicts: ["head"],
    help: "remember the newest record there, and require that it is still in the log",
  },
  rtoLimitMs: {
    flag: "--rto-limit <duration>",
    key: "policy.rto",
    type: "duration",
    help: "of the recovery time; the newest drill's own otherwise",
    keyHelp: "Recovery time: from the drill's start to the end of the last required check.",
    example: "4h",
  },
  sizeLimitBytes: {
    flag: "--size-limit <size>",
    type: "size",
    help: "of a database's dump, such as 500GB",
  },
  horizonMs: {
    flag: "--horizon <duration>",
    type: "duration",
    default: "90d",
    help: "warn of limits reached so soon",
  },
  json: { flag: "--json", type: "switch", env: false, help: "print the history alone, not the whole verdict" },
} as const satisfies Declarations;

/** What `controls` asks for. */
export const controlsOptions = {
  required: {
    flag: "--control <name>",
    type: "texts",
    env: false,
    help: "one that must have evidence; may be repeated",
    example: "ISO27001-A.8.13",
  },
  markdown: {
    flag: "--markdown <file>",
    type: "text",
    env: false,
    help: "write the same as Markdown into this file",
  },
  json: { flag: "--json", type: "switch", env: false, help: "print the controls alone, not the whole verdict" },
} as const satisfies Declarations;

/** What `verify-evidence` holds a record against. */
export const verifyEvidenceOptions = {
  keys: {
    ...keyOptions.keys,
    required: true,
    help: "the public key that must have signed it; may be repeated",
  },
  backup: {
    flag: "--backup <backup>",
    type: "text",
    env: false,
    help: "a backup that it must be about; every file of it is hashed",
  },
  sigstoreBundle: {
    flag: "--sigstore-bundle <file>",
    type: "text",
    env: false,
    help: "write it as the bundle that cosign 3 reads, if it is intact",
  },
} as const satisfies Declarations;

/** What `report` writes. */
export const reportOptions = {
  html: {
    flag: "--html <file>",
    type: "text",
    env: false,
    help: "a page: no network, no script; about the newest, with trends of all",
  },
  junit: { flag: "--junit <file>", type: "text", env: false, help: "JUnit XML: a test case an assertion" },
  markdown: { flag: "--markdown <file>", type: "text", env: false, help: "Markdown, as GitHub shows it" },
  openmetrics: {
    flag: "--openmetrics <file>",
    type: "text",
    env: false,
    help: "metrics; the file's name must end in .prom for node_exporter",
  },
  manifests: {
    flag: "--manifest <file>",
    type: "texts",
    env: false,
    help: "a backup's manifest, for its tables; else the one beside VERDICT; may be repeated",
  },
  keys: { ...keyOptions.keys, help: "read only what this public key's holder signed; may be repeated" },
} as const satisfies Declarations;
