import type { Declaration } from "./declaration.ts";

/** What of a database is backed up. Jobs get the patterns as one selection, and all that is counted as one list. */
export const sourceOptions = {
  schema: {
    flag: "--schema <pattern>",
    type: "texts",
    job: "selection",
    help: "dump only schemas that match; may be repeated",
    keyHelp: "Dump only schemas that match.",
  },
  exclude_schema: {
    flag: "--exclude-schema <pattern>",
    type: "texts",
    job: "selection",
    help: "leave out schemas that match; may be repeated",
    keyHelp: "Leave out schemas that match.",
  },
  table: {
    flag: "--table <pattern>",
    type: "texts",
    job: "selection",
    help: "dump only tables that match; may be repeated",
    keyHelp: "Dump only tables that match.",
  },
  exclude_table: {
    flag: "--exclude-table <pattern>",
    type: "texts",
    job: "selection",
    help: "leave out tables that match; may be repeated",
    keyHelp: "Leave out tables that match.",
  },
  exclude_table_data: {
    flag: "--exclude-table-data <pattern>",
    type: "texts",
    job: "selection",
    help: "leave out the rows of tables that match; may be repeated",
    keyHelp: "Leave out the rows of tables that match.",
  },
  distribution: {
    flag: "--distribution <table:column>",
    type: "texts",
    help: "count rows for each value of this column; may be repeated",
    keyHelp: "Count rows for each value of these table:column.",
  },
  hash_values: {
    flag: "--hash-values",
    type: "switch",
    help: "keep hashes of the values that --distribution counts, not the values",
    keyHelp: "Keep hashes of the values that are counted, not the values.",
  },
  require_values: {
    flag: "--require-values <table:column=v,…>",
    type: "required_values",
    job: "distribution",
    help: "no backup unless this role sees rows with each of these values; may be repeated",
    keyHelp: "No backup unless the role sees rows with these: table:column=a,b.",
  },
  enable_row_security: {
    flag: "--enable-row-security",
    type: "switch",
    help: "accept that row security hides rows from this role: a partial backup",
  },
} as const satisfies Record<string, Declaration>;

/** How backups are written. */
export const backupOptions = {
  format: {
    flag: "--format <format>",
    type: "choice",
    choices: ["custom", "directory"],
    default: "custom",
    help: "of the dump",
  },
  encrypt: {
    flag: "--encrypt <recipient>",
    type: "texts",
    job: "recipients",
    help: "encrypt for this age1… recipient; may be repeated",
    keyHelp: "Encrypt for these age1… recipients.",
  },
  lock_timeout: {
    flag: "--lock-timeout <duration>",
    type: "duration",
    job: "lockTimeoutMs",
    default: 60_000,
    defaultText: "60s",
    help: "how long to wait for a locked table; 0 waits for ever",
  },
} as const satisfies Record<string, Declaration>;
