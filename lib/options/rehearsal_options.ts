import type { Declarations } from "./declaration.ts";

/** What is written into a database to rehearse with. */
export const workloadOptions = {
  rows: {
    flag: "--rows <n>",
    type: "number",
    least: 1,
    most: 10_000_000,
    default: "24",
    env: "SMOKE_ROWS",
    help: "number of audit rows, 1 to 10000000",
  },
  migrationsPath: {
    flag: "--migrations-path <dir>",
    type: "text",
    env: false, // it is run as SQL
    help: "run the *.up.sql files of this directory, or its *.sql, instead of the built-in ones",
  },
} as const satisfies Declarations;

/** Where `smoke` rehearses, and what stays of it. */
export const smokeOptions = {
  inPlace: {
    flag: "--in-place",
    type: "switch",
    env: false, // it wipes a schema
    help: "use the named database itself; it must be empty or marked as disposable",
  },
  keep: {
    flag: "--keep <dir>",
    type: "text",
    env: false,
    help: "keep the dump, the snapshots and the verdict in this directory",
  },
} as const satisfies Declarations;
