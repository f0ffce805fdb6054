import { connectionOptions } from "./connection_options.ts";
import type { Declarations } from "./declaration.ts";

// Commands that a person runs once, and answers at a terminal: no variable says what they write, or where.

const env = false;

const duration = {
  pattern: /^(0|\d+(\.\d+)?(ms|s|m|h|d))$/,
  says: "It must be a duration such as 500ms, 60s or 15m.",
};

/** What `init` writes besides the configuration. */
export const schedulers = ["systemd", "cron", "github", "kubernetes"] as const;

export type Scheduler = typeof schedulers[number];

/** What `init` uses where nothing is said. */
export const initDefaults = { store: "/var/lib/pgrehearse/backups", rto: "1h", rpo: "26h" };

/** What `init` writes. If only the help shows a default, it asks on a terminal. */
export const initOptions = {
  outputDir: { flag: "--output-dir <dir>", type: "text", default: ".", env, help: "where to write the files" },
  databases: {
    flag: "--database <name>",
    type: "texts",
    env,
    help: "a database to back up, on this host or on the server of --db-url; repeatable",
  },
  ...connectionOptions,
  dbUrl: {
    flag: "--db-url <url>",
    type: "text",
    env,
    help: "the database or the server, as a URL or as keyword=value",
  },
  store: {
    flag: "--store <store>",
    type: "text",
    form: { pattern: /./s, says: "It must not be empty." },
    env,
    help: "where backups go: a directory or s3://bucket/prefix",
    usual: initDefaults.store,
  },
  recipients: {
    flag: "--encrypt <recipient>",
    type: "texts",
    form: {
      pattern: /^age1[a-z0-9]{10,}$/,
      says: "It must be a recipient such as age1…, as pgrehearse keygen prints it.",
    },
    env,
    help: "encrypt backups for this recipient (age1…); repeatable",
  },
  rto: {
    flag: "--rto <duration>",
    type: "text",
    form: duration,
    env,
    help: "recovery-time limit",
    usual: initDefaults.rto,
  },
  rpo: {
    flag: "--rpo <duration>",
    type: "text",
    form: duration,
    env,
    help: "how much data may be lost, in time",
    usual: initDefaults.rpo,
  },
  systemd: { flag: "--systemd", type: "switch", env, help: "write hardened systemd services and timers" },
  cron: { flag: "--cron", type: "switch", env, help: "write a file for /etc/cron.d" },
  github: { flag: "--github", type: "switch", env, help: "write a GitHub workflow that rehearses a restore" },
  kubernetes: { flag: "--kubernetes", type: "switch", env, help: "write Kubernetes CronJobs and what they need" },
  program: {
    flag: "--program <path>",
    type: "text",
    default: "/usr/local/bin/pgrehearse",
    // What needs quoting is said differently to systemd and to sh: programs are not installed there.
    form: {
      pattern: /^\/[\w./+-]+$/,
      says: "It must be a path from the root, of letters, digits and . / + - _ only.",
    },
    env,
    help: "path of pgrehearse, for systemd and cron",
  },
  image: {
    flag: "--image <image>",
    type: "text",
    form: {
      pattern: /^[\w.:/@-]+$/,
      says: "It must be an image's name such as registry.example.com/pgrehearse:1.0.",
    },
    env,
    help: "the container image for Kubernetes",
  },
  shards: {
    flag: "--shards <n>",
    type: "number",
    least: 1,
    most: 1000,
    default: "1",
    env,
    help: "number of pods that share the databases, on Kubernetes",
  },
} as const satisfies Declarations;

/** What `keygen` makes. */
export const keygenOptions = {
  to: { flag: "--to <file>", type: "text", env, help: "the file for the secret key; it must not exist" },
  output: {
    flag: "--output <format>",
    type: "text",
    env,
    help: "stdout: text or json; any other word is a file, as in --to",
    heading: "Output:",
  },
  signing: { flag: "--signing", type: "switch", env, help: "make a key pair for signatures" },
} as const satisfies Declarations;
