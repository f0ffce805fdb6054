import type { Declarations } from "./declaration.ts";

// What a run may touch, who answers for it and what is trusted is said for each run, by whoever starts it: a variable
// that was forgotten would say yes to every later one.

const env = false;

/** Who reviewed what needs a person's eyes. */
export const reviewOptions = {
  reviewedBy: {
    flag: "--reviewed-by <name>",
    type: "text",
    env,
    help: "who reviewed the checks that need review; required for a pass",
  },
} as const satisfies Declarations;

/** How a backup is drilled. */
export const drillOptions = {
  into: {
    flag: "--into <url>",
    key: "drill.into",
    type: "text",
    env, // it may hold a password
    help: "restore into a scratch database of this server",
    keyHelp: "Restore into scratch databases of this server.",
  },
  allowEmpty: {
    flag: "--allow-empty",
    key: "drill.allow_empty",
    type: "switch",
    help: "accept the backup of an empty database",
  },
  trustDump: {
    flag: "--trust-dump",
    key: "drill.trust_dump",
    type: "switch",
    env,
    help: "restore even without isolation, or as a superuser of --into: you trust everyone who can write the dump",
    keyHelp:
      "Restore even without isolation, or as a superuser of the server: you trust everyone who can write the dump.",
  },
  checksum: {
    flag: "--no-checksum",
    key: "drill.checksum",
    type: "switch",
    help: "do not verify size and hash of the dump first",
    keyHelp: "Verify size and hash of the dump first.",
  },
  privileges: {
    flag: "--no-privileges",
    key: "drill.privileges",
    type: "switch",
    help: "do not restore or compare owners and grants",
    keyHelp: "Restore and compare owners and grants too.",
  },
  record: {
    flag: "--no-record",
    key: "drill.record",
    type: "switch",
    help: "do not store the verdict beside the backup",
    keyHelp: "Store the verdict beside the backup.",
  },
  allDatabases: {
    flag: "--all-databases",
    type: "switch",
    env,
    conflicts: ["database", "configPath"],
    help: "drill every database of the server's backup set, and its roles",
  },
  keepRunning: {
    flag: "--keep-running",
    type: "switch",
    env,
    help: "keep the restored database, and show how to reach and remove it",
  },
} as const satisfies Declarations;

/** What roles become on the server that is restored to. */
const roleOptions = {
  mapRoles: {
    flag: "--map-role <old=new>",
    type: "texts",
    env,
    help: "give a role of the backup another name on the server; repeatable",
  },
  owner: {
    flag: "--owner <name>",
    type: "text",
    env,
    help: "make this role the owner of everything that is restored",
  },
} as const satisfies Declarations;

/** What is restored, and over what. */
export const restoreOptions = {
  allDatabases: {
    flag: "--all-databases",
    type: "switch",
    env,
    conflicts: ["database", "configPath", "inPlace", "promote", "undo", "schemas", "tables"],
    help: "restore every database of the backup set under its own name, on the server of --target-url",
  },
  roles: {
    flag: "--roles <how>",
    type: "choice",
    choices: ["create", "require", "skip"],
    env,
    help: "if roles are missing on the server: create them, without passwords; require them; or skip owners and grants",
  },
  alterRoles: {
    flag: "--alter-roles",
    type: "switch",
    env,
    help: "with --roles create: also give existing roles the backup's attributes",
  },
  ...roleOptions,
  swap: {
    flag: "--swap",
    type: "switch",
    env,
    help: "put the restored database in the target's place and keep the old one",
  },
  inPlace: {
    flag: "--in-place",
    type: "switch",
    env,
    conflicts: ["swap"],
    help: "overwrite the target itself",
  },
  promote: {
    flag: "--promote [record]",
    type: "optional_text",
    env,
    conflicts: ["swap", "inPlace", "schemas", "tables", "latest"],
    help: "put the copy of an earlier restore in the target's place",
  },
  undo: {
    flag: "--undo [record]",
    type: "optional_text",
    env,
    conflicts: ["swap", "inPlace", "promote", "latest"],
    help: "undo --swap: give both databases their old names; without a record, see --from",
  },
  schemas: {
    flag: "--schema <pattern>",
    type: "texts",
    env,
    help: "only schemas that match, as in pg_dump; repeatable",
  },
  tables: {
    flag: "--table <pattern>",
    type: "texts",
    env,
    help: "only tables that match, as in pg_dump, with their indexes, keys and triggers; repeatable",
  },
} as const satisfies Declarations;

/** Who restores, who allowed it, and what is kept of what was there. */
export const authorityOptions = {
  operator: { flag: "--operator <name>", type: "text", env, help: "your name, for the incident record" },
  approvedBy: { flag: "--approved-by <name>", type: "text", env, help: "name of the person who approved it" },
  reason: { flag: "--reason <text>", type: "text", env, help: "reason, for the incident record" },
  confirm: {
    flag: "--confirm <name>",
    type: "text",
    env,
    help: "repeat the target's name to confirm; separate several with commas",
  },
  terminateConnections: {
    flag: "--terminate-connections",
    type: "switch",
    env,
    help: "end other sessions in the target database",
  },
  safetyStore: {
    flag: "--safety-store <store>",
    type: "text",
    help: "where to put the safety backup",
    usual: "beside the backup",
  },
  safetyBackup: {
    flag: "--no-safety-backup",
    type: "switch",
    env,
    help: "replace the database without a safety backup of it",
  },
  record: { flag: "--record <dir>", type: "text", help: "also write the incident record into this directory" },
} as const satisfies Declarations;
