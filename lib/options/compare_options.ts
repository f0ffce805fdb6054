import type { Declarations } from "./declaration.ts";

/** What `compare` holds a database against. */
export const compareOptions = {
  manifest: { flag: "--manifest <file>", type: "text", env: false, required: true, help: "the manifest" },
  sourceUrl: {
    flag: "--source-url <url>",
    type: "text",
    env: false, // it may hold a password
    help: "the database that was dumped, to name up to 20 rows that differ",
  },
  privileges: {
    flag: "--privileges",
    type: "switch",
    help: "compare owners, grants and what roles can do as well",
  },
} as const satisfies Declarations;

/** What `doctor` looks at besides this host. */
export const doctorOptions = {
  storeAddress: {
    flag: "--store <store>",
    key: "store.address",
    type: "text",
    help: "the directory or s3://bucket/prefix that backups go to",
  },
} as const satisfies Declarations;
