import type { Declarations } from "./declaration.ts";

/** What `compare` holds a database against. */
export const compareOptions = {
  manifest: {
    flag: "--manifest <file>",
    type: "text",
    env: false,
    required: true,
    help: "the manifest to compare with",
  },
  sourceUrl: {
    flag: "--source-url <url>",
    type: "text",
    env: false, // it may hold a password
    help: "the source database: also name up to 20 rows that differ",
  },
  privileges: {
    flag: "--privileges",
    type: "switch",
    help: "also compare owners, grants and what roles can do",
  },
} as const satisfies Declarations;

/** What `doctor` looks at besides this host. */
export const doctorOptions = {
  storeAddress: {
    flag: "--store <store>",
    key: "store.address",
    type: "text",
    help: "the directory or s3://bucket/prefix for backups",
  },
} as const satisfies Declarations;
