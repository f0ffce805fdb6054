import type { Declarations } from "./declaration.ts";

// What a backup leaves out, and what it may show, is said on the command line or in the configuration: a variable that
// was forgotten would make partial backups of everything.

const env = false;

/** Which part of a database is backed up. They count together: those of the command line, or those of the configuration. */
export const selectionOptions = {
  schemas: {
    flag: "--schema <pattern>",
    key: "databases.*.schema",
    type: "texts",
    env,
    help: "dump only schemas that match; may be repeated",
    keyHelp: "Dump only schemas that match.",
  },
  excludeSchemas: {
    flag: "--exclude-schema <pattern>",
    key: "databases.*.exclude_schema",
    type: "texts",
    env,
    help: "leave out schemas that match; may be repeated",
    keyHelp: "Leave out schemas that match.",
  },
  tables: {
    flag: "--table <pattern>",
    key: "databases.*.table",
    type: "texts",
    env,
    help: "dump only tables that match; may be repeated",
    keyHelp: "Dump only tables that match.",
  },
  excludeTables: {
    flag: "--exclude-table <pattern>",
    key: "databases.*.exclude_table",
    type: "texts",
    env,
    help: "leave out tables that match; may be repeated",
    keyHelp: "Leave out tables that match.",
  },
  excludeTableData: {
    flag: "--exclude-table-data <pattern>",
    key: "databases.*.exclude_table_data",
    type: "texts",
    env,
    help: "leave out the rows of tables that match; may be repeated",
    keyHelp: "Leave out the rows of tables that match.",
  },
} as const satisfies Declarations;

/** Columns whose rows are counted for each value. */
export const distributionOptions = {
  distribution: {
    flag: "--distribution <table:column>",
    key: "databases.*.distribution",
    type: "texts",
    env,
    help: "count rows for each value of this column; may be repeated",
    keyHelp: "Count rows for each value of these table:column.",
  },
} as const satisfies Declarations;

/** Values that the role must see. */
export const requiredValuesOptions = {
  requireValues: {
    flag: "--require-values <table:column=v,…>",
    key: "databases.*.require_values",
    type: "required_values",
    env,
    help: "no backup unless this role sees rows with each of these values; may be repeated",
    keyHelp: "No backup unless the role sees rows with these: table:column=a,b.",
    example: "jobs:tenant=acme,globex",
  },
} as const satisfies Declarations;

/** How what is counted is kept. */
export const hashValuesOptions = {
  hashValues: {
    flag: "--hash-values",
    key: "databases.*.hash_values",
    type: "switch",
    env,
    help: "keep hashes of the values that --distribution counts, not the values",
    keyHelp: "Keep hashes of the values that are counted, not the values.",
  },
} as const satisfies Declarations;

/** What the role may fail to see. */
export const rowSecurityOptions = {
  enableRowSecurity: {
    flag: "--enable-row-security",
    key: "databases.*.enable_row_security",
    type: "switch",
    env,
    help: "accept that row security hides rows from this role: a partial backup",
  },
} as const satisfies Declarations;

/** What of a database is backed up, all of it. */
export const sourceOptions = {
  ...selectionOptions,
  ...distributionOptions,
  ...hashValuesOptions,
  ...requiredValuesOptions,
  ...rowSecurityOptions,
} as const satisfies Declarations;

/** How long a backup waits for a lock. */
export const lockTimeoutOptions = {
  lockTimeoutMs: {
    flag: "--lock-timeout <duration>",
    key: "backup.lock_timeout",
    type: "duration",
    default: "60s",
    help: "how long to wait for a locked table; 0 waits for ever",
  },
} as const satisfies Declarations;

/** How backups are written. */
export const backupOptions = {
  format: {
    flag: "--format <format>",
    key: "backup.format",
    type: "choice",
    choices: ["custom", "directory"],
    default: "custom",
    help: "of the dump",
  },
  recipients: {
    flag: "--encrypt <recipient>",
    key: "backup.encrypt",
    type: "texts",
    help: "encrypt for this age1… recipient; may be repeated",
    keyHelp: "Encrypt for these age1… recipients.",
  },
  ...lockTimeoutOptions,
} as const satisfies Declarations;

/** A backup of a whole server. */
export const serverOptions = {
  allDatabases: {
    flag: "--all-databases",
    type: "switch",
    env,
    conflicts: ["configPath", "shard", "distribution", "requireValues", ...Object.keys(selectionOptions)],
    help: "every database of the server, as a backup set with its roles and settings",
  },
  excludeDatabases: {
    flag: "--exclude-database <pattern>",
    type: "texts",
    env,
    help: "with --all-databases: leave out databases that match; may be repeated",
  },
  withPasswordHashes: {
    flag: "--with-password-hashes",
    type: "switch",
    env,
    help: "keep hashes of roles' passwords as well, in a file of its own; needs --encrypt",
  },
} as const satisfies Declarations;
