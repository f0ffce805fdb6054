import type { Declarations } from "./declaration.ts";

/** Where PostgreSQL's programs are. */
export const programOptions = {
  pgBin: {
    flag: "--pg-bin <dir>",
    key: "pg_bin",
    type: "text",
    help: "directory of PostgreSQL's programs; several as in PATH, dir:dir",
    example: "/usr/lib/postgresql/17/bin",
  },
} as const satisfies Declarations;

/** How long a run may take. */
export const timeoutOptions = {
  timeoutMs: {
    flag: "--timeout <duration>",
    key: "timeout",
    type: "duration",
    help: "stop if the whole run takes longer",
    example: "2h",
  },
} as const satisfies Declarations;

/** How long it waits for a server. */
export const waitOptions = {
  waitMs: {
    flag: "--wait <duration>",
    key: "wait",
    type: "duration",
    default: "60s",
    help: "how long to wait for the server to accept connections",
    keyHelp: "How long to wait for a server to accept connections.",
  },
} as const satisfies Declarations;

/** How much it does at a time. */
export const jobsOptions = {
  jobs: {
    flag: "--jobs <n>",
    key: "jobs",
    type: "number",
    least: 1,
    most: 64,
    default: "2",
    help: "how many sessions read, restore and compare at the same time",
  },
} as const satisfies Declarations;

/** What decrypts. */
export const identityOptions = {
  identity: {
    flag: "--identity <file>",
    key: "identity",
    type: "text",
    help: "the file with the identity that decrypts, from pgrehearse keygen",
    keyHelp: "The file with the identity that decrypts.",
  },
} as const satisfies Declarations;

/** All of them, as a configuration has them. */
export const runOptions = {
  ...identityOptions,
  ...jobsOptions,
  ...waitOptions,
  ...timeoutOptions,
  ...programOptions,
} as const satisfies Declarations;

const heading = "Output:";

/** What a command says, and how. */
export const outputOptions = {
  quiet: { flag: "--quiet", type: "switch", help: "write to stderr only if something is wrong", heading },
  debug: {
    flag: "--debug",
    type: "switch",
    help: "show every statement and program with its time, and stack traces of internal errors",
    heading,
  },
  progress: { flag: "--no-progress", type: "switch", help: "do not show progress on stderr", heading },
  output: {
    flag: "--output <format>",
    type: "choice",
    choices: ["text", "json"],
    help: "stdout: the verdict as json, or a summary as text",
    usual: "text on a terminal",
    heading,
  },
  // PGREHEARSE_OUTPUT says the same.
  json: { flag: "--json", type: "switch", env: false, help: "the same as --output json", heading },
} as const satisfies Declarations;

/** What `explain` prints. */
export const explainOptions = {
  output: { ...outputOptions.output, default: "text", help: "text, or json: { code, explanation }" },
  json: outputOptions.json,
} as const satisfies Declarations;
