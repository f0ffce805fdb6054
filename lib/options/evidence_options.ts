import type { Declarations } from "./declaration.ts";

/** Where verdicts are kept as evidence, and who signs. */
export const evidenceOptions = {
  evidenceTo: {
    flag: "--evidence <store>",
    type: "text",
    help: "sign the verdict and add it to the evidence log in this directory or s3://bucket/prefix",
  },
  signingKey: {
    flag: "--signing-key <file>",
    key: "signing_key",
    elseKey: "evidence.signing_key",
    type: "text",
    help: "the private key for signatures, from pgrehearse keygen --signing",
    keyHelp: 'The private key that signs manifests and drills\' records. Default: the key of "evidence".',
  },
} as const satisfies Declarations;

/** Whose signatures count on what is looked back at. */
const keyOptions = {
  keys: {
    flag: "--key <file>",
    type: "texts",
    help: "accept signatures of this public key; repeatable",
  },
} as const satisfies Declarations;

/** What is looked back at. */
export const rememberedOptions = {
  evidenceStore: {
    flag: "--evidence-store <store>",
    key: "evidence.to.address",
    type: "text",
    help: "the directory or s3://bucket/prefix of the evidence",
    usual: "--from",
  },
  ...keyOptions,
  limit: {
    flag: "--limit <n>",
    type: "number",
    least: 1,
    most: 1_000_000,
    default: "500",
    help: "read and show at most this many, newest first",
  },
} as const satisfies Declarations;

// Files that a run writes, and what it must find, are said for each run: no variable says them.

/** How `history` judges. */
export const historyOptions = {
  verify: { flag: "--verify", type: "switch", env: false, help: "verify the whole evidence log" },
  head: {
    flag: "--head <sha256>",
    type: "sha256",
    env: false,
    help: "hash of a record that must still be in the log",
  },
  headFile: {
    flag: "--head-file <file>",
    type: "text",
    env: false,
    conflicts: ["head"],
    help: "remember the newest record in this file, and require that it is still in the log",
  },
  rtoLimitMs: {
    flag: "--rto-limit <duration>",
    key: "policy.rto",
    type: "duration",
    help: "recovery-time limit",
    usual: "the newest drill's",
    keyHelp: "Limit for the recovery time, from the drill's start to the end of the last required check.",
    example: "4h",
  },
  sizeLimitBytes: {
    flag: "--size-limit <size>",
    type: "size",
    help: "limit for the size of a database's dump, such as 500GB",
  },
  horizonMs: {
    flag: "--horizon <duration>",
    type: "duration",
    default: "90d",
    help: "warn of limits that will be reached within this time",
  },
  json: { flag: "--json", type: "switch", env: false, help: "print only the history, not the whole verdict" },
} as const satisfies Declarations;

/** What `controls` asks for. */
export const controlsOptions = {
  required: {
    flag: "--control <name>",
    type: "texts",
    env: false,
    help: "a control that must have evidence; repeatable",
    example: "ISO27001-A.8.13",
  },
  markdown: {
    flag: "--markdown <file>",
    type: "text",
    env: false,
    help: "also write it as Markdown into this file",
  },
  json: { flag: "--json", type: "switch", env: false, help: "print only the controls, not the whole verdict" },
} as const satisfies Declarations;

/** What `verify-evidence` holds a record against. */
export const verifyEvidenceOptions = {
  keys: {
    ...keyOptions.keys,
    required: true,
    help: "the public key that must have signed it; repeatable",
  },
  backup: {
    flag: "--backup <backup>",
    type: "text",
    env: false,
    help: "the backup that the record must be about; hashes all its files",
  },
  sigstoreBundle: {
    flag: "--sigstore-bundle <file>",
    type: "text",
    env: false,
    help: "if the record is intact, write it as a bundle for cosign 3",
  },
} as const satisfies Declarations;

/** What `report` writes. */
export const reportOptions = {
  html: {
    flag: "--html <file>",
    type: "text",
    env: false,
    help: "HTML page about the newest verdict, with trends of all; needs no network",
  },
  junit: { flag: "--junit <file>", type: "text", env: false, help: "JUnit XML: one test case per assertion" },
  markdown: { flag: "--markdown <file>", type: "text", env: false, help: "Markdown for GitHub" },
  openmetrics: {
    flag: "--openmetrics <file>",
    type: "text",
    env: false,
    help: "metrics for Prometheus; node_exporter reads names that end in .prom",
  },
  manifests: {
    flag: "--manifest <file>",
    type: "texts",
    env: false,
    help: "the backup's manifest, to list tables; repeatable",
    usual: "beside VERDICT",
  },
  keys: { ...keyOptions.keys, help: "read only verdicts signed with this public key; repeatable" },
} as const satisfies Declarations;
