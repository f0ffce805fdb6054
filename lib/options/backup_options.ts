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
    help: "dump only schemas that match; repeatable",
    keyHelp: "Dump only schemas that match.",
  },
  excludeSchemas: {
    flag: "--exclude-schema <pattern>",
    key: "databases.*.exclude_schema",
    type: "texts",
    env,
    help: "leave out schemas that match; repeatable",
    keyHelp: "Leave out schemas that match.",
  },
  tables: {
    flag: "--table <pattern>",
    key: "databases.*.table",
    type: "texts",
    env,
    help: "dump only tables that match; repeatable",
    keyHelp: "Dump only tables that match.",
  },
  excludeTables: {
    flag: "--exclude-table <pattern>",
    key: "databases.*.exclude_table",
    type: "texts",
    env,
    help: "leave out tables that match; repeatable",
    keyHelp: "Leave out tables that match.",
  },
  excludeTableData: {
    flag: "--exclude-table-data <pattern>",
    key: "databases.*.exclude_table_data",
    type: "texts",
    env,
    help: "leave out the rows of tables that match; repeatable",
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
    help: "count the rows for each value of this column; repeatable",
    keyHelp: "Columns (table:column) whose rows are counted for each value.",
  },
} as const satisfies Declarations;

/** Values that the role must see. */
export const requiredValuesOptions = {
  requireValues: {
    flag: "--require-values <table:column=v,…>",
    key: "databases.*.require_values",
    type: "required_values",
    env,
    help: "fail unless the role sees rows with each of these values; repeatable",
    keyHelp: "Fail unless the role sees rows with these values: table:column=a,b.",
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
    help: "record hashes of the values that --distribution counts, not the values",
    keyHelp: "Record hashes of the counted values, not the values.",
  },
} as const satisfies Declarations;

/** What the role may fail to see. */
export const rowSecurityOptions = {
  enableRowSecurity: {
    flag: "--enable-row-security",
    key: "databases.*.enable_row_security",
    type: "switch",
    env,
    help: "accept a partial backup: row security may hide rows from this role",
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
    help: "how long to wait for a locked table; 0 means no limit",
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
    help: "format of the dump",
  },
  compress: {
    flag: "-Z, --compress <method>",
    key: "backup.compress",
    type: "text",
    form: {
      pattern: /^(\d|none|(gzip|lz4|zstd)(:[a-z0-9=,-]+)?)$/,
      says: "It must be none, gzip, lz4 or zstd, or one with its level: gzip:6, zstd:3.",
    },
    example: "gzip:6",
    usual: "zstd:1 if pg_dump can write it, otherwise gzip:1",
    help: "compression of the dump, as pg_dump takes it",
  },
  recipients: {
    flag: "--encrypt <recipient>",
    key: "backup.encrypt",
    type: "texts",
    help: "encrypt for this recipient (age1…); repeatable",
    keyHelp: "Encrypt for these recipients (age1…).",
  },
  ...lockTimeoutOptions,
  allDatabases: {
    flag: "--all-databases",
    type: "switch",
    env,
    conflicts: ["configPath", "shard", "distribution", "requireValues", ...Object.keys(selectionOptions)],
    help: "back up every database of the server as one set, with roles and settings",
  },
  excludeDatabases: {
    flag: "--exclude-database <pattern>",
    type: "texts",
    env,
    help: "with --all-databases: leave out databases that match; repeatable",
  },
  withPasswordHashes: {
    flag: "--with-password-hashes",
    type: "switch",
    env,
    help: "also keep the roles' password hashes, in a separate file; needs --encrypt",
  },
} as const satisfies Declarations;
