import { connectionOptions } from "./connection_options.ts";
import type { Declarations } from "./declaration.ts";

// Commands that somebody runs once, and answers at a terminal: no variable says what they write, or where.

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

/** What `init` writes. Where a default stands in the help only, it asks on a terminal. */
export const initOptions = {
  outputDir: { flag: "--output-dir <dir>", type: "text", default: ".", env, help: "where the files go" },
  databases: {
    flag: "--database <name>",
    type: "texts",
    env,
    help: "a database to back up, on this host or on --db-url's; may be repeated",
  },
  ...connectionOptions,
  dbUrl: {
    flag: "--db-url <url>",
    type: "text",
    env,
    help: "the database, or the server, as a URL or libpq's keyword=value",
  },
  store: {
    flag: "--store <store>",
    type: "text",
    form: { pattern: /./s, says: "It must not be empty." },
    env,
    help: `where backups go: a directory or s3://bucket/prefix (default: ${initDefaults.store})`,
  },
  recipients: {
    flag: "--encrypt <recipient>",
    type: "texts",
    form: {
      pattern: /^age1[a-z0-9]{10,}$/,
      says: "It must be a recipient such as age1…, as pgrehearse keygen says it.",
    },
    env,
    help: "encrypt backups for this age1… recipient; may be repeated",
  },
  rto: {
    flag: "--rto <duration>",
    type: "text",
    form: duration,
    env,
    help: `how soon the databases must be back (default: ${initDefaults.rto})`,
  },
  rpo: {
    flag: "--rpo <duration>",
    type: "text",
    form: duration,
    env,
    help: `how much may be lost (default: ${initDefaults.rpo})`,
  },
  systemd: { flag: "--systemd", type: "switch", env, help: "write hardened services and timers" },
  cron: { flag: "--cron", type: "switch", env, help: "write a file for /etc/cron.d" },
  github: { flag: "--github", type: "switch", env, help: "write a workflow that rehearses a restore" },
  kubernetes: { flag: "--kubernetes", type: "switch", env, help: "write CronJobs and what they need" },
  program: {
    flag: "--program <path>",
    type: "text",
    default: "/usr/local/bin/pgrehearse",
    // What needs quoting is said differently to systemd and to sh: nobody installs programs there.
    form: {
      pattern: /^\/[\w./+-]+$/,
      says: "It must be a path from the root, of letters, digits and . / + - _ only.",
    },
    env,
    help: "where pgrehearse is installed, for systemd and cron",
  },
  image: {
    flag: "--image <image>",
    type: "text",
    form: {
      pattern: /^[\w.:/@-]+$/,
      says: "It must be an image's name such as registry.example.com/pgrehearse:1.0.",
    },
    env,
    help: "the image that runs on Kubernetes",
  },
  shards: {
    flag: "--shards <n>",
    type: "number",
    least: 1,
    most: 1000,
    default: "1",
    env,
    help: "among how many pods of an indexed job the databases are shared out on Kubernetes",
  },
} as const satisfies Declarations;

/** What `keygen` makes. */
export const keygenOptions = {
  to: { flag: "--to <file>", type: "text", env, help: "where the secret key goes; there must be none yet" },
  output: {
    flag: "--output <format>",
    type: "text",
    env,
    help: "what stdout gets: text or json; any other word is the file, as with --to",
    heading: "Output:",
  },
  signing: { flag: "--signing", type: "switch", env, help: "make a key pair that signs evidence" },
} as const satisfies Declarations;
